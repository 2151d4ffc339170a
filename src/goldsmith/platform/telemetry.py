"""What operators see: structured logs, and metrics in a registry of one's own.

Logs are lines for people or JSON for machines on standard error. Tracebacks carry no local variables, for those hold
what people labelled and typed. Each installation has its own Prometheus registry, so that tests and several servers in
one process do not collide.
"""

from __future__ import annotations

import logging
import sys
import time
from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any, Final, Literal

import structlog
from prometheus_client import CollectorRegistry, Counter, Histogram, generate_latest
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.registry import Collector

CONTENT_TYPE: Final = "text/plain; version=1.0.0; charset=utf-8"
_REQUEST_BUCKETS_S: Final = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 10.0)
_JOB_BUCKETS_S: Final = (0.01, 0.1, 1.0, 10.0, 60.0, 600.0, 3600.0)
_UNMATCHED: Final = "(none)"

Scope = MutableMapping[str, Any]
Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]
Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
App = Callable[[Scope, Receive, Send], Awaitable[None]]


def configure_logging(log_format: Literal["text", "json"], *, level: int = logging.INFO) -> None:
    """Set up the process's logs, those of libraries included; called once by the command that starts it.

    Args:
        log_format: Lines for people, or JSON for machines.
        level: The least important level that is shown.
    """
    shared: list[structlog.typing.Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.processors.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        structlog.processors.StackInfoRenderer(),
    ]
    if log_format == "json":
        shared += [structlog.processors.format_exc_info]
        renderer: structlog.typing.Processor = structlog.processors.JSONRenderer()
    else:
        renderer = structlog.dev.ConsoleRenderer(
            colors=sys.stderr.isatty(), exception_formatter=structlog.dev.plain_traceback
        )
    structlog.configure(
        processors=[*shared, renderer],
        wrapper_class=structlog.make_filtering_bound_logger(level),
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
        cache_logger_on_first_use=True,
    )
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=[structlog.stdlib.add_logger_name, *shared],
            processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, renderer],
        )
    )
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(max(level, logging.WARNING))


class Telemetry:
    """The metrics of one installation in this process. Thread-safe."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        self._gauges: list[tuple[str, str, Callable[[], float]]] = []
        self._requests = Counter(
            "goldsmith_http_requests",
            "Requests answered.",
            ["method", "route", "status"],
            registry=self.registry,
        )
        self._request_seconds = Histogram(
            "goldsmith_http_request_seconds",
            "Time until a request was answered.",
            ["method", "route"],
            registry=self.registry,
            buckets=_REQUEST_BUCKETS_S,
        )
        self._jobs = Counter(
            "goldsmith_job_runs", "Runs of jobs.", ["kind", "outcome"], registry=self.registry
        )
        self._job_seconds = Histogram(
            "goldsmith_job_seconds",
            "Time of a run.",
            ["kind"],
            registry=self.registry,
            buckets=_JOB_BUCKETS_S,
        )
        self._request_children: dict[tuple[str, str, int], tuple[Counter, Histogram]] = {}
        self.registry.register(_Gauges(self._gauges))

    def observe_request(self, *, method: str, route: str, status: int, duration_s: float) -> None:
        """Count a request.

        Args:
            method: In capitals.
            route: The template such as ``/items/{item_id}``, never the path itself: each is a series.
            status: Of the answer.
            duration_s: Seconds until it was answered.
        """
        key = (method, route, status)
        children = self._request_children.get(key)
        if children is None:
            children = self._request_children[key] = (
                self._requests.labels(method, route, str(status)),
                self._request_seconds.labels(method, route),
            )
        children[0].inc()
        children[1].observe(duration_s)

    def observe_job(self, *, kind: str, state: str, duration_s: float) -> None:
        """Count the end of a job's run: done, failed, cancelled, requeued or lost."""
        self._jobs.labels(kind, state).inc()
        self._job_seconds.labels(kind).observe(duration_s)

    def add_gauge(self, name: str, description: str, read: Callable[[], float]) -> None:
        """Show ``read()`` as ``goldsmith_NAME`` whenever the metrics are asked for.

        A gauge that fails is left out of that answer, and the others are shown.
        """
        self._gauges.append((f"goldsmith_{name}", description, read))

    def render(self) -> bytes:
        """Return all metrics in Prometheus' text form, whose media type is ``CONTENT_TYPE``."""
        return generate_latest(self.registry)


class _Gauges(Collector):
    def __init__(self, gauges: list[tuple[str, str, Callable[[], float]]]) -> None:
        self._gauges = gauges

    def collect(self) -> list[GaugeMetricFamily]:
        """Read all gauges, as the registry asks."""
        families: list[GaugeMetricFamily] = []
        for name, description, read in self._gauges:
            try:
                families.append(GaugeMetricFamily(name, description, value=read()))
            except Exception:  # noqa: BLE001  the others shall be shown
                structlog.get_logger().exception("gauge failed", gauge=name)
        return families


class RequestMetrics:
    """ASGI middleware that counts and times requests by route template.

    Args:
        app: What it wraps.
        telemetry: Where it counts.
    """

    def __init__(self, app: App, telemetry: Telemetry) -> None:
        self._app = app
        self._telemetry = telemetry

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on and count its answer."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        began_s = time.perf_counter()
        status = 500

        async def note_status(message: MutableMapping[str, Any]) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
            await send(message)

        try:
            await self._app(scope, receive, note_status)
        finally:
            self._telemetry.observe_request(
                method=scope["method"],
                route=getattr(scope.get("route"), "path", _UNMATCHED),
                status=status,
                duration_s=time.perf_counter() - began_s,
            )
