"""From a path to its route by a walk down a tree, however many routes there are.

A router that tries each route in turn costs more than the request itself once there are a hundred. Paths are split at
``/``; each level is a literal or a parameter, and literals win. At a leaf, routes differ by method.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Final, NamedTuple
from urllib.parse import unquote

from starlette.exceptions import HTTPException
from starlette.routing import Route
from starlette.types import ASGIApp, Receive, Scope, Send

from goldsmith.core.errors import BugError
from goldsmith.server.direct import direct_call

_PARAMETER: Final = "{}"


class _Entry(NamedTuple):
    route: Route
    names: tuple[str, ...]
    """Of the path parameters, in order."""
    application: ASGIApp


class _Node:
    __slots__ = ("by_method", "literals", "parameter")

    def __init__(self) -> None:
        self.literals: dict[str, _Node] = {}
        self.parameter: _Node | None = None
        self.by_method: dict[str, _Entry] = {}

    def child(self, segment: str) -> _Node:
        if segment != _PARAMETER:
            return self.literals.setdefault(segment, _Node())
        if self.parameter is None:
            self.parameter = _Node()
        return self.parameter


class RouteIndex:
    """An ASGI application that hands a request to its route.

    Args:
        routes: With paths such as ``/api/v1/projects/{project_id}/items``; a parameter is a whole segment.
        fallback: Takes what no route takes.

    Raises:
        BugError: Two routes have the same place and method, or a parameter is not a whole segment.
    """

    def __init__(self, routes: Iterable[Route], *, fallback: ASGIApp) -> None:
        self._root = _Node()
        self._fallback = fallback
        for route in routes:
            self._add(route)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Find the route and let it handle the request."""
        segments = _segments(scope)
        values: list[str] = []
        entry = _find(self._root, segments, 0, scope["method"], values)
        if entry is not None:
            scope["route"] = entry.route
            scope["endpoint"] = entry.route.endpoint
            scope["path_params"] = dict(zip(entry.names, values, strict=True))
            await entry.application(scope, receive, send)
            return
        methods = {method for leaf in _leaves(self._root, segments, 0) for method in leaf.by_method}
        if methods:
            raise HTTPException(405, headers={"Allow": ", ".join(sorted(methods))})
        await self._fallback(scope, receive, send)

    def _add(self, route: Route) -> None:
        node = self._root
        names: list[str] = []
        for segment in route.path.split("/"):
            if "{" not in segment:
                node = node.child(segment)
                continue
            if not (segment.startswith("{") and segment.endswith("}")) or ":" in segment:
                raise BugError(f"route {route.path}: a parameter must be a whole segment of the plain kind")
            names.append(segment[1:-1])
            node = node.child(_PARAMETER)
        entry = _Entry(route, tuple(names), direct_call(route) or route.handle)
        for method in route.methods or ():
            if method in node.by_method:
                raise BugError(f"{method} {route.path} is routed twice")
            node.by_method[method] = entry


def _segments(scope: Scope) -> list[str]:
    """Return the parts of the path, so that a name with an encoded ``/`` stays one of them."""
    raw_path: bytes = scope.get("raw_path") or b""
    if b"%2f" not in raw_path and b"%2F" not in raw_path:
        path: str = scope["path"]
        return path.split("/")
    return [unquote(part) for part in raw_path.partition(b"?")[0].decode("latin-1").split("/")]


def _find(node: _Node, segments: list[str], depth: int, method: str, values: list[str]) -> _Entry | None:
    """Return the entry for a path and a method; ``values`` gets the parameters on the way to it."""
    if depth == len(segments):
        return node.by_method.get(method)
    segment = segments[depth]
    literal = node.literals.get(segment)
    if literal is not None:
        found = _find(literal, segments, depth + 1, method, values)
        if found is not None:
            return found
    if node.parameter is None or not segment:
        return None
    values.append(segment)
    found = _find(node.parameter, segments, depth + 1, method, values)
    if found is None:
        values.pop()
    return found


def _leaves(node: _Node, segments: list[str], depth: int) -> Iterator[_Node]:
    if depth == len(segments):
        yield node
        return
    literal = node.literals.get(segments[depth])
    if literal is not None:
        yield from _leaves(literal, segments, depth + 1)
    if node.parameter is not None and segments[depth]:
        yield from _leaves(node.parameter, segments, depth + 1)
