"""HTTP of labelling."""

from fastapi import APIRouter

from goldsmith.accounts.api import Gate
from goldsmith.labeling.routes import assistance, comparing, context, mine, pages, talk, work
from goldsmith.labeling.service import LabelingService
from goldsmith.platform.database import Sql


def register_scopes(gate: Gate) -> None:
    """Teach the gate which project a task, a lease and a comment are in."""
    gate.add_scope(
        "task_id",
        Sql(
            "SELECT p.workspace_id, t.project_id FROM tasks t JOIN projects p ON p.project_id = t.project_id "
            "WHERE t.task_id = :value"
        ),
    )
    gate.add_scope(
        "judgement_id",
        Sql(
            "SELECT p.workspace_id, j.project_id FROM judgements j JOIN projects p ON p.project_id = j.project_id "
            "WHERE j.judgement_id = :value"
        ),
    )
    gate.add_scope(
        "comment_id",
        Sql(
            "SELECT p.workspace_id, c.project_id FROM comments c JOIN projects p ON p.project_id = c.project_id "
            "WHERE c.comment_id = :value"
        ),
    )


def router(service: LabelingService, gate: Gate) -> APIRouter:
    """Return the routes of labelling."""
    register_scopes(gate)
    routes = APIRouter(prefix="/api/v1", tags=["labelling"])
    work.add_routes(routes, service, gate)
    pages.add_routes(routes, service, gate)
    talk.add_routes(routes, service, gate)
    mine.add_routes(routes, service, gate)
    comparing.add_routes(routes, service, gate)
    context.add_routes(routes, service, gate)
    assistance.add_routes(routes, service, gate)
    return routes
