"""SQL of what is done to many items at once."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any, Final

import sqlalchemy as sa
from pydantic import TypeAdapter

from goldsmith.items.store.grid import chosen_statement
from goldsmith.items.tables import changes
from goldsmith.items.types.changes import Change, ChangeRow
from goldsmith.items.types.grid import GridFilter
from goldsmith.platform.database import Row, Sql, Transaction, prepared

_CHANGE: Final[TypeAdapter[Change]] = TypeAdapter(Change)
_COLUMNS: Final = ", ".join(ChangeRow._fields)
_INSERT: Final = prepared(sa.insert(changes))
_ONE: Final = Sql(f"SELECT {_COLUMNS} FROM changes WHERE change_id = :change_id")  # noqa: S608  constants
_LIST: Final = Sql(
    f"SELECT {_COLUMNS} FROM changes WHERE project_id = :project_id AND change_id < :before "  # noqa: S608
    "ORDER BY change_id DESC LIMIT :limit"
)
_FREEZE_NAMED: Final = (
    "INSERT INTO change_tasks (change_id, number, task_id) SELECT :change_id, row_number() OVER (ORDER BY t.task_id), "
    "t.task_id FROM tasks t WHERE t.project_id = :project_id AND t.item_deleted_ms IS {deleted} AND t.task_id "
)
_MEMBERS: Final = (
    "IN (SELECT value FROM json_each(:ids))",
    "= ANY (ARRAY(SELECT json_array_elements_text(CAST(:ids AS json))))",
)
_FREEZE: Final = {
    is_deleted: Sql(
        _FREEZE_NAMED.format(deleted=word) + _MEMBERS[0],
        postgresql=_FREEZE_NAMED.format(deleted=word) + _MEMBERS[1],
    )
    for is_deleted, word in ((False, "NULL"), (True, "NOT NULL"))
}
_START: Final = Sql("UPDATE changes SET total = :total, job_id = :job_id WHERE change_id = :change_id")
_PORTION: Final = Sql(
    "SELECT number, task_id, before FROM change_tasks WHERE change_id = :change_id AND number > :after "
    "ORDER BY number LIMIT :limit"
)
_NOTE_BEFORE: Final = (
    "UPDATE change_tasks SET before = v.before FROM ({rows}) AS v "
    "WHERE change_tasks.change_id = :change_id AND change_tasks.number = v.number"
)
_ADVANCE: Final = Sql(
    "UPDATE changes SET settled = :settled, changed = changed + :changed WHERE change_id = :change_id"
)
_FINISH: Final = Sql(
    "UPDATE changes SET finished_ms = :now_ms WHERE change_id = :change_id AND finished_ms IS NULL"
)
_BEGIN_UNDO: Final = Sql(
    "UPDATE changes SET undone_by = :by, job_id = :job_id, settled = 0 WHERE change_id = :change_id"
)
_FINISH_UNDO: Final = Sql("UPDATE changes SET undone_ms = :now_ms WHERE change_id = :change_id")
_NOTE: Final = Sql(
    _NOTE_BEFORE.format(
        rows="SELECT json_extract(value, '$[0]') AS number, json_extract(value, '$[1]') AS before "
        "FROM json_each(:rows)"
    ),
    postgresql=_NOTE_BEFORE.format(
        rows="SELECT CAST(value ->> 0 AS integer) AS number, value ->> 1 AS before "
        "FROM json_array_elements(CAST(:rows AS json))"
    ),
)
_BURY: Final = "UPDATE items SET deleted_ms = :now_ms WHERE deleted_ms IS {was} AND item_id IN ({of})"
_ITEMS_OF: Final = "SELECT t.item_id FROM tasks t WHERE t.task_id {named}"
_TURN: Final = {
    is_deleted: Sql(
        _BURY.format(was=was, of=_ITEMS_OF.format(named=_MEMBERS[0])) + " RETURNING item_id",
        postgresql=_BURY.format(was=was, of=_ITEMS_OF.format(named=_MEMBERS[1])) + " RETURNING item_id",
    )
    for is_deleted, was in ((True, "NULL"), (False, "NOT NULL"))
}
_TASK_OF_ITEM: Final = "SELECT t.item_id, t.task_id FROM tasks t WHERE t.task_id {named}"
_TASKS: Final = Sql(
    _TASK_OF_ITEM.format(named=_MEMBERS[0]), postgresql=_TASK_OF_ITEM.format(named=_MEMBERS[1])
)


def insert_change(tx: Transaction, row: ChangeRow) -> None:
    """Store a new change."""
    tx.run(_INSERT, {**row._asdict(), "change": _CHANGE.dump_json(row.change).decode()})


def freeze_named(
    tx: Transaction, *, change_id: str, project_id: str, task_ids: Sequence[str], are_deleted: bool
) -> int:
    """Keep those of the named tasks that are of the project and there; return how many."""
    params = {"change_id": change_id, "project_id": project_id, "ids": json.dumps(list(task_ids))}
    return tx.run(_FREEZE[are_deleted], params)


def freeze_filtered(tx: Transaction, *, change_id: str, project_id: str, wanted: GridFilter) -> int:
    """Keep the tasks of all items that fit; return how many."""
    statement, params = chosen_statement(wanted)
    return tx.run(statement, {**params, "change_id": change_id, "project_id": project_id})


def start(tx: Transaction, *, change_id: str, total: int, job_id: str | None) -> None:
    """Note how many were chosen, and who does it."""
    tx.run(_START, {"change_id": change_id, "total": total, "job_id": job_id})


def find_change(tx: Transaction, change_id: str) -> ChangeRow | None:
    """Return a change, or None."""
    row = tx.first(_ONE, {"change_id": change_id})
    return None if row is None else _change(row)


def list_changes(tx: Transaction, *, project_id: str, before: str, limit: int) -> list[ChangeRow]:
    """Return the changes of a project, newest first."""
    params = {"project_id": project_id, "before": before, "limit": limit}
    return [_change(row) for row in tx.all(_LIST, params)]


def list_portion(
    tx: Transaction, *, change_id: str, after: int, limit: int
) -> list[tuple[int, str, dict[str, Any] | None]]:
    """Return (number, task_id, what stood before) of the next tasks of a change."""
    rows = tx.all(_PORTION, {"change_id": change_id, "after": after, "limit": limit})
    return [
        (row["number"], row["task_id"], None if row["before"] is None else json.loads(row["before"]))
        for row in rows
    ]


def note_before(tx: Transaction, *, change_id: str, before: Mapping[int, Any]) -> None:
    """Keep what stood before, by the number of the task; None once it was taken back."""
    if before:
        rows = [[number, None if entry is None else json.dumps(entry)] for number, entry in before.items()]
        tx.run(_NOTE, {"change_id": change_id, "rows": json.dumps(rows)})


def advance(tx: Transaction, *, change_id: str, settled: int, changed: int) -> None:
    """Note how far a change came."""
    tx.run(_ADVANCE, {"change_id": change_id, "settled": settled, "changed": changed})


def finish(tx: Transaction, *, change_id: str, now_ms: int) -> None:
    """Note that a change is through."""
    tx.run(_FINISH, {"change_id": change_id, "now_ms": now_ms})


def begin_undo(tx: Transaction, *, change_id: str, by: str, job_id: str | None) -> None:
    """Note that a change is taken back."""
    tx.run(_BEGIN_UNDO, {"change_id": change_id, "by": by, "job_id": job_id})


def finish_undo(tx: Transaction, *, change_id: str, now_ms: int) -> None:
    """Note that a change was taken back."""
    tx.run(_FINISH_UNDO, {"change_id": change_id, "now_ms": now_ms})


def turn_items(tx: Transaction, task_ids: Sequence[str], *, deleted_ms: int | None) -> dict[str, str]:
    """Delete the items of tasks, or with None bring them back; return the items that changed, by task."""
    ids = json.dumps(list(task_ids))
    turned = {
        row["item_id"] for row in tx.all(_TURN[deleted_ms is not None], {"ids": ids, "now_ms": deleted_ms})
    }
    rows = tx.all(_TASKS, {"ids": ids})
    return {row["task_id"]: row["item_id"] for row in rows if row["item_id"] in turned}


def _change(row: Row) -> ChangeRow:
    values = {name: row[name] for name in ChangeRow._fields}
    return ChangeRow(**{**values, "change": _CHANGE.validate_json(row["change"])})
