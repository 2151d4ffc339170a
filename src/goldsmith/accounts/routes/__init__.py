"""HTTP routes of accounts, and how its ids resolve to workspaces."""

from fastapi import APIRouter

from goldsmith.accounts.gate import Gate
from goldsmith.accounts.routes import entry, people, workspace
from goldsmith.accounts.service import AccountsService
from goldsmith.platform.database import Sql


def register_scopes(gate: Gate) -> None:
    """Teach the gate the ids of accounts and of the machine room."""
    gate.add_scope(
        "workspace_id",
        Sql("SELECT workspace_id, NULL AS project_id FROM workspaces WHERE workspace_id = :value"),
    )


def router(service: AccountsService, gate: Gate) -> APIRouter:
    """Return the routes of accounts; full paths."""
    register_scopes(gate)
    routes = APIRouter(tags=["accounts"])
    entry.add_routes(routes, service, gate)
    people.add_routes(routes, service, gate)
    workspace.add_routes(routes, service, gate)
    return routes
