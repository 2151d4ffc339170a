"""The pixels that shapes cover, worked out plainly: a second opinion on what the product says of them."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tests.e2e.bench import PICTURE_PX

Bits = NDArray[np.bool_]
Floats = NDArray[np.float64]


def pixel_centres() -> tuple[Floats, Floats]:
    """Columns and rows of all pixels' centres."""
    width, height = PICTURE_PX
    x, y = np.meshgrid(np.arange(width) + 0.5, np.arange(height) + 0.5)
    return x, y


def pixels_of_rings(rings: Sequence[Sequence[Sequence[float]]]) -> Bits:
    """Pixels whose centres lie within rings by the even-odd rule."""
    width, height = PICTURE_PX
    xs, ys = np.arange(width) + 0.5, np.arange(height) + 0.5
    inside = np.zeros((height, width), dtype=bool)
    for ring in rings:
        for (x0, y0), (x1, y1) in zip(ring, [*ring[1:], ring[0]], strict=True):
            rows = (y0 > ys) != (y1 > ys)
            if rows.any():
                crossing = x0 + (ys[rows] - y0) / (y1 - y0) * (x1 - x0)
                inside[rows] ^= xs[None, :] > crossing[:, None]
    return inside


def pixels_of_runs(mask: dict[str, Any]) -> Bits:
    """Pixels of a mask on the wire: runs row by row in its rectangle, the background first."""
    (x, y), (across, down) = mask["origin_xy"], mask["size_wh"]
    values = np.arange(len(mask["runs"])) % 2 == 1
    width, height = PICTURE_PX
    bits = np.zeros((height, width), dtype=bool)
    bits[y : y + down, x : x + across] = np.repeat(values, mask["runs"]).reshape(down, across)
    return bits


def corners_of(rotated_box: dict[str, Any]) -> list[list[float]]:
    """Corners of a rotated box, the first side along its angle."""
    (x, y), (width, height) = rotated_box["center_xy"], rotated_box["size_wh"]
    angle = math.radians(rotated_box["angle_deg"])
    cos, sin = math.cos(angle), math.sin(angle)
    signs = ((-1, -1), (1, -1), (1, 1), (-1, 1))
    halves = [(a * width / 2, b * height / 2) for a, b in signs]
    return [[x + cos * dx - sin * dy, y + sin * dx + cos * dy] for dx, dy in halves]


def pixels_of(geometry: dict[str, Any]) -> Bits | None:
    """Pixels of shapes with straight borders, and of masks; None for others."""
    match geometry["kind"]:
        case "mask":
            return pixels_of_runs(geometry)
        case "polygon":
            return pixels_of_rings(geometry["rings"])
        case "rotated_box":
            return pixels_of_rings([corners_of(geometry)])
        case "box":
            x0, y0, x1, y1 = geometry["box_xyxy"]
            return pixels_of_rings([[[x0, y0], [x1, y0], [x1, y1], [x0, y1]]])
        case _:
            return None
