"""All SQL of projects."""

from __future__ import annotations

import base64
import json
from collections.abc import Sequence
from typing import Any, Final

import sqlalchemy as sa

from goldsmith.platform.database import BulkInsert, Row, Sql, Transaction, prepared
from goldsmith.projects.tables import batch_members, project_versions, projects
from goldsmith.projects.types import (
    Aspect,
    Batch,
    BatchState,
    BatchView,
    Progress,
    Project,
    ProjectMember,
    ProjectView,
    Version,
)

_DAY_MS: Final = 86_400_000
_ABOVE_ALL: Final = "zzz"  # after every id, in every collation
_TASK_STATES: Final = ("open", "resolving", "review", "done", "idle", "cancelled")

_INSERT_PROJECT: Final = prepared(sa.insert(projects))
_INSERT_VERSION: Final = prepared(sa.insert(project_versions))

_PROJECT: Final = Sql(
    "SELECT project_id, workspace_id, name, state, ontology_version, instructions_version, workflow_version, "
    "quality_version, created_by, created_ms, archived_ms FROM projects WHERE project_id = :project_id"
)
_SETUP: Final = Sql(
    "SELECT p.project_id, p.workspace_id, p.name, p.state, p.ontology_version, p.instructions_version, "
    "p.workflow_version, p.quality_version, p.created_by, p.created_ms, p.archived_ms, o.body AS ontology, "
    "w.body AS workflow, q.body AS quality "
    "FROM projects p "
    "JOIN project_versions o ON o.project_id = p.project_id AND o.aspect = 'ontology' "
    "AND o.version = p.ontology_version "
    "JOIN project_versions w ON w.project_id = p.project_id AND w.aspect = 'workflow' "
    "AND w.version = p.workflow_version "
    "JOIN project_versions q ON q.project_id = p.project_id AND q.aspect = 'quality' "
    "AND q.version = p.quality_version "
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
_EXAMPLES: Final = Sql(
    "SELECT v.examples FROM projects p JOIN project_versions v ON v.project_id = p.project_id "
    "AND v.aspect = 'instructions' AND v.version = CASE WHEN :version = 0 THEN p.instructions_version "
    "ELSE :version END WHERE p.project_id = :project_id"
)
_PUBLISHED: Final = Sql(
    "SELECT 1 AS found FROM project_versions WHERE project_id = :project_id AND aspect = 'instructions' "
    "AND examples LIKE :named LIMIT 1"
)
_ENSURE_BATCH: Final = Sql(
    "INSERT INTO batches (batch_id, project_id, name, priority, state, origin, created_by, created_ms) "
    "VALUES (:batch_id, :project_id, :name, :priority, :state, :origin, :created_by, :created_ms) "
    "ON CONFLICT (project_id, name) DO NOTHING"
)
_BATCH_BY_NAME: Final = Sql("SELECT * FROM batches WHERE project_id = :project_id AND name = :name")
_BATCH: Final = Sql("SELECT * FROM batches WHERE batch_id = :batch_id")
_CHANGE_PROJECT: Final = Sql(
    "UPDATE projects SET name = :name, state = :state, archived_ms = :archived_ms WHERE project_id = :project_id"
)
_RAISE_VERSION: Final = {
    aspect: Sql(
        f"UPDATE projects SET {aspect}_version = :version "  # noqa: S608  a constant
        f"WHERE project_id = :project_id AND {aspect}_version = :version - 1"
    )
    for aspect in Aspect
}
_ONTOLOGY_STEPS: Final = Sql(
    "SELECT version, body, migration FROM project_versions "
    "WHERE project_id = :project_id AND aspect = 'ontology' ORDER BY version"
)
_VERSIONS: Final = Sql(
    "SELECT aspect, version, note, created_by, created_ms FROM project_versions WHERE project_id = :project_id "
    "AND (created_ms, aspect, version) < (:before_ms, :before_aspect, :before_version) "
    "ORDER BY created_ms DESC, aspect DESC, version DESC LIMIT :limit"
)
# The counters read the tasks and submissions of the step above by name: one statement for a whole page.
_COUNTS: Final = ", ".join(
    f"COUNT(CASE WHEN t.state = '{state}' THEN 1 END) AS tasks_{state}" for state in _TASK_STATES
)
_COUNTED: Final = ", ".join(f"counts.tasks_{state}" for state in _TASK_STATES)
_VIEW: Final = (
    f"SELECT page.*, {_COUNTED}, "  # noqa: S608  constants
    "(SELECT COUNT(*) FROM submissions s WHERE s.project_id = page.project_id AND s.kind = 'human' "
    "AND s.submission_id >= :since) AS submissions_7d, "
    "(SELECT COUNT(*) FROM project_members pm JOIN members m ON m.member_id = pm.member_id "
    "AND m.removed_ms IS NULL WHERE pm.project_id = page.project_id) AS member_count "
    f"FROM page LEFT JOIN (SELECT t.project_id, {_COUNTS} FROM tasks t "
    "WHERE t.project_id IN (SELECT project_id FROM page) GROUP BY t.project_id) counts "
    "ON counts.project_id = page.project_id ORDER BY page.project_id DESC"
)
_LIST: Final = Sql(
    "WITH page AS (SELECT p.* FROM projects p WHERE p.workspace_id = :workspace_id AND p.project_id < :before "  # noqa: S608
    "AND (:with_archived = 1 OR p.state <> 'archived') "
    "AND (:member_id = '' OR EXISTS (SELECT 1 FROM project_members pm "
    "WHERE pm.project_id = p.project_id AND pm.member_id = :member_id)) "
    f"ORDER BY p.project_id DESC LIMIT :limit) {_VIEW}"
)
_ONE: Final = Sql(f"WITH page AS (SELECT p.* FROM projects p WHERE p.project_id = :project_id) {_VIEW}")  # noqa: S608
_MEMBERS: Final = Sql(
    "SELECT m.member_id, m.name, m.kind, m.role, pm.added_by, pm.added_ms FROM project_members pm "
    "JOIN members m ON m.member_id = pm.member_id AND m.removed_ms IS NULL "
    "WHERE pm.project_id = :project_id AND m.member_id > :after ORDER BY m.member_id LIMIT :limit"
)
_ADD_MEMBER: Final = Sql(
    "INSERT INTO project_members (project_id, member_id, added_by, added_ms) "
    "SELECT :project_id, m.member_id, :added_by, :added_ms FROM members m JOIN projects p "
    "ON p.project_id = :project_id AND p.workspace_id = m.workspace_id "
    "WHERE m.member_id = :member_id AND m.removed_ms IS NULL ON CONFLICT DO NOTHING"
)
_KNOWN_PROJECTS: Final = Sql(
    "SELECT COUNT(*) AS known FROM projects WHERE workspace_id = :workspace_id "
    "AND project_id IN (SELECT value FROM json_each(:project_ids))",
    postgresql="SELECT COUNT(*) AS known FROM projects WHERE workspace_id = :workspace_id "
    "AND project_id IN (SELECT jsonb_array_elements_text(CAST(:project_ids AS jsonb)))",
)
_HAS_MEMBER: Final = Sql(
    "SELECT 1 AS found FROM project_members WHERE project_id = :project_id AND member_id = :member_id"
)
_REMOVE_MEMBER: Final = Sql(
    "DELETE FROM project_members WHERE project_id = :project_id AND member_id = :member_id"
)
_BATCHES: Final = Sql(
    "WITH page AS (SELECT b.* FROM batches b WHERE b.project_id = :project_id AND b.batch_id < :before "  # noqa: S608
    "ORDER BY b.batch_id DESC LIMIT :limit) "
    f"SELECT page.*, {_COUNTED} FROM page LEFT JOIN (SELECT t.batch_id, {_COUNTS} FROM tasks t "
    "WHERE t.batch_id IN (SELECT batch_id FROM page) GROUP BY t.batch_id) counts "
    "ON counts.batch_id = page.batch_id ORDER BY page.batch_id DESC"
)
_CHANGE_BATCH: Final = Sql(
    "UPDATE batches SET name = :name, priority = :priority, state = :state WHERE batch_id = :batch_id"
)
_FOR_SOME: Final = Sql("UPDATE batches SET is_for_some = :is_for_some WHERE batch_id = :batch_id")
_CLEAR_BATCH_MEMBERS: Final = Sql("DELETE FROM batch_members WHERE batch_id = :batch_id")
_PUT_BATCH_MEMBERS: Final = BulkInsert(batch_members, ("batch_id", "member_id"))
_NAMES: Final = (
    "SELECT bm.batch_id, m.name FROM batch_members bm JOIN members m ON m.member_id = bm.member_id "
    "AND m.removed_ms IS NULL WHERE bm.batch_id IN {} ORDER BY m.name, m.member_id"
)
_NAMES_OF_BATCHES: Final = Sql(
    _NAMES.format("(SELECT value FROM json_each(:batch_ids))"),
    postgresql=_NAMES.format("(SELECT jsonb_array_elements_text(CAST(:batch_ids AS jsonb)))"),
)


def insert_project(tx: Transaction, project: Project) -> None:
    """Store a new project; a name that is taken in the workspace raises ConflictError."""
    tx.run(_INSERT_PROJECT, {**project.model_dump(), "state": project.state.value})


def insert_version(
    tx: Transaction,
    *,
    project_id: str,
    version: Version,
    body: str,
    migration: str = "{}",
    examples: Sequence[str] = (),
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
            "examples": json.dumps(list(examples)),
            "note": version.note,
            "created_by": version.created_by,
            "created_ms": version.created_ms,
        },
    )


def find_project(tx: Transaction, project_id: str) -> Project | None:
    """Return the project, or None."""
    row = tx.first(_PROJECT, {"project_id": project_id})
    return None if row is None else project_of(row)


def find_setup(tx: Transaction, project_id: str) -> tuple[Project, str, str, str] | None:
    """Return the project with the JSON of its newest ontology, workflow and quality policy, or None."""
    row = tx.first(_SETUP, {"project_id": project_id})
    return None if row is None else (project_of(row), row["ontology"], row["workflow"], row["quality"])


def find_body(
    tx: Transaction, *, project_id: str, aspect: Aspect, version: int | None
) -> tuple[int, str] | None:
    """Return (version, body) of a document, the newest when ``version`` is None; None when there is none."""
    if version is None:
        row = tx.first(_NEWEST_BODY[aspect], {"project_id": project_id})
    else:
        row = tx.first(_BODY, {"project_id": project_id, "aspect": aspect.value, "version": version})
    return None if row is None else (row["version"], row["body"])


def find_examples(tx: Transaction, *, project_id: str, version: int | None) -> list[str] | None:
    """Return the examples of a version of the instructions, the newest by default; None when there is none."""
    row = tx.first(_EXAMPLES, {"project_id": project_id, "version": version or 0})
    return None if row is None else json.loads(row["examples"])


def was_published(tx: Transaction, *, project_id: str, example_id: str) -> bool:
    """Say whether any version of the instructions names an example."""
    params = {"project_id": project_id, "named": f'%"{example_id}"%'}
    return tx.first(_PUBLISHED, params) is not None


def ensure_batch(tx: Transaction, batch: Batch) -> Batch:
    """Store ``batch`` unless the project has one of that name; return what stands."""
    values = {**batch.model_dump(mode="json"), "origin": json.dumps(batch.origin)}
    if tx.run(_ENSURE_BATCH, values) == 1:
        return batch
    row = tx.first(_BATCH_BY_NAME, {"project_id": batch.project_id, "name": batch.name})
    return batch if row is None else batch_of(row)


def find_batch(tx: Transaction, batch_id: str) -> Batch | None:
    """Return the batch, or None."""
    row = tx.first(_BATCH, {"batch_id": batch_id})
    return None if row is None else batch_of(row)


def change_project(tx: Transaction, project: Project) -> None:
    """Write the name and state; a name that is taken raises ConflictError."""
    values = project.model_dump(include={"project_id", "name", "archived_ms"})
    tx.run(_CHANGE_PROJECT, {**values, "state": project.state.value})


def raise_version(tx: Transaction, *, project_id: str, aspect: Aspect, version: int) -> bool:
    """Make ``version`` the newest; False when the newest is not the one before it."""
    return tx.run(_RAISE_VERSION[aspect], {"project_id": project_id, "version": version}) == 1


def list_ontology_steps(tx: Transaction, project_id: str) -> list[tuple[str, str]]:
    """Return (ontology JSON, migration JSON) of all versions, oldest first."""
    return [(row["body"], row["migration"]) for row in tx.all(_ONTOLOGY_STEPS, {"project_id": project_id})]


def list_versions(
    tx: Transaction, *, project_id: str, before: tuple[int, str, int] | None, limit: int
) -> list[Version]:
    """Return versions of all documents, newest first, from after the (time, aspect, version) ``before``."""
    before_ms, aspect, version = before or (2**62, "", 0)
    params = {
        "project_id": project_id,
        "before_ms": before_ms,
        "before_aspect": aspect,
        "before_version": version,
        "limit": limit,
    }
    return [Version.model_validate(dict(row)) for row in tx.all(_VERSIONS, params)]


def list_projects(
    tx: Transaction,
    *,
    workspace_id: str,
    member_id: str | None,
    with_archived: bool,
    now_ms: int,
    before: str | None,
    limit: int,
) -> list[ProjectView]:
    """Return projects with their counters, newest first; only those of ``member_id`` when given."""
    params = {
        "workspace_id": workspace_id,
        "member_id": member_id or "",
        "with_archived": int(with_archived),
        "since": _first_id_at("sub", now_ms - 7 * _DAY_MS),
        "before": before or _ABOVE_ALL,
        "limit": limit,
    }
    return [_view_of(row) for row in tx.all(_LIST, params)]


def find_view(tx: Transaction, project_id: str, *, now_ms: int) -> ProjectView | None:
    """Return the project with its counters, or None."""
    params = {"project_id": project_id, "since": _first_id_at("sub", now_ms - 7 * _DAY_MS)}
    row = tx.first(_ONE, params)
    return None if row is None else _view_of(row)


def list_members(tx: Transaction, *, project_id: str, after: str | None, limit: int) -> list[ProjectMember]:
    """Return members that were added to the project."""
    rows = tx.all(_MEMBERS, {"project_id": project_id, "after": after or "", "limit": limit})
    return [ProjectMember.model_validate(dict(row)) for row in rows]


def add_member(tx: Transaction, *, project_id: str, member_id: str, added_by: str, added_ms: int) -> bool:
    """Add a member of the project's workspace; False when there is no such member or it is there already."""
    params = {"project_id": project_id, "member_id": member_id, "added_by": added_by, "added_ms": added_ms}
    return tx.run(_ADD_MEMBER, params) == 1


def count_known(tx: Transaction, *, workspace_id: str, project_ids: Sequence[str]) -> int:
    """Return how many of the (distinct) projects are in the workspace."""
    params = {"workspace_id": workspace_id, "project_ids": json.dumps(list(project_ids))}
    return int(tx.scalar(_KNOWN_PROJECTS, params))


def add_to_projects(
    tx: Transaction, *, project_ids: Sequence[str], member_id: str, added_by: str, added_ms: int
) -> None:
    """Add a member to projects of its own workspace; where it is already, nothing happens."""
    common = {"member_id": member_id, "added_by": added_by, "added_ms": added_ms}
    tx.many(_ADD_MEMBER, [{"project_id": project_id, **common} for project_id in project_ids])


def has_member(tx: Transaction, *, project_id: str, member_id: str) -> bool:
    """Say whether the member was added to the project."""
    return tx.first(_HAS_MEMBER, {"project_id": project_id, "member_id": member_id}) is not None


def remove_member(tx: Transaction, *, project_id: str, member_id: str) -> bool:
    """Remove a member from the project; False when it was not there."""
    return tx.run(_REMOVE_MEMBER, {"project_id": project_id, "member_id": member_id}) == 1


def list_batches(tx: Transaction, *, project_id: str, before: str | None, limit: int) -> list[BatchView]:
    """Return batches with their tasks counted by state, newest first."""
    rows = tx.all(_BATCHES, {"project_id": project_id, "before": before or _ABOVE_ALL, "limit": limit})
    names: dict[str, list[str]] = {row["batch_id"]: [] for row in rows if row["is_for_some"]}
    if names:
        for row in tx.all(_NAMES_OF_BATCHES, {"batch_ids": json.dumps(list(names))}):
            names[row["batch_id"]].append(row["name"])
    return [
        BatchView(
            **batch_of(row).model_dump(), states=_states_of(row), members=names.get(row["batch_id"], [])
        )
        for row in rows
    ]


def change_batch(tx: Transaction, batch: Batch) -> None:
    """Write name, priority and state; a name that is taken raises ConflictError."""
    values = batch.model_dump(include={"batch_id", "name", "priority"})
    tx.run(_CHANGE_BATCH, {**values, "state": batch.state.value})


def put_batch_members(tx: Transaction, batch_id: str, member_ids: Sequence[str] | None) -> None:
    """Let only these members label a batch; None lets all members of its project."""
    tx.run(_FOR_SOME, {"batch_id": batch_id, "is_for_some": int(member_ids is not None)})
    tx.run(_CLEAR_BATCH_MEMBERS, {"batch_id": batch_id})
    _PUT_BATCH_MEMBERS.run(tx, [(batch_id, member_id) for member_id in sorted(set(member_ids or ()))])


def project_of(row: Row) -> Project:
    """Read a project from a row that holds its columns."""
    return Project.model_validate({name: row[name] for name in Project.model_fields})


def batch_of(row: Row) -> Batch:
    """Read a batch from a row of its table."""
    values: dict[str, Any] = {name: row[name] for name in Batch.model_fields}
    return Batch.model_validate(
        {**values, "origin": json.loads(values["origin"]), "state": BatchState(values["state"])}
    )


def _view_of(row: Row) -> ProjectView:
    states = _states_of(row)
    progress = Progress(
        items=sum(states.values()),
        states=states,
        submissions_7d=row["submissions_7d"],
        members=row["member_count"],
    )
    return ProjectView(**project_of(row).model_dump(), progress=progress)


def _states_of(row: Row) -> dict[str, int]:
    return {state: count for state in _TASK_STATES if (count := row[f"tasks_{state}"])}


def _first_id_at(prefix: str, at_ms: int) -> str:
    """Return the smallest id of a time; ids sort by their time, so that an index over ids is one over time."""
    return f"{prefix}_{base64.b32hexencode((at_ms << 72).to_bytes(15, 'big')).decode().lower()}"
