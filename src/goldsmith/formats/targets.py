"""Where writers put files: a folder, or a zip archive whose bytes depend on nothing but the files."""

from __future__ import annotations

import os
import shutil
import zipfile
from pathlib import Path
from types import TracebackType
from typing import BinaryIO, Final, Protocol, Self

from goldsmith.core.errors import ConflictError
from goldsmith.formats.names import checked_name, printable, split_extension

_EPOCH: Final = (1980, 1, 1, 0, 0, 0)
_PACKED_ALREADY: Final = frozenset({".jpg", ".jpeg", ".png", ".webp", ".gif", ".zip", ".parquet"})
_CHUNK_BYTES: Final = 2**20


class FileTarget(Protocol):
    """A place for files, written one after the other."""

    def put(self, name: str, content: bytes | BinaryIO) -> None:
        """Write a whole file.

        Args:
            name: Relative path with ``/``.
            content: Its bytes, or a file that is read to its end and left open.

        Raises:
            InvalidInputError: The name may not be used.
            ConflictError: There is a file of that name already.
        """
        ...


class FolderTarget:
    """A folder, made when it is not there; files in it are never overwritten.

    Args:
        root: The folder.
    """

    def __init__(self, root: Path) -> None:
        self._root = root
        root.mkdir(parents=True, exist_ok=True)

    def put(self, name: str, content: bytes | BinaryIO) -> None:
        """Write a whole file below the folder."""
        path = self._root / checked_name(name)
        path.parent.mkdir(parents=True, exist_ok=True)
        flags = (
            os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_BINARY", 0)
        )
        try:
            descriptor = os.open(path, flags, 0o644)
        except FileExistsError as error:
            raise ConflictError(f"{printable(name)} is there already; export to an empty folder") from error
        with os.fdopen(descriptor, "wb") as file:
            _copy(content, file)


class ZipTarget:
    """A zip archive; equal files in equal order give equal bytes.

    Args:
        archive: Path of the archive, or a binary file to write to (it need not be seekable).
    """

    def __init__(self, archive: Path | BinaryIO) -> None:
        self._zip = zipfile.ZipFile(archive, "w", compression=zipfile.ZIP_DEFLATED, allowZip64=True)
        self._names: set[str] = set()

    def put(self, name: str, content: bytes | BinaryIO) -> None:
        """Write a whole file into the archive; what is packed already is stored as it is."""
        if checked_name(name) in self._names:
            raise ConflictError(f"{printable(name)} is in the archive already")
        self._names.add(name)
        info = zipfile.ZipInfo(name, date_time=_EPOCH)
        info.create_system = 3
        info.external_attr = 0o100644 << 16
        is_packed = split_extension(name)[1].lower() in _PACKED_ALREADY
        info.compress_type = zipfile.ZIP_STORED if is_packed else zipfile.ZIP_DEFLATED
        if isinstance(content, bytes):
            self._zip.writestr(info, content)
            return
        with self._zip.open(info, "w", force_zip64=True) as file:
            shutil.copyfileobj(content, file, _CHUNK_BYTES)

    def close(self) -> None:
        """Write the table of contents; without it the archive is not usable."""
        self._zip.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


def _copy(content: bytes | BinaryIO, file: BinaryIO) -> None:
    if isinstance(content, bytes):
        file.write(content)
    else:
        shutil.copyfileobj(content, file, _CHUNK_BYTES)
