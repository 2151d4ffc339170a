"""Routes of what people read and steer: tasks, progress, activity, exports."""

from typing import Annotated, Any, Literal

import msgspec
from fastapi import APIRouter, Depends, Query, Response
from fastapi.responses import StreamingResponse
from pydantic import Field

from goldsmith.accounts.api import Access, Gate, Role
from goldsmith.core.annotations import Labelling
from goldsmith.core.model import Model
from goldsmith.labeling.service import LabelingService
from goldsmith.labeling.service.exporting import ExportLabels
from goldsmith.labeling.store.pages import TaskFilter
from goldsmith.labeling.types import (
    Activity,
    ProjectProgress,
    RequeueBody,
    Requeued,
    TaskList,
    TaskPage,
    TaskState,
)
from goldsmith.platform.database import Transaction

Limit = Annotated[int, Query(ge=1, le=1000)]
Text = Annotated[str | None, Query(max_length=200)]
MAX_GOLD = 5000


class GoldBody(Model):
    """Known answers by task id."""

    answers: Annotated[dict[str, Labelling], Field(min_length=1, max_length=MAX_GOLD)]


class GoldAnswer(Model):
    """How many tasks are hidden gold now."""

    marked: int


def add_routes(routes: APIRouter, service: LabelingService, gate: Gate) -> None:
    """Add the routes."""
    _add_reading(routes, service, gate)
    _add_steering(routes, service, gate)


def _add_reading(routes: APIRouter, service: LabelingService, gate: Gate) -> None:
    database = service.machine.database
    viewer = Depends(gate.allow(Role.VIEWER))

    @routes.get("/projects/{project_id}/tasks", response_model=None, responses={200: {"model": TaskList}})
    async def list_tasks(
        project_id: str,
        access: Annotated[Access, viewer],
        state: TaskState | None = None,
        batch_id: Text = None,
        has_gold: bool | None = None,
        text: Text = None,
        posterior_below: Annotated[float | None, Query(ge=0.0, le=1.0)] = None,
        member_id: Text = None,
        limit: Limit = 100,
        cursor: Text = None,
    ) -> Response:
        """List tasks in the order they were made; annotators see those they met."""
        wanted = TaskFilter(
            state=None if state is None else state.value,
            batch_id=batch_id,
            is_gold=None if has_gold is None else int(has_gold),
            text=text,
            posterior_below=posterior_below,
            member_id=member_id,
        )

        def run(tx: Transaction) -> list[dict[str, Any]]:
            return service.list_tasks(
                tx, access, project_id=project_id, wanted=wanted, after=cursor or "", limit=limit
            )

        rows = await database.read(run)
        next_cursor = rows[-1]["task_id"] if len(rows) == limit else None
        return _json({"items": rows, "next_cursor": next_cursor})

    @routes.get("/tasks/{task_id}", response_model=None, responses={200: {"model": TaskPage}})
    async def get_task(
        task_id: str, access: Annotated[Access, Depends(gate.allow(Role.ANNOTATOR))]
    ) -> Response:
        """Return everything of a task: item, submissions, consensus, reviews, events."""
        return _json(await database.read(lambda tx: service.get_page(tx, access, task_id)))

    @routes.get("/projects/{project_id}/progress")
    async def get_progress(project_id: str, access: Annotated[Access, viewer]) -> ProjectProgress:  # noqa: ARG001
        """Return where the work stands, and what was done on each day."""
        return await database.read(lambda tx: service.progress(tx, project_id))

    @routes.get("/projects/{project_id}/activity")
    async def get_activity(
        project_id: str,
        access: Annotated[Access, Depends(gate.allow(Role.REVIEWER))],  # noqa: ARG001
    ) -> Activity:
        """Return what each member did: submissions, skips, reviews and active time, by day."""
        people = await database.read(lambda tx: service.activity(tx, project_id))
        return Activity(people=people)

    @routes.get(
        "/projects/{project_id}/export",
        response_model=None,
        responses={200: {"content": {"application/x-ndjson": {}, "application/json": {}}}},
    )
    async def export(
        project_id: str,
        access: Annotated[Access, Depends(gate.allow(Role.MANAGER))],  # noqa: ARG001
        format: Literal["jsonl", "coco"] = "jsonl",  # noqa: A002  the name on the wire
        labels: ExportLabels = ExportLabels.CONSENSUS,
        state: TaskState | None = None,
    ) -> StreamingResponse:
        """Stream all labelled tasks as JSON lines, or as one COCO document; gold is exported by `labels=gold` only."""
        export = await database.read(
            lambda tx: service.open_export(tx, project_id, labels=labels, state=state)
        )
        is_coco = format == "coco"
        name = "annotations.json" if is_coco else "labels.jsonl"
        return StreamingResponse(
            export.as_coco() if is_coco else export.as_jsonl(),
            media_type="application/json" if is_coco else "application/x-ndjson",
            headers={"Content-Disposition": f'attachment; filename="{name}"'},
        )


def _add_steering(routes: APIRouter, service: LabelingService, gate: Gate) -> None:
    database = service.machine.database
    manager = Depends(gate.allow(Role.MANAGER))

    @routes.post("/projects/{project_id}/tasks/requeue")
    async def requeue(project_id: str, body: RequeueBody, access: Annotated[Access, manager]) -> Requeued:
        """Ask for more judgements of tasks, or of items; what was submitted goes on counting."""
        return await database.write(
            lambda tx: service.requeue(tx, project_id=project_id, by=access.member_id, **body.model_dump())
        )

    @routes.post("/projects/{project_id}/tasks/gold")
    async def mark_gold(project_id: str, body: GoldBody, access: Annotated[Access, manager]) -> GoldAnswer:
        """Make tasks hidden gold with these known answers; a later answer is a new version."""
        marked = await database.write(
            lambda tx: service.mark_gold(tx, project_id=project_id, answers=body.answers, by=access.member_id)
        )
        return GoldAnswer(marked=len(marked))


def _json(value: Any) -> Response:
    return Response(msgspec.json.encode(value), media_type="application/json")
