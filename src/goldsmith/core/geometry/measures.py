"""Numbers of point lists: bounds, areas, turns, hulls, inside or outside. Pure, without knowledge of kinds."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence

XY = tuple[float, float]
Bounds = tuple[float, float, float, float]


def has_extent(bounds_xyxy: Bounds) -> bool:
    """Say whether bounds span some width and height."""
    left, top, right, bottom = bounds_xyxy
    return left < right and top < bottom


def area_of_box(box_xyxy: Bounds) -> float:
    """Return width times height."""
    left, top, right, bottom = box_xyxy
    return (right - left) * (bottom - top)


def bounds_of_ring(ring: Sequence[XY]) -> Bounds:
    """Return the smallest upright rectangle around the points."""
    xs, ys = zip(*ring, strict=True)
    return min(xs), min(ys), max(xs), max(ys)


def area_of_rings(rings: Sequence[Sequence[XY]]) -> float:
    """Return the area of the outer ring less its holes (shoelace formula), never below 0."""
    outer, *holes = (abs(signed_area(ring)) for ring in rings)
    return max(outer - sum(holes), 0.0)


def signed_area(ring: Sequence[XY]) -> float:
    """Return half the cross-product sum of ``ring``; positive when clockwise on screen."""
    total = 0.0
    x0, y0 = ring[-1]
    for x1, y1 in ring:
        total += x0 * y1 - x1 * y0
        x0, y0 = x1, y1
    return total / 2.0


def rings_contain(rings: Iterable[Sequence[XY]], x: float, y: float) -> bool:
    """Say whether a place lies inside by the even-odd rule; left and top borders count, right and bottom do not."""
    is_inside = False
    for ring in rings:
        x0, y0 = ring[-1]
        for x1, y1 in ring:
            if (y0 > y) != (y1 > y) and x < x0 + (y - y0) / (y1 - y0) * (x1 - x0):
                is_inside = not is_inside
            x0, y0 = x1, y1
    return is_inside


def clamped(points: Iterable[XY], *, width_px: int, height_px: int) -> list[XY]:
    """Return the points, those outside the image moved to its border."""
    width, height = float(width_px), float(height_px)
    return [(min(max(x, 0.0), width), min(max(y, 0.0), height)) for x, y in points]


def cut_segment(start: XY, end: XY, *, width_px: int, height_px: int) -> tuple[XY, XY] | None:
    """Return what of a straight piece lies in the image, exactly (Liang and Barsky); None when nothing does."""
    (x0, y0), (x1, y1) = start, end
    first, last = 0.0, 1.0
    for place, step, limit in ((x0, x1 - x0, float(width_px)), (y0, y1 - y0, float(height_px))):
        if step == 0.0:
            if not 0.0 <= place <= limit:
                return None
            continue
        enter, leave = sorted((-place / step, (limit - place) / step))
        first, last = max(first, enter), min(last, leave)
    if first > last:
        return None
    begin = start if first == 0.0 else (x0 + first * (x1 - x0), y0 + first * (y1 - y0))
    finish = end if last == 1.0 else (x0 + last * (x1 - x0), y0 + last * (y1 - y0))
    one, other = clamped([begin, finish], width_px=width_px, height_px=height_px)
    return one, other


def moved_points(points: Sequence[XY], dx_px: float, dy_px: float) -> list[XY]:
    """Return the points, moved."""
    return [(x + dx_px, y + dy_px) for x, y in points]


def direction(angle_deg: float) -> XY:
    """Return cosine and sine; exact at quarter turns."""
    quarter, rest = divmod(angle_deg, 90.0)
    if rest == 0.0:
        return ((1.0, 0.0), (0.0, 1.0), (-1.0, 0.0), (0.0, -1.0))[int(quarter) % 4]
    angle = math.radians(angle_deg)
    return math.cos(angle), math.sin(angle)


def turned(point: XY, *, about: XY, angle_deg: float) -> XY:
    """Turn a point clockwise on screen."""
    cos, sin = direction(angle_deg)
    x, y = point[0] - about[0], point[1] - about[1]
    return about[0] + cos * x - sin * y, about[1] + sin * x + cos * y


def convex_hull(points: Iterable[XY]) -> list[XY]:
    """Return the corners of the hull, clockwise on screen, without those on its sides (Andrew's monotone chain)."""
    ordered = sorted(set(points))
    if len(ordered) < 3:
        return ordered
    lower, upper = _chain(ordered), _chain(ordered[::-1])
    return lower[:-1] + upper[:-1]


def _chain(ordered: Sequence[XY]) -> list[XY]:
    chain: list[XY] = []
    for x, y in ordered:
        while len(chain) > 1:
            (x0, y0), (x1, y1) = chain[-2], chain[-1]
            if (x1 - x0) * (y - y0) - (y1 - y0) * (x - x0) > 0.0:
                break
            chain.pop()
        chain.append((x, y))
    return chain
