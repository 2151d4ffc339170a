"""Tables of quality: consensus as versions, and what is known of each annotator."""

from __future__ import annotations

from typing import Final

import sqlalchemy as sa

from goldsmith.platform.database import metadata

consensus: Final = sa.Table(
    "consensus",
    metadata,
    sa.Column("task_id", sa.Text, sa.ForeignKey("tasks.task_id"), primary_key=True),
    sa.Column("version", sa.Integer, primary_key=True),  # 1, 2, ...; never overwritten
    sa.Column("project_id", sa.Text, nullable=False, index=True),
    sa.Column(
        "labelling", sa.Text, nullable=False
    ),  # JSON of core Labelling; score = posterior of being right
    sa.Column("ontology_version", sa.Integer, nullable=False),  # whose classes the labelling speaks of
    sa.Column(
        "support", sa.Text, nullable=False
    ),  # JSON: per object the supporting submissions and class posterior
    sa.Column("submission_ids", sa.Text, nullable=False),  # JSON: what went in
    sa.Column("method", sa.Text, nullable=False),  # detection | review (a fix decides) | gold | imported
    sa.Column("model", sa.Text, nullable=False),  # JSON: parameters it was computed with
    sa.Column("lowest_posterior", sa.Float),
    sa.Column("created_ms", sa.BigInteger, nullable=False),
)

skills: Final = sa.Table(
    "skills",
    metadata,
    sa.Column("project_id", sa.Text, primary_key=True),
    sa.Column("member_id", sa.Text, primary_key=True),
    sa.Column("version", sa.Integer, primary_key=True),  # of the resolve run; history is kept
    sa.Column("body", sa.Text, nullable=False),  # JSON: skill, interval, per class, gold evidence, parameters
    sa.Column("created_ms", sa.BigInteger, nullable=False),
)

fits: Final = sa.Table(
    "fits",
    metadata,
    # what was learnt of a project's annotators, kept so that single tasks resolve without fitting again
    sa.Column("project_id", sa.Text, primary_key=True),
    sa.Column("version", sa.Integer, primary_key=True),
    sa.Column("members", sa.Text, nullable=False),  # JSON list: member of each index
    sa.Column("classes", sa.Text, nullable=False),  # JSON list: class of each index
    sa.Column("skill", sa.Text, nullable=False),  # JSON of science's DetectionSkill
    sa.Column("report", sa.Text, nullable=False),  # JSON: agreement and posteriors, for the page
    sa.Column("submission_count", sa.Integer, nullable=False),  # what it was fitted on
    sa.Column("gold_count", sa.Integer, nullable=False),
    sa.Column("created_ms", sa.BigInteger, nullable=False),
)
