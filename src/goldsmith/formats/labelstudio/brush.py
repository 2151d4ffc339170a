"""Label Studio's brush masks: runs of the bytes of an RGBA picture, packed bit by bit.

Source of the form: ``rle-pack`` of thi.ng/umbrella, which Label Studio's converter (``brush.py``) reads and writes too.
32 bits say how many values there are, 5 bits the size of a value less 1, four times 4 bits the sizes of run lengths
less 1. Then follow: a bit that says whether one value is repeated, two bits that choose a size, the length less 1, and
the value, or as many values. Values are red, green, blue and alpha of each pixel, row by row; inside is where alpha is
not 0.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import numpy as np
from numpy.typing import NDArray

from goldsmith.core.errors import InvalidInputError
from goldsmith.core.geometry import Mask

CHANNELS: Final = 4
_SIZES: Final = (3, 4, 8, 16)
_WORD_BITS: Final = 8
_LONGEST: Final = 1 << 16
_FULL: Final = 255


def inside_runs(rle: Sequence[int], *, width: int, height: int) -> list[int]:
    """Return the runs of pixels outside and inside, in turns from outside on, row by row over the whole image.

    Args:
        rle: The bytes.
        width: Of the image in pixels.
        height: Likewise.

    Raises:
        InvalidInputError: They do not hold, or are for another size.
    """
    try:
        data = bytes(rle)
    except (ValueError, TypeError) as error:
        raise InvalidInputError("the rle of its brush must be bytes from 0 to 255") from error
    bits = _Bits(data)
    total = bits.read(32)
    if total != width * height * CHANNELS:
        raise InvalidInputError(
            f"its brush has {total} values; an image of {width} x {height} pixels has {width * height * CHANNELS}"
        )
    word_bits = bits.read(5) + 1
    sizes = [bits.read(4) + 1 for _ in range(4)]
    runs = _Runs()
    at = 0
    while at < total:
        is_run = bits.read(1)
        length = 1 + bits.read(sizes[bits.read(2)])
        if at + length > total:
            raise InvalidInputError("its brush has more values than it says")
        if is_run:
            runs.add(at, length, bits.read(word_bits))
        else:
            for offset in range(length):
                runs.add(at + offset, 1, bits.read(word_bits))
        at += length
    return runs.lengths(width * height)


def pack(mask: Mask, *, width: int, height: int) -> list[int]:
    """Return the bytes of a mask that lies in an image; white and opaque inside, nothing outside."""
    writer = _Writer()
    writer.put(width * height * CHANNELS, 32)
    writer.put(_WORD_BITS - 1, 5)
    for size in _SIZES:
        writer.put(size - 1, 4)
    at = 0
    for row, start, end in mask.spans():
        first, last = row * width + start, row * width + end
        writer.run((first - at) * CHANNELS, 0)
        writer.run((last - first) * CHANNELS, _FULL)
        at = last
    writer.run((width * height - at) * CHANNELS, 0)
    return list(writer.done())


class _Bits:
    """Reads numbers bit by bit, the highest first."""

    def __init__(self, data: bytes) -> None:
        self._data = data
        self._at = 0
        self._end = len(data) * 8

    def read(self, size: int) -> int:
        end = self._at + size
        if end > self._end:
            raise InvalidInputError("the rle of its brush breaks off")
        first, last = self._at // 8, (end + 7) // 8
        value = int.from_bytes(self._data[first:last])
        self._at = end
        return (value >> (last * 8 - end)) & ((1 << size) - 1)


class _Runs:
    """Collects where alpha is not 0."""

    def __init__(self) -> None:
        self._starts: list[int] = []
        self._ends: list[int] = []

    def add(self, at: int, length: int, value: int) -> None:
        """Take note of ``length`` values from ``at`` on."""
        if not value:
            return
        start, end = at // CHANNELS, (at + length) // CHANNELS  # the pixels whose alpha is among them
        if start >= end:
            return
        if self._ends and self._ends[-1] == start:
            self._ends[-1] = end
        else:
            self._starts.append(start)
            self._ends.append(end)

    def lengths(self, total: int) -> list[int]:
        """Return the lengths of runs outside and inside, in turns."""
        edges: NDArray[np.int64] = np.zeros(2 * len(self._starts) + 2, dtype=np.int64)
        edges[1:-1:2], edges[2:-1:2], edges[-1] = self._starts, self._ends, total
        lengths: list[int] = np.diff(edges).tolist()
        return lengths


class _Writer:
    """Writes numbers bit by bit, the highest first."""

    def __init__(self) -> None:
        self._bytes = bytearray()
        self._pending = 0
        self._count = 0

    def put(self, value: int, size: int) -> None:
        self._pending = (self._pending << size) | value
        self._count += size
        while self._count >= 8:
            self._count -= 8
            self._bytes.append((self._pending >> self._count) & 0xFF)
        self._pending &= (1 << self._count) - 1

    def run(self, length: int, value: int) -> None:
        """Write a value that is repeated."""
        while length > 0:
            part = min(length, _LONGEST)
            choice = next(place for place, size in enumerate(_SIZES) if part <= 1 << size)
            self.put(1, 1)
            self.put(choice, 2)
            self.put(part - 1, _SIZES[choice])
            self.put(value, _WORD_BITS)
            length -= part

    def done(self) -> bytes:
        """Return the bytes, the last one filled up with 0."""
        if self._count:
            self.put(0, 8 - self._count)
        return bytes(self._bytes)
