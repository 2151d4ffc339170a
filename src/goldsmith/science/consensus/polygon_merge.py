"""One polygon from several: the mean of their signed distances, traced at zero.

Shape-based averaging (Rohlfing & Maurer 2007) instead of a vote of pixels: the zero line of the weighted mean distance
runs between the outlines also where only two people drew, and is found to a fraction of a cell. The grid has
``GRID_CELLS`` cells along the longer side, so that straight parts are exact and corners are cut by less than a cell
(about 1 % of the length); where the tracing agrees less with the members than the best member does (thin or torn
shapes), that member, the medoid, is taken as it is.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import numpy as np
from numpy.typing import NDArray

from goldsmith.core.errors import InvalidInputError
from goldsmith.science.arrays import FloatArray
from goldsmith.science.polygons import (
    Rings,
    as_rings,
    inside,
    outline_distance,
    polygon_bounds,
    polygon_iou,
    ring_area,
    simplified_path,
)

GRID_CELLS: Final = 64
_KEPT_SHARE: Final = 0.02
"""Rings smaller than this share of the outline are specks and left out."""


def merge_polygons(shapes: Sequence[Rings], weight: FloatArray) -> tuple[FloatArray, ...]:
    """The polygon that several annotators meant.

    Args:
        shapes: At least one polygon.
        weight: ``[shapes]`` trust in each, above 0.

    Returns:
        Rings: the outline first, then holes.

    Raises:
        InvalidInputError: No shape at all, or weights that do not fit.
    """
    polygons = [as_rings("shapes", shape) for shape in shapes]
    if not polygons or weight.shape != (len(polygons),) or (weight <= 0.0).any():
        raise InvalidInputError("merging needs at least one polygon and one positive weight for each")
    if len(polygons) == 1 or all(_same(polygons[0], other) for other in polygons[1:]):
        return polygons[0]
    share = weight / weight.sum()
    agreement = np.eye(len(polygons))
    for i in range(len(polygons)):
        for j in range(i):
            agreement[i, j] = agreement[j, i] = polygon_iou(polygons[i], polygons[j])
    mean_agreement = agreement @ share
    medoid = int(mean_agreement.argmax())
    merged = _mean_shape(polygons, share)
    if merged is None:
        return polygons[medoid]
    others = [k for k in range(len(polygons)) if k != medoid]
    of_medoid = float(agreement[medoid, others] @ share[others])
    of_merged = float(sum(share[k] * polygon_iou(merged, polygons[k]) for k in others))
    return merged if of_merged >= of_medoid else polygons[medoid]


def _mean_shape(polygons: Sequence[Rings], share: FloatArray) -> tuple[FloatArray, ...] | None:
    """The zero line of the mean signed distance; None when nothing is left."""
    bounds = np.stack([polygon_bounds(polygon) for polygon in polygons])
    low, high = bounds[:, :2].min(axis=0), bounds[:, 2:].max(axis=0)
    cell = max(float((high - low).max()) / GRID_CELLS, 1e-9)
    x, y = (np.arange(low[a] - 1.5 * cell, high[a] + 2.0 * cell, cell) for a in (0, 1))
    mean = _mean_distance(polygons, share, x, y)
    rings = [_simplified(ring, 0.1 * cell) for ring in trace_zero(mean, x, y)]
    rings = sorted((ring for ring in rings if len(ring) >= 3), key=lambda ring: -abs(ring_area(ring)))
    if not rings:
        return None
    outline, sign = rings[0], np.sign(ring_area(rings[0]))
    smallest = _KEPT_SHARE * abs(ring_area(outline))
    return outline, *(
        r for r in rings[1:] if np.sign(ring_area(r)) == -sign and abs(ring_area(r)) >= smallest
    )


def _mean_distance(polygons: Sequence[Rings], share: FloatArray, x: FloatArray, y: FloatArray) -> FloatArray:
    """Weighted mean of signed distances, positive inside; where all agree around a point, only its sign."""
    covered = np.stack([inside(polygon, x, y) for polygon in polygons])
    state = covered.sum(axis=0)
    needed = (state > 0) & (state < len(polygons))
    for axis in (0, 1):
        changes = np.diff(state, axis=axis) != 0
        before, after = (slice(None),) * axis + (slice(None, -1),), (slice(None),) * axis + (slice(1, None),)
        needed[before] |= changes
        needed[after] |= changes
    row, column = np.nonzero(needed)
    points = np.stack([x[column], y[row]], axis=1)
    mean = np.where(state == len(polygons), 1.0, -1.0)
    mean[row, column] = 0.0
    for polygon, part, within in zip(polygons, share.tolist(), covered, strict=True):
        distance = outline_distance(polygon, points)
        mean[row, column] += part * np.where(within[row, column], distance, -distance)
    return mean


def trace_zero(field: FloatArray, x: FloatArray, y: FloatArray) -> list[FloatArray]:
    """Closed lines along which a field on a grid is zero (marching squares, linear between grid points).

    Args:
        field: ``[h, w]``, negative along the whole border.
        x: ``[w]`` columns.
        y: ``[h]`` rows.

    Returns:
        Rings: outlines clockwise on screen, holes the other way.
    """
    above = field > 0.0
    steps: dict[tuple[int, int, int], tuple[int, int, int]] = {}
    code = above[:-1, :-1] + 2 * above[:-1, 1:] + 4 * above[1:, 1:] + 8 * above[1:, :-1]
    for row, column in zip(*(axis.tolist() for axis in np.nonzero((code > 0) & (code < 15))), strict=True):
        kind = int(code[row, column])
        if kind in _SADDLES and field[row : row + 2, column : column + 2].sum() > 0.0:
            kind = -kind
        for start, end in _STEPS[kind]:
            steps[_edge(row, column, start)] = _edge(row, column, end)
    rings = []
    while steps:
        first, following = steps.popitem()
        chain = [first]
        while following != first:
            chain.append(following)
            following = steps.pop(following)
        rings.append(_edge_points(np.array(chain[::-1]), field, x, y))
    return rings


_SADDLES: Final = frozenset({5, 10})
_TOP, _RIGHT, _BOTTOM, _LEFT = 0, 1, 2, 3
_STEPS: Final[dict[int, tuple[tuple[int, int], ...]]] = {
    1: ((_LEFT, _TOP),), 2: ((_TOP, _RIGHT),), 3: ((_LEFT, _RIGHT),), 4: ((_RIGHT, _BOTTOM),),
    5: ((_LEFT, _TOP), (_RIGHT, _BOTTOM)), -5: ((_LEFT, _BOTTOM), (_RIGHT, _TOP)),
    6: ((_TOP, _BOTTOM),), 7: ((_LEFT, _BOTTOM),), 8: ((_BOTTOM, _LEFT),), 9: ((_BOTTOM, _TOP),),
    10: ((_TOP, _RIGHT), (_BOTTOM, _LEFT)), -10: ((_TOP, _LEFT), (_BOTTOM, _RIGHT)),
    11: ((_BOTTOM, _RIGHT),), 12: ((_RIGHT, _LEFT),), 13: ((_RIGHT, _TOP),), 14: ((_TOP, _LEFT),),
}  # fmt: skip
"""Where the line enters and leaves a cell, by which corners are above zero (1 top left, 2, 4, 8 clockwise)."""


def _edge(row: int, column: int, side: int) -> tuple[int, int, int]:
    """One name for a grid edge, whichever cell speaks of it: row, column, 0 across or 1 down."""
    if side == _TOP:
        return row, column, 0
    if side == _BOTTOM:
        return row + 1, column, 0
    return row, column + (side == _RIGHT), 1


def _edge_points(chain: NDArray[np.int64], field: FloatArray, x: FloatArray, y: FloatArray) -> FloatArray:
    row, column, down = chain.T
    row_2, column_2 = row + down, column + 1 - down
    here, there = field[row, column], field[row_2, column_2]
    part = here / (here - there)
    return np.stack(
        [x[column] + part * (x[column_2] - x[column]), y[row] + part * (y[row_2] - y[row])], axis=1
    )


def _simplified(ring: FloatArray, tolerance: float) -> FloatArray:
    """The corners of a closed ring that matter, from its two points farthest apart in x + y."""
    start = int((ring[:, 0] + ring[:, 1]).argmin())
    closed = np.concatenate([np.roll(ring, -start, axis=0), ring[start : start + 1]])
    middle = int((closed[:, 0] + closed[:, 1]).argmax())
    there = simplified_path(closed[: middle + 1], tolerance=tolerance)
    return np.concatenate([there, simplified_path(closed[middle:], tolerance=tolerance)[1:-1]])


def _same(first: Rings, second: Rings) -> bool:
    return len(first) == len(second) and all(np.array_equal(a, b) for a, b in zip(first, second, strict=True))
