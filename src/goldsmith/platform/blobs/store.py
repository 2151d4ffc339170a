"""The blob store that the steps use."""

from __future__ import annotations

import asyncio
import hashlib
import re
from collections import deque
from collections.abc import AsyncIterator, Iterable, Iterator, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from functools import cached_property
from pathlib import Path
from typing import Final
from urllib.parse import unquote, urlsplit

from goldsmith.core.errors import InvalidInputError, NotFoundError
from goldsmith.platform.blobs.folder import FolderPlace
from goldsmith.platform.blobs.types import CHUNK_BYTES, BlobPlace, PutResult

_NAME: Final = re.compile(r"[0-9a-f]{64}")
_WRITERS: Final = 8


class BlobStore:
    """Bytes named by their SHA-256. Thread-safe; any number of processes may share one.

    Every method that takes a name raises NotFoundError when there is no such blob (also for what is no name at all)
    and BlobStoreError when the store fails.

    Args:
        url: ``file:///DIR``, ``s3://bucket/prefix``, ``gs://...`` or ``az://...``.
        options: The store's options, such as ``endpoint``, ``region``, ``access_key_id``, ``allow_http``.
        spool_dir: Where streams to an object store wait until their hash is known; None for the system's folder.

    Raises:
        InvalidInputError: The URL or an option is not understood.
    """

    def __init__(
        self, url: str, options: Mapping[str, str] | None = None, *, spool_dir: Path | None = None
    ) -> None:
        self.url = url
        self._folder: FolderPlace | None = None
        self._place: BlobPlace
        if url.startswith("file://"):
            self._place = self._folder = FolderPlace(Path(unquote(urlsplit(url).path)))
        elif url.startswith(("s3://", "gs://", "az://")):
            from goldsmith.platform.blobs.bucket import (
                BucketPlace,
            )  # costs 15 MiB, which a folder does not need

            self._place = BucketPlace(url, options or {}, spool_dir=spool_dir)
        else:
            raise InvalidInputError(f"blob URL {url!r} is not known; use file:///DIR, s3://, gs:// or az://")

    def put(self, data: bytes) -> str:
        """Store ``data`` durably and return its name; a blob that is there is not written again."""
        sha256 = hashlib.sha256(data).hexdigest()
        self._place.create(sha256, data)
        return sha256

    def put_many(self, blobs: Iterable[bytes]) -> list[str]:
        """Store each of ``blobs``, several at a time, and return their names in order.

        Flushing to disk and asking a server are waiting: eight at once take a fraction of the time.
        """
        names: list[str] = []
        window: deque[Future[str]] = deque()
        for data in blobs:
            window.append(self._writers.submit(self.put, data))
            if len(window) >= 2 * _WRITERS:
                names.append(window.popleft().result())
        return names + [waiting.result() for waiting in window]

    def put_file(self, path: Path) -> PutResult:
        """Store the file at ``path`` in flat memory."""
        with path.open("rb", buffering=0) as file:
            return self.put_chunks(iter(lambda: file.read(CHUNK_BYTES), b""))

    def put_chunks(self, chunks: Iterable[bytes]) -> PutResult:
        """Store the concatenation of ``chunks`` in flat memory."""
        return self._place.create_from_chunks(chunks)

    def get(self, sha256: str) -> bytes:
        """Return the whole blob."""
        return self._place.read(_checked(sha256))

    def get_range(self, sha256: str, start: int, length: int) -> bytes:
        """Return ``length`` bytes from ``start``; fewer, or none, when the blob ends before."""
        return self._place.read_range(_checked(sha256), start, start + length)

    def size(self, sha256: str) -> int:
        """Return the size in bytes."""
        return self._place.size(_checked(sha256))

    def exists(self, sha256: str) -> bool:
        """Say whether the blob is stored."""
        try:
            self.size(sha256)
        except NotFoundError:
            return False
        return True

    def iter_chunks(self, sha256: str, start: int = 0, end: int | None = None) -> Iterator[bytes]:
        """Yield the bytes from ``start`` up to, not including, ``end`` in flat memory."""
        return self._place.iter_chunks(_checked(sha256), start, end)

    def local_path(self, sha256: str) -> Path | None:
        """Return the file the blob is in when the store is a folder, else None; never to be written to."""
        return None if self._folder is None else self._folder.path_of(_checked(sha256))

    def delete(self, sha256: str) -> None:
        """Remove the blob; nothing happens when it is not there."""
        self._place.delete(_checked(sha256))

    def iter_names(self) -> Iterator[str]:
        """Yield the names of all blobs, in no order."""
        return (name for name in self._place.iter_names() if _NAME.fullmatch(name))

    def is_intact(self, sha256: str) -> bool:
        """Read the blob and say whether its bytes still have its hash."""
        digest = hashlib.sha256()
        for chunk in self.iter_chunks(sha256):
            digest.update(chunk)
        return digest.hexdigest() == sha256

    async def aget(self, sha256: str) -> bytes:
        """``get`` for the event loop."""
        return await self._place.aread(_checked(sha256))

    async def aget_range(self, sha256: str, start: int, length: int) -> bytes:
        """``get_range`` for the event loop."""
        return await self._place.aread_range(_checked(sha256), start, start + length)

    async def aput(self, data: bytes) -> str:
        """``put`` for the event loop."""
        return await asyncio.to_thread(self.put, data)

    def aiter_chunks(self, sha256: str, start: int = 0, end: int | None = None) -> AsyncIterator[bytes]:
        """``iter_chunks`` for the event loop."""
        return self._place.aiter_chunks(_checked(sha256), start, end)

    def close(self) -> None:
        """End the threads of ``put_many``."""
        if "_writers" in self.__dict__:
            self._writers.shutdown(wait=True)

    @cached_property
    def _writers(self) -> ThreadPoolExecutor:
        return ThreadPoolExecutor(_WRITERS, thread_name_prefix="blobs")


def _checked(sha256: str) -> str:
    if not _NAME.fullmatch(sha256):
        raise NotFoundError("the blob is not there")
    return sha256
