"""Spans of a text: offsets in code points, and the row of pixels in which they lie."""

from __future__ import annotations

import pytest
from pydantic import ValidationError

from goldsmith.core.geometry import Span


@pytest.mark.parametrize(("start", "end"), [(3, 3), (4, 3), (-1, 2), (0, 10_000_001)])
def test_what_is_no_stretch_of_a_text_is_refused(start: int, end: int) -> None:
    with pytest.raises(ValidationError):
        Span(start=start, end=end)


def test_a_span_is_cut_to_its_text() -> None:
    span = Span(start=4, end=9)
    assert span.clipped(width_px=20, height_px=1) == span
    assert span.clipped(width_px=6, height_px=1) == Span(start=4, end=6)
    assert span.clipped(width_px=4, height_px=1) is None


def test_a_span_moves_by_whole_characters_and_never_out_of_the_text() -> None:
    assert Span(start=4, end=9).translate(1.6, 30) == Span(start=6, end=11)
    with pytest.raises(ValueError, match="beyond the text"):
        Span(start=4, end=9).translate(-5, 0)
