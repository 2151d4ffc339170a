"""Shapes of an image as it is stored, in pixels of the image as it is shown (EXIF orientation)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final, NamedTuple

from goldsmith.core.geometry.boxes import Box, RotatedBox
from goldsmith.core.geometry.cuboids import Cuboid
from goldsmith.core.geometry.curves import Bezier, Ellipse
from goldsmith.core.geometry.masks import Mask
from goldsmith.core.geometry.measures import XY, bounds_of_ring
from goldsmith.core.geometry.points import PointShape, Skeleton
from goldsmith.core.geometry.polygons import Polygon, Polyline
from goldsmith.core.geometry.raster import mask_of_rings
from goldsmith.core.geometry.registry import AnyShape
from goldsmith.core.geometry.spans import Span

_AXES: Final[dict[int, tuple[XY, XY]]] = {
    1: ((1, 0), (0, 1)),
    2: ((-1, 0), (0, 1)),
    3: ((-1, 0), (0, -1)),
    4: ((1, 0), (0, -1)),
    5: ((0, 1), (1, 0)),
    6: ((0, -1), (1, 0)),
    7: ((0, -1), (-1, 0)),
    8: ((0, 1), (-1, 0)),
}
"""For each EXIF orientation, how x and y of the shown image follow from x and y of the stored one."""

_FACE: Final[Sequence[XY]] = ((0, 0), (1, 0), (1, 1), (0, 1))


class Turn(NamedTuple):
    """Takes places of a stored image to those of the one that is shown.

    Attributes:
        orientation: Of EXIF, 1 to 8.
        width_px: Of the image as it is shown.
        height_px: Of the image as it is shown.
    """

    orientation: int
    width_px: int
    height_px: int

    def point(self, point: XY) -> XY:
        """Turn a place."""
        x, y = point
        (ax, ay), (bx, by) = _AXES[self.orientation]
        across, down = ax * x + ay * y, bx * x + by * y
        return (
            across + (self.width_px if ax + ay < 0 else 0.0),
            down + (self.height_px if bx + by < 0 else 0.0),
        )

    def points(self, points: Sequence[XY]) -> list[XY]:
        """Turn places."""
        return [self.point(point) for point in points]

    def angle(self, angle_deg: float, *, full_turn_deg: float) -> float:
        """Turn an angle; it stays below ``full_turn_deg``."""
        (ax, ay), (bx, by) = _AXES[self.orientation]
        start = {(1, 0): 0.0, (0, 1): 90.0, (-1, 0): 180.0, (0, -1): 270.0}[int(ax), int(bx)]
        is_mirrored = ax * by - ay * bx < 0
        turned = (start - angle_deg if is_mirrored else start + angle_deg) % full_turn_deg
        return turned if turned < full_turn_deg else 0.0

    def shape(self, shape: AnyShape) -> AnyShape:
        """Turn a shape of any kind, exactly; what lies in a text stays."""
        match shape:
            case Box():
                left, top, right, bottom = shape.box_xyxy
                return Box(box_xyxy=bounds_of_ring(self.points([(left, top), (right, bottom)])))
            case Polygon():
                return Polygon(rings=[self.points(ring) for ring in shape.rings])
            case Polyline():
                return Polyline(points=self.points(shape.points))
            case Bezier():
                return shape.mapped(self.point)
            case PointShape():
                return PointShape(point_xy=self.point(shape.point_xy))
            case Skeleton():
                return Skeleton(nodes=[node.changed(at=self.point(node.at)) for node in shape.nodes])
            case RotatedBox() | Ellipse():
                full_turn_deg = 360.0 if isinstance(shape, RotatedBox) else 180.0
                angle_deg = self.angle(shape.angle_deg, full_turn_deg=full_turn_deg)
                return shape.changed(center_xy=self.point(shape.center_xy), angle_deg=angle_deg)
            case Cuboid():
                return self._cuboid(shape)
            case Mask():
                return self._mask(shape)
            case Span():
                return shape

    def _cuboid(self, cuboid: Cuboid) -> Cuboid:
        """Turn the corners, and name them anew: what is top left after the turn comes first."""
        unit = Turn(self.orientation, 1, 1).points(_FACE)
        order = [unit.index(corner) for corner in _FACE]
        corners = self.points(cuboid.corners)
        return Cuboid(corners=[corners[face + place] for face in (0, 4) for place in order])

    def _mask(self, mask: Mask) -> Mask:
        rings = [self.points(ring) for ring in mask.outline()]
        left, top, right, bottom = (int(v) for v in bounds_of_ring([p for ring in rings for p in ring]))
        near = [[(x - left, y - top) for x, y in ring] for ring in rings]
        turned = mask_of_rings(near, width_px=right - left, height_px=bottom - top)
        assert turned is not None, "as many pixels as before"
        return turned.translate(left, top)
