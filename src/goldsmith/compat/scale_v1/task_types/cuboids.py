"""Cuboids: goldsmith has eight corners; Scale names six vertices (the face and the edge of the side that is seen).

A geometry object of ``imageannotation`` also tells all eight corners, as ``points_2d``, named from front and back; it
reads back exactly. Where only the six are there, the hidden edge follows from perspective: the back face is the front
one, as much smaller as the side's edge is shorter than the face's.
"""

from __future__ import annotations

import math
from typing import Any, Final

from goldsmith.compat.scale_v1.task_types.reading import Place
from goldsmith.core.geometry import Cuboid
from goldsmith.core.geometry.measures import XY
from goldsmith.core.geometry.shape import MAX_COORDINATE_PX

CORNERS: Final = (
    "front-topleft",
    "front-topright",
    "front-bottomright",
    "front-bottomleft",
    "back-topleft",
    "back-topright",
    "back-bottomright",
    "back-bottomleft",
)
"""Goldsmith's corners, in their order."""

_FACE: Final = ("face-topleft", "face-bottomleft", "face-topright", "face-bottomright")
_FACE_CORNER: Final = dict(zip(_FACE, (0, 3, 1, 2), strict=True))
_SIDE: Final = ("side-topcorner", "side-bottomcorner")
_EDGES: Final = (
    ("face-top", "face-topleft", "face-topright"),
    ("face-right", "face-topright", "face-bottomright"),
    ("face-bottom", "face-bottomleft", "face-bottomright"),
    ("face-left", "face-topleft", "face-bottomleft"),
)


def _is_right_seen(corners: list[XY]) -> bool:
    """Say whether the right side is the one that is seen: the back face lies to the right of the front one."""
    return sum(x for x, _ in corners[4:]) >= sum(x for x, _ in corners[:4])


def _is_right_named(named: dict[str, XY]) -> bool:
    """Say whether the edge of the side lies to the right of the face's middle."""
    return sum(named[name][0] for name in _SIDE) / 2 >= sum(named[name][0] for name in _FACE) / 4


def six_vertices(cuboid: Cuboid) -> list[dict[str, Any]]:
    """Return the six named vertices."""
    corners = list(cuboid.corners)
    top, bottom = (5, 6) if _is_right_seen(corners) else (4, 7)
    named = [(name, corners[_FACE_CORNER[name]]) for name in _FACE]
    named += [(_SIDE[0], corners[top]), (_SIDE[1], corners[bottom])]
    return [{"description": name, "x": x, "y": y, "type": "vertex"} for name, (x, y) in named]


def edges_of(cuboid: Cuboid) -> list[dict[str, Any]]:
    """Return the edges between the six vertices."""
    at = {entry["description"]: (entry["x"], entry["y"]) for entry in six_vertices(cuboid)}
    near = "right" if _is_right_named(at) else "left"
    edges = [
        *_EDGES,
        ("side-top", f"face-top{near}", _SIDE[0]),
        ("side-bottom", f"face-bottom{near}", _SIDE[1]),
        ("side-corner", *_SIDE),
    ]
    return [
        {
            "description": name,
            "x1": at[start][0],
            "y1": at[start][1],
            "x2": at[end][0],
            "y2": at[end][1],
            "type": "edge",
        }
        for name, start, end in edges
    ]


def cuboid_fields(cuboid: Cuboid) -> dict[str, Any]:
    """Return the fields of a geometry object."""
    points = [
        {"description": name, "x": x, "y": y} for name, (x, y) in zip(CORNERS, cuboid.corners, strict=True)
    ]
    return {"vertices": six_vertices(cuboid), "edges": edges_of(cuboid), "points_2d": points}


def read_cuboid(place: Place) -> Cuboid:
    """Read a cuboid from its eight corners, or from the six that are seen.

    Raises:
        ParameterFault: Corners are missing.
    """
    for name in ("points_2d", "vertices"):
        named = _named(place.at(name))
        if all(corner in named for corner in CORNERS):
            return Cuboid(corners=[named[corner] for corner in CORNERS])
    named = _named(place.at("vertices").required())
    for corner in (*_FACE, *_SIDE):
        if corner not in named:
            raise place.at("vertices").fault(f"must contain a vertex with the description {corner}")
    return Cuboid(corners=_completed(named))


def _named(place: Place) -> dict[str, XY]:
    return {
        entry.at("description").text_or(""): (
            float(entry.at("x").number(least=-MAX_COORDINATE_PX, most=MAX_COORDINATE_PX)),
            float(entry.at("y").number(least=-MAX_COORDINATE_PX, most=MAX_COORDINATE_PX)),
        )
        for entry in place.items()
    }


def _completed(named: dict[str, XY]) -> list[XY]:
    front = [named[name] for name in ("face-topleft", "face-topright", "face-bottomright", "face-bottomleft")]
    top, bottom = named[_SIDE[0]], named[_SIDE[1]]
    middle = sum(x for x, _ in front) / 4
    is_right = _is_right_named(named)
    near, far = ((1, 2), (0, 3)) if is_right else ((0, 3), (1, 2))
    height = math.dist(front[near[0]], front[near[1]])
    scale = math.dist(top, bottom) / height if height else 1.0
    # never so wide that the other side would be the one that is seen
    width = sum(front[index][0] for index in near) - sum(front[index][0] for index in far)
    room = (2.0 * (top[0] + bottom[0]) - 4.0 * middle) / width if width else scale
    scale = min(scale, max(room * (1.0 - 1e-9), 0.0))

    def hidden(corner: XY, near_corner: int, far_corner: int) -> XY:
        (nx, ny), (fx, fy) = front[near_corner], front[far_corner]
        return corner[0] + scale * (fx - nx), corner[1] + scale * (fy - ny)

    hidden_top, hidden_bottom = hidden(top, near[0], far[0]), hidden(bottom, near[1], far[1])
    back = [hidden_top, top, bottom, hidden_bottom] if is_right else [top, hidden_top, hidden_bottom, bottom]
    return [*front, *back]
