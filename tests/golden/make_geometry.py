"""Writes geometry.json: the numbers of shapes, derived without the product's code.

Straight shapes are worked out by hand or with complex numbers, curves by sampling them at many thousand places, masks
from pictures in which every ring was followed by eye. Run it again when a case is added; README.md says how to compare.
"""

from __future__ import annotations

import cmath
import json
import math
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np

SAMPLES = 100_000
KEPT = 128
Ring = list[list[float]]
rng = np.random.default_rng(20)
cases: list[dict[str, Any]] = []


def shoelace(ring: np.ndarray) -> float:
    """Half the absolute sum of cross products."""
    x, y = ring[:, 0], ring[:, 1]
    return float(abs(np.dot(x, np.roll(y, -1)) - np.dot(y, np.roll(x, -1))) / 2)


def clean(value: float) -> float:
    return round(float(value), 6) + 0.0


def bounds_of(points: Any) -> list[float]:
    table = np.asarray(points, dtype=float)
    return [clean(v) for v in (*table.min(axis=0), *table.max(axis=0))]


def crossings(ring: np.ndarray, x: float, y: float) -> int:
    """How many sides a ray to the right crosses."""
    one, other = ring, np.roll(ring, -1, axis=0)
    crosses = (one[:, 1] > y) != (other[:, 1] > y)
    one, other = one[crosses], other[crosses]
    at = one[:, 0] + (y - one[:, 1]) / (other[:, 1] - one[:, 1]) * (other[:, 0] - one[:, 0])
    return int((at > x).sum())


def distance(ring: np.ndarray, x: float, y: float) -> float:
    """To the nearest side."""
    one, step = ring, np.roll(ring, -1, axis=0) - ring
    length = np.maximum((step**2).sum(axis=1), 1e-30)
    share = np.clip(((np.array([x, y]) - one) * step).sum(axis=1) / length, 0, 1)
    return float(np.sqrt(((one + share[:, None] * step - [x, y]) ** 2).sum(axis=1)).min())


def places(rings: list[np.ndarray], count: int = 12) -> list[list[Any]]:
    """Places around the shape, none near a border, with what the even-odd rule says of them."""
    points = np.concatenate(rings)
    low, high = points.min(axis=0), points.max(axis=0)
    margin = (high - low) * 0.15
    found: list[list[Any]] = []
    tries = 0
    while len(found) < count and tries < 2000:
        tries += 1
        x, y = (round(float(v), 2) for v in rng.uniform(low - margin, high + margin))
        if min(distance(ring, x, y) for ring in rings) > 0.5:
            found.append([x, y, sum(crossings(ring, x, y) for ring in rings) % 2 == 1])
    return found


def add(name: str, geometry: dict[str, Any], bounds: Any, area: float, rings: Any, contains: Any) -> None:
    cases.append(
        {
            "name": name,
            "geometry": geometry,
            "bounds_xyxy": [clean(v) for v in bounds],
            "area_px": clean(area),
            "polygon_rings": None
            if rings is None
            else [[[clean(x), clean(y)] for x, y in ring] for ring in rings],
            "contains": contains,
        }
    )


def straight(name: str, geometry: dict[str, Any], rings: list[Ring], area: float | None = None) -> None:
    tables = [np.array(ring, dtype=float) for ring in rings]
    own = shoelace(tables[0]) - sum(shoelace(hole) for hole in tables[1:]) if area is None else area
    add(name, geometry, bounds_of(rings[0]), own, rings, places(tables))


def box(name: str, x0: float, y0: float, x1: float, y1: float) -> None:
    geometry = {"kind": "box", "box_xyxy": [x0, y0, x1, y1]}
    straight(name, geometry, [[[x0, y0], [x1, y0], [x1, y1], [x0, y1]]], area=(x1 - x0) * (y1 - y0))


def polygon(name: str, rings: list[Ring], area: float) -> None:
    straight(name, {"kind": "polygon", "rings": rings}, rings, area=area)


def rotated_box(name: str, x: float, y: float, width: float, height: float, angle: float) -> None:
    turn, center = cmath.rect(1, math.radians(angle)), complex(x, y)
    signs = [(-1, -1), (1, -1), (1, 1), (-1, 1)]
    corners = [center + turn * complex(a * width / 2, b * height / 2) for a, b in signs]
    geometry = {"kind": "rotated_box", "center_xy": [x, y], "size_wh": [width, height], "angle_deg": angle}
    straight(name, geometry, [[[c.real, c.imag] for c in corners]], area=width * height)


def ellipse(name: str, x: float, y: float, rx: float, ry: float, angle: float) -> None:
    t = np.linspace(0, 2 * np.pi, SAMPLES, endpoint=False)
    path = (rx * np.cos(t) + 1j * ry * np.sin(t)) * cmath.rect(1, math.radians(angle)) + complex(x, y)
    ring = np.stack([path.real, path.imag], axis=1)
    geometry = {"kind": "ellipse", "center_xy": [x, y], "radii_xy": [rx, ry], "angle_deg": angle}
    kept = ring[:: SAMPLES // KEPT] if max(rx, ry) < 400 else ring[:: SAMPLES // 1000]
    add(name, geometry, bounds_of(ring), math.pi * rx * ry, [kept.tolist()], places([ring[::50]]))


def de_casteljau(points: list[np.ndarray], t: np.ndarray) -> np.ndarray:
    while len(points) > 1:
        points = [a + (b - a) * t[:, None] for a, b in pairwise(points)]
    return points[0]


def bezier(name: str, nodes: list[tuple[Any, Any, Any]], *, is_closed: bool) -> None:
    """Nodes as (handle_in, at, handle_out); None for a handle at the node."""
    full = [(i or at, at, o or at) for i, at, o in nodes]
    pairs = list(zip(full, [*full[1:], full[0]], strict=True))
    t = np.linspace(0, 1, SAMPLES, endpoint=False)
    parts = [
        de_casteljau([np.array(p, dtype=float)[None, :] for p in (a[1], a[2], b[0], b[1])], t)
        for a, b in (pairs if is_closed else pairs[:-1])
    ]
    path = np.concatenate([*parts, [] if is_closed else [full[-1][1]]] if not is_closed else parts)
    geometry = {
        "kind": "bezier",
        "nodes": [{"at": at, "handle_in": i, "handle_out": o} for i, at, o in full],
        "is_closed": is_closed,
    }
    ring = np.concatenate([part[:: SAMPLES // KEPT] for part in parts])
    add(
        name,
        geometry,
        bounds_of(path),
        shoelace(path) if is_closed else 0.0,
        [ring.tolist()] if is_closed else None,
        places([ring]) if is_closed else [[-500.0, -500.0, False]],
    )


def mask(name: str, origin: tuple[int, int], picture: str, rings: list[Ring]) -> None:
    """Rings are given relative to the origin."""
    rows = picture.split()
    pixels = "".join(rows)
    runs, value = [0], "."
    for pixel in pixels:
        if pixel != value:
            runs.append(0)
            value = pixel
        runs[-1] += 1
    width, height = len(rows[0]), len(rows)
    x0, y0 = origin
    contains = [
        [x0 + x + 0.5, y0 + y + 0.5, 0 <= x < width and 0 <= y < height and rows[y][x] == "#"]
        for y in range(-1, height + 1)
        for x in range(-1, width + 1)
    ]
    geometry = {"kind": "mask", "origin_xy": list(origin), "size_wh": [width, height], "runs": runs}
    moved = [[[x + x0, y + y0] for x, y in ring] for ring in rings]
    bounds = (x0, y0, x0 + width, y0 + height)
    add(name, geometry, bounds, pixels.count("#"), moved, contains)


def bare(name: str, geometry: dict[str, Any], points: Any) -> None:
    add(name, geometry, bounds_of(points), 0.0, None, [[-500.0, -500.0, False]])


def skeleton(name: str, nodes: list[tuple[str, list[float], str]]) -> None:
    geometry = {"kind": "skeleton", "nodes": [{"node_id": n, "at": at, "state": s} for n, at, s in nodes]}
    bare(name, geometry, [at for _, at, state in nodes if state != "outside"])


def cuboid(name: str, corners: Ring, hull: Ring) -> None:
    add(
        name,
        {"kind": "cuboid", "corners": corners},
        bounds_of(corners),
        shoelace(np.array(hull, dtype=float)),
        [hull],
        places([np.array(hull, dtype=float)]),
    )


def span(name: str, start: int, end: int) -> None:
    """A text is a row of pixels, one for each code point."""
    ring = [[start, 0], [end, 0], [end, 1], [start, 1]]
    middle = (start + end) / 2
    contains = [[middle, 0.5, True], [middle, 1.5, False], [middle, -0.5, False]]
    contains += [[start - 0.5, 0.5, False], [start + 0.5, 0.5, True]]
    contains += [[end - 0.5, 0.5, True], [end + 0.5, 0.5, False]]
    geometry = {"kind": "span", "start": start, "end": end}
    add(name, geometry, (start, 0, end, 1), end - start, [ring], contains)


def square(x: float, y: float, side: float) -> Ring:
    return [[x, y], [x + side, y], [x + side, y + side], [x, y + side]]


box("box: at the origin", 0, 0, 10, 20)
box("box: with fractions", 12.25, 7.5, 99.75, 40.01)
box("box: overhangs to the left and above", -15.5, -4, 30, 22)

polygon("polygon: triangle", [[[0, 0], [30, 0], [0, 40]]], 600)
polygon("polygon: counterclockwise", [[[0, 0], [0, 40], [30, 40], [30, 0]]], 1200)
polygon("polygon: one hole", [square(0, 0, 100), square(20, 20, 30)], 10_000 - 900)
polygon(
    "polygon: two holes", [square(10, 10, 100), square(20, 20, 10), square(60, 60, 40)], 10_000 - 100 - 1600
)
polygon(
    "polygon: notched", [[[0, 0], [60, 0], [60, 60], [40, 60], [40, 20], [20, 20], [20, 60], [0, 60]]], 2800
)
polygon("polygon: slanted", [[[50, 5], [95, 50], [50, 95], [5, 50]]], 90 * 90 / 2)
polygon("polygon: hole touches the border", [square(0, 0, 60), [[0, 20], [30, 30], [0, 40]]], 3600 - 300)

rotated_box("rotated box: 0 degrees", 50, 40, 60, 20, 0)
rotated_box("rotated box: 30 degrees", 50, 40, 60, 20, 30)
rotated_box("rotated box: 90 degrees", 50, 40, 60, 20, 90)
rotated_box("rotated box: 200 degrees", 120.5, 80.25, 75, 33.5, 200)
rotated_box("rotated box: 359.5 degrees", 300, 200, 250, 4, 359.5)
rotated_box("rotated box: overhangs", 2, 3, 40, 30, 45)

bare("polyline: two points", {"kind": "polyline", "points": [[3, 4], [30, 44]]}, [[3, 4], [30, 44]])
bare("polyline: upright", {"kind": "polyline", "points": [[7, 4], [7, 44.5]]}, [[7, 4], [7, 44.5]])
bare(
    "polyline: closed by its points",
    {"kind": "polyline", "points": [[0, 0], [50, 5], [20, 60], [0, 0]]},
    [[0, 0], [50, 60]],
)

K = 55.22847498
bezier(
    "bezier: nearly a circle of radius 100",
    [
        ([200 - K, 100], [200, 100], [200 + K, 100]),
        ([300, 200 - K], [300, 200], [300, 200 + K]),
        ([200 + K, 300], [200, 300], [200 - K, 300]),
        ([100, 200 + K], [100, 200], [100, 200 - K]),
    ],
    is_closed=True,
)
bezier(
    "bezier: closed by corners alone, a square",
    [(None, [10, 10], None), (None, [50, 10], None), (None, [50, 50], None), (None, [10, 50], None)],
    is_closed=True,
)
bezier(
    "bezier: a drop of two nodes",
    [([140, 20], [100, 20], [60, 20]), ([60, 120], [100, 160], [140, 120])],
    is_closed=True,
)
bezier(
    "bezier: closed, one side straight",
    [(None, [0, 0], [40, -60]), ([80, 60], [120, 0], None)],
    is_closed=True,
)
bezier("bezier: an open arch", [(None, [0, 100], [0, 0]), ([100, 0], [100, 100], None)], is_closed=False)
bezier(
    "bezier: an open wave",
    [(None, [0, 50], [50, -50]), ([50, 150], [100, 50], [150, -50]), (None, [200, 50], None)],
    is_closed=False,
)
bezier("bezier: open and straight", [(None, [5, 5], None), (None, [25, 15], None)], is_closed=False)

mask("mask: one pixel", (7, 9), "#", [square(0, 0, 1)])
mask("mask: a block", (0, 0), "### ###", [[[0, 0], [3, 0], [3, 2], [0, 2]]])
mask(
    "mask: an L",
    (5, 5),
    """
    #..
    #..
    ###
    """,
    [[[0, 0], [1, 0], [1, 2], [3, 2], [3, 3], [0, 3]]],
)
mask(
    "mask: a ring",
    (10, 20),
    """
    ####
    #..#
    ####
    """,
    [[[0, 0], [4, 0], [4, 3], [0, 3]], [[1, 1], [1, 2], [3, 2], [3, 1]]],
)
mask(
    "mask: two pixels that touch at a corner are two parts",
    (0, 0),
    """
    #.
    .#
    """,
    [square(0, 0, 1), square(1, 1, 1)],
)
mask(
    "mask: two parts that touch at a corner the other way",
    (3, 3),
    """
    .##
    ##.
    #..
    """,
    [[[1, 0], [3, 0], [3, 1], [2, 1], [2, 2], [1, 2], [1, 3], [0, 3], [0, 1], [1, 1]]],
)
mask(
    "mask: holes that touch at a corner are two holes",
    (0, 0),
    """
    ####
    #.##
    ##.#
    ####
    """,
    [square(0, 0, 4), [[1, 1], [1, 2], [2, 2], [2, 1]], [[2, 2], [2, 3], [3, 3], [3, 2]]],
)
mask(
    "mask: a bay closed by a corner is a hole that touches the border",
    (40, 50),
    """
    .###
    ##.#
    #.##
    ###.
    """,
    [
        [[1, 0], [4, 0], [4, 3], [3, 3], [3, 4], [0, 4], [0, 1], [1, 1]],
        [[2, 1], [2, 2], [3, 2], [3, 1]],
        [[1, 2], [1, 3], [2, 3], [2, 2]],
    ],
)
mask(
    "mask: an island in a lake",
    (100, 100),
    """
    #####
    #...#
    #.#.#
    #...#
    #####
    """,
    [square(0, 0, 5), [[1, 1], [1, 4], [4, 4], [4, 1]], square(2, 2, 1)],
)
mask(
    "mask: chequered",
    (0, 0),
    """
    .#.
    #.#
    .#.
    """,
    [square(1, 0, 1), square(0, 1, 1), square(2, 1, 1), square(1, 2, 1)],
)
mask(
    "mask: runs over the ends of rows",
    (0, 2),
    ".## ### ##.",
    [[[1, 0], [3, 0], [3, 2], [2, 2], [2, 3], [0, 3], [0, 1], [1, 1]]],
)
mask("mask: partly left of the image", (-2, 1), "###", [[[0, 0], [3, 0], [3, 1], [0, 1]]])

ellipse("ellipse: a circle", 50, 50, 30, 30, 0)
ellipse("ellipse: level", 60, 40, 50, 20, 0)
ellipse("ellipse: 90 degrees", 60, 60, 50, 20, 90)
ellipse("ellipse: 37 degrees", 120, 90, 80, 25, 37)
ellipse("ellipse: 150 degrees, thin", 200, 150, 120, 3, 150)
ellipse("ellipse: large", 2000, 1500, 1500, 700, 10)
ellipse("ellipse: tiny", 5.5, 5.5, 0.8, 0.6, 20)

bare("point: at the origin", {"kind": "point", "point_xy": [0, 0]}, [[0, 0]])
bare("point: with fractions", {"kind": "point", "point_xy": [12.34, 56.78]}, [[12.34, 56.78]])

skeleton(
    "skeleton: all visible",
    [("head", [50, 10], "visible"), ("hip", [52, 60], "visible"), ("foot", [45, 110.5], "visible")],
)
skeleton("skeleton: one hidden", [("head", [50, 10], "occluded"), ("hip", [52, 60], "visible")])
skeleton(
    "skeleton: a node outside does not count",
    [("head", [-40, -80], "outside"), ("hip", [52, 60], "visible"), ("foot", [45, 110.5], "occluded")],
)
skeleton(
    "skeleton: one node left",
    [("head", [0, 0], "outside"), ("hip", [52, 60], "visible"), ("foot", [900, 900], "outside")],
)

cuboid(
    "cuboid: seen from the upper right",
    [[10, 30], [60, 30], [60, 80], [10, 80], [30, 10], [80, 10], [80, 60], [30, 60]],
    [[10, 30], [30, 10], [80, 10], [80, 60], [60, 80], [10, 80]],
)
cuboid(
    "cuboid: seen from the front, the back face inside",
    [[0, 0], [100, 0], [100, 80], [0, 80], [30, 20], [70, 20], [70, 60], [30, 60]],
    [[0, 0], [100, 0], [100, 80], [0, 80]],
)
cuboid(
    "cuboid: overhangs",
    [[-20, 40], [40, 50], [40, 120], [-20, 110], [10, 20], [60, 30], [60, 90], [10, 80]],
    [[-20, 40], [10, 20], [60, 30], [60, 90], [40, 120], [-20, 110]],
)

span("span: one character", 0, 1)
span("span: in the midst of a text", 12, 40)
span("span: long, far into the text", 9000, 12_345)

lines = ",\n".join(json.dumps(case) for case in cases)
Path(__file__).with_name("geometry.json").write_text(f"[\n{lines}\n]\n")
