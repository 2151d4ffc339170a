"""Masks as arrays of pixels: the one module of the core that needs numpy."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from goldsmith.core.errors import InvalidInputError
from goldsmith.core.geometry.masks import Mask, MaskForm
from goldsmith.core.geometry.measures import XY
from goldsmith.core.geometry.shape import MAX_MASK_SIDE_PX, Form

BoolArray = NDArray[np.bool_]

MAX_RASTER_PIXELS: Final = 1 << 30
"""Cap on the pixels of one array; a mask of a few runs may claim more than a machine holds."""

MAX_CROSSINGS: Final = 20_000_000
"""Cap on sides of outlines times rows of pixels that they cross."""


def pixels_of_mask(mask: MaskForm) -> BoolArray:
    """Return the pixels of the mask's rectangle.

    Returns:
        ``[height, width]``, true for foreground.

    Raises:
        InvalidInputError: More than ``MAX_RASTER_PIXELS``.
    """
    width, height = mask.size_wh
    _check_size(width, height)
    runs = np.asarray(mask.runs, dtype=np.int64)
    is_foreground = np.arange(runs.size) % 2 == 1
    return np.repeat(is_foreground, runs).reshape(height, width)


def pixels_in_image(mask: MaskForm, *, width_px: int, height_px: int) -> BoolArray:
    """Return the mask as pixels of a whole image; what overhangs is left out.

    Raises:
        InvalidInputError: The image has more than ``MAX_RASTER_PIXELS``.
    """
    _check_size(width_px, height_px)
    pixels = np.zeros((height_px, width_px), dtype=np.bool_)
    for row, start, end in mask.spans():
        if 0 <= row < height_px and start < width_px and end > 0:
            pixels[row, max(start, 0) : end] = True
    return pixels


def mask_of_pixels(pixels: NDArray[Any], *, origin_xy: tuple[int, int] = (0, 0)) -> Mask | None:
    """Make a mask of an array; None where nothing is foreground.

    Args:
        pixels: ``[height, width]``, foreground where not 0.
        origin_xy: Place of its first pixel in the image.

    Raises:
        InvalidInputError: The foreground is larger than a mask may be, or has too many runs.
    """
    inside = pixels.astype(np.bool_, copy=False)
    rows, columns = np.flatnonzero(inside.any(axis=1)), np.flatnonzero(inside.any(axis=0))
    if rows.size == 0:
        return None
    top, left = int(rows[0]), int(columns[0])
    tight = inside[top : int(rows[-1]) + 1, left : int(columns[-1]) + 1]
    height, width = tight.shape
    flat = tight.ravel()
    changes = np.flatnonzero(flat[1:] != flat[:-1]) + 1
    runs = np.diff(np.concatenate([[0], changes, [flat.size]])).tolist()
    if flat[0]:
        runs.insert(0, 0)
    try:
        return Mask(origin_xy=(origin_xy[0] + left, origin_xy[1] + top), size_wh=(width, height), runs=runs)
    except ValueError as error:
        raise InvalidInputError(f"not a mask: {error}") from error


def pixels_of_rings(
    rings: Iterable[Sequence[XY]], *, width_px: int, height_px: int, origin_xy: tuple[int, int] = (0, 0)
) -> BoolArray:
    """Fill rings: a pixel is inside when its centre is, by the even-odd rule.

    Each side of a ring crosses the rows whose centres lie between its ends; each crossing turns over all pixels of
    the row whose centres lie right of it. A centre exactly on a left or top border counts as inside, on a right or
    bottom border as outside, so that neighbours share no pixel and leave none out.

    Args:
        rings: Not closed; pixels of the image.
        width_px: Of the result.
        height_px: Of the result.
        origin_xy: Place of the result's first pixel in the image.

    Returns:
        ``[height, width]``.

    Raises:
        InvalidInputError: More than ``MAX_RASTER_PIXELS``.
    """
    _check_size(width_px, height_px)
    row, column = _crossings(rings, width_px=width_px, height_px=height_px, origin_xy=origin_xy)
    turns = np.zeros((height_px, width_px + 1), dtype=np.bool_)
    np.logical_xor.at(turns, (row, column), True)
    return np.logical_xor.accumulate(turns, axis=1)[:, :width_px]


def mask_of_rings(rings: Sequence[Sequence[XY]], *, width_px: int, height_px: int) -> Mask | None:
    """Make a mask of what the rings cover of an image, as ``pixels_of_rings`` says; None where that is no pixel.

    Takes memory for the borders, not for the pixels.

    Raises:
        InvalidInputError: The mask would be larger than a mask may be.
    """
    row, column = _crossings(rings, width_px=width_px, height_px=height_px, origin_xy=(0, 0))
    order = np.lexsort((column, row))
    # each row is crossed an even number of times: in and out in turns
    row, start, end = row[order][::2], column[order][::2], column[order][1::2]
    keep = start < end
    row, start, end = row[keep], start[keep], end[keep]
    if row.size == 0:
        return None
    left, top, right, bottom = int(start.min()), int(row[0]), int(end.max()), int(row[-1]) + 1
    width = right - left
    begin, stop = (row - top) * width + start - left, (row - top) * width + end - left
    goes_on = begin[1:] == stop[:-1]
    begin, stop = begin[np.append(True, ~goes_on)], stop[np.append(~goes_on, True)]
    edges = np.concatenate([[0], np.stack([begin, stop], axis=1).ravel(), [width * (bottom - top)]])
    runs = np.diff(edges).tolist()
    return _checked((left, top), (width, bottom - top), runs[:-1] if runs[-1] == 0 else runs)


def _crossings(
    rings: Iterable[Sequence[XY]], *, width_px: int, height_px: int, origin_xy: tuple[int, int]
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Return row and column of the first pixel right of each place where a side crosses the centre line of a row."""
    tables = [np.asarray(ring, dtype=np.float64) - np.asarray(origin_xy, dtype=np.float64) for ring in rings]
    end = np.concatenate(tables)
    start = np.concatenate([np.roll(table, 1, axis=0) for table in tables])
    # a side crosses a row at the same place whichever way it is walked: two that lie on each other cancel out
    is_down = (start[:, 1] <= end[:, 1])[:, None]
    upper, lower = np.where(is_down, start, end), np.where(is_down, end, start)
    # a row r is crossed where exactly one end lies at or above its centre: upper <= r + 0.5 < lower
    first = np.clip(np.ceil(upper[:, 1] - 0.5), 0, height_px).astype(np.int64)
    after = np.clip(np.ceil(lower[:, 1] - 0.5), 0, height_px).astype(np.int64)
    count = after - first
    total = int(count.sum())
    if total > MAX_CROSSINGS:
        raise InvalidInputError(
            f"the outline crosses {total} rows of pixels; a mask is made of at most {MAX_CROSSINGS}"
        )
    side = np.repeat(np.arange(count.size), count)
    row = np.arange(total) - np.repeat(np.cumsum(count) - count, count) + first[side]
    (x0, y0), (x1, y1) = upper[side].T, lower[side].T
    x = x0 + (row + 0.5 - y0) / (y1 - y0) * (x1 - x0)
    return row, np.clip(np.ceil(x - 0.5), 0, width_px).astype(np.int64)


def mask_of_shape(shape: Form, *, width_px: int, height_px: int) -> Mask | None:
    """Make a mask of what any shape covers of an image; None where that is the centre of no pixel.

    Raises:
        InvalidInputError: The mask would be larger than a mask may be.
    """
    outline = shape.outline()
    return None if outline is None else mask_of_rings(outline, width_px=width_px, height_px=height_px)


def _checked(origin_xy: tuple[int, int], size_wh: tuple[int, int], runs: list[int]) -> Mask:
    try:
        return Mask(origin_xy=origin_xy, size_wh=size_wh, runs=runs)
    except ValueError as error:
        raise InvalidInputError(f"not a mask: {error}") from error


def _check_size(width_px: int, height_px: int) -> None:
    if (
        width_px > MAX_MASK_SIDE_PX
        or height_px > MAX_MASK_SIDE_PX
        or width_px * height_px > MAX_RASTER_PIXELS
    ):
        raise InvalidInputError(
            f"{width_px} x {height_px} pixels are too many for one mask; at most {MAX_RASTER_PIXELS} are held"
        )
