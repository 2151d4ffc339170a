"""HTTP of quality."""

from fastapi import APIRouter

from goldsmith.accounts.api import Gate
from goldsmith.quality.routes import audits, consensus, course, gold, people, targets
from goldsmith.quality.service import QualityService


def router(service: QualityService, gate: Gate) -> APIRouter:
    """Return the routes of quality."""
    routes = APIRouter(prefix="/api/v1", tags=["quality"])
    consensus.add_routes(routes, service, gate)
    audits.add_routes(routes, service, gate)
    targets.add_routes(routes, service, gate)
    people.add_routes(routes, service, gate)
    gold.add_routes(routes, service, gate)
    course.add_routes(routes, service, gate)
    return routes
