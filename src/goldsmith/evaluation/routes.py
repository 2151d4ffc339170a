"""Routes of evaluation."""

import json
from functools import partial
from typing import Annotated, Any, Literal

import msgspec
from fastapi import APIRouter, Depends, Query, Request
from fastapi.concurrency import run_in_threadpool

from goldsmith.accounts.api import Access, Gate, Page, Role
from goldsmith.core.errors import InvalidInputError, NotFoundError
from goldsmith.evaluation import store
from goldsmith.evaluation.service import EvaluationService
from goldsmith.evaluation.types import (
    Comparison,
    DoubtKind,
    EvaluationView,
    ImportedEvaluation,
    LabelErrors,
    NewEvaluation,
    RelabelBody,
    Relabelled,
    SampleView,
    SendBody,
    Sent,
    StartedEvaluation,
)
from goldsmith.platform.database import Sql

MAX_PAGE = 500
_NEWEST = "evl_~"


def register_scopes(gate: Gate) -> None:
    """Teach the gate how an evaluation resolves to a workspace."""
    gate.add_scope(
        "evaluation_id",
        Sql(
            "SELECT workspace_id, CAST(NULL AS TEXT) AS project_id FROM evaluations WHERE evaluation_id = :value"
        ),
    )


def router(service: EvaluationService, gate: Gate) -> APIRouter:
    """Return the routes."""
    register_scopes(gate)
    routes = APIRouter(prefix="/api/v1", tags=["evaluation"])
    _add_making(routes, service, gate)
    _add_reading(routes, service, gate)
    return routes


def _add_making(routes: APIRouter, service: EvaluationService, gate: Gate) -> None:
    database, maker = service.machine.database, gate.allow(Role.MANAGER)

    @routes.post("/workspaces/{workspace_id}/evaluations", status_code=202)
    async def start(body: NewEvaluation, access: Annotated[Access, Depends(maker)]) -> StartedEvaluation:
        """Queue the measurement of a model version on a split of a dataset version."""
        return await database.write(lambda tx: service.start(tx, access, body=body))

    @routes.post(
        "/workspaces/{workspace_id}/evaluations/import",
        status_code=202,
        openapi_extra={"requestBody": _results_body()},
    )
    async def import_results(
        request: Request, access: Annotated[Access, Depends(maker)]
    ) -> StartedEvaluation:
        # a million detections as models of the framework would take gigabytes; the edge caps the size of the body
        """Measure predictions made elsewhere, given as COCO results."""
        data = bytearray()
        async for chunk in request.stream():
            data += chunk
        return await run_in_threadpool(service.import_results, access, bytes(data))

    @routes.post("/evaluations/{evaluation_id}/send-to-labelling", status_code=202)
    async def send(evaluation_id: str, body: SendBody, access: Annotated[Access, Depends(maker)]) -> Sent:
        """Queue the job that sends items to labelling: chosen by expected gain, at random, or named."""
        job_id = await database.write(
            lambda tx: service.request_send(tx, access, evaluation_id=evaluation_id, body=body)
        )
        return Sent(job_id=job_id)

    @routes.post("/evaluations/{evaluation_id}/label-errors/relabel")
    async def relabel(
        evaluation_id: str, body: RelabelBody, access: Annotated[Access, Depends(maker)]
    ) -> Relabelled:
        """Ask for the tasks behind suspicious labels once more, each in its own project."""
        return await database.write(
            lambda tx: service.relabelling.relabel(tx, access, view=service.get(tx, evaluation_id), body=body)
        )


def _add_reading(routes: APIRouter, service: EvaluationService, gate: Gate) -> None:
    database, reader = service.machine.database, gate.allow(Role.REVIEWER)

    @routes.get("/workspaces/{workspace_id}/evaluations")
    async def list_evaluations(
        access: Annotated[Access, Depends(reader)],
        cursor: str = _NEWEST,
        limit: Annotated[int, Query(ge=1, le=MAX_PAGE)] = 100,
    ) -> Page[EvaluationView]:
        """List the evaluations of the workspace, newest first."""
        found = await database.read(
            lambda tx: service.list_evaluations(tx, access, before=cursor, limit=limit + 1)
        )
        page = found[:limit]
        return Page(items=page, next_cursor=page[-1].evaluation_id if len(found) > limit else None)

    @routes.get("/evaluations/{evaluation_id}", dependencies=[Depends(reader)])
    async def get(evaluation_id: str) -> EvaluationView:
        """Return an evaluation: metrics with intervals, per class and slice, confusion and kinds of error."""
        return await database.read(lambda tx: service.get(tx, evaluation_id))

    @routes.get("/evaluations/{evaluation_id}/samples", dependencies=[Depends(reader)])
    async def list_samples(
        evaluation_id: str, cursor: str = "", limit: Annotated[int, Query(ge=1, le=MAX_PAGE)] = 50
    ) -> Page[SampleView]:
        """List the samples of an evaluation, worst first, with what is wrong on each."""
        rows = await database.read(
            lambda tx: store.list_samples(tx, evaluation_id, after=_position(cursor), limit=limit + 1)
        )
        samples = [
            SampleView(
                item_id=row["item_id"],
                badness=row["badness"],
                media={
                    variant: f"/api/v1/items/{row['item_id']}/media?variant={variant}"
                    for variant in ("original", "preview", "thumbnail")
                },
                **json.loads(row["body"]),
            )
            for row in rows[:limit]
        ]
        last = rows[limit - 1] if len(rows) > limit else None
        return Page(
            items=samples, next_cursor=None if last is None else f"{last['badness']!r}:{last['item_id']}"
        )

    @routes.get("/evaluations/{evaluation_id}/label-errors", dependencies=[Depends(reader)])
    async def list_label_errors(
        evaluation_id: str,
        cursor: str = "0",
        limit: Annotated[int, Query(ge=1, le=MAX_PAGE)] = 50,
        kind: DoubtKind | None = None,
    ) -> LabelErrors:
        """List labels that are probably wrong, the most suspicious first, each with its reason in plain words."""
        after = _number(cursor)
        return await database.read(
            lambda tx: service.relabelling.page(
                tx, evaluation_id=evaluation_id, kind=kind, after=after, limit=limit
            )
        )

    @routes.get("/evaluations/{evaluation_id}/compare/{other_id}")
    def compare(
        evaluation_id: str,
        other_id: str,
        access: Annotated[Access, Depends(reader)],
        metric: Literal["ap", "ap50"] = "ap50",
    ) -> Comparison:
        """Compare two evaluations on the same samples: paired differences with intervals, and a verdict."""
        this, other = (
            database.read_sync(partial(service.get, evaluation_id=name)) for name in (evaluation_id, other_id)
        )
        if other.workspace_id != access.workspace_id:
            raise NotFoundError("there is no such evaluation here")
        return service.compare(this, other, metric=metric)


def _results_body() -> dict[str, Any]:
    """Describe the body that is read by hand."""
    (schema,), parts = msgspec.json.schema_components([ImportedEvaluation], ref_template="#/$defs/{name}")
    return {"required": True, "content": {"application/json": {"schema": _inlined(schema, parts)}}}


def _inlined(schema: Any, parts: dict[str, Any]) -> Any:
    if isinstance(schema, list):
        return [_inlined(entry, parts) for entry in schema]
    if not isinstance(schema, dict):
        return schema
    if "$ref" in schema:
        return _inlined(parts[schema["$ref"].rsplit("/", 1)[-1]], parts)
    return {key: _inlined(value, parts) for key, value in schema.items()}


def _position(cursor: str) -> tuple[float, str] | None:
    if not cursor:
        return None
    badness, _, item_id = cursor.partition(":")
    try:
        return float(badness), item_id
    except ValueError:
        raise InvalidInputError("the cursor is not one that this list gave") from None


def _number(cursor: str) -> int:
    if cursor.isascii() and cursor.isdigit() and len(cursor) <= 9:
        return int(cursor)
    raise InvalidInputError("the cursor is not one that this list gave")
