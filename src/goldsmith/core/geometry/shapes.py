"""The shapes themselves. Each is a frozen model that knows its bounds, area and faults."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from goldsmith.core.model import Model

MAX_POINTS = 100_000
"""Cap on the points of one shape; more is an attack or a mistake."""

MAX_RINGS = 1000
MAX_COORDINATE_PX = 1e7

Coordinate = Annotated[float, Field(ge=-MAX_COORDINATE_PX, le=MAX_COORDINATE_PX)]
Point = tuple[Coordinate, Coordinate]
Ring = Annotated[list[Point], Field(min_length=3, max_length=MAX_POINTS)]


class Shape(Model):
    """What every shape can tell."""

    kind: str

    def bounds_xyxy(self) -> tuple[float, float, float, float]:
        """Return the smallest upright rectangle around the shape, in pixels."""
        raise TypeError(f"{type(self).__name__} defines no bounds")

    def area_px(self) -> float:
        """Return the covered area in square pixels."""
        raise TypeError(f"{type(self).__name__} defines no area")


class Box(Shape):
    """An upright rectangle.

    Attributes:
        box_xyxy: Left, top, right, bottom in pixels; left < right and top < bottom.
    """

    kind: Literal["box"] = "box"
    box_xyxy: tuple[Coordinate, Coordinate, Coordinate, Coordinate]

    @model_validator(mode="after")
    def _has_extent(self) -> Self:
        if not has_extent(self.box_xyxy):
            raise ValueError("a box needs left < right and top < bottom")
        return self

    def bounds_xyxy(self) -> tuple[float, float, float, float]:
        """Return the box itself."""
        return self.box_xyxy

    def area_px(self) -> float:
        """Return width times height."""
        return area_of_box(self.box_xyxy)


class Polygon(Shape):
    """A polygon with holes.

    Attributes:
        rings: The outer ring first, then holes; each at least three points, not closed (last point != first).
    """

    kind: Literal["polygon"] = "polygon"
    rings: Annotated[list[Ring], Field(min_length=1, max_length=MAX_RINGS)]

    @model_validator(mode="after")
    def _has_extent(self) -> Self:
        if not has_extent(self.bounds_xyxy()):
            raise ValueError("a polygon needs an outer ring that spans some width and height")
        return self

    def bounds_xyxy(self) -> tuple[float, float, float, float]:
        """Return the bounds of the outer ring."""
        return bounds_of_ring(self.rings[0])

    def area_px(self) -> float:
        """Return the area of the outer ring less its holes (shoelace formula), never below 0."""
        return area_of_rings(self.rings)


def has_extent(bounds_xyxy: tuple[float, float, float, float]) -> bool:
    """Say whether bounds span some width and height."""
    left, top, right, bottom = bounds_xyxy
    return left < right and top < bottom


def area_of_box(box_xyxy: tuple[float, float, float, float]) -> float:
    """Return width times height."""
    left, top, right, bottom = box_xyxy
    return (right - left) * (bottom - top)


def bounds_of_ring(ring: Sequence[tuple[float, float]]) -> tuple[float, float, float, float]:
    """Return the smallest upright rectangle around the points."""
    xs, ys = zip(*ring, strict=True)
    return min(xs), min(ys), max(xs), max(ys)


def area_of_rings(rings: Sequence[Sequence[tuple[float, float]]]) -> float:
    """Return the area of the outer ring less its holes (shoelace formula), never below 0."""
    outer, *holes = (abs(_signed_area(ring)) for ring in rings)
    return max(outer - sum(holes), 0.0)


def _signed_area(ring: Sequence[tuple[float, float]]) -> float:
    """Return half the cross-product sum of ``ring``; positive when clockwise on screen."""
    total = 0.0
    x0, y0 = ring[-1]
    for x1, y1 in ring:
        total += x0 * y1 - x1 * y0
        x0, y0 = x1, y1
    return total / 2.0
