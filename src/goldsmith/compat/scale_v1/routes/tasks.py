"""Routes of tasks."""

from typing import Annotated, Any

from fastapi import APIRouter, Depends, Request, Response
from starlette.datastructures import QueryParams

from goldsmith.accounts.api import Gate, KeyAccess, Role
from goldsmith.compat.scale_v1.routes.bodies import answer, read_body
from goldsmith.compat.scale_v1.service import ScaleService
from goldsmith.compat.scale_v1.service.foundation import space_of
from goldsmith.compat.scale_v1.store import batches as batch_rows
from goldsmith.compat.scale_v1.store import projects as project_rows
from goldsmith.compat.scale_v1.task_types.registry import TASK_TYPES
from goldsmith.compat.scale_v1.task_types.types import ParameterFault
from goldsmith.compat.scale_v1.types import Purpose, ReviewStatus, TaskFilter, TaskStatus
from goldsmith.compat.scale_v1.words import MAX_LIMIT, read_flag, read_number, read_time
from goldsmith.platform.database import Transaction

_TIMES = {
    "created_from_ms": "start_time",
    "created_to_ms": "end_time",
    "completed_from_ms": "completed_after",
    "completed_to_ms": "completed_before",
    "updated_from_ms": "updated_after",
    "updated_to_ms": "updated_before",
}
_ID_DIGITS = 24


def add_routes(routes: APIRouter, service: ScaleService, gate: Gate) -> None:
    """Add the routes."""
    database, manager = service.machine.database, gate.key_holder(Role.MANAGER)

    @routes.post("/task/{type_name}")
    async def create_task(
        type_name: str, request: Request, key: Annotated[KeyAccess, Depends(manager)]
    ) -> Response:
        """Make a task of a type."""
        return answer(await service.create_task(key, type_name, await read_body(request)))

    @routes.post("/evaluation_tasks/{type_name}")
    async def create_evaluation_task(
        type_name: str, request: Request, key: Annotated[KeyAccess, Depends(manager)]
    ) -> Response:
        """Make a task whose answer is known, hidden among the others."""
        body = await read_body(request)
        return answer(await service.create_known_task(key, type_name, body, purpose=Purpose.EVALUATION))

    @routes.post("/training_tasks/{type_name}")
    async def create_training_task(
        type_name: str, request: Request, key: Annotated[KeyAccess, Depends(manager)]
    ) -> Response:
        """Make a task whose answer is known, a lesson of the project's course."""
        body = await read_body(request)
        return answer(await service.create_known_task(key, type_name, body, purpose=Purpose.TRAINING))

    @routes.get("/task/{scale_id}")
    async def get_task(
        scale_id: str, request: Request, key: Annotated[KeyAccess, Depends(manager)]
    ) -> Response:
        """Show a task."""
        has_links = read_flag(
            request.query_params.get("include_attachment_url"), where="include_attachment_url"
        )
        return answer(await service.get_task(key, scale_id, has_links=has_links))

    @routes.get("/tasks")
    async def list_tasks(request: Request, key: Annotated[KeyAccess, Depends(manager)]) -> Response:
        """List tasks, newest first."""
        return await _list(request, key, Purpose.PRODUCTION)

    @routes.get("/evaluation_tasks")
    async def list_evaluation_tasks(
        request: Request, key: Annotated[KeyAccess, Depends(manager)]
    ) -> Response:
        """List the tasks whose answer is known and hidden, newest first; of goldsmith alone."""
        return await _list(request, key, Purpose.EVALUATION)

    @routes.get("/training_tasks")
    async def list_training_tasks(request: Request, key: Annotated[KeyAccess, Depends(manager)]) -> Response:
        """List the lessons, newest first; of goldsmith alone."""
        return await _list(request, key, Purpose.TRAINING)

    async def _list(request: Request, key: KeyAccess, purpose: Purpose) -> Response:
        query = request.query_params
        limit = read_number(query.get("limit"), where="limit", least=1, most=MAX_LIMIT, fallback=MAX_LIMIT)
        is_limited = read_flag(query.get("limited_response"), where="limited_response")
        has_links = read_flag(query.get("include_attachment_url"), where="include_attachment_url")
        before = _read_token(query.get("next_token"))
        wanted = _read_filter(query)._replace(purpose=purpose)
        names = query.get("project"), query.get("batch")
        if any(names):
            found = await database.read(lambda tx: _with_names(tx, key, wanted, *names))
            if found is None:
                return answer({"docs": [], "total": 0, "limit": limit, "offset": 0, "has_more": False})
            wanted = found
        return answer(
            await service.list_tasks(
                key, wanted, before=before, limit=limit, is_limited=is_limited, has_links=has_links
            )
        )


def _with_names(
    tx: Transaction, key: KeyAccess, wanted: TaskFilter, project_name: str | None, batch_name: str | None
) -> TaskFilter | None:
    """Return the filter with the project and the batch of these names; None when there is none of one."""
    space = space_of(key)
    if project_name:
        project = project_rows.find_by_name(tx, space, project_name)
        if project is None:
            return None
        wanted = wanted._replace(project_id=project.project_id)
    if batch_name:
        batch = batch_rows.find_by_name(tx, space, batch_name)
        if batch is None:
            return None
        wanted = wanted._replace(batch_id=batch.batch_id)
    return wanted


def _read_filter(query: QueryParams) -> TaskFilter:
    times: dict[str, Any] = {
        field: None if not query.get(name) else read_time(query[name], where=name)
        for field, name in _TIMES.items()
    }
    reviews = [part for value in query.getlist("customer_review_status") for part in value.split(",") if part]
    return TaskFilter(
        status=_one_of(query, "status", set(TaskStatus)),
        type=_one_of(query, "type", set(TASK_TYPES)),
        review_statuses=tuple(
            _checked(value, "customer_review_status", set(ReviewStatus)) for value in reviews
        ),
        tags=tuple(query.getlist("tags")),
        unique_ids=tuple(query.getlist("unique_id")),
    )._replace(**times)


def _one_of(query: QueryParams, name: str, allowed: set[str]) -> str | None:
    value = query.get(name)
    return None if not value else _checked(value, name, allowed)


def _checked(value: str, name: str, allowed: set[str]) -> str:
    if value not in allowed:
        raise ParameterFault(f'"{name}" must be one of [{", ".join(sorted(allowed))}]')
    return value


def _read_token(token: str | None) -> str:
    """Return the id that a page goes on after; empty for the first page."""
    if not token:
        return ""
    if len(token) != _ID_DIGITS or not set(token) <= set("0123456789abcdef"):
        raise ParameterFault('"next_token" is not one of this API')
    return token
