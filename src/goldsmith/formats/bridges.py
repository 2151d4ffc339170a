"""Several rings as one: for formats whose polygons are a single ring.

Each further ring (a hole, or another part) hangs on the ring before it by a bridge, a side that is walked there and
back. A bridge covers nothing, so that whoever fills the ring fills the same pixels as those of the rings. Reading takes
the bridges out again.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final

import numpy as np

from goldsmith.core.geometry.measures import XY, rings_contain, signed_area

_MAX_PAIRS: Final = 1_000_000
_Side = tuple[XY, XY]


def joined(polygons: Sequence[Sequence[Sequence[XY]]]) -> list[XY]:
    """Return one ring that covers what the polygons cover.

    Outer rings are walked one way and holes the other, so that the even-odd and the non-zero rule fill the same.

    Args:
        polygons: Each an outer ring, then its holes.
    """
    is_clockwise = signed_area(polygons[0][0]) > 0
    ring: list[XY] = []
    taken = {side for rings in polygons for entry in rings for side in _sides_both_ways(entry)}
    for outer, *holes in polygons:
        for further, wanted in ((outer, is_clockwise), *((hole, not is_clockwise) for hole in holes)):
            turned = list(further) if (signed_area(further) > 0) == wanted else [further[0], *further[:0:-1]]
            ring = _hung(ring, turned, taken) if ring else turned
    return ring


def _sides_both_ways(ring: Sequence[XY]) -> Iterator[_Side]:
    last = ring[-1]
    for corner in ring:
        yield last, corner
        yield corner, last
        last = corner


def parted(ring: Sequence[XY]) -> list[list[XY]]:
    """Return the rings that ``joined`` made one of: the outermost first; the ring itself where it has no bridges."""
    rings = _without_bridges(ring)
    if rings is None or len(rings) < 2:
        return [list(ring)]
    return sorted(rings, key=lambda entry: -abs(signed_area(entry)))


def parted_as_polygon(ring: Sequence[XY]) -> list[list[XY]]:
    """Return an outer ring with its holes where ``ring`` is that, joined; the ring itself otherwise."""
    outer, *others = parted(ring)
    return (
        [outer, *others]
        if all(rings_contain([outer], *_inner_place(hole)) for hole in others)
        else [list(ring)]
    )


def _inner_place(ring: Sequence[XY]) -> XY:
    """Return the middle of a side, pulled a little inwards: a place that is not on a corner of a ring around it."""
    (x0, y0), (x1, y1) = ring[0], ring[1]
    side = 1e-6 if signed_area(ring) > 0 else -1e-6
    return (x0 + x1) / 2 - side * (y1 - y0), (y0 + y1) / 2 + side * (x1 - x0)


def _hung(ring: list[XY], further: list[XY], taken: set[_Side]) -> list[XY]:
    at, to = _nearest(ring, further, taken)
    taken.update(((ring[at], further[to]), (further[to], ring[at])))
    return [*ring[: at + 1], *further[to:], *further[: to + 1], *ring[at:]]


def _nearest(ring: list[XY], further: list[XY], taken: set[_Side]) -> tuple[int, int]:
    """Return the places of two corners that lie near each other; no side runs between them yet."""
    one, other = np.asarray(ring, dtype=np.float64), np.asarray(further, dtype=np.float64)
    if one.shape[0] * other.shape[0] > _MAX_PAIRS:
        one, other = one[:_MAX_PAIRS], other[:1]
    apart = np.square(one[:, None, :] - other[None, :, :]).sum(axis=2)
    apart[apart == 0.0] = np.inf
    for _ in range(apart.size):
        at, to = divmod(int(np.argmin(apart)), other.shape[0])
        if (ring[at], further[to]) not in taken:
            return at, to
        apart[at, to] = np.inf
    return 0, 0


def _without_bridges(ring: Sequence[XY]) -> list[list[XY]] | None:
    """Take out sides that are walked there and back, as brackets are matched; None where they do not match."""
    later: dict[_Side, int] = {}
    size = len(ring)
    sides = [(ring[index], ring[(index + 1) % size]) for index in range(size)]
    for side in sides:
        later[side] = later.get(side, 0) + 1
    done: list[list[XY]] = []
    stack: list[list[XY]] = [[ring[0]]]
    opened: list[_Side] = []
    for side in sides:
        start, end = side
        later[side] -= 1
        if opened and (end, start) == opened[-1]:
            opened.pop()
            done.append(stack.pop()[:-1])
        elif start != end and later.get((end, start), 0):
            opened.append(side)
            stack.append([end])
        else:
            stack[-1].append(end)
    if opened or len(stack) != 1:
        return None
    rings = [stack[0][:-1], *done]
    return rings if all(len(entry) > 2 for entry in rings) else None
