"""Routes of single items and of their media."""

from collections.abc import AsyncIterator
from typing import Annotated

from fastapi import APIRouter, Depends, Request, Response
from fastapi.responses import StreamingResponse

from goldsmith.accounts.api import Access, Gate, Role, Ticket
from goldsmith.core.errors import NotFoundError
from goldsmith.items.policy.ranges import ByteRange, NoSuchRange, is_fresh, parse_range
from goldsmith.items.service import ItemsService
from goldsmith.items.types import ItemDetail, MediaVariant, ServedMedia
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


def add_routes(routes: APIRouter, service: ItemsService, gate: Gate) -> None:
    """Add the routes."""
    database = service.machine.database

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
