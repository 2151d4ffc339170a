"""The audit log: append-only, a hash chain in each workspace, so that a changed, removed or inserted row shows."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping
from typing import Any, Final, NamedTuple

import sqlalchemy as sa

from goldsmith.accounts.tables import audit_heads, audit_log
from goldsmith.accounts.types import Access
from goldsmith.core.errors import BugError
from goldsmith.platform.database import Database, Row, Sql, Transaction, prepared

GENESIS_HASH: Final = "0" * 64
_LAST: Final = Sql(
    "SELECT sequence, hash FROM audit_log WHERE workspace_id = :workspace_id ORDER BY sequence DESC LIMIT 1"
)
_LOCK: Final = Sql(
    "SELECT 1",
    postgresql="SELECT pg_advisory_xact_lock(hashtextextended('goldsmith.audit.' || :workspace_id, 0))",
)
_INSERT: Final = prepared(sa.insert(audit_log))
_FIRST_HEAD: Final = prepared(sa.insert(audit_heads))
_NEXT_HEAD: Final = Sql(
    "UPDATE audit_heads SET sequence = :sequence, hash = :hash WHERE workspace_id = :workspace_id"
)
_HEAD: Final = Sql("SELECT sequence, hash FROM audit_heads WHERE workspace_id = :workspace_id")
_ROWS: Final = Sql("SELECT * FROM audit_log WHERE workspace_id = :workspace_id ORDER BY sequence")
_CHAINS: Final = Sql(
    "SELECT workspace_id FROM audit_heads UNION SELECT DISTINCT workspace_id FROM audit_log ORDER BY workspace_id"
)
_CHAINED: Final = ("workspace_id", "sequence", "at_ms", "actor", "action", "target", "detail")


def row_hash(row: Mapping[str, Any] | Row, previous_hash: str) -> str:
    """Return the sha256 over the canonical JSON of a row and the hash of the row before it."""
    body = json.dumps(
        [*(row[name] for name in _CHAINED), previous_hash], ensure_ascii=False, separators=(",", ":")
    )
    return hashlib.sha256(body.encode()).hexdigest()


def audit(
    tx: Transaction,
    *,
    at_ms: int,
    action: str,
    target: str,
    access: Access | None = None,
    actor: str = "",
    workspace_id: str = "",
    detail: Mapping[str, Any] | None = None,
) -> None:
    """Record an administrative action in the caller's transaction.

    Args:
        tx: The transaction of the action itself, so that both are kept or none.
        at_ms: When, from the machine's clock.
        action: Past tense, such as ``key.created``.
        target: Id of what it was done to.
        access: Who did it, and in which workspace; or else ``actor`` and ``workspace_id``.
        actor: Member id, user id or ``system``.
        workspace_id: Where; the empty text for what concerns the installation.
        detail: More, as JSON; no secrets.
    """
    if access is not None:
        actor, workspace_id = actor or access.member_id, workspace_id or access.workspace_id
    if not actor:
        raise BugError("an audited action needs an access or an actor")
    if tx.dialect == "postgresql":
        tx.first(_LOCK, {"workspace_id": workspace_id})
    last = tx.first(_LAST, {"workspace_id": workspace_id})
    previous_hash = GENESIS_HASH if last is None else last["hash"]
    row: dict[str, Any] = {
        "workspace_id": workspace_id,
        "sequence": 1 if last is None else last["sequence"] + 1,
        "at_ms": at_ms,
        "actor": actor,
        "action": action,
        "target": target,
        "detail": json.dumps(detail or {}, ensure_ascii=False, sort_keys=True, separators=(",", ":")),
    }
    head_hash = row_hash(row, previous_hash)
    tx.run(_INSERT, {**row, "previous_hash": previous_hash, "hash": head_hash})
    head = {"workspace_id": workspace_id, "sequence": row["sequence"], "hash": head_hash}
    if tx.run(_NEXT_HEAD, head) == 0:
        tx.run(_FIRST_HEAD, head)


class AuditFault(NamedTuple):
    """The first row at which a chain is broken."""

    sequence: int
    what: str
    """``changed``, ``removed`` or ``inserted``."""
    explanation: str


class AuditReport(NamedTuple):
    """What verifying a chain found."""

    workspace_id: str
    rows: int
    """Rows that hold, up to the fault when there is one."""
    head_hash: str
    """Of the last row that holds; keep it elsewhere to notice a chain cut short at its end."""
    fault: AuditFault | None


def check_chain(workspace_id: str, rows: Iterable[Row]) -> AuditReport:
    """Walk a chain in order and stop at the first row that does not hold.

    Args:
        workspace_id: Whose chain.
        rows: Its rows, by ascending sequence.
    """
    previous, expected = GENESIS_HASH, 1
    for row in rows:
        fault = _fault_of(row, previous_hash=previous, expected=expected)
        if fault is not None:
            return AuditReport(workspace_id, expected - 1, previous, fault)
        previous, expected = row["hash"], expected + 1
    return AuditReport(workspace_id, expected - 1, previous, None)


def _fault_of(row: Row, *, previous_hash: str, expected: int) -> AuditFault | None:
    sequence = row["sequence"]
    if sequence < expected:
        return AuditFault(sequence, "inserted", f"row {sequence} stands before the chain's first row")
    if sequence > expected:
        return AuditFault(expected, "removed", f"row {expected} is missing; the next one is {sequence}")
    if row_hash(row, row["previous_hash"]) != row["hash"]:
        return AuditFault(sequence, "changed", f"row {sequence} does not match its own hash")
    if row["previous_hash"] != previous_hash:
        return AuditFault(sequence, "inserted", f"row {sequence} does not follow the row before it")
    return None


def verify_chain(database: Database, workspace_id: str) -> AuditReport:
    """Verify the chain of one workspace, streamed in flat memory; for threads outside the event loop.

    The head, kept apart, is read before and after: rows cut off the end, and rows put behind it, show too.
    """
    params = {"workspace_id": workspace_id}
    before = database.read_sync(lambda tx: tx.first(_HEAD, params))
    report = check_chain(
        workspace_id, (row for batch in database.stream_sync(_ROWS, params) for row in batch)
    )
    if report.fault is not None:
        return report
    after = database.read_sync(lambda tx: tx.first(_HEAD, params))
    return report._replace(fault=_fault_at_end(report, before=before, after=after))


def _fault_at_end(report: AuditReport, *, before: Row | None, after: Row | None) -> AuditFault | None:
    least, most = (0 if head is None else head["sequence"] for head in (before, after))
    if report.rows < least:
        return AuditFault(
            report.rows + 1, "removed", f"rows {report.rows + 1} to {least} are missing at the end"
        )
    if report.rows > most:
        return AuditFault(most + 1, "inserted", f"row {most + 1} stands behind the chain's last row")
    if after is not None and report.rows == most and after["hash"] != report.head_hash:
        return AuditFault(most, "changed", f"row {most} is not the one that was written last")
    return None


def chains(tx: Transaction) -> list[str]:
    """Return the workspaces that have a chain; the empty text is the installation's own."""
    return [row["workspace_id"] for row in tx.all(_CHAINS)]
