"""Single points and skeletons of named ones."""

from __future__ import annotations

from collections.abc import Sequence
from enum import StrEnum
from typing import Annotated, Literal, Self

from pydantic import Field

from goldsmith.core.geometry.measures import XY, Bounds, bounds_of_ring, clamped
from goldsmith.core.geometry.shape import MAX_SKELETON_NODES, Changeable, Form, Part, Point, Shape


class _Bare(Form):
    """A shape that marks places and covers nothing."""

    __slots__ = ()

    def area_px(self) -> float:
        """Return 0: points cover nothing."""
        return 0.0

    def outline(self) -> None:
        """Return None: points cover nothing."""
        return

    def contains(self, x: float, y: float) -> bool:  # noqa: ARG002 - the same for every place
        """Return False: points cover nothing."""
        return False


class PointForm(_Bare):
    """What a point can tell."""

    __slots__ = ()
    point_xy: XY

    def fault(self) -> str | None:
        """Return None: every place is a point."""
        return None

    def bounds_xyxy(self) -> Bounds:
        """Return the place as a rectangle without extent."""
        return (*self.point_xy, *self.point_xy)

    def translate(self, dx_px: float, dy_px: float) -> Self:
        """Return the point, moved."""
        return self.changed(point_xy=(self.point_xy[0] + dx_px, self.point_xy[1] + dy_px))

    def clipped(self, *, width_px: int, height_px: int) -> Self | None:
        """Return the point when it lies in the image or on its border."""
        return self if _is_inside(self.point_xy, width_px, height_px) else None


class PointShape(PointForm, Shape):
    """One place.

    Attributes:
        point_xy: In pixels.
    """

    kind: Literal["point"] = "point"
    point_xy: Point


class NodeState(StrEnum):
    """How much of a node is seen."""

    VISIBLE = "visible"
    OCCLUDED = "occluded"
    OUTSIDE = "outside"


class SkeletonNodeForm(Changeable):
    """A named node, whichever way it was read."""

    __slots__ = ()
    node_id: str
    at: XY
    state: NodeState


class SkeletonNode(Part, SkeletonNodeForm):
    """A named node.

    Attributes:
        node_id: Which node of the class' template it is.
        at: Where it is, in pixels; means nothing for a node outside the image.
        state: Seen, hidden behind something, or outside the image.
    """

    node_id: Annotated[str, Field(min_length=1, max_length=200)]
    at: Point
    state: NodeState = NodeState.VISIBLE


class SkeletonForm(_Bare):
    """What a skeleton can tell."""

    __slots__ = ()
    nodes: Sequence[SkeletonNodeForm]

    def fault(self) -> str | None:
        """Return what keeps the nodes from being a skeleton, or None."""
        if len({node.node_id for node in self.nodes}) < len(self.nodes):
            return "a skeleton has each node once"
        if all(node.state == NodeState.OUTSIDE for node in self.nodes):
            return "a skeleton needs a node that is not outside"
        return None

    def bounds_xyxy(self) -> Bounds:
        """Return the bounds of the nodes that are not outside."""
        return bounds_of_ring([node.at for node in self.nodes if node.state != NodeState.OUTSIDE])

    def translate(self, dx_px: float, dy_px: float) -> Self:
        """Return the skeleton, moved."""
        nodes = [node.changed(at=(node.at[0] + dx_px, node.at[1] + dy_px)) for node in self.nodes]
        return self.changed(nodes=nodes)

    def clipped(self, *, width_px: int, height_px: int) -> Self | None:
        """Return the skeleton with the nodes beyond the border marked as outside, at the border."""
        nodes = [
            node
            if _is_inside(node.at, width_px, height_px)
            else node.changed(
                at=clamped([node.at], width_px=width_px, height_px=height_px)[0], state=NodeState.OUTSIDE
            )
            for node in self.nodes
        ]
        is_seen = any(node.state != NodeState.OUTSIDE for node in nodes)
        return self.changed(nodes=nodes) if is_seen else None


class Skeleton(SkeletonForm, Shape):
    """The named nodes of one object, as its class' template lists them.

    Attributes:
        nodes: Every node of the template once, in its order; at least one is not outside.
    """

    kind: Literal["skeleton"] = "skeleton"
    nodes: Annotated[list[SkeletonNode], Field(min_length=1, max_length=MAX_SKELETON_NODES)]


def _is_inside(point: XY, width_px: int, height_px: int) -> bool:
    return 0.0 <= point[0] <= width_px and 0.0 <= point[1] <= height_px
