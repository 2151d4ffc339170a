"""Fixtures that more than one kind of test uses: a database of each kind, the shared real data, free ports."""

from __future__ import annotations

import os
import random
import shutil
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

import goldsmith.app  # registers every table
from goldsmith.core.ids import Ids, ManualClock
from goldsmith.platform.database import Database, open_database

assert goldsmith.app

# how fast a busy machine happens to be decides nothing
settings.register_profile("patient", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("patient")


def pytest_configure(config: pytest.Config) -> None:
    """Tests that share something costly say so, also where they are not run side by side."""
    if not config.pluginmanager.hasplugin("xdist"):
        config.addinivalue_line("markers", "xdist_group: one worker takes them all; known to xdist only")


def _find_postgresql_bin() -> Path | None:
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"), reverse=True)
    if found:
        return found[0].parent
    on_path = shutil.which("initdb")
    return Path(on_path).parent if on_path else None


def _as_postgres(command: list[str]) -> list[str]:
    """PostgreSQL refuses to run as root; drop to its own user then."""
    return ["runuser", "-u", "postgres", "--", *command] if os.geteuid() == 0 else command


@pytest.fixture(scope="session")
def postgresql_server() -> Iterator[str]:
    """A throw-away PostgreSQL cluster on a socket of its own; the URL without a database name."""
    binaries = _find_postgresql_bin()
    if binaries is None:
        if os.environ.get("CI"):
            pytest.fail("PostgreSQL is not installed; run make system-deps")
        pytest.skip("PostgreSQL is not installed; run make system-deps")
    # folders of its own, short enough for a socket's name, that no other test run prunes
    folder = Path(tempfile.mkdtemp(prefix="gspg-"))
    folder.chmod(0o755)
    sockets, data = folder / "s", folder / "data"
    sockets.mkdir()
    sockets.chmod(0o777)
    data.mkdir()
    if os.geteuid() == 0:
        shutil.chown(data, "postgres")
    data.chmod(0o700)
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    initdb = [
        str(binaries / "initdb"),
        "-D",
        str(data),
        "-U",
        "goldsmith",
        "-A",
        "trust",
        "-E",
        "UTF8",
        "--no-sync",
    ]
    subprocess.run(_as_postgres(initdb), check=True, capture_output=True)
    options = f"-c listen_addresses='' -c unix_socket_directories={sockets} -c port={port} -c fsync=off"
    log = str(data / "log")
    start = [str(binaries / "pg_ctl"), "-D", str(data), "-w", "-l", log, "-o", options, "start"]
    subprocess.run(_as_postgres(start), check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        yield f"postgresql://goldsmith@/{{name}}?host={sockets}&port={port}"
    finally:
        stop = [str(binaries / "pg_ctl"), "-D", str(data), "-m", "immediate", "stop"]
        subprocess.run(_as_postgres(stop), check=False, capture_output=True)
        shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture(scope="session")
def _postgresql_template(postgresql_server: str) -> str:
    """A migrated database to copy from, which is faster than migrating for each test."""
    import psycopg

    with psycopg.connect(postgresql_server.format(name="postgres"), autocommit=True) as connection:
        connection.execute("CREATE DATABASE goldsmith_template")
    database = open_database(postgresql_server.format(name="goldsmith_template"), pool_size=1)
    goldsmith.app.migrate(database)
    database.close()
    return postgresql_server


@pytest.fixture
def postgresql_url(_postgresql_template: str) -> Iterator[str]:
    """The URL of a fresh, migrated PostgreSQL database."""
    import psycopg

    name = f"t_{time.time_ns()}_{random.randrange(10**6)}"
    with psycopg.connect(_postgresql_template.format(name="postgres"), autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {name} TEMPLATE goldsmith_template")
    yield _postgresql_template.format(name=name)
    with psycopg.connect(_postgresql_template.format(name="postgres"), autocommit=True) as connection:
        connection.execute(f"DROP DATABASE {name} WITH (FORCE)")


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
