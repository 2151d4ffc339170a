"""Tables of labelling: tasks, the judgements they ask for, and the versions people gave.

A *judgement* is one opinion that a task asks for; it carries its own lease. A task with an overlap of three has
three judgement rows, so that a claim is one indexed UPDATE of one row, whoever else works on the same task.
"""

from __future__ import annotations

from typing import Final

import sqlalchemy as sa

from goldsmith.platform.database import metadata

tasks: Final = sa.Table(
    "tasks",
    metadata,
    sa.Column("task_id", sa.Text, primary_key=True),
    sa.Column("project_id", sa.Text, sa.ForeignKey("projects.project_id"), nullable=False),
    sa.Column("item_id", sa.Text, sa.ForeignKey("items.item_id"), nullable=False, index=True),
    sa.Column("batch_id", sa.Text, sa.ForeignKey("batches.batch_id")),
    # open: judgements are asked for; resolving: all are in, consensus is to come; review: a reviewer is asked;
    # done: accepted; idle: nothing is asked (imported only); cancelled
    sa.Column("state", sa.Text, nullable=False),
    sa.Column("is_gold", sa.SmallInteger, nullable=False, server_default="0"),  # hidden known answer in the stream
    sa.Column("gold_uses", sa.Integer, nullable=False, server_default="0"),
    sa.Column("priority", sa.Integer, nullable=False, server_default="0"),  # higher first
    sa.Column("position", sa.Float, nullable=False),  # within a priority, lower first; set by the order policy
    sa.Column("open_judgements", sa.Integer, nullable=False, server_default="0"),
    sa.Column("submission_count", sa.Integer, nullable=False, server_default="0"),  # counted human submissions
    sa.Column("consensus_version", sa.Integer, nullable=False, server_default="0"),
    sa.Column("object_count", sa.Integer, nullable=False, server_default="0"),  # of the newest consensus
    sa.Column("lowest_posterior", sa.Float),
    sa.Column("created_ms", sa.BigInteger, nullable=False),
    sa.Column("updated_ms", sa.BigInteger, nullable=False),
    sa.UniqueConstraint("project_id", "item_id"),
    sa.Index("ix_tasks_state", "project_id", "state", "task_id"),
    sa.Index("ix_tasks_batch", "batch_id", "task_id"),
    sa.Index(
        "ix_tasks_gold", "project_id", "gold_uses", "task_id",
        sqlite_where=sa.text("is_gold = 1"), postgresql_where=sa.text("is_gold = 1"),
    ),
)  # fmt: skip

judgements: Final = sa.Table(
    "judgements",
    metadata,
    sa.Column("judgement_id", sa.Text, primary_key=True),
    sa.Column("task_id", sa.Text, sa.ForeignKey("tasks.task_id"), nullable=False),
    sa.Column("project_id", sa.Text, nullable=False),
    sa.Column("stage", sa.Text, nullable=False),  # label | review
    sa.Column("is_open", sa.SmallInteger, nullable=False),  # 1 while claimable or leased
    sa.Column("priority", sa.Integer, nullable=False),  # copies of the task's, for the claiming index
    sa.Column("position", sa.Float, nullable=False),
    sa.Column("available_ms", sa.BigInteger, nullable=False, server_default="0"),  # 0 free; else the lease's end
    sa.Column("member_id", sa.Text),  # holder, or who closed it
    sa.Column("token", sa.Integer, nullable=False, server_default="0"),  # fencing: grows with each claim
    sa.Column("outcome", sa.Text),  # submitted | skipped | reviewed | withdrawn
    sa.Column("skip_reason", sa.Text),
    sa.Column("claimed_ms", sa.BigInteger),
    sa.Column("closed_ms", sa.BigInteger),
    # next task: one walk down this index
    sa.Index(
        "ix_judgements_claim", "project_id", "stage", sa.text("priority DESC"), "position", "judgement_id",
        sqlite_where=sa.text("is_open = 1"), postgresql_where=sa.text("is_open = 1"),
    ),
    # a member meets a task once
    sa.Index(
        "uq_judgements_member", "task_id", "member_id", unique=True,
        sqlite_where=sa.text("member_id IS NOT NULL"), postgresql_where=sa.text("member_id IS NOT NULL"),
    ),
    sa.Index(
        "ix_judgements_holder", "member_id", "project_id",
        sqlite_where=sa.text("is_open = 1"), postgresql_where=sa.text("is_open = 1"),
    ),
)  # fmt: skip

submissions: Final = sa.Table(
    "submissions",
    metadata,
    sa.Column("submission_id", sa.Text, primary_key=True),
    sa.Column("task_id", sa.Text, sa.ForeignKey("tasks.task_id"), nullable=False),
    sa.Column("project_id", sa.Text, nullable=False),
    sa.Column("judgement_id", sa.Text),
    sa.Column("member_id", sa.Text),  # null for predictions and imported labels
    sa.Column("kind", sa.Text, nullable=False),  # human | fix | imported | prediction | gold
    sa.Column("version", sa.Integer, nullable=False),  # 1, 2, ... of this author on this task
    sa.Column("is_newest", sa.SmallInteger, nullable=False, server_default="1"),
    sa.Column("model_version_id", sa.Text),  # of a prediction
    sa.Column("labelling", sa.Text, nullable=False),  # JSON of core Labelling
    sa.Column("annotation_count", sa.Integer, nullable=False),
    sa.Column("ontology_version", sa.Integer, nullable=False),
    sa.Column("instructions_version", sa.Integer, nullable=False),
    sa.Column("active_ms", sa.BigInteger, nullable=False, server_default="0"),
    sa.Column("request_key", sa.Text),  # the client's; the same key twice is one submission
    sa.Column("is_rejected", sa.SmallInteger, nullable=False, server_default="0"),  # by a review; kept, not counted
    sa.Column("created_ms", sa.BigInteger, nullable=False),
    sa.Index("ix_submissions_task", "task_id", "kind"),
    sa.Index("ix_submissions_project", "project_id", "kind", "submission_id"),
    sa.Index("ix_submissions_member", "member_id", "submission_id"),
    sa.UniqueConstraint("member_id", "request_key"),
)

drafts: Final = sa.Table(
    "drafts",
    metadata,
    sa.Column("judgement_id", sa.Text, sa.ForeignKey("judgements.judgement_id"), primary_key=True),
    sa.Column("member_id", sa.Text, primary_key=True),
    sa.Column("body", sa.Text, nullable=False),  # JSON of the workbench: labelling and edit log
    sa.Column("revision", sa.Integer, nullable=False),
    sa.Column("saved_ms", sa.BigInteger, nullable=False),
)

reviews: Final = sa.Table(
    "reviews",
    metadata,
    sa.Column("review_id", sa.Text, primary_key=True),
    sa.Column("task_id", sa.Text, sa.ForeignKey("tasks.task_id"), nullable=False, index=True),
    sa.Column("project_id", sa.Text, nullable=False, index=True),
    sa.Column("judgement_id", sa.Text, nullable=False),
    sa.Column("member_id", sa.Text, nullable=False),
    sa.Column("verdict", sa.Text, nullable=False),  # accept | fix | reject
    sa.Column("reasons", sa.Text, nullable=False, server_default="[]"),  # JSON
    sa.Column("comments", sa.Text, nullable=False, server_default="[]"),  # JSON, pinned to places
    sa.Column("consensus_version", sa.Integer, nullable=False),  # what was reviewed
    sa.Column("submission_id", sa.Text),  # the fix
    sa.Column("request_key", sa.Text),
    sa.Column("created_ms", sa.BigInteger, nullable=False),
    sa.UniqueConstraint("member_id", "request_key"),
)

events: Final = sa.Table(
    "events",
    metadata,
    sa.Column("event_id", sa.Text, primary_key=True),
    sa.Column("project_id", sa.Text, nullable=False),
    sa.Column("task_id", sa.Text, nullable=False),
    sa.Column("member_id", sa.Text),
    sa.Column("kind", sa.Text, nullable=False),  # past tense: submitted, skipped, released, reviewed, reopened, ...
    sa.Column("detail", sa.Text, nullable=False, server_default="{}"),
    sa.Column("at_ms", sa.BigInteger, nullable=False),
    sa.Index("ix_events_task", "task_id", "event_id"),
    sa.Index("ix_events_project", "project_id", "event_id"),
)
