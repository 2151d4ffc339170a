"""SQL of batches."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any, Final, NamedTuple

import sqlalchemy as sa

from goldsmith.compat.scale_v1.store.lists import as_list, in_list
from goldsmith.compat.scale_v1.store.projects import space_of
from goldsmith.compat.scale_v1.store.status import BATCH_PRIORITY, BATCH_STATE, BATCH_STATUS, TASK_STATUS
from goldsmith.compat.scale_v1.tables import scale_batches
from goldsmith.compat.scale_v1.types import BatchRow, BatchStatus, Space
from goldsmith.platform.database import Row, Sql, Transaction, prepared

_INSERT: Final = prepared(sa.insert(scale_batches))
_FROM: Final = (
    "FROM scale_batches b JOIN scale_projects p ON p.project_id = b.project_id "
    "LEFT JOIN batches gb ON gb.batch_id = b.batch_id LEFT JOIN projects gp ON gp.project_id = b.project_id "
)
_COLUMNS: Final = (
    f"SELECT b.*, p.name AS project_name, {BATCH_STATE} AS state, {BATCH_STATUS} AS status, "
    f"{BATCH_PRIORITY} AS priority {_FROM}"
)
_OWN: Final = "WHERE b.workspace_id = :workspace_id AND b.is_test = :is_test "
_BY_NAME: Final = Sql(f"{_COLUMNS} {_OWN} AND b.name = :name")
_BY_ID: Final = Sql(f"{_COLUMNS} {_OWN} AND b.batch_id = :batch_id")
_ANY: Final = Sql(f"{_COLUMNS} WHERE b.batch_id = :batch_id")
_BY_ID_LIST: Final = tuple(f"{_COLUMNS} {_OWN} AND b.batch_id {ids}" for ids in in_list("batch_ids"))
_BY_IDS: Final = Sql(_BY_ID_LIST[0], postgresql=_BY_ID_LIST[1])
_WANTED: Final = {
    "project_id": "b.project_id = :project_id",
    "status": "status = :status",
    "created_from_ms": "b.created_ms >= :created_from_ms",
    "created_to_ms": "b.created_ms <= :created_to_ms",
    "completed_from_ms": "b.completed_ms >= :completed_from_ms",
    "completed_to_ms": "b.completed_ms <= :completed_to_ms",
}
_COUNTS: Final = tuple(
    f"SELECT s.batch_id, {TASK_STATUS} AS status, COUNT(*) AS number FROM scale_tasks s "  # noqa: S608  constants
    "LEFT JOIN tasks t ON t.task_id = s.task_id "
    f"WHERE s.batch_id {values} AND s.purpose = 'production' GROUP BY s.batch_id, {TASK_STATUS}"
    for values in in_list("batch_ids")
)
_COUNT_STATUSES: Final = Sql(_COUNTS[0], postgresql=_COUNTS[1])
_FINISHED: Final = tuple(
    f"SELECT b.batch_id FROM scale_batches b LEFT JOIN batches gb ON gb.batch_id = b.batch_id "  # noqa: S608
    f"WHERE b.batch_id {values} AND b.completed_ms IS NULL AND {BATCH_STATUS} = 'completed'"
    for values in in_list("batch_ids")
)
_FINISHED_BATCHES: Final = Sql(_FINISHED[0], postgresql=_FINISHED[1])


_CANCEL_PENDING: Final = Sql(
    "UPDATE scale_tasks SET canceled_ms = :now_ms, updated_ms = :now_ms WHERE scale_id IN "  # noqa: S608  constants
    "(SELECT s.scale_id FROM scale_tasks s LEFT JOIN tasks t ON t.task_id = s.task_id "
    f"WHERE s.batch_id = :batch_id AND s.purpose = 'production' AND {TASK_STATUS} = 'pending')"
)
_PENDING: Final = Sql(
    f"SELECT * FROM ({_COLUMNS} {_OWN}) page WHERE status NOT IN ('completed', 'cancelled') "  # noqa: S608
    "ORDER BY priority DESC, created_ms, batch_id"
)


class BatchFilter(NamedTuple):
    """Which batches a page is about; None leaves a thing open."""

    project_id: str | None = None
    status: BatchStatus | None = None
    created_from_ms: int | None = None
    created_to_ms: int | None = None
    completed_from_ms: int | None = None
    completed_to_ms: int | None = None
    without_archived: bool = False


def insert_batch(tx: Transaction, batch: BatchRow) -> None:
    """Store a batch; a name that is taken raises ConflictError."""
    tx.run(
        _INSERT,
        {
            "batch_id": batch.batch_id,
            **space_of(batch.space),
            "project_id": batch.project_id,
            "name": batch.name,
            "callback": batch.callback,
            "metadata": json.dumps(dict(batch.metadata), ensure_ascii=False),
            "is_calibration": int(batch.is_calibration),
            "is_self_label": int(batch.is_self_label),
            "test_state": batch.state if batch.space.is_test else None,
            "created_ms": batch.created_ms,
            "finalized_ms": batch.finalized_ms,
        },
    )


def find_by_name(tx: Transaction, space: Space, name: str) -> BatchRow | None:
    """Return the batch of that name, without its counts, or None."""
    row = tx.first(_BY_NAME, {**space_of(space), "name": name})
    return None if row is None else _batch(row)


def find_by_id(tx: Transaction, space: Space, batch_id: str) -> BatchRow | None:
    """Return the batch, without its counts, or None."""
    row = tx.first(_BY_ID, {**space_of(space), "batch_id": batch_id})
    return None if row is None else _batch(row)


def find_by_ids(tx: Transaction, space: Space, batch_ids: Sequence[str]) -> dict[str, BatchRow]:
    """Return batches by id, by one statement; unknown ones are left out."""
    if not batch_ids:
        return {}
    rows = tx.all(_BY_IDS, {**space_of(space), "batch_ids": as_list(batch_ids)})
    return {row["batch_id"]: _batch(row) for row in rows}


def find_any(tx: Transaction, batch_id: str) -> BatchRow | None:
    """Return the batch, whosesoever it is, without its counts, or None."""
    row = tx.first(_ANY, {"batch_id": batch_id})
    return None if row is None else _batch(row)


def list_batches(
    tx: Transaction, space: Space, wanted: BatchFilter, *, limit: int, offset: int
) -> tuple[list[BatchRow], int]:
    """Return a page of batches, newest first, without their counts, and how many there are in all."""
    where, params = _where(space, wanted)
    rows = tx.all(
        Sql(f"SELECT * FROM ({_COLUMNS} {where[0]}) page {where[1]} "  # noqa: S608  constants
            "ORDER BY created_ms DESC, batch_id DESC LIMIT :limit OFFSET :offset"),
        {**params, "limit": limit, "offset": offset},
    )  # fmt: skip
    total = tx.scalar(
        Sql(f"SELECT COUNT(*) AS number FROM ({_COLUMNS} {where[0]}) page {where[1]}"),  # noqa: S608  constants
        params,
    )
    return [_batch(row) for row in rows], int(total)


def list_pending(tx: Transaction, space: Space) -> list[BatchRow]:
    """Return the batches that are not completed, in the order in which they are handed out."""
    return [_batch(row) for row in tx.all(_PENDING, space_of(space))]


def count_tasks(tx: Transaction, batch_ids: Sequence[str]) -> dict[str, dict[str, int]]:
    """Return how many tasks of each batch stand where, by one statement."""
    counts: dict[str, dict[str, int]] = {batch_id: {} for batch_id in batch_ids}
    for row in tx.all(_COUNT_STATUSES, {"batch_ids": as_list(batch_ids)}):
        counts[row["batch_id"]][row["status"]] = row["number"]
    return counts


def change_batch(tx: Transaction, batch_id: str, **values: Any) -> None:
    """Set columns of a batch."""
    tx.run(sa.update(scale_batches).where(scale_batches.c.batch_id == batch_id).values(**values))


def cancel_pending(tx: Transaction, batch_id: str, *, now_ms: int) -> None:
    """Note that the customer canceled what is pending in a batch."""
    tx.run(_CANCEL_PENDING, {"batch_id": batch_id, "now_ms": now_ms})


def finished_of(tx: Transaction, batch_ids: Sequence[str]) -> list[str]:
    """Return those of the batches that are completed and whose end was not told yet."""
    return [row["batch_id"] for row in tx.all(_FINISHED_BATCHES, {"batch_ids": as_list(batch_ids)})]


def _where(space: Space, wanted: BatchFilter) -> tuple[tuple[str, str], Mapping[str, Any]]:
    """Return the conditions inside and outside the derived columns, and their parameters."""
    params = {
        **space_of(space),
        **{k: v for k, v in wanted._asdict().items() if k in _WANTED and v is not None},
    }
    inner = [_OWN, *(f"AND {_WANTED[name]} " for name in params if name in _WANTED and name != "status")]
    if wanted.without_archived:
        inner.append("AND COALESCE(gp.state, '') <> 'archived' ")
    return ("".join(inner), "WHERE status = :status" if "status" in params else ""), params


def _batch(row: Row) -> BatchRow:
    return BatchRow(
        batch_id=row["batch_id"],
        space=Space(row["workspace_id"], bool(row["is_test"])),
        project_id=row["project_id"],
        project_name=row["project_name"],
        name=row["name"],
        callback=row["callback"],
        metadata=json.loads(row["metadata"]),
        is_calibration=bool(row["is_calibration"]),
        is_self_label=bool(row["is_self_label"]),
        state=row["state"] or "open",
        status=BatchStatus(row["status"]),
        priority=row["priority"],
        created_ms=row["created_ms"],
        finalized_ms=row["finalized_ms"],
        completed_ms=row["completed_ms"],
    )
