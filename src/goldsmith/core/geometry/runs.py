"""Masks as runs: background and foreground in turns along the rows of a rectangle. Pure and without arrays."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import groupby

Span = tuple[int, int, int]
"""Row, first column, column after the last one."""


def mask_fault(size_wh: tuple[int, int], runs: Sequence[int]) -> str | None:
    """Return what keeps runs from being the canonical form of a mask, or None."""
    width, height = size_wh
    if sum(runs) != width * height:
        return f"the runs of a mask must add up to width times height, {width * height}"
    if len(runs) < 2 or runs[0] < 0 or min(runs[1:]) < 1:
        return "a mask needs a run of foreground, and no run but the first may be empty"
    if not _is_tight(width, runs):
        return "the rectangle of a mask must be tight: its outermost rows and columns need a foreground pixel"
    return None


def _is_tight(width: int, runs: Sequence[int]) -> bool:
    if runs[0] >= width or (len(runs) % 2 and runs[-1] >= width):
        return False
    touches_left = touches_right = False
    position = 0
    for index, length in enumerate(runs):
        if index % 2:
            column = position % width
            touches_left = touches_left or column == 0 or column + length > width
            touches_right = touches_right or column + length >= width
            if touches_left and touches_right:
                return True
        position += length
    return False


def spans_of(origin_xy: tuple[int, int], size_wh: tuple[int, int], runs: Sequence[int]) -> Iterator[Span]:
    """Give the foreground row by row, from left to right, in pixels of the image."""
    (left, top), width = origin_xy, size_wh[0]
    position = 0
    for index, length in enumerate(runs):
        if index % 2:
            start, end = position, position + length
            while start < end:
                row, column = divmod(start, width)
                stop = min(end, (row + 1) * width)
                yield top + row, left + column, left + column + stop - start
                start = stop
        position += length


def runs_of(spans: Sequence[Span]) -> tuple[tuple[int, int], tuple[int, int], list[int]] | None:
    """Return origin, size and runs in canonical form; None where there is no foreground.

    Args:
        spans: In the order of ``spans_of``, not touching each other within a row.
    """
    if not spans:
        return None
    left, right = min(start for _, start, _ in spans), max(end for _, _, end in spans)
    top, bottom = spans[0][0], spans[-1][0] + 1
    width = right - left
    runs = [0]
    position = 0
    for row, start, end in spans:
        begin = (row - top) * width + start - left
        if begin == position and len(runs) > 1:
            runs[-1] += end - start  # goes on from the end of the row above
        else:
            if len(runs) > 1:
                runs.append(0)
            runs[-1] += begin - position
            runs.append(end - start)
        position = begin + end - start
    if (rest := width * (bottom - top) - position) > 0:
        runs.append(rest)
    return (left, top), (width, bottom - top), runs


def crop_spans(spans: Sequence[Span], *, width_px: int, height_px: int) -> list[Span]:
    """Return what of the foreground lies in the image."""
    cut = ((row, max(start, 0), min(end, width_px)) for row, start, end in spans if 0 <= row < height_px)
    return [(row, start, end) for row, start, end in cut if start < end]


def rows_of(spans: Sequence[Span]) -> dict[int, list[tuple[int, int]]]:
    """Return the spans of each row that has any."""
    return {
        row: [(start, end) for _, start, end in group]
        for row, group in groupby(spans, key=lambda span: span[0])
    }
