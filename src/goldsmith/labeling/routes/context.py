"""Route of what a task shows beside its item."""

from typing import Annotated

from fastapi import APIRouter, Depends, Path, Request, Response

from goldsmith.accounts.api import Gate, Role, Ticket
from goldsmith.items.api import MAX_PARTS, PARTIAL_RESPONSES, ServedMedia, send_media
from goldsmith.labeling.service import LabelingService
from goldsmith.platform.database import Transaction


def add_routes(routes: APIRouter, service: LabelingService, gate: Gate) -> None:
    """Add the route."""
    database = service.machine.database

    @routes.get("/tasks/{task_id}/context/{number}", response_class=Response, responses=PARTIAL_RESPONSES)
    async def get_context(
        task_id: str,
        number: Annotated[int, Path(ge=0, lt=MAX_PARTS, description="Counted from 0.")],
        request: Request,
        ticket: Annotated[Ticket, Depends(gate.ticket(Role.VIEWER))],
    ) -> Response:
        """Send a file that a task shows beside its item."""

        def find(tx: Transaction) -> ServedMedia:
            ticket.check(tx)
            return service.find_context(tx, task_id, number)

        return await send_media(service.machine.blobs, await database.read(find), request)
