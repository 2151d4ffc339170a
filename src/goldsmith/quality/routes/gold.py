"""HTTP of gold upkeep: how known answers fare, which become some, and which are retired."""

from typing import Annotated

from fastapi import APIRouter, Depends

from goldsmith.accounts.api import Access, Gate, Role
from goldsmith.quality.service import QualityService
from goldsmith.quality.types import GoldList, GoldTask, MadeGold, MakeGoldBody


def add_routes(routes: APIRouter, service: QualityService, gate: Gate) -> None:
    """Add the routes."""
    database = service.machine.database
    reader = Depends(gate.allow(Role.REVIEWER))
    manager = Depends(gate.allow(Role.MANAGER))

    @routes.get("/projects/{project_id}/gold", dependencies=[reader])
    async def list_gold(project_id: str) -> GoldList:
        """List the hidden gold of a project: what needs a look first, then the least used."""
        return GoldList(gold=await database.read(lambda tx: service.list_gold(tx, project_id)))

    @routes.post("/projects/{project_id}/gold")
    async def make_gold(project_id: str, body: MakeGoldBody, access: Annotated[Access, manager]) -> MadeGold:
        """Make reviewed tasks hidden gold, their labels the known answers."""
        return await database.write(
            lambda tx: service.make_gold(tx, access, project_id=project_id, task_ids=body.task_ids)
        )

    @routes.post("/projects/{project_id}/gold/{task_id}/retire")
    async def retire(project_id: str, task_id: str, access: Annotated[Access, manager]) -> GoldTask:
        """Take a gold task out of the stream; its answer stays in force."""
        return await database.write(
            lambda tx: service.retire_gold(tx, access, project_id=project_id, task_id=task_id)
        )

    @routes.post("/projects/{project_id}/gold/{task_id}/restore")
    async def restore(project_id: str, task_id: str, access: Annotated[Access, manager]) -> GoldTask:
        """Put a gold task back into the stream, and settle what was doubted: its answer stands and counts."""
        return await database.write(
            lambda tx: service.restore_gold(tx, access, project_id=project_id, task_id=task_id)
        )
