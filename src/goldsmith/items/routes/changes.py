"""Routes of what is done to many items at once, and of slices."""

from typing import Annotated, Any
from urllib.parse import parse_qs

from fastapi import APIRouter, Depends, Query, Response
from pydantic import ValidationError, validate_call

from goldsmith.accounts.api import Access, Gate, Role
from goldsmith.core.errors import FieldFault, InvalidInputError
from goldsmith.core.model import Model
from goldsmith.core.ontology import Name
from goldsmith.items.routes.grid import grid_filter
from goldsmith.items.service import ItemsService
from goldsmith.items.types import GridFilter, Slice
from goldsmith.items.types.changes import ChangeRequest, ChangeView

_BESIDE = frozenset({"sort", "limit", "cursor"})
_checked_filter = validate_call(grid_filter)


class ChangePage(Model):
    """Changes of many items, newest first."""

    items: list[ChangeView]
    next_cursor: str | None


class SliceList(Model):
    """The slices of a project, by name."""

    items: list[Slice]


class NewSlice(Model):
    """A slice to keep."""

    name: Name
    query: Annotated[str, Query(max_length=20_000)] = ""


def filter_of(query: str) -> GridFilter:
    """Read the filters of the grid from the text of its address.

    Raises:
        InvalidInputError: A filter is none of the grid's, or does not hold.
    """
    given: dict[str, Any] = {
        name: values if name == "value" else values[-1]
        for name, values in parse_qs(query, max_num_fields=100).items()
        if name not in _BESIDE
    }
    try:
        return _checked_filter(**given)
    except ValidationError as error:
        faults = [FieldFault(".".join(map(str, each["loc"])), each["msg"]) for each in error.errors()]
        raise InvalidInputError("the filter is not one of the items grid", faults=faults) from None


def add_routes(routes: APIRouter, service: ItemsService, gate: Gate) -> None:
    """Add the routes."""
    database = service.machine.database
    manager = Depends(gate.allow(Role.MANAGER))

    @routes.post("/projects/{project_id}/items/changes", status_code=201)
    async def request_change(
        project_id: str, body: ChangeRequest, access: Annotated[Access, manager]
    ) -> ChangeView:
        """Do something to many items: those named, or all that fit a filter; more than 200 are done by a job."""
        if (body.task_ids is None) == (body.filter is None):
            raise InvalidInputError("name the tasks, or give a filter for all that fit")
        wanted = None if body.filter is None else filter_of(body.filter)
        return await database.write(
            lambda tx: service.request_change(
                tx, access, project_id, change=body.change, task_ids=body.task_ids, wanted=wanted
            )
        )

    @routes.get("/projects/{project_id}/items/changes", dependencies=[manager])
    async def list_changes(
        project_id: str,
        limit: Annotated[int, Query(ge=1, le=200)] = 50,
        cursor: Annotated[str | None, Query(max_length=40)] = None,
    ) -> ChangePage:
        """List what was done to many items, newest first."""
        found = await database.read(
            lambda tx: service.list_changes(tx, project_id, before=cursor, limit=limit + 1)
        )
        items = found[:limit]
        return ChangePage(items=items, next_cursor=items[-1].change_id if len(found) > limit else None)

    @routes.get("/changes/{change_id}", dependencies=[manager])
    async def get_change(change_id: str) -> ChangeView:
        """Show something that was done to many items, and how far it came."""
        return await database.read(lambda tx: service.get_change(tx, change_id))

    @routes.post("/changes/{change_id}/undo")
    async def undo_change(change_id: str, access: Annotated[Access, manager]) -> ChangeView:
        """Take back answers, a deletion or a restoration, where nobody changed the same anew since."""
        return await database.write(lambda tx: service.undo_change(tx, access, change_id))

    @routes.get("/projects/{project_id}/slices", dependencies=[Depends(gate.allow(Role.REVIEWER))])
    async def list_slices(project_id: str) -> SliceList:
        """List the slices of a project: filters of the grid under a name."""
        return SliceList(items=await database.read(lambda tx: service.list_slices(tx, project_id)))

    @routes.post("/projects/{project_id}/slices", status_code=201)
    async def put_slice(
        project_id: str, body: NewSlice, access: Annotated[Access, Depends(gate.allow(Role.REVIEWER))]
    ) -> Slice:
        """Keep a slice, in place of one of the same name."""
        filter_of(body.query)
        return await database.write(
            lambda tx: service.put_slice(tx, access, project_id, name=body.name, query=body.query)
        )

    @routes.delete("/slices/{slice_id}", status_code=204, dependencies=[Depends(gate.allow(Role.REVIEWER))])
    async def delete_slice(slice_id: str) -> Response:
        """Forget a slice."""
        await database.write(lambda tx: service.delete_slice(tx, slice_id))
        return Response(status_code=204)
