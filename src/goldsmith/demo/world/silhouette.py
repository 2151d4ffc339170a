"""From a mask to polygons: follows the cracks between pixels, then drops corners that say nothing."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Ring = list[tuple[float, float]]


def trace_outlines(mask: NDArray[np.bool_]) -> list[Ring]:
    """Return the outer outlines of a mask's parts along pixel edges, the largest first.

    Each outline runs clockwise on the screen and is not closed; pixel (0, 0) covers [0, 1) x [0, 1). Parts that touch
    only at a corner are separate; holes are not returned.

    Args:
        mask: Shape (height, width).
    """
    height, width = mask.shape
    padded = np.zeros((height + 2, width + 2), dtype=np.bool_)
    padded[1:-1, 1:-1] = mask
    tops = padded[1:-1, 1:-1] & ~padded[:-2, 1:-1]
    open_tops = {(int(x), int(y)) for y, x in np.argwhere(tops)}
    cells = padded.tolist()
    rings: list[Ring] = []
    while open_tops:
        start = min(open_tops, key=lambda spot: (spot[1], spot[0]))
        ring = _follow(cells, start, open_tops)
        if _signed_area(ring) > 0:
            rings.append(ring)
    rings.sort(key=_signed_area, reverse=True)
    return rings


def _follow(cells: list[list[bool]], start: tuple[int, int], open_tops: set[tuple[int, int]]) -> Ring:
    """Walk along the edges with the mask on the right hand, from the top edge of ``start`` back to it."""
    x, y = start
    dx, dy = 1, 0
    ring: Ring = []
    while True:
        if (dx, dy) == (1, 0):
            open_tops.discard((x, y))
        x, y = x + dx, y + dy
        right_ahead = cells[y + 1 + _ahead(dy, dx)][x + 1 + _ahead(dx, -dy)]
        left_ahead = cells[y + 1 + _ahead(dy, -dx)][x + 1 + _ahead(dx, dy)]
        if not right_ahead:
            turned = (-dy, dx)
        elif left_ahead:
            turned = (dy, -dx)
        else:
            turned = (dx, dy)
        if turned != (dx, dy):
            ring.append((float(x), float(y)))
            dx, dy = turned
        if (x, y) == start and (dx, dy) == (1, 0):
            return ring


def _ahead(along: int, aside: int) -> int:
    """Return the offset (0 or -1) of the cell ahead of a crack's end, on the side that ``aside`` points to."""
    return 0 if along + aside > 0 else -1


def _signed_area(ring: Ring) -> float:
    total = 0.0
    px, py = ring[-1]
    for x, y in ring:
        total += px * y - x * py
        px, py = x, y
    return total / 2


def simplified(ring: Ring, *, tolerance_px: float) -> Ring:
    """Return a ring without the corners that lie within ``tolerance_px`` of it (Douglas and Peucker 1973)."""
    if len(ring) <= 4:
        return ring
    points = np.array(ring)
    far = int(np.argmax(np.sum((points - points[0]) ** 2, axis=1)))
    keep = {0, far}
    stack = [(0, far), (far, len(points))]
    looped = np.vstack([points, points[:1]])
    while stack:
        first, last = stack.pop()
        if last - first < 2:
            continue
        start, end = looped[first], looped[last]
        along = end - start
        offsets = looped[first + 1 : last] - start
        length = float(np.hypot(*along)) or 1.0
        gaps = np.abs(along[0] * offsets[:, 1] - along[1] * offsets[:, 0]) / length
        worst = int(np.argmax(gaps))
        if gaps[worst] > tolerance_px:
            middle = first + 1 + worst
            keep.add(middle)
            stack += [(first, middle), (middle, last)]
    kept = [ring[index] for index in sorted(keep)]
    return kept if len(kept) >= 3 else ring
