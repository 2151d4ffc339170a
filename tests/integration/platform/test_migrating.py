"""Schemas: made, upgraded, refused; what the revisions make equals what the tables say."""

from __future__ import annotations

import sqlite3
import subprocess
import sys
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import psycopg
import pytest
import sqlalchemy as sa

from goldsmith.core.errors import InvalidInputError
from goldsmith.platform.database import Database, Sql, metadata, open_database
from goldsmith.platform.database.drift import check_drift
from goldsmith.platform.database.migrating import find_revision, is_at_head, migrate
from goldsmith.platform.database.upgrading import upgrade, write_revision


def tables(*, version: int) -> sa.MetaData:
    """Tables of a small product, version 1 or 2."""
    catalogue = sa.MetaData(naming_convention=metadata.naming_convention)
    added = [sa.Column("colour", sa.Text, nullable=False, server_default="red")] if version == 2 else []
    jobs = sa.Table(
        "jobs",
        catalogue,
        sa.Column("job_id", sa.Text, primary_key=True),
        sa.Column("priority", sa.Integer, nullable=False, server_default="0"),
        sa.Column("is_open", sa.SmallInteger),
        sa.Column("weight", sa.Float),
        sa.Column("body", sa.LargeBinary),
        *added,
        sa.Index(
            "ix_jobs_open",
            sa.text("priority DESC"),
            "job_id",
            sqlite_where=sa.text("is_open = 1"),
            postgresql_where=sa.text("is_open = 1"),
        ),
    )
    sa.Table(
        "steps",
        catalogue,
        sa.Column("job_id", sa.Text, sa.ForeignKey("jobs.job_id"), primary_key=True),
        sa.Column("name", sa.Text, primary_key=True),
    )
    if version == 2:
        sa.Index("uq_jobs_colour", jobs.c.colour, jobs.c.job_id, unique=True)
        sa.Table(
            "notes", catalogue, sa.Column("note_id", sa.BigInteger, primary_key=True, autoincrement=False)
        )
    return catalogue


@pytest.fixture
def revisions(tmp_path: Path) -> Path:
    """A folder with the revision of version 1."""
    folder = tmp_path / "versions"
    folder.mkdir()
    written = write_revision(
        tables(version=1), message="The first tables", folder=tmp_path / "a", revisions=folder
    )
    assert written.name == "r0001_the_first_tables.py"
    return folder


@pytest.fixture
def add_second(revisions: Path, tmp_path: Path) -> Callable[[], None]:
    def add() -> None:
        written = write_revision(
            tables(version=2), message="Colours!", folder=tmp_path / "b", revisions=revisions
        )
        assert written.name == "r0002_colours.py"

    return add


@pytest.fixture(params=["sqlite", "postgresql"])
def empty_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path / 'empty.db'}"
    url = str(request.getfixturevalue("postgresql_url"))
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute("DROP SCHEMA public CASCADE; CREATE SCHEMA public")
    return url


@pytest.fixture
def empty(empty_url: str) -> Database:
    return open_database(empty_url, pool_size=2)


def test_an_empty_database_is_filled_and_stamped(empty: Database, revisions: Path) -> None:
    assert not is_at_head(empty, revisions=revisions)
    migrate(empty, tables(version=1), revisions=revisions)
    assert is_at_head(empty, revisions=revisions)
    assert check_drift(empty, tables(version=1)) == []
    migrate(empty, tables(version=1), revisions=revisions)
    empty.close()


def test_revisions_make_what_the_tables_say(
    empty: Database, revisions: Path, add_second: Callable[[], None]
) -> None:
    add_second()
    upgrade(empty, tables(version=2), revisions=revisions)
    assert empty.read_sync(find_revision) == "0002"
    assert check_drift(empty, tables(version=2)) == []
    drift = check_drift(empty, tables(version=1))
    assert any(line.startswith("+ notes column note_id") for line in drift)
    assert any(line.startswith("+ jobs column colour") for line in drift)
    empty.close()


def test_existing_data_are_upgraded(
    empty: Database, revisions: Path, add_second: Callable[[], None], tmp_path: Path
) -> None:
    migrate(empty, tables(version=1), revisions=revisions)
    empty.write_sync(lambda tx: tx.run(Sql("INSERT INTO jobs (job_id, is_open) VALUES ('j1', 1)")))
    empty.write_sync(lambda tx: tx.run(Sql("INSERT INTO steps VALUES ('j1', 's')")))
    add_second()
    migrate(empty, tables(version=2), revisions=revisions)
    row = empty.read_sync(lambda tx: tx.first(Sql("SELECT job_id, colour FROM jobs")))
    assert row is not None
    assert dict(row) == {"job_id": "j1", "colour": "red"}
    assert empty.read_sync(lambda tx: tx.scalar(Sql("SELECT COUNT(*) FROM steps"))) == 1
    assert check_drift(empty, tables(version=2)) == []
    if empty.dialect == "sqlite":
        copy = sqlite3.connect(tmp_path / "empty.db.before-0002")
        assert copy.execute("SELECT version_num FROM alembic_version").fetchone() == ("0001",)
        copy.close()
    empty.close()


def test_a_revision_that_fails_changes_nothing(
    empty: Database, revisions: Path, add_second: Callable[[], None]
) -> None:
    migrate(empty, tables(version=1), revisions=revisions)
    add_second()
    second = revisions / "r0002_colours.py"
    second.write_text(
        second.read_text().replace("\n\n\ndef downgrade", "\n    raise OSError\n\n\ndef downgrade")
    )
    with pytest.raises(OSError):  # noqa: PT011
        migrate(empty, tables(version=2), revisions=revisions)
    assert empty.read_sync(find_revision) == "0001"
    assert check_drift(empty, tables(version=1)) == []
    empty.close()


def test_data_of_a_newer_version_are_refused(
    empty: Database, revisions: Path, add_second: Callable[[], None]
) -> None:
    add_second()
    migrate(empty, tables(version=2), revisions=revisions)
    (revisions / "r0002_colours.py").unlink()
    with pytest.raises(InvalidInputError, match="newer"):
        migrate(empty, tables(version=1), revisions=revisions)
    empty.close()


def test_somebody_elses_database_is_refused(empty: Database, revisions: Path) -> None:
    empty.write_sync(lambda tx: tx.run(Sql("CREATE TABLE wordpress_posts (id BIGINT)")))
    with pytest.raises(InvalidInputError, match="other tables"):
        migrate(empty, tables(version=1), revisions=revisions)
    empty.close()


def test_two_that_begin_at_once_both_succeed(empty_url: str, revisions: Path) -> None:
    databases = [open_database(empty_url, pool_size=1) for _ in range(3)]
    with ThreadPoolExecutor(3) as pool:
        list(pool.map(lambda database: migrate(database, tables(version=1), revisions=revisions), databases))
    assert check_drift(databases[0], tables(version=1)) == []
    for database in databases:
        database.close()


def test_nothing_to_write_is_said(revisions: Path, tmp_path: Path) -> None:
    with pytest.raises(InvalidInputError, match="nothing to write"):
        write_revision(tables(version=1), message="again", folder=tmp_path / "c", revisions=revisions)


def test_at_head_alembic_is_not_imported(sqlite_url: str) -> None:
    code = (
        "import sys; from goldsmith.platform.database import open_database, metadata\n"
        "from goldsmith.platform.database.migrating import migrate\n"
        f"migrate(open_database({sqlite_url!r}), metadata); assert 'alembic' not in sys.modules"
    )
    subprocess.run([sys.executable, "-c", code], check=True)
