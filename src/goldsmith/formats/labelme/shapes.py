"""LabelMe's shapes.

| LabelMe | here |
|---|---|
| ``polygon`` | polygon; holes hang on the ring by bridges |
| ``rectangle`` of two or four corners | box |
| ``oriented_rectangle``, ``rotation`` | rotated box |
| ``circle``: middle and a place on it | ellipse |
| ``line``, ``linestrip`` | polyline |
| ``point``; ``points`` | point; a group of them |
| ``mask``: a PNG from the first point on | mask |

What LabelMe has not is written as the shape that comes nearest (outlines as polygons, curves and skeletons as line
strips), with goldsmith's shape under its own key.
"""

from __future__ import annotations

import base64
import binascii
import io
import math
from collections.abc import Sequence
from typing import Any, Final, NamedTuple

import msgspec
import numpy as np
from PIL import Image

from goldsmith.core.errors import InvalidInputError
from goldsmith.core.geometry import (
    AnyShape,
    Bezier,
    Box,
    Ellipse,
    Mask,
    PointShape,
    Polygon,
    Polyline,
    Skeleton,
)
from goldsmith.core.geometry.measures import XY, bounds_of_ring
from goldsmith.core.geometry.raster import mask_of_pixels, pixels_of_mask
from goldsmith.formats.bridges import parted_as_polygon
from goldsmith.formats.own import is_same_path, own_json, path_of, read_own
from goldsmith.formats.shapes import (
    box_from_corners,
    checked,
    ellipse_of,
    fitted,
    polygon_from_rings,
    rotated_box_of_corners,
)

_POINTS: Final = {
    "rectangle": (2, 4), "circle": (2,), "line": (2,), "point": (1,), "mask": (2,), "oriented_rectangle": (4,),
    "rotation": (4,),
}  # fmt: skip
_MAX_MASK_PX: Final = 2**28
_MAX_POINTS: Final = 1000
_Size = tuple[int, int]


class LabelmeShape(msgspec.Struct):
    """One entry of ``shapes``, with the keys that goldsmith adds."""

    label: str
    points: list[tuple[float, float]]
    shape_type: str | None = None
    group_id: int | str | None = None
    flags: dict[str, Any] | None = None
    description: str | None = None
    mask: str | None = None
    goldsmith: msgspec.Raw = msgspec.Raw()
    goldsmith_group: tuple[int, str] | None = None
    annotation_id: str | None = None
    attributes: dict[str, Any] | None = None
    is_occluded: bool = False
    is_truncated: bool = False
    score: float | None = None
    origin: str | None = None


class StandIn(NamedTuple):
    """A shape in LabelMe's words."""

    shape_type: str
    points: list[XY]
    mask: str | None = None
    own: msgspec.Raw | msgspec.UnsetType = msgspec.UNSET


def shapes_of(record: LabelmeShape, *, size: _Size) -> list[AnyShape]:
    """Return the shape of a record; several for ``points``.

    Raises:
        InvalidInputError: The record does not hold.
    """
    kind = record.shape_type or "polygon"
    points = record.points
    if not all(math.isfinite(value) for point in points for value in point):
        raise InvalidInputError(f"the {kind} holds a number that is not finite")
    wanted = _POINTS.get(kind)
    if wanted is not None and len(points) not in wanted:
        raise InvalidInputError(
            f"a {kind} needs {' or '.join(map(str, wanted))} points; it has {len(points)}"
        )
    own = read_own(record.goldsmith)
    if own is not None:
        stand_in = stand_in_of(own)
        if stand_in.shape_type == kind and is_same_path(stand_in.points, points):
            return [own]
    return _plain(kind, points, record.mask, size)


def stand_in_of(shape: AnyShape) -> StandIn:
    """Return a shape in LabelMe's words, with goldsmith's own where they do not say all."""
    match shape:
        case Box():
            left, top, right, bottom = shape.box_xyxy
            return StandIn("rectangle", [(left, top), (right, bottom)])
        case Polygon():
            return StandIn("polygon", list(path_of(shape) or []))
        case Mask():
            left, top, right, bottom = shape.bounds_xyxy()
            corners = [(left, top), (right - 1.0, bottom - 1.0)]
            return StandIn("mask", corners, _packed(shape))
        case PointShape():
            return StandIn("point", [shape.point_xy])
        case Polyline():
            return StandIn("line" if len(shape.points) == 2 else "linestrip", list(shape.points))
        case Skeleton():
            places = [node.at for node in shape.nodes]
            return StandIn("linestrip" if len(places) > 1 else "point", places, own=own_json(shape))
        case Ellipse() if shape.radii_xy[0] == shape.radii_xy[1]:
            (x, y), radius = shape.center_xy, shape.radii_xy[0]
            return StandIn("circle", [(x, y), (x + radius, y)], own=own_json(shape))
        case Bezier() if not shape.is_closed:
            return StandIn("linestrip", shape.flattened(), own=own_json(shape))
        case _:
            return StandIn("polygon", list(path_of(shape) or []), own=own_json(shape))


def _plain(kind: str, points: Sequence[XY], mask: str | None, size: _Size) -> list[AnyShape]:
    width, height = size
    match kind:
        case "polygon":
            if len(points) < 3:
                raise InvalidInputError("a polygon needs at least three points")
            return [polygon_from_rings(parted_as_polygon(points), width=width, height=height)]
        case "rectangle":
            return [box_from_corners(bounds_of_ring(points), width=width, height=height)]
        case "oriented_rectangle" | "rotation":
            return [fitted(rotated_box_of_corners(points)[0], width=width, height=height)]
        case "circle":
            radius = math.dist(points[0], points[1])
            circle = ellipse_of(center_xy=points[0], radii_xy=(radius, radius), angle_deg=0.0)
            return [fitted(circle, width=width, height=height, what="circle")]
        case "line" | "linestrip":
            return [fitted(checked(Polyline, {"points": points}), width=width, height=height)]
        case "point" | "points":
            if not 0 < len(points) <= _MAX_POINTS:
                raise InvalidInputError(f"{kind} needs 1 to {_MAX_POINTS} points")
            return [
                fitted(checked(PointShape, {"point_xy": at}), width=width, height=height) for at in points
            ]
        case "mask":
            return [_mask(points, mask, size)]
        case _:
            raise InvalidInputError(f"the shape_type {kind[:50]!r} is not known")


def _mask(points: Sequence[XY], text: str | None, size: _Size) -> Mask:
    if not text:
        raise InvalidInputError("a mask needs its pixels under 'mask', a PNG in base64")
    try:
        data = base64.b64decode(text, validate=True)
        with Image.open(io.BytesIO(data), formats=("PNG",)) as picture:
            across, down = picture.size
            _check_mask_size(across, down)
            pixels = np.asarray(picture)
    except (binascii.Error, OSError, ValueError, SyntaxError, Image.DecompressionBombError) as error:
        raise InvalidInputError(f"its mask is not a PNG in base64: {error}") from error
    if pixels.ndim != 2:
        raise InvalidInputError("the PNG of its mask has colours; it must be grey")
    x, y = (round(value) for value in points[0])
    mask = mask_of_pixels(pixels, origin_xy=(x, y))
    if mask is None:
        raise InvalidInputError("its mask has no pixel inside")
    return fitted(mask, width=size[0], height=size[1], what="mask")


def _check_mask_size(across: int, down: int) -> None:
    if across * down > _MAX_MASK_PX:
        raise InvalidInputError(f"its mask has more than {_MAX_MASK_PX} pixels")


def _packed(mask: Mask) -> str:
    buffer = io.BytesIO()
    Image.fromarray(pixels_of_mask(mask).astype(np.uint8)).save(buffer, format="PNG")
    return base64.b64encode(buffer.getvalue()).decode()
