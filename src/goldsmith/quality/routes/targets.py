"""HTTP of targets, costs and simulations."""

from fastapi import APIRouter, Depends

from goldsmith.accounts.api import Gate, Role
from goldsmith.quality.service import QualityService
from goldsmith.quality.types import SimulationBody, SimulationView, TargetView


def add_routes(routes: APIRouter, service: QualityService, gate: Gate) -> None:
    """Add the routes."""
    database = service.machine.database
    reader = gate.allow(Role.REVIEWER)

    @routes.get("/projects/{project_id}/quality/target", dependencies=[Depends(reader)])
    async def target(project_id: str) -> TargetView:
        """Return where a project stands to its target, what it cost and what is still to come."""
        return await database.read(lambda tx: service.target(tx, project_id))

    # not async: it computes, and so runs on a thread beside the event loop
    @routes.post("/projects/{project_id}/quality/simulations", dependencies=[Depends(reader)])
    def simulate(project_id: str, body: SimulationBody) -> SimulationView:
        """Try policies on simulated work: cost against accuracy, before anybody is paid."""
        return service.simulate(project_id, body)
