"""The one list of shapes, and how a shape is read from the wire.

To add a shape: define it in ``shapes.py``, add it to the union and to ``GEOMETRY_KINDS``; its twin in
``web/src/engine/shapes`` is held to the same golden vectors.
"""

from __future__ import annotations

from typing import Annotated, Any, Final

from pydantic import Field, TypeAdapter, ValidationError

from goldsmith.core.errors import InvalidInputError
from goldsmith.core.geometry.shapes import Box, Polygon

Geometry = Annotated[Box | Polygon, Field(discriminator="kind")]
GEOMETRY_KINDS: Final[tuple[str, ...]] = ("box", "polygon")

_ADAPTER: Final[TypeAdapter[Box | Polygon]] = TypeAdapter(Geometry)


def parse_geometry(raw: Any) -> Box | Polygon:
    """Read a shape from its wire form.

    Raises:
        InvalidInputError: The kind is unknown or the numbers do not make a shape.
    """
    try:
        return _ADAPTER.validate_python(raw)
    except ValidationError as error:
        first = error.errors()[0]
        raise InvalidInputError(f"not a geometry: {first['msg']} at {first['loc']}") from error


def clip_to_image(geometry: Box | Polygon, *, width_px: int, height_px: int) -> Box | Polygon | None:
    """Cut a shape to the image; None when nothing of it lies inside.

    Boxes are intersected exactly. A polygon's points are clamped, which is exact where only single corners
    overhang the border and keeps the point count.
    """
    if isinstance(geometry, Box):
        left, top, right, bottom = geometry.box_xyxy
        left, right = max(left, 0.0), min(right, float(width_px))
        top, bottom = max(top, 0.0), min(bottom, float(height_px))
        return Box(box_xyxy=(left, top, right, bottom)) if left < right and top < bottom else None
    rings = [
        [(min(max(x, 0.0), float(width_px)), min(max(y, 0.0), float(height_px))) for x, y in ring]
        for ring in geometry.rings
    ]
    xs, ys = [x for x, _ in rings[0]], [y for _, y in rings[0]]
    if max(xs) <= min(xs) or max(ys) <= min(ys):
        return None
    return Polygon(rings=rings)
