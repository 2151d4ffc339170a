"""SQL of tasks: a page with its tags is three statements, however long it is."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any, Final

import sqlalchemy as sa

from goldsmith.compat.scale_v1.store.lists import as_list, in_list
from goldsmith.compat.scale_v1.store.projects import space_of
from goldsmith.compat.scale_v1.store.status import REVIEW_STATUS, TASK_STATUS
from goldsmith.compat.scale_v1.tables import scale_task_tags, scale_tasks
from goldsmith.compat.scale_v1.task_types.types import ItemFacts
from goldsmith.compat.scale_v1.types import (
    Arrival,
    Purpose,
    ReviewStatus,
    Space,
    TaskFilter,
    TaskRow,
    TaskStatus,
)
from goldsmith.items.api import ItemKind, PageArea, pages_of_body
from goldsmith.platform.database import BulkInsert, Row, Sql, Transaction, prepared

_INSERT: Final = prepared(sa.insert(scale_tasks))
_INSERT_TAGS: Final = BulkInsert(scale_task_tags, ("scale_id", "tag", "number"))
_FROM: Final = "FROM scale_tasks s LEFT JOIN tasks t ON t.task_id = s.task_id "
_COLUMNS: Final = (
    f"SELECT s.*, p.name AS project_name, b.name AS batch_name, {TASK_STATUS} AS status, "
    f"{REVIEW_STATUS} AS review_status {_FROM} JOIN scale_projects p ON p.project_id = s.project_id "
    "LEFT JOIN scale_batches b ON b.batch_id = s.batch_id "
)
_OWN: Final = "WHERE s.workspace_id = :workspace_id AND s.is_test = :is_test "
_BY_ID: Final = Sql(f"{_COLUMNS} {_OWN} AND s.scale_id = :scale_id")
_ANY: Final = Sql(f"{_COLUMNS} WHERE s.scale_id = :scale_id")
_LOCK: Final = Sql(
    "SELECT 1 AS found FROM scale_tasks WHERE scale_id = :scale_id",
    postgresql="SELECT 1 AS found FROM scale_tasks WHERE scale_id = :scale_id FOR UPDATE",
)
# By the id alone first: while the table is new, PostgreSQL would as soon walk through all tasks of the workspace.
_UNIQUE_TAKEN: Final = Sql(
    f"WITH s AS MATERIALIZED (SELECT * FROM scale_tasks WHERE unique_id = :unique_id) SELECT s.scale_id FROM s {_OWN}"  # noqa: S608
)
_OF_TASKS: Final = tuple(f"{_COLUMNS} WHERE s.task_id {values}" for values in in_list("task_ids"))
_BY_TASK_IDS: Final = Sql(_OF_TASKS[0], postgresql=_OF_TASKS[1])
_TAGS_OF: Final = tuple(
    f"SELECT scale_id, tag FROM scale_task_tags WHERE scale_id {values} ORDER BY scale_id, number, tag"  # noqa: S608
    for values in in_list("scale_ids")
)
_TAGS: Final = Sql(_TAGS_OF[0], postgresql=_TAGS_OF[1])
_DELETE_TAGS: Final = Sql("DELETE FROM scale_task_tags WHERE scale_id = :scale_id")
_NOTE_DONE: Final = Sql(
    "UPDATE scale_tasks SET completed_ms = :now_ms, updated_ms = :now_ms, told_version = :version, "
    "told_review = NULL "
    "WHERE scale_id = :scale_id AND told_version <> :version"
)
_PRIORITIES: Final = Sql(
    "SELECT task_id, priority FROM scale_tasks WHERE batch_id = :batch_id AND priority <> 0 AND task_id IS NOT NULL"
)
_COUNT_KNOWN: Final = Sql(
    "SELECT COUNT(*) AS number FROM scale_tasks "
    "WHERE project_id = :project_id AND purpose = :purpose AND task_id IS NOT NULL"
)
_FACTS: Final = tuple(
    "SELECT i.item_id, i.kind, i.width_px, i.height_px, m.body, "  # noqa: S608  constants
    "(SELECT COALESCE(SUM(n.active_ms), 0) FROM tasks t JOIN submissions n ON n.task_id = t.task_id "
    "AND n.is_newest = 1 AND n.kind IN ('human', 'fix') WHERE t.item_id = i.item_id) AS active_ms "
    "FROM items i LEFT JOIN media m ON m.workspace_id = i.workspace_id AND m.sha256 = i.sha256 "
    "AND (i.kind = 'text' OR i.kind = 'document' AND i.width_px > 0) "
    f"WHERE i.item_id {values}"
    for values in in_list("item_ids")
)
_ITEM_FACTS: Final = Sql(_FACTS[0], postgresql=_FACTS[1])
_SUBMISSIONS_OF: Final = tuple(
    "SELECT task_id, member_id, created_ms FROM submissions "  # noqa: S608  constants
    "WHERE kind = 'human' AND is_newest = 1 AND member_id IS NOT NULL "
    f"AND task_id {values} ORDER BY submission_id"
    for values in in_list("task_ids")
)
_SUBMISSIONS: Final = Sql(_SUBMISSIONS_OF[0], postgresql=_SUBMISSIONS_OF[1])
_NOTE_CHANGED: Final = Sql("UPDATE scale_tasks SET updated_ms = :now_ms WHERE scale_id = :scale_id")
_BOUNDS: Final = {
    "project_id": "s.project_id = :project_id",
    "batch_id": "s.batch_id = :batch_id",
    "status": f"{TASK_STATUS} = :status",
    "type": "s.type = :type",
    "created_from_ms": "s.created_ms >= :created_from_ms",
    "created_to_ms": "s.created_ms <= :created_to_ms",
    "completed_from_ms": "s.completed_ms >= :completed_from_ms",
    "completed_to_ms": "s.completed_ms <= :completed_to_ms",
    "updated_from_ms": "s.updated_ms >= :updated_from_ms",
    "updated_to_ms": "s.updated_ms <= :updated_to_ms",
}
_LISTS: Final = {
    "review_statuses": f"{REVIEW_STATUS} ",
    "unique_ids": "s.unique_id ",
    "tags": "EXISTS (SELECT 1 FROM scale_task_tags g WHERE g.scale_id = s.scale_id AND g.tag ",
}


def insert_task(tx: Transaction, row: Mapping[str, Any], *, tags: Sequence[str]) -> None:
    """Store a task with its tags; a ``unique_id`` that is taken raises ConflictError."""
    tx.run(_INSERT, row)
    _INSERT_TAGS.run(tx, [(row["scale_id"], tag, number) for number, tag in enumerate(tags)])


def find_task(tx: Transaction, space: Space, scale_id: str) -> TaskRow | None:
    """Return the task with its tags, or None."""
    row = tx.first(_BY_ID, {**space_of(space), "scale_id": scale_id})
    return None if row is None else _with_tags(tx, [row])[0]


def find_any(tx: Transaction, scale_id: str) -> TaskRow | None:
    """Return the task, whosesoever it is, with its tags, or None."""
    row = tx.first(_ANY, {"scale_id": scale_id})
    return None if row is None else _with_tags(tx, [row])[0]


def find_by_tasks(tx: Transaction, task_ids: Sequence[str]) -> list[TaskRow]:
    """Return those of goldsmith's tasks that came through this protocol, without tags, by one statement."""
    return [_task(row, []) for row in tx.all(_BY_TASK_IDS, {"task_ids": as_list(task_ids)})]


def lock_task(tx: Transaction, scale_id: str) -> None:
    """Hold a task: nobody else changes it until the transaction ends."""
    tx.first(_LOCK, {"scale_id": scale_id})


def is_unique_id_taken(tx: Transaction, space: Space, unique_id: str) -> bool:
    """Say whether another task has this key."""
    return tx.first(_UNIQUE_TAKEN, {**space_of(space), "unique_id": unique_id}) is not None


def list_tasks(
    tx: Transaction, space: Space, wanted: TaskFilter, *, before: str, limit: int
) -> list[TaskRow]:
    """Return a page of tasks, newest first, from after the id ``before`` (empty for the first page)."""
    clause, params = _where(tx.dialect, space, wanted)
    if before:
        clause += " AND s.scale_id < :before"
        params["before"] = before
    text = f"{_COLUMNS} {clause} ORDER BY s.scale_id DESC LIMIT :limit"
    return _with_tags(tx, tx.all(Sql(text), {**params, "limit": limit}))


def count_tasks(tx: Transaction, space: Space, wanted: TaskFilter) -> int:
    """Return how many tasks fit, whatever the page."""
    clause, params = _where(tx.dialect, space, wanted)
    return int(tx.scalar(Sql(f"SELECT COUNT(*) AS number {_FROM} {clause}"), params))


def priorities_of(tx: Transaction, batch_id: str) -> dict[int, list[str]]:
    """Return goldsmith's tasks of a batch that have a priority of their own, by it."""
    found: dict[int, list[str]] = {}
    for row in tx.all(_PRIORITIES, {"batch_id": batch_id}):
        found.setdefault(row["priority"], []).append(row["task_id"])
    return found


def count_known(tx: Transaction, project_id: str, *, purpose: Purpose) -> int:
    """Return how many tasks of a purpose a project has in goldsmith."""
    return int(tx.scalar(_COUNT_KNOWN, {"project_id": project_id, "purpose": purpose.value}))


def change_task(tx: Transaction, scale_id: str, **values: Any) -> None:
    """Set columns of a task; a ``unique_id`` that is taken raises ConflictError."""
    tx.run(sa.update(scale_tasks).where(scale_tasks.c.scale_id == scale_id).values(**values))


def put_tags(tx: Transaction, scale_id: str, tags: Sequence[str]) -> None:
    """Make these the tags of a task."""
    tx.run(_DELETE_TAGS, {"scale_id": scale_id})
    _INSERT_TAGS.run(tx, [(scale_id, tag, number) for number, tag in enumerate(tags)])


def item_facts(tx: Transaction, item_ids: Sequence[str]) -> dict[str, ItemFacts]:
    """Return what responses say of items, by item id, by one statement."""
    if not item_ids:
        return {}
    return {
        row["item_id"]: ItemFacts(
            width_px=row["width_px"],
            height_px=row["height_px"],
            text=(row["body"] or "") if row["kind"] == ItemKind.TEXT else "",
            active_s=round(row["active_ms"] / 1000),
            pages=_pages_of(row),
        )
        for row in tx.all(_ITEM_FACTS, {"item_ids": as_list(item_ids)})
    }


def _pages_of(row: Row) -> tuple[PageArea, ...]:
    if row["kind"] == ItemKind.IMAGE:
        return (PageArea(top=0, width=row["width_px"], height=row["height_px"]),)
    is_paged = row["kind"] == ItemKind.DOCUMENT and row["body"] is not None
    return pages_of_body(row["body"]) if is_paged else ()


def submissions_of(tx: Transaction, task_ids: Sequence[str]) -> dict[str, list[tuple[str, int]]]:
    """Return (member id, time in ms) of what people handed in, by goldsmith's task, by one statement."""
    found: dict[str, list[tuple[str, int]]] = {}
    for row in tx.all(_SUBMISSIONS, {"task_ids": as_list(task_ids)}):
        found.setdefault(row["task_id"], []).append((row["member_id"], row["created_ms"]))
    return found


def note_done(tx: Transaction, scale_id: str, *, version: int, now_ms: int) -> bool:
    """Note that a task is completed with a version of the consensus; False when that was told before."""
    return tx.run(_NOTE_DONE, {"scale_id": scale_id, "version": version, "now_ms": now_ms}) == 1


def note_changed(tx: Transaction, scale_ids: Sequence[str], *, now_ms: int) -> None:
    """Note that something about tasks is other than before."""
    tx.many(_NOTE_CHANGED, [{"scale_id": scale_id, "now_ms": now_ms} for scale_id in scale_ids])


def _where(dialect: str, space: Space, wanted: TaskFilter) -> tuple[str, dict[str, Any]]:
    params: dict[str, Any] = space_of(space)
    params["purpose"] = wanted.purpose.value
    parts = [_OWN, "AND s.purpose = :purpose"]
    for name, clause in _BOUNDS.items():
        value = getattr(wanted, name)
        if value is not None:
            parts.append(f"AND {clause}")
            params[name] = value
    for name, clause in _LISTS.items():
        values = getattr(wanted, name)
        if values:
            ends = ")" if name == "tags" else ""
            parts.append(f"AND {clause}{in_list(name)[dialect == 'postgresql']}{ends}")
            params[name] = as_list(values)
    return " ".join(parts), params


def _with_tags(tx: Transaction, rows: Sequence[Row]) -> list[TaskRow]:
    if not rows:
        return []
    tags: dict[str, list[str]] = {}
    for row in tx.all(_TAGS, {"scale_ids": as_list(row["scale_id"] for row in rows)}):
        tags.setdefault(row["scale_id"], []).append(row["tag"])
    return [_task(row, tags.get(row["scale_id"], [])) for row in rows]


def _task(row: Row, tags: list[str]) -> TaskRow:
    told = row["callback_succeeded"]
    return TaskRow(
        scale_id=row["scale_id"],
        space=Space(row["workspace_id"], bool(row["is_test"])),
        project_id=row["project_id"],
        project_name=row["project_name"],
        batch_id=row["batch_id"],
        batch_name=row["batch_name"],
        task_id=row["task_id"],
        purpose=Purpose(row["purpose"]),
        type=row["type"],
        params=json.loads(row["params"]),
        answers=json.loads(row["answers"]),
        unique_id=row["unique_id"],
        metadata=json.loads(row["metadata"]),
        priority=row["priority"],
        callback_url=row["callback_url"],
        callback_succeeded=None if told is None else bool(told),
        arrival=Arrival(row["arrival"]),
        error=row["error"],
        status=TaskStatus(row["status"]),
        canned=row["canned"],
        kept_response=row["kept_response"],
        kept_version=row["kept_version"],
        review_status=ReviewStatus(row["review_status"]),
        is_canceled=row["canceled_ms"] is not None,
        created_by=row["created_by"],
        created_ms=row["created_ms"],
        updated_ms=row["updated_ms"],
        completed_ms=row["completed_ms"],
        tags=tags,
    )
