"""The ASGI application: the routers of the steps, inside the edge."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Iterator, Mapping, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from functools import partial
from pathlib import Path
from typing import Any, Final

from fastapi import APIRouter, FastAPI
from fastapi.dependencies.models import Dependant
from fastapi.middleware.asyncexitstack import AsyncExitStackMiddleware
from fastapi.routing import APIRoute
from starlette.applications import Starlette
from starlette.types import ASGIApp, Receive, Scope, Send

import goldsmith
from goldsmith.accounts.api import Gate
from goldsmith.accounts.gate import Guard, Public
from goldsmith.core.errors import BugError
from goldsmith.platform.machine import Machine
from goldsmith.server import operations
from goldsmith.server.edge import Caps, Edge
from goldsmith.server.errors import ErrorForm
from goldsmith.server.routing import RouteIndex
from goldsmith.server.web_ui import STATIC_FOLDER, WebUi

OPENAPI_PATH: Final = "/api/v1/openapi.json"
Lifespan = Callable[[FastAPI], AbstractAsyncContextManager[None]]


class Application(FastAPI):
    """FastAPI's routes, dependencies and OpenAPI inside goldsmith's own, thinner layers.

    Args:
        machine: What the steps stand on.
        gate: Decides on every request.
        static_folder: The built web UI.
        lifespan: Runs around the serving.
        error_forms: How errors are told under some prefixes of the path.
    """

    def __init__(
        self,
        machine: Machine,
        gate: Gate,
        *,
        static_folder: Path,
        lifespan: Lifespan,
        error_forms: Mapping[str, ErrorForm] | None = None,
    ) -> None:
        super().__init__(
            title="goldsmith",
            version=goldsmith.__version__,
            openapi_url=OPENAPI_PATH,
            docs_url=None,
            redoc_url=None,
            redirect_slashes=False,
            lifespan=lifespan,
        )
        self._machine = machine
        self._gate = gate
        self._ui = WebUi(static_folder)
        self._error_forms = error_forms

    def build_middleware_stack(self) -> ASGIApp:
        """Return the layers, outermost first: edge, framework's clean-up, route index, web UI."""
        index = RouteIndex(_plain_routes(self.router), fallback=self._ui)
        return Edge(
            AsyncExitStackMiddleware(_with_lifespan(index, self.router)),
            public_url=self._machine.settings.resolved_public_url(),
            telemetry=self._machine.telemetry,
            authenticate=partial(operations.authenticate, self._gate),
            caps=Caps(upload=self._machine.settings.max_upload_bytes),
            access_log=self._machine.settings.access_log,
            error_forms=self._error_forms,
        )

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Take a request past the framework's own telemetry, which reads the environment at each."""
        await Starlette.__call__(self, scope, receive, send)

    def openapi(self) -> dict[str, Any]:
        """Return the OpenAPI document, each operation with the role it needs."""
        if self.openapi_schema is None:
            document = super().openapi()
            document["components"] = {**document.get("components", {}), "securitySchemes": _SECURITY_SCHEMES}
            for route in self.api_routes():
                guard = stated_guard(route)
                for method in route.methods or ():
                    operation = document["paths"].get(route.path_format, {}).get(method.lower())
                    if operation is not None:
                        _describe_guard(operation, guard)
                        _describe_path(operation, route)
            self.openapi_schema = document
        return self.openapi_schema

    def api_routes(self) -> Iterator[APIRoute]:
        """Yield the routes that the steps gave."""
        for route in self.router.routes:
            if isinstance(route, APIRoute):
                yield route


_SECURITY_SCHEMES: Final = {
    "key": {"type": "http", "scheme": "bearer", "description": "An API key: gsk_..."},
    "session": {"type": "apiKey", "in": "cookie", "name": "goldsmith_session"},
}


def create_application(
    machine: Machine,
    routers: Sequence[APIRouter],
    gate: Gate,
    *,
    static_folder: Path = STATIC_FOLDER,
    runs_jobs: bool = True,
    error_forms: Mapping[str, ErrorForm] | None = None,
) -> Application:
    """Put the steps' routers behind the edge.

    Args:
        machine: What the steps stand on; its job threads run while the application is served.
        routers: Of the steps, with full paths and not nested.
        gate: The gate whose guards the routes state.
        static_folder: The built web UI.
        runs_jobs: Whether to run jobs in this process.
        error_forms: How errors are told under some prefixes of the path, where another protocol is spoken.

    Raises:
        BugError: A route does not state who may use it, or a router is nested.
    """

    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        if runs_jobs:
            machine.jobs.start(machine.settings.job_threads)
        try:
            yield
        finally:
            machine.jobs.stop()

    application = Application(
        machine, gate, static_folder=static_folder, lifespan=lifespan, error_forms=error_forms
    )
    for router in (operations.router(machine, gate), *routers):
        for route in router.routes:
            if not isinstance(route, APIRoute):
                raise BugError(f"{route!r} is not a plain route; routers of steps are not nested")
            stated_guard(route)
            application.router.routes.append(route)
    return application


def stated_guard(route: APIRoute) -> Guard:
    """Return the one dependency by which a route states who may use it.

    Raises:
        BugError: It states none, or more than one.
    """
    guards = list(_guards_in(route.dependant))
    if len(guards) != 1:
        raise BugError(
            f"{sorted(route.methods or ())} {route.path} states {len(guards)} guards; "
            "it must state one: gate.allow, gate.ticket, gate.signed_in or gate.public"
        )
    return guards[0]


def _guards_in(dependant: Dependant) -> Iterator[Guard]:
    if isinstance(dependant.call, Guard):
        yield dependant.call
    for inner in dependant.dependencies:
        yield from _guards_in(inner)


def _describe_guard(operation: dict[str, Any], guard: Guard) -> None:
    if isinstance(guard, Public):
        operation["security"] = []
        return
    operation["security"] = [{"key": []}, {"session": []}]
    operation["x-role"] = guard.at_least.value if guard.at_least is not None else "signed-in"


def _describe_path(operation: dict[str, Any], route: APIRoute) -> None:
    """State the path parameters that only the guard reads."""
    stated = {entry["name"] for entry in operation.get("parameters", ()) if entry["in"] == "path"}
    missing = [name for name in route.param_convertors if name not in stated]
    if missing:
        entries = [
            {"name": name, "in": "path", "required": True, "schema": {"type": "string"}} for name in missing
        ]
        operation["parameters"] = [*entries, *operation.get("parameters", ())]


def _plain_routes(router: APIRouter) -> list[Any]:
    return [route for route in router.routes if hasattr(route, "path") and hasattr(route, "matches")]


def _with_lifespan(index: RouteIndex, router: APIRouter) -> ASGIApp:
    async def inner(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            await router(scope, receive, send)
        else:
            await index(scope, receive, send)

    return inner
