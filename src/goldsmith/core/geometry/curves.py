"""Bezier paths and ellipses."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from itertools import pairwise
from typing import Annotated, Literal, Self

from pydantic import Field

from goldsmith.core.geometry.measures import XY, Bounds, direction, has_extent, rings_contain
from goldsmith.core.geometry.shape import (
    FLATNESS_PX,
    MAX_NODES,
    MAX_POINTS,
    Changeable,
    Form,
    Length,
    Part,
    Point,
    Shape,
    reach_fault,
)

_Cubic = tuple[XY, XY, XY, XY]


PointChange = Callable[[XY], XY]


class NodeForm(Changeable):
    """A node of a curve, whichever way it was read."""

    __slots__ = ()
    at: XY
    handle_in: XY
    handle_out: XY

    def mapped(self, change: PointChange) -> Self:
        """Return the node with its three places changed."""
        return self.changed(
            at=change(self.at), handle_in=change(self.handle_in), handle_out=change(self.handle_out)
        )


class BezierNode(Part, NodeForm):
    """A node of a curve; its handles stand at absolute places.

    Attributes:
        at: Where the curve passes.
        handle_in: Control point before the node; equal to ``at`` at a corner.
        handle_out: Control point after the node; equal to ``at`` at a corner.
    """

    at: Point
    handle_in: Point
    handle_out: Point


class BezierForm(Form):
    """What a curve can tell."""

    __slots__ = ()
    nodes: Sequence[NodeForm]
    is_closed: bool

    def fault(self) -> str | None:
        """Return what keeps the nodes from being a curve, or None."""
        bounds = self.bounds_xyxy()
        if self.is_closed:
            return None if has_extent(bounds) else "a closed curve needs some width and height"
        left, top, right, bottom = bounds
        return None if left < right or top < bottom else "a curve needs nodes at two places"

    def segments(self) -> Iterator[_Cubic]:
        """Give the cubic pieces: start, two control points, end."""
        nodes = self.nodes
        for one, next_one in pairwise(nodes):
            yield one.at, one.handle_out, next_one.handle_in, next_one.at
        if self.is_closed:
            yield nodes[-1].at, nodes[-1].handle_out, nodes[0].handle_in, nodes[0].at

    def bounds_xyxy(self) -> Bounds:
        """Return the bounds of the curve itself, not of its handles."""
        xs, ys = [node.at[0] for node in self.nodes], [node.at[1] for node in self.nodes]
        for (x0, y0), (x1, y1), (x2, y2), (x3, y3) in self.segments():
            xs.extend(_extrema(x0, x1, x2, x3))
            ys.extend(_extrema(y0, y1, y2, y3))
        return min(xs), min(ys), max(xs), max(ys)

    def area_px(self) -> float:
        """Return the area inside a closed curve, exactly; 0 for an open one."""
        return abs(sum(_swept(*piece) for piece in self.segments())) if self.is_closed else 0.0

    def flattened(self) -> list[XY]:
        """Return points along the curve, no chord farther than ``FLATNESS_PX`` from it (Wang's bound).

        A closed curve does not repeat its first point. No more than ``MAX_POINTS`` points are made.
        """
        most = max(1, MAX_POINTS // (len(self.nodes) + 1))
        points = [self.nodes[0].at]
        for piece in self.segments():
            steps = min(_steps(*piece), most)
            points.extend(_at(piece, step / steps) for step in range(1, steps))
            points.append(piece[3])
        if self.is_closed:
            points.pop()
        return points

    def outline(self) -> list[list[XY]] | None:
        """Return the flattened ring of a closed curve; None for an open one."""
        if not self.is_closed:
            return None
        ring = self.flattened()
        return [ring if len(ring) > 2 else [*ring, ring[-1]]]  # two nodes, straight there and back

    def contains(self, x: float, y: float) -> bool:
        """Say whether the place lies inside a closed curve; its flattened outline decides."""
        outline = self.outline()
        return outline is not None and rings_contain(outline, x, y)

    def translate(self, dx_px: float, dy_px: float) -> Self:
        """Return the curve, moved."""
        return self.mapped(lambda point: (point[0] + dx_px, point[1] + dy_px))

    def mapped(self, change: PointChange) -> Self:
        """Return the curve with every node and handle changed; exact for affine changes."""
        return self.changed(nodes=[node.mapped(change) for node in self.nodes])


class Bezier(BezierForm, Shape):
    """A path of cubic curves.

    Attributes:
        nodes: At least two, in their order.
        is_closed: The last node is joined to the first, and the path covers what lies inside.
    """

    kind: Literal["bezier"] = "bezier"
    nodes: Annotated[list[BezierNode], Field(min_length=2, max_length=MAX_NODES)]
    is_closed: bool = False


class EllipseForm(Form):
    """What an ellipse can tell."""

    __slots__ = ()
    center_xy: XY
    radii_xy: XY
    angle_deg: float

    def fault(self) -> str | None:
        """Return what keeps the numbers from being an ellipse, or None."""
        return reach_fault(self.bounds_xyxy(), what="an ellipse")

    def bounds_xyxy(self) -> Bounds:
        """Return the bounds of the ellipse itself."""
        (x, y), (rx, ry) = self.center_xy, self.radii_xy
        cos, sin = direction(self.angle_deg)
        dx, dy = math.hypot(rx * cos, ry * sin), math.hypot(rx * sin, ry * cos)
        return x - dx, y - dy, x + dx, y + dy

    def area_px(self) -> float:
        """Return pi times both radii."""
        return math.pi * self.radii_xy[0] * self.radii_xy[1]

    def outline(self) -> list[list[XY]]:
        """Return a ring of points on the ellipse, their number a multiple of four, at least eight."""
        (x, y), (rx, ry) = self.center_xy, self.radii_xy
        cos, sin = direction(self.angle_deg)
        longest = max(rx, ry)
        quarter = math.pi / (2.0 * math.acos(max(1.0 - FLATNESS_PX / longest, 0.0)))
        count = 4 * max(2, math.ceil(quarter / 2.0))
        ring = []
        for step in range(count):
            along, across = direction(360.0 * step / count)
            ux, uy = rx * along, ry * across
            ring.append((x + cos * ux - sin * uy, y + sin * ux + cos * uy))
        return [ring]

    def contains(self, x: float, y: float) -> bool:
        """Say whether the place lies inside."""
        dx, dy = x - self.center_xy[0], y - self.center_xy[1]
        cos, sin = direction(self.angle_deg)
        along, across = (cos * dx + sin * dy) / self.radii_xy[0], (cos * dy - sin * dx) / self.radii_xy[1]
        return along * along + across * across < 1.0

    def translate(self, dx_px: float, dy_px: float) -> Self:
        """Return the ellipse, moved."""
        return self.changed(center_xy=(self.center_xy[0] + dx_px, self.center_xy[1] + dy_px))


class Ellipse(EllipseForm, Shape):
    """An ellipse at an angle; it may overhang the image.

    Attributes:
        center_xy: In pixels.
        radii_xy: In pixels, above 0; the first lies along the angle.
        angle_deg: Clockwise on screen, within [0, 180).
    """

    kind: Literal["ellipse"] = "ellipse"
    center_xy: Point
    radii_xy: tuple[Length, Length]
    angle_deg: Annotated[float, Field(ge=0.0, lt=180.0)] = 0.0


def _at(piece: _Cubic, t: float) -> XY:
    (x0, y0), (x1, y1), (x2, y2), (x3, y3) = piece
    s = 1.0 - t
    a, b, c, d = s * s * s, 3.0 * s * s * t, 3.0 * s * t * t, t * t * t
    return a * x0 + b * x1 + c * x2 + d * x3, a * y0 + b * y1 + c * y2 + d * y3


def _steps(p0: XY, p1: XY, p2: XY, p3: XY) -> int:
    first = math.hypot(p0[0] - 2.0 * p1[0] + p2[0], p0[1] - 2.0 * p1[1] + p2[1])
    second = math.hypot(p1[0] - 2.0 * p2[0] + p3[0], p1[1] - 2.0 * p2[1] + p3[1])
    if p0 == p1 and p2 == p3:
        return 1  # a straight side between two corners
    return max(1, math.ceil(math.sqrt(0.75 * max(first, second) / FLATNESS_PX)))


def _extrema(p0: float, p1: float, p2: float, p3: float) -> Iterator[float]:
    """Give the values of one coordinate where its derivative is 0 inside the piece."""
    low, high = min(p0, p3), max(p0, p3)
    if low <= p1 <= high and low <= p2 <= high:
        return
    a, b, c = p3 - p0 + 3.0 * (p1 - p2), 2.0 * (p0 - 2.0 * p1 + p2), p1 - p0
    roots: list[float] = []
    if abs(a) < 1e-12 * max(abs(b), abs(c), 1.0):
        roots = [] if b == 0.0 else [-c / b]
    elif (inside := b * b - 4.0 * a * c) >= 0.0:
        # the stable form: never the difference of two near numbers
        q = -0.5 * (b + math.copysign(math.sqrt(inside), b))
        roots = [q / a] if q == 0.0 else [q / a, c / q]
    for t in roots:
        if 0.0 < t < 1.0:
            yield _at(((p0, 0.0), (p1, 0.0), (p2, 0.0), (p3, 0.0)), t)[0]


def _swept(p0: XY, p1: XY, p2: XY, p3: XY) -> float:
    """Return the signed area between the piece and the origin, exactly (Green's theorem)."""

    def cross(a: XY, b: XY) -> float:
        return a[0] * b[1] - b[0] * a[1]

    total = 6.0 * cross(p0, p1) + 3.0 * cross(p0, p2) + cross(p0, p3)
    return (total + 3.0 * cross(p1, p2) + 3.0 * cross(p1, p3) + 6.0 * cross(p2, p3)) / 20.0
