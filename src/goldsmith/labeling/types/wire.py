"""What crosses the wire of labelling."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import Field

from goldsmith.core.annotations import Labelling
from goldsmith.core.model import Model
from goldsmith.items.api import ItemView, TaskScopeView
from goldsmith.labeling.types.assistance import MAX_ASSISTANCE, Assistance
from goldsmith.labeling.types.words import Outcome, Stage, SubmissionKind, TaskState, Verdict

Key = Annotated[str, Field(min_length=1, max_length=200)]
Token = Annotated[int, Field(ge=1)]
LogLine = Annotated[str, Field(min_length=1, pattern=r"^[^\r\n]*$")]


# --- the wire: what is handed out


class Lease(Model):
    """A task handed to one member until a deadline.

    Attributes:
        token: The fencing token; every answer must carry it.
        expires_ms: When somebody else may get the task. Work sent later still counts while nobody did.
    """

    judgement_id: str
    token: int
    expires_ms: int
    stage: Stage


class TaskBrief(Model):
    """A task as its holder sees it."""

    task_id: str
    project_id: str
    state: TaskState
    batch_id: str | None


class Draft(Model):
    """Unfinished work as it was last saved.

    Attributes:
        body: The workbench's own JSON.
        log: The lines of its edit log, which are the workbench's own as well.
    """

    body: Any
    revision: int
    saved_ms: int
    log: list[str] = []


class SubmissionToReview(Model):
    """One submission as a reviewer sees it; authors are letters in the order of submission."""

    submission_id: str
    author: str
    version: int
    labelling: Labelling
    active_ms: int
    created_ms: int


class ReviewMaterial(Model):
    """What a reviewer judges: the consensus, and what it was made from.

    Attributes:
        consensus: Each object's score is its posterior of being right.
    """

    consensus: Labelling | None
    consensus_version: int
    submissions: list[SubmissionToReview]


class CourseMark(Model):
    """Which task of a project's course this is, counted from 1."""

    kind: Literal["lesson", "exam"]
    number: int
    of: int


class TaskPayload(Model):
    """Everything the workbench needs for one task.

    Attributes:
        course: Set for a task of the course, whose answer is compared and never counts as a vote.
        scope: What this task asks for, where that is not what its project asks for.
    """

    lease: Lease
    task: TaskBrief
    item: ItemView
    prelabel: Labelling | None
    draft: Draft | None
    ontology_version: int
    instructions_version: int
    review: ReviewMaterial | None
    course: CourseMark | None = None
    scope: TaskScopeView | None = None


# --- the wire: what is taken in


class NextBody(Model):
    """Which kind of work is asked for."""

    stage: Stage = Stage.LABEL


class TokenBody(Model):
    """Proof of holding the lease."""

    token: Token


class SubmitBody(Model):
    """A finished labelling.

    Attributes:
        request_key: Made by the client, one for each submission; the same again returns the first answer.
        active_ms: Time spent working, idle time left out.
        ontology_version: The version the labelling was made with; likewise ``instructions_version``.
        assistance: What became of the suggestions that were shown.
    """

    token: Token
    request_key: Key
    labelling: Labelling
    active_ms: Annotated[int, Field(ge=0)] = 0
    ontology_version: Annotated[int, Field(ge=1)]
    instructions_version: Annotated[int, Field(ge=1)]
    assistance: Annotated[list[Assistance], Field(max_length=MAX_ASSISTANCE)] = []


class ReviseBody(Model):
    """A new version of one's own submission; the fields are those of ``SubmitBody``.

    Attributes:
        after_version: The version it was made from; when a newer one stands, it is refused with that one.
    """

    after_version: Annotated[int, Field(ge=1)] | None = None

    request_key: Key
    labelling: Labelling
    active_ms: Annotated[int, Field(ge=0)] = 0
    ontology_version: Annotated[int, Field(ge=1)]
    instructions_version: Annotated[int, Field(ge=1)]
    assistance: Annotated[list[Assistance], Field(max_length=MAX_ASSISTANCE)] = []


class SkipBody(Model):
    """Why a task is passed over."""

    token: Token
    reason: Key
    request_key: Key | None = None


class DraftLog(Model):
    """What is new in a draft's edit log.

    Attributes:
        from_line: How many lines stay as the server has them; the others are replaced by ``lines``.
        lines: One text without line breaks each; the server does not read them.
    """

    from_line: Annotated[int, Field(ge=0)]
    lines: Annotated[list[LogLine], Field(max_length=200_000)]


class DraftBody(Model):
    """Unfinished work.

    Attributes:
        revision: Grows with each save; an older one is refused.
        after_revision: The revision of the server that this one goes on from (0 for none): when another stands there,
            the draft is refused with it. None refuses only what is older than what stands.
        writer: Made by the open workbench; what the same writer saved before never stands in its way.
        log: What is new in the edit log; None leaves it as it is.
    """

    token: Token
    body: Any
    revision: Annotated[int, Field(ge=0)]
    after_revision: Annotated[int, Field(ge=0)] | None = None
    writer: Annotated[str, Field(max_length=64)] = ""
    log: DraftLog | None = None


class ReviewReason(Model):
    """One reason of a verdict.

    Attributes:
        code: One of the project's reject reasons when rejecting; free when fixing.
        annotation_id: The object it is about; None for the whole task.
    """

    code: Key
    annotation_id: str | None = None
    text: Annotated[str, Field(max_length=4000)] = ""


class ReviewComment(Model):
    """A comment pinned to a place of the image, in its pixels; it begins a thread of the task.

    Attributes:
        annotation_id: The object it is about.
    """

    x: float
    y: float
    text: Annotated[str, Field(min_length=1, max_length=4000)]
    annotation_id: Key | None = None


class ReviewBody(Model):
    """A reviewer's verdict.

    Attributes:
        reasons: At least one when rejecting.
        labelling: The mended labels; required by ``fix`` and taken by nothing else.
        assistance: What became of the suggestions that were shown while mending; counted with a ``fix``.
    """

    token: Token
    request_key: Key
    verdict: Verdict
    reasons: Annotated[list[ReviewReason], Field(max_length=500)] = []
    comments: Annotated[list[ReviewComment], Field(max_length=500)] = []
    labelling: Labelling | None = None
    active_ms: Annotated[int, Field(ge=0)] = 0
    assistance: Annotated[list[Assistance], Field(max_length=MAX_ASSISTANCE)] = []


class RequeueBody(Model):
    """Which tasks are asked for again.

    Attributes:
        task_ids: Tasks of the project; or ``item_ids``: items, whose tasks are made when the project has none.
        batch_id: The batch they move to; None leaves them in theirs.
        priority: Higher goes first; the batch's by default.
        extra_judgements: Opinions asked for on top of those that a task has.
    """

    task_ids: Annotated[list[str], Field(max_length=10_000)] = []
    item_ids: Annotated[list[str], Field(max_length=10_000)] = []
    batch_id: str | None = None
    priority: Annotated[int, Field(ge=-1_000_000, le=1_000_000)] | None = None
    extra_judgements: Annotated[int, Field(ge=0, le=50)] = 1


# --- the wire: answers


class Renewed(Model):
    """The new end of a lease."""

    expires_ms: int


class SubmitAnswer(Model):
    """What became of a submission."""

    submission_id: str
    version: int
    task_state: TaskState


class SkipAnswer(Model):
    """What became of a skipped task."""

    task_state: TaskState


class ReviewAnswer(Model):
    """What became of a reviewed task."""

    review_id: str
    submission_id: str | None
    task_state: TaskState


class DraftAnswer(Model):
    """The draft that stands."""

    revision: int
    saved_ms: int


class Requeued(Model):
    """How many tasks are asked for again, and how many were made for items without one."""

    requeued: int
    created: int


# --- pages


class TaskRow(Model):
    """A task in a list.

    Attributes:
        is_gold: None for those who may not know.
        open_judgements: Opinions still asked for.
        submission_count: Submissions that count.
        object_count: Of the newest consensus; likewise ``lowest_posterior``.
    """

    task_id: str
    item_id: str
    name: str
    state: TaskState
    is_gold: bool | None
    batch_id: str | None
    priority: int
    open_judgements: int
    submission_count: int
    consensus_version: int
    object_count: int
    lowest_posterior: float | None
    created_ms: int
    updated_ms: int


class TaskList(Model):
    """Tasks in the order they were made."""

    items: list[TaskRow]
    next_cursor: str | None


class SubmissionView(Model):
    """A submission on the page of its task.

    Attributes:
        author: The member's name, or a letter for those who may not know.
        member_id: None for predictions and imports, and for those who may not know.
        is_mine: Whether the reader gave it.
    """

    submission_id: str
    author: str
    member_id: str | None
    is_mine: bool
    kind: SubmissionKind
    version: int
    is_newest: bool
    is_rejected: bool
    model_version_id: str | None
    labelling: Labelling
    ontology_version: int
    instructions_version: int
    active_ms: int
    created_ms: int


class ReviewView(Model):
    """A review on the page of its task."""

    review_id: str
    reviewer: str | None
    verdict: Verdict
    reasons: list[ReviewReason]
    comments: list[ReviewComment]
    consensus_version: int
    submission_id: str | None
    created_ms: int


class EventView(Model):
    """Something that happened to a task."""

    event_id: str
    kind: str
    who: str | None
    detail: dict[str, Any]
    at_ms: int


class JudgementView(Model):
    """One opinion that a task asked for; ``expires_ms`` is set while it is leased."""

    judgement_id: str
    stage: Stage
    member_id: str | None
    member_name: str | None
    is_open: bool
    outcome: Outcome | None
    skip_reason: str | None
    claimed_ms: int | None
    expires_ms: int | None
    closed_ms: int | None


class ConsensusOfTask(Model):
    """The newest consensus of a task."""

    version: int
    method: str
    labelling: Labelling
    lowest_posterior: float | None


class TaskPage(Model):
    """Everything known of a task, as far as the reader may know it.

    Attributes:
        judgements: Empty for those who may not know who works on what.
        scope: What this task asks for, where that is not what its project asks for.
    """

    project_id: str
    task: TaskRow
    item: ItemView
    ontology_version: int
    instructions_version: int
    submissions: list[SubmissionView]
    consensus: ConsensusOfTask | None
    reviews: list[ReviewView]
    events: list[EventView]
    judgements: list[JudgementView]
    scope: TaskScopeView | None = None


class DayOfWork(Model):
    """What happened on one day (UTC)."""

    day: str
    submissions: int
    skips: int
    reviews: int
    active_ms: int


class ProjectProgress(Model):
    """Where the work of a project stands.

    Attributes:
        states: Tasks by state, gold left out.
        gold_tasks: Hidden gold tasks.
        gold_submissions: Answers to them.
        objects: Objects in the newest consensus of all tasks.
        open_judgements: Opinions still asked for.
        days: The days on which something happened, oldest first.
    """

    states: dict[TaskState, int]
    tasks: int
    gold_tasks: int
    submissions: int
    gold_submissions: int
    open_judgements: int
    objects: int
    days: list[DayOfWork]


class PersonActivity(Model):
    """What one member did in a project."""

    member_id: str
    name: str
    kind: str
    submissions: int
    skips: int
    reviews: int
    active_ms: int
    last_ms: int | None
    days: list[DayOfWork]


class Activity(Model):
    """What all members did in a project."""

    people: list[PersonActivity]
