"""Routes of the models that help while people draw."""

import asyncio
from functools import partial
from typing import Annotated

from fastapi import APIRouter, Depends, Request

from goldsmith.accounts.api import Access, Gate, Role
from goldsmith.training.suggesting.service import SuggestingService
from goldsmith.training.suggesting.types import (
    AssistantChoice,
    Assistants,
    SegmentAnswer,
    SegmentBody,
    SuggestAnswer,
    SuggestBody,
)
from goldsmith.training.suggesting.uploads import FORM, read_upload
from goldsmith.training.types import ModelVersionView


def add_routes(routes: APIRouter, service: SuggestingService, gate: Gate) -> None:
    """Add the routes."""
    database = service.machine.database
    annotator, manager = Depends(gate.allow(Role.ANNOTATOR)), Depends(gate.allow(Role.MANAGER))

    @routes.get("/projects/{project_id}/assistants")
    async def list_assistants(project_id: str, access: Annotated[Access, annotator]) -> Assistants:
        """List the models that can help while people draw; what the project's lead chose stands first."""
        return await asyncio.to_thread(service.list_assistants, access, project_id)

    @routes.put("/projects/{project_id}/assistants")
    async def choose_assistants(
        project_id: str, body: AssistantChoice, access: Annotated[Access, manager]
    ) -> AssistantChoice:
        """Choose the lines of models that help in this project; their newest versions are used."""
        return await database.write(lambda tx: service.choose(tx, access, project_id=project_id, body=body))

    @routes.post("/projects/{project_id}/items/{item_id}/suggest")
    async def suggest(
        project_id: str, item_id: str, body: SuggestBody, access: Annotated[Access, annotator]
    ) -> SuggestAnswer:
        """Let a detector look at one item; what it sees is returned and not stored."""
        return await service.suggest(access, project_id=project_id, item_id=item_id, body=body)

    @routes.post("/projects/{project_id}/items/{item_id}/segment")
    async def segment(
        project_id: str, item_id: str, body: SegmentBody, access: Annotated[Access, annotator]
    ) -> SegmentAnswer:
        """Find the outline of what was clicked; the picture is looked at once and kept for the next click."""
        return await service.segment(access, project_id=project_id, item_id=item_id, body=body)

    @routes.post(
        "/workspaces/{workspace_id}/segmenters", status_code=201, openapi_extra={"requestBody": FORM}
    )
    async def add_segmenter(
        workspace_id: str,  # noqa: ARG001  read by the gate
        request: Request,
        access: Annotated[Access, manager],
    ) -> ModelVersionView:
        """Add a click-segmentation model as ONNX files; it is tried on a small picture before it is kept."""
        async with read_upload(request) as sent:
            add = partial(
                service.add_segmenter,
                access,
                name=sent.name,
                encoder=sent.encoder,
                decoder=sent.decoder,
                pixels=sent.pixels,
            )
            return await asyncio.to_thread(add)
