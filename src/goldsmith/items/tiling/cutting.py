"""Cutting an image into its pyramid of tiles, band by band: each level is fed by the one above and kept no longer."""

from __future__ import annotations

import io
import warnings
from typing import Final, NamedTuple

from PIL import Image

from goldsmith.core.errors import CorruptMediaError
from goldsmith.items.tiling.bands import open_bands
from goldsmith.items.tiling.pack import pack
from goldsmith.items.tiling.pyramid import TILE_PX, Pyramid, Tile

_QUALITY: Final = 90
_PROFILE_BYTES: Final = 4096
"""A colour profile longer than this would weigh more than a tile is worth."""


class CutOutcome(NamedTuple):
    """A file of tiles, or the reason why there is none."""

    pack: bytes | None
    reason: str


def cut_tiles(data: bytes, *, max_pixels: int) -> bytes:
    """Return the file of all tiles of an image; opaque ones are JPEG, others WebP.

    Levels above the one that the image could be decoded at are left empty (see ``open_bands``).

    Args:
        data: The whole image file.
        max_pixels: Cap on width times height.

    Raises:
        CorruptMediaError: It is no image, is broken, or is over a cap.
    """
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        banded = open_bands(data, rows=TILE_PX, max_pixels=max_pixels)
        pyramid = Pyramid(banded.width_px, banded.height_px)
        profile = banded.profile if banded.profile and len(banded.profile) <= _PROFILE_BYTES else None
        cutter = _Cutter(pyramid, profile)
        for band in banded.bands:
            cutter.feed(banded.base_level, band)
        cutter.finish()
    return pack([cutter.tiles.get(tile, b"") for tile in pyramid.tiles()])


def try_cut(data: bytes, *, max_pixels: int) -> CutOutcome:
    """``cut_tiles`` for batch compute: a broken file is a value, not an exception."""
    try:
        return CutOutcome(cut_tiles(data, max_pixels=max_pixels), "")
    except CorruptMediaError as error:
        return CutOutcome(None, error.detail)


class _Cutter:
    """Takes bands of levels and keeps the tiles cut from them."""

    def __init__(self, pyramid: Pyramid, profile: bytes | None) -> None:
        self.tiles: dict[Tile, bytes] = {}
        self._pyramid = pyramid
        self._profile = profile
        self._waiting: dict[int, list[Image.Image]] = {}
        self._row: dict[int, int] = {}

    def feed(self, level: int, band: Image.Image) -> None:
        """Take the next rows of a level; all but its last make whole bands with those before."""
        waiting = self._waiting.setdefault(level, [])
        waiting.append(band)
        if sum(part.height for part in waiting) >= TILE_PX:
            self._cut(level)

    def finish(self) -> None:
        """Cut what is left, from the largest level down."""
        for level in range(self._pyramid.levels):
            if self._waiting.get(level):
                self._cut(level)

    def _cut(self, level: int) -> None:
        band = _joined(self._waiting.pop(level))
        y = self._row.get(level, 0)
        self._row[level] = y + 1
        for x in range(-(-band.width // TILE_PX)):
            box = (x * TILE_PX, 0, min((x + 1) * TILE_PX, band.width), band.height)
            self.tiles[Tile(level, x, y)] = self._encoded(band.crop(box))
        if level + 1 < self._pyramid.levels:
            self.feed(level + 1, band.reduce(2))

    def _encoded(self, tile: Image.Image) -> bytes:
        out = io.BytesIO()
        extra = {"icc_profile": self._profile} if self._profile and tile.mode in ("RGB", "RGBA") else {}
        if tile.mode == "RGBA":
            tile.save(out, "WEBP", quality=_QUALITY, method=2, **extra)
        else:
            tile.save(out, "JPEG", quality=_QUALITY, **extra)
        return out.getvalue()


def _joined(parts: list[Image.Image]) -> Image.Image:
    if len(parts) == 1:
        return parts[0]
    whole = Image.new(parts[0].mode, (parts[0].width, sum(part.height for part in parts)))
    top = 0
    for part in parts:
        whole.paste(part, (0, top))
        top += part.height
    return whole
