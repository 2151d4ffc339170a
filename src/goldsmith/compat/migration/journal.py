"""SQL of the journal of moving house."""

from __future__ import annotations

from typing import Final, NamedTuple

from goldsmith.compat.migration.types import Kind, Left, Outcome, Plan
from goldsmith.platform.database import Sql, Transaction

_PUT: Final = Sql(
    """
    INSERT INTO migration_journal (workspace_id, source, kind, theirs, ours, outcome, reason, digest, at_ms)
    VALUES (:workspace_id, :source, :kind, :theirs, :ours, :outcome, :reason, :digest, :at_ms)
    ON CONFLICT (workspace_id, source, kind, theirs) DO UPDATE
    SET ours = :ours, outcome = :outcome, reason = :reason, digest = :digest, at_ms = :at_ms
    """
)
_OWN: Final = "workspace_id = :workspace_id AND source = :source"
_FIND: Final = Sql(
    f"SELECT * FROM migration_journal WHERE {_OWN} AND kind = :kind AND theirs = :theirs"  # noqa: S608  constants
)
_PAGE: Final = Sql(
    f"SELECT * FROM migration_journal WHERE {_OWN} AND kind = :kind AND outcome = 'moved'"  # noqa: S608
    " AND theirs > :after ORDER BY theirs LIMIT :limit"
)
_MOVED: Final = Sql(
    f"SELECT theirs FROM migration_journal WHERE {_OWN} AND kind = :kind AND outcome = 'moved'"  # noqa: S608
)
_COUNT: Final = Sql(
    f"SELECT kind, outcome, COUNT(*) AS number FROM migration_journal WHERE {_OWN}"  # noqa: S608
    " GROUP BY kind, outcome"
)
_LEFT: Final = Sql(
    f"SELECT kind, theirs, reason FROM migration_journal WHERE {_OWN} AND outcome = 'left'"  # noqa: S608
    " ORDER BY kind, theirs LIMIT :limit"
)


class Entry(NamedTuple):
    """What the journal says of one thing."""

    ours: str
    outcome: Outcome
    digest: str
    reason: str


def put(
    tx: Transaction,
    plan: Plan,
    kind: Kind,
    theirs: str,
    *,
    ours: str = "",
    outcome: Outcome = "moved",
    reason: str = "",
    digest: str = "",
    at_ms: int,
) -> None:
    """Note what became of a thing, in the transaction in which it did."""
    row = {
        "kind": kind,
        "theirs": theirs,
        "ours": ours,
        "outcome": outcome,
        "reason": reason,
        "digest": digest,
    }
    tx.run(_PUT, {**_own(plan), **row, "at_ms": at_ms})


def find(tx: Transaction, plan: Plan, kind: Kind, theirs: str) -> Entry | None:
    """Return what became of a thing; None while nothing did."""
    row = tx.first(_FIND, {**_own(plan), "kind": kind, "theirs": theirs})
    return None if row is None else Entry(row["ours"], row["outcome"], row["digest"], row["reason"])


def page(tx: Transaction, plan: Plan, *, kind: Kind, after: str, limit: int) -> list[tuple[str, Entry]]:
    """Return what was moved of a kind, by its name or id there, from after ``after``."""
    rows = tx.all(_PAGE, {**_own(plan), "kind": kind, "after": after, "limit": limit})
    return [(row["theirs"], Entry(row["ours"], row["outcome"], row["digest"], row["reason"])) for row in rows]


def moved(tx: Transaction, plan: Plan, *, kind: Kind) -> list[str]:
    """Return the names or ids there of what was moved of a kind."""
    return [row["theirs"] for row in tx.all(_MOVED, {**_own(plan), "kind": kind})]


def counts(tx: Transaction, plan: Plan) -> dict[tuple[str, str], int]:
    """Return how many of each kind came to each outcome."""
    return {(row["kind"], row["outcome"]): row["number"] for row in tx.all(_COUNT, _own(plan))}


def left(tx: Transaction, plan: Plan, *, limit: int) -> list[Left]:
    """Return what did not come over, with the reasons."""
    rows = tx.all(_LEFT, {**_own(plan), "limit": limit})
    return [Left(kind=row["kind"], name=row["theirs"], reason=row["reason"]) for row in rows]


def _own(plan: Plan) -> dict[str, str]:
    return {"workspace_id": plan.workspace_id, "source": plan.journal_key}
