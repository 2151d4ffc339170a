"""HTTP of items."""

from fastapi import APIRouter

from goldsmith.accounts.api import Gate
from goldsmith.items.routes import bulk, changes, examples, grid, imports, single, tiles
from goldsmith.items.service import ItemsService
from goldsmith.platform.database import Sql


def register_scopes(gate: Gate) -> None:
    """Teach the gate which workspace and projects an item or an import is in."""
    gate.add_scope(
        "item_id",
        # an item may have tasks in several projects; any of them that is open to the member opens it
        Sql(
            "SELECT i.workspace_id, t.project_id FROM items i LEFT JOIN tasks t ON t.item_id = i.item_id "
            "WHERE i.item_id = :value"
        ),
    )
    gate.add_scope(
        "change_id",
        Sql(
            "SELECT p.workspace_id, c.project_id FROM changes c JOIN projects p ON p.project_id = c.project_id "
            "WHERE c.change_id = :value"
        ),
    )
    gate.add_scope(
        "slice_id",
        Sql(
            "SELECT p.workspace_id, s.project_id FROM slices s JOIN projects p ON p.project_id = s.project_id "
            "WHERE s.slice_id = :value"
        ),
    )
    gate.add_scope("import_id", Sql("SELECT workspace_id, project_id FROM imports WHERE job_id = :value"))


def router(service: ItemsService, gate: Gate) -> APIRouter:
    """Return the routes of items."""
    register_scopes(gate)
    routes = APIRouter(prefix="/api/v1", tags=["items"])
    grid.add_routes(routes, service, gate)
    changes.add_routes(routes, service, gate)
    examples.add_routes(routes, service, gate)
    single.add_routes(routes, service, gate)
    tiles.add_routes(routes, service, gate)
    bulk.add_routes(routes, service, gate)
    imports.add_routes(routes, service, gate)
    return routes
