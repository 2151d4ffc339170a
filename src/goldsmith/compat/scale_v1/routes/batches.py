"""Routes of batches."""

from collections.abc import Mapping
from typing import Annotated

from fastapi import APIRouter, Depends, Request, Response

from goldsmith.accounts.api import Gate, KeyAccess, Role
from goldsmith.compat.scale_v1.routes.bodies import JsonBody, answer, without_conflict
from goldsmith.compat.scale_v1.service import ScaleService
from goldsmith.compat.scale_v1.service.foundation import space_of
from goldsmith.compat.scale_v1.store import projects as project_rows
from goldsmith.compat.scale_v1.store.batches import BatchFilter
from goldsmith.compat.scale_v1.task_types.types import ParameterFault
from goldsmith.compat.scale_v1.types import BatchStatus
from goldsmith.compat.scale_v1.words import MAX_LIMIT, read_flag, read_number, read_time
from goldsmith.platform.database import Transaction

_MAX_OFFSET = 2**31 - 1


def add_routes(routes: APIRouter, service: ScaleService, gate: Gate) -> None:
    """Add the routes."""
    database, manager = service.machine.database, gate.key_holder(Role.MANAGER)

    @routes.post("/batches")
    async def create_batch(key: Annotated[KeyAccess, Depends(manager)], body: JsonBody) -> Response:
        """Make a batch."""
        return answer(await database.write(lambda tx: service.create_batch(tx, key, body)))

    @routes.get("/batches")
    async def list_batches(request: Request, key: Annotated[KeyAccess, Depends(manager)]) -> Response:
        """List batches, newest first."""
        query = request.query_params
        limit = read_number(query.get("limit"), where="limit", least=1, most=MAX_LIMIT, fallback=MAX_LIMIT)
        offset = read_number(query.get("offset"), where="offset", least=0, most=_MAX_OFFSET, fallback=0)
        wanted = _read_filter(query)
        project_name = query.get("project")

        def read(tx: Transaction) -> object:
            found = wanted
            if project_name is not None:
                project = project_rows.find_by_name(tx, space_of(key), project_name)
                if project is None:
                    return _no_batches(limit, offset)
                found = wanted._replace(project_id=project.project_id)
            return service.list_batches(tx, key, found, limit=limit, offset=offset)

        return answer(await database.read(read))

    @routes.get("/batches/{name}")
    async def get_batch(name: str, key: Annotated[KeyAccess, Depends(manager)]) -> Response:
        """Show a batch."""
        return answer(await database.read(lambda tx: service.get_batch(tx, key, name)))

    @routes.get("/batches/{name}/status")
    async def batch_status(name: str, key: Annotated[KeyAccess, Depends(manager)]) -> Response:
        """Show where a batch and its tasks stand."""
        return answer(await database.read(lambda tx: service.batch_status(tx, key, name)))

    @routes.post("/batches/{name}/finalize")
    async def finalize_batch(name: str, key: Annotated[KeyAccess, Depends(manager)]) -> Response:
        """Hand the tasks of a batch out."""
        return answer(
            await database.write(without_conflict(lambda tx: service.finalize_batch(tx, key, name)))
        )

    @routes.post("/batches/{name}/prioritize")
    async def prioritize_batch(
        name: str, key: Annotated[KeyAccess, Depends(manager)], body: JsonBody
    ) -> Response:
        """Give a batch a priority."""
        return answer(await database.write(lambda tx: service.prioritize_batch(tx, key, name, body)))

    @routes.post("/batches/{name}/setMetadata")
    async def set_metadata(
        name: str, key: Annotated[KeyAccess, Depends(manager)], body: JsonBody
    ) -> Response:
        """Replace the metadata of a batch; an absent body empties it."""
        return answer(await database.write(lambda tx: service.set_batch_metadata(tx, key, name, body)))


def _no_batches(limit: int, offset: int) -> dict[str, object]:
    return {"docs": [], "totalDocs": 0, "limit": limit, "offset": offset, "has_more": False}


def _read_filter(query: Mapping[str, str]) -> BatchFilter:
    status = query.get("status")
    if status is not None and status not in set(BatchStatus):
        raise ParameterFault(f'"status" must be one of [{", ".join(BatchStatus)}]')
    start, end = query.get("start_time"), query.get("end_time")
    return BatchFilter(
        status=None if status is None else BatchStatus(status),
        created_from_ms=None if start is None else read_time(start, where="start_time"),
        created_to_ms=None if end is None else read_time(end, where="end_time"),
        without_archived=read_flag(query.get("exclude_archived"), where="exclude_archived"),
    )
