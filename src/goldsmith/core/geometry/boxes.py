"""Upright and turned rectangles."""

from __future__ import annotations

from typing import Annotated, Literal, Self

from pydantic import Field

from goldsmith.core.geometry.measures import XY, Bounds, area_of_box, bounds_of_ring, direction, has_extent
from goldsmith.core.geometry.shape import Coordinate, Form, Length, Point, Shape, reach_fault


class BoxForm(Form):
    """What an upright rectangle can tell."""

    __slots__ = ()
    box_xyxy: Bounds

    def fault(self) -> str | None:
        """Return what keeps the numbers from being a box, or None."""
        return None if has_extent(self.box_xyxy) else "a box needs left < right and top < bottom"

    def bounds_xyxy(self) -> Bounds:
        """Return the box itself."""
        return self.box_xyxy

    def area_px(self) -> float:
        """Return width times height."""
        return area_of_box(self.box_xyxy)

    def outline(self) -> list[list[XY]]:
        """Return the four corners, clockwise from the top left."""
        left, top, right, bottom = self.box_xyxy
        return [[(left, top), (right, top), (right, bottom), (left, bottom)]]

    def contains(self, x: float, y: float) -> bool:
        """Say whether the place lies inside; left and top borders count."""
        left, top, right, bottom = self.box_xyxy
        return left <= x < right and top <= y < bottom

    def translate(self, dx_px: float, dy_px: float) -> Self:
        """Return the box, moved."""
        left, top, right, bottom = self.box_xyxy
        return self.changed(box_xyxy=(left + dx_px, top + dy_px, right + dx_px, bottom + dy_px))

    def clipped(self, *, width_px: int, height_px: int) -> Self | None:
        """Return the part within the image, exactly."""
        left, top, right, bottom = self.box_xyxy
        left, right = max(left, 0.0), min(right, float(width_px))
        top, bottom = max(top, 0.0), min(bottom, float(height_px))
        return self.changed(box_xyxy=(left, top, right, bottom)) if left < right and top < bottom else None


class Box(BoxForm, Shape):
    """An upright rectangle.

    Attributes:
        box_xyxy: Left, top, right, bottom in pixels; left < right and top < bottom.
    """

    kind: Literal["box"] = "box"
    box_xyxy: tuple[Coordinate, Coordinate, Coordinate, Coordinate]


class RotatedBoxForm(Form):
    """What a turned rectangle can tell."""

    __slots__ = ()
    center_xy: XY
    size_wh: XY
    angle_deg: float

    def fault(self) -> str | None:
        """Return what keeps the numbers from being a rotated box, or None."""
        return reach_fault(self.bounds_xyxy(), what="a rotated box")

    def corners(self) -> list[XY]:
        """Return the corners, clockwise; the first is the top left one of the box before its turn."""
        (x, y), (width, height) = self.center_xy, self.size_wh
        cos, sin = direction(self.angle_deg)
        ux, uy, vx, vy = cos * width / 2, sin * width / 2, -sin * height / 2, cos * height / 2
        return [
            (x - ux - vx, y - uy - vy),
            (x + ux - vx, y + uy - vy),
            (x + ux + vx, y + uy + vy),
            (x - ux + vx, y - uy + vy),
        ]

    def bounds_xyxy(self) -> Bounds:
        """Return the bounds of the corners."""
        return bounds_of_ring(self.corners())

    def area_px(self) -> float:
        """Return width times height."""
        return self.size_wh[0] * self.size_wh[1]

    def outline(self) -> list[list[XY]]:
        """Return the four corners."""
        return [self.corners()]

    def contains(self, x: float, y: float) -> bool:
        """Say whether the place lies inside."""
        dx, dy = x - self.center_xy[0], y - self.center_xy[1]
        cos, sin = direction(self.angle_deg)
        along, across = cos * dx + sin * dy, -sin * dx + cos * dy
        width, height = self.size_wh
        return -width / 2 <= along < width / 2 and -height / 2 <= across < height / 2

    def translate(self, dx_px: float, dy_px: float) -> Self:
        """Return the box, moved."""
        return self.changed(center_xy=(self.center_xy[0] + dx_px, self.center_xy[1] + dy_px))


class RotatedBox(RotatedBoxForm, Shape):
    """A rectangle at an angle; it may overhang the image.

    Attributes:
        center_xy: In pixels.
        size_wh: Sides in pixels, above 0; the first lies along the angle.
        angle_deg: Clockwise on screen, within [0, 360).
    """

    kind: Literal["rotated_box"] = "rotated_box"
    center_xy: Point
    size_wh: tuple[Length, Length]
    angle_deg: Annotated[float, Field(ge=0.0, lt=360.0)] = 0.0
