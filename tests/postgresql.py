"""A throw-away PostgreSQL cluster that hands out migrated databases, and takes them back where they are as new."""

from __future__ import annotations

import itertools
import os
import shutil
import socket
import subprocess
import tempfile
import time
from pathlib import Path
from typing import Any, Final, NamedTuple

import psycopg

import goldsmith.app
from goldsmith.platform.database import open_database

_OPTIONS: Final = ("fsync=off", "autovacuum=off", "listen_addresses=''")
_TEMPLATE: Final = "goldsmith_template"
_PATIENCE_S: Final = 1.0
"""For sessions that are being closed."""
_CATALOGS: Final = (
    "pg_attrdef",
    "pg_attribute",
    "pg_class",
    "pg_constraint",
    "pg_db_role_setting",
    "pg_extension",
    "pg_index",
    "pg_namespace",
    "pg_policy",
    "pg_proc",
    "pg_rewrite",
    "pg_statistic",
    "pg_trigger",
    "pg_type",
)
_OTHERS: Final = (
    "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()"
)
_VERSIONS: Final = "alembic_version"
_MARK: Final = " UNION ALL ".join(
    [f"SELECT count(*)::text || ':' || max(xmin::text::bigint) FROM {catalog}" for catalog in _CATALOGS]
    + [f"SELECT string_agg(version_num, ',') FROM {_VERSIONS}"]
)
"""Other than before wherever something was made, changed or dropped that is no row."""
_TABLES: Final = f"SELECT tablename FROM pg_tables WHERE schemaname = 'public' AND tablename <> '{_VERSIONS}'"

Mark = list[tuple[Any, ...]]


class Lent(NamedTuple):
    """A database for one test, and what its catalogs said before."""

    name: str
    mark: Mark


class Cluster:
    """Starts at once, in folders of its own; making a database takes ten times as long as emptying one.

    Args:
        binaries: The folder of ``initdb`` and ``pg_ctl``.
    """

    def __init__(self, binaries: Path) -> None:
        self._binaries = binaries
        self._numbers = itertools.count()
        self._spare: list[Lent] = []
        # short enough for a socket's name, and no other test run prunes them
        self._folder = Path(tempfile.mkdtemp(prefix="gspg-"))
        self._folder.chmod(0o755)
        self._sockets, self._data = self._folder / "s", self._folder / "data"
        self._port = _free_port()
        self._start()
        self._make_template()

    def url(self, name: str) -> str:
        """The URL of a database."""
        return f"postgresql://goldsmith@/{name}?host={self._sockets}&port={self._port}"

    def lend(self) -> Lent:
        """Return a migrated database without a row."""
        if self._spare:
            return self._spare.pop()
        name = f"t_{next(self._numbers)}"
        self._administer(f"CREATE DATABASE {name} TEMPLATE {_TEMPLATE}")
        with psycopg.connect(self.url(name), autocommit=True) as connection:
            return Lent(name, _mark(connection))

    def take_back(self, lent: Lent) -> None:
        """Empty a database for the next test, or drop it where more than rows has changed or somebody still uses it."""
        try:
            with psycopg.connect(self.url(lent.name), autocommit=True) as connection:
                is_whole = _is_left(connection) and _mark(connection) == lent.mark
                if is_whole:
                    _empty(connection)
                    self._spare.append(Lent(lent.name, _mark(connection)))
        except psycopg.Error:
            is_whole = False
        if not is_whole:
            self._administer(f"DROP DATABASE IF EXISTS {lent.name} WITH (FORCE)")

    def close(self) -> None:
        """Stop the server and remove its files."""
        self._control("-m", "immediate", "stop", check=False)
        shutil.rmtree(self._folder, ignore_errors=True)

    def _start(self) -> None:
        self._sockets.mkdir()
        self._sockets.chmod(0o777)
        self._data.mkdir()
        if os.geteuid() == 0:
            shutil.chown(self._data, "postgres")
        self._data.chmod(0o700)
        initdb = [str(self._binaries / "initdb"), "-D", str(self._data), "-U", "goldsmith", "-A", "trust"]
        subprocess.run(
            _as_postgres([*initdb, "-E", "UTF8", "--no-sync"]),
            check=True,
            capture_output=True,
        )
        settings = [*_OPTIONS, f"unix_socket_directories={self._sockets}", f"port={self._port}"]
        options = " ".join(f"-c {setting}" for setting in settings)
        self._control("-w", "-l", str(self._data / "log"), "-o", options, "start", check=True)

    def _make_template(self) -> None:
        self._administer(f"CREATE DATABASE {_TEMPLATE}")
        database = open_database(self.url(_TEMPLATE), pool_size=1)
        goldsmith.app.migrate(database)
        database.close()

    def _control(self, *arguments: str, check: bool) -> None:
        command = [str(self._binaries / "pg_ctl"), "-D", str(self._data), *arguments]
        subprocess.run(
            _as_postgres(command), check=check, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        )

    def _administer(self, statement: str) -> None:
        with psycopg.connect(self.url("postgres"), autocommit=True) as connection:
            connection.execute(statement)


def find_binaries() -> Path | None:
    """The folder of PostgreSQL's own programs, of the newest version that is installed."""
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"), reverse=True)
    if found:
        return found[0].parent
    on_path = shutil.which("initdb")
    return Path(on_path).parent if on_path else None


def _as_postgres(command: list[str]) -> list[str]:
    """PostgreSQL refuses to run as root; drop to its own user then."""
    return ["runuser", "-u", "postgres", "--", *command] if os.geteuid() == 0 else command


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _mark(connection: psycopg.Connection[tuple[Any, ...]]) -> Mark:
    return connection.execute(_MARK).fetchall()


def _is_left(connection: psycopg.Connection[tuple[Any, ...]]) -> bool:
    """Say whether nobody else is connected; whoever is closing has a moment."""
    deadline_s = time.monotonic() + _PATIENCE_S
    while connection.execute(_OTHERS).fetchone() != (0,):
        if time.monotonic() > deadline_s:
            return False
        time.sleep(0.01)
    return True


def _empty(connection: psycopg.Connection[tuple[Any, ...]]) -> None:
    names = [name for (name,) in connection.execute(_TABLES)]
    filled = " UNION ALL ".join(f"SELECT '{name}' WHERE EXISTS (SELECT FROM {name})" for name in names)
    found = [name for (name,) in connection.execute(filled)]
    if found:
        connection.execute(f"TRUNCATE {', '.join(found)} RESTART IDENTITY CASCADE")
