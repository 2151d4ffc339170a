"""Marks that are neither boxes nor polygons: places, lines and pixels, and how alike two of them are.

Places and lines cover nothing, so that overlap says nothing of them; they are compared by distance against a scale,
with one half at that scale: as with overlap, one half is where two marks count as the same. A line is as alike another
as the share of either that runs along the other, softly, so that half a line is still half found.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import ArrayLike

from goldsmith.core.errors import InvalidInputError
from goldsmith.science.arrays import FloatArray, IntArray, as_floats
from goldsmith.science.polygons import Rings, inside, polygon_bounds

VISIBLE: Final = 0
HIDDEN: Final = 1
OUTSIDE: Final = 2

_REACH: Final = 2.1
"""So many scales apart, two places are alike by 0.05, the least that is looked at."""
_LINE_SAMPLES: Final = 48
_MOST_LINE_POINTS: Final = 2048
_ROW: Final = 1 << 32
_CELLS_AT_ONCE: Final = 4_000_000
MOST_CELLS: Final = 1 << 28
"""A polygon is filled with pixels up to this many in its bounds."""


@dataclass(frozen=True, slots=True)
class Spots:
    """Named places, such as the nodes of a skeleton; a point is one of them.

    Attributes:
        points: ``[k, 2]`` pixels.
        state: ``[k]`` ``VISIBLE``, ``HIDDEN``, or ``OUTSIDE``: then its place means nothing.
        scale_px: Distance at which two places are alike by one half.
    """

    points: FloatArray
    state: IntArray
    scale_px: float

    @classmethod
    def of(cls, *, points: ArrayLike, state: ArrayLike, scale_px: float) -> Spots:
        """Check the columns.

        Raises:
            InvalidInputError: No place that is seen, columns that do not fit, or a scale that is not above 0.
        """
        places = np.asarray(points, dtype=np.float64).reshape(-1, 2)
        states = np.asarray(state, dtype=np.int64)
        if states.shape != (len(places),) or not scale_px > 0.0 or not (states != OUTSIDE).any():
            raise InvalidInputError("spots need a place that is not outside, a state each, and a scale")
        as_floats("points", places.ravel())
        return cls(places, states, float(scale_px))

    @property
    def reach_px(self) -> float:
        """How far something alike may lie away."""
        return _REACH * self.scale_px


@dataclass(frozen=True, slots=True)
class Line:
    """A line along points.

    Attributes:
        points: ``[k, 2]`` pixels, at most 2048.
        samples: ``[48, 2]`` places at equal distances along it.
        scale_px: Distance at which two places are alike by one half.
    """

    points: FloatArray
    samples: FloatArray
    scale_px: float

    @classmethod
    def of(cls, *, points: ArrayLike, scale_px: float) -> Line:
        """Check the points.

        Raises:
            InvalidInputError: Fewer than two places, or a scale that is not above 0.
        """
        places = np.asarray(points, dtype=np.float64).reshape(-1, 2)
        as_floats("points", places.ravel())
        if len(places) < 2 or not scale_px > 0.0:
            raise InvalidInputError("a line needs two points and a scale")
        along = np.concatenate([[0.0], np.cumsum(np.hypot(*np.diff(places, axis=0).T))])
        samples = _spread(places, along, _LINE_SAMPLES)
        if len(places) > _MOST_LINE_POINTS:
            places = _spread(places, along, _MOST_LINE_POINTS)
        return cls(places, samples, float(scale_px))

    @property
    def reach_px(self) -> float:
        """How far something alike may lie away."""
        return _REACH * self.scale_px


@dataclass(frozen=True, slots=True)
class Pixels:
    """A set of pixels as stretches of rows.

    Attributes:
        begin: ``[m]`` row times 2^32 plus the first column, ascending.
        end: ``[m]`` likewise, the column after the last one.
        total: Number of pixels.
    """

    begin: IntArray
    end: IntArray
    total: int

    @classmethod
    def of_spans(cls, spans: Sequence[tuple[int, int, int]]) -> Pixels:
        """Make a set of (row, first column, column after the last one), sorted, not overlapping."""
        table = np.array(spans, dtype=np.int64).reshape(-1, 3)
        row = table[:, 0] * _ROW
        return cls(row + table[:, 1], row + table[:, 2], int((table[:, 2] - table[:, 1]).sum()))

    @classmethod
    def of_rings(cls, rings: Rings) -> Pixels:
        """Make a set of the pixels whose centres lie inside, by the even-odd rule.

        Raises:
            InvalidInputError: The rings span more than ``MOST_CELLS`` pixels.
        """
        bounds = polygon_bounds(rings)
        if float(np.prod(bounds[2:] - bounds[:2] + 1.0)) > MOST_CELLS:
            raise InvalidInputError(f"a polygon that spans more than {MOST_CELLS} pixels is not filled")
        left, top = np.floor(bounds[:2]).astype(np.int64)
        right, bottom = np.ceil(bounds[2:]).astype(np.int64)
        x = np.arange(left, right, dtype=np.float64) + 0.5
        begins, ends = [np.zeros(0, dtype=np.int64)], [np.zeros(0, dtype=np.int64)]
        rows_at_once = max(_CELLS_AT_ONCE // max(x.size, 1), 1)
        for first in range(int(top), int(bottom), rows_at_once):
            y = np.arange(first, min(first + rows_at_once, int(bottom)), dtype=np.float64) + 0.5
            covered = np.pad(inside(rings, x, y), ((0, 0), (1, 1))).astype(np.int8)
            row, column = np.nonzero(np.diff(covered, axis=1))
            place = (row + first) * _ROW + column + left
            begins.append(place[::2])
            ends.append(place[1::2])
        begin, end = np.concatenate(begins), np.concatenate(ends)
        return cls(begin, end, int((end - begin).sum()))

    @property
    def reach_px(self) -> float:
        """How far something alike may lie away."""
        return 0.0

    def bounds_xyxy(self) -> FloatArray:
        """``[4]`` tight rectangle; of no pixels an empty one at the origin."""
        if not self.total:
            return np.zeros(4)
        row = self.begin // _ROW
        left, right = self.begin - row * _ROW, self.end - row * _ROW
        return np.array([left.min(), row.min(), right.max(), row.max() + 1], dtype=np.float64)

    def spans(self) -> list[tuple[int, int, int]]:
        """Return (row, first column, column after the last one), sorted; ``of_spans`` reads them back."""
        row = self.begin // _ROW
        table = np.stack([row, self.begin - row * _ROW, self.end - row * _ROW], axis=1)
        return [(y, first, last) for y, first, last in table.tolist()]


Form = Spots | Line | Pixels


def form_similarity(first: Form | None, second: Form | None) -> float:
    """How alike two forms are, 0 to 1: pixels by intersection over union, places and lines by distance.

    Nothing is like a form of another sort.

    >>> one, other = (Spots.of(points=[[x, 0.0]], state=[VISIBLE], scale_px=8.0) for x in (0.0, 8.0))
    >>> form_similarity(one, other)
    0.5
    """
    if isinstance(first, Pixels) and isinstance(second, Pixels):
        return pixel_iou(first, second)
    if isinstance(first, Spots) and isinstance(second, Spots):
        return _spot_similarity(first, second)
    if isinstance(first, Line) and isinstance(second, Line):
        return _line_similarity(first, second)
    return 0.0


def pixel_iou(first: Pixels, second: Pixels) -> float:
    """Intersection over union of two sets of pixels, exact.

    >>> pixel_iou(Pixels.of_spans([(0, 0, 2)]), Pixels.of_spans([(0, 1, 3)])).__round__(3)
    0.333
    """
    covered = np.concatenate([[0], np.cumsum(second.end - second.begin)])

    def before(place: IntArray) -> IntArray:
        """How many pixels of the second set lie before each place."""
        stretch = np.searchsorted(second.begin, place, side="right")
        last = np.maximum(stretch - 1, 0)
        inside = np.clip(place - second.begin[last], 0, second.end[last] - second.begin[last])
        return np.asarray(np.where(stretch > 0, covered[last] + inside, 0))

    if not first.total or not second.total:
        return 0.0
    shared = int((before(first.end) - before(first.begin)).sum())
    return shared / (first.total + second.total - shared)


def _spot_similarity(first: Spots, second: Spots) -> float:
    """Mean over the places that either sees; a place that only one sees is not alike at all."""
    if len(first.points) != len(second.points):
        return 0.0
    seen_1, seen_2 = first.state != OUTSIDE, second.state != OUTSIDE
    both = seen_1 & seen_2
    distance = np.hypot(*(first.points[both] - second.points[both]).T)
    scale = (first.scale_px + second.scale_px) / 2.0
    return float(_alike(distance, scale).sum() / (seen_1 | seen_2).sum())


def _line_similarity(first: Line, second: Line) -> float:
    scale = (first.scale_px + second.scale_px) / 2.0
    there = _alike(_distance_to_line(first.samples, second.points), scale).mean()
    back = _alike(_distance_to_line(second.samples, first.points), scale).mean()
    return float((there + back) / 2.0)


def _spread(points: FloatArray, along: FloatArray, count: int) -> FloatArray:
    """Places at equal distances along a line whose points lie at ``along``; ``[count, 2]``."""
    at = np.linspace(0.0, along[-1], count)
    return np.stack([np.interp(at, along, points[:, 0]), np.interp(at, along, points[:, 1])], axis=1)


def _alike(distance: FloatArray, scale_px: float) -> FloatArray:
    return np.exp2(-((distance / scale_px) ** 2))


def _distance_to_line(points: FloatArray, line: FloatArray) -> FloatArray:
    """Distance of ``points`` ``[n, 2]`` to the nearest piece of ``line`` ``[k, 2]``."""
    start, step = line[:-1], np.diff(line, axis=0)
    gap = points[:, None, :] - start
    length = np.maximum((step**2).sum(axis=1), 1e-300)
    along = np.clip((gap * step).sum(axis=2) / length, 0.0, 1.0)
    return np.asarray(np.sqrt((((gap - along[:, :, None] * step) ** 2).sum(axis=2)).min(axis=1)))
