"""What a place for blobs can do."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterable, Iterator
from typing import Final, NamedTuple, Protocol

CHUNK_BYTES: Final = 1 << 20
"""Size of the pieces in which blobs are streamed."""


class PutResult(NamedTuple):
    """What was stored."""

    sha256: str
    """64 hexadecimal digits: the blob's name."""
    size_bytes: int


class BlobPlace(Protocol):
    """A folder or a bucket. Names are 64 hexadecimal digits; ranges are ``start`` up to, not including, ``end``.

    All methods raise NotFoundError for a blob that is not there and BlobStoreError when the place fails.
    """

    def create(self, sha256: str, data: bytes) -> None:
        """Store ``data`` durably unless the blob is there already; readers never see a part of it."""
        ...

    def create_from_chunks(self, chunks: Iterable[bytes]) -> PutResult:
        """Store the concatenation of ``chunks`` as ``create`` does, in flat memory."""
        ...

    def read(self, sha256: str) -> bytes:
        """Return the whole blob."""
        ...

    def read_range(self, sha256: str, start: int, end: int) -> bytes:
        """Return a part; less, or nothing, when the blob ends before."""
        ...

    def size(self, sha256: str) -> int:
        """Return the size in bytes."""
        ...

    def iter_chunks(self, sha256: str, start: int, end: int | None) -> Iterator[bytes]:
        """Yield a part in pieces, in flat memory."""
        ...

    def delete(self, sha256: str) -> None:
        """Remove the blob if it is there."""
        ...

    def iter_names(self) -> Iterator[str]:
        """Yield the names of all blobs, in no order."""
        ...

    async def aread(self, sha256: str) -> bytes:
        """``read`` for the event loop."""
        ...

    async def aread_range(self, sha256: str, start: int, end: int) -> bytes:
        """``read_range`` for the event loop."""
        ...

    def aiter_chunks(self, sha256: str, start: int, end: int | None) -> AsyncIterator[bytes]:
        """``iter_chunks`` for the event loop."""
        ...
