"""What labelling hands out and takes in, and what it asks of the step above."""

from __future__ import annotations

from collections.abc import Sequence
from enum import StrEnum
from typing import Annotated, Any, Final, NamedTuple, Protocol

from pydantic import Field

from goldsmith.core.annotations import Labelling
from goldsmith.core.model import Model
from goldsmith.items.api import ItemView
from goldsmith.platform.database import Transaction

MAX_LEASES: Final = 50
"""Tasks one member may hold at once in one project; more would drain the queue for the others."""

MAX_DRAFT_BYTES: Final = 8 * 1024**2
"""Cap on a draft, which holds a labelling and its edit log."""

MAX_BODY_BYTES: Final = 64 * 1024**2
"""Cap on a submitted labelling."""

Key = Annotated[str, Field(min_length=1, max_length=200)]
Token = Annotated[int, Field(ge=1)]


class Stage(StrEnum):
    """What is asked of whoever takes the task."""

    LABEL = "label"
    REVIEW = "review"


class TaskState(StrEnum):
    """Where a task stands; see ``policy`` for the moves between them."""

    OPEN = "open"
    RESOLVING = "resolving"
    REVIEW = "review"
    DONE = "done"
    IDLE = "idle"
    CANCELLED = "cancelled"


class Outcome(StrEnum):
    """How a judgement ended."""

    SUBMITTED = "submitted"
    SKIPPED = "skipped"
    REVIEWED = "reviewed"
    WITHDRAWN = "withdrawn"


class SubmissionKind(StrEnum):
    """Whose word a submission is."""

    HUMAN = "human"
    FIX = "fix"
    IMPORTED = "imported"
    PREDICTION = "prediction"
    GOLD = "gold"


class Verdict(StrEnum):
    """What a reviewer says."""

    ACCEPT = "accept"
    FIX = "fix"
    REJECT = "reject"


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
    """Unfinished work as it was last saved; ``body`` is the workbench's own JSON."""

    body: Any
    revision: int
    saved_ms: int


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


class TaskPayload(Model):
    """Everything the workbench needs for one task."""

    lease: Lease
    task: TaskBrief
    item: ItemView
    prelabel: Labelling | None
    draft: Draft | None
    ontology_version: int
    instructions_version: int
    review: ReviewMaterial | None


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
    """

    token: Token
    request_key: Key
    labelling: Labelling
    active_ms: Annotated[int, Field(ge=0)] = 0
    ontology_version: Annotated[int, Field(ge=1)]
    instructions_version: Annotated[int, Field(ge=1)]


class ReviseBody(Model):
    """A new version of one's own submission; the fields are those of ``SubmitBody``."""

    request_key: Key
    labelling: Labelling
    active_ms: Annotated[int, Field(ge=0)] = 0
    ontology_version: Annotated[int, Field(ge=1)]
    instructions_version: Annotated[int, Field(ge=1)]


class SkipBody(Model):
    """Why a task is passed over."""

    token: Token
    reason: Key
    request_key: Key | None = None


class DraftBody(Model):
    """Unfinished work.

    Attributes:
        revision: Grows with each save; an older one is refused.
    """

    token: Token
    body: Any
    revision: Annotated[int, Field(ge=0)]


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
    """A comment pinned to a place of the image, in its pixels."""

    x: float
    y: float
    text: Annotated[str, Field(min_length=1, max_length=4000)]


class ReviewBody(Model):
    """A reviewer's verdict.

    Attributes:
        reasons: At least one when rejecting.
        labelling: The mended labels; required by ``fix`` and taken by nothing else.
    """

    token: Token
    request_key: Key
    verdict: Verdict
    reasons: Annotated[list[ReviewReason], Field(max_length=500)] = []
    comments: Annotated[list[ReviewComment], Field(max_length=500)] = []
    labelling: Labelling | None = None
    active_ms: Annotated[int, Field(ge=0)] = 0


class RequeueBody(Model):
    """Which tasks are asked for again.

    Attributes:
        task_ids: Tasks of the project; or ``item_ids``: items, whose tasks are made when the project has none.
        batch_id: The batch they move to; None leaves them in theirs.
        extra_judgements: Opinions asked for on top of those that a task has.
    """

    task_ids: Annotated[list[str], Field(max_length=100_000)] = []
    item_ids: Annotated[list[str], Field(max_length=100_000)] = []
    batch_id: str | None = None
    priority: Annotated[int, Field(ge=-1_000_000, le=1_000_000)] = 0
    extra_judgements: Annotated[int, Field(ge=1, le=50)] = 1


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


# --- between the steps


class LostLease(NamedTuple):
    """The lease is gone; the work was kept as a draft and must be told as a LeaseLostError after the commit."""

    detail: str


class Submitted(NamedTuple):
    """What became of a submission; see ``SubmitAnswer``."""

    submission_id: str
    version: int
    task_state: TaskState


class Reviewed(NamedTuple):
    """What became of a review; see ``ReviewAnswer``."""

    review_id: str
    submission_id: str | None
    task_state: TaskState


class CountedSubmission(NamedTuple):
    """A human submission that counts: newest of its author, not rejected.

    Attributes:
        labelling: JSON text of a core ``Labelling``.
    """

    submission_id: str
    task_id: str
    item_id: str
    member_id: str
    labelling: str
    ontology_version: int
    instructions_version: int
    active_ms: int
    created_ms: int


class GoldEvidence(NamedTuple):
    """A member's answer to a gold task beside the known answer; both are JSON text of a core ``Labelling``."""

    task_id: str
    item_id: str
    member_id: str
    submission_id: str
    labelling: str
    gold_submission_id: str
    gold_labelling: str
    created_ms: int


class NewPrediction(NamedTuple):
    """A model's labelling of a task, to be stored as a version of its own."""

    task_id: str
    labelling: Labelling


class Decision(NamedTuple):
    """A submission that decides a task by itself: an import of accepted labels, or a reviewer's fix.

    Attributes:
        labelling: JSON text of a core ``Labelling``.
        method: ``imported`` or ``review``.
    """

    task_id: str
    submission_id: str
    labelling: str
    method: str


class ConsensusOutcome(NamedTuple):
    """A stored consensus version, as the workflow needs to know it.

    Attributes:
        lowest_posterior: Of all its objects, in [0, 1]; None when it has none.
    """

    task_id: str
    version: int
    object_count: int
    lowest_posterior: float | None


class QualityHook(Protocol):
    """What labelling asks of quality, in the caller's transaction; wired in by the composition root."""

    def on_all_in(self, tx: Transaction, *, project_id: str, task_id: str) -> None:
        """All judgements of a task are in (or one was revised): see to it that its consensus is computed.

        When the consensus version is stored, ``LabelingService.after_consensus`` is to be called in that transaction.
        """
        ...

    def on_decided(
        self, tx: Transaction, *, project_id: str, decisions: Sequence[Decision]
    ) -> Sequence[ConsensusOutcome]:
        """Store a consensus version for each decision, in order, and return them; set-based, up to thousands at once.

        ``after_consensus`` is not to be called.
        """
        ...


class MemberActivity(NamedTuple):
    """What one member did in a project.

    Attributes:
        active_ms: Summed over all submissions.
        days: (day as ISO date in UTC, submissions of that day, active_ms of that day), oldest first.
    """

    member_id: str
    name: str
    kind: str
    submissions: int
    skips: int
    reviews: int
    active_ms: int
    last_ms: int | None
    days: Sequence[tuple[str, int, int]]
