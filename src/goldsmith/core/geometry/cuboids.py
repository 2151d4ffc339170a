"""Cuboids seen in perspective."""

from __future__ import annotations

from typing import Annotated, Literal, Self

from pydantic import Field

from goldsmith.core.geometry.measures import (
    XY,
    Bounds,
    bounds_of_ring,
    convex_hull,
    moved_points,
    rings_contain,
    signed_area,
)
from goldsmith.core.geometry.shape import Form, Point, Shape

CORNER_COUNT = 8


class CuboidForm(Form):
    """What a cuboid can tell; it covers the convex hull of its corners."""

    __slots__ = ()
    corners: list[XY]

    def fault(self) -> str | None:
        """Return what keeps the corners from being a cuboid, or None."""
        return None if self.area_px() > 0.0 else "a cuboid needs corners that span some width and height"

    def bounds_xyxy(self) -> Bounds:
        """Return the bounds of the corners."""
        return bounds_of_ring(self.corners)

    def area_px(self) -> float:
        """Return the area of the convex hull."""
        hull = convex_hull(self.corners)
        return abs(signed_area(hull)) if len(hull) > 2 else 0.0

    def outline(self) -> list[list[XY]]:
        """Return the convex hull, clockwise."""
        return [convex_hull(self.corners)]

    def contains(self, x: float, y: float) -> bool:
        """Say whether the place lies in the convex hull."""
        return rings_contain(self.outline(), x, y)

    def translate(self, dx_px: float, dy_px: float) -> Self:
        """Return the cuboid, moved."""
        return self.changed(corners=moved_points(self.corners, dx_px, dy_px))


class Cuboid(CuboidForm, Shape):
    """A box in space, seen; it may overhang the image.

    Attributes:
        corners: Front face top left, top right, bottom right, bottom left, then the back face in the same order.
    """

    kind: Literal["cuboid"] = "cuboid"
    corners: Annotated[list[Point], Field(min_length=CORNER_COUNT, max_length=CORNER_COUNT)]
