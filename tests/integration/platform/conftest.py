"""Runners of jobs, and a table, on each database."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from goldsmith.core.ids import Ids, ManualClock, SystemClock
from goldsmith.platform.database import Database
from goldsmith.platform.jobs import Jobs
from tests.integration.platform.things import make_things


@pytest.fixture
def jobs(database: Database, clock: ManualClock, ids: Ids, tmp_path: Path) -> Iterator[Jobs]:
    made = Jobs(database, clock, ids, folder=tmp_path / "jobs")
    yield made
    made.stop(grace_s=5)


@pytest.fixture
def real_jobs(database: Database, tmp_path: Path) -> Iterator[Callable[[], Jobs]]:
    """Makes runners with the machine's clock that share database and folder, as processes would."""
    made: list[Jobs] = []

    def make() -> Jobs:
        made.append(Jobs(database, SystemClock(), Ids(SystemClock()), folder=tmp_path / "jobs"))
        return made[-1]

    yield make
    for one in made:
        one.stop(grace_s=5)


@pytest.fixture
def things(database: Database) -> Database:
    return make_things(database)
