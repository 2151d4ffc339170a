"""Fixtures that more than one kind of test uses: a database of each kind, the shared real data, free ports."""

from __future__ import annotations

import os
import random
import shutil
import socket
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, settings

import goldsmith.app  # registers every table
from goldsmith.core.ids import Ids, ManualClock
from goldsmith.platform.database import Database, open_database

if TYPE_CHECKING:
    from tests.postgresql import Cluster

assert goldsmith.app

# how fast a busy machine happens to be decides nothing
settings.register_profile("patient", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("patient")


def pytest_configure(config: pytest.Config) -> None:
    """Tests that share something costly say so, also where they are not run side by side."""
    if not config.pluginmanager.hasplugin("xdist"):
        config.addinivalue_line("markers", "xdist_group: one worker takes them all; known to xdist only")


@pytest.fixture(scope="session")
def postgresql_cluster() -> Iterator[Cluster]:
    """A throw-away PostgreSQL cluster of this test process."""
    from tests.postgresql import Cluster, find_binaries  # the driver is an extra

    binaries = find_binaries()
    if binaries is None:
        if os.environ.get("CI"):
            pytest.fail("PostgreSQL is not installed; run make system-deps")
        pytest.skip("PostgreSQL is not installed; run make system-deps")
    cluster = Cluster(binaries)
    yield cluster
    cluster.close()


@pytest.fixture
def postgresql_url(postgresql_cluster: Cluster) -> Iterator[str]:
    """The URL of a migrated PostgreSQL database without a row."""
    lent = postgresql_cluster.lend()
    yield postgresql_cluster.url(lent.name)
    postgresql_cluster.take_back(lent)


@pytest.fixture(scope="session")
def _sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("sqlite") / "template.db"
    database = open_database(f"sqlite:///{path}")
    goldsmith.app.migrate(database)
    database.close()
    return path


@pytest.fixture
def sqlite_url(_sqlite_template: Path, tmp_path: Path) -> str:
    """The URL of a fresh, migrated SQLite database."""
    path = tmp_path / "goldsmith.db"
    shutil.copy(_sqlite_template, path)
    return f"sqlite:///{path}"


@pytest.fixture(params=["sqlite", "postgresql"])
def database_url(request: pytest.FixtureRequest) -> str:
    """A fresh, migrated database of each kind."""
    return str(request.getfixturevalue(f"{request.param}_url"))


@pytest.fixture
def database(database_url: str) -> Iterator[Database]:
    """A fresh, migrated database of each kind, open."""
    opened = open_database(database_url, pool_size=4)
    yield opened
    opened.close()


@pytest.fixture
def clock() -> ManualClock:
    """A clock that stands still until moved."""
    return ManualClock()


@pytest.fixture
def ids(clock: ManualClock) -> Ids:
    """Ids that are the same in every run."""
    return Ids(clock, random.Random(7))


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """The folder of real data beside the repository; skips where it is absent."""
    default = Path(__file__).resolve().parents[2] / "shared" / "data"
    folder = Path(os.environ.get("GOLDSMITH_TEST_DATA", default))
    if not folder.is_dir():
        pytest.skip("the real data are not on this machine (set GOLDSMITH_TEST_DATA to their folder)")
    return folder


@pytest.fixture
def free_port() -> int:
    """A TCP port on loopback that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
