"""What labelling and the other steps hand each other."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple, Protocol

from goldsmith.core.annotations import AttributeValue, Labelling
from goldsmith.core.plain import AnyLabelling
from goldsmith.labeling.types.words import StandingState, TaskState, Verdict
from goldsmith.platform.database import Transaction


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


class MemberStanding(NamedTuple):
    """What a member may do in a project; without anything stored this is what everybody may.

    Attributes:
        tier: 0 anybody, 1 skilled.
        gold_rate: Share of hidden gold among what the member is handed, instead of the workflow's; None for that.
        reason: A sentence for the member.
        passed_ms: When the exam of the project's course was passed; None while it was not, or has to be again.
    """

    state: StandingState = StandingState.ACTIVE
    tier: int = 0
    gold_rate: float | None = None
    reason: str = ""
    passed_ms: int | None = None
    changed_ms: int = 0


class Worker(NamedTuple):
    """Somebody who can be asked to label in a project.

    Attributes:
        tier: 0 anybody, 1 skilled.
    """

    member_id: str
    tier: int


class WorkTotals(NamedTuple):
    """What the ordinary tasks of a project add up to, hidden gold left out.

    Attributes:
        tasks: That are not cancelled; likewise ``done`` of them.
        submissions: That count.
        open_judgements: To label.
        objects: Of the labels in force of finished tasks.
        expected_objects: Of finished tasks, that their labels hold or should hold.
        expected_wrong: How many of those are expected not to be right.
        doubtful: Finished tasks that are worse than a target allows.
        resolved: Tasks that have a consensus.
        gold_submissions: To hidden gold.
    """

    tasks: int
    done: int
    submissions: int
    open_judgements: int
    objects: int
    expected_objects: float
    expected_wrong: float
    doubtful: int
    resolved: int
    gold_submissions: int


class ReviewFact(NamedTuple):
    """A verdict, and what it was about.

    Attributes:
        fix: JSON text of the reviewer's labelling, and the ontology version it was made with; None but for a fix.
    """

    review_id: str
    task_id: str
    verdict: str
    consensus_version: int
    fix: str | None
    fix_ontology_version: int | None


class AuditableTask(NamedTuple):
    """A finished task, as an audit draws it."""

    task_id: str
    object_count: int


class WorkTime(NamedTuple):
    """About how long one member's work took, how often; times that differ by less than a hundredth go together.

    Attributes:
        is_review: Whether it was a reviewer's fix.
        active_ms: Mean of these; 0 where nobody measured.
        number: How often, at least 1.
    """

    member_id: str
    is_review: bool
    active_ms: float
    number: int


class TimeSpent(NamedTuple):
    """What the work of a project took so far.

    Attributes:
        times: Of all that was handed in.
        judgements: Labelling that was handed in, hidden gold included.
        reviews: Verdicts.
    """

    times: list[WorkTime]
    judgements: int
    reviews: int


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


class TaskFact(NamedTuple):
    """A task as other steps see it; ``is_gold`` is 0 or 1."""

    task_id: str
    project_id: str
    item_id: str
    batch_id: str | None
    state: str
    is_gold: int
    consensus_version: int


class SubmissionFact(NamedTuple):
    """A submission without its labels; ``is_newest`` and ``is_rejected`` are 0 or 1.

    Attributes:
        member_id: None for predictions and imported labels.
    """

    submission_id: str
    task_id: str
    item_id: str
    project_id: str
    member_id: str | None
    kind: str
    version: int
    is_newest: int
    is_rejected: int
    model_version_id: str | None
    annotation_count: int
    ontology_version: int
    instructions_version: int
    active_ms: int
    created_ms: int


class LabelledTask(NamedTuple):
    """A task with a label in force: a consensus, or the known answer of a gold task (JSON text).

    Attributes:
        accepted_version: The newest consensus version that a reviewer accepted as it is; None for none.
    """

    task_id: str
    item_id: str
    state: str
    consensus_version: int
    gold_submission_id: str | None
    gold_labelling: str | None
    gold_version: int | None
    gold_ontology_version: int | None
    accepted_version: int | None


class GoldEvidence(NamedTuple):
    """A member's answer to a gold task beside the known answer; both are JSON text of a core ``Labelling``."""

    task_id: str
    item_id: str
    member_id: str
    submission_id: str
    labelling: str
    ontology_version: int
    gold_submission_id: str
    gold_labelling: str
    gold_ontology_version: int
    active_ms: int
    created_ms: int


class GoldTaskFact(NamedTuple):
    """A hidden gold task; it is handed out in the state ``idle`` and retired in the state ``done``."""

    task_id: str
    item_id: str
    item_name: str
    gold_uses: int
    state: str


class KnownLabels(NamedTuple):
    """The known answer of a task (JSON text): of gold, or what a review or an import decided."""

    task_id: str
    labelling: str
    ontology_version: int
    is_gold: bool


class CourseSubmission(NamedTuple):
    """What a member answered to a task of the course (JSON text); it is never a vote."""

    submission_id: str
    task_id: str
    project_id: str
    member_id: str
    labelling: str
    ontology_version: int


class TaskResult(NamedTuple):
    """What became of a task so far.

    Attributes:
        labelling: The labels in force, JSON text of a core ``Labelling``: the newest consensus with its scores (a
            reviewer's fix and an import of accepted labels are one), or the known answer of gold. None while there are
            none. Objects whose score says that they are more likely not there are among them; ``as_known`` leaves
            them out.
        ontology_version: That the labels fit.
        method: How the consensus came to be, such as ``review`` of a fix or ``imported``; ``gold`` of a known answer.
        done_ms: When it was done; None while it is not.
        verdict: The newest of a reviewer; likewise ``reviewed_ms``.
    """

    task_id: str
    project_id: str
    item_id: str
    batch_id: str | None
    state: TaskState
    is_gold: bool
    labelling: str | None
    ontology_version: int | None
    consensus_version: int
    method: str | None
    done_ms: int | None
    verdict: Verdict | None
    reviewed_ms: int | None


class NewPrediction(NamedTuple):
    """A model's labelling of a task, to be stored as a version of its own."""

    task_id: str
    labelling: Labelling


class Decision(NamedTuple):
    """A submission that decides a task by itself: an import of accepted labels, or a reviewer's fix.

    Attributes:
        labelling: JSON text of a core ``Labelling``.
        method: ``imported`` or ``review``.
        parsed: The same labelling, when it is at hand; saves reading the text again.
    """

    task_id: str
    submission_id: str
    labelling: str
    method: str
    parsed: AnyLabelling | None = None


class ConsensusOutcome(NamedTuple):
    """A stored consensus version, as the workflow needs to know it.

    Attributes:
        object_count: Of the objects that are kept.
        lowest_posterior: That its least sure decision on an object is right, in [0.5, 1]; None when it has none.
        labelling: What it says, where the version is new: the grid is filtered by it.
        expected_objects: Objects that the labels hold or should hold, as far as the posteriors tell.
        expected_wrong: How many of them are expected not to be right.
        ask_more: Further judgements that are worth it; the task goes back to work for them.
        reserved_until_ms: Until when those are kept for skilled people; 0 for anybody at once.
        is_doubtful: Whether it is worse than the project's target allows; None where judgements are asked by number.
    """

    task_id: str
    version: int
    object_count: int
    lowest_posterior: float | None
    labelling: AnyLabelling | None = None
    expected_objects: float | None = None
    expected_wrong: float | None = None
    ask_more: int = 0
    reserved_until_ms: int = 0
    is_doubtful: bool | None = None


class SaidAnswers(NamedTuple):
    """What leads answered for a task as a whole; it goes before what others answered.

    Attributes:
        submission_ids: Of the submissions that say so, oldest first.
    """

    answers: dict[str, AttributeValue]
    submission_ids: list[str]


class Answered(NamedTuple):
    """Answers that a lead gave for a task that has a consensus; None takes an answer away.

    Attributes:
        submission_id: Says so; None when the answers are those of others again.
    """

    task_id: str
    submission_id: str | None
    answers: Mapping[str, AttributeValue | None]


class TaskFollower(Protocol):
    """Who follows what becomes of tasks, in the caller's transaction; wired in by the composition root, if at all."""

    def on_tasks_changed(self, tx: Transaction, *, project_id: str, task_ids: Sequence[str]) -> None:
        """Tasks changed to or from done, cancelled or idle, or a new consensus version replaced that of a done one.

        Set-based, up to thousands at once; ``LabelingService.result_of`` says what they are now.
        """
        ...


class QualityHook(Protocol):
    """What labelling asks of quality, in the caller's transaction; wired in by the composition root."""

    def on_all_in(
        self, tx: Transaction, *, workspace_id: str, project_id: str, task_id: str, is_urgent: bool
    ) -> None:
        """All judgements of a task are in (or one was revised): see to it that its consensus is computed.

        ``is_urgent`` says not to wait for others: it decides whether somebody else is asked.

        When the consensus version is stored, ``LabelingService.after_consensus`` is to be called in that transaction.
        """
        ...

    def on_reviewed(
        self, tx: Transaction, *, workspace_id: str, project_id: str, task_id: str, verdict: Verdict
    ) -> None:
        """A reviewer gave a verdict on a task; a fix was told by ``on_decided`` before."""
        ...

    def on_decided(
        self, tx: Transaction, *, project_id: str, decisions: Sequence[Decision]
    ) -> Sequence[ConsensusOutcome]:
        """Store a consensus version for each decision, in order, and return them; set-based, up to thousands at once.

        ``after_consensus`` is not to be called.
        """
        ...

    def has_course(self, tx: Transaction, project_id: str) -> bool:
        """Say whether a project has a course whose exam can be taken."""
        ...

    def on_answered(
        self, tx: Transaction, *, project_id: str, entries: Sequence[Answered]
    ) -> Sequence[ConsensusOutcome]:
        """Store the next consensus version of tasks, with other answers and the objects as they are.

        Set-based, up to hundreds at once; ``after_consensus`` is not to be called. Tasks without one are passed over.
        """
        ...
