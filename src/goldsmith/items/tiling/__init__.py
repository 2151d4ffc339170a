"""Huge images as pyramids of tiles: what a browser cannot hold at once is shown a part at a time."""

from goldsmith.items.tiling.cutting import CutOutcome, cut_tiles, try_cut
from goldsmith.items.tiling.pack import PACK_TYPE, PackReader
from goldsmith.items.tiling.pyramid import TILE_PX, Pyramid, Tile

__all__ = ["PACK_TYPE", "TILE_PX", "CutOutcome", "PackReader", "Pyramid", "Tile", "cut_tiles", "try_cut"]
