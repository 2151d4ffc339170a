"""How many statements the hot requests take; each costs a message to PostgreSQL."""

from __future__ import annotations

import asyncio
from pathlib import Path

from benchmarks.installation import fill, settings_of
from benchmarks.statements import count_statements

from goldsmith.projects.api import Workflow


def test_hot_requests_take_few_statements(tmp_path: Path, database_url: str) -> None:
    contents = fill(tmp_path, database_url, people=1, tasks=60, workflow=Workflow())
    most = asyncio.run(count_statements(settings_of(tmp_path, database_url), contents))
    assert most["next"] <= 3
    assert most["submit"] <= 6
    assert most["list of 100"] <= 2
