"""Masks of several people made one: ``resolve_masks`` (STAPLE in the disputed band, or majorities) on ``Masks``.

``window_of`` and ``pixels_of`` go from runs of pixels to flags and back.
"""

from goldsmith.science.masks.rasters import Window, pixels_of, window_of
from goldsmith.science.masks.staple import resolve_masks
from goldsmith.science.masks.types import MaskConsensus, MaskObject, Masks

__all__ = ["MaskConsensus", "MaskObject", "Masks", "Window", "pixels_of", "resolve_masks", "window_of"]
