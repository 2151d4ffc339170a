"""Routes of single items and of their media."""

from typing import Annotated

from fastapi import APIRouter, Depends, Path, Request, Response

from goldsmith.accounts.api import Access, Gate, Role, Ticket
from goldsmith.core.errors import NotFoundError
from goldsmith.items.sending import PARTIAL_RESPONSES, send_media
from goldsmith.items.service import ItemsService
from goldsmith.items.types import ItemDetail, MediaVariant, ServedMedia
from goldsmith.items.types.parts import MAX_PARTS
from goldsmith.platform.database import Transaction


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
        responses=PARTIAL_RESPONSES,
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
            return await send_media(service.machine.blobs, wanted, request)
        except NotFoundError:
            if wanted.sha256 == original.sha256:
                raise
            return await send_media(service.machine.blobs, original, request)

    @routes.get("/items/{item_id}/parts/{number}", response_class=Response, responses=PARTIAL_RESPONSES)
    async def get_part(
        item_id: str,
        number: Annotated[int, Path(ge=0, lt=MAX_PARTS, description="Counted from 0.")],
        request: Request,
        ticket: Annotated[Ticket, Depends(gate.ticket(Role.VIEWER))],
        variant: MediaVariant = MediaVariant.ORIGINAL,
    ) -> Response:
        """Send the file that a part of a document is; a thumbnail that is not there is the file itself."""

        def find(tx: Transaction) -> ServedMedia:
            ticket.check(tx)
            return service.find_part(tx, item_id, number, is_thumbnail=variant is MediaVariant.THUMBNAIL)

        return await send_media(service.machine.blobs, await database.read(find), request)
