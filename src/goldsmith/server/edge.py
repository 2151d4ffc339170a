"""The outermost layer: every request passes it in, every answer passes it out.

In: the Host must be one of ours (DNS rebinding), a write from a browser must come from our own origin, bodies are
capped, and large ones are read only from whoever is signed in. Out: security headers, a request id, metrics, the log,
and errors as problem+json. Plain ASGI, since it runs for each request.
"""

from __future__ import annotations

import ipaddress
import itertools
import secrets
import time
import traceback
from collections.abc import Awaitable, Callable, Mapping
from functools import lru_cache
from typing import Final, Literal, NamedTuple
from urllib.parse import urlsplit

import structlog
from starlette.requests import ClientDisconnect, HTTPConnection
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from goldsmith.core.errors import MalformedRequestError, PermissionDeniedError, TooLargeError
from goldsmith.platform.telemetry import Telemetry
from goldsmith.server.errors import ErrorForm, Problem, internal_problem, problem_of

AccessLog = Literal["all", "problems"]
Authenticate = Callable[[HTTPConnection], Awaitable[object]]
"""Raises when the request carries no valid credential."""

_log = structlog.get_logger()
_SAFE_METHODS: Final = frozenset({"GET", "HEAD", "OPTIONS"})
_CLIENT_WENT: Final = 499
"""Recorded, never sent: the client closed the connection before it was answered."""
_SLOW_S: Final = 2.0
_TELLING_STATUSES: Final = frozenset({401, 403, 429})

UI_POLICY: Final = (
    "default-src 'self'; script-src 'self'; style-src 'self'; img-src 'self' data: blob:; connect-src 'self'; "
    "worker-src 'self' blob:; frame-ancestors 'none'; base-uri 'none'; form-action 'self'; object-src 'none'"
)
API_POLICY: Final = "default-src 'none'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'; sandbox"
"""For everything under /api: whatever is served there, an SVG or an HTML file included, cannot act."""
_API_PREFIXES: Final = ("/api/", "/v1/", "/v2/")
_PERMISSIONS: Final = "camera=(), microphone=(), geolocation=(), payment=(), usb=()"
_ALWAYS: Final[tuple[tuple[bytes, bytes], ...]] = (
    (b"x-content-type-options", b"nosniff"),
    (b"referrer-policy", b"same-origin"),
    (b"cross-origin-opener-policy", b"same-origin"),
    (b"cross-origin-resource-policy", b"same-origin"),
    (b"permissions-policy", _PERMISSIONS.encode()),
    (b"x-frame-options", b"DENY"),
)


class Caps(NamedTuple):
    """Largest bodies, in bytes."""

    anonymous: int = 256 * 1024
    """Of requests whose sender was not checked yet."""
    json: int = 32 * 1024 * 1024
    results: int = 256 * 1024 * 1024
    upload: int = 8 * 1024**3
    results_paths: tuple[str, ...] = ("/evaluations/import",)
    """Ends of the paths that take detections by the hundred thousand, as one document."""
    upload_paths: tuple[str, ...] = ("/imports", "/items/bulk", "/blobs", "/segmenters", "/files/upload")
    """Ends of the paths that take uploads, piece by piece."""

    def cap_for(self, path: str) -> int:
        """Return the cap of a path."""
        if path.endswith(self.upload_paths):
            return self.upload
        return self.results if path.endswith(self.results_paths) else self.json


class Edge:
    """The layer around the application.

    Args:
        inner: The application.
        public_url: The URL people type; its host is one of ours.
        telemetry: Counts requests.
        authenticate: Checks the credential of a request with a large body.
        caps: Largest bodies.
        access_log: Log all requests, or only refused, failed and slow ones.
        error_forms: How errors are told under some prefixes of the path, where another protocol is spoken.
        timer_s: A monotonic clock in seconds.
    """

    def __init__(
        self,
        inner: ASGIApp,
        *,
        public_url: str,
        telemetry: Telemetry,
        authenticate: Authenticate,
        caps: Caps,
        access_log: AccessLog = "problems",
        error_forms: Mapping[str, ErrorForm] | None = None,
        timer_s: Callable[[], float] = time.perf_counter,
    ) -> None:
        self._inner = inner
        self._telemetry = telemetry
        self._authenticate = authenticate
        self._caps = caps
        self._logs_all = access_log == "all"
        self._forms = tuple((error_forms or {}).items())
        self._timer_s = timer_s
        self._public_origin = "{0.scheme}://{0.netloc}".format(urlsplit(public_url)).lower()
        self._public_host = (urlsplit(public_url).hostname or "").lower()
        self._is_host_ours = lru_cache(maxsize=256)(self._decide_host)
        self._request_ids = map(f"{secrets.token_hex(4)}-{{:x}}".format, itertools.count(1))
        transport = (
            ((b"strict-transport-security", b"max-age=31536000"),) if public_url.startswith("https") else ()
        )
        self._ui_headers = (*_ALWAYS, *transport, (b"content-security-policy", UI_POLICY.encode()))
        self._api_headers = (*_ALWAYS, *transport, (b"content-security-policy", API_POLICY.encode()))

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Let one request in and its answer out."""
        if scope["type"] != "http":
            if scope["type"] == "lifespan":
                await self._inner(scope, receive, send)
            return
        started_s = self._timer_s()
        request_id = next(self._request_ids)
        scope["goldsmith.request_id"] = request_id
        answer = _Answer(send, request_id=request_id, headers=self._headers_for(scope["path"]))
        try:
            await self._inner(scope, await self._admit(scope, receive), answer.send)
        except ClientDisconnect:
            answer.status = answer.status or _CLIENT_WENT
        except Exception as error:  # noqa: BLE001  the edge is where the unexpected ends
            await self._refuse(scope, answer, error)
        self._record(scope, answer.status, self._timer_s() - started_s, request_id)

    def _headers_for(self, path: str) -> tuple[tuple[bytes, bytes], ...]:
        return self._api_headers if path.startswith(_API_PREFIXES) else self._ui_headers

    # --- in

    async def _admit(self, scope: Scope, receive: Receive) -> Receive:
        """Return how the application may read the body, or refuse the request."""
        host = origin = length = b""
        is_chunked = False
        for name, value in scope["headers"]:
            if name == b"host":
                host = value
            elif name == b"origin":
                origin = value
            elif name == b"content-length":
                length = value
            elif name == b"transfer-encoding":
                is_chunked = True
        if not self._is_host_ours(host):
            raise MalformedRequestError(
                "this Host is not served here; if it should be, set GOLDSMITH_PUBLIC_URL to the URL people type"
            )
        if "\x00" in scope["path"] or b"%00" in scope["query_string"]:
            raise MalformedRequestError("the address holds a NUL character")
        method = scope["method"]
        if origin and method not in _SAFE_METHODS:
            self._check_origin(origin, host)
        if is_chunked:
            return _CappedBody(scope, receive, caps=self._caps, authenticate=self._authenticate)
        if length and length != b"0":
            await self._check_length(scope, length)
        return receive

    def _decide_host(self, host: bytes) -> bool:
        """Say whether a Host header can be ours: any address by number, localhost, and the public name.

        A page of another site can point its own *name* at us, never a number.
        """
        try:
            name = (urlsplit("//" + host.decode("ascii")).hostname or "").lower()
        except ValueError:
            return False
        if name in ("localhost", self._public_host) or name.endswith(".localhost"):
            return True
        try:
            ipaddress.ip_address(name)
        except ValueError:
            return False
        return True

    def _check_origin(self, origin: bytes, host: bytes) -> None:
        given = origin.decode("latin-1").lower()
        if given != self._public_origin and urlsplit(given).netloc != host.decode("latin-1").lower():
            raise PermissionDeniedError("a page of another site may not write here")

    async def _check_length(self, scope: Scope, length: bytes) -> None:
        if not length.isdigit():
            raise MalformedRequestError("the Content-Length is not a number")
        size_bytes, cap_bytes = int(length), self._caps.cap_for(scope["path"])
        if size_bytes > cap_bytes:
            raise _too_large(cap_bytes)
        if size_bytes > self._caps.anonymous:
            await self._authenticate(HTTPConnection(scope))

    # --- out

    async def _refuse(self, scope: Scope, answer: _Answer, error: Exception) -> None:
        problem = problem_of(error, incident_id=answer.request_id)
        if problem is None:
            # as plain text: no values of local variables, which may be secrets
            trace = "".join(traceback.format_exception(error))
            _log.error("request failed", incident_id=answer.request_id, path=scope["path"], exception=trace)
            problem = internal_problem(answer.request_id)
        for prefix, form in self._forms:
            if scope["path"].startswith(prefix):
                problem = form(problem)
        if answer.status:
            raise error  # the answer is half sent; closing the connection tells the client
        await answer.send_problem(problem)

    def _record(self, scope: Scope, status: int, duration_s: float, request_id: str) -> None:
        route = scope.get("route")
        self._telemetry.observe_request(
            method=scope["method"] if route is not None else "-",
            route=route.path if route is not None else "-",
            status=status,
            duration_s=duration_s,
        )
        if self._logs_all or status >= 500 or status in _TELLING_STATUSES or duration_s > _SLOW_S:
            client = scope.get("client")
            _log.info(
                "request",
                method=scope["method"],
                path=scope["path"],
                status=status,
                ms=round(duration_s * 1000, 1),
                request_id=request_id,
                address=client[0] if client else "",
            )


class _Answer:
    """Adds our headers to an answer on its way out."""

    __slots__ = ("_headers", "_send", "request_id", "status")

    def __init__(self, send: Send, *, request_id: str, headers: tuple[tuple[bytes, bytes], ...]) -> None:
        self._send = send
        self._headers = headers
        self.request_id = request_id
        self.status = 0

    async def send(self, message: Message) -> None:
        """Pass a message of the application on."""
        if message["type"] == "http.response.start":
            self.status = message["status"]
            headers = [*message["headers"], (b"x-request-id", self.request_id.encode())]
            given = {name for name, _ in message["headers"]}
            if given.isdisjoint(_OVERRIDABLE):
                headers += self._headers
            else:
                headers += [pair for pair in self._headers if pair[0] not in given]
            if b"cache-control" not in given:
                headers.append((b"cache-control", b"no-store"))
            message["headers"] = headers
        await self._send(message)

    async def send_problem(self, problem: Problem) -> None:
        """Send an answer of our own."""
        headers = [*problem.headers, (b"content-length", str(len(problem.body)).encode())]
        await self.send({"type": "http.response.start", "status": problem.status, "headers": headers})
        await self.send({"type": "http.response.body", "body": problem.body})


_OVERRIDABLE: Final = frozenset(
    {b"content-security-policy", b"cross-origin-resource-policy", b"referrer-policy"}
)
"""Headers that a route may set itself, to be stricter."""


class _CappedBody:
    """Counts a body that comes without its length, and checks who sends it before it gets large."""

    __slots__ = (
        "_authenticate",
        "_cap_bytes",
        "_is_known",
        "_limit_bytes",
        "_receive",
        "_scope",
        "_size_bytes",
    )

    def __init__(self, scope: Scope, receive: Receive, *, caps: Caps, authenticate: Authenticate) -> None:
        self._scope = scope
        self._receive = receive
        self._cap_bytes = caps.cap_for(scope["path"])
        self._limit_bytes = caps.anonymous
        self._authenticate = authenticate
        self._size_bytes = 0
        self._is_known = False

    async def __call__(self) -> Message:
        """Receive the next piece."""
        message = await self._receive()
        if message["type"] == "http.request":
            self._size_bytes += len(message.get("body", b""))
            if self._size_bytes > self._cap_bytes:
                raise _too_large(self._cap_bytes)
            if not self._is_known and self._size_bytes > self._limit_bytes:
                await self._authenticate(HTTPConnection(self._scope))
                self._is_known = True
        return message


def _too_large(cap: int) -> TooLargeError:
    return TooLargeError(f"the body is larger than {cap / 2**20:g} MiB, which is the cap here")
