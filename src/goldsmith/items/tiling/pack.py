"""All tiles of an image in one file: a magic word, an index of offsets, then the tiles one after another.

The index holds ``count + 1`` offsets from the beginning of the file, as unsigned 64-bit little-endian numbers; tile
``n`` lies between offsets ``n`` and ``n + 1`` and is empty where it was not made.
"""

from __future__ import annotations

import struct
from collections.abc import Sequence
from typing import Final, NamedTuple

from goldsmith.core.errors import CorruptMediaError

PACK_TYPE: Final = "application/x-goldsmith-tiles"
_MAGIC: Final = b"GSTILES1"
_OFFSET_BYTES: Final = 8


class Extent(NamedTuple):
    """Bytes of the file from ``start`` up to, not including, ``end``."""

    start: int
    end: int


def pack(tiles: Sequence[bytes]) -> bytes:
    """Return the file that holds these tiles in this order."""
    offset = len(_MAGIC) + (len(tiles) + 1) * _OFFSET_BYTES
    offsets = [offset]
    for tile in tiles:
        offset += len(tile)
        offsets.append(offset)
    return b"".join([_MAGIC, struct.pack(f"<{len(offsets)}Q", *offsets), *tiles])


class PackReader(NamedTuple):
    """Knows where the tiles are in a file of ``count`` tiles, by its first bytes alone."""

    offsets: tuple[int, ...]

    @staticmethod
    def index_bytes(count: int) -> int:
        """Return how many bytes at the beginning of the file are needed."""
        return len(_MAGIC) + (count + 1) * _OFFSET_BYTES

    @classmethod
    def read(cls, index: bytes, *, count: int) -> PackReader:
        """Read the beginning of a file.

        Raises:
            CorruptMediaError: It is no file of so many tiles.
        """
        if len(index) != cls.index_bytes(count) or not index.startswith(_MAGIC):
            raise CorruptMediaError("the file of tiles is damaged; have it made again")
        return cls(struct.unpack_from(f"<{count + 1}Q", index, len(_MAGIC)))

    def extent(self, number: int) -> Extent | None:
        """Return where a tile is; None when it was not made."""
        start, end = self.offsets[number : number + 2]
        return Extent(start, end) if end > start else None
