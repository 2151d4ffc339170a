"""All SQL of training."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any, Final

import sqlalchemy as sa

from goldsmith.platform.database import Row, Transaction, prepared
from goldsmith.training.recipes import Recipe
from goldsmith.training.tables import model_versions, models, runs
from goldsmith.training.types import ModelVersionView, ModelView, RunView

_INSERT_MODEL: Final = prepared(sa.insert(models))
_INSERT_RUN: Final = prepared(sa.insert(runs))
_INSERT_VERSION: Final = prepared(sa.insert(model_versions))
_FIND_MODEL: Final = prepared(
    sa.select(models).where(
        models.c.workspace_id == sa.bindparam("workspace_id"), models.c.name == sa.bindparam("name")
    )
)
_RUN_QUERY: Final = (
    sa.select(runs, models.c.name.label("model_name"), model_versions.c.model_version_id)
    .join(models, models.c.model_id == runs.c.model_id)
    .join(model_versions, model_versions.c.run_id == runs.c.run_id, isouter=True)
)
_FIND_RUN: Final = prepared(_RUN_QUERY.where(runs.c.run_id == sa.bindparam("run_id")))
_LIST_RUNS: Final = prepared(
    _RUN_QUERY.where(
        runs.c.workspace_id == sa.bindparam("workspace_id"), runs.c.run_id < sa.bindparam("before")
    )
    .order_by(runs.c.run_id.desc())
    .limit(sa.bindparam("limit"))
)
_RUNS_ON: Final = prepared(
    _RUN_QUERY.where(runs.c.dataset_version_id == sa.bindparam("dataset_version_id")).order_by(runs.c.run_id)
)
_VERSION_QUERY: Final = sa.select(
    model_versions, models.c.name.label("model_name"), models.c.workspace_id
).join(models, models.c.model_id == model_versions.c.model_id)
_FIND_VERSION: Final = prepared(
    _VERSION_QUERY.where(model_versions.c.model_version_id == sa.bindparam("model_version_id"))
)
_LIST_VERSIONS: Final = prepared(
    _VERSION_QUERY.where(models.c.workspace_id == sa.bindparam("workspace_id")).order_by(
        models.c.name, model_versions.c.number.desc()
    )
)
_VERSIONS_OF: Final = prepared(
    _VERSION_QUERY.where(model_versions.c.model_id == sa.bindparam("model_id")).order_by(
        model_versions.c.number.desc()
    )
)
_NEWEST_OF_FORMAT: Final = prepared(
    _VERSION_QUERY.where(
        models.c.workspace_id == sa.bindparam("workspace_id"),
        model_versions.c.format == sa.bindparam("format"),
    ).order_by(model_versions.c.model_id, model_versions.c.number.desc())
)
_LIST_MODELS: Final = prepared(
    sa.select(models).where(models.c.workspace_id == sa.bindparam("workspace_id")).order_by(models.c.name)
)
_HIGHEST_NUMBER: Final = prepared(
    sa.select(sa.func.coalesce(sa.func.max(model_versions.c.number), 0).label("number")).where(
        model_versions.c.model_id == sa.bindparam("model_id")
    )
)


def find_model_id(tx: Transaction, *, workspace_id: str, name: str) -> str | None:
    """Return the line of that name, or None."""
    row = tx.first(_FIND_MODEL, {"workspace_id": workspace_id, "name": name})
    return None if row is None else str(row["model_id"])


def insert_model(tx: Transaction, *, row: Mapping[str, Any]) -> None:
    """Store a line."""
    tx.run(_INSERT_MODEL, row)


def insert_run(tx: Transaction, *, row: Mapping[str, Any]) -> None:
    """Store a run."""
    tx.run(_INSERT_RUN, row)


def update_run(tx: Transaction, run_id: str, *, values: Mapping[str, Any]) -> None:
    """Change columns of a run."""
    tx.run(sa.update(runs).where(runs.c.run_id == run_id).values(**values))


def find_run(tx: Transaction, run_id: str) -> RunView | None:
    """Return a run, or None."""
    row = tx.first(_FIND_RUN, {"run_id": run_id})
    return None if row is None else _run(row)


def list_runs(tx: Transaction, *, workspace_id: str, before: str, limit: int) -> list[RunView]:
    """Return runs, newest first."""
    return [
        _run(row)
        for row in tx.all(_LIST_RUNS, {"workspace_id": workspace_id, "before": before, "limit": limit})
    ]


def runs_on(tx: Transaction, dataset_version_id: str) -> list[RunView]:
    """Return the runs that learnt from a dataset version."""
    return [_run(row) for row in tx.all(_RUNS_ON, {"dataset_version_id": dataset_version_id})]


def insert_model_version(tx: Transaction, *, row: Mapping[str, Any]) -> int:
    """Store the next version of a line; returns its number."""
    number = int(tx.scalar(_HIGHEST_NUMBER, {"model_id": row["model_id"]})) + 1
    tx.run(_INSERT_VERSION, {**row, "number": number})
    return number


def find_model_version(tx: Transaction, model_version_id: str) -> ModelVersionView | None:
    """Return a version, or None."""
    row = tx.first(_FIND_VERSION, {"model_version_id": model_version_id})
    return None if row is None else _version(row)


def versions_of(tx: Transaction, model_id: str) -> list[ModelVersionView]:
    """Return the versions of a line, newest first."""
    return [_version(row) for row in tx.all(_VERSIONS_OF, {"model_id": model_id})]


def newest_versions(tx: Transaction, *, workspace_id: str, format_name: str) -> list[ModelVersionView]:
    """Return the newest version of each line that has one of this format."""
    newest: dict[str, ModelVersionView] = {}
    for row in tx.all(_NEWEST_OF_FORMAT, {"workspace_id": workspace_id, "format": format_name}):
        newest.setdefault(row["model_id"], _version(row))
    return list(newest.values())


def list_models(tx: Transaction, workspace_id: str) -> list[ModelView]:
    """Return all lines with their versions, in two statements."""
    versions: dict[str, list[ModelVersionView]] = {}
    for row in tx.all(_LIST_VERSIONS, {"workspace_id": workspace_id}):
        versions.setdefault(row["model_id"], []).append(_version(row))
    return [
        ModelView(
            model_id=row["model_id"],
            workspace_id=row["workspace_id"],
            name=row["name"],
            created_ms=row["created_ms"],
            versions=versions.get(row["model_id"], []),
        )
        for row in tx.all(_LIST_MODELS, {"workspace_id": workspace_id})
    ]


def _run(row: Row) -> RunView:
    return RunView(
        run_id=row["run_id"],
        workspace_id=row["workspace_id"],
        model_id=row["model_id"],
        model_name=row["model_name"],
        recipe=Recipe.model_validate_json(row["recipe"]),
        recipe_hash=row["recipe_hash"],
        dataset_version_id=row["dataset_version_id"],
        seed=row["seed"],
        job_id=row["job_id"],
        state=row["state"],
        environment=json.loads(row["environment"]),
        curves=json.loads(row["curves"]),
        model_version_id=row["model_version_id"],
        created_by=row["created_by"],
        created_ms=row["created_ms"],
        finished_ms=row["finished_ms"],
    )


def _version(row: Row) -> ModelVersionView:
    return ModelVersionView(
        model_version_id=row["model_version_id"],
        model_id=row["model_id"],
        model_name=row["model_name"],
        workspace_id=row["workspace_id"],
        number=row["number"],
        source=row["source"],
        run_id=row["run_id"],
        format=row["format"],
        weights_sha256=row["weights_sha256"],
        classes=json.loads(row["classes"]),
        card=json.loads(row["card"]),
        created_ms=row["created_ms"],
    )
