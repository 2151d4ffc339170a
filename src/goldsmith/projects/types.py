"""What a project is: its versioned documents, its batches, and what it asks of the steps above."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Annotated, Any, Final, Protocol

from pydantic import Field, model_validator

from goldsmith.core.annotations import AttributeValue
from goldsmith.core.model import Model
from goldsmith.core.ontology import Name, Ontology
from goldsmith.platform.database import Transaction

DEFAULT_BATCH: Final = "Default"
"""Name of the batch that takes items sent without one."""

UNFINISHED_STATES: Final = ("open", "resolving", "review")
"""States of tasks that ask for something."""

Reason = Annotated[str, Field(min_length=1, max_length=200)]
Reasons = Annotated[list[Reason], Field(min_length=1, max_length=50)]


class Aspect(StrEnum):
    """The documents of a project that are kept as versions."""

    ONTOLOGY = "ontology"
    INSTRUCTIONS = "instructions"
    WORKFLOW = "workflow"
    QUALITY = "quality"


class ProjectState(StrEnum):
    """Whether work is handed out."""

    ACTIVE = "active"
    PAUSED = "paused"
    ARCHIVED = "archived"


class BatchState(StrEnum):
    """Whether the tasks of a batch are handed out.

    A batch may begin in ``staging``: its tasks wait until it is opened, which it is once.
    """

    STAGING = "staging"
    OPEN = "open"
    PAUSED = "paused"
    CANCELLED = "cancelled"


class ReviewMode(StrEnum):
    """Which tasks a reviewer is asked about."""

    NONE = "none"
    SHARE = "share"
    ALL = "all"
    FLAGGED = "flagged"


class TaskOrder(StrEnum):
    """Which task comes next among those of the same priority."""

    SEQUENCE = "sequence"
    RANDOM = "random"
    GAIN = "gain"


class ReviewPolicy(Model):
    """Which tasks go to review once their labels are in.

    Attributes:
        mode: None, a random share, all, or those the quality numbers flag.
        share: Share in [0, 1] of the tasks; used by ``share``.
        posterior_below: ``flagged`` asks for tasks that hold a decision (to keep an object or to leave it out) that
            is right with a lower posterior than this, in [0, 1]; nothing is flagged below one half.
    """

    mode: ReviewMode = ReviewMode.NONE
    share: Annotated[float, Field(ge=0.0, le=1.0)] = 0.1
    posterior_below: Annotated[float, Field(ge=0.0, le=1.0)] = 0.9


class Workflow(Model):
    """How the work of a project runs.

    Attributes:
        overlap: Judgements asked for each task, 1 to 50.
        lease_s: Seconds a task stays with one member without a sign of life, 30 s to 7 days.
        review: Which tasks go to review.
        gold_rate: Share of handed-out tasks that are hidden gold, 0 to 0.5.
        order: Which task comes next within a priority.
        skip_reasons: What an annotator may say when skipping.
        reject_reasons: What a reviewer may say when rejecting.
        use_prelabels: Whether annotators start from predictions.
    """

    overlap: Annotated[int, Field(ge=1, le=50)] = 1
    lease_s: Annotated[int, Field(ge=30, le=7 * 86_400)] = 1800
    review: ReviewPolicy = ReviewPolicy()
    gold_rate: Annotated[float, Field(ge=0.0, le=0.5)] = 0.0
    order: TaskOrder = TaskOrder.SEQUENCE
    skip_reasons: Reasons = ["image is broken", "cannot tell", "not in the instructions", "harmful content"]
    reject_reasons: Reasons = [
        "object missed",
        "wrong class",
        "loose shape",
        "extra object",
        "wrong attribute",
    ]
    use_prelabels: bool = True


class Asking(StrEnum):
    """How many judgements a task gets."""

    FIXED = "fixed"
    ADAPTIVE = "adaptive"


class Reaction(StrEnum):
    """What follows by itself when numbers speak against somebody's work."""

    OFF = "off"
    TELL = "tell"
    MORE_GOLD = "more_gold"
    REQUALIFY = "requalify"
    PAUSE = "pause"


class Consequences(Model):
    """What follows each signal; every one of them is shown with its evidence and can be appealed."""

    spam: Reaction = Reaction.TELL
    copying: Reaction = Reaction.TELL
    straight_lining: Reaction = Reaction.TELL
    too_fast: Reaction = Reaction.TELL
    drift: Reaction = Reaction.TELL
    gold: Reaction = Reaction.TELL


class CoursePolicy(Model):
    """Whether members pass an exam before they work, and how.

    Attributes:
        exam_tasks: Known answers in the exam, 1 to 200.
        pass_share: Share of them that must be right, in [0.1, 1].
        tries: Exams that a member may sit before a manager has to help, 1 to 20.
    """

    is_required: bool = False
    exam_tasks: Annotated[int, Field(ge=1, le=200)] = 10
    pass_share: Annotated[float, Field(ge=0.1, le=1.0)] = 0.8
    tries: Annotated[int, Field(ge=1, le=20)] = 3


class QualityPolicy(Model):
    """What quality a project wants and what it may cost.

    ``fixed`` asks the workflow's overlap of every task. ``adaptive`` begins with ``least_judgements`` and asks for
    another where it is worth it, until the target is reached, ``most_judgements`` are in or the budget is used up.

    Attributes:
        target: Share of objects that are to be right, in [0.5, 0.9999].
        budget_judgements: Labelling judgements of the whole project; the first ``least_judgements`` of a task are
            asked in any case, further ones only within it.
        least_judgements: Of each task, 1 to 50; likewise ``most_judgements``.
        reserve_s: Seconds that a further judgement waits for skilled people before anybody may give it, up to 30 days.
        rate_per_hour: What an hour of work costs, in ``currency``.
        retire_gold_after: Answers after which a hidden known answer is not handed out any more; None for never.
        consequences: What follows when numbers speak against somebody's work.
        course: Of newcomers.
    """

    asking: Asking = Asking.FIXED
    target: Annotated[float | None, Field(ge=0.5, le=0.9999)] = None
    budget_judgements: Annotated[int | None, Field(ge=1, le=1_000_000_000)] = None
    least_judgements: Annotated[int, Field(ge=1, le=50)] = 2
    most_judgements: Annotated[int, Field(ge=1, le=50)] = 5
    reserve_s: Annotated[int, Field(ge=0, le=30 * 86_400)] = 3600
    rate_per_hour: Annotated[float | None, Field(ge=0.0, le=1e6)] = None
    currency: Annotated[str, Field(pattern=r"^[A-Z]{3}$")] = "EUR"
    retire_gold_after: Annotated[int | None, Field(ge=1, le=1_000_000)] = None
    consequences: Consequences = Consequences()
    course: CoursePolicy = CoursePolicy()

    @model_validator(mode="after")
    def _check(self) -> QualityPolicy:
        if self.most_judgements < self.least_judgements:
            raise ValueError("most_judgements must be at least least_judgements")
        if self.asking is Asking.ADAPTIVE and self.target is None and self.budget_judgements is None:
            raise ValueError("adaptive asking needs a target, a budget or both")
        return self


class Project(Model):
    """One labelling goal.

    Attributes:
        ontology_version: Newest version of the ontology, from 1; likewise the other three.
        created_by: The member who made it.
        archived_ms: When it was archived, None while it is not.
    """

    project_id: str
    workspace_id: str
    name: Name
    state: ProjectState
    ontology_version: int
    instructions_version: int
    workflow_version: int
    quality_version: int
    created_by: str
    created_ms: int
    archived_ms: int | None = None


@dataclass(frozen=True, slots=True)
class ProjectSetup:
    """A project with its newest ontology, workflow and quality policy, read by one statement."""

    project: Project
    ontology: Ontology
    workflow: Workflow
    quality: QualityPolicy

    @property
    def first_judgements(self) -> int:
        """How many judgements a task begins with."""
        return first_judgements(self.workflow, self.quality)


def first_judgements(workflow: Workflow, quality: QualityPolicy) -> int:
    """Return how many judgements a task begins with."""
    return quality.least_judgements if quality.asking is Asking.ADAPTIVE else workflow.overlap


class Progress(Model):
    """Where the work of a project stands.

    Attributes:
        items: Tasks, one for each item of the project.
        states: Tasks by state; states without tasks are absent.
        submissions_7d: Labellings that people submitted in the last seven days.
        members: Members that were added to the project.
    """

    items: int
    states: dict[str, int]
    submissions_7d: int
    members: int


class ProjectView(Project):
    """A project as lists and its page show it."""

    progress: Progress


class ProjectMember(Model):
    """A member that was added to a project."""

    member_id: str
    name: str
    kind: str
    role: str
    added_by: str
    added_ms: int


class Batch(Model):
    """Items sent together.

    Attributes:
        priority: Higher is handed out first.
        is_for_some: Only some members are given its tasks to label; else all members of the project. Reviewing is open
            to all reviewers.
        origin: Why it was made, such as ``{"kind": "evaluation", "evaluation_id": ...}``; empty for plain imports.
    """

    batch_id: str
    project_id: str
    name: Name
    priority: int
    state: BatchState
    is_for_some: bool = False
    origin: dict[str, Any]
    created_by: str
    created_ms: int


class BatchView(Batch):
    """A batch with its tasks counted by state.

    Attributes:
        members: Names of those who alone label it, where it is for some.
    """

    states: dict[str, int]
    members: list[str] = []

    @property
    def is_completed(self) -> bool:
        """Whether it is handed out and none of its tasks asks for anything any more; one without tasks is not."""
        is_under_way = any(self.states.get(state, 0) > 0 for state in UNFINISHED_STATES)
        return self.state is BatchState.OPEN and sum(self.states.values()) > 0 and not is_under_way


class Version(Model):
    """One version of one document of a project, without its body."""

    aspect: Aspect
    version: int
    note: str
    created_by: str
    created_ms: int


class OntologyVersion(Model):
    """A version of the ontology, with how labels of the version before read in it."""

    version: int
    ontology: Ontology
    migration: Migration


class WorkControl(Protocol):
    """What projects ask of labelling, wired in by the composition root."""

    def on_batch_changed(self, tx: Transaction, *, batch: Batch) -> None:
        """Follow a changed priority or state of a batch: its open tasks are reordered, held back or cancelled."""
        ...

    def on_batch_members_changed(self, tx: Transaction, *, batch: Batch) -> None:
        """Follow a change of who may label a batch."""
        ...

    def on_project_changed(self, tx: Transaction, *, project: Project) -> None:
        """Follow a pause, a resume or the archiving of a project."""
        ...

    def on_workflow_changed(
        self, tx: Transaction, *, project_id: str, before: Workflow, after: Workflow
    ) -> None:
        """Follow a changed workflow: overlap of open tasks, order, ..."""
        ...

    def on_quality_changed(
        self, tx: Transaction, *, project_id: str, before: QualityPolicy, after: QualityPolicy
    ) -> None:
        """Follow a changed quality policy: how many judgements open tasks begin with."""
        ...


class Newcomers(Protocol):
    """Who wants to hear of members that come into projects, wired in by the composition root."""

    def on_members_added(self, tx: Transaction, *, project_ids: Sequence[str], member_id: str) -> None:
        """Follow a member who was added to projects."""
        ...


class ExampleBook(Protocol):
    """Which examples there are for the instructions; implemented by items."""

    def known_examples(self, tx: Transaction, *, project_id: str, example_ids: Collection[str]) -> set[str]:
        """Return those of the ids that are examples of the project."""
        ...


class LabelUsage(Protocol):
    """How often parts of the ontology are used by labels in force; implemented by labelling."""

    def count_label_use(self, tx: Transaction, *, project_id: str) -> OntologyUse:
        """Return the counts over the newest submissions of each author and the newest consensus of each task."""
        ...


@dataclass(frozen=True, slots=True)
class OntologyUse:
    """How many labels in force use each part of an ontology; parts without use are absent.

    Attributes:
        labellings: Labellings in force.
        classes: Objects by class id.
        geometries: Objects by (class id, geometry kind).
        attributes: Objects by (class id, attribute id); labellings by (None, question id).
        options: Objects by (class id, attribute id, option id); labellings by (None, question id, option id).
    """

    labellings: int = 0
    classes: Mapping[str, int] = field(default_factory=dict)
    geometries: Mapping[tuple[str, str], int] = field(default_factory=dict)
    attributes: Mapping[tuple[str | None, str], int] = field(default_factory=dict)
    options: Mapping[tuple[str | None, str, str], int] = field(default_factory=dict)


class Severity(StrEnum):
    """What a finding of the migration check means for the change."""

    INFO = "info"
    WARNING = "warning"
    BREAKING = "breaking"


class Remedy(StrEnum):
    """What a migration may say about labels in force that a change would break.

    ``map``: read them as another class, attribute or option; ``drop``: leave the object or value out; ``convert``:
    redraw the shape as a kind that the class still has; ``fill``: give the missing value; ``keep``: leave them as they
    are.
    """

    MAP = "map"
    DROP = "drop"
    CONVERT = "convert"
    FILL = "fill"
    KEEP = "keep"


class Subject(Model):
    """The part of an ontology that a finding or a rule is about.

    Attributes:
        class_id: The class; None for an item-level question.
        attribute_id: The attribute, or the question.
    """

    class_id: str | None = None
    geometry_kind: str | None = None
    attribute_id: str | None = None
    option_id: str | None = None

    def __str__(self) -> str:
        parts = [f"class {self.class_id!r}"] if self.class_id is not None else []
        if self.geometry_kind is not None:
            parts.append(f"shape {self.geometry_kind!r}")
        if self.attribute_id is not None:
            parts.append(f"{'question' if self.class_id is None else 'attribute'} {self.attribute_id!r}")
        if self.option_id is not None:
            parts.append(f"option {self.option_id!r}")
        return ", ".join(parts)


class Finding(Model):
    """One difference between two ontologies that concerns labels.

    Attributes:
        code: Kind of difference, such as ``class_removed``.
        severity: ``breaking`` refuses the change until a migration decides.
        subject: What it is about.
        what: The sentence people read.
        use_count: Labels in force that it touches.
        remedies: What a migration may say here; empty when nothing needs to be said.
        suggestion: The id to map to that looks right, when one does.
    """

    code: str
    severity: Severity
    subject: Subject
    what: str
    use_count: int
    remedies: tuple[Remedy, ...] = ()
    suggestion: str | None = None


class Rule(Model):
    """What a migration says about one finding.

    Attributes:
        subject: The finding's.
        action: One of the finding's remedies.
        to: For ``map``: the class, attribute or option id of the new ontology.
        value: For ``fill``: the value.
    """

    subject: Subject
    action: Remedy
    to: str | None = None
    value: AttributeValue | None = None


class Migration(Model):
    """How labels of the version before read in the new version; the labels themselves are never changed."""

    rules: list[Rule] = []


class Fault(Model):
    """One fault of a migration."""

    where: str
    what: str


class MigrationReport(Model):
    """What changing to another ontology would mean.

    Attributes:
        findings: Every difference that concerns labels, breaking ones first.
        faults: What the migration leaves open or says wrongly; the change is taken only when it is empty.
    """

    findings: list[Finding]
    faults: list[Fault]
