"""The route that tells how the assistants do."""

from typing import Annotated

from fastapi import APIRouter, Depends

from goldsmith.accounts.api import Access, Gate, Role
from goldsmith.labeling.service import LabelingService
from goldsmith.labeling.store.assistance import assistance_of
from goldsmith.labeling.types.assistance import AssistanceReport


def add_routes(routes: APIRouter, service: LabelingService, gate: Gate) -> None:
    """Add the route."""
    database = service.machine.database

    @routes.get("/projects/{project_id}/assistance")
    async def get_assistance(
        project_id: str,
        access: Annotated[Access, Depends(gate.allow(Role.REVIEWER))],  # noqa: ARG001
    ) -> AssistanceReport:
        """Return how often the suggestions of each assistant and model were accepted, fixed and refused."""
        return AssistanceReport(sources=await database.read(lambda tx: assistance_of(tx, project_id)))
