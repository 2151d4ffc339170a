"""Masks of several people made one: ``resolve_masks`` (STAPLE in the disputed band, or majorities) on ``Masks``.

``fit_mask_skill`` learns how everybody draws, to resolve single objects by later. ``window_of`` and ``pixels_of`` go
from runs of pixels to flags and back.
"""

from goldsmith.science.masks.rasters import Window, pixels_of, window_of
from goldsmith.science.masks.staple import fit_mask_skill, resolve_masks
from goldsmith.science.masks.types import MaskConsensus, MaskObject, Masks, MaskSkill

__all__ = [
    "MaskConsensus",
    "MaskObject",
    "MaskSkill",
    "Masks",
    "Window",
    "fit_mask_skill",
    "pixels_of",
    "resolve_masks",
    "window_of",
]
