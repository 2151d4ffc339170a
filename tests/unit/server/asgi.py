"""Calls an ASGI application without a server."""

from __future__ import annotations

import asyncio
from typing import Any, NamedTuple

from starlette.types import ASGIApp, Message


class Answer(NamedTuple):
    """What came out."""

    status: int
    headers: dict[str, str]
    body: bytes


def call(
    application: ASGIApp,
    path: str = "/",
    *,
    method: str = "GET",
    headers: Any = (),
    body: Any = (b"",),
    **scope: Any,
) -> Answer:
    """Send one request; ``body`` is the pieces it comes in."""
    messages: list[Message] = []
    pieces = list(body)

    async def receive() -> Message:
        if not pieces:
            return {"type": "http.disconnect"}
        return {"type": "http.request", "body": pieces.pop(0), "more_body": bool(pieces)}

    async def send(message: Message) -> None:
        messages.append(message)

    given = [(name.lower().encode(), value.encode("latin-1")) for name, value in headers]
    if not any(name == b"host" for name, _ in given):
        given.append((b"host", b"127.0.0.1:8400"))
    full = {"type": "http", "method": method, "path": path, "query_string": b"", "headers": given, **scope}
    asyncio.run(application(full, receive, send))
    start = next((message for message in messages if message["type"] == "http.response.start"), None)
    if start is None:
        return Answer(0, {}, b"")
    content = b"".join(
        message.get("body", b"") for message in messages if message["type"] == "http.response.body"
    )
    return Answer(
        start["status"], {name.decode(): value.decode("latin-1") for name, value in start["headers"]}, content
    )
