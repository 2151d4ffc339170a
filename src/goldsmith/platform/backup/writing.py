"""Writing a backup."""

from __future__ import annotations

import hashlib
import io
import itertools
import os
import tarfile
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import IO, Any, Final

import msgspec
import sqlalchemy as sa

from goldsmith import __version__
from goldsmith.core.errors import NotFoundError
from goldsmith.core.model import Model
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
    is_compressed,
    opened,
    report_of,
)
from goldsmith.platform.blobs import BlobStore
from goldsmith.platform.database import Database, Sql, Transaction
from goldsmith.platform.database.migrating import find_revision

_ROWS_A_WRITE: Final = 500


def write_backup(
    database: Database,
    blobs: BlobStore,
    metadata: sa.MetaData,
    *,
    target: Path,
    now_ms: int,
    with_blobs: bool = True,
    progress: Progress | None = None,
) -> BackupReport:
    """Write everything to ``target``; the server may go on working.

    Args:
        database: Read in one snapshot.
        blobs: All of them are written: those of the snapshot were stored before it.
        metadata: The tables.
        target: Named ``.tar`` or ``.tar.zst``; appears when it is complete and flushed.
        now_ms: The time to note.
        with_blobs: False where the blob store has backups of its own.
        progress: Told how far it is, in members.

    Raises:
        InvalidInputError: The name of ``target`` ends otherwise.
    """
    is_compressed(target)
    unfinished = target.with_name(f".unfinished-{target.name}")
    try:
        with (
            opened(unfinished, for_writing=True) as file,
            tempfile.TemporaryDirectory(dir=target.parent) as folder,
        ):
            writer = _Writer(file, progress)
            report = _write_all(
                writer, database, blobs, metadata, Path(folder), now_ms=now_ms, with_blobs=with_blobs
            )
        with unfinished.open("rb") as written:
            os.fsync(written.fileno())
        unfinished.chmod(0o600)
        unfinished.replace(target)
    finally:
        unfinished.unlink(missing_ok=True)
    return report


class _Writer:
    """Adds members and keeps their hashes."""

    def __init__(self, file: IO[bytes], progress: Progress | None) -> None:
        self._tar = tarfile.open(fileobj=file, mode="w|", format=tarfile.PAX_FORMAT)  # noqa: SIM115  see close
        self._progress = progress
        self.entries: list[Entry] = []

    def add(
        self, name: str, content: IO[bytes], size_bytes: int, *, now_ms: int, rows: int | None = None
    ) -> None:
        """Add a member of a known size."""
        info = tarfile.TarInfo(name)
        info.size, info.mtime, info.mode = size_bytes, now_ms // 1000, 0o600
        hashing = _Hashing(content)
        self._tar.addfile(info, hashing)  # type: ignore[arg-type]
        self.entries.append(
            Entry(name=name, size_bytes=size_bytes, sha256=hashing.digest.hexdigest(), rows=rows)
        )

    def add_model(self, name: str, model: Model, *, now_ms: int) -> None:
        """Add a structure as JSON."""
        content = model.model_dump_json().encode()
        self.add(name, io.BytesIO(content), len(content), now_ms=now_ms)

    def tell(self, message: str, total: int | None = None) -> None:
        """Tell how far it is."""
        if self._progress is not None:
            self._progress(len(self.entries), total, message)

    def close(self) -> None:
        """End the archive."""
        self._tar.close()


def _write_all(
    writer: _Writer,
    database: Database,
    blobs: BlobStore,
    metadata: sa.MetaData,
    folder: Path,
    *,
    now_ms: int,
    with_blobs: bool,
) -> BackupReport:
    tables = metadata.sorted_tables
    writer.tell("reading tables")
    revision, counts = database.read_sync(lambda tx: _spool_tables(tx, tables, folder))
    header = Header(
        format=FORMAT, goldsmith=__version__, revision=revision, created_ms=now_ms, with_blobs=with_blobs
    )
    writer.add_model(HEADER, header, now_ms=now_ms)
    for table in tables:
        path = folder / table.name
        with path.open("rb") as file:
            name = f"{TABLES}{table.name}.jsonl"
            writer.add(name, file, path.stat().st_size, now_ms=now_ms, rows=counts[table.name])
        path.unlink()
        writer.tell(f"table {table.name}")
    names = sorted(blobs.iter_names()) if with_blobs else []
    for name in names:
        try:
            size_bytes = blobs.size(name)
        except NotFoundError:
            continue  # erased meanwhile
        reader = io.BufferedReader(_ChunkReader(blobs.iter_chunks(name)))
        writer.add(f"{BLOBS}{name}", reader, size_bytes, now_ms=now_ms)
        writer.tell("blobs", len(tables) + 1 + len(names))
    manifest = Manifest(entries=list(writer.entries))
    writer.add_model(MANIFEST, manifest, now_ms=now_ms)
    writer.close()
    return report_of(header, manifest)


def _spool_tables(tx: Transaction, tables: list[sa.Table], folder: Path) -> tuple[str | None, dict[str, int]]:
    """Write each table to a file of JSON lines; returns the schema's revision and the rows of each."""
    counts: dict[str, int] = {}
    for table in tables:
        with (folder / table.name).open("wb") as file:
            counts[table.name] = _spool_table(tx, table, file)
    return find_revision(tx), counts


def _spool_table(tx: Transaction, table: sa.Table, file: IO[bytes]) -> int:
    names = [column.name for column in table.columns]
    bytes_names = [column.name for column in table.columns if isinstance(column.type, sa.LargeBinary)]
    file.write(TableHead(columns=names, bytes_columns=bytes_names).model_dump_json().encode() + b"\n")
    columns = ", ".join(f'"{name}"' for name in names)
    order = ", ".join(f'"{column.name}"' for column in table.primary_key.columns)
    query = f'SELECT {columns} FROM "{table.name}" ORDER BY {order}'  # noqa: S608  names from our own tables
    encoder = msgspec.json.Encoder()
    rows = tx.stream(Sql(query))
    count = 0
    while batch := [[row[name] for name in names] for row in itertools.islice(rows, _ROWS_A_WRITE)]:
        file.write(encoder.encode_lines(batch))
        count += len(batch)
    return count


class _Hashing:
    """Hashes what is read through it."""

    def __init__(self, content: IO[bytes]) -> None:
        self._content = content
        self.digest = hashlib.sha256()

    def read(self, size: int) -> bytes:
        """Read and hash."""
        data = self._content.read(size)
        self.digest.update(data)
        return data


class _ChunkReader(io.RawIOBase):
    """Makes a file of chunks."""

    def __init__(self, chunks: Iterator[bytes]) -> None:
        self._chunks = chunks
        self._rest = memoryview(b"")

    def readable(self) -> bool:
        """Say yes."""
        return True

    def readinto(self, buffer: Any) -> int:
        """Fill the buffer as far as the chunk at hand goes."""
        while not self._rest:
            chunk = next(self._chunks, None)
            if chunk is None:
                return 0
            self._rest = memoryview(chunk)
        count = min(len(buffer), len(self._rest))
        buffer[:count] = self._rest[:count]
        self._rest = self._rest[count:]
        return count
