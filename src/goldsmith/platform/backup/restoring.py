"""Checking and restoring a backup."""

from __future__ import annotations

import base64
import hashlib
import itertools
import re
import tarfile
from collections.abc import Iterator
from pathlib import Path
from typing import IO, Any, Final

import msgspec
import pydantic
import sqlalchemy as sa

from goldsmith.core.errors import ConflictError, InvalidInputError
from goldsmith.platform.backup.types import (
    BLOBS,
    FORMAT,
    HEADER,
    MANIFEST,
    TABLES,
    BackupReport,
    Entry,
    Header,
    Manifest,
    Progress,
    TableHead,
    opened,
    report_of,
)
from goldsmith.platform.blobs import CHUNK_BYTES, BlobStore
from goldsmith.platform.database import Database, Sql
from goldsmith.platform.database.migrating import REVISIONS, known_revisions, migrate

_ROWS_A_WRITE: Final = 2000
_LARGEST_HEADER_BYTES: Final = 1 << 20
_LARGEST_MANIFEST_BYTES: Final = 1 << 32
_NAME: Final = re.compile(r"[a-z_][a-z0-9_]*")
_DAMAGED: Final = "the backup is damaged or no backup of goldsmith"


def verify_backup(source: Path) -> BackupReport:
    """Read the whole file and check the hash of each member.

    Raises:
        InvalidInputError: Something is missing, changed, or not understood.
    """
    try:
        return _verify(source)
    except (tarfile.TarError, EOFError, OSError) as error:
        raise InvalidInputError(f"{_DAMAGED}: {error}") from error


def _verify(source: Path) -> BackupReport:
    header: Header | None = None
    manifest: Manifest | None = None
    found: list[Entry] = []
    for name, content in _members(source):
        if manifest is not None:
            raise InvalidInputError(f"{_DAMAGED}: something follows the manifest")
        if name == MANIFEST:
            manifest = _parse(Manifest, content.read(_LARGEST_MANIFEST_BYTES))
            continue
        digest, size_bytes = hashlib.sha256(), 0
        first = b""
        while chunk := content.read(CHUNK_BYTES):
            first = first or chunk
            digest.update(chunk)
            size_bytes += len(chunk)
        found.append(Entry(name=name, size_bytes=size_bytes, sha256=digest.hexdigest()))
        if name == HEADER:
            header = _parse(Header, first[:_LARGEST_HEADER_BYTES])
            _require_known(header)
        elif header is None:
            raise InvalidInputError(_DAMAGED)
        elif name.startswith(BLOBS) and name != BLOBS + found[-1].sha256:
            raise InvalidInputError(f"{_DAMAGED}: {name} has other bytes than its name says")
    if header is None or manifest is None:
        raise InvalidInputError(f"{_DAMAGED}: it ends too early")
    if found != [entry.model_copy(update={"rows": None}) for entry in manifest.entries]:
        raise InvalidInputError(f"{_DAMAGED}: its members differ from its manifest")
    return report_of(header, manifest)


def restore_backup(
    source: Path,
    database: Database,
    blobs: BlobStore,
    metadata: sa.MetaData,
    *,
    progress: Progress | None = None,
    revisions: Path = REVISIONS,
) -> BackupReport:
    """Check the backup, then put everything back; one of an older schema is upgraded on the way.

    Args:
        source: The backup, from either database.
        database: Empty; it may have tables, but no rows.
        blobs: Empty.
        metadata: The tables.
        progress: Told how far it is, in members.
        revisions: The folder of schema revisions.

    Raises:
        InvalidInputError: The backup is damaged; nothing was changed.
        ConflictError: The target is not empty; nothing was changed.
    """
    report = verify_backup(source)
    _require_empty(database, blobs, metadata)
    _make_schema(database, metadata, report.revision, revisions)
    total = report.tables + report.blobs
    for number, (name, content) in enumerate(_members(source)):
        if name.startswith(TABLES):
            _fill_table(database, name.removeprefix(TABLES).removesuffix(".jsonl"), content)
        elif name.startswith(BLOBS):
            blobs.put_chunks(iter(lambda content=content: content.read(CHUNK_BYTES), b""))  # type: ignore[misc]
        if progress is not None:
            progress(min(number, total), total, name)
    migrate(database, metadata, revisions=revisions)
    return report


def _members(source: Path) -> Iterator[tuple[str, IO[bytes]]]:
    """Yield names and contents one after another; nothing is ever extracted to a path that the archive names."""
    with opened(source, for_writing=False) as file, tarfile.open(fileobj=file, mode="r|") as tar:
        for info in tar:
            content = tar.extractfile(info)
            if content is None:
                raise InvalidInputError(f"{_DAMAGED}: {info.name} is no file")
            yield info.name, content


def _parse(model: type[Any], content: bytes) -> Any:
    try:
        return model.model_validate_json(content)
    except pydantic.ValidationError as error:
        raise InvalidInputError(_DAMAGED) from error


def _require_known(header: Header) -> None:
    if header.format > FORMAT:
        raise InvalidInputError(
            f"the backup was written by goldsmith {header.goldsmith}, whose format is newer; use that version"
        )


def _require_empty(database: Database, blobs: BlobStore, metadata: sa.MetaData) -> None:
    migrated = database.read_sync(lambda tx: tx.all(sa.text(_TABLE_NAMES[tx.dialect])))
    present = {str(row["name"]) for row in migrated}
    for table in metadata.sorted_tables:
        if table.name in present and database.read_sync(
            lambda tx, table=table: tx.first(sa.select(sa.literal(1)).select_from(table).limit(1))  # type: ignore[misc]
        ):
            raise ConflictError(f"the database is not empty (table {table.name}); restore into a new one")
    if next(blobs.iter_names(), None) is not None:
        raise ConflictError("the blob store is not empty; restore into a new one")


_TABLE_NAMES: Final = {
    "sqlite": "SELECT name FROM sqlite_master WHERE type = 'table'",
    "postgresql": "SELECT tablename AS name FROM pg_tables WHERE schemaname = current_schema()",
}


def _make_schema(database: Database, metadata: sa.MetaData, revision: str | None, revisions: Path) -> None:
    known = known_revisions(revisions)
    if revision is not None and revision not in known:
        raise InvalidInputError(
            f"the backup is at schema {revision}, which this version does not know; use a newer one"
        )
    if revision is None or revision == known[-1]:
        migrate(database, metadata, revisions=revisions)
        return
    from goldsmith.platform.database import upgrading  # brings Alembic

    upgrading.upgrade(database, metadata, to=revision, revisions=revisions)


def _fill_table(database: Database, table: str, content: IO[bytes]) -> None:
    lines = iter(content)
    head: TableHead = _parse(TableHead, next(lines, b""))
    if not all(_NAME.fullmatch(name) for name in (table, *head.columns)):
        raise InvalidInputError(f"{_DAMAGED}: table {table!r}")
    columns = ", ".join(f'"{name}"' for name in head.columns)
    values = ", ".join(f":{name}" for name in head.columns)
    insert = Sql(f'INSERT INTO "{table}" ({columns}) VALUES ({values})')  # noqa: S608  names checked above
    decoder = msgspec.json.Decoder(list[Any])
    while batch := [dict(zip(head.columns, decoder.decode(line), strict=True)) for line in _some(lines)]:
        for name in head.bytes_columns:
            for row in batch:
                row[name] = None if row[name] is None else base64.b64decode(row[name])
        database.write_sync(lambda tx, batch=batch: tx.many(insert, batch))  # type: ignore[misc]


def _some(lines: Iterator[bytes]) -> Iterator[bytes]:
    return itertools.islice(lines, _ROWS_A_WRITE)
