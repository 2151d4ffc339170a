"""HTTP of what is known of labels: the project's page, and the consensus of a task."""

from typing import Annotated

from fastapi import APIRouter, Depends, Query

from goldsmith.accounts.api import Access, Gate, Role
from goldsmith.core.model import Model
from goldsmith.quality.service import QualityService
from goldsmith.quality.types import ConsensusView, QualityReport


class Queued(Model):
    """A job that was queued."""

    job_id: str


def add_routes(routes: APIRouter, service: QualityService, gate: Gate) -> None:
    """Add the routes; names and numbers of colleagues are for reviewers and above."""
    database = service.machine.database
    reader = gate.allow(Role.REVIEWER)

    @routes.get("/projects/{project_id}/quality", dependencies=[Depends(reader)])
    async def report(project_id: str) -> QualityReport:
        """Return what is known of a project's labels: agreement, posteriors, annotators' skill."""
        return await database.read(lambda tx: service.report(tx, project_id))

    @routes.post("/projects/{project_id}/quality/resolve", status_code=202)
    async def resolve(
        project_id: str, access: Annotated[Access, Depends(gate.allow(Role.MANAGER))]
    ) -> Queued:
        """Queue the job that learns everybody's skill anew and resolves every task again."""
        job_id = await database.write(
            lambda tx: service.request_resolve(tx, project_id=project_id, created_by=access.member_id)
        )
        return Queued(job_id=job_id)

    @routes.get("/tasks/{task_id}/consensus", dependencies=[Depends(reader)])
    async def consensus(task_id: str, version: Annotated[int | None, Query(ge=1)] = None) -> ConsensusView:
        """Return the consensus of a task as it is known now, or the version asked for, with what stands behind it.

        While judgements are out, what those that are in tell is computed at once: version 0, method `live`.
        """
        return await database.read(lambda tx: service.get_consensus(tx, task_id, version))
