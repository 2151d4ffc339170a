"""Two labellings of the same items beside each other: of two people, or of one and the consensus, gold or a model."""

from __future__ import annotations

from functools import lru_cache
from typing import Any, Final

from goldsmith.labeling.types import ComparedSide, SideKind
from goldsmith.platform.database import Row, Sql, Transaction

# Sets of tasks by indexes that hold all that is asked; "+" keeps SQLite from that of the project.
_TASKS: Final = {
    SideKind.MEMBER: "SELECT s.task_id FROM submissions s WHERE s.member_id = :{side} AND {own} = :project_id "
    "AND s.kind = 'human' AND s.is_newest = 1",
    SideKind.CONSENSUS: "SELECT t.task_id FROM tasks t WHERE t.project_id = :project_id AND t.consensus_version > 0",
    SideKind.GOLD: "SELECT t.task_id FROM tasks t WHERE t.project_id = :project_id AND t.is_gold = 1",
    SideKind.PREDICTION: "SELECT s.task_id FROM submissions s WHERE s.project_id = :project_id "
    "AND s.kind = 'prediction' AND s.is_newest = 1",
}
_ONE: Final = (
    "(SELECT s.labelling FROM submissions s WHERE s.task_id = t.task_id AND {which} {order} LIMIT 1)"
)
_LABELLING: Final = {
    SideKind.MEMBER: _ONE.format(
        which="s.kind = 'human' AND s.is_newest = 1 AND s.member_id = :{side}",
        order="ORDER BY s.version DESC",
    ),
    SideKind.CONSENSUS: "(SELECT c.labelling FROM consensus c WHERE c.task_id = t.task_id "
    "AND c.version = t.consensus_version)",
    SideKind.GOLD: _ONE.format(which="s.kind = 'gold' AND s.is_newest = 1", order=""),
    SideKind.PREDICTION: _ONE.format(
        which="s.kind = 'prediction' AND s.is_newest = 1", order="ORDER BY s.submission_id DESC"
    ),
}
_PAGE: Final = (
    "WITH both_of AS MATERIALIZED ({left_tasks} INTERSECT {right_tasks}) "
    "SELECT t.task_id, t.item_id, t.item_name, i.width_px, i.height_px, {left_labelling} AS left_labelling, "
    "{right_labelling} AS right_labelling FROM both_of CROSS JOIN tasks t CROSS JOIN items i "
    "WHERE i.item_id = t.item_id AND t.task_id = both_of.task_id AND t.item_deleted_ms IS NULL "
    "AND t.task_id {follows} :after "
    "ORDER BY t.task_id {direction} LIMIT :limit"
)


def list_compared(
    tx: Transaction,
    *,
    project_id: str,
    sides: tuple[ComparedSide, ComparedSide],
    after: str,
    is_back: bool,
    limit: int,
) -> list[Row]:
    """Return task, item, its name and size, and both labellings (JSON text) where both sides labelled."""
    left, right = sides
    params: dict[str, Any] = {"project_id": project_id, "after": after, "limit": limit}
    params |= {
        name: side.member_id
        for name, side in (("left_id", left), ("right_id", right))
        if side.member_id is not None
    }
    return tx.all(_statement(left.kind, right.kind, is_back), params)


@lru_cache(maxsize=64)
def _statement(left: SideKind, right: SideKind, is_back: bool) -> Sql:
    def of(own: str) -> str:
        return _PAGE.format(
            left_tasks=_TASKS[left].format(side="left_id", own=own),
            right_tasks=_TASKS[right].format(side="right_id", own=own),
            left_labelling=_LABELLING[left].format(side="left_id"),
            right_labelling=_LABELLING[right].format(side="right_id"),
            follows="<" if is_back else ">",
            direction="DESC" if is_back else "ASC",
        )

    return Sql(of("+s.project_id"), postgresql=of("s.project_id"))
