"""Routes of talk about a task: comments, who is at it, who drew what."""

from typing import Annotated

from fastapi import APIRouter, Depends, Query

from goldsmith.accounts.api import Access, Gate, Role
from goldsmith.labeling.service import LabelingService
from goldsmith.labeling.types import (
    Blame,
    CommentBody,
    Presence,
    PresenceBody,
    ReplyBody,
    ResolveBody,
    ThreadList,
    ThreadView,
)

Limit = Annotated[int, Query(ge=1, le=500)]
Text = Annotated[str | None, Query(max_length=200)]


def add_routes(routes: APIRouter, service: LabelingService, gate: Gate) -> None:
    """Add the routes."""
    _add_comments(routes, service, gate)
    _add_looking(routes, service, gate)


def _add_comments(routes: APIRouter, service: LabelingService, gate: Gate) -> None:
    database = service.machine.database
    annotator = Depends(gate.allow(Role.ANNOTATOR))

    @routes.get("/tasks/{task_id}/comments")
    async def list_comments(
        task_id: str, access: Annotated[Access, annotator], limit: Limit = 100, cursor: Text = None
    ) -> ThreadList:
        """List the threads of a task with their replies, in the order they were begun."""
        return await database.read(
            lambda tx: service.list_comments(tx, access, task_id, after=cursor or "", limit=limit)
        )

    @routes.post("/tasks/{task_id}/comments")
    async def comment(task_id: str, body: CommentBody, access: Annotated[Access, annotator]) -> ThreadView:
        """Begin a thread, at a place or about the whole item; the same request again gets what stands."""
        return await database.write(lambda tx: service.comment(tx, access, task_id, body))

    @routes.post("/comments/{comment_id}/replies")
    async def reply(comment_id: str, body: ReplyBody, access: Annotated[Access, annotator]) -> ThreadView:
        """Answer in a thread, which is open again then."""
        return await database.write(lambda tx: service.reply(tx, access, comment_id, body))

    @routes.post("/comments/{comment_id}/resolve")
    async def resolve(comment_id: str, body: ResolveBody, access: Annotated[Access, annotator]) -> ThreadView:
        """Settle a thread, or open it again."""
        return await database.write(
            lambda tx: service.resolve_thread(tx, access, comment_id, is_resolved=body.is_resolved)
        )


def _add_looking(routes: APIRouter, service: LabelingService, gate: Gate) -> None:
    database = service.machine.database
    annotator = Depends(gate.allow(Role.ANNOTATOR))

    @routes.put("/tasks/{task_id}/presence")
    async def be_present(task_id: str, body: PresenceBody, access: Annotated[Access, annotator]) -> Presence:
        """Say what an open page does with a task, every 15 s or so, and hear who else is at it."""
        return await database.write(lambda tx: service.be_present(tx, access, task_id, body))

    @routes.get("/tasks/{task_id}/blame")
    async def get_blame(task_id: str, access: Annotated[Access, annotator]) -> Blame:
        """Return who drew and who changed each object, when, and which pre-label it came from."""
        return await database.read(lambda tx: service.blame(tx, access, task_id))
