"""Routes of the items grid: a page, how many fit, and slices: filters under a name."""

import json
from typing import Annotated, Any, Final

from fastapi import APIRouter, Depends, Query

from goldsmith.accounts.api import Gate, Role, Ticket
from goldsmith.core.errors import FieldFault, InvalidInputError
from goldsmith.core.geometry import GEOMETRY_KINDS
from goldsmith.core.model import Model
from goldsmith.items.policy.facets import number_text, values_of
from goldsmith.items.service import ItemsService
from goldsmith.items.store.items import media_urls
from goldsmith.items.types import (
    GridCursor,
    GridFilter,
    GridRow,
    GridSort,
    ItemKind,
    MediaUrls,
    WantedValue,
)
from goldsmith.platform.database import Transaction

MAX_VALUES: Final = 8
_KINDS: Final = "^(" + "|".join(GEOMETRY_KINDS) + ")$"
_VALUE_FORM: Final = (
    'value must be JSON such as ["car","colour","red"], [null,"weather","rain"] for a question, '
    'or ["car","speed",[10,20]] for a range of numbers'
)


class GridItem(Model):
    """One cell of the items grid: an item with its task.

    Attributes:
        cover: Where a picture is that stands for a document; null for texts, and for images, whose thumbnail does.
        words: The first words of a text, or of a document that has no picture.
    """

    item_id: str
    name: str
    kind: ItemKind
    width: int
    height: int
    group_key: str
    media: MediaUrls
    task_id: str
    batch_id: str | None
    state: str
    is_gold: bool | None
    submission_count: int
    object_count: int
    lowest_posterior: float | None
    updated_ms: int
    deleted_ms: int | None
    classes: dict[str, int]
    cover: str | None = None
    words: str = ""


class GridPage(Model):
    """A page of the items grid."""

    items: list[GridItem]
    next_cursor: str | None


class GridCount(Model):
    """How many items fit."""

    count: int


Share = Annotated[float | None, Query(ge=0, le=1)]
Number = Annotated[int | None, Query(ge=0, le=1_000_000)]


def grid_filter(
    batch: Annotated[str | None, Query(max_length=40, description="Batch id.")] = None,
    state: Annotated[str | None, Query(max_length=20, description="State of the task.")] = None,
    class_id: Annotated[str | None, Query(max_length=200)] = None,
    text: Annotated[str | None, Query(max_length=200, description="Part of the name.")] = None,
    group: Annotated[str | None, Query(max_length=1024)] = None,
    has_gold: bool | None = None,
    posterior_min: Share = None,
    posterior_max: Share = None,
    member: Annotated[str | None, Query(max_length=40, description="Who submitted for it.")] = None,
    geometry: Annotated[str | None, Query(pattern=_KINDS, description="There is such a shape.")] = None,
    value: Annotated[list[str] | None, Query(max_length=MAX_VALUES, description=_VALUE_FORM)] = None,
    flag: Annotated[str | None, Query(pattern="^(occluded|truncated)$")] = None,
    objects_min: Annotated[Number, Query(description="Of the class, where one is given.")] = None,
    objects_max: Number = None,
    metadata: Annotated[str | None, Query(max_length=200, description="Part of the metadata.")] = None,
    deleted: Annotated[bool, Query(description="The deleted ones instead of the others.")] = False,
) -> GridFilter:
    """Read the filters of the grid."""
    return GridFilter(
        batch,
        state,
        class_id,
        text,
        group,
        has_gold,
        posterior_min,
        posterior_max,
        member,
        geometry,
        tuple(wanted_value(entry) for entry in value or ()),
        flag,
        objects_min,
        objects_max,
        metadata,
        deleted,
    )


def wanted_value(text: str) -> WantedValue:
    """Read one ``value`` of the address.

    Raises:
        InvalidInputError: It is not of that form.
    """
    try:
        class_id, attribute_id, value = json.loads(text[:2000])
    except (ValueError, TypeError, RecursionError):
        raise InvalidInputError(_VALUE_FORM, faults=[FieldFault("value", text[:100])]) from None
    is_range = isinstance(value, list) and len(value) == 2 and all(_is_number(entry) for entry in value)
    is_known = isinstance(value, str | bool) or _is_number(value) or is_range
    if not (isinstance(class_id, str | None) and isinstance(attribute_id, str) and is_known):
        raise InvalidInputError(_VALUE_FORM, faults=[FieldFault("value", text[:100])])
    if "\0" in text or "\\u0000" in text:
        raise InvalidInputError(_VALUE_FORM, faults=[FieldFault("value", "holds a zero character")])
    low, high = (number_text(entry) for entry in value) if is_range else values_of(value) * 2
    return WantedValue(class_id, attribute_id, low, high)


def add_routes(routes: APIRouter, service: ItemsService, gate: Gate) -> None:
    """Add the routes."""
    database = service.machine.database

    @routes.get("/projects/{project_id}/items")
    async def list_items(
        project_id: str,
        ticket: Annotated[Ticket, Depends(gate.ticket(Role.VIEWER))],
        wanted: Annotated[GridFilter, Depends(grid_filter)],
        sort: Annotated[str, Query(pattern="^-?(created|name|posterior|objects|updated)$")] = "created",
        limit: Annotated[int, Query(ge=1, le=500)] = 100,
        cursor: Annotated[str | None, Query(max_length=4096)] = None,
    ) -> GridPage:
        """List the items of a project with their tasks and thumbnails; `-` before the sort key reverses it."""
        key = GridSort(sort.removeprefix("-"))
        after = None if cursor is None else _read_cursor(cursor, key)

        def read(tx: Transaction) -> list[GridRow]:
            access = ticket.check(tx)
            return service.list_grid(
                tx,
                access,
                project_id,
                wanted=wanted,
                sort=key,
                is_descending=sort.startswith("-"),
                after=after,
                limit=limit + 1,
            )

        found = await database.read(read)
        last = found[limit - 1] if len(found) > limit else None
        following = None if last is None else json.dumps([last.sort_key, last.task_id])
        return GridPage(items=[_cell(row) for row in found[:limit]], next_cursor=following)

    @routes.get("/projects/{project_id}/items/count")
    async def count_items(
        project_id: str,
        ticket: Annotated[Ticket, Depends(gate.ticket(Role.VIEWER))],
        wanted: Annotated[GridFilter, Depends(grid_filter)],
    ) -> GridCount:
        """Count the items of a project that fit."""
        return GridCount(
            count=await database.read(lambda tx: service.count_grid(tx, ticket.check(tx), project_id, wanted))
        )


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and abs(value) < 1e300


def _cell(row: GridRow) -> GridItem:
    values: dict[str, Any] = {name: value for name, value in row._asdict().items() if name != "sort_key"}
    return GridItem.model_construct(**values, media=media_urls(row.item_id))


def _read_cursor(cursor: str, sort: GridSort) -> GridCursor:
    is_text = sort in (GridSort.CREATED, GridSort.NAME)
    try:
        key, task_id = json.loads(cursor)
    except (ValueError, TypeError, RecursionError):
        key, task_id = None, None
    is_number = isinstance(key, int | float) and not isinstance(key, bool) and abs(key) < 2**62
    if (
        not isinstance(task_id, str)
        or "\0" in task_id
        or not (isinstance(key, str) if is_text else is_number)
    ):
        raise InvalidInputError("the cursor is not one that this list returned for this order")
    if isinstance(key, str) and "\0" in key:
        raise InvalidInputError("the cursor is not one that this list returned for this order")
    return GridCursor(key, task_id)
