"""Blobs in a local folder, as ``ab/abcdef...``.

Written here and not by obstore, whose local store renames a finished file into place without flushing it (traced: no
fsync), so that a power cut could leave an acknowledged blob empty. Here the file is flushed, renamed, and its folder
flushed before ``create`` returns. Reading a file of 80 KB this way also takes half the CPU.
"""

from __future__ import annotations

import asyncio
import hashlib
import os
import time
from collections.abc import AsyncIterator, Iterable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from tempfile import NamedTemporaryFile
from typing import IO, Final

from goldsmith.core.errors import BlobStoreError, NotFoundError
from goldsmith.platform.blobs.types import CHUNK_BYTES, PutResult

_UNFINISHED: Final = "unfinished"
_ABANDONED_AFTER_S: Final = 86_400.0


class FolderPlace:
    """A folder that other processes may use too.

    Args:
        root: The folder; made when absent.
    """

    def __init__(self, root: Path) -> None:
        self._root = root
        self._unfinished = root / _UNFINISHED
        self._unfinished.mkdir(parents=True, exist_ok=True)
        self._remove_abandoned()

    def path_of(self, sha256: str) -> Path:
        """Return where the blob is, or would be."""
        return self._root / sha256[:2] / sha256

    def create(self, sha256: str, data: bytes) -> None:
        """Store ``data`` durably unless the blob is there already."""
        with _told():
            if self._is_there(sha256):
                return
            with self._new_file() as file:
                file.write(data)
                self._publish(file, sha256)

    def create_from_chunks(self, chunks: Iterable[bytes]) -> PutResult:
        """Store the concatenation of ``chunks`` in flat memory."""
        digest = hashlib.sha256()
        with _told(), self._new_file() as file:
            for chunk in chunks:
                digest.update(chunk)
                file.write(chunk)
            size_bytes = file.tell()
            sha256 = digest.hexdigest()
            if not self._is_there(sha256):
                self._publish(file, sha256)
        return PutResult(sha256, size_bytes)

    def read(self, sha256: str) -> bytes:
        """Return the whole blob."""
        with _told():
            return self.path_of(sha256).read_bytes()

    def read_range(self, sha256: str, start: int, end: int) -> bytes:
        """Return a part; less, or nothing, when the blob ends before."""
        with _told(), self.path_of(sha256).open("rb", buffering=0) as file:
            return os.pread(file.fileno(), max(0, end - start), start)

    def size(self, sha256: str) -> int:
        """Return the size in bytes."""
        with _told():
            return self.path_of(sha256).stat().st_size

    def iter_chunks(self, sha256: str, start: int, end: int | None) -> Iterator[bytes]:
        """Yield a part in pieces."""
        with _told(), self.path_of(sha256).open("rb", buffering=0) as file:
            file.seek(start)
            left = None if end is None else end - start
            while left is None or left > 0:
                chunk = file.read(CHUNK_BYTES if left is None else min(CHUNK_BYTES, left))
                if not chunk:
                    return
                left = None if left is None else left - len(chunk)
                yield chunk

    def delete(self, sha256: str) -> None:
        """Remove the blob if it is there."""
        with _told():
            self.path_of(sha256).unlink(missing_ok=True)

    def iter_names(self) -> Iterator[str]:
        """Yield the names of all blobs."""
        for folder in self._root.iterdir():
            if folder.name != _UNFINISHED and folder.is_dir():
                yield from (entry.name for entry in os.scandir(folder))

    async def aread(self, sha256: str) -> bytes:
        """``read`` for the event loop."""
        return await asyncio.to_thread(self.read, sha256)

    async def aread_range(self, sha256: str, start: int, end: int) -> bytes:
        """``read_range`` for the event loop."""
        return await asyncio.to_thread(self.read_range, sha256, start, end)

    async def aiter_chunks(self, sha256: str, start: int, end: int | None) -> AsyncIterator[bytes]:
        """``iter_chunks`` for the event loop."""
        chunks = self.iter_chunks(sha256, start, end)
        while (chunk := await asyncio.to_thread(next, chunks, None)) is not None:
            yield chunk

    def _is_there(self, sha256: str) -> bool:
        """Say whether the blob is there; whoever wrote it a moment ago may not have flushed the folder yet."""
        path = self.path_of(sha256)
        if not path.exists():
            return False
        _flush_folder(path.parent)
        return True

    @contextmanager
    def _new_file(self) -> Iterator[IO[bytes]]:
        file = NamedTemporaryFile(dir=self._unfinished, delete=False)  # noqa: SIM115  closed below, after renaming
        try:
            yield file
        finally:
            file.close()
            with suppress(FileNotFoundError):  # it was renamed
                Path(file.name).unlink()

    def _publish(self, file: IO[bytes], sha256: str) -> None:
        final = self.path_of(sha256)
        if not final.parent.exists():
            final.parent.mkdir(exist_ok=True)
            _flush_folder(self._root)
        file.flush()
        os.fsync(file.fileno())
        Path(file.name).chmod(0o644)
        Path(file.name).replace(final)
        _flush_folder(final.parent)

    def _remove_abandoned(self) -> None:
        oldest_s = time.time() - _ABANDONED_AFTER_S
        for path in self._unfinished.iterdir():
            with suppress(FileNotFoundError):
                if path.stat().st_mtime < oldest_s:
                    path.unlink()


def _flush_folder(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


@contextmanager
def _told() -> Iterator[None]:
    """Turn the system's errors into goldsmith's."""
    try:
        yield
    except FileNotFoundError as error:
        raise NotFoundError("the blob is not there") from error
    except OSError as error:
        raise BlobStoreError(
            f"the folder of blobs failed: {error.strerror}; look at its disk and rights"
        ) from error
