"""Routes of teams and of Studio."""

from typing import Annotated

from fastapi import APIRouter, Depends, Response

from goldsmith.accounts.api import Gate, KeyAccess, Role
from goldsmith.compat.scale_v1.routes.bodies import JsonBody, answer, without_conflict
from goldsmith.compat.scale_v1.service import ScaleService


def add_routes(routes: APIRouter, service: ScaleService, gate: Gate) -> None:
    """Add the routes."""
    _add_team_routes(routes, service, gate)
    _add_assignment_routes(routes, service, gate)
    _add_group_routes(routes, service, gate)
    _add_batch_routes(routes, service, gate)


def _add_team_routes(routes: APIRouter, service: ScaleService, gate: Gate) -> None:
    database, manager = service.machine.database, gate.key_holder(Role.MANAGER)

    @routes.get("/teams")
    async def list_team(key: Annotated[KeyAccess, Depends(manager)]) -> Response:
        """List everybody."""
        return answer(await database.read(lambda tx: service.list_team(tx, key)))

    @routes.post("/teams/invite")
    async def invite(key: Annotated[KeyAccess, Depends(manager)], body: JsonBody) -> Response:
        """Invite people."""
        return answer(await database.write(lambda tx: service.invite_team(tx, key, body)))

    @routes.post("/teams/set_role")
    async def set_role(key: Annotated[KeyAccess, Depends(manager)], body: JsonBody) -> Response:
        """Give people another role."""
        return answer(await database.write(lambda tx: service.set_role(tx, key, body)))


def _add_assignment_routes(routes: APIRouter, service: ScaleService, gate: Gate) -> None:
    database, manager = service.machine.database, gate.key_holder(Role.MANAGER)

    @routes.get("/studio/assignments")
    async def list_assignments(key: Annotated[KeyAccess, Depends(manager)]) -> Response:
        """List everybody's projects."""
        return answer(await database.read(lambda tx: service.list_assignments(tx, key)))

    @routes.post("/studio/assignments/add")
    async def add_assignments(key: Annotated[KeyAccess, Depends(manager)], body: JsonBody) -> Response:
        """Add people to projects."""
        return answer(
            await database.write(lambda tx: service.change_assignments(tx, key, body, is_added=True))
        )

    @routes.post("/studio/assignments/remove")
    async def remove_assignments(key: Annotated[KeyAccess, Depends(manager)], body: JsonBody) -> Response:
        """Take people out of projects."""
        return answer(
            await database.write(lambda tx: service.change_assignments(tx, key, body, is_added=False))
        )


def _add_group_routes(routes: APIRouter, service: ScaleService, gate: Gate) -> None:
    database, manager = service.machine.database, gate.key_holder(Role.MANAGER)

    @routes.get("/studio/projects/{name}/groups")
    async def list_groups(name: str, key: Annotated[KeyAccess, Depends(manager)]) -> Response:
        """List the groups of a project."""
        return answer(await database.read(lambda tx: service.list_groups(tx, key, name)))

    @routes.post("/studio/projects/{name}/groups")
    async def create_group(
        name: str, key: Annotated[KeyAccess, Depends(manager)], body: JsonBody
    ) -> Response:
        """Make a group."""
        return answer(await database.write(lambda tx: service.create_group(tx, key, name, body)))

    @routes.put("/studio/projects/{name}/groups/{group}")
    async def update_group(
        name: str, group: str, key: Annotated[KeyAccess, Depends(manager)], body: JsonBody
    ) -> Response:
        """Put people into a group and take others out."""
        return answer(await database.write(lambda tx: service.update_group(tx, key, name, group, body)))


def _add_batch_routes(routes: APIRouter, service: ScaleService, gate: Gate) -> None:
    database, manager = service.machine.database, gate.key_holder(Role.MANAGER)

    @routes.get("/studio/batches")
    async def list_studio_batches(key: Annotated[KeyAccess, Depends(manager)]) -> Response:
        """List the batches that are not completed, in their order."""
        return answer(await database.read(lambda tx: service.list_studio_batches(tx, key)))

    @routes.put("/studio/batches/{name}")
    async def assign_batch(
        name: str, key: Annotated[KeyAccess, Depends(manager)], body: JsonBody
    ) -> Response:
        """Say which groups a batch is for."""
        return answer(await database.write(lambda tx: service.assign_batch(tx, key, name, body)))

    @routes.post("/studio/batches/set_priorities")
    async def set_priorities(key: Annotated[KeyAccess, Depends(manager)], body: JsonBody) -> Response:
        """Put the batches into an order."""
        return answer(await database.write(lambda tx: service.set_priorities(tx, key, body)))

    @routes.post("/studio/batches/reset_priorities")
    async def reset_priorities(key: Annotated[KeyAccess, Depends(manager)]) -> Response:
        """Put the batches back into the order in which they were made."""
        return answer(await database.write(without_conflict(lambda tx: service.reset_priorities(tx, key))))
