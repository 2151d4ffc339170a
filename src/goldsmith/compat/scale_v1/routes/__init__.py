"""HTTP of Scale's first version, under ``/v1``: any success is 200, errors are in Scale's form (see ``errors``)."""

from __future__ import annotations

from fastapi import APIRouter

from goldsmith.accounts.api import Gate
from goldsmith.compat.scale_v1.routes import batches, changes, files, people, projects, tasks
from goldsmith.compat.scale_v1.service import ScaleService


def router(service: ScaleService, gate: Gate) -> APIRouter:
    """Return the routes; they are Scale's, not part of goldsmith's own document."""
    routes = APIRouter(prefix="/v1", include_in_schema=False)
    for module in (projects, batches, tasks, changes, files, people):
        module.add_routes(routes, service, gate)
    return routes
