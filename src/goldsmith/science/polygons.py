"""Polygons with holes: exact areas and overlaps.

A polygon is a sequence of rings, ``[k, 2]`` points each, not closed. What is inside follows the even-odd rule, so that
holes need no orientation, and self-crossing outlines have a definite meaning. Areas of overlaps are exact: between two
neighbouring heights at which anything starts, ends or crosses, all edges are straight and do not cross, hence the area
is height times the inside width at half the height (trapezoidal decomposition, as in scan-line fillers).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from goldsmith.core.errors import InvalidInputError
from goldsmith.science.arrays import BoolArray, FloatArray, IntArray

Rings = Sequence[FloatArray]
"""A polygon: rings of ``[k, 2]`` points x, y; the first is the outline, further ones are holes; not closed."""

_CELLS_AT_ONCE = 4_000_000


class Overlap(NamedTuple):
    """Areas of two polygons in square pixels."""

    first: float
    second: float
    shared: float

    @property
    def iou(self) -> float:
        """Intersection over union, 0 where both are empty."""
        union = self.first + self.second - self.shared
        return min(max(self.shared / union, 0.0), 1.0) if union > 0.0 else 0.0


def as_rings(name: str, rings: Rings) -> tuple[FloatArray, ...]:
    """A polygon's rings as arrays.

    Raises:
        InvalidInputError: No ring, fewer than 3 points, or a coordinate that is not finite.

    >>> [ring.shape for ring in as_rings("rings", [[[0, 0], [4, 0], [0, 4]]])]
    [(3, 2)]
    """
    checked = tuple(np.asarray(ring, dtype=np.float64) for ring in rings)
    if not checked:
        raise InvalidInputError(f"{name}: a polygon needs at least one ring")
    for ring in checked:
        if ring.ndim != 2 or ring.shape[1] != 2 or len(ring) < 3:
            raise InvalidInputError(f"{name}: a ring needs at least 3 points of x and y")
        if not np.isfinite(ring).all():
            raise InvalidInputError(f"{name} holds a coordinate that is not finite")
    return checked


def ring_area(ring: FloatArray) -> float:
    """Signed area of one ring by the shoelace formula: positive when clockwise on screen (y down).

    >>> ring_area(np.array([[0.0, 0], [2, 0], [2, 1], [0, 1]]))
    2.0
    """
    x, y = ring[:, 0] - ring[0, 0], ring[:, 1] - ring[0, 1]
    return float((x * np.roll(y, -1) - np.roll(x, -1) * y).sum() / 2.0)


def polygon_area(rings: Rings) -> float:
    """Area inside by the even-odd rule, exact also when rings cross.

    >>> outer, hole = [[0, 0], [4, 0], [4, 4], [0, 4]], [[1, 1], [3, 1], [3, 3], [1, 3]]
    >>> polygon_area([np.array(outer), np.array(hole)])
    12.0
    """
    return polygon_overlap(rings, rings).first


def polygon_bounds(rings: Rings) -> FloatArray:
    """``x0, y0, x1, y1`` of the outline.

    >>> polygon_bounds([np.array([[0.0, 1.0], [4.0, 1.0], [0.0, 5.0]])]).tolist()
    [0.0, 1.0, 4.0, 5.0]
    """
    points = np.concatenate(as_rings("rings", rings))
    return np.concatenate([points.min(axis=0), points.max(axis=0)])


def rings_of_box(box_xyxy: FloatArray) -> tuple[FloatArray, ...]:
    """A box as a polygon of four points, clockwise on screen from the top left.

    >>> rings_of_box(np.array([0, 0, 2, 1]))[0].tolist()
    [[0.0, 0.0], [2.0, 0.0], [2.0, 1.0], [0.0, 1.0]]
    """
    x0, y0, x1, y1 = (float(v) for v in box_xyxy)
    return (np.array([[x0, y0], [x1, y0], [x1, y1], [x0, y1]]),)


def polygon_iou(first: Rings, second: Rings) -> float:
    """Intersection over union of two polygons, exact.

    >>> polygon_iou(rings_of_box(np.array([0, 0, 2, 2])), rings_of_box(np.array([1, 0, 3, 2])))
    0.3333333333333333
    """
    return polygon_overlap(first, second).iou


def polygon_overlap(first: Rings, second: Rings) -> Overlap:
    """Areas of both polygons and of what they share.

    Args:
        first: Rings.
        second: Rings.

    Returns:
        The three areas. Time and memory grow with the product of edges and crossings.

    Raises:
        InvalidInputError: A ring has fewer than 3 points or a coordinate that is not finite.

    >>> polygon_overlap(rings_of_box(np.array([0, 0, 2, 2])), rings_of_box(np.array([1, 0, 3, 2]))).shared
    2.0
    """
    one, other = as_rings("first", first), as_rings("second", second)
    origin = one[0].min(axis=0)
    edges = np.concatenate(
        [_edges([ring - origin for ring in one]), _edges([ring - origin for ring in other])]
    )
    owner = np.repeat(np.array([0, 1]), [sum(map(len, one)), sum(map(len, other))])
    rising = edges[:, 1] != edges[:, 3]
    edges, owner = edges[rising], owner[rising]
    if not len(edges):
        return Overlap(0.0, 0.0, 0.0)
    heights = np.unique(np.concatenate([edges[:, 1], edges[:, 3], _crossing_heights(edges)]))
    totals = np.zeros(3)
    at_once = max(_CELLS_AT_ONCE // len(edges), 1)
    for begin in range(0, heights.size - 1, at_once):
        slab = heights[begin : begin + at_once + 1]
        totals += _slab_areas(edges, owner, slab)
    return Overlap(*totals.tolist())


def inside(rings: Rings, x: FloatArray, y: FloatArray) -> BoolArray:
    """Which points of a grid lie inside by the even-odd rule.

    Args:
        rings: The polygon.
        x: ``[w]`` columns.
        y: ``[h]`` rows.

    Returns:
        ``[h, w]``.

    >>> inside(rings_of_box(np.array([0, 0, 2, 2])), np.array([1.0, 3.0]), np.array([1.0])).tolist()
    [[True, False]]
    """
    edges = _edges(as_rings("rings", rings))
    x0, y0, x1, y1 = edges.T
    spans = (y0[:, None] <= y) != (y1[:, None] <= y)
    edge, row = np.nonzero(spans)
    at = x0[edge] + (y[row] - y0[edge]) * (x1[edge] - x0[edge]) / (y1[edge] - y0[edge])
    crossings = np.zeros((y.size, x.size + 1), dtype=np.int64)
    np.add.at(crossings, (row, np.searchsorted(x, at, side="left")), 1)
    return np.asarray(np.cumsum(crossings, axis=1)[:, :-1] % 2 == 1)


def outline_distance(rings: Rings, points: FloatArray) -> FloatArray:
    """Distance of points to the nearest edge of any ring.

    Args:
        rings: The polygon.
        points: ``[n, 2]``.

    Returns:
        ``[n]`` pixels, at least 0.

    >>> outline_distance(rings_of_box(np.array([0, 0, 4, 4])), np.array([[2.0, 1.0], [7.0, 8.0]])).tolist()
    [1.0, 5.0]
    """
    edges = _edges(as_rings("rings", rings))
    px, py = points[:, :1], points[:, 1:]
    nearest = np.full(len(points), np.inf)
    at_once = max(_CELLS_AT_ONCE // max(len(points), 1), 1)
    for begin in range(0, len(edges), at_once):
        x0, y0, x1, y1 = edges[begin : begin + at_once].T
        dx, dy = x1 - x0, y1 - y0
        length = np.maximum(dx * dx + dy * dy, 1e-300)
        along = np.clip(((px - x0) * dx + (py - y0) * dy) / length, 0.0, 1.0)
        square = (px - x0 - along * dx) ** 2 + (py - y0 - along * dy) ** 2
        nearest = np.minimum(nearest, square.min(axis=1))
    return np.asarray(np.sqrt(nearest))


def _edges(rings: Sequence[FloatArray]) -> FloatArray:
    """``[e, 4]`` x0, y0, x1, y1 of all edges, the closing ones included."""
    return np.concatenate([np.concatenate([ring, np.roll(ring, -1, axis=0)], axis=1) for ring in rings])


def _crossing_heights(edges: FloatArray) -> FloatArray:
    """Heights at which two edges cross; parallel edges have none of their own."""
    found = [np.zeros(0)]
    top, bottom = np.minimum(edges[:, 1], edges[:, 3]), np.maximum(edges[:, 1], edges[:, 3])
    left, right = np.minimum(edges[:, 0], edges[:, 2]), np.maximum(edges[:, 0], edges[:, 2])
    at_once = max(_CELLS_AT_ONCE // len(edges), 1)
    for begin in range(0, len(edges), at_once):
        block = slice(begin, begin + at_once)
        near = (top[block, None] < bottom) & (top < bottom[block, None])
        near &= (left[block, None] <= right) & (left <= right[block, None])
        one, other = np.nonzero(near)
        one = one + begin
        one, other = one[one < other], other[one < other]
        p, r = edges[one, :2], edges[one, 2:] - edges[one, :2]
        q, s = edges[other, :2], edges[other, 2:] - edges[other, :2]
        turn = r[:, 0] * s[:, 1] - r[:, 1] * s[:, 0]
        gap = q - p
        with np.errstate(divide="ignore", invalid="ignore"):
            along = (gap[:, 0] * s[:, 1] - gap[:, 1] * s[:, 0]) / turn
            across = (gap[:, 0] * r[:, 1] - gap[:, 1] * r[:, 0]) / turn
        meets = (turn != 0.0) & (along > 0.0) & (along < 1.0) & (across > 0.0) & (across < 1.0)
        found.append(p[meets, 1] + along[meets] * r[meets, 1])
    return np.concatenate(found)


def _slab_areas(edges: FloatArray, owner: IntArray, heights: FloatArray) -> FloatArray:
    """Areas of first, second and both between the given heights."""
    thickness = np.diff(heights)
    middle = heights[:-1] + thickness / 2.0
    x0, y0, x1, y1 = edges.T
    spans = (y0 <= middle[:, None]) != (y1 <= middle[:, None])
    at = x0 + (middle[:, None] - y0) * ((x1 - x0) / (y1 - y0))
    at = np.where(spans, at, np.inf)
    order = np.argsort(at, axis=1)
    most = int(spans.sum(axis=1).max(initial=0))
    order = order[:, :most]
    crossing = np.take_along_axis(at, order, axis=1)
    mine = np.isfinite(crossing)
    in_first = np.cumsum((owner[order] == 0) & mine, axis=1) % 2 == 1
    in_second = np.cumsum((owner[order] == 1) & mine, axis=1) % 2 == 1
    width = np.diff(np.where(mine, crossing, 0.0), axis=1) * mine[:, 1:]
    spans_of = (in_first[:, :-1], in_second[:, :-1], (in_first & in_second)[:, :-1])
    return np.array([float(((width * where).sum(axis=1) * thickness).sum()) for where in spans_of])


def simplified_path(points: FloatArray, *, tolerance: float) -> FloatArray:
    """The corners of an open path that matter (Ramer 1972, Douglas & Peucker 1973).

    Args:
        points: ``[n, 2]`` at least 1.
        tolerance: What is left out lies no farther from the path that remains; at least 0.

    Returns:
        ``[m, 2]`` some of the points in their order, both ends among them.

    >>> simplified_path(np.array([[0.0, 0.0], [5.0, 0.1], [9.0, 0.0]]), tolerance=0.5).tolist()
    [[0.0, 0.0], [9.0, 0.0]]
    """
    keep = np.zeros(len(points), dtype=np.bool_)
    keep[[0, -1]] = True
    parts = [(0, len(points) - 1)]
    while parts:
        begin, end = parts.pop()
        if end - begin < 2:
            continue
        chord = points[end] - points[begin]
        gap = points[begin + 1 : end] - points[begin]
        length = float(np.hypot(*chord))
        away = np.abs(chord[0] * gap[:, 1] - chord[1] * gap[:, 0]) / length if length else np.hypot(*gap.T)
        far = int(away.argmax())
        if away[far] > tolerance:
            split = begin + 1 + far
            keep[split] = True
            parts += [(begin, split), (split, end)]
    return points[keep]
