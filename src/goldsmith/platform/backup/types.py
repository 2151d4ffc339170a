"""The format of a backup."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Final, NamedTuple

from goldsmith.core.errors import InvalidInputError
from goldsmith.core.model import Model

FORMAT: Final = 1
HEADER: Final = "goldsmith.json"
MANIFEST: Final = "manifest.json"
TABLES: Final = "tables/"
BLOBS: Final = "blobs/"

Progress = Callable[[int, int | None, str], None]
"""Told units done, units in all when known, and what is being done."""


class Header(Model):
    """The first member: what this is."""

    format: int
    goldsmith: str
    """Version of goldsmith that wrote it."""
    revision: str | None
    """Revision of the schema."""
    created_ms: int
    with_blobs: bool


class TableHead(Model):
    """The first line of a table; the others are arrays of values."""

    columns: list[str]
    bytes_columns: list[str]
    """Those whose values are base64."""


class Entry(Model):
    """What the manifest says of a member."""

    name: str
    size_bytes: int
    sha256: str
    rows: int | None = None


class Manifest(Model):
    """The last member: what all others are."""

    entries: list[Entry]


class BackupReport(NamedTuple):
    """What a backup holds."""

    created_ms: int
    revision: str | None
    tables: int
    rows: int
    blobs: int
    size_bytes: int
    """Of all members, before compression."""


def report_of(header: Header, manifest: Manifest) -> BackupReport:
    """Sum up a backup."""
    tables = [entry for entry in manifest.entries if entry.name.startswith(TABLES)]
    return BackupReport(
        created_ms=header.created_ms,
        revision=header.revision,
        tables=len(tables),
        rows=sum(entry.rows or 0 for entry in tables),
        blobs=sum(entry.name.startswith(BLOBS) for entry in manifest.entries),
        size_bytes=sum(entry.size_bytes for entry in manifest.entries),
    )


def is_compressed(path: Path) -> bool:
    """Say whether the file's name asks for compression.

    Raises:
        InvalidInputError: It is neither ``.tar`` nor ``.tar.zst``.
    """
    if path.name.endswith(".tar.zst"):
        return True
    if path.name.endswith(".tar"):
        return False
    raise InvalidInputError(f"a backup is named .tar or .tar.zst, not {path.name}")


@contextmanager
def opened(path: Path, *, for_writing: bool) -> Iterator[IO[bytes]]:
    """Open the archive, through zstd when it is compressed."""
    if not is_compressed(path):
        with path.open("wb" if for_writing else "rb") as file:
            yield file
        return
    import pyarrow as pa  # it brings zstd; too heavy to import without need

    with path.open("wb" if for_writing else "rb") as file:
        kind = pa.CompressedOutputStream if for_writing else pa.CompressedInputStream
        with kind(file, "zstd") as stream:
            yield stream
