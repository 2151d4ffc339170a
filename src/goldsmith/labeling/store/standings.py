"""What members may do in a project, where that is not what everybody may."""

from __future__ import annotations

from typing import Final

from goldsmith.labeling.types import MemberStanding, StandingState
from goldsmith.platform.database import Row, Sql, Transaction

_COLUMNS: Final = "state, tier, gold_rate, reason, passed_ms, changed_ms"
_ONE: Final = Sql(
    f"SELECT {_COLUMNS} FROM standings WHERE project_id = :project_id AND member_id = :member_id"  # noqa: S608  constant
)
_ALL: Final = Sql(
    f"SELECT member_id, {_COLUMNS} FROM standings WHERE project_id = :project_id ORDER BY member_id"  # noqa: S608  constant
)
# The tier is another's word and is left as it is.
_KEEP: Final = Sql(
    """
    INSERT INTO standings (project_id, member_id, state, gold_rate, reason, passed_ms, changed_ms)
    VALUES (:project_id, :member_id, :state, :gold_rate, :reason, :passed_ms, :changed_ms)
    ON CONFLICT (project_id, member_id) DO UPDATE
    SET state = excluded.state, gold_rate = excluded.gold_rate, reason = excluded.reason,
        passed_ms = excluded.passed_ms, changed_ms = excluded.changed_ms
    """
)


def find_standing(tx: Transaction, *, project_id: str, member_id: str) -> MemberStanding:
    """Return a member's standing; that of everybody when nothing is stored."""
    row = tx.first(_ONE, {"project_id": project_id, "member_id": member_id})
    return MemberStanding() if row is None else _standing(row)


def list_standings(tx: Transaction, project_id: str) -> dict[str, MemberStanding]:
    """Return what is stored of a project, by member."""
    return {row["member_id"]: _standing(row) for row in tx.all(_ALL, {"project_id": project_id})}


def keep_standing(tx: Transaction, *, project_id: str, member_id: str, standing: MemberStanding) -> None:
    """Store a standing; its tier is left as it is."""
    tx.run(
        _KEEP,
        {
            "project_id": project_id,
            "member_id": member_id,
            "state": standing.state.value,
            "gold_rate": standing.gold_rate,
            "reason": standing.reason,
            "passed_ms": standing.passed_ms,
            "changed_ms": standing.changed_ms,
        },
    )


def _standing(row: Row) -> MemberStanding:
    return MemberStanding(
        StandingState(row["state"]),
        row["tier"],
        row["gold_rate"],
        row["reason"],
        row["passed_ms"],
        row["changed_ms"],
    )
