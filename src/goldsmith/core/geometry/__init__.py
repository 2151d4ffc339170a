"""Shapes of labels: one definition each, in a registry that grows.

Coordinates are absolute pixels of the upright image (EXIF orientation applied), floats, with the origin at the
top-left corner of the top-left pixel; pixel (0, 0) covers [0, 1) x [0, 1). Angles turn clockwise on screen.

Pixel arrays of masks are in ``raster`` (it alone needs numpy); what kind may become what other, in ``conversions``.
"""

from goldsmith.core.geometry.boxes import Box, RotatedBox
from goldsmith.core.geometry.cuboids import Cuboid
from goldsmith.core.geometry.curves import Bezier, BezierNode, Ellipse
from goldsmith.core.geometry.masks import Mask
from goldsmith.core.geometry.points import NodeState, PointShape, Skeleton, SkeletonNode
from goldsmith.core.geometry.polygons import Polygon, Polyline
from goldsmith.core.geometry.registry import (
    GEOMETRY_KINDS,
    AnyShape,
    Geometry,
    clip_to_image,
    parse_geometry,
)
from goldsmith.core.geometry.shape import Form, Point, Shape
from goldsmith.core.geometry.spans import Span

__all__ = [
    "GEOMETRY_KINDS",
    "AnyShape",
    "Bezier",
    "BezierNode",
    "Box",
    "Cuboid",
    "Ellipse",
    "Form",
    "Geometry",
    "Mask",
    "NodeState",
    "Point",
    "PointShape",
    "Polygon",
    "Polyline",
    "RotatedBox",
    "Shape",
    "Skeleton",
    "SkeletonNode",
    "Span",
    "clip_to_image",
    "parse_geometry",
]
