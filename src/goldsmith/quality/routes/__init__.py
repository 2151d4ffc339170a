"""HTTP of quality."""

from fastapi import APIRouter

from goldsmith.accounts.api import Gate
from goldsmith.quality.routes import consensus
from goldsmith.quality.service import QualityService


def router(service: QualityService, gate: Gate) -> APIRouter:
    """Return the routes of quality."""
    routes = APIRouter(prefix="/api/v1", tags=["quality"])
    consensus.add_routes(routes, service, gate)
    return routes
