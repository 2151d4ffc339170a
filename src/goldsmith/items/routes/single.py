"""Routes of the grid, of single items and of their media."""

import json
from collections.abc import AsyncIterator
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Query, Request, Response
from fastapi.responses import StreamingResponse

from goldsmith.accounts.api import Access, Gate, Role, Ticket
from goldsmith.core.errors import InvalidInputError, NotFoundError
from goldsmith.core.model import Model
from goldsmith.items.policy.ranges import ByteRange, NoSuchRange, is_fresh, parse_range
from goldsmith.items.service import ItemsService
from goldsmith.items.store.items import media_urls
from goldsmith.items.types import (
    GridCursor,
    GridFilter,
    GridRow,
    GridSort,
    ItemDetail,
    ItemKind,
    MediaUrls,
    MediaVariant,
    ServedMedia,
)
from goldsmith.platform.database import Transaction

PLAIN_IMAGES = frozenset({"image/jpeg", "image/png", "image/webp", "image/gif", "image/avif"})
CHUNK_BYTES = 1 << 20
MEDIA_HEADERS = {
    "Cache-Control": "private, max-age=31536000, immutable",
    "X-Content-Type-Options": "nosniff",
    "Content-Security-Policy": "default-src 'none'; sandbox",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Accept-Ranges": "bytes",
}


class GridItem(Model):
    """One cell of the items grid: an item with its task."""

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
    classes: dict[str, int]


class GridPage(Model):
    """A page of the items grid."""

    items: list[GridItem]
    next_cursor: str | None


def grid_filter(
    batch: Annotated[str | None, Query(max_length=40, description="Batch id.")] = None,
    state: Annotated[str | None, Query(max_length=20, description="State of the task.")] = None,
    class_id: Annotated[str | None, Query(max_length=200)] = None,
    text: Annotated[str | None, Query(max_length=200, description="Part of the name.")] = None,
    group: Annotated[str | None, Query(max_length=1024)] = None,
    has_gold: bool | None = None,
    posterior_min: Annotated[float | None, Query(ge=0, le=1)] = None,
    posterior_max: Annotated[float | None, Query(ge=0, le=1)] = None,
    member: Annotated[str | None, Query(max_length=40, description="Who submitted for it.")] = None,
) -> GridFilter:
    """Read the filters of the grid."""
    return GridFilter(batch, state, class_id, text, group, has_gold, posterior_min, posterior_max, member)


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

    @routes.get("/items/{item_id}", dependencies=[Depends(gate.allow(Role.VIEWER))])
    async def get_item(item_id: str) -> ItemDetail:
        """Show an item."""
        return await database.read(lambda tx: service.get_detail(tx, item_id))

    @routes.delete("/items/{item_id}", status_code=204)
    async def delete_item(
        item_id: str, access: Annotated[Access, Depends(gate.allow(Role.MANAGER))]
    ) -> Response:
        """Delete an item: it is shown and handed out no more; what was labelled stays on record."""
        await database.write(lambda tx: service.delete_item(tx, access, item_id))
        return Response(status_code=204)

    @routes.get(
        "/items/{item_id}/media",
        response_class=Response,
        responses={
            200: {"content": {"image/*": {}}, "description": "The whole file."},
            206: {"content": {"image/*": {}}, "description": "The bytes that were asked for."},
            304: {"description": "The copy at hand is the newest."},
            416: {"description": "The file is shorter."},
        },
    )
    async def get_media(
        item_id: str,
        request: Request,
        ticket: Annotated[Ticket, Depends(gate.ticket(Role.VIEWER))],
        variant: MediaVariant = MediaVariant.PREVIEW,
    ) -> Response:
        """Send an item's media; a preview or thumbnail that is not there is the original."""

        def find(tx: Transaction) -> tuple[ServedMedia, ServedMedia]:
            ticket.check(tx)
            wanted = service.find_media(tx, item_id, variant)
            if variant is MediaVariant.ORIGINAL or wanted.body is not None:
                return wanted, wanted
            return wanted, service.find_media(tx, item_id, MediaVariant.ORIGINAL)

        wanted, original = await database.read(find)
        try:
            return await _send(service, wanted, request)
        except NotFoundError:
            if wanted.sha256 == original.sha256:
                raise
            return await _send(service, original, request)


async def _send(service: ItemsService, media: ServedMedia, request: Request) -> Response:
    etag = f'"{media.sha256}"'
    headers = {**MEDIA_HEADERS, "ETag": etag, "Content-Disposition": _disposition(media)}
    if is_fresh(request.headers.get("if-none-match"), etag):
        return Response(status_code=304, headers=headers)
    if media.body is not None:
        return Response(media.body.encode(), media_type="text/plain; charset=utf-8", headers=headers)
    size_bytes = media.size_bytes
    if size_bytes is None:
        raise NotFoundError("the file is not there")
    asked = request.headers.get("range")
    if request.headers.get("if-range", etag) != etag:
        asked = None
    try:
        wanted = parse_range(asked, size_bytes=size_bytes)
    except NoSuchRange:
        return Response(status_code=416, headers={**headers, "Content-Range": f"bytes */{size_bytes}"})
    part = wanted or ByteRange(0, size_bytes)
    first = await service.machine.blobs.aget_range(
        media.sha256, part.start, min(CHUNK_BYTES, part.end - part.start)
    )
    headers["Content-Length"] = str(part.end - part.start)
    if wanted is not None:
        headers["Content-Range"] = f"bytes {part.start}-{part.end - 1}/{size_bytes}"
    status = 200 if wanted is None else 206
    if len(first) == part.end - part.start:
        return Response(first, status, headers=headers, media_type=media.media_type)
    body = _chunks(service, media.sha256, first, part)
    return StreamingResponse(body, status, headers=headers, media_type=media.media_type)


async def _chunks(service: ItemsService, sha256: str, first: bytes, part: ByteRange) -> AsyncIterator[bytes]:
    yield first
    position = part.start + len(first)
    while position < part.end:
        chunk = await service.machine.blobs.aget_range(
            sha256, position, min(CHUNK_BYTES, part.end - position)
        )
        if not chunk:
            return
        position += len(chunk)
        yield chunk


def _disposition(media: ServedMedia) -> str:
    """Plain images may be shown in place; everything else is only ever saved."""
    return "inline" if media.media_type in PLAIN_IMAGES and media.body is None else "attachment"


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
