"""Shapes of labels: one definition each, in a registry that grows.

Coordinates are absolute pixels of the upright image (EXIF orientation applied), floats, with the origin at the
top-left corner of the top-left pixel; pixel (0, 0) covers [0, 1) x [0, 1).
"""

from goldsmith.core.geometry.registry import GEOMETRY_KINDS, Geometry, clip_to_image, parse_geometry
from goldsmith.core.geometry.shapes import Box, Point, Polygon, Shape

__all__ = [
    "GEOMETRY_KINDS",
    "Box",
    "Geometry",
    "Point",
    "Polygon",
    "Shape",
    "clip_to_image",
    "parse_geometry",
]
