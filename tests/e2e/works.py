"""How every kind of shape is drawn and changed by hand, and what it is in the end."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any, Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from tests.e2e.hand import Hand, Point
from tests.e2e.pixels import pixel_centres

CLASSES: Final = """Car #3b82f6, box
Ship #14b8a6, rotated_box
Roof #f59e0b, polygon
Lane #84cc16, polyline
River #0ea5e9, bezier
Wheel #ec4899, ellipse
Bolt #f43f5e, point
Walker #a855f7, skeleton
Crate #f97316, cuboid
Grass #22c55e, mask"""
NODE_COUNT: Final = 17
"""Of the skeleton that a class without one of its own begins with."""
SPANNED: Final = (200.0, 60.0, 400.0, 360.0)
_BRUSH_PX: Final = 20

PlacedNode = tuple[Point | None, str]
"""Where a node of a skeleton lies, None where nobody set it, and its state."""


class Work(NamedTuple):
    """How a shape is drawn and changed, and what it must be at the end."""

    key: str
    draw: Callable[[Hand], None]
    change: Callable[[Hand], None]
    geometry: dict[str, Any]
    """Of masks and skeletons only the kind; their pixels and nodes stand below."""
    steps: int = 2
    """Undone, they leave nothing."""
    pixels: Callable[[], NDArray[np.bool_]] | None = None
    nodes: Callable[[list[Point]], list[PlacedNode]] | None = None
    """Gives place and state of each node from the places of the template's nodes, which lie between 0 and 1."""


def _enter(hand: Hand) -> None:
    hand.press("Enter")


def _box(hand: Hand) -> None:
    hand.drag((100, 100), (220, 180))


def _extremes(hand: Hand) -> None:
    hand.click((160, 100), (100, 140), (150, 180), (220, 130))


def _rotated_box(hand: Hand) -> None:
    hand.click((100, 200), (180, 260), (150, 300))


def _polygon(hand: Hand) -> None:
    hand.click((100, 100), (300, 100), (300, 300), (100, 300))
    _enter(hand)


def _hole_and_vertex(hand: Hand) -> None:
    hand.press("Shift+O")
    hand.click((150, 150), (250, 150), (200, 250))
    _enter(hand)
    hand.press("v")
    hand.drag((300, 300), (340, 321))


def _line(hand: Hand) -> None:
    hand.click((100, 300), (200, 250), (320, 300))
    _enter(hand)


def _curve(hand: Hand) -> None:
    hand.click((100, 300))
    hand.drag((200, 100), (260, 100))
    hand.click((320, 300))
    _enter(hand)


def _closed_curve(hand: Hand) -> None:
    hand.click((150, 150))
    hand.drag((300, 150), (350, 200))
    hand.drag((220, 300), (160, 300))
    hand.click((150, 150))


def _ellipse(hand: Hand) -> None:
    hand.drag((200, 100), (400, 220))


def _move_point(hand: Hand) -> None:
    hand.press("v")
    hand.drag((320, 200), (340, 230))


def _spanned_skeleton(hand: Hand) -> None:
    hand.drag(SPANNED[:2], SPANNED[2:])


def _nose_and_ankles(hand: Hand) -> None:
    """The nose is dragged, one ankle becomes occluded, the other one leaves the picture."""
    hand.drag((300, 84), (320, 70))
    left, right = _in_span((0.66, 0.97)), _in_span((0.34, 0.97))
    hand.click(left, holding="Alt")
    hand.click(right, right, holding="Alt")


def _in_span(at: Point) -> Point:
    x0, y0, x1, y1 = SPANNED
    return x0 + at[0] * (x1 - x0), y0 + at[1] * (y1 - y0)


def _spanned_nodes(template: list[Point]) -> list[PlacedNode]:
    nodes: list[PlacedNode] = [(_in_span(at), "visible") for at in template]
    nodes[0] = ((320, 70), "visible")
    nodes[15] = (nodes[15][0], "occluded")
    nodes[16] = (nodes[16][0], "outside")
    return nodes


def _pressed(number: int) -> Point:
    return 60 + 30 * number, 100 + 7 * number * number % 160


def _nodes(hand: Hand) -> None:
    """Node by node: every fourth one is occluded, the last but one lies outside."""
    for number in range(NODE_COUNT):
        hand.move(_pressed(number))
        if number == NODE_COUNT - 2:
            hand.press("Shift+T")
        else:
            hand.click(_pressed(number), holding="Alt" if number % 4 == 3 else None)


def _pressed_nodes(_: list[Point]) -> list[PlacedNode]:
    nodes: list[PlacedNode] = [
        (_pressed(number), "occluded" if number % 4 == 3 else "visible") for number in range(NODE_COUNT)
    ]
    nodes[0] = ((90, 60), "visible")
    nodes[NODE_COUNT - 2] = (None, "outside")
    return nodes


def _cuboid(hand: Hand) -> None:
    hand.drag((100, 160), (240, 320))
    hand.click((300, 120))


def _brush(hand: Hand) -> None:
    hand.drag((100, 200), (300, 200))


def _erase(hand: Hand) -> None:
    hand.press("Shift+R")
    hand.drag((200, 150), (200, 250))


def _brushed() -> NDArray[np.bool_]:
    return _stroke((100, 200), (300, 200)) & ~_stroke((200, 150), (200, 250))


def _stroke(start: Point, end: Point) -> NDArray[np.bool_]:
    """Pixels whose centres a round brush passes over."""
    x, y = pixel_centres()
    dx, dy = end[0] - start[0], end[1] - start[1]
    share = np.clip(((x - start[0]) * dx + (y - start[1]) * dy) / (dx * dx + dy * dy), 0, 1)
    away = np.hypot(x - start[0] - share * dx, y - start[1] - share * dy)
    return np.asarray(away <= _BRUSH_PX / 2)


def _lasso(hand: Hand) -> None:
    hand.click((100, 100), (300, 100), (300, 300), (100, 300))
    _enter(hand)


def _cut_by_lasso(hand: Hand) -> None:
    hand.press("Shift+U")
    hand.click((150, 150), (250, 150), (250, 250), (150, 250))
    _enter(hand)


def _lassoed() -> NDArray[np.bool_]:
    x, y = pixel_centres()
    large = (x > 100) & (x < 300) & (y > 100) & (y < 300)
    return np.asarray(large & ~((x > 150) & (x < 250) & (y > 150) & (y < 250)))


WORKS: Final[dict[str, Work]] = {
    "box": Work(
        "b",
        _box,
        lambda hand: hand.drag((220, 180), (250, 200)),
        {"kind": "box", "box_xyxy": [100, 100, 250, 200]},
    ),
    "box by its extremes": Work(
        "Shift+X",
        _extremes,
        lambda hand: hand.drag((160, 140), (180, 150)),
        {"kind": "box", "box_xyxy": [120, 110, 240, 190]},
    ),
    "rotated box": Work(
        "Shift+B",
        _rotated_box,
        lambda hand: hand.drag((165, 280), (205, 310)),
        {
            "kind": "rotated_box",
            "center_xy": [145, 265],
            "size_wh": [150, 50],
            "angle_deg": math.degrees(math.atan2(60, 80)),
        },
    ),
    "polygon": Work(
        "p",
        _polygon,
        _hole_and_vertex,
        {
            "kind": "polygon",
            "rings": [[[100, 100], [300, 100], [340, 321], [100, 300]], [[150, 150], [250, 150], [200, 250]]],
        },
        steps=3,
    ),
    "line": Work(
        "Shift+L",
        _line,
        lambda hand: hand.drag((320, 300), (360, 320)),
        {"kind": "polyline", "points": [[100, 300], [200, 250], [360, 320]]},
    ),
    "curve": Work(
        "Shift+P",
        _curve,
        lambda hand: hand.drag((260, 100), (200, 40)),
        {
            "kind": "bezier",
            "is_closed": False,
            "nodes": [
                {"at": [100, 300], "handle_in": [100, 300], "handle_out": [100, 300]},
                {"at": [200, 100], "handle_in": [200, 160], "handle_out": [200, 40]},
                {"at": [320, 300], "handle_in": [320, 300], "handle_out": [320, 300]},
            ],
        },
    ),
    "closed curve": Work(
        "Shift+P",
        _closed_curve,
        lambda hand: hand.drag((150, 150), (140, 130)),
        {
            "kind": "bezier",
            "is_closed": True,
            "nodes": [
                {"at": [140, 130], "handle_in": [140, 130], "handle_out": [140, 130]},
                {"at": [300, 150], "handle_in": [250, 100], "handle_out": [350, 200]},
                {"at": [220, 300], "handle_in": [280, 300], "handle_out": [160, 300]},
            ],
        },
    ),
    "ellipse": Work(
        "Shift+C",
        _ellipse,
        lambda hand: hand.drag((400, 160), (440, 160)),
        {"kind": "ellipse", "center_xy": [320, 160], "radii_xy": [120, 60], "angle_deg": 0},
    ),
    "point": Work(
        ".",
        lambda hand: hand.click((320, 200)),
        _move_point,
        {"kind": "point", "point_xy": [340, 230]},
    ),
    "skeleton": Work(
        "Shift+K", _spanned_skeleton, _nose_and_ankles, {"kind": "skeleton"}, steps=5, nodes=_spanned_nodes
    ),
    "skeleton node by node": Work(
        "Alt+k",
        _nodes,
        lambda hand: hand.drag(_pressed(0), (90, 60)),
        {"kind": "skeleton"},
        nodes=_pressed_nodes,
    ),
    "cuboid": Work(
        "Shift+D",
        _cuboid,
        lambda hand: hand.drag((100, 160), (80, 150)),
        {
            "kind": "cuboid",
            "corners": [
                [80, 150],
                [240, 160],
                [240, 320],
                [80, 320],
                [160, 120],
                [300, 120],
                [300, 280],
                [160, 280],
            ],
        },
    ),
    "brush and eraser": Work("Shift+V", _brush, _erase, {"kind": "mask"}, pixels=_brushed),
    "lasso": Work("Shift+I", _lasso, _cut_by_lasso, {"kind": "mask"}, pixels=_lassoed),
}
