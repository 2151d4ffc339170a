"""Label Studio's regions: shapes in percent of the image.

| Label Studio | here |
|---|---|
| rectangle, ``rotation`` around its top left corner | box; rotated box when turned |
| ellipse: middle and radii | ellipse |
| polygon | polygon; a polyline when it is not ``closed``; holes hang on the ring by bridges |
| key point | point |
| brush, ``rle`` | mask |

What Label Studio has not is written as the polygon that comes nearest, with goldsmith's shape under ``meta``.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any, Final, NamedTuple

import msgspec

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
    RotatedBox,
    Skeleton,
)
from goldsmith.core.geometry.measures import XY
from goldsmith.formats.bridges import parted_as_polygon
from goldsmith.formats.labelstudio.brush import inside_runs, pack
from goldsmith.formats.own import is_same_path, own_json, path_of, read_own
from goldsmith.formats.runs import mask_from_rows
from goldsmith.formats.shapes import (
    box_from_corners,
    checked,
    ellipse_of,
    fitted,
    polygon_from_rings,
    rotated_box_of,
)

REGIONS: Final = ("rectangle", "ellipse", "polygon", "keypoint", "brush")
_SUFFIX: Final = "labels"
_POINT_SIZE: Final = 0.5
_SAME_PERCENT_PX: Final = 1e-6
_Size = tuple[int, int]


class Region(NamedTuple):
    """A shape in Label Studio's words."""

    kind: str
    value: dict[str, Any]
    own: msgspec.Raw | None = None


def region_kind(result_type: str) -> str | None:
    """Return which of ``REGIONS`` a result's type draws; None for labels, choices and whatever else."""
    kind = result_type.lower().removesuffix(_SUFFIX)
    return kind if kind in REGIONS else None


def shape_of(kind: str, value: Mapping[str, Any], own: Any, *, size: _Size) -> AnyShape:
    """Return the shape of a region.

    Args:
        kind: One of ``REGIONS``.
        value: Of the result.
        own: goldsmith's shape, as it stands under ``meta``; None without one.
        size: Width and height of the image in pixels.

    Raises:
        InvalidInputError: The value does not hold.
    """
    if own is not None:
        known = read_own(msgspec.json.encode(own))
        if known is not None and _says_the_same(region_of(known, size=size), kind, value):
            return known
    width, height = size
    match kind:
        case "rectangle":
            return _rectangle(value, size)
        case "ellipse":
            radii = (_number(value, "radiusX") * width / 100, _number(value, "radiusY") * height / 100)
            turned = ellipse_of(center_xy=_place(value, size), radii_xy=radii, angle_deg=_angle(value))
            return fitted(turned, width=width, height=height, what="ellipse")
        case "polygon":
            return _polygon(value, size)
        case "keypoint":
            point = checked(PointShape, {"point_xy": _place(value, size)})
            return fitted(point, width=width, height=height, what="point")
        case _:
            rle = value.get("rle")
            if not isinstance(rle, list):
                raise InvalidInputError("a brush needs its rle, a list of bytes")
            runs = inside_runs(rle, width=width, height=height)
            return mask_from_rows(runs, origin_xy=(0, 0), size_wh=size)


def region_of(shape: AnyShape, *, size: _Size) -> Region:
    """Return a shape in Label Studio's words, with goldsmith's own where they do not say all."""
    width, height = size
    match shape:
        case Box():
            left, top, right, bottom = shape.box_xyxy
            return Region(
                "rectangle", _corner((left, top), size) | _extent(right - left, bottom - top, size, 0.0)
            )
        case RotatedBox():
            corner = _corner(shape.corners()[0], size)
            value = corner | _extent(*shape.size_wh, size, shape.angle_deg)
            return Region("rectangle", value, None if shape.angle_deg else own_json(shape))
        case Ellipse():
            rx, ry = shape.radii_xy
            radii = {"radiusX": rx / width * 100, "radiusY": ry / height * 100, "rotation": shape.angle_deg}
            return Region("ellipse", _corner(shape.center_xy, size) | radii)
        case PointShape():
            return Region("keypoint", _corner(shape.point_xy, size) | {"width": _POINT_SIZE})
        case Mask():
            return Region("brush", {"format": "rle", "rle": pack(shape, width=width, height=height)})
        case Skeleton():
            return Region(
                "polygon", _ring([node.at for node in shape.nodes], size, is_closed=False), own_json(shape)
            )
        case _:
            is_closed = not (
                isinstance(shape, Polyline) or (isinstance(shape, Bezier) and not shape.is_closed)
            )
            value = _ring(path_of(shape) or [], size, is_closed=is_closed)
            return Region(
                "polygon", value, None if isinstance(shape, Polygon | Polyline) else own_json(shape)
            )


def _rectangle(value: Mapping[str, Any], size: _Size) -> Box | RotatedBox:
    width, height = size
    left, top = _place(value, size)
    across, down = _number(value, "width") * width / 100, _number(value, "height") * height / 100
    angle = _angle(value)
    if angle == 0.0:
        return box_from_corners((left, top, left + across, top + down), width=width, height=height)
    cos, sin = math.cos(math.radians(angle)), math.sin(math.radians(angle))
    middle = (left + cos * across / 2 - sin * down / 2, top + sin * across / 2 + cos * down / 2)
    turned = rotated_box_of(center_xy=middle, size_wh=(across, down), angle_deg=angle)
    return fitted(turned, width=width, height=height, what="rectangle")


def _polygon(value: Mapping[str, Any], size: _Size) -> Polygon | Polyline:
    width, height = size
    points = [(x * width / 100, y * height / 100) for x, y in _points(value)]
    if value.get("closed") is False:
        return fitted(checked(Polyline, {"points": points}), width=width, height=height)
    if len(points) < 3:
        raise InvalidInputError("a polygon needs at least three points")
    return polygon_from_rings(parted_as_polygon(points), width=width, height=height)


def _says_the_same(region: Region, kind: str, value: Mapping[str, Any]) -> bool:
    if region.kind != kind:
        return False
    if kind == "polygon":
        return is_same_path(region.value["points"], _points(value))
    numbers = {key: entry for key, entry in region.value.items() if isinstance(entry, int | float)}
    return all(abs(_number(value, key) - entry) <= _SAME_PERCENT_PX for key, entry in numbers.items())


def _points(value: Mapping[str, Any]) -> list[XY]:
    points = value.get("points")
    is_list = isinstance(points, list) and all(
        isinstance(point, list) and len(point) == 2 and all(_is_number(entry) for entry in point)
        for point in points
    )
    if not is_list or points is None:
        raise InvalidInputError("a polygon needs points of two finite numbers each")
    return [(float(x), float(y)) for x, y in points]


def _ring(points: list[XY], size: _Size, *, is_closed: bool) -> dict[str, Any]:
    return {"points": [[x / size[0] * 100, y / size[1] * 100] for x, y in points], "closed": is_closed}


def _corner(point: XY, size: _Size) -> dict[str, Any]:
    return {"x": point[0] / size[0] * 100, "y": point[1] / size[1] * 100}


def _extent(across: float, down: float, size: _Size, angle_deg: float) -> dict[str, Any]:
    return {"width": across / size[0] * 100, "height": down / size[1] * 100, "rotation": angle_deg}


def _place(value: Mapping[str, Any], size: _Size) -> XY:
    return _number(value, "x") * size[0] / 100, _number(value, "y") * size[1] / 100


def _angle(value: Mapping[str, Any]) -> float:
    return _number(value, "rotation") if value.get("rotation") is not None else 0.0


def _number(value: Mapping[str, Any], key: str) -> float:
    found = value.get(key)
    if not _is_number(found):
        raise InvalidInputError(f"{key} is not a finite number: {str(found)[:50]}")
    return float(found)  # type: ignore[arg-type]  # a number


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value)
