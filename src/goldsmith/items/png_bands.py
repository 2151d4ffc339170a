"""A PNG as bands of rows, from top to bottom, in the memory of a band however high it is.

The file is inflated piece by piece, and each piece of filtered rows is handed to Pillow as a small PNG of its own, led
by the last row before it, which PNG's filters refer to.
"""

from __future__ import annotations

import io
import struct
import zlib
from collections.abc import Iterator
from typing import Final, NamedTuple

from PIL import Image

from goldsmith.core.errors import CorruptMediaError

_SIGNATURE: Final = b"\x89PNG\r\n\x1a\n"
_READ_BYTES: Final = 1 << 20
_CHANNELS: Final = {0: 1, 2: 3, 3: 1, 4: 2, 6: 4}
_KEPT_CHUNKS: Final = frozenset({b"PLTE", b"tRNS"})


def png_bands(data: bytes, *, rows: int) -> Iterator[Image.Image] | None:
    """Return an iterator over bands of ``rows`` rows each but the last, in the file's own mode.

    None when the file cannot be decoded so: it is interlaced, or has other than 8 bits a channel. The iterator raises
    CorruptMediaError where the file is broken.
    """
    layout = _read_layout(data)
    return None if layout is None else _bands(data, layout, rows)


class _Layout(NamedTuple):
    """What of a PNG is needed to take it apart."""

    width_px: int
    height_px: int
    color_type: int
    kept: bytes
    """Palette and transparency, as chunks."""
    parts: tuple[tuple[int, int], ...]
    """Where the compressed data lie in the file."""

    @property
    def pixel_bytes(self) -> int:
        return _CHANNELS[self.color_type]

    @property
    def line_bytes(self) -> int:
        """Of a filtered row: the filter's number, then the row."""
        return 1 + self.width_px * self.pixel_bytes


def _read_layout(data: bytes) -> _Layout | None:
    """Return how a PNG is laid out; None when it cannot be decoded in bands (interlaced, or not 8 bits a channel)."""
    header: tuple[int, ...] | None = None
    kept: list[bytes] = []
    parts: list[tuple[int, int]] = []
    position = len(_SIGNATURE)
    while position + 8 <= len(data):
        length, kind = struct.unpack_from(">I4s", data, position)
        start, end = position + 8, position + 8 + length
        if end + 4 > len(data):
            break
        if kind == b"IHDR":
            header = struct.unpack_from(">IIBBBBB", data, start)
        elif kind == b"IDAT":
            parts.append((start, end))
        elif kind in _KEPT_CHUNKS:
            kept.append(data[position : end + 4])
        position = end + 4
    if header is None:
        return None
    width, height, depth, color_type, _, _, interlace = header
    if depth != 8 or interlace != 0 or color_type not in _CHANNELS or not parts:
        return None
    return _Layout(width, height, color_type, b"".join(kept), tuple(parts))


def _bands(data: bytes, layout: _Layout, rows: int) -> Iterator[Image.Image]:
    lines = _inflated(data, layout)
    before: bytes | None = None
    for top in range(0, layout.height_px, rows):
        count = min(rows, layout.height_px - top)
        filtered = bytearray()
        while len(filtered) < count * layout.line_bytes:
            piece = next(lines, None)
            if piece is None:
                raise CorruptMediaError("the image is damaged or cut short (its data end too early)")
            filtered += piece
        wanted = count * layout.line_bytes
        band, rest = bytes(filtered[:wanted]), bytes(filtered[wanted:])
        lines = _led_by(rest, lines)
        raw = _decoded(band, before, layout, count)
        before = b"\0" + raw.crop((0, count - 1, layout.width_px, count)).tobytes()
        yield raw


def _led_by(first: bytes, rest: Iterator[bytes]) -> Iterator[bytes]:
    if first:
        yield first
    yield from rest


def _inflated(data: bytes, layout: _Layout) -> Iterator[bytes]:
    """Yield the filtered rows in pieces of bounded size."""
    inflater = zlib.decompressobj()
    try:
        for start, end in layout.parts:
            for position in range(start, end, _READ_BYTES):
                waiting = data[position : min(position + _READ_BYTES, end)]
                while waiting:
                    yield inflater.decompress(waiting, _READ_BYTES * 4)
                    waiting = inflater.unconsumed_tail
        yield inflater.flush()
    except zlib.error as error:
        raise CorruptMediaError(f"the image is damaged or cut short ({error})") from error


def _decoded(band: bytes, before: bytes | None, layout: _Layout, count: int) -> Image.Image:
    """Decode filtered rows that follow the row ``before`` (unfiltered, led by a filter of none)."""
    lead = 0 if before is None else 1
    header = struct.pack(">IIBBBBB", layout.width_px, count + lead, 8, layout.color_type, 0, 0, 0)
    body = zlib.compress((before or b"") + band, level=0)
    png = _SIGNATURE + _chunk(b"IHDR", header) + layout.kept + _chunk(b"IDAT", body) + _chunk(b"IEND", b"")
    try:
        image = Image.open(io.BytesIO(png), formats=["PNG"])
        image.load()
    except Exception as error:  # Pillow's decoders raise of every kind on broken files
        raise CorruptMediaError(f"the image is damaged or cut short ({error})") from error
    return image.crop((0, lead, layout.width_px, count + lead)) if lead else image


def _chunk(kind: bytes, content: bytes) -> bytes:
    return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))
