"""Backups: written while work goes on, checked, restored into either database."""

from __future__ import annotations

import shutil
import tarfile
from collections.abc import Callable, Iterator
from pathlib import Path

import psycopg
import pytest
import sqlalchemy as sa

from goldsmith.core.errors import ConflictError, InvalidInputError
from goldsmith.platform.backup import restore_backup, verify_backup, write_backup
from goldsmith.platform.blobs import BlobStore
from goldsmith.platform.database import Database, Sql, metadata, open_database
from goldsmith.platform.database.migrating import migrate
from goldsmith.platform.database.upgrading import write_revision


def catalogue(*, version: int = 1) -> sa.MetaData:
    tables = sa.MetaData(naming_convention=metadata.naming_convention)
    added = [sa.Column("colour", sa.Text, server_default="red")] if version == 2 else []
    sa.Table(
        "jobs",
        tables,
        sa.Column("job_id", sa.Text, primary_key=True),
        sa.Column("size", sa.BigInteger),
        sa.Column("weight", sa.Float),
        sa.Column("body", sa.LargeBinary),
        *added,
    )
    sa.Table(
        "steps",
        tables,
        sa.Column("job_id", sa.Text, sa.ForeignKey("jobs.job_id"), primary_key=True),
        sa.Column("name", sa.Text, primary_key=True),
    )
    return tables


@pytest.fixture
def revisions(tmp_path: Path) -> Path:
    folder = tmp_path / "versions"
    folder.mkdir()
    write_revision(catalogue(), message="first", folder=tmp_path / "scratch", revisions=folder)
    return folder


@pytest.fixture
def make_database(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Callable[[str], Database]]:
    made: list[Database] = []

    def make(kind: str) -> Database:
        if kind == "sqlite":
            made.append(open_database(f"sqlite:///{tmp_path}/{len(made)}.db"))
        else:
            url = str(request.getfixturevalue("postgresql_url"))
            with psycopg.connect(url, autocommit=True) as connection:
                connection.execute("DROP SCHEMA public CASCADE; CREATE SCHEMA public")
            made.append(open_database(url, pool_size=2))
        return made[-1]

    yield make
    for one in made:
        one.close()


@pytest.fixture
def make_blobs(tmp_path: Path) -> Callable[[str], BlobStore]:
    return lambda name: BlobStore(f"file://{tmp_path / name}")


ROWS = [
    {"job_id": f"job{n:05}", "size": 2**62 - n, "weight": n / 7, "body": bytes([n % 256, 0, 255])}
    for n in range(2500)
] + [{"job_id": "z: grüße \"'\\\n", "size": None, "weight": None, "body": None}]
BLOBS = [b"", b"small", bytes(range(256)) * 9000]


def fill(database: Database, blobs: BlobStore, revisions: Path) -> list[str]:
    migrate(database, catalogue(), revisions=revisions)
    insert = Sql("INSERT INTO jobs (job_id, size, weight, body) VALUES (:job_id, :size, :weight, :body)")
    database.write_sync(lambda tx: tx.many(insert, ROWS))
    database.write_sync(lambda tx: tx.run(Sql("INSERT INTO steps VALUES ('job00007', 's')")))
    return blobs.put_many(BLOBS)


def rows_of(database: Database) -> list[dict[str, object]]:
    query = Sql("SELECT job_id, size, weight, body FROM jobs ORDER BY job_id")
    return [dict(row) for row in database.read_sync(lambda tx: tx.all(query))]


@pytest.mark.parametrize(
    ("source", "target", "suffix"),
    [
        ("sqlite", "sqlite", ".tar.zst"),
        ("sqlite", "postgresql", ".tar"),
        ("postgresql", "sqlite", ".tar.zst"),
    ],
)
def test_everything_comes_back_on_either_database(
    make_database: Callable[[str], Database],
    make_blobs: Callable[[str], BlobStore],
    revisions: Path,
    tmp_path: Path,
    source: str,
    target: str,
    suffix: str,
) -> None:
    database, blobs = make_database(source), make_blobs("a")
    names = fill(database, blobs, revisions)
    file = tmp_path / f"backup{suffix}"
    told: list[tuple[int, int | None, str]] = []
    written = write_backup(
        database, blobs, catalogue(), target=file, now_ms=5, progress=lambda *args: told.append(args)
    )
    assert (written.tables, written.rows, written.blobs, written.revision) == (2, 2502, 3, "0001")
    assert told[-1][0] == 6
    assert verify_backup(file) == written
    assert file.stat().st_mode & 0o777 == 0o600
    before = rows_of(database)
    restored, other_blobs = make_database(target), make_blobs("b")
    assert restore_backup(file, restored, other_blobs, catalogue(), revisions=revisions) == written
    assert rows_of(restored) == before == sorted(ROWS, key=lambda row: str(row["job_id"]))
    assert restored.read_sync(lambda tx: tx.scalar(Sql("SELECT COUNT(*) FROM steps"))) == 1
    assert sorted(other_blobs.iter_names()) == sorted(names)
    assert other_blobs.get(names[2]) == BLOBS[2]


@pytest.fixture
def backup(
    make_database: Callable[[str], Database],
    make_blobs: Callable[[str], BlobStore],
    revisions: Path,
    tmp_path: Path,
) -> Path:
    database, blobs = make_database("sqlite"), make_blobs("a")
    fill(database, blobs, revisions)
    write_backup(database, blobs, catalogue(), target=tmp_path / "b.tar", now_ms=5)
    return tmp_path / "b.tar"


def test_a_target_that_is_not_empty_is_left_alone(
    backup: Path,
    make_database: Callable[[str], Database],
    make_blobs: Callable[[str], BlobStore],
    revisions: Path,
) -> None:
    full = make_database("sqlite")
    fill(full, make_blobs("other"), revisions)
    with pytest.raises(ConflictError, match="database is not empty"):
        restore_backup(backup, full, make_blobs("new"), catalogue(), revisions=revisions)
    with pytest.raises(ConflictError, match="blob store is not empty"):
        restore_backup(backup, make_database("sqlite"), make_blobs("other"), catalogue(), revisions=revisions)


def test_damage_is_found_before_anything_is_written(
    backup: Path,
    make_database: Callable[[str], Database],
    make_blobs: Callable[[str], BlobStore],
    revisions: Path,
) -> None:
    content = backup.read_bytes()
    middle = content.index(b"job00042")
    damaged = {
        "changed": content[:middle] + b"job00x42" + content[middle + 8 :],
        "cut": content[: len(content) // 2],
        "cut short": content[:1000],
        "empty": b"",
        "foreign": b"PK\x03\x04" * 500,
    }
    for name, data in damaged.items():
        file = backup.with_name(f"{name}.tar")
        file.write_bytes(data)
        target = make_database("sqlite")
        with pytest.raises(InvalidInputError, match="damaged"):
            restore_backup(file, target, make_blobs(name), catalogue(), revisions=revisions)
        assert target.read_sync(lambda tx: tx.all(Sql("SELECT name FROM sqlite_master"))) == []
        assert list(make_blobs(name).iter_names()) == []


def test_a_member_more_or_less_is_found(backup: Path, tmp_path: Path) -> None:
    with tarfile.open(backup) as tar:
        tar.extractall(tmp_path / "x", filter="data")
        names = tar.getnames()
    (tmp_path / "x" / "extra").write_bytes(b"!")
    blob = next(name for name in names if name.startswith("blobs/"))
    for members in ([*names, "extra"], names[:-1], [name for name in names if name != blob], names[::-1]):
        changed = tmp_path / "changed.tar"
        with tarfile.open(changed, "w") as tar:
            for name in members:
                tar.add(tmp_path / "x" / name, name)
        with pytest.raises(InvalidInputError, match="damaged"):
            verify_backup(changed)


def test_an_older_backup_is_upgraded(
    backup: Path,
    make_database: Callable[[str], Database],
    make_blobs: Callable[[str], BlobStore],
    revisions: Path,
    tmp_path: Path,
) -> None:
    second = catalogue(version=2)
    write_revision(second, message="second", folder=tmp_path / "scratch2", revisions=revisions)
    for kind in ("sqlite", "postgresql"):
        database = make_database(kind)
        restore_backup(backup, database, make_blobs(kind), second, revisions=revisions)
        assert (
            database.read_sync(lambda tx: tx.scalar(Sql("SELECT COUNT(*) FROM jobs WHERE colour = 'red'")))
            == 2501
        )
    (revisions / "r0002_second.py").unlink()


def test_a_newer_backup_is_refused(
    backup: Path,
    make_database: Callable[[str], Database],
    make_blobs: Callable[[str], BlobStore],
    revisions: Path,
    tmp_path: Path,
) -> None:
    shutil.move(revisions / "r0001_first.py", tmp_path)
    with pytest.raises(InvalidInputError, match="newer"):
        restore_backup(backup, make_database("sqlite"), make_blobs("n"), catalogue(), revisions=revisions)


def test_names_tell_the_kind_and_failures_leave_nothing(
    make_database: Callable[[str], Database], make_blobs: Callable[[str], BlobStore], tmp_path: Path
) -> None:
    database = make_database("sqlite")
    with pytest.raises(InvalidInputError, match="tar"):
        write_backup(database, make_blobs("a"), catalogue(), target=tmp_path / "b.zip", now_ms=1)
    with pytest.raises(Exception, match="no such table"):
        write_backup(database, make_blobs("a"), catalogue(), target=tmp_path / "b.tar", now_ms=1)
    assert [path.name for path in tmp_path.iterdir() if "b.tar" in path.name] == []


def test_the_real_tables_come_back(database: Database, tmp_path: Path) -> None:
    blobs = BlobStore(f"file://{tmp_path}/real")
    database.write_sync(lambda tx: tx.run(Sql("INSERT INTO edges VALUES ('a', 'b', 'c', 'd', 'e', 'w', 1)")))
    report = write_backup(
        database, blobs, metadata, target=tmp_path / "real.tar.zst", now_ms=1, with_blobs=False
    )
    assert report.tables == len(metadata.sorted_tables)
    target = open_database(f"sqlite:///{tmp_path}/restored.db")
    restore_backup(tmp_path / "real.tar.zst", target, BlobStore(f"file://{tmp_path}/other"), metadata)
    assert target.read_sync(lambda tx: tx.scalar(Sql("SELECT dst_id FROM edges"))) == "d"
    target.close()
