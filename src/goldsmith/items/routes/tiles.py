"""The route of tiles."""

from typing import Annotated

from fastapi import APIRouter, Depends, Path, Request, Response

from goldsmith.accounts.api import Gate, Role, Ticket
from goldsmith.core.errors import NotFoundError
from goldsmith.items.policy.ranges import is_fresh
from goldsmith.items.sending import MEDIA_HEADERS
from goldsmith.items.service import ItemsService
from goldsmith.items.service.tiles import TileIndexes, place_of
from goldsmith.items.tiling import PackReader, Pyramid, Tile
from goldsmith.items.types import TiledMedia
from goldsmith.platform.database import Transaction

RETRY_AFTER_S = 1


def add_routes(routes: APIRouter, service: ItemsService, gate: Gate) -> None:
    """Add the route."""
    database, blobs = service.machine.database, service.machine.blobs
    indexes = TileIndexes()

    @routes.get(
        "/items/{item_id}/media/tiles/{level}/{x}/{y}",
        response_class=Response,
        responses={
            200: {"content": {"image/jpeg": {}, "image/webp": {}}, "description": "The tile."},
            202: {"description": "The tiles are being made; ask again after the seconds of Retry-After."},
            304: {"description": "The copy at hand is the newest."},
        },
    )
    async def get_tile(
        item_id: str,
        level: Annotated[int, Path(ge=0, le=30)],
        x: Annotated[int, Path(ge=0, le=100_000)],
        y: Annotated[int, Path(ge=0, le=100_000)],
        request: Request,
        ticket: Annotated[Ticket, Depends(gate.ticket(Role.VIEWER))],
    ) -> Response:
        """Send a tile of a huge image: 512 px a side; level 0 is the image itself, each next one half of that before.

        The first to ask has the tiles made.
        """

        def find(tx: Transaction) -> TiledMedia:
            ticket.check(tx)
            return service.find_tiled(tx, item_id)

        def ask(tx: Transaction) -> str:
            return service.ask_for_tiles(tx, ticket.check(tx), service.find_tiled(tx, item_id))

        tiled = await database.read(find)
        tile = Tile(level, x, y)
        if not Pyramid(tiled.width_px, tiled.height_px).has(tile):
            raise NotFoundError("the image has no such tile")
        if tiled.pack_sha256 is None:
            await database.write(ask)
            return Response(
                status_code=202, headers={"Retry-After": str(RETRY_AFTER_S), "Cache-Control": "no-store"}
            )
        reader = indexes.find(tiled.pack_sha256) or await _read_index(tiled, tiled.pack_sha256)
        place = place_of(reader, tiled.pack_sha256, tiled, tile)
        etag = f'"{place.pack_sha256[:32]}-{place.number}"'
        headers = {**MEDIA_HEADERS, "ETag": etag, "Content-Disposition": "inline"}
        del headers["Accept-Ranges"]
        if is_fresh(request.headers.get("if-none-match"), etag):
            return Response(status_code=304, headers=headers)
        content = await blobs.aget_range(place.pack_sha256, place.start, place.end - place.start)
        return Response(content, media_type=_type_of(content), headers=headers)

    async def _read_index(tiled: TiledMedia, pack_sha256: str) -> PackReader:
        count = Pyramid(tiled.width_px, tiled.height_px).tile_count
        index = await blobs.aget_range(pack_sha256, 0, PackReader.index_bytes(count))
        reader = PackReader.read(index, count=count)
        indexes.keep(pack_sha256, reader)
        return reader


def _type_of(tile: bytes) -> str:
    return "image/webp" if tile.startswith(b"RIFF") else "image/jpeg"
