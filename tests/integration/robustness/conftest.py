"""Installations that are killed: with SQLite and with PostgreSQL."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.integration.robustness.served import Served


@pytest.fixture
def make_served(tmp_path: Path) -> Iterator[Callable[..., Served]]:
    """Makes installations in this test's folder; their servers end with the test."""
    made: list[Served] = []

    def make(name: str = "data", *, database_url: str = "", **environment: str) -> Served:
        made.append(Served(tmp_path / name, database_url=database_url, environment=environment))
        return made[-1]

    yield make
    for served in made:
        served.stop()


@pytest.fixture(params=["sqlite", "postgresql"])
def killable_url(request: pytest.FixtureRequest) -> str:
    """Empty for SQLite in the installation's own folder, or the URL of a fresh PostgreSQL database."""
    return "" if request.param == "sqlite" else str(request.getfixturevalue("postgresql_url"))
