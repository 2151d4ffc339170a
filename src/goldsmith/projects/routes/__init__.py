"""HTTP of projects."""

from fastapi import APIRouter

from goldsmith.accounts.api import Gate
from goldsmith.platform.database import Sql
from goldsmith.projects.routes import projects, quality_policy
from goldsmith.projects.service import ProjectsService


def register_scopes(gate: Gate) -> None:
    """Teach the gate what belongs to which project, and who was added to one."""
    gate.add_scope(
        "project_id", Sql("SELECT workspace_id, project_id FROM projects WHERE project_id = :value")
    )
    gate.add_scope(
        "batch_id",
        Sql(
            "SELECT p.workspace_id, p.project_id FROM batches b JOIN projects p ON p.project_id = b.project_id "
            "WHERE b.batch_id = :value"
        ),
    )
    gate.set_project_membership(
        Sql(
            "SELECT 1 FROM project_members pm "
            "WHERE pm.project_id = scope.project_id AND pm.member_id = member.member_id"
        )
    )


def router(service: ProjectsService, gate: Gate) -> APIRouter:
    """Return the routes of projects."""
    register_scopes(gate)
    routes = APIRouter(prefix="/api/v1", tags=["projects"])
    projects.add_routes(routes, service, gate)
    quality_policy.add_routes(routes, service, gate)
    return routes
