"""HTTP of what follows for people: consequences, appeals, and a member's own page."""

from typing import Annotated

from fastapi import APIRouter, Depends, Query

from goldsmith.accounts.api import Access, Gate, Role
from goldsmith.platform.database import Sql
from goldsmith.quality.routes.consensus import Queued
from goldsmith.quality.service import QualityService
from goldsmith.quality.types import (
    AnswerBody,
    Consequence,
    ConsequenceList,
    ConsequenceState,
    ImposeBody,
    OwnQuality,
    TextBody,
)


def add_routes(routes: APIRouter, service: QualityService, gate: Gate) -> None:
    """Add the routes."""
    gate.add_scope(
        "consequence_id",
        Sql(
            "SELECT p.workspace_id, c.project_id FROM consequences c JOIN projects p ON p.project_id = c.project_id "
            "WHERE c.consequence_id = :value"
        ),
    )
    _add_consequences(routes, service, gate)
    _add_own(routes, service, gate)


def _add_consequences(routes: APIRouter, service: QualityService, gate: Gate) -> None:
    database = service.machine.database
    reader = Depends(gate.allow(Role.REVIEWER))
    manager = Depends(gate.allow(Role.MANAGER))

    @routes.get("/projects/{project_id}/quality/consequences", dependencies=[reader])
    async def list_consequences(
        project_id: str,
        member_id: Annotated[str | None, Query(max_length=200)] = None,
        state: ConsequenceState | None = None,
    ) -> ConsequenceList:
        """List what followed for members from how they work, newest first, with evidence and history."""
        found = await database.read(
            lambda tx: service.list_consequences(tx, project_id, member_id=member_id, state=state)
        )
        return ConsequenceList(consequences=found)

    @routes.post("/projects/{project_id}/quality/consequences", status_code=201)
    async def impose(project_id: str, body: ImposeBody, access: Annotated[Access, manager]) -> Consequence:
        """Raise a consequence by your own word; the member sees it, and can appeal."""
        return await database.write(
            lambda tx: service.impose(
                tx,
                access,
                project_id=project_id,
                member_id=body.member_id,
                kind=body.kind,
                text=body.text,
            )
        )

    @routes.post("/projects/{project_id}/quality/signals", status_code=202)
    async def look_for_signals(project_id: str, access: Annotated[Access, manager]) -> Queued:
        """Queue the job that looks for signs against people's work, and for gold that is doubtful or leaked."""
        job_id = await database.write(
            lambda tx: service.request_signals(tx, project_id=project_id, created_by=access.member_id)
        )
        return Queued(job_id=job_id)

    @routes.post("/consequences/{consequence_id}/lift")
    async def lift(consequence_id: str, body: TextBody, access: Annotated[Access, manager]) -> Consequence:
        """End a consequence; what it changed is changed back."""
        return await database.write(
            lambda tx: service.lift(tx, access, consequence_id=consequence_id, text=body.text)
        )

    @routes.post("/consequences/{consequence_id}/answer")
    async def answer(
        consequence_id: str, body: AnswerBody, access: Annotated[Access, manager]
    ) -> Consequence:
        """Answer an appeal of somebody else: grant it, or uphold the consequence."""
        return await database.write(
            lambda tx: service.answer(
                tx, access, consequence_id=consequence_id, verdict=body.verdict, text=body.text
            )
        )


def _add_own(routes: APIRouter, service: QualityService, gate: Gate) -> None:
    database = service.machine.database
    annotator = Depends(gate.allow(Role.ANNOTATOR))

    @routes.get("/projects/{project_id}/quality/me")
    async def own_quality(project_id: str, access: Annotated[Access, annotator]) -> OwnQuality:
        """Return what is known of your own work here, and what followed from it."""
        return await database.read(lambda tx: service.own_quality(tx, access, project_id))

    @routes.post("/consequences/{consequence_id}/appeal")
    async def appeal(
        consequence_id: str, body: TextBody, access: Annotated[Access, annotator]
    ) -> Consequence:
        """Say why a consequence of yours is wrong; a manager answers."""
        return await database.write(
            lambda tx: service.appeal(tx, access, consequence_id=consequence_id, text=body.text)
        )
