"""How a picture of any size is fitted into the fixed input of the network, and how boxes come back."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
from PIL import Image

STRIDE_PX = 32
"""Coarsest stride of the network; input sides are multiples of it."""

PAD_VALUE = 114
"""Grey (0 to 255) of the border."""


class Fit(NamedTuple):
    """A picture's place in the network's input: scaled by `scale`, at the top left corner, the rest grey."""

    scale: float
    width_px: int
    height_px: int


def fit(*, width: int, height: int, input_width: int, input_height: int) -> Fit:
    """The largest scale at which a picture of `width` x `height` pixels fits into the input."""
    scale = min(input_width / width, input_height / height)
    return Fit(
        scale=scale,
        width_px=max(1, min(input_width, round(width * scale))),
        height_px=max(1, min(input_height, round(height * scale))),
    )


def place(image: Image.Image, *, input_width: int, input_height: int) -> npt.NDArray[np.uint8]:
    """The letterboxed picture as uint8 [input_height, input_width, 3]."""
    spot = fit(width=image.width, height=image.height, input_width=input_width, input_height=input_height)
    canvas = np.full((input_height, input_width, 3), PAD_VALUE, dtype=np.uint8)
    if image.size != (spot.width_px, spot.height_px):
        image = image.resize((spot.width_px, spot.height_px), Image.Resampling.BILINEAR)
    canvas[: spot.height_px, : spot.width_px] = np.asarray(image)
    return canvas


def input_shape(sizes_wh: Sequence[tuple[int, int]], *, input_size_px: int) -> tuple[int, int]:
    """Input (width, height) in pixels: longer side as asked, proportions of the median picture.

    Args:
        sizes_wh: Width and height of each picture, in pixels.
        input_size_px: Longer side of the input.
    """
    proportion = float(np.median([width / height for width, height in sizes_wh])) if sizes_wh else 1.0
    shorter = input_size_px / proportion if proportion >= 1 else input_size_px * proportion
    # A shortfall under a tenth of a stride is rounding of odd picture sizes, not content.
    rounded = max(STRIDE_PX, int(-(-(shorter - STRIDE_PX / 10) // STRIDE_PX)) * STRIDE_PX)
    return (input_size_px, rounded) if proportion >= 1 else (rounded, input_size_px)
