"""What projects, batches and tasks are in the second version's words, which its clients read strictly."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any, Final

from goldsmith.compat.scale_v1.types import BatchRow, ProjectRow, TaskRow, TaskStatus
from goldsmith.compat.scale_v1.words import iso

ID_SEPARATOR: Final = "."
_CHOSEN: Final = frozenset({"category", "choice"})


def project_body(project: ProjectRow) -> dict[str, Any]:
    """Return a project."""
    return {
        "id": project.project_id,
        "name": project.name,
        "created_at": iso(project.created_ms),
        "types": [project.type],
    }


def batch_body(batch: BatchRow, project: ProjectRow | None) -> dict[str, Any]:
    """Return a batch; with its project where that is given, else with the project's id."""
    body = {
        "id": batch.batch_id,
        "name": batch.name,
        "project": batch.project_id if project is None else project_body(project),
        "created_at": iso(batch.created_ms),
        "status": batch.status.value,
        "metadata": dict(batch.metadata),
    }
    if batch.callback:
        body["callback"] = batch.callback
    if batch.completed_ms is not None:
        body["completed_at"] = iso(batch.completed_ms)
    return body


def task_body(
    task: TaskRow,
    response: Mapping[str, Any] | None,
    *,
    project: ProjectRow | None,
    batch: BatchRow | None,
    submissions: list[dict[str, str]] | None,
) -> dict[str, Any]:
    """Return a task: what was answered stands as annotations of its one thread.

    Args:
        task: The task.
        response: In the first version's words; None while there is none.
        project: Stands in it where it is given, else its id; likewise ``batch``.
        batch: See ``project``.
        submissions: Of the people who worked on it, where they were asked for.
    """
    body: dict[str, Any] = {
        "task_id": task.scale_id,
        "project": task.project_id if project is None else project_body(project),
        "status": task.status.value,
        "created_at": iso(task.created_ms),
        "metadata": task.metadata,
        "threads": [] if response is None else [thread_body(task, response, submissions)],
    }
    if task.batch_id is not None:
        body["batch"] = task.batch_id if batch is None else batch_body(batch, None)
    if task.status is TaskStatus.COMPLETED and task.completed_ms is not None:
        body["completed_at"] = iso(task.completed_ms)
    if task.status is TaskStatus.ERROR:
        body["errors"] = [{"message": task.error}]
    return body


def thread_body(
    task: TaskRow, response: Mapping[str, Any], submissions: list[dict[str, str]] | None
) -> dict[str, Any]:
    """Return the one thread of a completed task."""
    thread = {
        "id": f"{task.scale_id}{ID_SEPARATOR}thread",
        "turns": [],
        "annotations": list(annotations_of(task.scale_id, response)),
    }
    return thread if submissions is None else {**thread, "submissions": submissions}


def annotations_of(scale_id: str, response: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    """Yield the annotations of a response: one for each answer of a form, else one for each part of the response."""
    parts = response.get("annotations")
    if isinstance(parts, dict) and all(
        isinstance(part, dict) and "response" in part for part in parts.values()
    ):
        for key, part in parts.items():
            yield _annotation(scale_id, key, part["response"], kind=str(part.get("type") or ""))
        return
    for key, value in response.items():
        yield _annotation(scale_id, key, value, kind="category" if key in _CHOSEN else "")


def _annotation(scale_id: str, key: str, value: Any, *, kind: str) -> dict[str, Any]:
    told = _single(value)
    annotation = {"id": f"{scale_id}{ID_SEPARATOR}{key}", "key": key, "title": key}
    if isinstance(told, bool):
        return {**annotation, "type": "boolean", "value": told}
    if isinstance(told, int):
        return {**annotation, "type": "integer", "value": told}
    if isinstance(told, str):
        return {**annotation, "type": "category" if kind == "category" else "text", "value": told}
    if _is_texts(told) and kind == "category":
        return {**annotation, "type": "category_multiple", "value": told}
    return {**annotation, "type": "text", "value": json.dumps(told, ensure_ascii=False)}


def _single(value: Any) -> Any:
    """Return what is inside lists of one."""
    while isinstance(value, list) and len(value) == 1:
        value = value[0]
    return value


def _is_texts(value: Any) -> bool:
    return isinstance(value, list) and all(isinstance(entry, str) for entry in value)


def deep_merged(before: Mapping[str, Any], given: Mapping[str, Any]) -> dict[str, Any]:
    """Return metadata with what is given put into it, object by object."""
    merged = dict(before)
    for name, value in given.items():
        old = merged.get(name)
        both = isinstance(old, Mapping) and isinstance(value, Mapping)
        merged[name] = deep_merged(old, value) if both else value  # type: ignore[arg-type]
    return merged
