"""Sets of pixels."""

from __future__ import annotations

from typing import Annotated, Literal, Self

from pydantic import Field

from goldsmith.core.geometry.measures import XY, Bounds
from goldsmith.core.geometry.runs import Span, crop_spans, mask_fault, runs_of, spans_of
from goldsmith.core.geometry.shape import MAX_COORDINATE_PX, MAX_MASK_SIDE_PX, MAX_RUNS, Form, Shape
from goldsmith.core.geometry.tracing import trace_spans

MAX_MASK_PIXELS = MAX_MASK_SIDE_PX * MAX_MASK_SIDE_PX

Whole = Annotated[int, Field(ge=-int(MAX_COORDINATE_PX), le=int(MAX_COORDINATE_PX))]
Side = Annotated[int, Field(ge=1, le=MAX_MASK_SIDE_PX)]
Run = Annotated[int, Field(ge=0, le=MAX_MASK_PIXELS)]


class MaskForm(Form):
    """What a mask can tell."""

    __slots__ = ()
    origin_xy: tuple[int, int]
    size_wh: tuple[int, int]
    runs: list[int]

    def fault(self) -> str | None:
        """Return what keeps the runs from being the canonical form of a mask, or None."""
        return mask_fault(self.size_wh, self.runs)

    def spans(self) -> list[Span]:
        """Return the foreground as (row, first column, column after the last one), row by row, in image pixels."""
        return list(spans_of(self.origin_xy, self.size_wh, self.runs))

    def bounds_xyxy(self) -> Bounds:
        """Return the rectangle of the mask, which is tight."""
        (x, y), (width, height) = self.origin_xy, self.size_wh
        return float(x), float(y), float(x + width), float(y + height)

    def area_px(self) -> float:
        """Return the number of foreground pixels."""
        return float(sum(self.runs[1::2]))

    def polygons(self) -> list[list[list[XY]]]:
        """Return one polygon for each 4-connected part, exactly along the pixels' borders, holes as further rings."""
        return trace_spans(self.spans())

    def outline(self) -> list[list[XY]]:
        """Return the rings of all ``polygons``."""
        return [ring for rings in self.polygons() for ring in rings]

    def contains(self, x: float, y: float) -> bool:
        """Say whether the pixel under the place is foreground."""
        column, row = int(x // 1) - self.origin_xy[0], int(y // 1) - self.origin_xy[1]
        width, height = self.size_wh
        if not (0 <= column < width and 0 <= row < height):
            return False
        wanted, position = row * width + column, 0
        for index, length in enumerate(self.runs):
            position += length
            if wanted < position:
                return index % 2 == 1
        return False

    def translate(self, dx_px: float, dy_px: float) -> Self:
        """Return the mask, moved by the nearest whole pixels."""
        return self.changed(origin_xy=(self.origin_xy[0] + round(dx_px), self.origin_xy[1] + round(dy_px)))

    def clipped(self, *, width_px: int, height_px: int) -> Self | None:
        """Return the pixels within the image."""
        left, top, right, bottom = self.bounds_xyxy()
        if left >= 0 and top >= 0 and right <= width_px and bottom <= height_px:
            return self
        found = runs_of(crop_spans(self.spans(), width_px=width_px, height_px=height_px))
        if found is None:
            return None
        origin, size, runs = found
        return self.changed(origin_xy=origin, size_wh=size, runs=runs)


class Mask(MaskForm, Shape):
    """Pixels of an image, in one canonical form, so that equal masks are equal models.

    Attributes:
        origin_xy: Left and top of the tight rectangle, in pixels of the image.
        size_wh: Width and height of the rectangle.
        runs: Row by row inside the rectangle, in turns background and foreground; the first may be 0.
    """

    kind: Literal["mask"] = "mask"
    origin_xy: tuple[Whole, Whole]
    size_wh: tuple[Side, Side]
    runs: Annotated[list[Run], Field(min_length=2, max_length=MAX_RUNS)]

    @classmethod
    def of_spans(cls, spans: list[Span]) -> Mask | None:
        """Make a mask of its foreground; None where there is none.

        Args:
            spans: (row, first column, column after the last one), sorted, not touching within a row.

        Raises:
            ValueError: It is larger than a mask may be.
        """
        found = runs_of(spans)
        if found is None:
            return None
        origin, size, runs = found
        return cls(origin_xy=origin, size_wh=size, runs=runs)
