"""Calls plain endpoints without the framework's dependency machinery, which costs three times what they do.

An endpoint is plain when it takes nothing but the request, path parameters as they are, and guards, and returns a
``Response``: then there is nothing to validate and nothing to serialise. It reads its body itself, as the hot paths do.
"""

from __future__ import annotations

import inspect

from fastapi.dependencies.models import Dependant
from fastapi.routing import APIRoute
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route
from starlette.types import ASGIApp, Receive, Scope, Send

from goldsmith.accounts.gate import Guard


def direct_call(route: Route) -> ASGIApp | None:
    """Return an ASGI application that calls the endpoint of ``route``, or None when it is not plain."""
    if not isinstance(route, APIRoute) or not _is_plain(route):
        return None
    endpoint = route.endpoint
    wanted = tuple(field.name for field in route.dependant.path_params)
    request_name = route.dependant.request_param_name
    guards = [
        (inner.name, inner.call) for inner in route.dependant.dependencies if isinstance(inner.call, Guard)
    ]

    async def call(scope: Scope, receive: Receive, send: Send) -> None:
        request = Request(scope, receive, send)
        given = scope["path_params"]
        arguments = {name: given[name] for name in wanted}
        for name, guard in guards:
            found = await guard(request)
            if name is not None:
                arguments[name] = found
        if request_name is not None:
            arguments[request_name] = request
        response = await endpoint(**arguments)
        await response(scope, receive, send)

    return call


def _is_plain(route: APIRoute) -> bool:
    dependant = route.dependant
    returned = inspect.signature(route.endpoint).return_annotation
    return (
        inspect.iscoroutinefunction(route.endpoint)
        and isinstance(returned, type)
        and issubclass(returned, Response)
        and not (
            dependant.query_params
            or dependant.header_params
            or dependant.cookie_params
            or dependant.body_params
        )
        and all(
            field.field_info.annotation is str and not field.field_info.metadata
            for field in dependant.path_params
        )
        and all(field.name == field.alias for field in dependant.path_params)
        and not _asks_for_more(dependant)
        and all(_is_guard(inner) for inner in dependant.dependencies)
    )


def _is_guard(dependant: Dependant) -> bool:
    return isinstance(dependant.call, Guard) and not dependant.dependencies and not _asks_for_more(dependant)


def _asks_for_more(dependant: Dependant) -> bool:
    return any(
        name is not None
        for name in (
            dependant.websocket_param_name,
            dependant.http_connection_param_name,
            dependant.response_param_name,
            dependant.background_tasks_param_name,
            dependant.security_scopes_param_name,
        )
    )
