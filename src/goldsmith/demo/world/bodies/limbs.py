"""Figures made of limbs: tapered capsules between joints, sorted by depth and drawn as flat shapes."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from goldsmith.demo.world.camera import NEAR_M, Camera
from goldsmith.demo.world.light import Light
from goldsmith.demo.world.mesh import Point3
from goldsmith.demo.world.sprite import Fill, Ink, Round, Sprite, Stroke
from goldsmith.demo.world.types import Floats, Pose, Rgb

FigureArrays = tuple[Floats, NDArray[np.intp], NDArray[np.intp], Floats]


@dataclass
class Figure:
    """Parts of a figure in its own frame (x ahead, y left, z up, metres).

    Each part is (first point index, number of points, radius at the start, radius at the end, colour, bias). One point
    is a ball, two are a capsule, more are a closed ring line (radius = half its thickness). ``bias`` in metres draws a
    part earlier (positive) or later (negative) than its depth says. Negative radius marks a filled polygon.
    """

    points: list[Point3] = field(default_factory=list)
    parts: list[tuple[int, int, float, float, Rgb, float]] = field(default_factory=list)

    def ball(self, centre: Point3, radius_m: float, rgb: Rgb, *, bias_m: float = 0.0) -> None:
        """Add a ball."""
        self._add([centre], radius_m, radius_m, rgb, bias_m)

    def limb(
        self, start: Point3, end: Point3, radii_m: tuple[float, float], rgb: Rgb, *, bias_m: float = 0.0
    ) -> None:
        """Add a capsule that tapers from ``radii_m[0]`` to ``radii_m[1]``."""
        self._add([start, end], radii_m[0], radii_m[1], rgb, bias_m)

    def ring(self, points: list[Point3], thickness_m: float, rgb: Rgb, *, bias_m: float = 0.0) -> None:
        """Add a closed line through ``points`` (at least three)."""
        self._add(points, thickness_m / 2, thickness_m / 2, rgb, bias_m)

    def sheet(self, points: list[Point3], rgb: Rgb, *, bias_m: float = 0.0) -> None:
        """Add a filled polygon (at least three points)."""
        self._add(points, -1.0, -1.0, rgb, bias_m)

    @cached_property
    def arrays(self) -> FigureArrays:
        """Points (n, 3), and of each part: first point, number of points, bias. The figure must be finished."""
        return (
            np.array(self.points),
            np.array([part[0] for part in self.parts], dtype=np.intp),
            np.array([part[1] for part in self.parts], dtype=np.intp),
            np.array([part[5] for part in self.parts]),
        )

    def _add(self, points: list[Point3], start_m: float, end_m: float, rgb: Rgb, bias_m: float) -> None:
        self.parts.append((len(self.points), len(points), start_m, end_m, rgb, bias_m))
        self.points.extend(points)


def figure_sprite(
    figure: Figure, *, pose: Pose, camera: Camera, light: Light, object_id: int
) -> Sprite | None:
    """Return a figure as the camera sees it; None when it is not in view or too near."""
    cos, sin = math.cos(pose.heading_rad), math.sin(pose.heading_rad)
    local, starts, counts, biases = figure.arrays
    world = np.empty_like(local)
    world[:, 0] = local[:, 0] * cos - local[:, 1] * sin + pose.x_m
    world[:, 1] = local[:, 0] * sin + local[:, 1] * cos + pose.y_m
    world[:, 2] = local[:, 2] + pose.z_m
    flat, depths = camera.project(world)
    if depths.min() < 2 * NEAR_M:
        return None
    if flat[:, 0].max() < -20 or flat[:, 0].min() > camera.width_px + 20:
        return None
    inks = _inks(figure, world, camera, light)
    scale = (camera.focal_px / depths).tolist()
    pixels: list[tuple[float, float]] = [(x - 0.5, y - 0.5) for x, y in flat.tolist()]
    order = np.argsort(-(np.add.reduceat(depths, starts) / counts + biases), kind="stable").tolist()
    shapes: list[Fill | Round | Stroke] = []
    for index in order:
        first, count, start_m, end_m, _, _ = figure.parts[index]
        spots = pixels[first : first + count]
        radii = (start_m * scale[first], end_m * scale[first + count - 1])
        shapes.extend(_part_shapes(spots, radii, inks[index]))
    return Sprite(float(depths.mean()), shapes, object_id)


def _inks(figure: Figure, world: Floats, camera: Camera, light: Light) -> list[Ink]:
    """Shade the parts: limbs are round, so they face half the camera and half the sky."""
    _, starts, counts, _ = figure.arrays
    ends = starts + counts - 1
    centres = (world[starts] + world[ends]) / 2
    towards = camera.position - centres
    towards /= np.linalg.norm(towards, axis=1)[:, None]
    normals = 0.75 * towards
    normals[:, 2] += 0.35
    rgb = np.array([part[4] for part in figure.parts], dtype=np.float64)
    seen = light.shade(rgb, normals=normals, centres=centres, glow=np.zeros(len(rgb))).astype(np.int64)
    return [(red, green, blue) for red, green, blue in seen.tolist()]


def _part_shapes(
    spots: list[tuple[float, float]], radii: tuple[float, float], ink: Ink
) -> list[Fill | Round | Stroke]:
    if radii[0] < 0:
        return [Fill([round(value) for spot in spots for value in spot], ink)]
    if len(spots) == 1:
        return [_round(spots[0], radii[0], ink)]
    if len(spots) > 2:
        closed = [*spots, spots[0]]
        return [Stroke([round(value) for spot in closed for value in spot], max(1, round(2 * radii[0])), ink)]
    (x0, y0), (x1, y1) = spots
    if max(radii) < 1.4:
        return [Stroke([round(x0), round(y0), round(x1), round(y1)], max(1, round(radii[0] + radii[1])), ink)]
    length = math.hypot(x1 - x0, y1 - y0) or 1.0
    nx, ny = -(y1 - y0) / length, (x1 - x0) / length
    hull = Fill(
        [
            round(x0 + nx * radii[0]), round(y0 + ny * radii[0]), round(x1 + nx * radii[1]), round(y1 + ny * radii[1]),
            round(x1 - nx * radii[1]), round(y1 - ny * radii[1]), round(x0 - nx * radii[0]), round(y0 - ny * radii[0]),
        ],
        ink,
    )  # fmt: skip
    return [hull, _round(spots[0], radii[0], ink), _round(spots[1], radii[1], ink)]


def _round(spot: tuple[float, float], radius: float, ink: Ink) -> Round:
    x, y = spot
    return Round((round(x - radius), round(y - radius), round(x + radius), round(y + radius)), ink)
