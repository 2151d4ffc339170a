"""Plain endpoints are called directly, with the same outcome; all others are left to the framework."""

import json
from typing import Annotated, Any

import pytest
from fastapi import APIRouter, BackgroundTasks, Depends, FastAPI, Path, Query, Request, Response
from fastapi.middleware.asyncexitstack import AsyncExitStackMiddleware
from fastapi.routing import APIRoute
from pydantic import BaseModel
from starlette.responses import JSONResponse

from goldsmith.accounts.gate import Gate, Guard
from goldsmith.core.errors import PermissionDeniedError
from goldsmith.core.ids import ManualClock
from goldsmith.server.direct import direct_call
from goldsmith.server.routing import RouteIndex
from tests.unit.server.asgi import call

GATE = Gate(None, ManualClock())  # type: ignore[arg-type]  # no database is asked here


class Known(Guard):
    """Gives the name in a header, or refuses."""

    async def __call__(self, request: Request) -> str:
        name = request.headers.get("x-name")
        if name is None:
            raise PermissionDeniedError("no name")
        return name


class Body(BaseModel):
    name: str


async def other() -> int:
    return 1


routes = APIRouter()


@routes.post("/plain/{thing_id}/parts/{part_id}")
async def plain(
    part_id: str, request: Request, thing_id: str, who: Annotated[str, Depends(Known(GATE))]
) -> Response:
    return JSONResponse(
        [thing_id, part_id, who, (await request.body()).decode()], 201, headers={"X-Own": "1"}
    )


@routes.get("/only-guarded/{thing_id}", dependencies=[Depends(Known(GATE))])
async def only_guarded() -> JSONResponse:
    return JSONResponse("ok")


@routes.get("/nothing", dependencies=[Depends(GATE.public())])
async def nothing() -> Response:
    return Response(status_code=204)


PLAIN = [plain, only_guarded, nothing]


@routes.get("/model")
async def gives_a_model() -> Body:
    return Body(name="x")


@routes.get("/none")
async def gives_nothing() -> None: ...


@routes.get("/untold")
async def untold():
    return {}


@routes.get("/query")
async def takes_a_query(limit: int = 5) -> Response:
    return Response(str(limit))


@routes.get("/query-too")
async def takes_a_declared_query(limit: Annotated[str, Query(max_length=3)] = "") -> Response:
    return Response(limit)


@routes.post("/body")
async def takes_a_body(body: Body) -> Response:
    return Response(body.name)


@routes.get("/number/{number}")
async def takes_a_number(number: int) -> Response:
    return Response(str(number))


@routes.get("/short/{name}")
async def takes_a_short_name(name: Annotated[str, Path(max_length=3)]) -> Response:
    return Response(name)


@routes.get("/renamed/{x}")
async def takes_by_another_name(name: Annotated[str, Path(alias="x")]) -> Response:
    return Response(name)


@routes.get("/other")
async def depends_on_more(found: Annotated[int, Depends(other)]) -> Response:
    return Response(str(found))


@routes.get("/tasks")
async def runs_tasks(tasks: BackgroundTasks) -> Response:
    return Response()


@routes.get("/response")
async def changes_the_response(response: Response) -> Response:
    return response


@routes.get("/threaded")
def runs_on_a_thread() -> Response:
    return Response()


API_ROUTES: dict[Any, APIRoute] = {
    route.endpoint: route for route in routes.routes if isinstance(route, APIRoute)
}


@pytest.mark.parametrize("endpoint", list(API_ROUTES), ids=lambda endpoint: endpoint.__name__)
def test_which_endpoints_are_plain(endpoint: Any) -> None:
    assert (direct_call(API_ROUTES[endpoint]) is not None) is (endpoint in PLAIN)


@pytest.mark.parametrize(
    ("method", "path", "headers"),
    [
        ("POST", "/plain/a/parts/b", [("X-Name", "Ann")]),
        ("GET", "/only-guarded/a", [("X-Name", "Ann")]),
        ("GET", "/nothing", []),
    ],
)
def test_a_direct_call_answers_as_the_framework_would(method: str, path: str, headers: Any) -> None:
    application = FastAPI()
    application.router.routes.extend(routes.routes)
    ours = AsyncExitStackMiddleware(RouteIndex(list(API_ROUTES.values()), fallback=application))
    options: dict[str, Any] = {"method": method, "headers": headers, "body": [b"con", b"tent"]}
    assert call(ours, path, **options) == call(application, path, **options)


def test_what_a_guard_refuses_does_not_reach_the_endpoint() -> None:
    index = RouteIndex(list(API_ROUTES.values()), fallback=FastAPI())
    with pytest.raises(PermissionDeniedError):
        call(index, "/only-guarded/a")


def test_other_endpoints_still_validate() -> None:
    index = AsyncExitStackMiddleware(RouteIndex(list(API_ROUTES.values()), fallback=FastAPI()))
    assert call(index, "/query", query_string=b"limit=7").body == b"7"
    assert json.loads(call(index, "/model").body) == {"name": "x"}
    with pytest.raises(Exception, match="valid integer"):
        call(index, "/number/x")
