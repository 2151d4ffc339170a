"""All SQL of evaluation."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any, Final

import sqlalchemy as sa

from goldsmith.evaluation.tables import evaluation_samples, evaluations
from goldsmith.evaluation.types import EvaluationView, Metrics
from goldsmith.platform.database import Row, Transaction, prepared

_INSERT: Final = prepared(sa.insert(evaluations))
_INSERT_SAMPLE: Final = prepared(sa.insert(evaluation_samples))
_FIND: Final = prepared(
    sa.select(evaluations).where(evaluations.c.evaluation_id == sa.bindparam("evaluation_id"))
)
_LIST: Final = prepared(
    sa.select(evaluations)
    .where(
        evaluations.c.workspace_id == sa.bindparam("workspace_id"),
        evaluations.c.evaluation_id < sa.bindparam("before"),
    )
    .order_by(evaluations.c.evaluation_id.desc())
    .limit(sa.bindparam("limit"))
)
_OF_MODEL: Final = prepared(
    sa.select(evaluations)
    .where(evaluations.c.model_version_id == sa.bindparam("model_version_id"))
    .order_by(evaluations.c.evaluation_id)
)
_ON_DATASET: Final = prepared(
    sa.select(evaluations)
    .where(evaluations.c.dataset_version_id == sa.bindparam("dataset_version_id"))
    .order_by(evaluations.c.evaluation_id)
)
_DELETE_SAMPLES: Final = prepared(
    sa.delete(evaluation_samples).where(evaluation_samples.c.evaluation_id == sa.bindparam("evaluation_id"))
)


def insert_evaluation(tx: Transaction, *, row: Mapping[str, Any]) -> None:
    """Store an evaluation that is to be made."""
    tx.run(_INSERT, row)


def update_evaluation(tx: Transaction, evaluation_id: str, *, values: Mapping[str, Any]) -> None:
    """Change columns of an evaluation."""
    tx.run(sa.update(evaluations).where(evaluations.c.evaluation_id == evaluation_id).values(**values))


def find_evaluation(tx: Transaction, evaluation_id: str) -> EvaluationView | None:
    """Return an evaluation, or None."""
    row = tx.first(_FIND, {"evaluation_id": evaluation_id})
    return None if row is None else _view(row)


def list_evaluations(tx: Transaction, *, workspace_id: str, before: str, limit: int) -> list[EvaluationView]:
    """Return evaluations, newest first."""
    rows = tx.all(_LIST, {"workspace_id": workspace_id, "before": before, "limit": limit})
    return [_view(row) for row in rows]


def evaluations_of(tx: Transaction, model_version_id: str) -> list[EvaluationView]:
    """Return the evaluations of a model version."""
    return [_view(row) for row in tx.all(_OF_MODEL, {"model_version_id": model_version_id})]


def evaluations_on(tx: Transaction, dataset_version_id: str) -> list[EvaluationView]:
    """Return the evaluations that were measured on a dataset version."""
    return [_view(row) for row in tx.all(_ON_DATASET, {"dataset_version_id": dataset_version_id})]


def replace_samples(tx: Transaction, evaluation_id: str, *, rows: Sequence[Mapping[str, Any]]) -> None:
    """Store the samples of an evaluation; those of an interrupted attempt go."""
    tx.run(_DELETE_SAMPLES, {"evaluation_id": evaluation_id})
    tx.many(_INSERT_SAMPLE, [{**row, "evaluation_id": evaluation_id} for row in rows])


def list_samples(
    tx: Transaction, evaluation_id: str, *, after: tuple[float, str] | None, limit: int
) -> list[Row]:
    """Return samples, worst first."""
    table = evaluation_samples.c
    query = (
        sa.select(evaluation_samples)
        .where(table.evaluation_id == evaluation_id)
        .order_by(table.badness.desc(), table.item_id)
        .limit(limit)
    )
    if after is not None:
        badness, item_id = after
        query = query.where(
            sa.or_(table.badness < badness, sa.and_(table.badness == badness, table.item_id > item_id))
        )
    return tx.all(query)


def _view(row: Row) -> EvaluationView:
    metrics = json.loads(row["metrics"])
    return EvaluationView(
        evaluation_id=row["evaluation_id"],
        workspace_id=row["workspace_id"],
        model_version_id=row["model_version_id"],
        dataset_version_id=row["dataset_version_id"],
        split=row["split"],
        job_id=row["job_id"],
        state=row["state"],
        metrics=Metrics.model_validate(metrics) if metrics else None,
        predictions_sha256=row["predictions_sha256"],
        created_by=row["created_by"],
        created_ms=row["created_ms"],
        finished_ms=row["finished_ms"],
    )
