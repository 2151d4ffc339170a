"""The words of Scale's task API."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, NamedTuple


class TaskStatus(StrEnum):
    """Where a task stands, as customers are told."""

    PENDING = "pending"
    COMPLETED = "completed"
    CANCELED = "canceled"
    ERROR = "error"


class BatchStatus(StrEnum):
    """Where a batch stands; the first version of the API knows the first three."""

    STAGING = "staging"
    IN_PROGRESS = "in_progress"
    COMPLETED = "completed"
    PAUSED = "paused"
    CANCELLED = "cancelled"


class ReviewStatus(StrEnum):
    """What the customer said of a completed task."""

    PENDING = "pending"
    ACCEPTED = "accepted"
    FIXED = "fixed"
    COMMENTED = "commented"
    REJECTED = "rejected"


class Purpose(StrEnum):
    """What a task is for: work, a hidden known answer, or a lesson."""

    PRODUCTION = "production"
    EVALUATION = "evaluation"
    TRAINING = "training"


class Arrival(StrEnum):
    """Whether the files of a task are here."""

    WAITING = "waiting"
    THERE = "there"
    FAILED = "failed"


class Space(NamedTuple):
    """Whose data, and which half of it: live and test never meet."""

    workspace_id: str
    is_test: bool


@dataclass(frozen=True, slots=True)
class ProjectRow:
    """What is kept of a project.

    Attributes:
        name: By which scripts know it.
        type: Of its tasks.
        versions: Each version of its parameters, oldest first, with ``version`` and ``created_at``.
        options: ``rapid``, ``studio``, ``datasetId``, and the pipeline's, as they were given.
    """

    project_id: str
    space: Space
    name: str
    type: str
    versions: list[dict[str, Any]]
    options: Mapping[str, Any]
    created_ms: int
    is_archived: bool = False

    @property
    def params(self) -> dict[str, Any]:
        """The newest parameters, without what was added to tell versions apart."""
        newest = self.versions[-1] if self.versions else {}
        return {name: value for name, value in newest.items() if name not in ("version", "created_at")}


@dataclass(frozen=True, slots=True)
class BatchRow:
    """What is kept of a batch, with where it stands.

    Attributes:
        state: Of goldsmith's batch (open, paused, cancelled, staging), or of test mode.
        status: As customers are told; ``completed`` follows from the tasks.
        counts: Its tasks by status; statuses without tasks are absent.
        priority: Higher is handed out first.
    """

    batch_id: str
    space: Space
    project_id: str
    project_name: str
    name: str
    callback: str
    metadata: Mapping[str, Any]
    is_calibration: bool
    is_self_label: bool
    state: str
    status: BatchStatus
    priority: int
    created_ms: int
    finalized_ms: int | None
    completed_ms: int | None
    counts: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class TaskRow:
    """What is kept of a task, with where it stands.

    Attributes:
        task_id: Goldsmith's; None until its item is there, and in test mode.
        params: As they came, with what the project's parameters filled in.
        answers: ``expected_response`` and ``initial_response`` of evaluation and training tasks, and the task's own
            instruction.
        status: Derived from labelling.
        kept_response: The response of ``kept_version`` of the labels, JSON text, where it names files.
        canned: The labels of test mode, JSON text of a core ``Labelling``.
        is_canceled: Through the API; work that was cancelled in goldsmith shows in ``status`` alone.
        tags: In the order they were given.
    """

    scale_id: str
    space: Space
    project_id: str
    project_name: str
    batch_id: str | None
    batch_name: str | None
    task_id: str | None
    purpose: Purpose
    type: str
    params: dict[str, Any]
    answers: dict[str, Any]
    unique_id: str | None
    metadata: dict[str, Any]
    priority: int
    callback_url: str
    callback_succeeded: bool | None
    arrival: Arrival
    error: str
    status: TaskStatus
    canned: str | None
    kept_response: str | None
    kept_version: int | None
    review_status: ReviewStatus
    is_canceled: bool
    created_by: str
    created_ms: int
    updated_ms: int
    completed_ms: int | None
    tags: list[str]


class TaskFilter(NamedTuple):
    """Which tasks a page is about; None and empty leave a thing open. Times in ms, both ends included."""

    purpose: Purpose = Purpose.PRODUCTION
    project_id: str | None = None
    batch_id: str | None = None
    status: str | None = None
    type: str | None = None
    review_statuses: tuple[str, ...] = ()
    tags: tuple[str, ...] = ()
    unique_ids: tuple[str, ...] = ()
    created_from_ms: int | None = None
    created_to_ms: int | None = None
    completed_from_ms: int | None = None
    completed_to_ms: int | None = None
    updated_from_ms: int | None = None
    updated_to_ms: int | None = None
