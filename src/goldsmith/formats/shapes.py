"""Shapes as several formats need them: clipped to the image, flattened, as boxes."""

from __future__ import annotations

import math
from collections.abc import Sequence

from goldsmith.core.errors import InvalidInputError
from goldsmith.core.geometry import Box, Polygon, clip_to_image, parse_geometry


def box_from_corners(corners: tuple[float, float, float, float], *, width: int, height: int) -> Box:
    """Return a box cut to the image.

    Args:
        corners: Left, top, right, bottom in pixels.
        width: Width of the image in pixels; 0 or less leaves the box as it is.
        height: Height of the image in pixels; 0 or less leaves the box as it is.

    Raises:
        InvalidInputError: The numbers make no box, or it lies outside the image.
    """
    left, top, right, bottom = corners
    if not all(math.isfinite(value) for value in corners):
        raise InvalidInputError("the box holds a number that is not finite")
    if not (left < right and top < bottom):
        raise InvalidInputError("the box has no width or no height")
    box = parse_geometry({"kind": "box", "box_xyxy": corners})
    if width <= 0 or height <= 0:
        return _as_box(box)
    clipped = clip_to_image(box, width_px=width, height_px=height)
    if clipped is None:
        raise InvalidInputError(f"the box lies outside the image of {width} x {height} pixels")
    return _as_box(clipped)


def polygon_from_flat(numbers: Sequence[float], *, width: int, height: int) -> Polygon:
    """Return the polygon of x0, y0, x1, y1, ..., cut to the image; a closing point is dropped.

    Raises:
        InvalidInputError: The numbers make no polygon, or it lies outside the image.
    """
    if len(numbers) % 2 or len(numbers) < 6:
        raise InvalidInputError("a polygon needs at least three points of two numbers each")
    if not all(math.isfinite(value) for value in numbers):
        raise InvalidInputError("the polygon holds a number that is not finite")
    points = list(zip(numbers[0::2], numbers[1::2], strict=True))
    if len(points) > 3 and points[0] == points[-1]:
        points.pop()
    polygon = parse_geometry({"kind": "polygon", "rings": [points]})
    if width > 0 and height > 0:
        clipped = clip_to_image(polygon, width_px=width, height_px=height)
        if clipped is None:
            raise InvalidInputError(f"the polygon lies outside the image of {width} x {height} pixels")
        polygon = clipped
    if not isinstance(polygon, Polygon):
        raise InvalidInputError("not a polygon")
    return polygon


def _as_box(shape: Box | Polygon) -> Box:
    return shape if isinstance(shape, Box) else Box(box_xyxy=shape.bounds_xyxy())
