"""Routes of the examples of the instructions."""

import asyncio
from typing import Annotated

from fastapi import APIRouter, Depends, Query, Request, Response

from goldsmith.accounts.api import Access, Gate, Role
from goldsmith.core.model import Model
from goldsmith.items.policy.ranges import is_fresh
from goldsmith.items.sending import MEDIA_HEADERS
from goldsmith.items.service import ItemsService
from goldsmith.items.types.examples import ExampleView, NewExample


class ExampleList(Model):
    """Examples of the instructions."""

    items: list[ExampleView]


def add_routes(routes: APIRouter, service: ItemsService, gate: Gate) -> None:
    """Add the routes."""
    database = service.machine.database
    viewer = Depends(gate.allow(Role.VIEWER))

    @routes.post("/projects/{project_id}/examples", status_code=201)
    async def make_example(
        project_id: str, body: NewExample, access: Annotated[Access, Depends(gate.allow(Role.MANAGER))]
    ) -> ExampleView:
        """Make an example of an item: a part of its picture with labels, frozen; for the instructions to name."""
        source = await database.read(lambda tx: service.open_example(tx, project_id, body))
        sha256, size_bytes = await asyncio.to_thread(service.cut_picture, source, body.crop)
        return await database.write(
            lambda tx: service.keep_example(
                tx, access, project_id, body, sha256=sha256, size_bytes=size_bytes
            )
        )

    @routes.get("/projects/{project_id}/examples", dependencies=[viewer])
    async def list_examples(
        project_id: str, version: Annotated[int | None, Query(ge=1, le=2**31 - 1)] = None
    ) -> ExampleList:
        """List the examples of a version of the instructions, the newest by default, in their order."""
        return ExampleList(
            items=await database.read(lambda tx: service.list_examples(tx, project_id, version=version))
        )

    @routes.get("/projects/{project_id}/examples/made", dependencies=[Depends(gate.allow(Role.REVIEWER))])
    async def list_made(project_id: str) -> ExampleList:
        """List all examples that were made, also those that no version of the instructions has, newest first."""
        return ExampleList(items=await database.read(lambda tx: service.all_examples(tx, project_id)))

    @routes.get(
        "/projects/{project_id}/examples/{example_id}/picture",
        response_class=Response,
        responses={200: {"content": {"image/jpeg": {}}}},
    )
    async def get_picture(
        project_id: str, example_id: str, request: Request, access: Annotated[Access, viewer]
    ) -> Response:
        """Send the part of an image that an example shows; annotators see it though they may not see the item."""
        picture = await database.read(
            lambda tx: service.find_example_picture(tx, access, project_id, example_id)
        )
        etag = f'"{picture.sha256}"'
        headers = {**MEDIA_HEADERS, "ETag": etag, "Content-Disposition": "inline"}
        del headers["Accept-Ranges"]
        if is_fresh(request.headers.get("if-none-match"), etag):
            return Response(status_code=304, headers=headers)
        data = await service.machine.blobs.aget(picture.sha256)
        return Response(data, media_type=picture.media_type, headers=headers)
