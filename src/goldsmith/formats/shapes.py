"""Shapes as several formats need them: made of other tools' numbers, cut to the image, turned into each other."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, TypeVar

from pydantic import ValidationError

from goldsmith.core.errors import InvalidInputError
from goldsmith.core.geometry import (
    Box,
    Ellipse,
    Mask,
    Polygon,
    RotatedBox,
    Shape,
)
from goldsmith.core.geometry.masks import MaskForm
from goldsmith.core.geometry.measures import XY, Bounds, bounds_of_ring, convex_hull, has_extent
from goldsmith.core.geometry.raster import mask_of_rings
from goldsmith.core.geometry.shape import Form
from goldsmith.formats.runs import union_of_masks


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
    return fitted(checked(Box, {"box_xyxy": corners}), width=width, height=height, what="box")


def polygon_from_flat(numbers: Sequence[float], *, width: int, height: int) -> Polygon:
    """Return the polygon of x0, y0, x1, y1, ..., cut to the image; a closing point is dropped.

    Raises:
        InvalidInputError: The numbers make no polygon, or it lies outside the image.
    """
    return polygon_from_rings([pairs(numbers, what="polygon", at_least=3)], width=width, height=height)


def polygon_from_rings(rings: Sequence[Sequence[XY]], *, width: int, height: int) -> Polygon:
    """Return the polygon of an outer ring and holes, cut to the image; closing points are dropped.

    Raises:
        InvalidInputError: The rings make no polygon, or it lies outside the image.
    """
    tidy = [list(ring[:-1] if len(ring) > 3 and ring[0] == ring[-1] else ring) for ring in rings]
    polygon = checked(Polygon, {"rings": tidy})
    return fitted(polygon, width=width, height=height, what="polygon")


def pairs(numbers: Sequence[float], *, what: str, at_least: int) -> list[XY]:
    """Return x0, y0, x1, y1, ... as points.

    Raises:
        InvalidInputError: They are too few, odd in number, or not finite.
    """
    if len(numbers) % 2 or len(numbers) < 2 * at_least:
        points = {1: "one point", 2: "two points", 3: "three points"}[at_least]
        raise InvalidInputError(f"a {what} needs at least {points} of two numbers each")
    if not all(math.isfinite(value) for value in numbers):
        raise InvalidInputError(f"the {what} holds a number that is not finite")
    return list(zip(numbers[0::2], numbers[1::2], strict=True))


ShapeT = TypeVar("ShapeT", bound=Shape)


def checked(kind: type[ShapeT], values: Mapping[str, Any]) -> ShapeT:
    """Return a shape made of its fields.

    Raises:
        InvalidInputError: They make none.
    """
    try:
        return kind.model_validate(values)
    except ValidationError as error:
        fault = error.errors()[0]
        raise InvalidInputError(f"not a {kind.model_fields['kind'].default}: {fault['msg']}") from error


def fitted(shape: ShapeT, *, width: int, height: int, what: str = "shape") -> ShapeT:
    """Return a shape cut to the image as ``core.geometry`` does; as it is where the size is not known (0).

    Raises:
        InvalidInputError: It lies outside the image.
    """
    if width <= 0 or height <= 0:
        return shape
    left, top, right, bottom = shape.bounds_xyxy()
    if left >= 0 and top >= 0 and right <= width and bottom <= height:
        return shape
    clipped = shape.clipped(width_px=width, height_px=height)
    if clipped is None:
        raise InvalidInputError(f"the {what} lies outside the image of {width} x {height} pixels")
    return clipped


def rotated_box_of(*, center_xy: XY, size_wh: XY, angle_deg: float) -> RotatedBox:
    """Return a rotated box with any angle.

    Raises:
        InvalidInputError: The numbers make none.
    """
    values = {"center_xy": center_xy, "size_wh": size_wh, "angle_deg": _wrapped(angle_deg, 360.0)}
    return checked(RotatedBox, values)


def ellipse_of(*, center_xy: XY, radii_xy: XY, angle_deg: float) -> Ellipse:
    """Return an ellipse with any angle.

    Raises:
        InvalidInputError: The numbers make none.
    """
    values = {"center_xy": center_xy, "radii_xy": radii_xy, "angle_deg": _wrapped(angle_deg, 180.0)}
    return checked(Ellipse, values)


def _wrapped(angle_deg: float, turn: float) -> float:
    if not math.isfinite(angle_deg):
        raise InvalidInputError("its angle is not finite")
    angle = angle_deg % turn
    return 0.0 if angle >= turn else angle


def rotated_box_of_corners(corners: Sequence[XY]) -> tuple[RotatedBox, float]:
    """Return the rotated box of four corners, and how far in pixels its own corners lie from them at most.

    The side from the first to the second corner lies along the angle.

    Raises:
        InvalidInputError: They make none.
    """
    (x0, y0), (x1, y1), (x2, y2), (x3, y3) = corners
    ux, uy = (x1 - x0 + x2 - x3) / 2, (y1 - y0 + y2 - y3) / 2
    vx, vy = (x3 - x0 + x2 - x1) / 2, (y3 - y0 + y2 - y1) / 2
    box = rotated_box_of(
        center_xy=((x0 + x1 + x2 + x3) / 4, (y0 + y1 + y2 + y3) / 4),
        size_wh=(math.hypot(ux, uy), math.hypot(vx, vy)),
        angle_deg=math.degrees(math.atan2(uy, ux)),
    )
    own = box.corners()
    if ux * vy - uy * vx < 0:  # counterclockwise corners
        own = [own[3], own[2], own[1], own[0]]
    apart = max(math.dist(one, other) for one, other in zip(own, corners, strict=True))
    return box, apart


def smallest_rotated_box(points: Iterable[XY]) -> RotatedBox | None:
    """Return the rotated box of least area around points (a side of it lies on the hull); None where they span none."""
    hull = convex_hull(points)
    best: tuple[float, list[XY]] | None = None
    for (x0, y0), (x1, y1) in zip(hull, [*hull[1:], *hull[:1]], strict=True):
        length = math.dist((x0, y0), (x1, y1))
        if length == 0.0:
            continue
        ux, uy = (x1 - x0) / length, (y1 - y0) / length
        left, top, right, bottom = bounds_of_ring([(ux * x + uy * y, ux * y - uy * x) for x, y in hull])
        area = (right - left) * (bottom - top)
        if area > 0.0 and (best is None or area < best[0]):
            flat = ((left, top), (right, top), (right, bottom), (left, bottom))
            best = area, [(ux * a - uy * b, uy * a + ux * b) for a, b in flat]
    return None if best is None else rotated_box_of_corners(best[1])[0]


def mask_of_parts(parts: Iterable[Sequence[XY]], *, width: int, height: int) -> Mask | None:
    """Return the mask of what any of several rings covers of an image; None where that is the centre of no pixel.

    Args:
        parts: Rings that may overlap.
        width: Of the image in pixels; 0 takes all that the rings cover right of and below the origin.
        height: Likewise.

    Raises:
        InvalidInputError: The mask is too large.
    """
    rings = [list(part) for part in parts]
    if width <= 0 or height <= 0:
        _, _, right, bottom = bounds_of_ring([point for ring in rings for point in ring])
        width, height = max(math.ceil(right), 1), max(math.ceil(bottom), 1)
    masks = [mask_of_rings([ring], width_px=width, height_px=height) for ring in rings]
    found = [mask for mask in masks if mask is not None]
    return union_of_masks(found) if found else None


def bounds_in_image(shape: Form, *, width: int, height: int) -> Bounds | None:
    """Return what of a shape's bounds lies in the image; None where that has no width or no height.

    Args:
        shape: Any.
        width: Of the image in pixels; 0 when it is not known.
        height: Likewise.
    """
    left, top, right, bottom = shape.bounds_xyxy()
    if width > 0 and height > 0:
        left, top = max(left, 0.0), max(top, 0.0)
        right, bottom = min(right, float(width)), min(bottom, float(height))
    return (left, top, right, bottom) if has_extent((left, top, right, bottom)) else None


def cut_to_image(rings: Sequence[Sequence[XY]], *, width: int, height: int) -> list[list[XY]]:
    """Return what of a polygon lies in the image; nothing where its outer ring lies outside.

    Each ring is cut side by side (Sutherland and Hodgman), so that several parts stay one ring along the border.
    """
    cut = [_cut_ring(list(ring), float(width), float(height)) for ring in rings]
    return [ring for ring in cut if len(ring) > 2] if len(cut[0]) > 2 else []


def _cut_ring(ring: list[XY], width: float, height: float) -> list[XY]:
    for axis, limit, sign in ((0, 0.0, 1.0), (0, width, -1.0), (1, 0.0, 1.0), (1, height, -1.0)):
        if ring and any(sign * (point[axis] - limit) < 0.0 for point in ring):
            ring = _cut_side(ring, axis, limit, sign)
    return ring


def _cut_side(ring: list[XY], axis: int, limit: float, sign: float) -> list[XY]:
    kept: list[XY] = []
    last = ring[-1]
    for point in ring:
        is_in, was_in = sign * (point[axis] - limit) >= 0.0, sign * (last[axis] - limit) >= 0.0
        if is_in != was_in:
            share = (limit - last[axis]) / (point[axis] - last[axis])
            other = last[1 - axis] + share * (point[1 - axis] - last[1 - axis])
            kept.append((limit, other) if axis == 0 else (other, limit))
        if is_in:
            kept.append(point)
        last = point
    return kept


def polygons_of(shape: Form) -> list[list[list[XY]]] | None:
    """Return what a shape covers as polygons (an outer ring, then holes); None for points, lines and skeletons."""
    if isinstance(shape, MaskForm):
        return shape.polygons()
    outline = shape.outline()
    return None if outline is None else [outline]
