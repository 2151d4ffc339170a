"""From a path to its route by a walk down a tree, however many routes there are.

A router that tries each route in turn costs more than the request itself once there are a hundred. Paths are split at
``/``; each level is a literal or a parameter. Routes that stand at one leaf differ by method.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Final

from starlette.routing import Match, Route
from starlette.types import ASGIApp, Receive, Scope, Send

from goldsmith.core.errors import BugError

_PARAMETER: Final = "{}"


class _Node:
    __slots__ = ("children", "routes")

    def __init__(self) -> None:
        self.children: dict[str, _Node] = {}
        self.routes: list[Route] = []


class RouteIndex:
    """An ASGI application that hands a request to its route.

    Args:
        routes: With paths such as ``/api/v1/projects/{project_id}/items``; a parameter is a whole segment.
        fallback: Takes what no route takes.
    """

    def __init__(self, routes: Iterable[Route], *, fallback: ASGIApp) -> None:
        self._root = _Node()
        self._fallback = fallback
        for route in routes:
            self._add(route)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Find the route and let it handle the request."""
        partial: tuple[Route, Scope] | None = None
        for route in _find(self._root, scope["path"].split("/"), 0):
            match, child_scope = route.matches(scope)
            if match is Match.FULL:
                await _handle(route, child_scope, scope, receive, send)
                return
            if match is Match.PARTIAL and partial is None:
                partial = (route, child_scope)
        if partial is not None:
            await _handle(*partial, scope, receive, send)  # answers 405
            return
        await self._fallback(scope, receive, send)

    def _add(self, route: Route) -> None:
        node = self._root
        for segment in route.path.split("/"):
            if "{" in segment and not (
                segment.startswith("{") and segment.endswith("}") and ":" not in segment
            ):
                raise BugError(f"route {route.path}: a parameter must be a whole segment of the plain kind")
            name = _PARAMETER if "{" in segment else segment
            node = node.children.setdefault(name, _Node())
        node.routes.append(route)


def _find(node: _Node, segments: list[str], depth: int) -> list[Route]:
    if depth == len(segments):
        return node.routes
    literal = node.children.get(segments[depth])
    if literal is not None:
        found = _find(literal, segments, depth + 1)
        if found:
            return found
    parameter = node.children.get(_PARAMETER)
    return _find(parameter, segments, depth + 1) if parameter is not None else []


async def _handle(route: Route, child_scope: Scope | Any, scope: Scope, receive: Receive, send: Send) -> None:
    scope["route"] = route
    scope.update(child_scope)
    await route.handle(scope, receive, send)
