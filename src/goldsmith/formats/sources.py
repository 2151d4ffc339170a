"""Where readers take files from: a folder or a zip archive, neither of which is trusted."""

from __future__ import annotations

import os
import stat
import struct
import zipfile
import zlib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import BinaryIO, Final, NamedTuple, Protocol, Self, TypeVar

from goldsmith.core.errors import InvalidInputError, NotFoundError, TooLargeError
from goldsmith.formats.names import fault_of_name, printable


@dataclass(frozen=True, slots=True)
class SourceLimits:
    """Caps on what a source may bring.

    Attributes:
        max_files: Number of files.
        max_file_bytes: Size of one file, unpacked.
        max_total_bytes: Size of all files together, unpacked.
        max_ratio: Unpacked over packed size of an archive's entry larger than a mebibyte.
        max_directory_bytes: Size of an archive's table of contents.
    """

    max_files: int = 500_000
    max_file_bytes: int = 2 * 2**30
    max_total_bytes: int = 200 * 2**30
    max_ratio: float = 300.0
    max_directory_bytes: int = 256 * 2**20


UNPACK_ERRORS: Final = (zipfile.BadZipFile, zlib.error, OSError, EOFError)
"""What reading a broken file or archive may raise."""


class Refusal(NamedTuple):
    """An entry that was left out."""

    where: str
    what: str


class FileSource(Protocol):
    """A set of files, read by name."""

    @property
    def refused(self) -> Sequence[Refusal]:
        """Entries that were left out, with the reason."""
        ...

    def names(self) -> Sequence[str]:
        """Return all names in order: relative, separated by ``/``, and safe (see ``names.fault_of_name``)."""
        ...

    def size_bytes(self, name: str) -> int:
        """Return the size of a file, unpacked."""
        ...

    def open(self, name: str) -> BinaryIO:
        """Open a file for reading; the caller closes it.

        Raises:
            NotFoundError: There is no such name.
        """
        ...


def read_file(source: FileSource, name: str, *, max_bytes: int) -> bytes:
    """Return the content of a file.

    Raises:
        TooLargeError: It is larger than ``max_bytes``.
        InvalidInputError: It cannot be unpacked.
    """
    if source.size_bytes(name) > max_bytes:
        raise TooLargeError(f"{printable(name)} is larger than {max_bytes} bytes")
    data = read_start(source, name, max_bytes=max_bytes + 1)
    if len(data) > max_bytes:
        raise TooLargeError(f"{printable(name)} is larger than {max_bytes} bytes")
    return data


def read_start(source: FileSource, name: str, *, max_bytes: int) -> bytes:
    """Return the first ``max_bytes`` of a file, or all of it.

    Raises:
        InvalidInputError: It cannot be unpacked.
    """
    with source.open(name) as file:
        try:
            return file.read(max_bytes)
        except UNPACK_ERRORS as error:
            raise InvalidInputError(f"{printable(name)} cannot be unpacked: {error}") from error


class FolderSource:
    """The files below a folder; symbolic links and special files are left out.

    Args:
        root: The folder.
        limits: Caps.

    Raises:
        InvalidInputError: ``root`` is no folder.
        TooLargeError: It holds more than the caps allow.
    """

    def __init__(self, root: Path, *, limits: SourceLimits | None = None) -> None:
        if not root.is_dir():
            raise InvalidInputError(f"{root} is not a folder")
        self._root = root
        self._limits = limits or SourceLimits()
        self._sizes: dict[str, int] = {}
        self._refused: list[Refusal] = []
        self._scan()

    @property
    def refused(self) -> Sequence[Refusal]:
        """Entries that were left out, with the reason."""
        return tuple(self._refused)

    def names(self) -> Sequence[str]:
        """Return all names in order."""
        return tuple(self._sizes)

    def size_bytes(self, name: str) -> int:
        """Return the size of a file when the folder was listed."""
        return _found(self._sizes, name)

    def open(self, name: str) -> BinaryIO:
        """Open a file; a link that took its place meanwhile is refused."""
        _found(self._sizes, name)
        flags = os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_BINARY", 0)
        try:
            return os.fdopen(os.open(self._root / name, flags), "rb")
        except OSError as error:
            raise InvalidInputError(f"{printable(name)} cannot be read: {error.strerror}") from error

    def _scan(self) -> None:
        total = 0
        found: list[tuple[str, int]] = []
        for folder, folders, files in os.walk(self._root, followlinks=False):
            inside = Path(folder).relative_to(self._root).as_posix()
            prefix = "" if inside == "." else f"{inside}/"
            for entry in folders:
                if (Path(folder) / entry).is_symlink():
                    self._refused.append(Refusal(printable(prefix + entry), "is a symbolic link"))
            for entry in files:
                size = self._usable_size(Path(folder) / entry, prefix + entry)
                if size is not None:
                    found.append((prefix + entry, size))
                    total += size
            _check_caps(len(found), total, self._limits)
        self._sizes = dict(sorted(found))

    def _usable_size(self, path: Path, name: str) -> int | None:
        """Return the size of a file that may be used; note why not otherwise."""
        fault = fault_of_name(name)
        if fault is None:
            status = path.lstat()
            if stat.S_ISREG(status.st_mode):
                if status.st_size <= self._limits.max_file_bytes:
                    return status.st_size
                fault = f"is larger than {self._limits.max_file_bytes} bytes"
            else:
                fault = "is a symbolic link" if stat.S_ISLNK(status.st_mode) else "is not a plain file"
        self._refused.append(Refusal(printable(name), fault))
        return None


class ZipSource:
    """The files in a zip archive; nothing is unpacked to disk.

    Args:
        archive: Path of the archive, or a seekable binary file that stays open as long as the source is used.
        limits: Caps.

    Raises:
        InvalidInputError: It is no zip archive.
        TooLargeError: It holds more than the caps allow.
    """

    def __init__(self, archive: Path | BinaryIO, *, limits: SourceLimits | None = None) -> None:
        self._limits = limits or SourceLimits()
        self._file: BinaryIO = archive.open("rb") if isinstance(archive, Path) else archive
        self._owns_file = isinstance(archive, Path)
        self._infos: dict[str, zipfile.ZipInfo] = {}
        self._refused: list[Refusal] = []
        try:
            _check_directory(self._file, self._limits)
            self._zip = zipfile.ZipFile(self._file)
            self._scan()
        except (zipfile.BadZipFile, ValueError, struct.error, NotImplementedError) as error:
            self._close_own_file()
            raise InvalidInputError(f"not a usable zip archive: {error}") from error
        except BaseException:
            self._close_own_file()
            raise

    @property
    def refused(self) -> Sequence[Refusal]:
        """Entries that were left out, with the reason."""
        return tuple(self._refused)

    def names(self) -> Sequence[str]:
        """Return all names in order."""
        return tuple(self._infos)

    def size_bytes(self, name: str) -> int:
        """Return the unpacked size of a file; more is never read, whatever the archive holds."""
        return _found(self._infos, name).file_size

    def open(self, name: str) -> BinaryIO:
        """Open a file within the archive."""
        info = _found(self._infos, name)
        try:
            return self._zip.open(info)  # type: ignore[return-value]  # ZipExtFile is a binary file in all but name
        except (zipfile.BadZipFile, NotImplementedError, RuntimeError, OSError) as error:
            raise InvalidInputError(f"{printable(name)} cannot be unpacked: {error}") from error

    def close(self) -> None:
        """Close the archive."""
        self._zip.close()
        self._close_own_file()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _close_own_file(self) -> None:
        if self._owns_file:
            self._file.close()

    def _scan(self) -> None:
        total = 0
        found: dict[str, zipfile.ZipInfo] = {}
        for info in self._zip.infolist():
            if info.is_dir() and fault_of_name(info.orig_filename.rstrip("/")) is None:
                continue
            fault = self._fault_of(info)
            if fault is None and info.filename in found:
                fault = "is there twice; the first one is used"
            if fault is not None:
                self._refused.append(Refusal(printable(info.orig_filename), fault))
                continue
            found[info.filename] = info
            total += info.file_size
            _check_caps(len(found), total, self._limits)
        self._infos = dict(sorted(found.items()))

    def _fault_of(self, info: zipfile.ZipInfo) -> str | None:
        # orig_filename still holds what zipfile would silently cut (NUL) or turn (os.sep)
        fault = fault_of_name(info.orig_filename)
        if fault is not None:
            return fault
        kind = stat.S_IFMT(info.external_attr >> 16)
        if kind not in (0, stat.S_IFREG):
            return "is a symbolic link" if kind == stat.S_IFLNK else "is not a plain file"
        if info.flag_bits & 0x1:
            return "is encrypted"
        if info.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
            return "is packed by a method other than stored or deflated"
        if info.file_size > self._limits.max_file_bytes:
            return f"is larger than {self._limits.max_file_bytes} bytes"
        if info.file_size > 2**20 and info.file_size > self._limits.max_ratio * max(info.compress_size, 1):
            return f"unpacks to more than {self._limits.max_ratio:g} times its packed size"
        return None


def open_source(path: Path, *, limits: SourceLimits | None = None) -> FolderSource | ZipSource:
    """Return the source at a path: a folder, or a zip archive.

    Raises:
        NotFoundError: There is nothing at the path.
        InvalidInputError: It is neither a folder nor a zip archive.
    """
    if path.is_dir():
        return FolderSource(path, limits=limits)
    if path.is_file():
        return ZipSource(path, limits=limits)
    raise NotFoundError(f"{path} does not exist")


EntryT = TypeVar("EntryT", int, zipfile.ZipInfo)


def _found(entries: dict[str, EntryT], name: str) -> EntryT:
    if name not in entries:
        raise NotFoundError(f"there is no file {printable(name)} in the source")
    return entries[name]


def _check_caps(files: int, total_bytes: int, limits: SourceLimits) -> None:
    if files > limits.max_files:
        raise TooLargeError(f"the source holds more than {limits.max_files} files; bring it in parts")
    if total_bytes > limits.max_total_bytes:
        raise TooLargeError(
            f"the source holds more than {limits.max_total_bytes} bytes unpacked; bring it in parts"
        )


_END: Final = struct.Struct("<4s4H2LH")
_END64: Final = struct.Struct("<4sQ2H2L4Q")
_LOCATOR64: Final = struct.Struct("<4sLQL")


def _check_directory(file: BinaryIO, limits: SourceLimits) -> None:
    """Look at an archive's end record before its table of contents is loaded into memory."""
    file.seek(0, os.SEEK_END)
    length = file.tell()
    tail_at = max(0, length - _END.size - 65535)
    file.seek(tail_at)
    tail = file.read()
    at = tail.rfind(b"PK\x05\x06")
    if at < 0 or len(tail) - at < _END.size:
        raise zipfile.BadZipFile("it has no end record")
    _, _, _, _, count, size, _, _ = _END.unpack_from(tail, at)
    if count == 0xFFFF or size == 0xFFFFFFFF:
        locator_at = tail_at + at - _LOCATOR64.size
        file.seek(max(locator_at, 0))
        signature, _, end_at, _ = _LOCATOR64.unpack(file.read(_LOCATOR64.size))
        if signature == b"PK\x06\x07" and end_at + _END64.size <= length:
            file.seek(end_at)
            fields = _END64.unpack(file.read(_END64.size))
            count, size = fields[7], fields[8]
    file.seek(0)
    if count > limits.max_files * 2 or size > limits.max_directory_bytes:
        raise TooLargeError(f"the archive lists {count} entries; at most {limits.max_files} files are taken")
