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
    sa.Column("item_id", sa.Text, sa.ForeignKey("items.item_id"), nullable=False),
    sa.Column("batch_id", sa.Text, sa.ForeignKey("batches.batch_id")),
    # open: judgements are asked for; resolving: all are in, consensus is to come; review: a reviewer is asked;
    # done: accepted; idle: nothing is asked (hidden gold, or everybody skipped it); cancelled
    sa.Column("state", sa.Text, nullable=False),
    sa.Column("is_gold", sa.SmallInteger, nullable=False, server_default="0"),  # hidden known answer in the stream
    sa.Column("gold_uses", sa.Integer, nullable=False, server_default="0"),
    sa.Column("priority", sa.Integer, nullable=False, server_default="0"),  # higher first
    sa.Column("position", sa.Float, nullable=False),  # within a priority, lower first; set by the order policy
    sa.Column("open_judgements", sa.Integer, nullable=False, server_default="0"),  # to label; gold's are extra
    sa.Column("submission_count", sa.Integer, nullable=False, server_default="0"),  # counted human submissions
    sa.Column("consensus_version", sa.Integer, nullable=False, server_default="0"),
    sa.Column("object_count", sa.Integer, nullable=False, server_default="0"),  # of the newest consensus
    sa.Column("lowest_posterior", sa.Float),
    # decisions that the labels in force hold, and how many of them are expected to be wrong; unknown until resolved
    sa.Column("expected_objects", sa.Float),
    sa.Column("expected_wrong", sa.Float),
    # copies of the item's, so that the grid filters and sorts a hundred thousand tasks without a look at their items
    sa.Column("item_name", sa.Text, nullable=False, server_default=""),
    sa.Column("item_deleted_ms", sa.BigInteger),
    sa.Column("scope", sa.Text),  # JSON of TaskScope; null for most: all that the project asks for
    sa.Column("created_ms", sa.BigInteger, nullable=False),
    sa.Column("updated_ms", sa.BigInteger, nullable=False),
    sa.Column("done_ms", sa.BigInteger),  # since when it is done; null while it is not
    sa.UniqueConstraint("item_id", "project_id"),  # also finds the tasks of an item
    sa.Index("ix_tasks_project", "project_id", "task_id"),  # pages and exports: in order, so without sorting
    sa.Index("ix_tasks_state", "project_id", "state", "task_id"),
    sa.Index("ix_tasks_batch", "batch_id", "task_id"),
    sa.Index(
        "ix_tasks_gold", "project_id", "gold_uses", "task_id",
        sqlite_where=sa.text("is_gold = 1"), postgresql_where=sa.text("is_gold = 1"),
    ),
)  # fmt: skip

task_facets: Final = sa.Table(
    "task_facets",
    metadata,
    # what the labels in force of a task hold, one row a fact (see store/facets.py): the grid is filtered by it. Written
    # with each consensus version and each known answer, in their transaction; a submission does not touch it
    sa.Column("project_id", sa.Text, primary_key=True),
    sa.Column("key", sa.Text, primary_key=True),
    sa.Column("value", sa.Text, primary_key=True),
    sa.Column("task_id", sa.Text, sa.ForeignKey("tasks.task_id"), primary_key=True),
    sa.Column("object_count", sa.Integer, nullable=False),
    sa.Index("ix_task_facets_task", "task_id"),
)

judgements: Final = sa.Table(
    "judgements",
    metadata,
    sa.Column("judgement_id", sa.Text, primary_key=True),
    sa.Column("task_id", sa.Text, sa.ForeignKey("tasks.task_id"), nullable=False),
    sa.Column("project_id", sa.Text, nullable=False),
    sa.Column("stage", sa.Text, nullable=False),  # label | review
    # empty to label; its own id to review or in the course
    sa.Column("round", sa.Text, nullable=False, server_default=""),
    # 0 closed; 1 claimable or leased; 2 held back with its batch; 3 of the course, for its holder alone. Partial
    # indexes need the literal, not a parameter
    sa.Column("is_open", sa.SmallInteger, nullable=False),
    # copies of the task's, for the claiming index; rank is the negative priority, so that all columns ascend
    sa.Column("rank", sa.Integer, nullable=False),
    sa.Column("position", sa.Float, nullable=False),
    # 0: fresh, never handed out. Else the end of the lease; once that is past, it has come back and is claimable.
    # A release sets it to the moment of the release, so a lease that ends needs no sweeper and no second column.
    # Without a holder: until then it is reserved for members of its tier, and then comes to everybody
    sa.Column("available_ms", sa.BigInteger, nullable=False, server_default="0"),
    sa.Column("origin_ms", sa.BigInteger),  # available_ms when it was last claimed: which of the two queues it left
    sa.Column("member_id", sa.Text),  # holder, or who closed it
    sa.Column("tier", sa.SmallInteger, nullable=False, server_default="0"),  # who is asked: 0 anybody, 1 the skilled
    sa.Column("token", sa.Integer, nullable=False, server_default="0"),  # fencing: grows with each claim
    sa.Column("outcome", sa.Text),  # submitted | skipped | reviewed | withdrawn
    sa.Column("skip_reason", sa.Text),
    sa.Column("claimed_ms", sa.BigInteger),
    sa.Column("closed_ms", sa.BigInteger),
    # next task: what came back, then what is fresh, each one short walk; leased rows are in neither walk's way
    sa.Index(
        "ix_judgements_fresh", "project_id", "stage", "rank", "position", "judgement_id",
        sqlite_where=sa.text("is_open = 1 AND available_ms = 0"),
        postgresql_where=sa.text("is_open = 1 AND available_ms = 0"),
    ),
    sa.Index(
        "ix_judgements_returned", "project_id", "stage", "available_ms", "judgement_id",
        sqlite_where=sa.text("is_open = 1 AND available_ms > 0"),
        postgresql_where=sa.text("is_open = 1 AND available_ms > 0"),
    ),
    sa.Index(
        "ix_judgements_reserved", "project_id", "stage", "rank", "position", "judgement_id",
        sqlite_where=sa.text("is_open = 1 AND tier > 0"), postgresql_where=sa.text("is_open = 1 AND tier > 0"),
    ),
    # a member labels a task once, for round is empty there; a reviewer may be asked again after a rejection, in a round
    # of its own. Unclaimed rows have no member and never collide; the index also finds all judgements of a task
    sa.Index("uq_judgements_member", "task_id", "member_id", "round", unique=True),
    sa.Index(
        "ix_judgements_skipped", "project_id", "member_id",
        sqlite_where=sa.text("outcome = 'skipped'"), postgresql_where=sa.text("outcome = 'skipped'"),
    ),
    sa.Index(
        "ix_judgements_holder", "member_id", "project_id",
        sqlite_where=sa.text("is_open = 1 AND member_id IS NOT NULL"),
        postgresql_where=sa.text("is_open = 1 AND member_id IS NOT NULL"),
    ),
)  # fmt: skip

standings: Final = sa.Table(
    "standings",
    metadata,
    # what a member may do in a project, where that is not what everybody may; without a row: active, tier 0
    sa.Column("project_id", sa.Text, primary_key=True),
    sa.Column("member_id", sa.Text, primary_key=True),
    sa.Column("state", sa.Text, nullable=False, server_default="active"),  # active | paused | course
    sa.Column("tier", sa.SmallInteger, nullable=False, server_default="0"),  # 0 anybody, 1 skilled
    sa.Column("gold_rate", sa.Float),  # instead of the workflow's
    sa.Column("reason", sa.Text, nullable=False, server_default=""),  # a sentence for the member
    sa.Column("passed_ms", sa.BigInteger),  # when the exam was passed; none while it is to be taken
    sa.Column("changed_ms", sa.BigInteger, nullable=False),
)

frontiers: Final = sa.Table(
    "frontiers",
    metadata,
    # how far a member has walked down a project's queue: of what lies before, nothing is left for this member. With
    # an overlap of three, somebody far ahead of the others would otherwise step over two judgements of each task
    # already labelled, at every claim (6 ms a claim after 4,000 tasks, growing). A hint only: whoever makes work
    # available before it lowers it, and a member for whom nothing is left starts over from the top
    sa.Column("project_id", sa.Text, primary_key=True),
    sa.Column("stage", sa.Text, primary_key=True),
    sa.Column("member_id", sa.Text, primary_key=True),
    sa.Column("rank", sa.Integer, nullable=False),  # of the fresh queue
    sa.Column("position", sa.Float, nullable=False),
    sa.Column("returned_ms", sa.BigInteger, nullable=False),  # of the queue of what came back
    sa.Column("lowered_ms", sa.BigInteger, nullable=False),  # claims before this moment do not raise it
)

submissions: Final = sa.Table(
    "submissions",
    metadata,
    sa.Column("submission_id", sa.Text, primary_key=True),
    sa.Column("task_id", sa.Text, sa.ForeignKey("tasks.task_id"), nullable=False),
    sa.Column("project_id", sa.Text, nullable=False),
    sa.Column("judgement_id", sa.Text),
    sa.Column("member_id", sa.Text),  # null for predictions and imported labels
    sa.Column("kind", sa.Text, nullable=False),  # human | fix | imported | prediction | gold | bulk | course
    sa.Column("version", sa.Integer, nullable=False),  # 1, 2, ... of this author on this task
    sa.Column("is_newest", sa.SmallInteger, nullable=False, server_default="1"),
    sa.Column("model_version_id", sa.Text),  # of a prediction
    sa.Column("labelling", sa.Text, nullable=False),  # JSON of core Labelling
    sa.Column("annotation_count", sa.Integer, nullable=False),
    sa.Column("ontology_version", sa.Integer, nullable=False),
    sa.Column("instructions_version", sa.Integer, nullable=False),
    sa.Column("active_ms", sa.BigInteger, nullable=False, server_default="0"),
    sa.Column("request_key", sa.Text),  # the client's; the same key twice is one submission
    # by a review; kept, not counted
    sa.Column("is_rejected", sa.SmallInteger, nullable=False, server_default="0"),
    sa.Column("created_ms", sa.BigInteger, nullable=False),
    sa.Index("ix_submissions_task", "task_id", "kind"),
    sa.Index("ix_submissions_project", "project_id", "kind", "submission_id"),
    sa.Index(  # a member's own work, newest first; with the tasks, so that the grid finds who submitted in it alone
        "ix_submissions_member", "member_id", "submission_id", "project_id", "task_id",
        sqlite_where=sa.text("kind = 'human' AND is_newest = 1"),
        postgresql_where=sa.text("kind = 'human' AND is_newest = 1"),
    ),
    sa.UniqueConstraint("member_id", "request_key"),  # also finds the submissions of a member
)  # fmt: skip

drafts: Final = sa.Table(
    "drafts",
    metadata,
    # of the task, not of the lease: the work is there again when the same member gets another judgement of it
    sa.Column("task_id", sa.Text, sa.ForeignKey("tasks.task_id"), primary_key=True),
    sa.Column("member_id", sa.Text, primary_key=True),
    sa.Column("body", sa.Text, nullable=False),  # JSON of the workbench, small: its edit log is in parts
    sa.Column("revision", sa.Integer, nullable=False),
    sa.Column("writer", sa.Text, nullable=False, server_default=""),  # the open workbench that saved last
    sa.Column("line_count", sa.Integer, nullable=False, server_default="0"),  # of the edit log
    sa.Column("log_size", sa.BigInteger, nullable=False, server_default="0"),  # its characters
    sa.Column("saved_ms", sa.BigInteger, nullable=False),
)

draft_parts: Final = sa.Table(
    "draft_parts",
    metadata,
    # the edit log of a draft as it was sent, line by line; lines are the workbench's own and never read here
    sa.Column("task_id", sa.Text, primary_key=True),
    sa.Column("member_id", sa.Text, primary_key=True),
    sa.Column("from_line", sa.Integer, primary_key=True),
    sa.Column("line_count", sa.Integer, nullable=False),
    sa.Column("lines", sa.Text, nullable=False),  # ended by newlines
    # gone with the draft, in the same statement
    sa.ForeignKeyConstraint(
        ["task_id", "member_id"], ["drafts.task_id", "drafts.member_id"], ondelete="CASCADE"
    ),
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
    sa.Column("consensus_version", sa.Integer, nullable=False),  # what was reviewed
    sa.Column("submission_id", sa.Text),  # the fix
    sa.Column("request_key", sa.Text),
    sa.Column("created_ms", sa.BigInteger, nullable=False),
    sa.UniqueConstraint("member_id", "request_key"),
)

comments: Final = sa.Table(
    "comments",
    metadata,
    sa.Column("comment_id", sa.Text, primary_key=True),
    sa.Column("task_id", sa.Text, sa.ForeignKey("tasks.task_id"), nullable=False),
    sa.Column("project_id", sa.Text, nullable=False),
    sa.Column("thread_id", sa.Text, nullable=False),  # the first comment's id; its own for the first
    sa.Column("review_id", sa.Text),  # of a thread that came with a verdict
    sa.Column("member_id", sa.Text, nullable=False),
    sa.Column("x_px", sa.Float),  # the place of a thread; null for the whole item
    sa.Column("y_px", sa.Float),
    sa.Column("annotation_id", sa.Text),  # the object a thread is about
    sa.Column("text", sa.Text, nullable=False),
    sa.Column("request_key", sa.Text),
    sa.Column("created_ms", sa.BigInteger, nullable=False),
    sa.Column("resolved_ms", sa.BigInteger),  # of a thread
    sa.Column("resolved_by", sa.Text),
    sa.Index("ix_comments_task", "task_id", "thread_id", "comment_id"),
    sa.UniqueConstraint("member_id", "request_key"),
)

news: Final = sa.Table(
    "news",
    metadata,
    # what happened last to a task that a member should hear of: a verdict on the own labels, an answer to a comment
    sa.Column("member_id", sa.Text, primary_key=True),
    sa.Column("task_id", sa.Text, sa.ForeignKey("tasks.task_id"), primary_key=True),
    sa.Column("project_id", sa.Text, nullable=False),
    sa.Column("kind", sa.Text, nullable=False),  # accepted | fixed | rejected | commented | replied
    sa.Column("at_ms", sa.BigInteger, nullable=False),
    sa.Column("is_unread", sa.SmallInteger, nullable=False),
    sa.Index("ix_news_member", "member_id", "is_unread", "at_ms", "task_id"),
)

presences: Final = sa.Table(
    "presences",
    metadata,
    # where each open page of a member is; one row a page, moved as the person goes on
    sa.Column("member_id", sa.Text, primary_key=True),
    sa.Column("device", sa.Text, primary_key=True),
    sa.Column("task_id", sa.Text, nullable=False, index=True),
    sa.Column("doing", sa.Text, nullable=False),  # label | review | revise | look
    sa.Column("since_ms", sa.BigInteger, nullable=False),
    sa.Column("seen_ms", sa.BigInteger, nullable=False),
)

events: Final = sa.Table(
    "events",
    metadata,
    sa.Column("event_id", sa.Text, primary_key=True),
    sa.Column("project_id", sa.Text, nullable=False),
    sa.Column("task_id", sa.Text, nullable=False),
    sa.Column("member_id", sa.Text),
    # past tense: created, submitted, revised, skipped, reviewed, reopened, ...
    sa.Column("kind", sa.Text, nullable=False),
    sa.Column("detail", sa.Text, nullable=False, server_default="{}"),
    sa.Column("at_ms", sa.BigInteger, nullable=False),
    sa.Index("ix_events_task", "task_id", "event_id"),
)

assistance: Final = sa.Table(
    "assistance",
    metadata,
    # what became of suggestions, counted by who made them
    sa.Column("submission_id", sa.Text, sa.ForeignKey("submissions.submission_id"), primary_key=True),
    sa.Column("source", sa.Text, primary_key=True),  # assist:<tool> | model:<model_version_id>
    sa.Column("project_id", sa.Text, nullable=False),
    sa.Column("accepted", sa.Integer, nullable=False),
    sa.Column("fixed", sa.Integer, nullable=False),
    sa.Column("refused", sa.Integer, nullable=False),
    sa.Column("took_ms", sa.BigInteger, nullable=False),  # all together
    sa.Index("ix_assistance_project", "project_id", "source"),
)
