"""The SQL of suspicions about labels."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any, Final

import sqlalchemy as sa

from goldsmith.evaluation.suspicions import Doubts
from goldsmith.evaluation.tables import evaluation_suspicions, evaluations
from goldsmith.platform.database import Row, Transaction, prepared

_AT_ONCE: Final = 500
_TABLE: Final = evaluation_suspicions.c
_DELETE: Final = prepared(
    sa.delete(evaluation_suspicions).where(_TABLE.evaluation_id == sa.bindparam("of_evaluation"))
)
_INSERT: Final = prepared(sa.insert(evaluation_suspicions))
_DOUBTS: Final = prepared(
    sa.select(evaluations.c.label_doubts).where(evaluations.c.evaluation_id == sa.bindparam("evaluation_id"))
)


def replace_suspicions(tx: Transaction, evaluation_id: str, doubts: Doubts, *, note: str) -> None:
    """Store what an evaluation says against labels; what an interrupted attempt left goes."""
    tx.run(_DELETE, {"of_evaluation": evaluation_id})
    rows = [
        {
            "evaluation_id": evaluation_id,
            "suspicion": number,
            "kind": one.kind,
            "task_id": one.task_id or "",
            "body": one.model_dump_json(),
            "asked_ms": None,
        }
        for number, one in enumerate(doubts.suspected, start=1)
    ]
    tx.many(_INSERT, rows)
    facts = {
        "counts": doubts.counts,
        "looked_at": doubts.looked_at,
        "learnt": doubts.learnt,
        "note": note,
    }
    query = sa.update(evaluations).where(evaluations.c.evaluation_id == evaluation_id)
    tx.run(query.values(label_doubts=json.dumps(facts)))


def doubts_of(tx: Transaction, evaluation_id: str) -> dict[str, Any]:
    """Return counts, pictures looked at and left out, and the note; empty before the evaluation is done."""
    row = tx.first(_DOUBTS, {"evaluation_id": evaluation_id})
    found: dict[str, Any] = {} if row is None else json.loads(row["label_doubts"])
    return found


def list_suspicions(
    tx: Transaction, evaluation_id: str, *, kind: str | None, after: int, limit: int
) -> list[Row]:
    """Return suspicions, the strongest first."""
    query = (
        sa.select(evaluation_suspicions)
        .where(_TABLE.evaluation_id == evaluation_id, _TABLE.suspicion > after)
        .order_by(_TABLE.suspicion)
        .limit(limit)
    )
    return tx.all(query if kind is None else query.where(_TABLE.kind == kind))


def tasks_behind(
    tx: Transaction, evaluation_id: str, *, suspicions: Sequence[int], task_ids: Sequence[str]
) -> tuple[dict[int, str], dict[str, int]]:
    """Return the task of each suspicion that is named, and the strongest suspicion of each task that is named."""
    of_number: dict[int, str] = {}
    of_task: dict[str, int] = {}
    for start in range(0, len(suspicions), _AT_ONCE):
        query = sa.select(_TABLE.suspicion, _TABLE.task_id).where(
            _TABLE.evaluation_id == evaluation_id,
            _TABLE.suspicion.in_(suspicions[start : start + _AT_ONCE]),
        )
        of_number |= {row["suspicion"]: row["task_id"] for row in tx.all(query)}
    for start in range(0, len(task_ids), _AT_ONCE):
        grouped = (
            sa.select(_TABLE.task_id, sa.func.min(_TABLE.suspicion).label("first"))
            .where(
                _TABLE.evaluation_id == evaluation_id,
                _TABLE.task_id.in_(task_ids[start : start + _AT_ONCE]),
            )
            .group_by(_TABLE.task_id)
        )
        of_task |= {row["task_id"]: row["first"] for row in tx.all(grouped)}
    return of_number, of_task


def mark_asked(tx: Transaction, evaluation_id: str, *, task_ids: Sequence[str], at_ms: int) -> set[str]:
    """Mark the suspicions of tasks as sent back; returns the tasks that were not before, each to one caller only."""
    fresh: set[str] = set()
    for start in range(0, len(task_ids), _AT_ONCE):
        query = (
            sa.update(evaluation_suspicions)
            .where(
                _TABLE.evaluation_id == evaluation_id,
                _TABLE.task_id.in_(task_ids[start : start + _AT_ONCE]),
                _TABLE.asked_ms.is_(None),
            )
            .values(asked_ms=at_ms)
            .returning(_TABLE.task_id)
        )
        fresh |= {row["task_id"] for row in tx.all(query)}
    return fresh
