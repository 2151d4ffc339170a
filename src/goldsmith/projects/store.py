"""All SQL of projects."""

from __future__ import annotations

import json
from typing import Any, Final

import sqlalchemy as sa

from goldsmith.platform.database import Row, Sql, Transaction, prepared
from goldsmith.projects.tables import project_versions, projects
from goldsmith.projects.types import Aspect, Batch, BatchState, Project, Version

_INSERT_PROJECT: Final = prepared(sa.insert(projects))
_INSERT_VERSION: Final = prepared(sa.insert(project_versions))

_PROJECT: Final = Sql(
    "SELECT project_id, workspace_id, name, state, ontology_version, instructions_version, workflow_version, "
    "created_by, created_ms, archived_ms FROM projects WHERE project_id = :project_id"
)
_SETUP: Final = Sql(
    "SELECT p.project_id, p.workspace_id, p.name, p.state, p.ontology_version, p.instructions_version, "
    "p.workflow_version, p.created_by, p.created_ms, p.archived_ms, o.body AS ontology, w.body AS workflow "
    "FROM projects p "
    "JOIN project_versions o ON o.project_id = p.project_id AND o.aspect = 'ontology' "
    "AND o.version = p.ontology_version "
    "JOIN project_versions w ON w.project_id = p.project_id AND w.aspect = 'workflow' "
    "AND w.version = p.workflow_version "
    "WHERE p.project_id = :project_id"
)
_NEWEST_BODY: Final = {
    aspect: Sql(
        "SELECT v.version, v.body FROM projects p JOIN project_versions v ON v.project_id = p.project_id "  # noqa: S608  a constant
        f"AND v.aspect = '{aspect}' AND v.version = p.{aspect}_version WHERE p.project_id = :project_id"
    )
    for aspect in Aspect
}
_BODY: Final = Sql(
    "SELECT version, body FROM project_versions "
    "WHERE project_id = :project_id AND aspect = :aspect AND version = :version"
)
_ENSURE_BATCH: Final = Sql(
    "INSERT INTO batches (batch_id, project_id, name, priority, state, origin, created_by, created_ms) "
    "VALUES (:batch_id, :project_id, :name, :priority, 'open', :origin, :created_by, :created_ms) "
    "ON CONFLICT (project_id, name) DO NOTHING"
)
_BATCH_BY_NAME: Final = Sql("SELECT * FROM batches WHERE project_id = :project_id AND name = :name")
_BATCH: Final = Sql("SELECT * FROM batches WHERE batch_id = :batch_id")


def insert_project(tx: Transaction, project: Project) -> None:
    """Store a new project; a name that is taken in the workspace raises ConflictError."""
    tx.run(_INSERT_PROJECT, {**project.model_dump(), "state": project.state.value})


def insert_version(
    tx: Transaction, *, project_id: str, version: Version, body: str, migration: str = "{}"
) -> None:
    """Append one version of one document."""
    tx.run(
        _INSERT_VERSION,
        {
            "project_id": project_id,
            "aspect": version.aspect.value,
            "version": version.version,
            "body": body,
            "migration": migration,
            "note": version.note,
            "created_by": version.created_by,
            "created_ms": version.created_ms,
        },
    )


def find_project(tx: Transaction, project_id: str) -> Project | None:
    """Return the project, or None."""
    row = tx.first(_PROJECT, {"project_id": project_id})
    return None if row is None else project_of(row)


def find_setup(tx: Transaction, project_id: str) -> tuple[Project, str, str] | None:
    """Return the project with the JSON of its newest ontology and workflow, or None."""
    row = tx.first(_SETUP, {"project_id": project_id})
    return None if row is None else (project_of(row), row["ontology"], row["workflow"])


def find_body(
    tx: Transaction, *, project_id: str, aspect: Aspect, version: int | None
) -> tuple[int, str] | None:
    """Return (version, body) of a document, the newest when ``version`` is None; None when there is none."""
    if version is None:
        row = tx.first(_NEWEST_BODY[aspect], {"project_id": project_id})
    else:
        row = tx.first(_BODY, {"project_id": project_id, "aspect": aspect.value, "version": version})
    return None if row is None else (row["version"], row["body"])


def ensure_batch(tx: Transaction, batch: Batch) -> Batch:
    """Store ``batch`` unless the project has one of that name; return what stands."""
    values = {**batch.model_dump(exclude={"state"}), "origin": json.dumps(batch.origin)}
    if tx.run(_ENSURE_BATCH, values) == 1:
        return batch
    row = tx.first(_BATCH_BY_NAME, {"project_id": batch.project_id, "name": batch.name})
    return batch if row is None else batch_of(row)


def find_batch(tx: Transaction, batch_id: str) -> Batch | None:
    """Return the batch, or None."""
    row = tx.first(_BATCH, {"batch_id": batch_id})
    return None if row is None else batch_of(row)


def project_of(row: Row) -> Project:
    """Read a project from a row that holds its columns."""
    return Project.model_validate({name: row[name] for name in Project.model_fields})


def batch_of(row: Row) -> Batch:
    """Read a batch from a row of its table."""
    values: dict[str, Any] = {name: row[name] for name in Batch.model_fields}
    return Batch.model_validate(
        {**values, "origin": json.loads(values["origin"]), "state": BatchState(values["state"])}
    )
