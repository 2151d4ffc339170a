"""What projects, batches and tasks are in Scale's answers; keys that say nothing are left out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

from goldsmith.compat.scale_v1.types import BatchRow, BatchStatus, ProjectRow, Purpose, TaskRow, TaskStatus
from goldsmith.compat.scale_v1.words import iso

CONSENSUS: Final = "consensus_task"
"""The pipeline of Studio in which several people work on each task."""
TOP_LEVEL: Final = frozenset(
    {
        "project",
        "batch",
        "instruction",
        "callback_url",
        "unique_id",
        "clear_unique_id_on_error",
        "metadata",
        "tags",
        "priority",
        "expected_response",
        "initial_response",
    }
)
"""Parameters of a task that do not stand under ``params`` in answers."""
_SHOWN: Final[Mapping[BatchStatus, BatchStatus]] = {
    BatchStatus.PAUSED: BatchStatus.IN_PROGRESS,
    BatchStatus.CANCELLED: BatchStatus.COMPLETED,
}
"""Statuses that the first version does not know."""


def project_body(project: ProjectRow) -> dict[str, Any]:
    """Return a project; its pipeline where it is Studio's, and whether it is archived."""
    options = project.options
    shown = {"pipelineName": options.get("pipeline"), "archived": project.is_archived or None}
    if options.get("pipeline") == CONSENSUS:
        shown["numConsensus"] = options.get("attempts")
    return {
        "name": project.name,
        "type": project.type,
        "param_history": project.versions,
        "created_at": iso(project.created_ms),
        **{name: value for name, value in shown.items() if value is not None},
    }


def first_version_status(status: BatchStatus) -> BatchStatus:
    """Return what the first version of the API says of a batch."""
    return _SHOWN.get(status, status)


def batch_body(batch: BatchRow) -> dict[str, Any]:
    """Return a batch."""
    return {
        "name": batch.name,
        "project": batch.project_name,
        "status": first_version_status(batch.status).value,
        "created_at": iso(batch.created_ms),
        "metadata": dict(batch.metadata),
        "callback": batch.callback,
        "calibration_batch": batch.is_calibration,
        "self_label_batch": batch.is_self_label,
    }


def task_body(
    task: TaskRow, response: Mapping[str, Any] | None, document_pages: Sequence[Mapping[str, int]] = ()
) -> dict[str, Any]:
    """Return a task; its parameters come back as they were sent."""
    body: dict[str, Any] = {
        "task_id": task.scale_id,
        "created_at": iso(task.created_ms),
        "updated_at": iso(task.updated_ms),
        "type": task.type,
        "status": task.status.value,
        "callback_url": task.callback_url,
        "instruction": task.params.get("instruction") or "",
        "project": task.project_name,
        "is_test": task.space.is_test,
        "metadata": task.metadata,
        "priority": task.priority,
        "urgency": "standard",
        "processed_attachments": [],
        "customer_review_status": task.review_status.value,
        "params": {name: value for name, value in task.params.items() if name not in TOP_LEVEL},
    }
    if task.status is TaskStatus.COMPLETED and task.completed_ms is not None:
        body["completed_at"] = iso(task.completed_ms)
    if task.status is TaskStatus.ERROR:
        body["error"] = task.error
    optional = {
        "batch": task.batch_name,
        "unique_id": task.unique_id,
        "tags": task.tags or None,
        "callback_succeeded": task.callback_succeeded,
        "response": response,
        "document_pages": document_pages or None,
        **_known_answer(task),
    }
    return body | {name: value for name, value in optional.items() if value is not None}


def _known_answer(task: TaskRow) -> dict[str, Any]:
    """Return what a task with a known answer says of it."""
    if task.purpose is Purpose.PRODUCTION:
        return {}
    return {
        "purpose": task.purpose.value,
        "expected_response": task.answers.get("expected_response"),
        "initial_response": task.answers.get("initial_response"),
    }


def limited_body(task: TaskRow) -> dict[str, Any]:
    """Return the few words of a task that ``limited_response`` asks for."""
    return {
        "task_id": task.scale_id,
        "status": task.status.value,
        "metadata": task.metadata,
        "project": task.project_name,
        "otherVersion": None,
    }
