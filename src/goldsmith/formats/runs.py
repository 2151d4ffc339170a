"""Masks as runs of pixels, along the rows of a box as ``core.geometry`` has them and down the columns of a whole image.

Runs are turned in strips of a few million pixels and only within the box around what is inside, so that a mask on an
image of 16,000 x 16,000 needs no bitmap of it.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final, NamedTuple

import numpy as np
from numpy.typing import NDArray
from pydantic import ValidationError

from goldsmith.core.errors import InvalidInputError
from goldsmith.core.geometry.masks import Mask, MaskForm
from goldsmith.core.geometry.raster import MAX_RASTER_PIXELS

Counts = NDArray[np.int64]
"""Lengths of runs, background first."""

MAX_SIDE_PX: Final = 1_000_000
MAX_PICTURE_RUNS: Final = 16_000_000
_STRIP_PX: Final = 2**22


class _Spans(NamedTuple):
    """Foreground on lines: ``[start, end)`` on ``line``, sorted, without two that touch."""

    line: Counts
    start: Counts
    end: Counts


def checked_counts(counts: Sequence[int] | Counts, *, total: int) -> Counts:
    """Return runs as an array when they are whole numbers from 0 that fill ``total`` pixels.

    Raises:
        InvalidInputError: They do not.
    """
    try:
        array = np.asarray(counts, dtype=np.int64)
    except (OverflowError, ValueError, TypeError) as error:
        raise InvalidInputError("the runs of its mask are not whole numbers") from error
    if array.ndim != 1 or array.size == 0:
        raise InvalidInputError("its mask has no runs")
    if array.min() < 0 or array.max() > total:
        raise InvalidInputError("its mask has a run that is negative or longer than the mask itself")
    filled = int(array.sum())
    if filled != total:
        raise InvalidInputError(f"the runs of its mask fill {filled} pixels; the mask has {total}")
    return array


def mask_from_columns(counts: Sequence[int] | Counts, *, width: int, height: int) -> Mask:
    """Return the mask of runs down the columns of a whole image.

    Args:
        counts: Background first; they fill the image.
        width: Of the image in pixels.
        height: Of the image in pixels.

    Raises:
        InvalidInputError: They do not fill the image, no pixel is inside, or the mask is too large.
    """
    _check_size(width, height)
    columns = _on_lines(checked_counts(counts, total=width * height), length=height)
    left, right = int(columns.line[0]), int(columns.line[-1]) + 1
    top, bottom = int(columns.start.min()), int(columns.end.max())
    inside = _Spans(columns.line - left, columns.start - top, columns.end - top)
    return _mask(_turned(inside, lines=right - left, length=bottom - top), (left, top, right, bottom))


def mask_to_columns(mask: MaskForm, *, width: int, height: int) -> Counts:
    """Return the runs of a mask down the columns of a whole image; what overhangs the image is left out.

    Raises:
        InvalidInputError: The mask is too large.
    """
    (left, top), (across, down) = mask.origin_xy, mask.size_wh
    rows = _on_lines(np.asarray(mask.runs, dtype=np.int64), length=across)
    columns = _turned(rows, lines=down, length=across)
    line, start, end = columns.line + left, columns.start + top, columns.end + top
    start, end = np.clip(start, 0, height), np.clip(end, 0, height)
    is_kept = (start < end) & (line >= 0) & (line < width)
    return _off_lines(_Spans(line[is_kept], start[is_kept], end[is_kept]), length=height, lines=width)


def mask_from_rows(
    counts: Sequence[int] | Counts, *, origin_xy: tuple[int, int], size_wh: tuple[int, int]
) -> Mask:
    """Return the mask of runs along the rows of a box that need not be tight.

    Raises:
        InvalidInputError: The runs do not fill the box, no pixel is inside, or the mask is too large.
    """
    across, down = size_wh
    _check_size(across, down)
    rows = _on_lines(checked_counts(counts, total=across * down), length=across)
    return _tight(rows, origin_xy)


def union_of_masks(masks: Sequence[MaskForm]) -> Mask:
    """Return the mask of what any of several masks covers.

    Args:
        masks: At least one; they may overlap.

    Raises:
        InvalidInputError: The mask is too large.
    """
    line, start, end = (np.concatenate(column) for column in zip(*map(_in_image, masks), strict=True))
    start_px = int(start.min())
    start, end = start - start_px, end - start_px
    reach = int(end.max()) + 1  # so that the end of a line does not touch the start of the next
    begin, finish = line * reach + start, line * reach + end
    order = np.argsort(begin, kind="stable")
    begin, finish = begin[order], np.maximum.accumulate(finish[order])
    is_first = np.append(True, begin[1:] > finish[:-1])
    is_last = np.append(is_first[1:], True)
    line = begin[is_first] // reach
    return _tight(_Spans(line, begin[is_first] - line * reach, finish[is_last] - line * reach), (start_px, 0))


def _in_image(mask: MaskForm) -> _Spans:
    rows = _on_lines(np.asarray(mask.runs, dtype=np.int64), length=mask.size_wh[0])
    left, top = mask.origin_xy
    return _Spans(rows.line + top, rows.start + left, rows.end + left)


def masks_of_numbers(numbers: NDArray[Any]) -> dict[int, Mask]:
    """Return the mask of each number of a picture but 0.

    Args:
        numbers: ``[height, width]``, whole numbers from 0.

    Raises:
        InvalidInputError: A mask is too large.
    """
    width = numbers.shape[1]
    flat = numbers.reshape(-1)
    is_new = np.ones(flat.size, dtype=np.bool_)
    np.not_equal(flat[1:], flat[:-1], out=is_new[1:])
    is_new[::width] = True
    if np.count_nonzero(is_new) > MAX_PICTURE_RUNS:
        raise InvalidInputError(f"its rows change more than {MAX_PICTURE_RUNS} times; that is noise, no mask")
    start = np.flatnonzero(is_new)
    end = np.append(start[1:], flat.size)
    value = flat[start]
    order = np.argsort(value, kind="stable")
    order = order[np.searchsorted(value[order], 0, side="right") :]
    start, end, value = start[order], end[order], value[order]
    cuts = np.flatnonzero(value[1:] != value[:-1]) + 1
    masks = {}
    for first, last in zip(np.append(0, cuts), np.append(cuts, value.size), strict=True):
        if first < last:
            line = start[first:last] // width
            at = line * width
            masks[int(value[first])] = _tight(_Spans(line, start[first:last] - at, end[first:last] - at))
    return masks


def _tight(rows: _Spans, origin_xy: tuple[int, int] = (0, 0)) -> Mask:
    left, right = int(rows.start.min()), int(rows.end.max())
    top, bottom = int(rows.line[0]), int(rows.line[-1]) + 1
    (x, y), inside = origin_xy, _Spans(rows.line - top, rows.start - left, rows.end - left)
    return _mask(inside, (x + left, y + top, x + right, y + bottom))


def _check_size(width: int, height: int) -> None:
    if not (0 < width <= MAX_SIDE_PX and 0 < height <= MAX_SIDE_PX):
        raise InvalidInputError(f"{width} x {height} is not the size of a mask")


def _mask(rows: _Spans, box: tuple[int, int, int, int]) -> Mask:
    left, top, right, bottom = box
    runs = _off_lines(rows, length=right - left, lines=bottom - top)
    try:
        return Mask(origin_xy=(left, top), size_wh=(right - left, bottom - top), runs=runs.tolist())
    except ValidationError as error:
        raise InvalidInputError(f"its mask does not hold: {error.errors()[0]['msg']}") from error


def _on_lines(counts: Counts, *, length: int) -> _Spans:
    """Cut the foreground of runs at the ends of lines of ``length`` pixels.

    Raises:
        InvalidInputError: There is no foreground.
    """
    edges = np.concatenate((np.zeros(1, dtype=np.int64), np.cumsum(counts)))
    start, end = edges[1:-1:2], edges[2::2]
    is_filled = end > start
    start, end = start[is_filled], end[is_filled]
    if start.size == 0:
        raise InvalidInputError("its mask has no pixel inside")
    first, last = start // length, (end - 1) // length
    pieces = last - first + 1
    line = np.repeat(first, pieces)
    line = line + np.arange(line.size, dtype=np.int64) - np.repeat(np.cumsum(pieces) - pieces, pieces)
    begin = np.maximum(np.repeat(start, pieces), line * length) - line * length
    finish = np.minimum(np.repeat(end, pieces), (line + 1) * length) - line * length
    touches = (line[1:] == line[:-1]) & (begin[1:] == finish[:-1])  # as runs of length 0 leave them
    is_first, is_last = np.concatenate(([True], ~touches)), np.concatenate((~touches, [True]))
    return _Spans(line[is_first], begin[is_first], finish[is_last])


def _off_lines(spans: _Spans, *, length: int, lines: int) -> Counts:
    """Return the runs of spans over all lines, one after the other, in canonical form."""
    start, end = spans.line * length + spans.start, spans.line * length + spans.end
    goes_on = start[1:] == end[:-1]
    start, end = start[np.concatenate(([True], ~goes_on))], end[np.concatenate((~goes_on, [True]))]
    edges = np.empty(2 * start.size + 2, dtype=np.int64)
    edges[0], edges[-1] = 0, length * lines
    edges[1:-1:2], edges[2:-1:2] = start, end
    counts = np.diff(edges)
    return counts[:-1] if counts[-1] == 0 else counts


def _turned(spans: _Spans, *, lines: int, length: int) -> _Spans:
    """Return the same pixels as spans on the lines across."""
    if lines * length > MAX_RASTER_PIXELS:
        raise InvalidInputError(
            f"its mask spans {lines * length} pixels; at most {MAX_RASTER_PIXELS} are taken"
        )
    step = max(1, _STRIP_PX // lines)
    parts = [
        _turned_strip(spans, lines=lines, begin=begin, end=min(begin + step, length))
        for begin in range(0, length, step)
    ]
    return _Spans(*(np.concatenate(column) for column in zip(*parts, strict=True)))


def _turned_strip(spans: _Spans, *, lines: int, begin: int, end: int) -> _Spans:
    """Return the pixels between ``begin`` and ``end`` of all lines, as spans on the lines across."""
    size = end - begin
    is_met = (spans.start < end) & (spans.end > begin)
    line = spans.line[is_met]
    steps = np.zeros((lines, size + 1), dtype=np.int8)
    steps[line, np.maximum(spans.start[is_met] - begin, 0)] += 1
    steps[line, np.minimum(spans.end[is_met] - begin, size)] -= 1
    across = np.zeros((size, lines + 2), dtype=np.int8)
    across[:, 1:-1] = np.cumsum(steps, axis=1, dtype=np.int8)[:, :-1].T
    changes = np.diff(across, axis=1)
    row, start = np.nonzero(changes == 1)
    _, stop = np.nonzero(changes == -1)
    return _Spans(row.astype(np.int64) + begin, start.astype(np.int64), stop.astype(np.int64))
