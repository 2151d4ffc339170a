"""Which tiles an image has. The TypeScript twin is ``web/src/engine/render/pyramid.ts``; both read the same vectors.

Level 0 is the image itself, each next level half as wide and high (rounded up), down to the first that is one tile.
Tiles are 512 px a side, less at the right and lower edges.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final, NamedTuple

TILE_PX: Final = 512
"""Side of a tile."""


class Tile(NamedTuple):
    """A tile by its place: column ``x`` and row ``y`` of a level."""

    level: int
    x: int
    y: int


class Pyramid(NamedTuple):
    """The tiles of an upright image of this size in pixels."""

    width_px: int
    height_px: int

    @property
    def levels(self) -> int:
        """How many levels there are."""
        longest = max(self.width_px, self.height_px)
        count = 1
        while longest > TILE_PX:
            longest = -(-longest // 2)
            count += 1
        return count

    def size(self, level: int) -> tuple[int, int]:
        """Return width and height of a level in its own pixels."""
        return -(-self.width_px // 2**level), -(-self.height_px // 2**level)

    def grid(self, level: int) -> tuple[int, int]:
        """Return columns and rows of a level."""
        width, height = self.size(level)
        return -(-width // TILE_PX), -(-height // TILE_PX)

    @property
    def tile_count(self) -> int:
        """How many tiles there are in all levels."""
        return sum(columns * rows for columns, rows in map(self.grid, range(self.levels)))

    def has(self, tile: Tile) -> bool:
        """Say whether there is such a tile."""
        if not 0 <= tile.level < self.levels:
            return False
        columns, rows = self.grid(tile.level)
        return 0 <= tile.x < columns and 0 <= tile.y < rows

    def number(self, tile: Tile) -> int:
        """Return the place of a tile in the order of all: by level, row, column."""
        before = sum(columns * rows for columns, rows in map(self.grid, range(tile.level)))
        return before + tile.y * self.grid(tile.level)[0] + tile.x

    def tiles(self) -> Iterator[Tile]:
        """Yield all tiles in their order."""
        for level in range(self.levels):
            columns, rows = self.grid(level)
            yield from (Tile(level, x, y) for y in range(rows) for x in range(columns))
