"""Stretches of a text."""

from __future__ import annotations

from typing import Annotated, Final, Literal, Self

from pydantic import Field

from goldsmith.core.geometry.measures import XY, Bounds
from goldsmith.core.geometry.shape import Form, Shape

MAX_TEXT_LENGTH: Final = 10_000_000
"""Cap on the code points of a text in which spans lie."""

Offset = Annotated[int, Field(ge=0, le=MAX_TEXT_LENGTH)]


class SpanForm(Form):
    """What a stretch of text can tell.

    In the plane a text is one row of pixels, a pixel wide for each code point: a span is the box from its start to its
    end, one pixel high, and so all that is known of boxes holds for it.
    """

    __slots__ = ()
    start: int
    end: int

    def fault(self) -> str | None:
        """Return what keeps the offsets from being a span, or None."""
        return None if 0 <= self.start < self.end else "a span needs 0 <= start < end"

    def bounds_xyxy(self) -> Bounds:
        """Return the box of the span in the row of the text."""
        return float(self.start), 0.0, float(self.end), 1.0

    def area_px(self) -> float:
        """Return its length in code points."""
        return float(self.end - self.start)

    def outline(self) -> list[list[XY]]:
        """Return the four corners of its box, clockwise from the top left."""
        left, top, right, bottom = self.bounds_xyxy()
        return [[(left, top), (right, top), (right, bottom), (left, bottom)]]

    def contains(self, x: float, y: float) -> bool:
        """Say whether the place lies in its box; left and top borders count."""
        return self.start <= x < self.end and 0.0 <= y < 1.0

    def translate(self, dx_px: float, dy_px: float) -> Self:  # noqa: ARG002
        """Return the span, moved along the text by whole code points; it has no other direction.

        Raises:
            ValueError: It would lie beyond the text.
        """
        step = round(dx_px)
        start, end = self.start + step, self.end + step
        if start < 0 or end > MAX_TEXT_LENGTH:
            raise ValueError("the span would lie beyond the text")
        return self.changed(start=start, end=end)

    def clipped(self, *, width_px: int, height_px: int) -> Self | None:
        """Return the part within a text of ``width_px`` code points, exactly."""
        end = min(self.end, width_px)
        return self.changed(end=end) if self.start < end and height_px > 0 else None


class Span(SpanForm, Shape):
    """A stretch of a text.

    Attributes:
        start: Offset of its first character in Unicode code points.
        end: Offset behind its last character; above ``start``.
    """

    kind: Literal["span"] = "span"
    start: Offset
    end: Offset
