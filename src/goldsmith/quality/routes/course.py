"""HTTP of a project's course: lessons, exam, and feedback on what was answered."""

from typing import Annotated

from fastapi import APIRouter, Depends, Response

from goldsmith.accounts.api import Access, Gate, Role
from goldsmith.labeling.api import TaskPayload
from goldsmith.quality.service import QualityService
from goldsmith.quality.types import Course, Feedback


def add_routes(routes: APIRouter, service: QualityService, gate: Gate) -> None:
    """Add the routes."""
    database = service.machine.database
    annotator = Depends(gate.allow(Role.ANNOTATOR))
    manager = Depends(gate.allow(Role.MANAGER))

    @routes.get("/projects/{project_id}/course", dependencies=[manager])
    async def get_course(project_id: str) -> Course:
        """Return the course of a project; empty when it has none."""
        return await database.read(lambda tx: service.get_course(tx, project_id))

    @routes.put("/projects/{project_id}/course")
    async def set_course(project_id: str, body: Course, access: Annotated[Access, manager]) -> Course:
        """Set the course: tasks to practise on and tasks for exams, all with known answers."""
        return await database.write(
            lambda tx: service.set_course(tx, access, project_id=project_id, course=body)
        )

    @routes.post(
        "/projects/{project_id}/course/next",
        response_model=None,
        responses={200: {"model": TaskPayload}, 204: {"description": "nothing is left to take"}},
    )
    async def next_of_course(project_id: str, access: Annotated[Access, annotator]) -> Response:
        """Take the next task of the course; the same one until it is answered by submitting its lease."""
        handout = await database.write(lambda tx: service.next_of_course(tx, access, project_id))
        if handout is None:
            return Response(status_code=204)
        return Response(handout.to_json(), media_type="application/json")

    @routes.post("/course/{judgement_id}/feedback")
    async def feedback(judgement_id: str, access: Annotated[Access, annotator]) -> Feedback:
        """Return how your answer compares with the known one; of exam tasks only the counts."""
        return await database.write(lambda tx: service.feedback(tx, access, judgement_id))
