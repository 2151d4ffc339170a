"""SQL of projects."""

from __future__ import annotations

import json
from typing import Any, Final

import sqlalchemy as sa

from goldsmith.compat.scale_v1.tables import scale_projects
from goldsmith.compat.scale_v1.types import ProjectRow, Space
from goldsmith.platform.database import Row, Sql, Transaction, prepared

_INSERT: Final = prepared(sa.insert(scale_projects))
_COLUMNS: Final = (
    "SELECT s.*, CASE WHEN p.state = 'archived' THEN 1 ELSE 0 END AS is_archived FROM scale_projects s "
    "LEFT JOIN projects p ON p.project_id = s.project_id "
)
_BY_NAME: Final = Sql(
    _COLUMNS + "WHERE s.workspace_id = :workspace_id AND s.is_test = :is_test AND s.name = :name"
)
_BY_ID: Final = Sql(
    _COLUMNS + "WHERE s.workspace_id = :workspace_id AND s.is_test = :is_test AND s.project_id = :project_id"
)
_KNOWN: Final = Sql("SELECT 1 AS found FROM scale_projects WHERE project_id = :project_id")
_LOCK: Final = Sql(
    "SELECT params_history FROM scale_projects WHERE project_id = :project_id",
    postgresql="SELECT params_history FROM scale_projects WHERE project_id = :project_id FOR UPDATE",
)
_ALL: Final = Sql(
    _COLUMNS + "WHERE s.workspace_id = :workspace_id AND s.is_test = :is_test "
    "AND (:with_archived = 1 OR COALESCE(p.state, '') <> 'archived') ORDER BY s.created_ms, s.project_id"
)
_KEEP_VERSIONS: Final = Sql(
    "UPDATE scale_projects SET params_history = :params_history WHERE project_id = :project_id"
)


def insert_project(tx: Transaction, project: ProjectRow) -> None:
    """Store a project; a name that is taken raises ConflictError."""
    tx.run(
        _INSERT,
        {
            "project_id": project.project_id,
            **space_of(project.space),
            "name": project.name,
            "type": project.type,
            "params_history": json.dumps(project.versions, ensure_ascii=False),
            "options": json.dumps(dict(project.options), ensure_ascii=False),
            "created_ms": project.created_ms,
        },
    )


def find_by_name(tx: Transaction, space: Space, name: str) -> ProjectRow | None:
    """Return the project of that name, or None."""
    row = tx.first(_BY_NAME, {**space_of(space), "name": name})
    return None if row is None else _project(row)


def find_by_id(tx: Transaction, space: Space, project_id: str) -> ProjectRow | None:
    """Return the project, or None."""
    row = tx.first(_BY_ID, {**space_of(space), "project_id": project_id})
    return None if row is None else _project(row)


def is_known(tx: Transaction, project_id: str) -> bool:
    """Say whether a project of goldsmith's was made through the protocol."""
    return tx.first(_KNOWN, {"project_id": project_id}) is not None


def lock_versions(tx: Transaction, project_id: str) -> list[dict[str, Any]]:
    """Return the versions of the parameters; nobody else adds one until the transaction ends."""
    row = tx.first(_LOCK, {"project_id": project_id})
    return [] if row is None else json.loads(row["params_history"])


def keep_versions(tx: Transaction, project_id: str, versions: list[dict[str, Any]]) -> None:
    """Store the versions of the parameters."""
    tx.run(
        _KEEP_VERSIONS,
        {"project_id": project_id, "params_history": json.dumps(versions, ensure_ascii=False)},
    )


def change_project(tx: Transaction, project_id: str, **values: Any) -> None:
    """Set columns of a project."""
    tx.run(sa.update(scale_projects).where(scale_projects.c.project_id == project_id).values(**values))


def list_projects(tx: Transaction, space: Space, *, with_archived: bool) -> list[ProjectRow]:
    """Return all projects, oldest first."""
    return [_project(row) for row in tx.all(_ALL, {**space_of(space), "with_archived": int(with_archived)})]


def space_of(space: Space) -> dict[str, Any]:
    """Return the parameters that tell a space."""
    return {"workspace_id": space.workspace_id, "is_test": int(space.is_test)}


def _project(row: Row) -> ProjectRow:
    return ProjectRow(
        project_id=row["project_id"],
        space=Space(row["workspace_id"], bool(row["is_test"])),
        name=row["name"],
        type=row["type"],
        versions=json.loads(row["params_history"]),
        options=json.loads(row["options"]),
        created_ms=row["created_ms"],
        is_archived=bool(row["is_archived"]),
    )
