from __future__ import annotations

import asyncio
import json
import subprocess
import sys
from types import SimpleNamespace
from typing import Any

import pytest

from goldsmith.platform.telemetry import RequestMetrics, Telemetry


def test_two_installations_in_a_process_count_apart() -> None:
    one, two = Telemetry(), Telemetry()
    one.observe_job(kind="items.import", state="done", duration_s=0.2)
    one.add_gauge("jobs_queued", "Jobs that wait.", lambda: 7)
    text = one.render().decode()
    assert 'goldsmith_job_runs_total{kind="items.import",outcome="done"} 1.0' in text
    assert "goldsmith_jobs_queued 7.0" in text
    assert "items.import" not in two.render().decode()


def test_a_gauge_that_fails_hides_no_other() -> None:
    telemetry = Telemetry()
    telemetry.add_gauge("bad", "Fails.", lambda: 1 / 0)
    telemetry.add_gauge("good", "Works.", lambda: 1)
    text = telemetry.render().decode()
    assert "goldsmith_good 1.0" in text
    assert "goldsmith_bad" not in text


def call(app: Any, scope: dict[str, Any]) -> None:
    async def send(message: Any) -> None: ...

    async def receive() -> Any: ...

    asyncio.run(app(scope, receive, send))


def test_requests_are_counted_by_template() -> None:
    telemetry = Telemetry()

    async def app(scope: Any, receive: Any, send: Any) -> None:
        if scope["path"] != "/unknown":
            scope["route"] = SimpleNamespace(path="/items/{item_id}")
        await send({"type": "http.response.start", "status": 204})

    for path in ("/items/1", "/items/2", "/unknown"):
        call(RequestMetrics(app, telemetry), {"type": "http", "method": "GET", "path": path})
    call(RequestMetrics(app, telemetry), {"type": "lifespan", "path": "/unknown"})
    text = telemetry.render().decode()
    assert 'goldsmith_http_requests_total{method="GET",route="/items/{item_id}",status="204"} 2.0' in text
    assert 'goldsmith_http_requests_total{method="GET",route="(none)",status="204"} 1.0' in text
    assert 'goldsmith_http_request_seconds_count{method="GET",route="/items/{item_id}"} 2.0' in text


def test_a_request_that_breaks_counts_as_500() -> None:
    telemetry = Telemetry()

    async def app(scope: Any, receive: Any, send: Any) -> None:
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        call(RequestMetrics(app, telemetry), {"type": "http", "method": "PUT", "path": "/"})
    assert 'status="500"} 1.0' in telemetry.render().decode()


LOG = """
import logging, structlog
from goldsmith.platform.telemetry import configure_logging
configure_logging("{log_format}")
log = structlog.get_logger()
log.info("job done", job_id="job_1")
logging.getLogger("library").warning("old %s", "style")
logging.getLogger("library").info("too quiet")
secret = "geheim"
try:
    1 / 0
except ZeroDivisionError:
    log.exception("it broke")
"""


def run_log(log_format: str) -> str:
    command = [sys.executable, "-c", LOG.format(log_format=log_format)]
    return subprocess.run(command, capture_output=True, text=True, check=True).stderr


def test_logs_for_machines_are_json_lines() -> None:
    lines = [json.loads(line) for line in run_log("json").splitlines()]
    assert [(line["level"], line["event"]) for line in lines] == [
        ("info", "job done"),
        ("warning", "old style"),
        ("error", "it broke"),
    ]
    assert lines[0]["job_id"] == "job_1"
    assert lines[1]["logger"] == "library"
    assert "ZeroDivisionError" in lines[2]["exception"]
    assert all(line["timestamp"].endswith("Z") for line in lines)


def test_logs_for_people_are_lines_without_secrets() -> None:
    text = run_log("text")
    assert "job done" in text
    assert "old style" in text
    assert "ZeroDivisionError" in text
    assert "geheim" not in text
