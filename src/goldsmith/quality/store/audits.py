"""Audits and the tasks drawn for them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final, NamedTuple

from goldsmith.platform.database import BulkInsert, Row, Sql, Transaction
from goldsmith.quality.tables import audit_draws
from goldsmith.quality.types import AuditState, Draw, DrawState

_COLUMNS: Final = (
    "audit_id, project_id, state, target, confidence, population, created_by, created_ms, ended_ms"
)
_INSERT: Final = Sql(
    f"INSERT INTO audits ({_COLUMNS}) "  # noqa: S608  constant
    "VALUES (:audit_id, :project_id, :state, :target, :confidence, :population, :created_by, :created_ms, :ended_ms)"
)
_INSERT_DRAWS: Final = BulkInsert(audit_draws, ("audit_id", "number", "task_id", "size", "state"))
_ONE: Final = Sql(f"SELECT {_COLUMNS} FROM audits WHERE audit_id = :audit_id")  # noqa: S608  constant
_ALL: Final = Sql(
    f"SELECT {_COLUMNS} FROM audits WHERE project_id = :project_id ORDER BY audit_id DESC LIMIT :limit"  # noqa: S608
)
_RUNNING: Final = Sql(
    f"SELECT {_COLUMNS} FROM audits WHERE project_id = :project_id AND state = 'running' ORDER BY audit_id"  # noqa: S608
)
_DRAWS: Final = Sql("SELECT * FROM audit_draws WHERE audit_id = :audit_id ORDER BY number")
_IS_ASKED: Final = Sql(
    "SELECT 1 AS found FROM audit_draws WHERE task_id = :task_id AND state = 'asked' LIMIT 1"
)
_KEEP_DRAW: Final = Sql(
    """
    UPDATE audit_draws SET state = :state, after_review = :after_review, is_own = :is_own, review_id = :review_id,
        right_count = :right, wrong_count = :wrong, missed_count = :missed
    WHERE audit_id = :audit_id AND number = :number
    """
)
_END: Final = Sql(
    "UPDATE audits SET state = :state, ended_ms = :ended_ms WHERE audit_id = :audit_id AND state = 'running'"
)


class StoredAudit(NamedTuple):
    """An audit without its draws."""

    audit_id: str
    project_id: str
    state: AuditState
    target: float
    confidence: float
    population: int
    created_by: str
    created_ms: int
    ended_ms: int | None


def insert_audit(tx: Transaction, audit: StoredAudit, *, drawn: Sequence[tuple[str, int]]) -> None:
    """Store an audit with its draws in their order: each a task and its size."""
    tx.run(_INSERT, {**audit._asdict(), "state": audit.state.value})
    _INSERT_DRAWS.run(
        tx,
        [
            (audit.audit_id, number, task_id, size, DrawState.WAITING.value)
            for number, (task_id, size) in enumerate(drawn)
        ],
    )


def find_audit(tx: Transaction, audit_id: str) -> StoredAudit | None:
    """Return an audit, or None."""
    row = tx.first(_ONE, {"audit_id": audit_id})
    return None if row is None else _audit(row)


def list_audits(tx: Transaction, project_id: str, *, limit: int) -> list[StoredAudit]:
    """Return the newest audits of a project."""
    return [_audit(row) for row in tx.all(_ALL, {"project_id": project_id, "limit": limit})]


def running_audits(tx: Transaction, project_id: str) -> list[StoredAudit]:
    """Return the audits of a project that run, oldest first."""
    return [_audit(row) for row in tx.all(_RUNNING, {"project_id": project_id})]


def draws_of(tx: Transaction, audit_id: str) -> list[Draw]:
    """Return the draws of an audit in their order."""
    return [
        Draw(
            row["number"],
            row["task_id"],
            DrawState(row["state"]),
            row["after_review"] or "",
            bool(row["is_own"]),
            row["review_id"],
            row["right_count"] or 0,
            row["wrong_count"] or 0,
            row["missed_count"] or 0,
            row["size"],
        )
        for row in tx.all(_DRAWS, {"audit_id": audit_id})
    ]


def is_asked(tx: Transaction, task_id: str) -> bool:
    """Say whether an audit waits for a look at a task."""
    return tx.first(_IS_ASKED, {"task_id": task_id}) is not None


def keep_draws(tx: Transaction, audit_id: str, draws: Sequence[Draw]) -> None:
    """Store how draws stand now."""
    tx.many(
        _KEEP_DRAW,
        [
            {**draw._asdict(), "state": draw.state.value, "is_own": int(draw.is_own), "audit_id": audit_id}
            for draw in draws
        ],
    )


def end_audit(tx: Transaction, audit_id: str, *, state: AuditState, ended_ms: int) -> bool:
    """End an audit that runs; False when it had ended."""
    return tx.run(_END, {"audit_id": audit_id, "state": state.value, "ended_ms": ended_ms}) == 1


def _audit(row: Row) -> StoredAudit:
    values = {name: row[name] for name in StoredAudit._fields}
    return StoredAudit(**{**values, "state": AuditState(row["state"])})
