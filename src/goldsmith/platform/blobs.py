"""Content-addressed blobs: bytes are named by their SHA-256 and stored once, on disk or in an object store.

Reading goes through obstore everywhere. Writing to a local folder is done here: obstore renames a finished file into
place without flushing it, so that a power cut could leave an acknowledged blob empty; here the file and its folder are
flushed before ``put`` returns.
"""

from __future__ import annotations

import asyncio
import hashlib
import os
import tempfile
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any, Final, NamedTuple
from urllib.parse import unquote, urlsplit

import obstore
from obstore.exceptions import AlreadyExistsError, BaseError
from obstore.store import from_url

from goldsmith.core.errors import BlobStoreError, NotFoundError

CHUNK_BYTES: Final = 1 << 20


class PutResult(NamedTuple):
    """What was stored."""

    sha256: str
    """64 hexadecimal digits: the blob's name."""
    size_bytes: int


class BlobStore:
    """A folder or bucket of blobs.

    Args:
        url: ``file:///DIR``, ``s3://bucket/prefix``, ``gs://...`` or ``az://...``.
        options: The store's options, such as ``endpoint``, ``region``, ``access_key_id``, ``allow_http``.
    """

    def __init__(self, url: str, options: Mapping[str, str] | None = None) -> None:
        self.url = url
        self._folder: Path | None = None
        if url.startswith("file://"):
            self._folder = Path(unquote(urlsplit(url).path))
            self._folder.mkdir(parents=True, exist_ok=True)
        self._store: Any = from_url(url, **dict(options or {}))

    def put(self, data: bytes) -> str:
        """Store ``data`` durably and return its SHA-256; nothing is written when it is there already."""
        sha256 = hashlib.sha256(data).hexdigest()
        if self._folder is not None:
            if not self.exists(sha256):
                self._put_local(sha256, [data])
            return sha256
        try:
            obstore.put(self._store, _key(sha256), data, mode="create")
        except AlreadyExistsError:
            pass
        except BaseError as error:
            raise _failure(error) from error
        return sha256

    def put_file(self, path: Path) -> PutResult:
        """Store the file at ``path`` in flat memory."""
        with path.open("rb") as file:
            return self.put_chunks(iter(lambda: file.read(CHUNK_BYTES), b""))

    def put_chunks(self, chunks: Iterable[bytes]) -> PutResult:
        """Store the concatenation of ``chunks`` in flat memory."""
        digest = hashlib.sha256()
        size_bytes = 0
        with tempfile.NamedTemporaryFile(dir=self._folder) as spool:
            for chunk in chunks:
                digest.update(chunk)
                size_bytes += len(chunk)
                spool.write(chunk)
            spool.flush()
            sha256 = digest.hexdigest()
            if not self.exists(sha256):
                spool.seek(0)
                if self._folder is not None:
                    self._put_local(sha256, iter(lambda: spool.read(CHUNK_BYTES), b""))
                else:
                    obstore.put(self._store, _key(sha256), Path(spool.name))
        return PutResult(sha256, size_bytes)

    def get(self, sha256: str) -> bytes:
        """Return the whole blob.

        Raises:
            NotFoundError: There is no such blob.
            BlobStoreError: The store failed.
        """
        try:
            return bytes(obstore.get(self._store, _key(sha256)).bytes())
        except (BaseError, FileNotFoundError) as error:
            raise _failure(error) from error

    def get_range(self, sha256: str, start: int, length: int) -> bytes:
        """Return ``length`` bytes from ``start``; fewer at the end."""
        try:
            return bytes(obstore.get_range(self._store, _key(sha256), start=start, length=length))
        except (BaseError, FileNotFoundError) as error:
            raise _failure(error) from error

    def size(self, sha256: str) -> int:
        """Return the size in bytes."""
        try:
            return int(obstore.head(self._store, _key(sha256))["size"])
        except (BaseError, FileNotFoundError) as error:
            raise _failure(error) from error

    def exists(self, sha256: str) -> bool:
        """Say whether the blob is stored."""
        try:
            self.size(sha256)
        except NotFoundError:
            return False
        return True

    def iter_chunks(self, sha256: str, start: int = 0, end: int | None = None) -> Iterator[bytes]:
        """Yield the bytes from ``start`` up to, not including, ``end``, in chunks of at most 1 MiB."""
        position, stop = start, self.size(sha256) if end is None else end
        while position < stop:
            chunk = self.get_range(sha256, position, min(CHUNK_BYTES, stop - position))
            if not chunk:
                return
            position += len(chunk)
            yield chunk

    def delete(self, sha256: str) -> None:
        """Remove the blob; nothing happens when it is not there."""
        try:
            obstore.delete(self._store, _key(sha256))
        except FileNotFoundError:
            return
        except BaseError as error:
            raise _failure(error) from error

    async def aget(self, sha256: str) -> bytes:
        """``get`` for the event loop."""
        return await asyncio.to_thread(self.get, sha256)

    async def aget_range(self, sha256: str, start: int, length: int) -> bytes:
        """``get_range`` for the event loop."""
        return await asyncio.to_thread(self.get_range, sha256, start, length)

    async def aput(self, data: bytes) -> str:
        """``put`` for the event loop."""
        return await asyncio.to_thread(self.put, data)

    def _put_local(self, sha256: str, chunks: Iterable[bytes]) -> None:
        assert self._folder is not None
        final = self._folder / _key(sha256)
        final.parent.mkdir(parents=True, exist_ok=True)
        handle, name = tempfile.mkstemp(dir=final.parent)
        with os.fdopen(handle, "wb") as file:
            for chunk in chunks:
                file.write(chunk)
            file.flush()
            os.fsync(file.fileno())
        Path(name).replace(final)


def _key(sha256: str) -> str:
    if len(sha256) != 64 or not all(digit in "0123456789abcdef" for digit in sha256):
        raise NotFoundError(f"blob {sha256[:80]!r} is not there")
    return f"{sha256[:2]}/{sha256}"


def _failure(error: Exception) -> Exception:
    if isinstance(error, FileNotFoundError):
        return NotFoundError("the blob is not there")
    return BlobStoreError(f"the blob store failed ({type(error).__name__}); try again")
