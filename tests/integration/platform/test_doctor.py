from __future__ import annotations

from pathlib import Path

import pytest

from goldsmith.core.ids import ManualClock, SystemClock
from goldsmith.platform.database import Database, Sql
from goldsmith.platform.doctor import Finding, Level, examine
from goldsmith.platform.settings import load_settings


def levels(findings: list[Finding], check: str) -> list[Level]:
    return [finding.level for finding in findings if finding.check == check]


@pytest.fixture
def url(database: Database) -> str:
    return database.url


def test_a_sound_installation(url: str, tmp_path: Path) -> None:
    findings = examine(load_settings(data_dir=tmp_path, database_url=url), clock=SystemClock())
    assert [finding for finding in findings if finding.level is Level.ERROR] == []
    assert levels(findings, "database") == [Level.OK]
    assert levels(findings, "blobs") == [Level.OK]
    assert levels(findings, "jobs") == []


def test_an_installation_that_was_never_started(tmp_path: Path) -> None:
    findings = examine(load_settings(data_dir=tmp_path / "none"), clock=SystemClock())
    assert levels(findings, "disk") == [Level.ERROR]
    assert levels(findings, "database") == [Level.WARNING]


def test_what_is_wrong_is_found(database: Database, tmp_path: Path, free_port: int) -> None:
    insert = Sql(
        "INSERT INTO jobs (job_id, workspace_id, kind, args, state, is_open, available_ms, max_attempts, created_ms)"
        " VALUES ('j', 'w', 'k', '{}', 'queued', 1, 0, 1, 0)"
    )
    database.write_sync(lambda tx: tx.run(insert))
    (tmp_path / "blobs").write_bytes(b"a file in the place of the folder")
    settings = load_settings(data_dir=tmp_path, database_url=database.url, host="0.0.0.0")
    findings = examine(settings, clock=SystemClock())
    assert levels(findings, "settings") == [Level.WARNING, Level.OK]
    assert levels(findings, "jobs") == [Level.WARNING]
    assert levels(findings, "blobs") == [Level.ERROR]
    down = load_settings(data_dir=tmp_path, database_url=f"postgresql://nobody@127.0.0.1:{free_port}/none")
    assert levels(examine(down, clock=SystemClock()), "database") == [Level.ERROR]
    assert Level.ERROR in levels(examine(settings, clock=ManualClock(0)), "clock")


def test_a_damaged_file_is_found(sqlite_url: str, tmp_path: Path) -> None:
    path = Path(sqlite_url.removeprefix("sqlite:///"))
    content = bytearray(path.read_bytes())
    content[5000:9000] = b"\xff" * 4000
    path.write_bytes(content)
    settings = load_settings(data_dir=tmp_path, database_url=sqlite_url)
    assert Level.ERROR in levels(examine(settings, clock=SystemClock()), "database")
