"""The labels of a whole project, read as a stream."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Final

from goldsmith.platform.database import Database, Row, Sql

_ITEM: Final = """
    t.task_id, t.state, t.batch_id, i.item_id, i.name, i.kind, i.width_px, i.height_px, i.group_key, i.metadata,
    CASE WHEN i.kind = 'document' AND i.width_px > 0 THEN (SELECT m.body FROM media m
        WHERE m.workspace_id = i.workspace_id AND m.sha256 = i.sha256) END AS pages
"""
# CROSS JOIN: SQLite keeps the order of the tables and so walks tasks by their index; sorting would hold all labels
_CONSENSUS: Final = f"""
    SELECT {_ITEM}, c.labelling, c.ontology_version, c.version, c.lowest_posterior, c.method AS kind_of_label
    FROM tasks t CROSS JOIN items i CROSS JOIN consensus c
    WHERE t.project_id = :project_id AND t.is_gold = 0 AND i.item_id = t.item_id
      AND c.task_id = t.task_id AND c.version = t.consensus_version
"""  # noqa: S608  a constant
_SUBMISSIONS: Final = f"""
    SELECT {_ITEM}, s.labelling, s.version, s.kind AS kind_of_label, s.submission_id, s.member_id,
           s.ontology_version, s.instructions_version, s.active_ms, s.created_ms
    FROM tasks t CROSS JOIN items i CROSS JOIN submissions s
    WHERE t.project_id = :project_id AND t.is_gold = 0 AND i.item_id = t.item_id
      AND s.task_id = t.task_id AND s.kind = 'human' AND s.is_newest = 1 AND s.is_rejected = 0
"""  # noqa: S608  a constant
_GOLD: Final = f"""
    SELECT {_ITEM}, s.labelling, s.ontology_version, s.version, s.kind AS kind_of_label
    FROM tasks t CROSS JOIN items i CROSS JOIN submissions s
    WHERE t.project_id = :project_id AND t.is_gold = 1 AND i.item_id = t.item_id
      AND s.task_id = t.task_id AND s.kind = 'gold' AND s.is_newest = 1
"""  # noqa: S608  a constant
_QUERIES: Final = {"consensus": _CONSENSUS, "submissions": _SUBMISSIONS, "gold": _GOLD}
_ALL: Final = {name: Sql(f"{text} ORDER BY t.task_id") for name, text in _QUERIES.items()}
_IN_STATE: Final = {
    name: Sql(f"{text} AND t.state = :state ORDER BY t.task_id") for name, text in _QUERIES.items()
}


def stream_labels(
    database: Database, *, project_id: str, labels: str, state: str | None, batch_rows: int
) -> Iterable[list[Row]]:
    """Yield batches of labels with their items, in order of the tasks.

    Args:
        database: Where they are.
        project_id: Whose.
        labels: ``consensus``, ``submissions`` or ``gold``.
        state: Only of tasks in this state; None for all.
        batch_rows: Rows of a batch.
    """
    params: dict[str, Any] = {"project_id": project_id}
    if state is None:
        return database.stream_sync(_ALL[labels], params, batch_rows=batch_rows)
    return database.stream_sync(_IN_STATE[labels], {**params, "state": state}, batch_rows=batch_rows)
