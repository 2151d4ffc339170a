"""Scale's shapes of images as goldsmith's, and back.

What their format cannot hold: a hole of a polygon becomes a seam that runs into it and back (the area stays the same
by the even-odd rule); ``integer_pixels`` rounds; ``x_only`` and ``y_only`` points keep both numbers.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any, Final

from goldsmith.compat.scale_v1.task_types.cuboids import cuboid_fields, read_cuboid
from goldsmith.compat.scale_v1.task_types.reading import Place
from goldsmith.core.geometry import AnyShape, Box, Cuboid, Ellipse, PointShape, Polygon, Polyline, RotatedBox
from goldsmith.core.geometry.measures import XY
from goldsmith.core.geometry.shape import MAX_COORDINATE_PX

GEOMETRIES: Final[dict[str, tuple[str, ...]]] = {
    "box": ("box",),
    "polygon": ("polygon",),
    "line": ("polyline",),
    "point": ("point",),
    "cuboid": ("cuboid",),
    "ellipse": ("ellipse",),
}
"""The kinds of goldsmith's shapes that each of Scale's geometries is drawn with; a box that can turn also turned."""

TYPE_OF_KIND: Final[dict[str, str]] = {
    **{kind: name for name, kinds in GEOMETRIES.items() for kind in kinds},
    "rotated_box": "box",
}


def vertices_of(points: Sequence[XY]) -> list[dict[str, float]]:
    """Return points as Scale's vertices."""
    return [{"x": x, "y": y} for x, y in points]


def shape_fields(
    shape: AnyShape, *, can_rotate: bool = False, integer_pixels: bool = False
) -> dict[str, Any]:
    """Return the fields of a geometry object that tell where it is, without type and label.

    Args:
        shape: Of a kind in ``TYPE_OF_KIND``.
        can_rotate: Whether upright boxes tell their rotation too.
        integer_pixels: Whether upright boxes are told in whole pixels.
    """
    match shape:
        case Box():
            fields = box_fields(shape, integer_pixels=integer_pixels and not can_rotate)
            corners = vertices_of(shape.outline()[0]) if can_rotate else []
            return {**fields, "rotation": 0.0, "vertices": corners} if can_rotate else fields
        case RotatedBox():
            (x, y), (width, height) = shape.center_xy, shape.size_wh
            return {
                "left": x - width / 2,
                "top": y - height / 2,
                "width": width,
                "height": height,
                "rotation": math.radians(shape.angle_deg),
                "vertices": vertices_of(shape.corners()),
            }
        case Polygon():
            return {"vertices": vertices_of(_seamed(shape.rings))}
        case Polyline():
            return {"vertices": vertices_of(shape.points)}
        case PointShape():
            return {"x": shape.point_xy[0], "y": shape.point_xy[1]}
        case Cuboid():
            return cuboid_fields(shape)
        case Ellipse():
            return {"vertices": vertices_of(_extremes(shape))}
    raise ValueError(f"{shape.kind} has no form in Scale's API")


def box_fields(box: Box, *, integer_pixels: bool = False) -> dict[str, float]:
    """Return left, top, width and height; in whole pixels at least one wide and high."""
    left, top, right, bottom = box.box_xyxy
    if not integer_pixels:
        return {"left": left, "top": top, "width": right - left, "height": bottom - top}
    x, y = round(left), round(top)
    return {"left": x, "top": y, "width": max(round(right) - x, 1), "height": max(round(bottom) - y, 1)}


def read_shape(name: str, place: Place) -> AnyShape:
    """Read the geometry object of a type.

    Raises:
        ParameterFault: Its numbers do not make a shape.
    """
    try:
        match name:
            case "box":
                return _read_box(place)
            case "polygon":
                return Polygon(rings=[read_vertices(place.at("vertices"), least=3)])
            case "line":
                return Polyline(points=read_vertices(place.at("vertices"), least=2))
            case "point":
                return PointShape(point_xy=_read_xy(place))
            case "cuboid":
                return read_cuboid(place)
            case "ellipse":
                return _read_ellipse(place)
    except ValueError as error:
        raise place.fault(f"is not a {name}: {_sentence(error)}") from error
    raise place.at("type").fault(f"must be one of [{', '.join(GEOMETRIES)}]")


def _sentence(error: ValueError) -> str:
    """Return what pydantic says without its preface."""
    faults = getattr(error, "errors", None)
    first = faults()[0]["msg"] if callable(faults) else str(error)
    return str(first).removeprefix("Value error, ")


def read_vertices(place: Place, *, least: int = 1) -> list[XY]:
    """Read a list of vertices."""
    return [_read_xy(entry) for entry in place.required().items(least=least)]


def _read_xy(place: Place) -> XY:
    return _coordinate(place.at("x")), _coordinate(place.at("y"))


def _coordinate(place: Place) -> float:
    return float(place.number(least=-MAX_COORDINATE_PX, most=MAX_COORDINATE_PX))


def _read_box(place: Place) -> AnyShape:
    left, top = _coordinate(place.at("left")), _coordinate(place.at("top"))
    width, height = _coordinate(place.at("width")), _coordinate(place.at("height"))
    turn = place.at("rotation").maybe(_coordinate) or 0.0
    angle_deg = math.degrees(turn) % 360.0
    if angle_deg in (0.0, 360.0):
        return Box(box_xyxy=(left, top, left + width, top + height))
    center = (left + width / 2, top + height / 2)
    return RotatedBox(center_xy=center, size_wh=(width, height), angle_deg=angle_deg)


def _seamed(rings: Sequence[Sequence[XY]]) -> list[XY]:
    outer, *holes = rings
    path = list(outer)
    for hole in holes:
        path += [outer[0], *hole, hole[0]]
    return [*path, outer[0]] if holes else path


def _extremes(ellipse: Ellipse) -> list[XY]:
    """Return the ends of its axes: for an upright one top, right, bottom, left."""
    (x, y), (rx, ry) = ellipse.center_xy, ellipse.radii_xy
    angle = math.radians(ellipse.angle_deg)
    ux, uy = rx * math.cos(angle), rx * math.sin(angle)
    vx, vy = -ry * math.sin(angle), ry * math.cos(angle)
    return [(x - vx, y - vy), (x + ux, y + uy), (x + vx, y + vy), (x - ux, y - uy)]


def _read_ellipse(place: Place) -> Ellipse:
    ends = read_vertices(place.at("vertices"), least=4)
    if len(ends) != 4:
        raise place.at("vertices").fault("must contain 4 items")
    top, right, bottom, left = ends
    center = (sum(x for x, _ in ends) / 4, sum(y for _, y in ends) / 4)
    ux, uy = (right[0] - left[0]) / 2, (right[1] - left[1]) / 2
    vx, vy = (bottom[0] - top[0]) / 2, (bottom[1] - top[1]) / 2
    angle_deg = math.degrees(math.atan2(uy, ux)) % 180.0
    return Ellipse(
        center_xy=center,
        radii_xy=(math.hypot(ux, uy), math.hypot(vx, vy)),
        angle_deg=0.0 if angle_deg >= 180.0 else angle_deg,
    )
