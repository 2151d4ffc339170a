"""The index finds what trying each route in turn would find."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import PlainTextResponse
from starlette.routing import Match, Route
from starlette.types import Receive, Scope, Send

from goldsmith.core.errors import BugError
from goldsmith.server.routing import RouteIndex
from tests.unit.server.asgi import call

SEGMENTS = ["a", "b", "me", "{x}", "{y}"]


async def name_it(request: Request) -> PlainTextResponse:
    return PlainTextResponse(f"{request.scope['route'].path} {sorted(request.path_params.items())}")


async def fall_back(scope: Scope, receive: Receive, send: Send) -> None:
    await PlainTextResponse("fallback")(scope, receive, send)


def index_of(*paths: tuple[str, str]) -> RouteIndex:
    return RouteIndex([Route(path, name_it, methods=[method]) for method, path in paths], fallback=fall_back)


def test_literals_win_over_parameters_and_methods_share_a_path() -> None:
    index = index_of(("GET", "/p/{id}"), ("GET", "/p/me"), ("DELETE", "/p/{id}"), ("GET", "/p/{id}/items"))
    assert call(index, "/p/me").body == b"/p/me []"
    assert call(index, "/p/7").body == b"/p/{id} [('id', '7')]"
    assert call(index, "/p/7", method="DELETE").status == 200
    assert call(index, "/p/7/items").body == b"/p/{id}/items [('id', '7')]"
    assert call(index, "/p/me/items").body == b"/p/{id}/items [('id', 'me')]"


@pytest.mark.parametrize("path", ["", "/", "/p", "/p/", "/p/7/", "/p/7/items/x", "//p/7", "/q/7", "p/7"])
def test_everything_else_falls_back(path: str) -> None:
    assert call(index_of(("GET", "/p/{id}"), ("GET", "/p/{id}/items")), path).body == b"fallback"


def test_another_method_is_told_which_are_taken() -> None:
    index = index_of(("PUT", "/p/{id}"))
    with pytest.raises(HTTPException) as caught:
        call(index, "/p/7", app=None)
    assert (caught.value.status_code, caught.value.headers) == (405, {"Allow": "PUT"})


@pytest.mark.parametrize("path", ["/p/{id}.json", "/p/{rest:path}", "/p/x{id}"])
def test_paths_that_a_tree_cannot_hold_are_refused_at_start(path: str) -> None:
    with pytest.raises(BugError, match="whole segment"):
        index_of(("GET", path))


def test_two_routes_of_one_place_and_method_are_refused() -> None:
    with pytest.raises(BugError, match="routed twice"):
        index_of(("GET", "/p/{id}"), ("GET", "/p/{name}"))
    index_of(("GET", "/p/{id}"), ("PUT", "/p/{name}"))


def test_a_literal_of_another_method_does_not_hide_a_parameter() -> None:
    index = index_of(("POST", "/tasks/requeue"), ("GET", "/tasks/{id}"))
    assert call(index, "/tasks/requeue").body == b"/tasks/{id} [('id', 'requeue')]"
    with pytest.raises(HTTPException) as caught:
        call(index, "/tasks/requeue", method="DELETE", app=None)
    assert caught.value.headers == {"Allow": "GET, HEAD, POST"}


@given(
    paths=st.lists(
        st.lists(st.sampled_from(SEGMENTS), min_size=1, max_size=3),
        min_size=1,
        max_size=12,
        unique_by=lambda parts: tuple("{}" if part.startswith("{") else part for part in parts),
    ),
    asked=st.lists(st.sampled_from(["a", "b", "me", "z", ""]), min_size=1, max_size=4),
)
def test_it_finds_a_route_exactly_when_one_matches(paths: list[list[str]], asked: list[str]) -> None:
    templates = ["/" + "/".join(parts) for parts in paths if len(set(parts)) == len(parts)]
    routes = [Route(template, name_it) for template in templates]
    path = "/" + "/".join(asked)
    scope = {"type": "http", "method": "GET", "path": path, "headers": []}
    matching = {route.path: route.matches(scope) for route in routes if route.matches(scope)[0] is Match.FULL}
    answer = call(RouteIndex(routes, fallback=fall_back), path).body.decode()
    if matching:
        template, _, params = answer.partition(" ")
        assert params == str(sorted(matching[template][1]["path_params"].items()))
    else:
        assert answer == "fallback"
