"""Steering: many tasks at once follow a batch, a workflow or an order."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import Final

from goldsmith.core.errors import InvalidInputError
from goldsmith.labeling.store.bulk import BulkUpdate, ids_of, with_ids
from goldsmith.labeling.tables import judgements
from goldsmith.labeling.types import Stage
from goldsmith.platform.database import Row, Sql, Transaction

_PLACE_JUDGEMENTS: Final = BulkUpdate(judgements, "task_id", ("rank", "position"), only="is_open <> 0")
_OF_BATCH: Final = "task_id IN (SELECT t.task_id FROM tasks t WHERE t.batch_id = :batch_id)"
_PRIORITY_OF_TASKS: Final = Sql(
    "UPDATE tasks SET priority = :priority WHERE batch_id = :batch_id AND priority <> :priority"
)
_PRIORITY_OF_JUDGEMENTS: Final = Sql(
    f"UPDATE judgements SET rank = :rank WHERE is_open <> 0 AND rank <> :rank AND {_OF_BATCH}"  # noqa: S608  constant
)
# Leased ones stay with their holders; what has come back or is fresh waits.
_HOLD: Final = Sql(
    f"UPDATE judgements SET is_open = 2 WHERE is_open = 1 AND (available_ms <= :now_ms OR member_id IS NULL) "  # noqa: S608
    f"AND {_OF_BATCH}"
)
# What had come back comes back anew: members' walks may have passed the time at which it did.
_HAND_OUT: Final = Sql(
    f"""
    UPDATE judgements SET is_open = 1, available_ms = CASE WHEN available_ms = 0 THEN 0 ELSE :now_ms END
    WHERE is_open = 2 AND {_OF_BATCH}
    """  # noqa: S608  constant
)
_MOVE_TO_HELD: Final = with_ids(
    "UPDATE judgements SET is_open = 2 WHERE is_open = 1 AND available_ms = 0 AND task_id IN /*ids*/"
)
_MOVE_TO_OPEN: Final = with_ids("UPDATE judgements SET is_open = 1 WHERE is_open = 2 AND task_id IN /*ids*/")
_FIRST_OF_BATCH: Final = Sql(
    f"""
    SELECT stage, rank, min(position) AS position FROM judgements
    WHERE is_open = 1 AND available_ms = 0 AND {_OF_BATCH}
    GROUP BY stage, rank
    """  # noqa: S608  constant
)
_UNFINISHED_OF_BATCH: Final = Sql(
    "SELECT task_id FROM tasks WHERE batch_id = :batch_id AND state IN ('open', 'resolving', 'review')"
)
_OPEN_TASKS: Final = Sql(
    """
    SELECT task_id, item_id, batch_id, priority FROM tasks
    WHERE project_id = :project_id AND state = 'open' AND is_gold = 0 ORDER BY task_id
    """
)
# The newest that nobody holds go first.
_WITHDRAW_SURPLUS: Final = Sql(
    """
    UPDATE judgements SET is_open = 0, outcome = 'withdrawn', closed_ms = :now_ms, member_id = NULL
    WHERE judgement_id IN (
        SELECT surplus.judgement_id FROM (
            SELECT j.judgement_id,
                   row_number() OVER (PARTITION BY j.task_id ORDER BY j.judgement_id DESC) AS number
            FROM judgements j JOIN tasks t ON t.task_id = j.task_id
            WHERE j.project_id = :project_id AND j.stage = 'label' AND j.is_open IN (1, 2)
              AND (j.available_ms <= :now_ms OR j.member_id IS NULL) AND t.state = 'open' AND t.is_gold = 0
        ) surplus WHERE surplus.number <= :per_task)
    RETURNING task_id
    """
)
_STRANGERS: Final = with_ids(
    """
    SELECT count(*) AS known FROM items i JOIN projects p ON p.workspace_id = i.workspace_id
    WHERE p.project_id = :project_id AND i.deleted_ms IS NULL AND i.item_id IN /*ids*/
    """
)


def place_judgements(tx: Transaction, rows: Sequence[tuple[str, int, float]]) -> None:
    """Set (task_id, rank, position) of the open judgements of tasks."""
    _PLACE_JUDGEMENTS.run(tx, rows)


def set_batch_priority(tx: Transaction, *, batch_id: str, priority: int) -> None:
    """Give all tasks of a batch its priority."""
    tx.run(_PRIORITY_OF_TASKS, {"batch_id": batch_id, "priority": priority})
    tx.run(_PRIORITY_OF_JUDGEMENTS, {"batch_id": batch_id, "rank": -priority})


def hold_batch(tx: Transaction, *, batch_id: str, is_held: bool, now_ms: int) -> None:
    """Hold back what nobody holds of a batch, or hand it out again."""
    tx.run(_HOLD if is_held else _HAND_OUT, {"batch_id": batch_id, "now_ms": now_ms})


def hold_tasks(tx: Transaction, task_ids: Sequence[str], *, is_held: bool) -> None:
    """Hold back or hand out the judgements of tasks that moved to another batch."""
    tx.run(_MOVE_TO_HELD if is_held else _MOVE_TO_OPEN, {"ids": ids_of(task_ids)})


def first_of_batch(tx: Transaction, batch_id: str) -> list[tuple[Stage, int, float]]:
    """Return (stage, rank, position) where a batch's fresh judgements begin."""
    return [
        (Stage(row["stage"]), row["rank"], row["position"])
        for row in tx.all(_FIRST_OF_BATCH, {"batch_id": batch_id})
    ]


def unfinished_of_batch(tx: Transaction, batch_id: str) -> list[str]:
    """Return the tasks of a batch that still ask for something."""
    return [row["task_id"] for row in tx.all(_UNFINISHED_OF_BATCH, {"batch_id": batch_id})]


def open_tasks(tx: Transaction, project_id: str) -> list[Row]:
    """Return task_id, item_id, batch_id and priority of the open tasks of a project, oldest first."""
    return tx.all(_OPEN_TASKS, {"project_id": project_id})


def withdraw_surplus(tx: Transaction, project_id: str, *, per_task: int, now_ms: int) -> dict[str, int]:
    """Withdraw up to ``per_task`` judgements that nobody holds of each open task; return how many, by task."""
    params = {"project_id": project_id, "per_task": per_task, "now_ms": now_ms}
    return Counter(row["task_id"] for row in tx.all(_WITHDRAW_SURPLUS, params))


def require_items(tx: Transaction, *, project_id: str, item_ids: Sequence[str]) -> None:
    """Check that items are of the project's workspace and not deleted.

    Raises:
        InvalidInputError: Some are not.
    """
    known = tx.scalar(_STRANGERS, {"project_id": project_id, "ids": ids_of(item_ids)})
    if known != len(set(item_ids)):
        raise InvalidInputError(
            "some of the items are not of this workspace or were deleted; send ids of its items"
        )
