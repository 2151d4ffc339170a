"""Shapes for test mode, within the item and within the limits."""

from __future__ import annotations

from collections.abc import Mapping

from goldsmith.compat.scale_v1.task_types.types import ItemFacts
from goldsmith.core.geometry import (
    AnyShape,
    Box,
    Cuboid,
    Ellipse,
    PointShape,
    Polygon,
    Polyline,
    RotatedBox,
)
from goldsmith.core.geometry.measures import XY

SIZE_PX = 100


def canned_shape(kind: str, limits: Mapping[str, int], item: ItemFacts) -> AnyShape:
    """Return a shape of a kind at the top left of the item: as large as ``SIZE_PX`` or as the limits ask.

    Args:
        kind: Of goldsmith's shapes.
        limits: For this kind, as in ``CheckedTask.limits``.
        item: It lies within, where the limits let it.
    """
    width = float(max(limits.get("min_width_px", 0), min(SIZE_PX, item.width_px)))
    height = float(max(limits.get("min_height_px", 0), min(SIZE_PX, item.height_px)))
    match kind:
        case "box":
            return Box(box_xyxy=(0.0, 0.0, width, height))
        case "rotated_box":
            return RotatedBox(center_xy=(width / 2, height / 2), size_wh=(width, height))
        case "polygon":
            return Polygon(rings=[_zigzag(max(limits.get("min_points", 3), 3), width, height)])
        case "polyline":
            return Polyline(points=_zigzag(max(limits.get("min_points", 2), 2), width, height))
        case "point":
            return PointShape(point_xy=(width / 2, height / 2))
        case "ellipse":
            return Ellipse(center_xy=(width / 2, height / 2), radii_xy=(width / 2, height / 2))
        case "cuboid":
            return _cuboid(width, height)
    raise ValueError(f"no shape of the kind {kind!r} for test mode")


def _zigzag(count: int, width: float, height: float) -> list[XY]:
    """Return points along the top, the last one at the bottom left."""
    steps = count - 2
    along = [(width * step / max(steps, 1), height * (step % 2) / 8) for step in range(steps + 1)]
    return [*along, (0.0, height)]


def _cuboid(width: float, height: float) -> Cuboid:
    left, top, right, bottom = 0.0, height / 4, 3 * width / 4, height
    front = [(left, top), (right, top), (right, bottom), (left, bottom)]
    back = [(x + width / 4, y - height / 4) for x, y in front]
    return Cuboid(corners=[*front, *back])
