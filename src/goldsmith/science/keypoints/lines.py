"""Lines of several annotators: how far apart they run, and the line between them.

The distance of Fréchet is the shortest leash with which two can walk along two lines, each at any pace but never back;
unlike a distance of sets, it sees the order along the line.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import numpy as np
from numpy.typing import ArrayLike

from goldsmith.core.errors import InvalidInputError
from goldsmith.science.arrays import FloatArray, IntArray, as_floats
from goldsmith.science.medians import weighted_median

_SAMPLES: Final = 128
_MERGED_SAMPLES: Final = 64


def frechet_distance(
    first: ArrayLike, second: ArrayLike, *, is_directed: bool = False, samples: int = _SAMPLES
) -> float:
    """Discrete Fréchet distance of two lines.

    Eiter & Mannila 1994 (CD-TR 94/64). Both lines are first given places at equal distances, so that corners do not
    matter; the distance is then that of the lines themselves to within the longer spacing.

    Args:
        first: ``[n, 2]`` corners in order, at least 1.
        second: ``[m, 2]``.
        is_directed: Whether a line drawn from its other end is another line.
        samples: Places along each line, at least 2; 0 takes the corners alone.

    Returns:
        In the unit of the corners.

    Raises:
        InvalidInputError: No corner, or one that is not finite.

    >>> frechet_distance([[0, 0], [10, 0]], [[10, 3], [0, 3]])
    3.0
    >>> frechet_distance([[0, 0], [10, 0]], [[10, 3], [0, 3]], is_directed=True) > 10
    True
    """
    one, other = _corners(first), _corners(second)
    if samples:
        one, other = spread_along(one, samples), spread_along(other, samples)
    there = _leash(one, other)
    return there if is_directed else min(there, _leash(one, other[::-1]))


def spread_along(line: FloatArray, count: int) -> FloatArray:
    """Places at equal distances along a line, its ends among them; ``[count, 2]``.

    >>> spread_along(np.array([[0.0, 0.0], [4.0, 0.0]]), 3)[:, 0].tolist()
    [0.0, 2.0, 4.0]
    """
    along = np.r_[0.0, np.cumsum(np.hypot(*np.diff(line, axis=0).T))]
    at = np.linspace(0.0, along[-1], count)
    return np.stack([np.interp(at, along, line[:, 0]), np.interp(at, along, line[:, 1])], axis=1)


def merge_lines(
    lines: Sequence[ArrayLike], *, weight: ArrayLike | None = None, is_directed: bool = False
) -> FloatArray:
    """The line that several annotators meant.

    The most typical line (weighted medoid by Fréchet distance) is walked along beside the others, each at its own pace,
    and its places are moved to the weighted median of where they are. Where that runs no nearer to the others, the
    medoid is taken as it is.

    Args:
        lines: At least one, ``[n, 2]`` corners each.
        weight: ``[lines]`` trust in each, above 0; the same when None.
        is_directed: Whether the direction means something; the medoid's is taken otherwise.

    Returns:
        ``[k, 2]`` corners.

    Raises:
        InvalidInputError: No line, or weights that do not fit.

    >>> merge_lines([[[0, 0], [8, 0]], [[0, 2], [8, 2]], [[8, 1], [0, 1]]])[[0, -1], 1].tolist()
    [1.0, 1.0]
    """
    drawn = [_corners(line) for line in lines]
    trust = np.ones(len(drawn)) if weight is None else as_floats("weight", weight, length=len(drawn))
    if not drawn or (trust <= 0.0).any():
        raise InvalidInputError("merging needs at least one line and a weight above 0 for each")
    apart = np.zeros((len(drawn), len(drawn)))
    for i in range(len(drawn)):
        for j in range(i):
            apart[i, j] = apart[j, i] = _apart(drawn[i], drawn[j], is_directed=is_directed)
    typical = (apart @ trust).round(9)
    # of equals, the one that begins first: nothing depends on the order of lines
    first = np.array([min(tuple(line[0]), tuple(line[-1])) for line in drawn])
    medoid = int(np.lexsort((first[:, 1], first[:, 0], typical))[0])
    if (apart < 1e-9).all():
        return drawn[medoid]
    merged = _between(drawn, trust, medoid, is_directed=is_directed)
    far = float(trust @ [_apart(merged, line, is_directed=is_directed) for line in drawn])
    return merged if far <= typical[medoid] + 1e-9 or len(drawn) == 2 else drawn[medoid]


def _apart(first: FloatArray, second: FloatArray, *, is_directed: bool) -> float:
    return frechet_distance(first, second, is_directed=is_directed, samples=_MERGED_SAMPLES)


def _between(lines: Sequence[FloatArray], trust: FloatArray, medoid: int, *, is_directed: bool) -> FloatArray:
    """Medians along the medoid of the places that the others are at beside it."""
    base = spread_along(lines[medoid], _MERGED_SAMPLES)
    at: list[IntArray] = []
    places: list[FloatArray] = []
    weights: list[FloatArray] = []
    for line, part in zip(lines, trust.tolist(), strict=True):
        other = spread_along(line, _MERGED_SAMPLES)
        if not is_directed and _leash(base, other[::-1]) < _leash(base, other):
            other = other[::-1]
        step, beside = _walk(base, other)
        # who stands still while the other walks gives all those places, with one weight together
        share = part / np.bincount(step, minlength=len(base))[step]
        at.append(step)
        places.append(other[beside])
        weights.append(share)
    group, given, mass = np.concatenate(at), np.concatenate(places), np.concatenate(weights)
    return np.stack(
        [weighted_median(group, given[:, axis], group_count=len(base), weight=mass) for axis in (0, 1)],
        axis=1,
    )


def _corners(line: ArrayLike) -> FloatArray:
    corners = np.asarray(line, dtype=np.float64)
    if corners.ndim != 2 or corners.shape[1] != 2 or not len(corners):
        raise InvalidInputError("a line must have the shape [n, 2] with at least one corner")
    as_floats("line", corners.ravel())
    return corners


def _leash(first: FloatArray, second: FloatArray) -> float:
    return float(_table(first, second)[-1, -1])


def _table(first: FloatArray, second: FloatArray) -> FloatArray:
    """``[n, m]`` leash to each pair of places, one diagonal after the other."""
    apart = np.hypot(*(first[:, None, :] - second).transpose(2, 0, 1))
    n, m = apart.shape
    table = np.full((n + 1, m + 1), np.inf)
    table[0, 0] = 0.0
    for diagonal in range(n + m - 1):
        i = np.arange(max(0, diagonal - m + 1), min(n, diagonal + 1))
        j = diagonal - i
        before = np.minimum(np.minimum(table[i, j], table[i, j + 1]), table[i + 1, j])
        table[i + 1, j + 1] = np.maximum(before, apart[i, j])
        table[0, 0] = np.inf  # only the first pair begins there
    return table[1:, 1:]


def _walk(first: FloatArray, second: FloatArray) -> tuple[IntArray, IntArray]:
    """Pairs of places of a shortest leash, by the smallest sum of distances (dynamic time warping), from the start."""
    apart = np.hypot(*(first[:, None, :] - second).transpose(2, 0, 1))
    n, m = apart.shape
    cost = np.full((n + 1, m + 1), np.inf)
    cost[0, 0] = 0.0
    for diagonal in range(n + m - 1):
        i = np.arange(max(0, diagonal - m + 1), min(n, diagonal + 1))
        j = diagonal - i
        before = np.minimum(np.minimum(cost[i, j], cost[i, j + 1]), cost[i + 1, j])
        cost[i + 1, j + 1] = before + apart[i, j]
        cost[0, 0] = np.inf
    pairs = []
    i, j = n, m
    while i > 0 and j > 0:
        pairs.append((i - 1, j - 1))
        steps = [(cost[i - 1, j - 1], i - 1, j - 1), (cost[i - 1, j], i - 1, j), (cost[i, j - 1], i, j - 1)]
        _, i, j = min(steps, key=lambda step: step[0])
        if i == 0 or j == 0:
            break
    walked = np.array(pairs[::-1], dtype=np.int64)
    return walked[:, 0], walked[:, 1]
