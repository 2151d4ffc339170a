"""What operators see: structured logs, and metrics in a registry of one's own."""

from __future__ import annotations

import logging
import sys
from collections.abc import Callable
from typing import Final, Literal

import structlog
from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest

_BUCKETS_S: Final = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 10.0)


def configure_logging(log_format: Literal["text", "json"], *, level: int = logging.INFO) -> None:
    """Set up the process's logs on standard error; called once by the command that starts it."""
    renderer = (
        structlog.processors.JSONRenderer() if log_format == "json" else structlog.dev.ConsoleRenderer()
    )
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.dict_tracebacks
            if log_format == "json"
            else structlog.processors.StackInfoRenderer(),
            renderer,
        ],
        wrapper_class=structlog.make_filtering_bound_logger(level),
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
        cache_logger_on_first_use=True,
    )


class Telemetry:
    """The metrics of one installation in this process."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        self._requests = Counter(
            "goldsmith_http_requests",
            "Requests answered.",
            ["method", "route", "status"],
            registry=self.registry,
        )
        self._seconds = Histogram(
            "goldsmith_http_request_seconds",
            "Time to answer.",
            ["route"],
            registry=self.registry,
            buckets=_BUCKETS_S,
        )
        self._jobs = Counter(
            "goldsmith_jobs", "Runs of jobs that ended.", ["kind", "state"], registry=self.registry
        )
        self._job_seconds = Histogram(
            "goldsmith_job_seconds",
            "Time of a run.",
            ["kind"],
            registry=self.registry,
            buckets=(0.01, 0.1, 1, 10, 60, 600, 3600),
        )

    def observe_request(self, *, method: str, route: str, status: int, duration_s: float) -> None:
        """Count a request; ``route`` is the template, never the path itself."""
        self._requests.labels(method, route, str(status)).inc()
        self._seconds.labels(route).observe(duration_s)

    def observe_job(self, *, kind: str, state: str, duration_s: float) -> None:
        """Count the end of a job's run."""
        self._jobs.labels(kind, state).inc()
        self._job_seconds.labels(kind).observe(duration_s)

    def add_gauge(self, name: str, description: str, read: Callable[[], float]) -> None:
        """Show ``read()`` as ``goldsmith_NAME`` whenever the metrics are asked for."""
        Gauge(f"goldsmith_{name}", description, registry=self.registry).set_function(read)

    def render(self) -> bytes:
        """Return all metrics in Prometheus' text form."""
        return generate_latest(self.registry)
