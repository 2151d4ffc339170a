"""What a project is: its versioned documents, its batches, and what it asks of the steps above."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Annotated, Any, Final, Protocol

from pydantic import Field

from goldsmith.core.model import Model
from goldsmith.core.ontology import Name, Ontology
from goldsmith.platform.database import Transaction

DEFAULT_BATCH: Final = "Default"
"""Name of the batch that takes items sent without one."""

Reason = Annotated[str, Field(min_length=1, max_length=200)]
Reasons = Annotated[list[Reason], Field(min_length=1, max_length=50)]


class Aspect(StrEnum):
    """The documents of a project that are kept as versions."""

    ONTOLOGY = "ontology"
    INSTRUCTIONS = "instructions"
    WORKFLOW = "workflow"


class ProjectState(StrEnum):
    """Whether work is handed out."""

    ACTIVE = "active"
    PAUSED = "paused"
    ARCHIVED = "archived"


class BatchState(StrEnum):
    """Whether the tasks of a batch are handed out."""

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
        posterior_below: ``flagged`` asks for tasks that hold an object with a posterior under this, in [0, 1].
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


class Project(Model):
    """One labelling goal.

    Attributes:
        ontology_version: Newest version of the ontology, from 1; likewise the other two.
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
    created_by: str
    created_ms: int
    archived_ms: int | None = None


@dataclass(frozen=True, slots=True)
class ProjectSetup:
    """A project with its newest ontology and workflow, read by one statement."""

    project: Project
    ontology: Ontology
    workflow: Workflow


class Batch(Model):
    """Items sent together.

    Attributes:
        priority: Higher is handed out first.
        origin: Why it was made, such as ``{"kind": "evaluation", "evaluation_id": ...}``; empty for plain imports.
    """

    batch_id: str
    project_id: str
    name: Name
    priority: int
    state: BatchState
    origin: dict[str, Any]
    created_by: str
    created_ms: int


class Version(Model):
    """One version of one document of a project, without its body."""

    aspect: Aspect
    version: int
    note: str
    created_by: str
    created_ms: int


class WorkControl(Protocol):
    """What projects ask of labelling, wired in by the composition root."""

    def on_batch_changed(self, tx: Transaction, *, batch: Batch) -> None:
        """Follow a changed priority or state of a batch: its open tasks are reordered, held back or cancelled."""
        ...

    def on_project_changed(self, tx: Transaction, *, project: Project) -> None:
        """Follow a pause, a resume or the archiving of a project."""
        ...

    def on_workflow_changed(
        self, tx: Transaction, *, project_id: str, before: Workflow, after: Workflow
    ) -> None:
        """Follow a changed workflow: overlap of open tasks, order, ..."""
        ...


class LabelUsage(Protocol):
    """How often parts of the ontology are used by labels in force; implemented by labelling."""

    def count_label_use(self, tx: Transaction, *, project_id: str) -> OntologyUse:
        """Return the counts of use in the newest submissions and consensus of the project."""
        ...


@dataclass(frozen=True, slots=True)
class OntologyUse:
    """Counts of labels in force that use each part of an ontology; parts without use are absent.

    Attributes:
        classes: Objects by class id.
        geometries: Objects by (class id, geometry kind).
        attributes: Objects by (class id, attribute id).
        options: Objects by (class id, attribute id, option id).
        questions: Items by question id.
        question_options: Items by (question id, option id).
    """

    classes: Mapping[str, int]
    geometries: Mapping[tuple[str, str], int]
    attributes: Mapping[tuple[str, str], int]
    options: Mapping[tuple[str, str, str], int]
    questions: Mapping[str, int]
    question_options: Mapping[tuple[str, str], int]


NOTHING_USED: Final = OntologyUse({}, {}, {}, {}, {}, {})


class Severity(StrEnum):
    """What a finding of the migration check means for the change."""

    INFO = "info"
    WARNING = "warning"
    BREAKING = "breaking"


class Finding(Model):
    """One difference between two ontologies that concerns labels.

    Attributes:
        code: Kind of difference, such as ``class_removed``.
        severity: ``breaking`` refuses the change until the migration decides.
        where: The part of the old ontology it is about, such as ``classes.car.attributes.colour``.
        what: The sentence people read.
        use_count: Labels in force that it touches.
        remedies: What a migration may say here: ``map`` and ``drop``; empty when only the ontology can be mended.
    """

    code: str
    severity: Severity
    where: str
    what: str
    use_count: int
    remedies: Sequence[str] = ()
