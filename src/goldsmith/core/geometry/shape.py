"""What every shape has in common: how its coordinates are bounded, and what it can tell.

What a kind can tell stands in its ``...Form``; both the model that people's data goes through (``Box``) and its plain
twin for bulk paths (``core.plain.PlainBox``) have it from there.
"""

from __future__ import annotations

from typing import Annotated, Any, Final, Self

from pydantic import Field, model_validator

from goldsmith.core.geometry.measures import XY, Bounds, has_extent
from goldsmith.core.model import Model

MAX_POINTS: Final = 100_000
"""Cap on the points of one ring or line; more is an attack or a mistake."""

MAX_RINGS: Final = 1000
MAX_NODES: Final = 10_000
"""Cap on the nodes of one curve."""

MAX_SKELETON_NODES: Final = 1000
MAX_RUNS: Final = 1_000_000
MAX_MASK_SIDE_PX: Final = 65_535
MAX_COORDINATE_PX: Final = 1e7

FLATNESS_PX: Final = 0.25
"""How far the outline of a curve may stray from it."""

Coordinate = Annotated[float, Field(ge=-MAX_COORDINATE_PX, le=MAX_COORDINATE_PX)]
Length = Annotated[float, Field(gt=0.0, le=MAX_COORDINATE_PX)]
Point = tuple[Coordinate, Coordinate]
Ring = Annotated[list[Point], Field(min_length=3, max_length=MAX_POINTS)]


class Changeable:
    """Frozen, but another like it can be made."""

    __slots__ = ()

    def changed(self, **values: Any) -> Self:
        """Return one like this with some fields changed, checked anew."""
        raise NotImplementedError


class Form(Changeable):
    """What every shape can tell, whichever way it was read."""

    __slots__ = ()

    def fault(self) -> str | None:
        """Return what keeps the numbers from being a shape, or None."""
        raise NotImplementedError

    def bounds_xyxy(self) -> Bounds:
        """Return the smallest upright rectangle around the shape, in pixels; without extent around a point."""
        raise NotImplementedError

    def area_px(self) -> float:
        """Return the covered area in square pixels; 0 for points, lines and skeletons."""
        raise NotImplementedError

    def outline(self) -> list[list[XY]] | None:
        """Return the covered area as rings to be read by the even-odd rule; None where the shape covers none.

        Curves are flattened to ``FLATNESS_PX``. Rings are not closed.
        """
        raise NotImplementedError

    def contains(self, x: float, y: float) -> bool:
        """Say whether the shape covers a place; never for points, lines and skeletons."""
        raise NotImplementedError

    def translate(self, dx_px: float, dy_px: float) -> Self:
        """Return the shape, moved; masks move by whole pixels.

        Raises:
            ValueError: It would lie beyond all images.
        """
        raise NotImplementedError

    def clipped(self, *, width_px: int, height_px: int) -> Self | None:
        """Return what of the shape lies in the image; None when nothing does.

        Kinds that may overhang stay whole unless they lie wholly outside.
        """
        left, top, right, bottom = self.bounds_xyxy()
        is_inside = left < width_px and top < height_px and right > 0.0 and bottom > 0.0
        return self if is_inside else None


class Part(Model):
    """A frozen model of a shape or of a part of one."""

    def changed(self, **values: Any) -> Self:
        """Return one like this with some fields changed, checked anew."""
        return type(self)(**{**dict(self), **values})


class Shape(Part, Form):
    """A frozen model of a shape."""

    kind: str

    @model_validator(mode="after")
    def _is_without_fault(self) -> Self:
        fault = self.fault()
        if fault is not None:
            raise ValueError(fault)
        return self


def reach_fault(bounds_xyxy: Bounds, *, what: str) -> str | None:
    """Return what is wrong with the bounds of a shape that covers some area, or None."""
    if not has_extent(bounds_xyxy):
        return f"{what} needs some width and height"
    left, top, right, bottom = bounds_xyxy
    if min(left, top) < -MAX_COORDINATE_PX or max(right, bottom) > MAX_COORDINATE_PX:
        return f"{what} reaches farther than {MAX_COORDINATE_PX:g} pixels from the origin"
    return None
