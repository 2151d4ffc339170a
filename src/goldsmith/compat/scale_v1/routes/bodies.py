"""Reading requests as Scale's clients send them, and answering: bodies may be absent, arrays, or of any type."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable, Mapping
from typing import Annotated, Any, Final, TypeVar

import msgspec
from fastapi import Depends
from starlette.requests import Request
from starlette.responses import Response

from goldsmith.compat.scale_v1.task_types.types import ParameterFault
from goldsmith.core.errors import ConflictError, MalformedRequestError

T = TypeVar("T")
_IN_THREAD_FROM: Final = 64 * 1024


def answer(body: Any) -> Response:
    """Return a success."""
    return Response(msgspec.json.encode(body), media_type="application/json")


async def read_json(request: Request) -> Any:
    """Return the body, None when there is none.

    Raises:
        MalformedRequestError: It is no JSON.
    """
    data = await request.body()
    if not data.strip():
        return None
    try:
        if len(data) < _IN_THREAD_FROM:
            return json.loads(data, parse_constant=_refuse_constant)
        return await asyncio.to_thread(json.loads, data, parse_constant=_refuse_constant)
    except (ValueError, RecursionError) as error:
        raise MalformedRequestError("The body is not JSON.") from error


async def read_body(request: Request) -> Mapping[str, Any]:
    """Return the body as an object; an absent one is empty.

    Raises:
        MalformedRequestError: It is no JSON object.
    """
    body = await read_json(request)
    if not isinstance(body, dict | None):
        raise MalformedRequestError("The body must be a JSON object.")
    return body or {}


JsonBody = Annotated[Mapping[str, Any], Depends(read_body)]
"""The body of a request as an object; stated after the key, so that who has none is refused first."""


async def read_array(request: Request, *, where: str) -> Any:
    """Return the body as an array; an absent one is empty, for that is how clients send it.

    Raises:
        ParameterFault: It is something else.
    """
    body = await read_json(request)
    if not isinstance(body, list | None):
        raise ParameterFault(f'"{where}" must be an array')
    return body or []


def without_conflict(operation: Callable[..., T]) -> Callable[..., T]:
    """Return an operation whose conflicts are told as bad requests: to requests without a JSON object as their body.

    The client cannot read a conflict there.
    """

    def run(*args: Any) -> T:
        try:
            return operation(*args)
        except ConflictError as error:
            raise MalformedRequestError(error.detail) from error

    return run


def _refuse_constant(name: str) -> float:
    raise ValueError(f"{name} is no JSON")
