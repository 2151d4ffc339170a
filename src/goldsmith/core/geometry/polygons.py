"""Polygons with holes, and lines."""

from __future__ import annotations

from itertools import pairwise
from typing import Annotated, Literal, Self

from pydantic import Field

from goldsmith.core.geometry.measures import (
    XY,
    Bounds,
    area_of_rings,
    bounds_of_ring,
    clamped,
    cut_segment,
    has_extent,
    moved_points,
    rings_contain,
)
from goldsmith.core.geometry.shape import MAX_POINTS, MAX_RINGS, Form, Point, Ring, Shape


class PolygonForm(Form):
    """What a polygon can tell."""

    __slots__ = ()
    rings: list[list[XY]]

    def fault(self) -> str | None:
        """Return what keeps the rings from being a polygon, or None."""
        if has_extent(self.bounds_xyxy()):
            return None
        return "a polygon needs an outer ring that spans some width and height"

    def bounds_xyxy(self) -> Bounds:
        """Return the bounds of the outer ring."""
        return bounds_of_ring(self.rings[0])

    def area_px(self) -> float:
        """Return the area of the outer ring less its holes (shoelace formula), never below 0."""
        return area_of_rings(self.rings)

    def outline(self) -> list[list[XY]]:
        """Return the rings."""
        return self.rings

    def contains(self, x: float, y: float) -> bool:
        """Say whether the place lies inside and in no hole, by the even-odd rule."""
        return rings_contain(self.rings, x, y)

    def translate(self, dx_px: float, dy_px: float) -> Self:
        """Return the polygon, moved."""
        return self.changed(rings=[moved_points(ring, dx_px, dy_px) for ring in self.rings])

    def clipped(self, *, width_px: int, height_px: int) -> Self | None:
        """Return the polygon with its points clamped to the image.

        Exact where only single corners overhang the border, and keeps the point count.
        """
        rings = [clamped(ring, width_px=width_px, height_px=height_px) for ring in self.rings]
        return self.changed(rings=rings) if has_extent(bounds_of_ring(rings[0])) else None


class Polygon(PolygonForm, Shape):
    """A polygon with holes.

    Attributes:
        rings: The outer ring first, then holes; each at least three points, not closed (last point != first).
    """

    kind: Literal["polygon"] = "polygon"
    rings: Annotated[list[Ring], Field(min_length=1, max_length=MAX_RINGS)]


class PolylineForm(Form):
    """What a line can tell."""

    __slots__ = ()
    points: list[XY]

    def fault(self) -> str | None:
        """Return what keeps the points from being a line, or None."""
        left, top, right, bottom = self.bounds_xyxy()
        return None if left < right or top < bottom else "a line needs points at two places"

    def bounds_xyxy(self) -> Bounds:
        """Return the bounds of the points; without width or height for an upright or level line."""
        return bounds_of_ring(self.points)

    def area_px(self) -> float:
        """Return 0: a line covers nothing."""
        return 0.0

    def outline(self) -> None:
        """Return None: a line covers nothing."""
        return

    def contains(self, x: float, y: float) -> bool:  # noqa: ARG002 - the same for every place
        """Return False: a line covers nothing."""
        return False

    def translate(self, dx_px: float, dy_px: float) -> Self:
        """Return the line, moved."""
        return self.changed(points=moved_points(self.points, dx_px, dy_px))

    def clipped(self, *, width_px: int, height_px: int) -> Self | None:
        """Return the part within the image; between leaving and coming back the line goes straight."""
        inside: list[XY] = []
        for start, end in pairwise(self.points):
            piece = cut_segment(start, end, width_px=width_px, height_px=height_px)
            for point in piece or ():
                if not inside or inside[-1] != point:
                    inside.append(point)
        return self.changed(points=inside) if len(inside) > 1 else None


class Polyline(PolylineForm, Shape):
    """A line along points.

    Attributes:
        points: At least two, in their order; pixels.
    """

    kind: Literal["polyline"] = "polyline"
    points: Annotated[list[Point], Field(min_length=2, max_length=MAX_POINTS)]
