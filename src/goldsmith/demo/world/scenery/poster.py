"""Hoardings and posters: bright shapes that look a little like signs, lights and people, and are none."""

from __future__ import annotations

import math
from typing import Final

import numpy as np

from goldsmith.demo.world.mesh import MeshBuilder, Point3, Quad, patch
from goldsmith.demo.world.types import Rgb

_GROUNDS: Final[tuple[Rgb, ...]] = (
    (236, 232, 220),
    (34, 60, 110),
    (226, 196, 70),
    (170, 40, 46),
    (60, 130, 120),
    (30, 30, 34),
    (220, 140, 170),
)
_MARKS: Final[tuple[Rgb, ...]] = (
    (206, 34, 38),
    (246, 244, 238),
    (30, 96, 180),
    (250, 206, 48),
    (28, 28, 30),
    (60, 170, 90),
)


def add_poster(
    build: MeshBuilder, quad: Quad, normal: Point3, rng: np.random.Generator, *, layer: int, glow: float = 0.0
) -> None:
    """Add a poster on ``quad`` (corners: low near, low far, high far, high near) with a random picture."""
    ground = _GROUNDS[int(rng.integers(len(_GROUNDS)))]
    build.face(quad, (60, 62, 66), layer=layer, normal=normal)
    build.face(patch(quad, (0.03, 0.97), (0.04, 0.96)), ground, layer=layer + 1, normal=normal, glow=glow)
    for index in range(int(rng.integers(3, 7))):
        rgb = _MARKS[int(rng.integers(len(_MARKS)))]
        middle = (float(rng.uniform(0.15, 0.85)), float(rng.uniform(0.2, 0.8)))
        size = float(rng.uniform(0.06, 0.20))
        corners = int(rng.choice([3, 4, 4, 8, 14, 14]))
        outline = _outline(quad, middle, size, corners, turn=float(rng.uniform(0, math.pi)))
        build.face(outline, rgb, layer=layer + 2 + index, normal=normal, glow=glow)
    for line in range(int(rng.integers(1, 4))):
        v = 0.08 + line * 0.09
        build.face(
            patch(quad, (0.1, float(rng.uniform(0.4, 0.9))), (v, v + 0.045)),
            (70, 70, 74),
            layer=layer + 9,
            normal=normal,
            glow=glow,
        )


def _outline(
    quad: Quad, middle: tuple[float, float], size: float, corners: int, *, turn: float
) -> list[Point3]:
    """Return a regular polygon on ``quad``; ``size`` is its radius as a share of the quad's height."""
    width = math.dist(quad[0], quad[1])
    height = math.dist(quad[0], quad[3])
    points: list[Point3] = []
    for index in range(corners):
        angle = turn + 2 * math.pi * index / corners
        u = min(max(middle[0] + size * height / width * math.cos(angle), 0.03), 0.97)
        v = min(max(middle[1] + size * math.sin(angle), 0.04), 0.96)
        points.append(patch(quad, (u, u), (v, v))[0])
    return points
