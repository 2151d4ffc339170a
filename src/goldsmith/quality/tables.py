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
    sa.Column(
        "answers", sa.Text, nullable=False, server_default="{}"
    ),  # JSON: posterior of each answer by question
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
    sa.Column("answers", sa.Text, nullable=False, server_default="{}"),  # JSON: skill with each question
    sa.Column("report", sa.Text, nullable=False),  # JSON: agreement and posteriors, for the page
    sa.Column("submission_count", sa.Integer, nullable=False),  # what it was fitted on
    sa.Column("gold_count", sa.Integer, nullable=False),
    sa.Column("created_ms", sa.BigInteger, nullable=False),
)

consequences: Final = sa.Table(
    "consequences",
    metadata,
    # what followed for a member from how they work; a row is where it stands now, its history is in consequence_events
    sa.Column("consequence_id", sa.Text, primary_key=True),
    sa.Column("project_id", sa.Text, sa.ForeignKey("projects.project_id"), nullable=False),
    sa.Column("member_id", sa.Text, nullable=False),
    sa.Column("kind", sa.Text, nullable=False),  # tell | more_gold | requalify | pause
    sa.Column("signal", sa.Text, nullable=False),  # manual, or what was seen
    sa.Column("state", sa.Text, nullable=False),  # active | appealed | lifted | upheld
    sa.Column("evidence", sa.Text, nullable=False),  # JSON: sentence, numbers, tasks
    sa.Column("appeal", sa.Text),  # JSON: text, and the answer once there is one
    sa.Column("created_ms", sa.BigInteger, nullable=False),
    sa.Column("created_by", sa.Text),  # null: the project's policy
    sa.Column("ended_ms", sa.BigInteger),  # when it was lifted
    sa.Index("ix_consequences_project", "project_id", "consequence_id"),
    sa.Index("ix_consequences_member", "member_id", "project_id"),
)

consequence_events: Final = sa.Table(
    "consequence_events",
    metadata,
    # append-only
    sa.Column("event_id", sa.Text, primary_key=True),
    sa.Column(
        "consequence_id", sa.Text, sa.ForeignKey("consequences.consequence_id"), nullable=False, index=True
    ),
    sa.Column("kind", sa.Text, nullable=False),  # raised | appealed | granted | upheld | lifted
    sa.Column("member_id", sa.Text),  # who; null: the project's policy
    sa.Column("text", sa.Text, nullable=False, server_default=""),
    sa.Column("at_ms", sa.BigInteger, nullable=False),
)

days_of_quality: Final = sa.Table(
    "days_of_quality",
    metadata,
    # how a member did on each day (UTC), as the signals job last saw it
    sa.Column("project_id", sa.Text, primary_key=True),
    sa.Column("member_id", sa.Text, primary_key=True),
    sa.Column("day", sa.Text, primary_key=True),
    sa.Column("decisions", sa.Integer, nullable=False),
    sa.Column("agreed", sa.Float, nullable=False),
    sa.Column("gold_right", sa.Integer, nullable=False),
    sa.Column("gold_total", sa.Integer, nullable=False),
)

gold_notes: Final = sa.Table(
    "gold_notes",
    metadata,
    # how a hidden gold task fares, as the signals job last saw it; answers before settled_ms raise no doubt again
    sa.Column("task_id", sa.Text, sa.ForeignKey("tasks.task_id"), primary_key=True),
    sa.Column("project_id", sa.Text, nullable=False, index=True),
    sa.Column("right_count", sa.Integer, nullable=False, server_default="0"),
    sa.Column("total_count", sa.Integer, nullable=False, server_default="0"),
    sa.Column("skilled_right", sa.Integer, nullable=False, server_default="0"),
    sa.Column("skilled_total", sa.Integer, nullable=False, server_default="0"),
    sa.Column("doubt", sa.Text),  # a sentence; set: it is not counted until somebody looked at it
    sa.Column("leak", sa.Text),  # likewise
    sa.Column("settled_ms", sa.BigInteger),
    sa.Column("settled_by", sa.Text),
)

courses: Final = sa.Table(
    "courses",
    metadata,
    sa.Column("project_id", sa.Text, sa.ForeignKey("projects.project_id"), primary_key=True),
    sa.Column("version", sa.Integer, primary_key=True),  # 1, 2, ...; the newest is in force
    sa.Column("body", sa.Text, nullable=False),  # JSON: lessons and exam
    sa.Column("created_by", sa.Text, nullable=False),
    sa.Column("created_ms", sa.BigInteger, nullable=False),
)

course_members: Final = sa.Table(
    "course_members",
    metadata,
    # where a member is in the project's course; a new round begins with each requalification
    sa.Column("project_id", sa.Text, primary_key=True),
    sa.Column("member_id", sa.Text, primary_key=True),
    sa.Column("round", sa.Integer, nullable=False),
    sa.Column("state", sa.Text, nullable=False),  # required | running | passed | failed
    sa.Column(
        "tries", sa.Integer, nullable=False, server_default="0"
    ),  # exams of this round that were finished
    sa.Column("exam", sa.Text, nullable=False, server_default="[]"),  # JSON: tasks of the exam at hand
    sa.Column("changed_ms", sa.BigInteger, nullable=False),
)

course_answers: Final = sa.Table(
    "course_answers",
    metadata,
    # what was asked in the course, and how it was answered once it was
    sa.Column("judgement_id", sa.Text, primary_key=True),
    sa.Column("project_id", sa.Text, nullable=False),
    sa.Column("member_id", sa.Text, nullable=False),
    sa.Column("task_id", sa.Text, nullable=False),
    sa.Column("round", sa.Integer, nullable=False),
    sa.Column("kind", sa.Text, nullable=False),  # lesson | exam
    sa.Column("exam_try", sa.Integer, nullable=False, server_default="0"),  # 1, 2, ...; 0 for lessons
    sa.Column("right_count", sa.Integer),  # objects; null while it is not answered
    sa.Column("wrong_count", sa.Integer),
    sa.Column("missed_count", sa.Integer),
    sa.Column("asked_ms", sa.BigInteger, nullable=False),
    sa.Column("graded_ms", sa.BigInteger),
    sa.Index("ix_course_answers_member", "project_id", "member_id", "round"),
)

audits: Final = sa.Table(
    "audits",
    metadata,
    sa.Column("audit_id", sa.Text, primary_key=True),
    sa.Column("project_id", sa.Text, nullable=False, index=True),
    sa.Column("state", sa.Text, nullable=False),  # running | proved | refuted | stopped
    sa.Column("target", sa.Float, nullable=False),
    sa.Column("confidence", sa.Float, nullable=False),
    sa.Column("population", sa.BigInteger, nullable=False),  # sizes of all tasks that could be drawn
    sa.Column("created_by", sa.Text, nullable=False),
    sa.Column("created_ms", sa.BigInteger, nullable=False),
    sa.Column("ended_ms", sa.BigInteger),
)

audit_draws: Final = sa.Table(
    "audit_draws",
    metadata,
    # all draws are made when the audit begins, in proportion to size and none twice, and looked at in this order
    sa.Column("audit_id", sa.Text, sa.ForeignKey("audits.audit_id"), primary_key=True),
    sa.Column("number", sa.Integer, primary_key=True),  # from 0
    sa.Column("task_id", sa.Text, nullable=False),
    sa.Column("size", sa.Integer, nullable=False),  # objects when it was drawn, at least 1
    sa.Column("state", sa.Text, nullable=False),  # waiting | asked | scored | void (cannot be looked at any more)
    sa.Column("after_review", sa.Text),  # the newest review of the task when it was asked; a later one answers
    sa.Column("is_own", sa.SmallInteger, nullable=False, server_default="0"),  # the audit asked; else it was in review
    sa.Column("review_id", sa.Text),  # that answers
    sa.Column("right_count", sa.Integer),
    sa.Column("wrong_count", sa.Integer),
    sa.Column("missed_count", sa.Integer),
    sa.Index(
        "ix_audit_draws_asked", "task_id",
        sqlite_where=sa.text("state = 'asked'"), postgresql_where=sa.text("state = 'asked'"),
    ),
)  # fmt: skip
