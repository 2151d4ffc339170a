"""The one list of shapes, and how a shape is read from the wire.

To add a shape: define it in a module of its own (what it can tell, then its model), add it to the union and to
``GEOMETRY_KINDS`` here, and its plain twin to ``core.plain``; its other twin in ``web/src/engine/shapes`` is held to
the same golden vectors.
"""

from __future__ import annotations

from typing import Annotated, Any, Final

from pydantic import Field, TypeAdapter, ValidationError

from goldsmith.core.errors import InvalidInputError
from goldsmith.core.geometry.boxes import Box, RotatedBox
from goldsmith.core.geometry.cuboids import Cuboid
from goldsmith.core.geometry.curves import Bezier, Ellipse
from goldsmith.core.geometry.masks import Mask
from goldsmith.core.geometry.points import PointShape, Skeleton
from goldsmith.core.geometry.polygons import Polygon, Polyline
from goldsmith.core.geometry.spans import Span

AnyShape = (
    Box | Polygon | RotatedBox | Polyline | Bezier | Mask | Ellipse | PointShape | Skeleton | Cuboid | Span
)
Geometry = Annotated[AnyShape, Field(discriminator="kind")]
GEOMETRY_KINDS: Final[tuple[str, ...]] = (
    "box",
    "polygon",
    "rotated_box",
    "polyline",
    "bezier",
    "mask",
    "ellipse",
    "point",
    "skeleton",
    "cuboid",
    "span",
)

_ADAPTER: Final[TypeAdapter[AnyShape]] = TypeAdapter(Geometry)


def parse_geometry(raw: Any) -> AnyShape:
    """Read a shape from its wire form.

    Raises:
        InvalidInputError: The kind is unknown or the numbers do not make a shape.
    """
    try:
        return _ADAPTER.validate_python(raw)
    except ValidationError as error:
        first = error.errors()[0]
        raise InvalidInputError(f"not a geometry: {first['msg']} at {first['loc']}") from error


def clip_to_image(geometry: AnyShape, *, width_px: int, height_px: int) -> AnyShape | None:
    """Cut a shape to the image; None when nothing of it lies inside.

    Boxes, masks and spans are cut exactly, the points of polygons are clamped, lines are trimmed, nodes of a skeleton
    beyond the border become outside ones. Rotated boxes, ellipses, cuboids and curves may overhang: they stay whole.
    """
    return geometry.clipped(width_px=width_px, height_px=height_px)
