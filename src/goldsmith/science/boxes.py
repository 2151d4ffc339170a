"""Axis-aligned boxes as float64 ``[n, 4]`` rows ``x0, y0, x1, y1`` in pixels."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from numpy.typing import ArrayLike

from goldsmith.core.errors import InvalidInputError
from goldsmith.science.arrays import FloatArray, IntArray, as_boxes, as_indices
from goldsmith.science.segments import ragged_arange, run_starts

_PAIRS_AT_ONCE = 2_000_000


def box_area(box_xyxy: ArrayLike) -> FloatArray:
    """Areas in square pixels; a box turned inside out has area 0.

    >>> box_area([[0, 0, 2, 3], [5, 5, 4, 9]]).tolist()
    [6.0, 0.0]
    """
    box = as_boxes("box_xyxy", box_xyxy)
    size = np.maximum(box[:, 2:] - box[:, :2], 0.0)
    return np.asarray(size[:, 0] * size[:, 1])


def box_iou(first_xyxy: ArrayLike, second_xyxy: ArrayLike) -> FloatArray:
    """Intersection over union of every box with every other.

    Args:
        first_xyxy: ``[n, 4]``.
        second_xyxy: ``[m, 4]``.

    Returns:
        ``[n, m]`` in [0, 1]; 0 where both boxes are empty.

    >>> box_iou([[0, 0, 2, 2]], [[1, 0, 3, 2], [0, 0, 2, 2]]).round(3).tolist()
    [[0.333, 1.0]]
    """
    first, second = as_boxes("first_xyxy", first_xyxy), as_boxes("second_xyxy", second_xyxy)
    rows = np.repeat(np.arange(len(first)), len(second))
    columns = np.tile(np.arange(len(second)), len(first))
    return paired_box_iou(first[rows], second[columns]).reshape(len(first), len(second))


def paired_box_iou(first_xyxy: ArrayLike, second_xyxy: ArrayLike) -> FloatArray:
    """Intersection over union, row by row.

    Args:
        first_xyxy: ``[n, 4]``.
        second_xyxy: ``[n, 4]``.

    Returns:
        ``[n]`` in [0, 1].

    Raises:
        InvalidInputError: The two differ in length.

    >>> paired_box_iou([[0, 0, 2, 2]], [[1, 0, 3, 2]]).round(3).tolist()
    [0.333]
    """
    first = as_boxes("first_xyxy", first_xyxy)
    second = as_boxes("second_xyxy", second_xyxy, length=len(first))
    shared = np.maximum(
        np.minimum(first[:, 2:], second[:, 2:]) - np.maximum(first[:, :2], second[:, :2]), 0.0
    )
    overlap = shared[:, 0] * shared[:, 1]
    union = box_area(first) + box_area(second) - overlap
    return np.asarray(np.divide(overlap, union, out=np.zeros_like(overlap), where=union > 0.0))


def overlapping_pairs(
    group: ArrayLike, box_xyxy: ArrayLike, *, min_iou: float = 0.0, pairs_at_once: int = _PAIRS_AT_ONCE
) -> tuple[IntArray, IntArray, FloatArray]:
    """All pairs of boxes of the same group that overlap enough.

    Args:
        group: ``[n]`` such as the image of each box; only boxes of one group are compared.
        box_xyxy: ``[n, 4]``.
        min_iou: Pairs below are left out; pairs that only touch always are.
        pairs_at_once: Bounds the memory, about 200 bytes each.

    Returns:
        ``first``, ``second`` (``[m]`` indices into the input, first < second) and their ``iou`` ``[m]``.

    >>> overlapping_pairs([0, 0, 1], [[0, 0, 2, 2], [0, 0, 2, 1], [0, 0, 2, 2]])
    (array([0]), array([1]), array([0.5]))
    """
    key = as_indices("group", group)
    box = as_boxes("box_xyxy", box_xyxy, length=key.size)
    if not 0.0 <= min_iou <= 1.0:
        raise InvalidInputError(f"min_iou must lie in [0, 1], not {min_iou}")
    firsts, seconds, ious = [], [], []
    for one, other in _pairs_within(key, at_once=pairs_at_once):
        iou = paired_box_iou(box[one], box[other])
        keep = np.flatnonzero((iou >= min_iou) & (iou > 0.0))
        firsts.append(np.minimum(one[keep], other[keep]))
        seconds.append(np.maximum(one[keep], other[keep]))
        ious.append(iou[keep])
    none = np.zeros(0, dtype=np.int64)
    return (
        np.concatenate([none, *firsts]),
        np.concatenate([none, *seconds]),
        np.concatenate([np.zeros(0), *ious]),
    )


def _pairs_within(key: IntArray, *, at_once: int) -> Iterator[tuple[IntArray, IntArray]]:
    """All pairs inside each group, about so many at a time."""
    order = np.argsort(key, kind="stable")
    starts = run_starts(key[order])
    sizes = np.diff(np.r_[starts, key.size])
    later = np.repeat(starts + sizes, sizes) - np.arange(key.size) - 1
    ends = np.cumsum(later)
    begin = 0
    while begin < key.size:
        done = int(ends[begin - 1]) if begin else 0
        end = max(int(np.searchsorted(ends, done + at_once, side="right")), begin + 1)
        counts = later[begin:end]
        left = np.repeat(np.arange(begin, end), counts)
        right = left + 1 + ragged_arange(counts)
        yield order[left], order[right]
        begin = end
