"""Which kind of shape may be redrawn as which other, and how: the one table of it.

A redrawn shape says less than the first one or the same, never more; the first target of a kind loses the least.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from typing import Final

from goldsmith.core.errors import InvalidInputError
from goldsmith.core.geometry.boxes import Box, BoxForm, RotatedBox
from goldsmith.core.geometry.curves import Bezier, BezierForm, BezierNode, EllipseForm
from goldsmith.core.geometry.masks import MaskForm
from goldsmith.core.geometry.measures import has_extent
from goldsmith.core.geometry.polygons import Polygon, Polyline, PolylineForm
from goldsmith.core.geometry.raster import mask_of_shape
from goldsmith.core.geometry.registry import AnyShape
from goldsmith.core.geometry.shape import MAX_MASK_SIDE_PX, MAX_NODES, MAX_POINTS, MAX_RINGS, Form

Size = tuple[int, int]

MAX_PARTS: Final = 1000
"""A mask in more parts than these is not redrawn as polygons."""


def _as_box(shape: Form, _size_px: Size) -> list[AnyShape]:
    bounds = shape.bounds_xyxy()
    return [Box(box_xyxy=bounds)] if has_extent(bounds) else []


def _as_polygon(shape: Form, _size_px: Size) -> list[AnyShape]:
    polygons = shape.polygons() if isinstance(shape, MaskForm) else [shape.outline()]
    if len(polygons) > MAX_PARTS:
        return []
    is_whole = all(
        rings is not None and len(rings) <= MAX_RINGS and max(map(len, rings)) <= MAX_POINTS
        for rings in polygons
    )
    return [Polygon(rings=rings) for rings in polygons if rings is not None] if is_whole else []


def _as_mask(shape: Form, size_px: Size) -> list[AnyShape]:
    try:
        mask = mask_of_shape(shape, width_px=size_px[0], height_px=size_px[1])
    except InvalidInputError:
        return []
    return [] if mask is None else [mask]


def _as_rotated_box(shape: Form, _size_px: Size) -> list[AnyShape]:
    if isinstance(shape, EllipseForm):
        (rx, ry), angle_deg = shape.radii_xy, shape.angle_deg
        return [RotatedBox(center_xy=shape.center_xy, size_wh=(2 * rx, 2 * ry), angle_deg=angle_deg)]
    if isinstance(shape, BoxForm):
        left, top, right, bottom = shape.box_xyxy
        center = ((left + right) / 2, (top + bottom) / 2)
        return [RotatedBox(center_xy=center, size_wh=(right - left, bottom - top))]
    return []


def _as_polyline(shape: Form, _size_px: Size) -> list[AnyShape]:
    if not isinstance(shape, BezierForm) or shape.is_closed:
        return []
    return [Polyline(points=shape.flattened())]


def _as_bezier(shape: Form, _size_px: Size) -> list[AnyShape]:
    if not isinstance(shape, PolylineForm) or len(shape.points) > MAX_NODES:
        return []
    return [Bezier(nodes=[BezierNode(at=at, handle_in=at, handle_out=at) for at in shape.points])]


Conversion = Callable[[Form, Size], list[AnyShape]]

_TO: Final[Mapping[str, Conversion]] = {
    "box": _as_box,
    "polygon": _as_polygon,
    "mask": _as_mask,
    "rotated_box": _as_rotated_box,
    "polyline": _as_polyline,
    "bezier": _as_bezier,
}

TARGETS: Final[Mapping[str, tuple[str, ...]]] = {
    "box": ("rotated_box", "polygon", "mask"),
    "polygon": ("mask", "box"),
    "rotated_box": ("polygon", "mask", "box"),
    "polyline": ("bezier", "box"),
    "bezier": ("polygon", "polyline", "mask", "box"),
    "mask": ("polygon", "box"),
    "ellipse": ("polygon", "mask", "rotated_box", "box"),
    "point": (),
    "skeleton": ("box",),
    "cuboid": ("polygon", "mask", "box"),
    "span": (),
}
"""What each kind may be redrawn as; the first loses the least."""


def can_convert(kind: str, allowed: Collection[str]) -> bool:
    """Say whether shapes of a kind may be redrawn as one of those allowed."""
    return any(target in allowed for target in TARGETS.get(kind, ()))


def convert(
    shape: AnyShape, allowed: Collection[str], *, size_px: Size = (MAX_MASK_SIDE_PX, MAX_MASK_SIDE_PX)
) -> list[AnyShape]:
    """Redraw a shape as the allowed kind that loses the least.

    Args:
        shape: Of a kind that is not allowed, or it is returned as it is.
        allowed: Kinds.
        size_px: Width and height of the image, where known: masks end there.

    Returns:
        One shape, as a rule; several polygons for a mask in several parts; none where no allowed kind can hold it (an
        upright line has no box, a polygon between the centres of pixels no mask).
    """
    if shape.kind in allowed:
        return [shape]
    for target in TARGETS[shape.kind]:
        if target in allowed:
            try:
                found = _TO[target](shape, size_px)
            except ValueError:  # at the outermost places that shapes may have
                continue
            if found:
                return found
    return []
