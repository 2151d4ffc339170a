"""How gold tasks fare."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from goldsmith.platform.database import Sql, Transaction
from goldsmith.quality.types import GoldNote

_OF_PROJECT: Final = Sql(
    """
    SELECT task_id, right_count, total_count, skilled_right, skilled_total, doubt, leak, settled_ms
    FROM gold_notes WHERE project_id = :project_id
    """
)
_KEEP: Final = Sql(
    """
    INSERT INTO gold_notes (task_id, project_id, right_count, total_count, skilled_right, skilled_total, doubt, leak)
    VALUES (:task_id, :project_id, :right, :total, :skilled_right, :skilled_total, :doubt, :leak)
    ON CONFLICT (task_id) DO UPDATE
    SET right_count = excluded.right_count, total_count = excluded.total_count,
        skilled_right = excluded.skilled_right, skilled_total = excluded.skilled_total,
        doubt = excluded.doubt, leak = excluded.leak
    """
)
_SETTLE: Final = Sql(
    """
    INSERT INTO gold_notes (task_id, project_id, settled_ms, settled_by)
    VALUES (:task_id, :project_id, :now_ms, :by)
    ON CONFLICT (task_id) DO UPDATE
    SET doubt = NULL, leak = NULL, settled_ms = excluded.settled_ms, settled_by = excluded.settled_by
    """
)
_UNCOUNTED: Final = Sql(
    """
    SELECT task_id FROM gold_notes WHERE project_id = :project_id AND (doubt IS NOT NULL OR leak IS NOT NULL)
    """
)


def notes_of(tx: Transaction, project_id: str) -> dict[str, GoldNote]:
    """Return how the gold of a project fares, by task; what was never answered nor settled is absent."""
    return {
        row["task_id"]: GoldNote(
            row["task_id"],
            row["right_count"],
            row["total_count"],
            row["skilled_right"],
            row["skilled_total"],
            row["doubt"],
            row["leak"],
            row["settled_ms"],
        )
        for row in tx.all(_OF_PROJECT, {"project_id": project_id})
    }


def keep_notes(tx: Transaction, notes: Iterable[GoldNote], *, project_id: str) -> None:
    """Store how gold fares; when it was settled stays as it is."""
    rows = [{**note._asdict(), "project_id": project_id} for note in notes]
    for row in rows:
        del row["settled_ms"]
    if rows:
        tx.many(_KEEP, rows)


def settle(tx: Transaction, *, project_id: str, task_id: str, by: str, now_ms: int) -> None:
    """Note that somebody looked at a gold task, and that its answer stands."""
    tx.run(_SETTLE, {"project_id": project_id, "task_id": task_id, "by": by, "now_ms": now_ms})


def uncounted(tx: Transaction, project_id: str) -> set[str]:
    """Return the gold that is doubted or got about, and that nobody looked at since: it counts for nobody."""
    return {row["task_id"] for row in tx.all(_UNCOUNTED, {"project_id": project_id})}
