"""What crosses the wire of a member's own work: what became of it, and its revision."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated

from pydantic import Field

from goldsmith.core.annotations import Labelling
from goldsmith.core.model import Model
from goldsmith.items.api import ItemView, TaskScopeView
from goldsmith.labeling.types.wire import Draft, DraftBody, ReviewReason
from goldsmith.labeling.types.words import Verdict


class WorkShow(StrEnum):
    """Which part of the own work is listed; ``talk`` is what the member did not label but has a part in."""

    ALL = "all"
    UNREAD = "unread"
    ACCEPTED = "accepted"
    FIXED = "fixed"
    REJECTED = "rejected"
    TALK = "talk"


class NewsKind(StrEnum):
    """What happened last to a task that a member should hear of."""

    ACCEPTED = "accepted"
    FIXED = "fixed"
    REJECTED = "rejected"
    COMMENTED = "commented"
    REPLIED = "replied"
    CONSEQUENCE = "consequence"


class News(Model):
    """The last thing that happened to a task, as its member should hear of it."""

    kind: NewsKind
    at_ms: int
    is_unread: bool


class WorkSubmission(Model):
    """The member's newest submission of a task, without its labels."""

    submission_id: str
    version: int
    annotation_count: int
    active_ms: int
    is_rejected: bool
    created_ms: int


class WorkReview(Model):
    """The review that judged a submission."""

    review_id: str
    verdict: Verdict
    reasons: list[ReviewReason]
    created_ms: int


class WorkEntry(Model):
    """A task that a member had a part in.

    Attributes:
        submission: None where the member only talked or reviewed.
        review: None while nobody judged it.
        comment_count: Comments and replies on the task; likewise ``open_threads``, those not settled.
    """

    task_id: str
    project_id: str
    project_name: str
    item_id: str
    item_name: str
    thumbnail: str
    submission: WorkSubmission | None
    review: WorkReview | None
    news: News | None
    comment_count: int
    open_threads: int


class WorkList(Model):
    """Own work: what is unread first, then the newest."""

    items: list[WorkEntry]
    next_cursor: str | None


class Unread(Model):
    """How many tasks have news."""

    unread: int


class RevisionSubmission(Model):
    """The member's newest submission, as it reads in the newest ontology."""

    submission_id: str
    version: int
    labelling: Labelling
    is_rejected: bool
    created_ms: int


class Revision(Model):
    """What is needed to revise one's own submission.

    Attributes:
        may_revise: Whether the task still takes a new version.
        why_not: A sentence for people when it does not.
        draft: Unfinished work on the revision.
        scope: What the task asks for, where that is not what its project asks for.
    """

    task_id: str
    project_id: str
    item: ItemView
    submission: RevisionSubmission
    may_revise: bool
    why_not: str | None
    draft: Draft | None
    ontology_version: int
    instructions_version: int
    scope: TaskScopeView | None = None


class RevisionDraftBody(DraftBody):
    """Unfinished work on a revision; there is no lease, so the token says nothing."""

    token: Annotated[int, Field(ge=0)] = 0


class RevisionConflict(Model):
    """A newer version of the submission stands; it is told, so that both can be merged."""

    type: str
    title: str
    status: int
    code: str
    detail: str
    newest: RevisionSubmission
