"""Blobs in an object store through obstore: S3-compatible, Google, Azure."""

from __future__ import annotations

import hashlib
from collections.abc import AsyncIterator, Iterable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryFile
from typing import IO, Any, Final

import obstore
import structlog
from obstore.exceptions import AlreadyExistsError, BaseError
from obstore.store import from_url

from goldsmith.core.errors import BlobStoreError, InvalidInputError, NotFoundError
from goldsmith.platform.blobs.types import CHUNK_BYTES, PutResult

_log = structlog.get_logger()
_CLIENT_OPTIONS: Final = frozenset(
    {
        "allow_http",
        "allow_invalid_certificates",
        "connect_timeout",
        "timeout",
        "proxy_url",
        "proxy_ca_certificate",
    }
)
_WHOLE_BYTES: Final = 8 << 20
_PART_BYTES: Final = 8 << 20
_PARTS_AT_ONCE: Final = 4


class BucketPlace:
    """A bucket, or a prefix in it.

    Args:
        url: Such as ``s3://bucket/prefix``.
        options: The store's and its HTTP client's options by obstore's names, such as ``endpoint``, ``region``,
            ``access_key_id``, ``secret_access_key``, ``allow_http``.
        spool_dir: Where streams are kept until their hash is known; None for the system's folder.
    """

    def __init__(self, url: str, options: Mapping[str, str], *, spool_dir: Path | None) -> None:
        client = {name: value for name, value in options.items() if name in _CLIENT_OPTIONS}
        config = {name: value for name, value in options.items() if name not in _CLIENT_OPTIONS}
        self._spool_dir = spool_dir
        self._store: Any
        try:
            self._store = from_url(url, config=config, client_options=client)  # type: ignore[call-overload]
        except (BaseError, ValueError) as error:
            raise InvalidInputError(f"the blob store cannot be opened: {_first_line(error)}") from error

    def create(self, sha256: str, data: bytes) -> None:
        """Store ``data`` unless the blob is there already: one conditional request."""
        with _told():
            try:
                obstore.put(self._store, _key(sha256), data, mode="create", use_multipart=False)
            except AlreadyExistsError:
                return

    def create_from_chunks(self, chunks: Iterable[bytes]) -> PutResult:
        """Store the concatenation of ``chunks``; spooled to disk, for the name is known at the end only."""
        digest = hashlib.sha256()
        with TemporaryFile(dir=self._spool_dir) as spool:
            for chunk in chunks:
                digest.update(chunk)
                spool.write(chunk)
            stored = PutResult(digest.hexdigest(), spool.tell())
            spool.seek(0)
            if stored.size_bytes <= _WHOLE_BYTES:
                self.create(stored.sha256, spool.read())
            elif not self._is_there(stored.sha256):
                self._upload(stored.sha256, spool)
        return stored

    def read(self, sha256: str) -> bytes:
        """Return the whole blob."""
        with _told():
            return obstore.get(self._store, _key(sha256)).bytes().to_bytes()

    def read_range(self, sha256: str, start: int, end: int) -> bytes:
        """Return a part; less, or nothing, when the blob ends before."""
        if end <= start:
            return b""
        with _told():
            try:
                return obstore.get_range(self._store, _key(sha256), start=start, end=end).to_bytes()
            except BaseError:
                if start >= self.size(sha256):
                    return b""
                raise

    def size(self, sha256: str) -> int:
        """Return the size in bytes."""
        with _told():
            return obstore.head(self._store, _key(sha256))["size"]

    def iter_chunks(self, sha256: str, start: int, end: int | None) -> Iterator[bytes]:
        """Yield a part in pieces, by one request."""
        stop = self.size(sha256) if end is None else min(end, self.size(sha256))
        if stop <= start:
            return
        with _told():
            found = obstore.get(self._store, _key(sha256), options={"range": (start, stop)})
            for chunk in found.stream(min_chunk_size=CHUNK_BYTES):
                yield bytes(chunk)

    def delete(self, sha256: str) -> None:
        """Remove the blob if it is there."""
        try:
            with _told():
                obstore.delete(self._store, _key(sha256))
        except NotFoundError:
            return

    def iter_names(self) -> Iterator[str]:
        """Yield the names of all blobs."""
        with _told():
            for batch in obstore.list(self._store):
                yield from (entry["path"].rsplit("/", 1)[-1] for entry in batch)

    async def aread(self, sha256: str) -> bytes:
        """``read`` for the event loop."""
        with _told():
            found = await obstore.get_async(self._store, _key(sha256))
            return (await found.bytes_async()).to_bytes()

    async def aread_range(self, sha256: str, start: int, end: int) -> bytes:
        """``read_range`` for the event loop."""
        if end <= start:
            return b""
        with _told():
            try:
                found = await obstore.get_range_async(self._store, _key(sha256), start=start, end=end)
            except BaseError:
                if start >= (await obstore.head_async(self._store, _key(sha256)))["size"]:
                    return b""
                raise
            return found.to_bytes()

    async def aiter_chunks(self, sha256: str, start: int, end: int | None) -> AsyncIterator[bytes]:
        """``iter_chunks`` for the event loop."""
        with _told():
            size_bytes = (await obstore.head_async(self._store, _key(sha256)))["size"]
            stop = size_bytes if end is None else min(end, size_bytes)
            if stop <= start:
                return
            found = await obstore.get_async(self._store, _key(sha256), options={"range": (start, stop)})
            async for chunk in found.stream(min_chunk_size=CHUNK_BYTES):
                yield bytes(chunk)

    def _is_there(self, sha256: str) -> bool:
        try:
            self.size(sha256)
        except NotFoundError:
            return False
        return True

    def _upload(self, sha256: str, file: IO[bytes]) -> None:
        with _told():
            obstore.put(
                self._store, _key(sha256), file, chunk_size=_PART_BYTES, max_concurrency=_PARTS_AT_ONCE
            )


def _key(sha256: str) -> str:
    return f"{sha256[:2]}/{sha256}"


def _first_line(error: Exception) -> str:
    return str(error).strip().split("\n", 1)[0][:300]


@contextmanager
def _told() -> Iterator[None]:
    """Turn the store's errors into goldsmith's; what a server answered goes to the log, never to the caller."""
    try:
        yield
    except FileNotFoundError as error:
        raise NotFoundError("the blob is not there") from error
    except (BaseError, OSError, ValueError) as error:
        _log.warning("blob store failed", reason=_first_line(error))
        raise BlobStoreError(
            "the blob store did not answer or refused; the server's log tells why"
        ) from error
