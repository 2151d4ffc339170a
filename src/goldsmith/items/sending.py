"""Sending the bytes of media: whole or in ranges, from the blob store or from the database."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Final

from fastapi import Request, Response
from fastapi.responses import StreamingResponse

from goldsmith.core.errors import NotFoundError
from goldsmith.items.policy.files import PLAIN_IMAGES
from goldsmith.items.policy.ranges import ByteRange, NoSuchRange, is_fresh, parse_range
from goldsmith.items.types import ServedMedia
from goldsmith.platform.blobs import BlobStore

CHUNK_BYTES: Final = 1 << 20
PDF: Final = "application/pdf"
MEDIA_HEADERS: Final = {
    "Cache-Control": "private, max-age=31536000, immutable",
    "X-Content-Type-Options": "nosniff",
    "Content-Security-Policy": "default-src 'none'; sandbox",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Accept-Ranges": "bytes",
}
FRAMED_HEADERS: Final = {
    "Content-Security-Policy": "default-src 'none'; frame-ancestors 'self'; sandbox",
    "X-Frame-Options": "SAMEORIGIN",
}
"""Of what the workbench shows in a frame: a browser's own viewer works in a sandbox that the answer asks for, and not
in one that the frame asks for."""
PARTIAL_RESPONSES: Final[dict[int | str, dict[str, object]]] = {
    200: {"content": {"*/*": {}}, "description": "The whole file."},
    206: {"content": {"*/*": {}}, "description": "The bytes that were asked for."},
    304: {"description": "The copy at hand is the newest."},
    416: {"description": "The file is shorter."},
}


async def send_media(blobs: BlobStore, media: ServedMedia, request: Request) -> Response:
    """Answer with media, or with the bytes of it that the request asks for.

    Raises:
        NotFoundError: The blob store does not have it.
    """
    etag = f'"{media.sha256}"'
    framed = FRAMED_HEADERS if media.media_type == PDF else {}
    headers = {**MEDIA_HEADERS, **framed, "ETag": etag, "Content-Disposition": _disposition(media)}
    if is_fresh(request.headers.get("if-none-match"), etag):
        return Response(status_code=304, headers=headers)
    if media.body is not None:
        return Response(media.body.encode(), media_type=f"{media.media_type}; charset=utf-8", headers=headers)
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
    first = await blobs.aget_range(media.sha256, part.start, min(CHUNK_BYTES, part.end - part.start))
    headers["Content-Length"] = str(part.end - part.start)
    if wanted is not None:
        headers["Content-Range"] = f"bytes {part.start}-{part.end - 1}/{size_bytes}"
    status = 200 if wanted is None else 206
    if len(first) == part.end - part.start:
        return Response(first, status, headers=headers, media_type=media.media_type)
    body = _chunks(blobs, media.sha256, first, part)
    return StreamingResponse(body, status, headers=headers, media_type=media.media_type)


async def _chunks(blobs: BlobStore, sha256: str, first: bytes, part: ByteRange) -> AsyncIterator[bytes]:
    yield first
    position = part.start + len(first)
    while position < part.end:
        chunk = await blobs.aget_range(sha256, position, min(CHUNK_BYTES, part.end - position))
        if not chunk:
            return
        position += len(chunk)
        yield chunk


def _disposition(media: ServedMedia) -> str:
    """What a browser shows without running anything of it may be shown in place; everything else is only ever saved."""
    is_shown = media.media_type in PLAIN_IMAGES or media.media_type == PDF
    is_played = media.media_type.startswith(("audio/", "video/"))
    return "inline" if media.body is None and (is_shown or is_played) else "attachment"
