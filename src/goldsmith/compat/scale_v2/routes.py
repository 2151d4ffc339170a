"""HTTP of Scale's second version, under ``/v2``; errors are in its form."""

from collections.abc import Callable, Mapping
from typing import Annotated

from fastapi import APIRouter, Depends, Request, Response

from goldsmith.accounts.api import Gate, KeyAccess, Role
from goldsmith.compat.scale_v1.routes.bodies import answer, read_body
from goldsmith.compat.scale_v1.store.batches import BatchFilter
from goldsmith.compat.scale_v1.task_types.types import NotEnabledFault
from goldsmith.compat.scale_v1.types import BatchStatus, TaskFilter, TaskStatus
from goldsmith.compat.scale_v1.words import MAX_LIMIT, read_number, read_time
from goldsmith.compat.scale_v2.service import ScaleV2Service, wanted_of
from goldsmith.core.errors import MalformedRequestError, NotFoundError

_MAX_OFFSET = 2**31 - 1
_ID_DIGITS = 24
_DELETED = "deleted"
_NO_DELIVERY = (
    "Delivery not found: this installation hands no deliveries over; its tasks are read one by one."
)
_NO_DATASET = "Dataset not found: this installation sells no datasets."


def router(service: ScaleV2Service, gate: Gate) -> APIRouter:
    """Return the routes; they are Scale's, not part of goldsmith's own document."""
    routes = APIRouter(prefix="/v2", include_in_schema=False)
    _add_project_routes(routes, service, gate)
    _add_batch_routes(routes, service, gate)
    _add_task_routes(routes, service, gate)
    _add_empty_routes(routes, gate)
    return routes


def _add_project_routes(routes: APIRouter, service: ScaleV2Service, gate: Gate) -> None:
    database, manager = service.machine.database, gate.key_holder(Role.MANAGER)

    @routes.get("/project")
    async def get_project(request: Request, key: Annotated[KeyAccess, Depends(manager)]) -> Response:
        """Show a project."""
        wanted = wanted_of(request.query_params)
        return answer(await database.read(lambda tx: service.get_project(tx, key, wanted)))

    @routes.get("/projects")
    async def list_projects(request: Request, key: Annotated[KeyAccess, Depends(manager)]) -> Response:
        """List projects."""
        is_wanted = _between(request.query_params, "created")
        return answer(await database.read(lambda tx: service.list_projects(tx, key, is_wanted=is_wanted)))


def _add_batch_routes(routes: APIRouter, service: ScaleV2Service, gate: Gate) -> None:
    database, manager = service.machine.database, gate.key_holder(Role.MANAGER)

    @routes.post("/batch")
    async def create_batch(request: Request, key: Annotated[KeyAccess, Depends(manager)]) -> Response:
        """Make a batch."""
        body = await read_body(request)
        return answer(await database.write(lambda tx: service.create_batch(tx, key, body)))

    @routes.get("/batch")
    async def get_batch(request: Request, key: Annotated[KeyAccess, Depends(manager)]) -> Response:
        """Show a batch."""
        query = request.query_params
        wanted = wanted_of(query, expand=query.getlist("expand"))
        return answer(await database.read(lambda tx: service.get_batch(tx, key, wanted)))

    @routes.get("/batches")
    async def list_batches(request: Request, key: Annotated[KeyAccess, Depends(manager)]) -> Response:
        """List batches, newest first."""
        query = request.query_params
        wanted = wanted_of(query, expand=query.getlist("expand"))
        found = _read_batch_filter(query)
        limit = _read_limit(query)
        offset = read_number(
            query.get("next_token"), where="next_token", least=0, most=_MAX_OFFSET, fallback=0
        )
        return answer(
            await database.read(
                lambda tx: service.list_batches(tx, key, wanted, found, limit=limit, offset=offset)
            )
        )

    @routes.post("/batch/finalize")
    async def finalize_batch(request: Request, key: Annotated[KeyAccess, Depends(manager)]) -> Response:
        """Hand the tasks of a staged batch out."""
        wanted = wanted_of(await read_body(request))
        return answer(await database.write(lambda tx: service.finalize_batch(tx, key, wanted)))

    @routes.post("/batch/metadata")
    async def set_batch_metadata(request: Request, key: Annotated[KeyAccess, Depends(manager)]) -> Response:
        """Replace the metadata of a batch, or put what is given into it."""
        body = await read_body(request)
        return answer(await database.write(lambda tx: service.set_batch_metadata(tx, key, body)))

    @routes.post("/batch/pause")
    async def pause_batch(request: Request, key: Annotated[KeyAccess, Depends(manager)]) -> Response:
        """Hold a batch back."""
        wanted = wanted_of(await read_body(request))
        return answer(await database.write(lambda tx: service.move_batch(tx, key, wanted, move="pause")))

    @routes.post("/batch/resume")
    async def resume_batch(request: Request, key: Annotated[KeyAccess, Depends(manager)]) -> Response:
        """Hand a batch out again."""
        wanted = wanted_of(await read_body(request))
        return answer(await database.write(lambda tx: service.move_batch(tx, key, wanted, move="resume")))

    @routes.post("/batch/cancel")
    async def cancel_batch(request: Request, key: Annotated[KeyAccess, Depends(manager)]) -> Response:
        """Cancel what is left of a batch."""
        wanted = wanted_of(await read_body(request))
        return answer(await database.write(lambda tx: service.move_batch(tx, key, wanted, move="cancel")))


def _add_task_routes(routes: APIRouter, service: ScaleV2Service, gate: Gate) -> None:
    database, manager = service.machine.database, gate.key_holder(Role.MANAGER)

    @routes.get("/task")
    async def get_task(request: Request, key: Annotated[KeyAccess, Depends(manager)]) -> Response:
        """Show a task."""
        query = request.query_params
        wanted = wanted_of(query, expand=query.getlist("expand"), options=query.getlist("opts"))
        return answer(await service.get_task(key, query.get("task_id", ""), wanted))

    @routes.get("/tasks")
    async def list_tasks(request: Request, key: Annotated[KeyAccess, Depends(manager)]) -> Response:
        """List tasks, newest first."""
        query = request.query_params
        wanted = wanted_of(query, expand=query.getlist("expand"), options=query.getlist("opts"))
        status = query.get("status")
        if status is not None and status not in (*TaskStatus, _DELETED):
            raise MalformedRequestError(f"status must be one of {', '.join((*TaskStatus, _DELETED))}.")
        found = TaskFilter(
            status=status,
            completed_from_ms=_time(query, "completed_after"),
            completed_to_ms=_time(query, "completed_before"),
        )
        token, limit = query.get("next_token", ""), _read_limit(query)
        if token and (len(token) != _ID_DIGITS or not token.isalnum()):
            raise MalformedRequestError("next_token is not one of this API.")
        return answer(await service.list_tasks(key, wanted, found, before=token, limit=limit))

    @routes.post("/task/metadata")
    async def set_task_metadata(request: Request, key: Annotated[KeyAccess, Depends(manager)]) -> Response:
        """Replace the metadata of a task, or put what is given into it."""
        body = await read_body(request)
        scale_id = await database.write(lambda tx: service.set_task_metadata(tx, key, body))
        return answer(await service.get_task(key, scale_id, wanted_of({})))

    @routes.post("/task/chat")
    async def create_chat_task(
        request: Request,
        key: Annotated[KeyAccess, Depends(manager)],  # noqa: ARG001  checked by the guard
    ) -> Response:
        """Refuse: there is no workbench for conversations."""
        await read_body(request)
        raise NotEnabledFault("Chat tasks are not enabled: goldsmith has no workbench for conversations yet.")

    @routes.get("/annotation")
    async def get_annotation(request: Request, key: Annotated[KeyAccess, Depends(manager)]) -> Response:
        """Show one annotation of a completed task."""
        return answer(await service.get_annotation(key, request.query_params.get("annotation_id", "")))


def _add_empty_routes(routes: APIRouter, gate: Gate) -> None:
    """Add what this installation has none of."""
    manager = gate.key_holder(Role.MANAGER)
    nothing: dict[str, dict[str, object]] = {
        "/deliveries": {"deliveries": []},
        "/datasets": {"datasets": []},
        "/datasets/deliveries": {"deliveries": []},
        "/datasets/tasks": {"tasks": [], "next_token": None},
    }
    unknown = {
        "/delivery": _NO_DELIVERY,
        "/delivery/tasks": _NO_DELIVERY,
        "/datasets/delivery": _NO_DATASET,
        "/datasets/task": _NO_DATASET,
        "/datasets/task/{task}/response_url/{attachment}": _NO_DATASET,
        "/schema": "Schema not found.",
    }
    for path, body in nothing.items():
        routes.add_api_route(path, _answering(body), dependencies=[Depends(manager)], methods=["GET"])
    for path, sentence in unknown.items():
        routes.add_api_route(path, _missing(sentence), dependencies=[Depends(manager)], methods=["GET"])


def _answering(body: Mapping[str, object]) -> Callable[..., object]:
    async def endpoint() -> Response:
        return answer(body)

    return endpoint


def _missing(sentence: str) -> Callable[..., object]:
    async def endpoint() -> Response:
        raise NotFoundError(sentence)

    return endpoint


def _read_limit(query: Mapping[str, str]) -> int:
    return read_number(query.get("limit"), where="limit", least=1, most=MAX_LIMIT, fallback=MAX_LIMIT)


def _read_batch_filter(query: Mapping[str, str]) -> BatchFilter:
    status = query.get("status")
    if status is not None and status not in set(BatchStatus):
        raise MalformedRequestError(f"status must be one of {', '.join(BatchStatus)}.")
    return BatchFilter(
        status=None if status is None else BatchStatus(status),
        created_from_ms=_time(query, "created_after"),
        created_to_ms=_time(query, "created_before"),
        completed_from_ms=_time(query, "completed_after"),
        completed_to_ms=_time(query, "completed_before"),
    )


def _between(query: Mapping[str, str], name: str) -> Callable[[int], bool]:
    after, before = _time(query, f"{name}_after"), _time(query, f"{name}_before")
    return lambda at_ms: (after is None or at_ms >= after) and (before is None or at_ms <= before)


def _time(query: Mapping[str, str], name: str) -> int | None:
    text = query.get(name)
    return None if not text else read_time(text, where=name)
