"""The outermost layer around an application that does what it is told."""

from __future__ import annotations

import json
from typing import Any

import pytest
from structlog.testing import capture_logs

from goldsmith.core.errors import NotAuthenticatedError, NotFoundError
from goldsmith.platform.telemetry import Telemetry
from goldsmith.server.edge import Caps, Edge
from tests.unit.server.asgi import Answer, call

CAPS = Caps(anonymous=10, json=100, upload=1000, upload_paths=("/imports",))


class Inner:
    """Reads the body, then answers with ``headers``, or raises ``error`` before or after starting to answer."""

    def __init__(self, *, headers: Any = (), error: Exception | None = None, starts: bool = False) -> None:
        self.headers, self.error, self.starts = list(headers), error, starts
        self.body: bytes | None = None

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        body, more = b"", True
        while more:
            message = await receive()
            body, more = body + message.get("body", b""), message.get("more_body", False)
        self.body = body
        if self.starts or self.error is None:
            await send({"type": "http.response.start", "status": 200, "headers": self.headers})
        if self.error is not None:
            raise self.error
        await send({"type": "http.response.body", "body": b"inner"})


def edge_of(inner: Any = None, *, is_known: bool = False, **options: Any) -> Edge:
    async def authenticate(connection: Any) -> None:
        if not is_known:
            raise NotAuthenticatedError("who are you?")

    options = {"public_url": "http://127.0.0.1:8400", "telemetry": Telemetry(), "caps": CAPS} | options
    return Edge(inner or Inner(), authenticate=authenticate, **options)


def code_of(answer: Answer) -> str:
    return str(json.loads(answer.body)["code"])


def test_every_request_has_an_id_of_its_own() -> None:
    edge = edge_of()
    ids = [call(edge).headers["x-request-id"] for _ in range(3)]
    assert len(set(ids)) == 3


def test_the_api_is_sandboxed_and_the_ui_is_strict() -> None:
    edge = edge_of()
    assert "sandbox" in call(edge, "/api/v1/x").headers["content-security-policy"]
    policy = call(edge, "/projects/7").headers["content-security-policy"]
    assert "script-src 'self';" in policy
    assert "unsafe" not in policy


def test_a_route_may_set_its_own_stricter_headers() -> None:
    headers = [
        (b"content-security-policy", b"default-src 'none'"),
        (b"cache-control", b"private, max-age=60"),
        (b"content-type", b"image/png"),
    ]
    answer = call(edge_of(Inner(headers=headers)))
    assert answer.headers["content-security-policy"] == "default-src 'none'"
    assert answer.headers["cache-control"] == "private, max-age=60"
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert call(edge_of()).headers["cache-control"] == "no-store"


def test_transport_security_is_stated_where_there_is_transport_security() -> None:
    assert "strict-transport-security" not in call(edge_of()).headers
    secure = edge_of(public_url="https://gold.example")
    assert "strict-transport-security" in call(secure, headers=[("Host", "gold.example")]).headers


@pytest.mark.parametrize(
    ("public_url", "host", "is_served"),
    [
        ("http://127.0.0.1:8400", "127.0.0.1:8400", True),
        ("http://127.0.0.1:8400", "gold.example", False),
        ("https://gold.example", "gold.example", True),
        ("https://gold.example", "GOLD.example:443", True),
        ("https://gold.example", "x.gold.example", False),
        ("https://gold.example", "gold.example.evil", False),
        ("https://gold.example", "app.localhost", True),
        ("https://gold.example", "10.1.2.3", True),
        ("https://gold.example", "user@gold.example", True),
        ("https://gold.example", "gold.example@evil", False),
        ("https://gold.example", "gold.example\\@evil", False),
        ("https://gold.example", "ü", False),
        ("https://gold.example", "[::1", False),
    ],
)
def test_hosts(public_url: str, host: str, is_served: bool) -> None:
    answer = call(edge_of(public_url=public_url), headers=[("Host", host)])
    assert (answer.status == 200) is is_served
    if not is_served:
        assert code_of(answer) == "malformed_request"


@pytest.mark.parametrize(
    ("origin", "method", "is_taken"),
    [
        ("http://127.0.0.1:8400", "POST", True),
        ("https://gold.example", "POST", True),
        ("https://evil.example", "POST", False),
        ("https://evil.example", "GET", True),
        ("https://evil.example", "DELETE", False),
        ("null", "PUT", False),
        ("", "POST", True),
    ],
)
def test_origins(origin: str, method: str, is_taken: bool) -> None:
    headers = [("Origin", origin)] if origin else []
    answer = call(edge_of(public_url="https://gold.example"), method=method, headers=headers)
    assert (answer.status == 200) is is_taken


@pytest.mark.parametrize(
    ("path", "length", "is_known", "status"),
    [
        ("/x", 10, False, 200),
        ("/x", 11, False, 401),
        ("/x", 11, True, 200),
        ("/x", 100, True, 200),
        ("/x", 101, True, 413),
        ("/x/imports", 1000, True, 200),
        ("/x/imports", 1000, False, 401),
        ("/x/imports", 1001, True, 413),
        ("/imports/x", 101, True, 413),
    ],
)
@pytest.mark.parametrize("is_chunked", [False, True])
def test_bodies_are_capped(path: str, length: int, is_known: bool, status: int, is_chunked: bool) -> None:
    inner = Inner()
    headers = [("Transfer-Encoding", "chunked")] if is_chunked else [("Content-Length", str(length))]
    pieces = [b"x" * 7] * (length // 7) + [b"x" * (length % 7)]
    answer = call(edge_of(inner, is_known=is_known), path, method="POST", headers=headers, body=pieces)
    assert answer.status == status
    assert inner.body == (b"x" * length if status == 200 else None)


def test_our_errors_and_others_become_problems() -> None:
    assert code_of(call(edge_of(Inner(error=NotFoundError("not here"))))) == "not_found"
    with capture_logs() as logs:
        answer = call(edge_of(Inner(error=ValueError("inside"))))
    assert (answer.status, code_of(answer)) == (500, "internal")
    assert b"inside" not in answer.body
    failed = next(entry for entry in logs if entry["event"] == "request failed")
    assert failed["incident_id"] == json.loads(answer.body)["incident_id"] == answer.headers["x-request-id"]
    assert "ValueError: inside" in failed["exception"]


def test_an_answer_that_was_begun_is_cut_off() -> None:
    with capture_logs(), pytest.raises(ValueError, match="inside"):
        call(edge_of(Inner(error=ValueError("inside"), starts=True)))


def test_a_client_that_went_away_is_no_error() -> None:
    from starlette.requests import ClientDisconnect

    with capture_logs() as logs:
        assert call(edge_of(Inner(error=ClientDisconnect()))).status == 0
    assert logs == []


def test_requests_are_counted_by_template() -> None:
    telemetry = Telemetry()

    class Templated(Inner):
        async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
            if scope["path"].startswith("/items"):
                scope["route"] = type("Route", (), {"path": "/items/{item_id}"})
            await super().__call__(scope, receive, send)

    edge = edge_of(Templated(), telemetry=telemetry)
    for path in ("/items/1", "/items/2", "/anything"):
        call(edge, path)
    text = telemetry.render().decode()
    assert 'goldsmith_http_requests_total{method="GET",route="/items/{item_id}",status="200"} 2.0' in text
    assert "/anything" not in text
    call(edge, "/anything", method="XYZZY")
    assert "XYZZY" not in telemetry.render().decode()


def test_the_log_tells_refused_failed_and_slow_requests_and_all_when_asked() -> None:
    times = iter([0.0, 0.1, 1.0, 4.0, 5.0, 5.1])
    edge = edge_of(timer_s=lambda: next(times))
    with capture_logs() as logs:
        call(edge, "/fast")
        call(edge, "/slow", client=("10.0.0.1", 5))
        edge._inner = Inner(error=NotAuthenticatedError("who"))
        call(edge, "/refused", query_string=b"token=secret")
    assert [(entry["path"], entry["status"], entry["ms"]) for entry in logs] == [
        ("/slow", 200, 3000.0),
        ("/refused", 401, 100.0),
    ]
    assert logs[0]["address"] == "10.0.0.1"
    assert "secret" not in str(logs)
    with capture_logs() as logs:
        call(edge_of(access_log="all"))
    assert len(logs) == 1


def test_only_http_and_lifespan_are_taken() -> None:
    assert call(edge_of(), type="websocket").status == 0
