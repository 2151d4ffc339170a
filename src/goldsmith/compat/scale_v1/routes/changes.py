"""Routes that change tasks; each answers with the whole task."""

from collections.abc import Callable
from typing import Annotated

from fastapi import APIRouter, Depends, Request, Response

from goldsmith.accounts.api import Gate, KeyAccess, Role
from goldsmith.compat.scale_v1.routes.bodies import JsonBody, answer, read_array, without_conflict
from goldsmith.compat.scale_v1.service import ScaleService
from goldsmith.compat.scale_v1.task_types.types import ParameterFault
from goldsmith.compat.scale_v1.words import read_flag, read_texts
from goldsmith.platform.database import Transaction

Change = Callable[[Transaction], None]


def add_routes(routes: APIRouter, service: ScaleService, gate: Gate) -> None:
    """Add the routes."""
    _add_word_routes(routes, service, gate)
    _add_tag_routes(routes, service, gate)
    _add_end_routes(routes, service, gate)


async def _changed(service: ScaleService, key: KeyAccess, scale_id: str, change: Change) -> Response:
    await service.machine.database.write(change)
    return answer(await service.get_task(key, scale_id))


async def _read_tags(request: Request) -> list[str]:
    return read_texts(await read_array(request, where="tags"), where="tags")


def _add_word_routes(routes: APIRouter, service: ScaleService, gate: Gate) -> None:
    manager = gate.key_holder(Role.MANAGER)

    @routes.post("/task/{scale_id}/unique_id")
    async def set_unique_id(
        scale_id: str, key: Annotated[KeyAccess, Depends(manager)], body: JsonBody
    ) -> Response:
        """Give a task another key of the customer's."""
        return await _changed(
            service, key, scale_id, lambda tx: service.set_unique_id(tx, key, scale_id, body)
        )

    @routes.delete("/task/{scale_id}/unique_id")
    async def clear_unique_id(scale_id: str, key: Annotated[KeyAccess, Depends(manager)]) -> Response:
        """Take the customer's key from a task."""
        return await _changed(service, key, scale_id, lambda tx: service.clear_unique_id(tx, key, scale_id))

    @routes.post("/task/{scale_id}/setMetadata")
    async def set_metadata(
        scale_id: str, key: Annotated[KeyAccess, Depends(manager)], body: JsonBody
    ) -> Response:
        """Replace the metadata of a task; an absent body empties it."""
        return await _changed(
            service, key, scale_id, lambda tx: service.set_task_metadata(tx, key, scale_id, body)
        )


def _add_tag_routes(routes: APIRouter, service: ScaleService, gate: Gate) -> None:
    manager = gate.key_holder(Role.MANAGER)

    @routes.post("/task/{scale_id}/tags")
    async def set_tags(
        scale_id: str, request: Request, key: Annotated[KeyAccess, Depends(manager)]
    ) -> Response:
        """Make these the tags of a task; an absent body takes all away."""
        tags = await _read_tags(request)
        return await _changed(service, key, scale_id, lambda tx: service.set_tags(tx, key, scale_id, tags))

    @routes.put("/task/{scale_id}/tags")
    async def add_tags(
        scale_id: str, request: Request, key: Annotated[KeyAccess, Depends(manager)]
    ) -> Response:
        """Add tags to a task."""
        tags = await _read_tags(request)
        return await _changed(service, key, scale_id, lambda tx: service.add_tags(tx, key, scale_id, tags))

    @routes.delete("/task/{scale_id}/tags")
    async def delete_tags(
        scale_id: str, request: Request, key: Annotated[KeyAccess, Depends(manager)]
    ) -> Response:
        """Take tags from a task."""
        tags = await _read_tags(request)
        return await _changed(service, key, scale_id, lambda tx: service.delete_tags(tx, key, scale_id, tags))


def _add_end_routes(routes: APIRouter, service: ScaleService, gate: Gate) -> None:
    manager = gate.key_holder(Role.MANAGER)

    @routes.post("/task/{scale_id}/cancel")
    async def cancel_task(
        scale_id: str, request: Request, key: Annotated[KeyAccess, Depends(manager)]
    ) -> Response:
        """Cancel a task that nobody began."""
        clear = read_flag(request.query_params.get("clear_unique_id"), where="clear_unique_id")
        return await _changed(
            service,
            key,
            scale_id,
            without_conflict(lambda tx: service.cancel_task(tx, key, scale_id, clear_unique_id=clear)),
        )

    @routes.post("/task/{scale_id}/send_callback")
    async def send_callback(scale_id: str, key: Annotated[KeyAccess, Depends(manager)]) -> Response:
        """Tell of a task once more."""
        database = service.machine.database
        return answer(await database.write(lambda tx: service.send_callback(tx, key, scale_id)))

    @routes.post("/task/{scale_id}/audit")
    async def audit_task(
        scale_id: str, key: Annotated[KeyAccess, Depends(manager)], body: JsonBody
    ) -> Response:
        """Accept or reject a completed task."""
        is_accepted, comments = body.get("accepted"), body.get("comments")
        if not isinstance(is_accepted, bool):
            raise ParameterFault(
                '"accepted" is required' if is_accepted is None else '"accepted" must be a boolean'
            )
        if not isinstance(comments, str | None):
            raise ParameterFault('"comments" must be a string')
        return await _changed(
            service,
            key,
            scale_id,
            without_conflict(
                lambda tx: service.audit_task(
                    tx, key, scale_id, is_accepted=is_accepted, comments=comments or ""
                )
            ),
        )
