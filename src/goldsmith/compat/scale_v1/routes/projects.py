"""Routes of projects."""

from typing import Annotated

from fastapi import APIRouter, Depends, Request, Response

from goldsmith.accounts.api import Gate, KeyAccess, Role
from goldsmith.compat.scale_v1.routes.bodies import JsonBody, answer, without_conflict
from goldsmith.compat.scale_v1.service import ScaleService
from goldsmith.compat.scale_v1.words import read_flag


def add_routes(routes: APIRouter, service: ScaleService, gate: Gate) -> None:
    """Add the routes."""
    database, manager = service.machine.database, gate.key_holder(Role.MANAGER)

    @routes.post("/projects")
    async def create_project(key: Annotated[KeyAccess, Depends(manager)], body: JsonBody) -> Response:
        """Make a project."""
        return answer(await database.write(lambda tx: service.create_project(tx, key, body)))

    @routes.get("/projects")
    async def list_projects(request: Request, key: Annotated[KeyAccess, Depends(manager)]) -> Response:
        """List all projects."""
        is_archived = read_flag(request.query_params.get("archived"), where="archived")
        return answer(await database.read(lambda tx: service.list_projects(tx, key, is_archived=is_archived)))

    @routes.get("/projects/{name}")
    async def get_project(name: str, key: Annotated[KeyAccess, Depends(manager)]) -> Response:
        """Show a project with all versions of its parameters."""
        return answer(await database.read(lambda tx: service.get_project(tx, key, name)))

    @routes.post("/projects/{name}/setParams")
    async def set_params(name: str, key: Annotated[KeyAccess, Depends(manager)], body: JsonBody) -> Response:
        """Add a version of the parameters."""
        return answer(
            await database.write(without_conflict(lambda tx: service.set_params(tx, key, name, body)))
        )

    @routes.get("/projects/{name}/taskTemplates")
    async def get_template(name: str, key: Annotated[KeyAccess, Depends(manager)]) -> Response:
        """Show the task template."""
        return answer(await database.read(lambda tx: service.get_template(tx, key, name)))
