"""Short ways to queue a job and to look at it."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

from goldsmith.platform.database import Database
from goldsmith.platform.jobs import Jobs, JobView


def queue(database: Database, jobs: Jobs, kind: str = "work", **more: Any) -> str:
    options = {"workspace_id": "w", "args": {}, **more}
    return database.write_sync(lambda tx: jobs.enqueue(tx, kind, **options))


def look(database: Database, jobs: Jobs, job_id: str) -> JobView:
    return database.read_sync(lambda tx: jobs.get(tx, job_id))


def wait_for(condition: Callable[[], bool], timeout_s: float = 20.0) -> None:
    deadline_s = time.monotonic() + timeout_s
    while not condition():
        assert time.monotonic() < deadline_s, "it did not happen"
        time.sleep(0.01)
