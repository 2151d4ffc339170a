"""Is this installation well? Each check says what it found and how to mend it."""

from __future__ import annotations

import importlib.util
import ipaddress
import os
import shutil
import tempfile
import time
from collections.abc import Callable, Iterator
from enum import StrEnum
from pathlib import Path
from typing import Final

import goldsmith
from goldsmith.core.errors import GoldsmithError
from goldsmith.core.ids import Clock
from goldsmith.core.model import Model
from goldsmith.platform.blobs import BlobStore
from goldsmith.platform.database import Database, Sql, open_database
from goldsmith.platform.database.migrating import find_revision, known_revisions
from goldsmith.platform.settings import Settings, unknown_variables

_LITTLE_BYTES: Final = 5 << 30
_TOO_LITTLE_BYTES: Final = 500 << 20
_SLOW_FLUSH_S: Final = 0.05
_CLOCKS_APART_MS: Final = 5_000
_WAITING_LONG_MS: Final = 600_000
_EARLIEST_MS: Final = 1_735_689_600_000  # 2025
_OLDEST_POSTGRESQL: Final = 150_000
_EXTRAS: Final = {"postgres": "psycopg", "serve": "onnxruntime", "train": "torch", "ray": "ray"}


class Level(StrEnum):
    """How bad a finding is."""

    OK = "ok"
    WARNING = "warning"
    ERROR = "error"


class Finding(Model):
    """What a check found."""

    check: str
    level: Level
    message: str


Check = Callable[[Settings, Clock], Iterator[Finding]]


def examine(settings: Settings, *, clock: Clock) -> list[Finding]:
    """Run all checks on a stopped or running installation. Nothing is changed but a probe file and a probe blob.

    Args:
        settings: How the installation runs.
        clock: The machine's time.
    """
    findings: list[Finding] = []
    for name, check in _CHECKS.items():
        try:
            findings += list(check(settings, clock))
        except GoldsmithError as error:
            findings.append(Finding(check=name, level=Level.ERROR, message=error.detail))
        except Exception as error:  # noqa: BLE001  a check that fails is a finding
            findings.append(
                Finding(check=name, level=Level.ERROR, message=f"{type(error).__name__}: {error}")
            )
    return findings


def _check_settings(settings: Settings, _clock: Clock) -> Iterator[Finding]:
    unknown = unknown_variables()
    if unknown:
        yield _warning("settings", f"{', '.join(unknown)} name no setting; are they misspelt?")
    if not _is_loopback(settings.host) and not settings.resolved_public_url().startswith("https://"):
        yield _warning(
            "settings",
            f"the server listens on {settings.host} and people reach it without TLS; put a proxy with TLS before it"
            " and set public_url to its https:// address",
        )
    yield _ok("settings", f"goldsmith {goldsmith.__version__}, data in {settings.data_dir.absolute()}")


def _check_disk(settings: Settings, _clock: Clock) -> Iterator[Finding]:
    folder = settings.data_dir
    if not folder.is_dir():
        yield _error(
            "disk", f"{folder.absolute()} is not there; start the server once, or name another data_dir"
        )
        return
    began_s = time.perf_counter()
    with tempfile.NamedTemporaryFile(dir=folder) as probe:
        probe.write(b"x" * 4096)
        probe.flush()
        os.fsync(probe.fileno())
    flush_s = time.perf_counter() - began_s
    if flush_s > _SLOW_FLUSH_S:
        yield _warning(
            "disk", f"flushing a file took {flush_s * 1000:.0f} ms; each submit waits for one flush"
        )
    free = shutil.disk_usage(folder).free
    level = Level.ERROR if free < _TOO_LITTLE_BYTES else Level.WARNING if free < _LITTLE_BYTES else Level.OK
    yield Finding(check="disk", level=level, message=f"{free / (1 << 30):.1f} GiB free, writable")


def _check_database(settings: Settings, clock: Clock) -> Iterator[Finding]:
    url = settings.resolved_database_url()
    if url.startswith("sqlite:///") and not Path(url.removeprefix("sqlite:///")).is_file():
        yield _warning("database", "there is no database yet; the first start makes it")
        return
    database = open_database(url, pool_size=1)
    try:
        yield from _look_into(database, clock)
    finally:
        database.close()


def _look_into(database: Database, clock: Clock) -> Iterator[Finding]:
    if database.dialect == "sqlite":
        verdict = database.read_sync(lambda tx: tx.scalar(Sql("PRAGMA quick_check(1)")))
        if verdict != "ok":
            yield _error("database", f"the file is damaged ({verdict}); restore a backup")
    else:
        version = int(database.read_sync(lambda tx: tx.scalar(Sql("SHOW server_version_num"))))
        if version < _OLDEST_POSTGRESQL:
            yield _error("database", f"PostgreSQL {version // 10_000} is too old; 15 or newer is needed")
        now = Sql("SELECT CAST(EXTRACT(EPOCH FROM clock_timestamp()) * 1000 AS BIGINT)")
        apart_ms = abs(database.read_sync(lambda tx: tx.scalar(now)) - clock.now_ms())
        if apart_ms > _CLOCKS_APART_MS:
            yield _warning(
                "clock", f"the database server's clock is {apart_ms / 1000:.0f} s away from this machine's"
            )
    revision, known = database.read_sync(find_revision), known_revisions()
    if known and revision != known[-1]:
        yield _error(
            "database", f"schema {revision}, but this version needs {known[-1]}; start the server to upgrade"
        )
        return
    yield _ok("database", f"{database.dialect}, schema {revision}")
    yield from _look_at_jobs(database, clock)


def _look_at_jobs(database: Database, clock: Clock) -> Iterator[Finding]:
    oldest = Sql("SELECT MIN(available_ms) FROM jobs WHERE is_open = 1 AND state = 'queued'")
    available_ms = database.read_sync(lambda tx: tx.scalar(oldest))
    if available_ms is not None and clock.now_ms() - available_ms > _WAITING_LONG_MS:
        minutes = (clock.now_ms() - available_ms) // 60_000
        yield _warning("jobs", f"a job waits for {minutes} minutes; is a server or a worker running?")


def _check_blobs(settings: Settings, _clock: Clock) -> Iterator[Finding]:
    blobs = BlobStore(settings.resolved_blob_url(), settings.blob_options)
    probe = os.urandom(32)
    name = blobs.put(probe)
    try:
        if blobs.get(name) != probe:
            yield _error("blobs", "the blob store returns other bytes than it was given")
            return
    finally:
        blobs.delete(name)
    yield _ok("blobs", f"{settings.resolved_blob_url().split('://', 1)[0]} store takes, gives and deletes")


def _check_clock(_settings: Settings, clock: Clock) -> Iterator[Finding]:
    if clock.now_ms() < _EARLIEST_MS:
        yield _error("clock", "this machine's clock is years behind; leases and sessions need the right time")


def _check_parts(settings: Settings, _clock: Clock) -> Iterator[Finding]:
    page = Path(goldsmith.__file__).parent / "server" / "static" / "index.html"
    if page.is_file():
        yield _ok("web UI", "built")
    else:
        yield _warning(
            "web UI", "it is not built, the API works without it; install goldsmith again, or run: make setup"
        )
    present = {extra for extra, module in _EXTRAS.items() if importlib.util.find_spec(module) is not None}
    if settings.engine == "ray" and "ray" not in present:
        yield _error("extras", "the engine is ray, which is not installed: pip install 'goldsmith[ray]'")
    missing = sorted(set(_EXTRAS) - present)
    note = f"; not installed: {', '.join(missing)}" if missing else ""
    yield _ok("extras", f"installed: {', '.join(sorted(present)) or 'none'}{note}")


_CHECKS: Final[dict[str, Check]] = {
    "settings": _check_settings,
    "disk": _check_disk,
    "database": _check_database,
    "blobs": _check_blobs,
    "clock": _check_clock,
    "parts": _check_parts,
}


def _is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def _ok(check: str, message: str) -> Finding:
    return Finding(check=check, level=Level.OK, message=message)


def _warning(check: str, message: str) -> Finding:
    return Finding(check=check, level=Level.WARNING, message=message)


def _error(check: str, message: str) -> Finding:
    return Finding(check=check, level=Level.ERROR, message=message)
