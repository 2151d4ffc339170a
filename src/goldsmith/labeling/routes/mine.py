"""Routes of a member's own work: what became of it, what is new, and its revision."""

from typing import Annotated, Any

import msgspec
from fastapi import APIRouter, Depends, Query, Request, Response

from goldsmith.accounts.api import Access, Gate, Role, Ticket
from goldsmith.labeling.routes.bodies import described, read_body
from goldsmith.labeling.routes.conflicts import DraftConflict, draft_conflict, version_conflict
from goldsmith.labeling.service import LabelingService
from goldsmith.labeling.service.drafting import NewerDraftError
from goldsmith.labeling.service.revising import NewerVersionError
from goldsmith.labeling.types import (
    MAX_BODY_BYTES,
    DraftAnswer,
    ReviseBody,
    Revision,
    RevisionConflict,
    RevisionDraftBody,
    SubmitAnswer,
    Unread,
    WorkList,
    WorkShow,
)
from goldsmith.platform.database import Transaction

Limit = Annotated[int, Query(ge=1, le=500)]
Text = Annotated[str | None, Query(max_length=200)]


def add_routes(routes: APIRouter, service: LabelingService, gate: Gate) -> None:
    """Add the routes."""
    _add_work(routes, service, gate)
    _add_revision(routes, service, gate)


def _add_work(routes: APIRouter, service: LabelingService, gate: Gate) -> None:
    database = service.machine.database
    annotator = Depends(gate.allow(Role.ANNOTATOR))

    @routes.get("/workspaces/{workspace_id}/work", response_model=None, responses={200: {"model": WorkList}})
    async def list_work(
        workspace_id: str,  # noqa: ARG001  the access is of it
        access: Annotated[Access, annotator],
        show: WorkShow = WorkShow.ALL,
        project_id: Text = None,
        limit: Limit = 50,
        cursor: Text = None,
    ) -> Response:
        """List what you labelled and what became of it: what you have not seen first, then the newest."""

        def run(tx: Transaction) -> dict[str, Any]:
            return service.list_work(
                tx, access, show=show, project_id=project_id, cursor=cursor or "", limit=limit
            )

        return _json(await database.read(run))

    @routes.get("/workspaces/{workspace_id}/work/unread")
    async def count_unread(
        workspace_id: str,  # noqa: ARG001  the access is of it
        access: Annotated[Access, annotator],
    ) -> Unread:
        """Return how many of your tasks have news that you have not seen."""
        return Unread(unread=await database.read(lambda tx: service.count_unread(tx, access)))

    @routes.post("/tasks/{task_id}/seen", status_code=204)
    async def mark_seen(task_id: str, access: Annotated[Access, annotator]) -> None:
        """Note that you saw what happened to a task."""
        await database.write(lambda tx: service.mark_seen(tx, access, task_id))


def _add_revision(routes: APIRouter, service: LabelingService, gate: Gate) -> None:
    database = service.machine.database
    annotator = Depends(gate.ticket(Role.ANNOTATOR))

    @routes.get("/tasks/{task_id}/revision", response_model=None, responses={200: {"model": Revision}})
    async def get_revision(
        task_id: str, access: Annotated[Access, Depends(gate.allow(Role.ANNOTATOR))]
    ) -> Response:
        """Return your own submission of a task with the unfinished revision of it, and whether one is taken."""
        return _json(await database.read(lambda tx: service.get_revision(tx, access, task_id)))

    @routes.put(
        "/tasks/{task_id}/revision/draft",
        response_model=None,
        responses={200: {"model": DraftAnswer}, 409: {"model": DraftConflict}},
        openapi_extra=described(RevisionDraftBody),
    )
    async def save_revision_draft(
        task_id: str, request: Request, ticket: Annotated[Ticket, annotator]
    ) -> Response:
        """Save an unfinished revision; one that does not go on from what stands is refused with that."""
        body = await read_body(request, RevisionDraftBody, max_bytes=MAX_BODY_BYTES)
        try:
            answer = await database.write(
                lambda tx: service.save_revision_draft(tx, ticket.check(tx), task_id=task_id, body=body)
            )
        except NewerDraftError as error:
            return draft_conflict(error)
        return _json({"revision": answer.revision, "saved_ms": answer.saved_ms})

    @routes.post(
        "/tasks/{task_id}/revise",
        response_model=None,
        responses={200: {"model": SubmitAnswer}, 409: {"model": RevisionConflict}},
        openapi_extra=described(ReviseBody),
    )
    async def revise(task_id: str, request: Request, ticket: Annotated[Ticket, annotator]) -> Response:
        """Add a new version of your own submission, while the task is not done."""
        body = await read_body(request, ReviseBody, max_bytes=MAX_BODY_BYTES)

        def run(tx: Transaction) -> dict[str, Any]:
            return service.revise(tx, ticket.check(tx), task_id=task_id, body=body)._asdict()

        try:
            return _json(await database.write(run))
        except NewerVersionError as error:
            return version_conflict(error)


def _json(value: Any) -> Response:
    return Response(msgspec.json.encode(value), media_type="application/json")
