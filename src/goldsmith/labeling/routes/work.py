"""The hot routes: what people do with tasks. Each checks and works in one transaction."""

from typing import Annotated, Any

import msgspec
from fastapi import APIRouter, Depends, Request, Response

from goldsmith.accounts.api import Access, Gate, Role, Ticket
from goldsmith.core.model import Model
from goldsmith.labeling.routes.bodies import described, read_body
from goldsmith.labeling.routes.conflicts import DraftConflict, draft_conflict
from goldsmith.labeling.service import LabelingService
from goldsmith.labeling.service.drafting import NewerDraftError, settle_draft
from goldsmith.labeling.service.reviewing import settle_review
from goldsmith.labeling.service.working import settle
from goldsmith.labeling.types import (
    MAX_BODY_BYTES,
    DraftAnswer,
    DraftBody,
    NextBody,
    Renewed,
    ReviewAnswer,
    ReviewBody,
    SkipAnswer,
    SkipBody,
    SubmitAnswer,
    SubmitBody,
    TaskPayload,
    TokenBody,
)

SMALL_BYTES = 16 * 1024


class HeldTasks(Model):
    """The tasks a member holds, with drafts."""

    items: list[TaskPayload]


def add_routes(routes: APIRouter, service: LabelingService, gate: Gate) -> None:
    """Add the routes."""
    _add_leases(routes, service, gate)
    _add_answers(routes, service, gate)


def _add_leases(routes: APIRouter, service: LabelingService, gate: Gate) -> None:
    database = service.machine.database
    annotator = Depends(gate.ticket(Role.ANNOTATOR))

    @routes.post(
        "/projects/{project_id}/tasks/next",
        response_model=None,
        responses={200: {"model": TaskPayload}, 204: {"description": "nothing is left for you"}},
        openapi_extra=described(NextBody, is_required=False),
    )
    async def take_next(project_id: str, request: Request, ticket: Annotated[Ticket, annotator]) -> Response:
        """Lease the next task; reviewing needs the role of a reviewer."""
        body = await read_body(request, NextBody, max_bytes=SMALL_BYTES)
        handout = await service.hand_out(ticket.check, project_id=project_id, stage=body.stage)
        if handout is None:
            return Response(status_code=204)
        return Response(handout.to_json(), media_type="application/json")

    @routes.get("/projects/{project_id}/leases", response_model=None, responses={200: {"model": HeldTasks}})
    async def list_leases(
        project_id: str, access: Annotated[Access, Depends(gate.allow(Role.ANNOTATOR))]
    ) -> Response:
        """Return the tasks you hold, with drafts; an ended lease is listed as long as nobody else took the task."""
        held = await database.read(lambda tx: service.list_mine(tx, access, project_id=project_id))
        return _json({"items": [handout.to_wire() for handout in held]})

    @routes.post("/leases/{judgement_id}/renew", openapi_extra=described(TokenBody))
    async def renew(judgement_id: str, request: Request, ticket: Annotated[Ticket, annotator]) -> Renewed:
        """Keep the task for another lease time."""
        token = (await read_body(request, TokenBody, max_bytes=SMALL_BYTES)).token
        expires_ms = await database.write(
            lambda tx: service.renew(tx, ticket.check(tx), judgement_id=judgement_id, token=token)
        )
        return Renewed(expires_ms=expires_ms)

    @routes.post("/leases/{judgement_id}/release", status_code=204, openapi_extra=described(TokenBody))
    async def release(judgement_id: str, request: Request, ticket: Annotated[Ticket, annotator]) -> None:
        """Put the task back; the draft stays."""
        token = (await read_body(request, TokenBody, max_bytes=SMALL_BYTES)).token
        await database.write(
            lambda tx: service.release(tx, ticket.check(tx), judgement_id=judgement_id, token=token)
        )

    @routes.put(
        "/leases/{judgement_id}/draft",
        response_model=None,
        responses={200: {"model": DraftAnswer}, 409: {"model": DraftConflict}},
        openapi_extra=described(DraftBody),
    )
    async def save_draft(
        judgement_id: str, request: Request, ticket: Annotated[Ticket, annotator]
    ) -> Response:
        """Save unfinished work; a draft that does not go on from the one that stands is refused with that one."""
        body = await read_body(request, DraftBody, max_bytes=MAX_BODY_BYTES)
        try:
            saved = await database.write(
                lambda tx: service.save_draft(tx, ticket.check(tx), judgement_id=judgement_id, body=body)
            )
        except NewerDraftError as error:
            return draft_conflict(error)
        answer = settle_draft(saved)
        return _json({"revision": answer.revision, "saved_ms": answer.saved_ms})


def _add_answers(routes: APIRouter, service: LabelingService, gate: Gate) -> None:
    database = service.machine.database
    annotator = Depends(gate.ticket(Role.ANNOTATOR))
    reviewer = Depends(gate.ticket(Role.REVIEWER))

    @routes.post("/leases/{judgement_id}/skip", openapi_extra=described(SkipBody))
    async def skip(judgement_id: str, request: Request, ticket: Annotated[Ticket, annotator]) -> SkipAnswer:
        """Pass the task over for good; somebody else is asked."""
        body = await read_body(request, SkipBody, max_bytes=SMALL_BYTES)
        state = await database.write(
            lambda tx: service.skip(tx, ticket.check(tx), judgement_id=judgement_id, body=body)
        )
        return SkipAnswer(task_state=state)

    @routes.post(
        "/leases/{judgement_id}/submit",
        response_model=None,
        responses={200: {"model": SubmitAnswer}},
        openapi_extra=described(SubmitBody),
    )
    async def submit(judgement_id: str, request: Request, ticket: Annotated[Ticket, annotator]) -> Response:
        """Hand in a labelling; the same request again gets the first answer."""
        body = await read_body(request, SubmitBody, max_bytes=MAX_BODY_BYTES)
        result = settle(
            await database.write(
                lambda tx: service.submit(tx, ticket.check(tx), judgement_id=judgement_id, body=body)
            )
        )
        return _json(result._asdict())

    @routes.post(
        "/leases/{judgement_id}/review",
        response_model=None,
        responses={200: {"model": ReviewAnswer}},
        openapi_extra=described(ReviewBody),
    )
    async def review(judgement_id: str, request: Request, ticket: Annotated[Ticket, reviewer]) -> Response:
        """Hand in a verdict; the same request again gets the first answer."""
        body = await read_body(request, ReviewBody, max_bytes=MAX_BODY_BYTES)
        result = settle_review(
            await database.write(
                lambda tx: service.review(tx, ticket.check(tx), judgement_id=judgement_id, body=body)
            )
        )
        return _json(result._asdict())


def _json(value: Any) -> Response:
    return Response(msgspec.json.encode(value), media_type="application/json")
