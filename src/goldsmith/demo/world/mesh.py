"""Small meshes of flat faces, built in a thing's own frame (x ahead, y left, z up, metres)."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from goldsmith.demo.world.types import Floats, Pose, Rgb

Point3 = tuple[float, float, float]
Quad = tuple[Point3, Point3, Point3, Point3]


@dataclass(frozen=True)
class Mesh:
    """Flat faces, flattened into arrays; F faces over V vertices.

    Attributes:
        vertices: Shape (V, 3).
        starts: First vertex of each face, shape (F,).
        rgb: Colour of each face, shape (F, 3), 0 to 255.
        normals: Outward unit normals, shape (F, 3).
        layers: Drawing order before depth, shape (F,); a decal has a higher layer than the face below it.
        glow: Share of light that a face gives off itself, shape (F,); 0 to 1.
        is_two_sided: Seen from behind too, shape (F,).
        is_decal: Lies within another face and adds nothing to the outline, shape (F,).
    """

    vertices: Floats
    starts: np.ndarray[tuple[int], np.dtype[np.intp]]
    rgb: Floats
    normals: Floats
    layers: np.ndarray[tuple[int], np.dtype[np.int64]]
    glow: Floats
    is_two_sided: np.ndarray[tuple[int], np.dtype[np.bool_]]
    is_decal: np.ndarray[tuple[int], np.dtype[np.bool_]]

    def placed(self, pose: Pose) -> Mesh:
        """Return the mesh turned by the pose's heading and moved to its place."""
        cos, sin = math.cos(pose.heading_rad), math.sin(pose.heading_rad)
        turn = np.array([[cos, -sin, 0.0], [sin, cos, 0.0], [0.0, 0.0, 1.0]])
        vertices = self.vertices @ turn.T + (pose.x_m, pose.y_m, pose.z_m)
        return replace(self, vertices=vertices, normals=self.normals @ turn.T)


class MeshBuilder:
    """Collects faces and turns them into a :class:`Mesh`."""

    def __init__(self) -> None:
        self._faces: list[Sequence[Point3]] = []
        self._normals: list[Point3] = []
        self._rgb: list[Rgb] = []
        self._layers: list[int] = []
        self._glow: list[float] = []
        self._two_sided: list[bool] = []
        self._decals: list[bool] = []

    def face(
        self,
        points: Sequence[Point3],
        rgb: Rgb,
        *,
        layer: int = 0,
        glow: float = 0.0,
        is_two_sided: bool = False,
        is_decal: bool = False,
        inside: Point3 | None = None,
        normal: Point3 | None = None,
    ) -> None:
        """Add a flat polygon.

        Args:
            points: At least three corners; counter-clockwise seen from outside unless ``inside`` or ``normal`` says it.
            rgb: Its colour.
            layer: Drawing order before depth.
            glow: Own light, 0 to 1.
            is_two_sided: Draw it from behind too.
            is_decal: It lies within another face.
            inside: A point on the inner side; the normal is turned away from it.
            normal: The outward unit normal, when known.
        """
        outward = normal if normal is not None else newell_normal(points)
        if inside is not None and normal is None:
            reach = sum(n * (p - q) for n, p, q in zip(outward, points[0], inside, strict=True))
            if reach < 0:
                outward = (-outward[0], -outward[1], -outward[2])
        self._faces.append(points)
        self._normals.append(outward)
        self._rgb.append(rgb)
        self._layers.append(layer)
        self._glow.append(glow)
        self._two_sided.append(is_two_sided)
        self._decals.append(is_decal)

    def box(
        self,
        low: Point3,
        high: Point3,
        rgb: Rgb,
        *,
        layer: int = 0,
        glow: float = 0.0,
        has_bottom: bool = False,
    ) -> None:
        """Add the faces of an upright box from corner ``low`` to corner ``high``."""
        (x0, y0, z0), (x1, y1, z1) = low, high
        self.face(
            [(x1, y0, z0), (x1, y1, z0), (x1, y1, z1), (x1, y0, z1)],
            rgb,
            layer=layer,
            glow=glow,
            normal=(1, 0, 0),
        )
        self.face(
            [(x0, y0, z0), (x0, y1, z0), (x0, y1, z1), (x0, y0, z1)],
            rgb,
            layer=layer,
            glow=glow,
            normal=(-1, 0, 0),
        )
        self.face(
            [(x0, y1, z0), (x1, y1, z0), (x1, y1, z1), (x0, y1, z1)],
            rgb,
            layer=layer,
            glow=glow,
            normal=(0, 1, 0),
        )
        self.face(
            [(x0, y0, z0), (x1, y0, z0), (x1, y0, z1), (x0, y0, z1)],
            rgb,
            layer=layer,
            glow=glow,
            normal=(0, -1, 0),
        )
        self.face(
            [(x0, y0, z1), (x1, y0, z1), (x1, y1, z1), (x0, y1, z1)],
            rgb,
            layer=layer,
            glow=glow,
            normal=(0, 0, 1),
        )
        if has_bottom:
            self.face(
                [(x0, y0, z0), (x1, y0, z0), (x1, y1, z0), (x0, y1, z0)], rgb, layer=layer, normal=(0, 0, -1)
            )

    def build(self) -> Mesh:
        """Return the mesh of all faces added so far (at least one)."""
        lengths = [len(face) for face in self._faces]
        return Mesh(
            vertices=np.array([point for face in self._faces for point in face], dtype=np.float64),
            starts=np.concatenate([[0], np.cumsum(lengths[:-1])]).astype(np.intp),
            rgb=np.array(self._rgb, dtype=np.float64),
            normals=np.array(self._normals, dtype=np.float64),
            layers=np.array(self._layers, dtype=np.int64),
            glow=np.array(self._glow, dtype=np.float64),
            is_two_sided=np.array(self._two_sided, dtype=np.bool_),
            is_decal=np.array(self._decals, dtype=np.bool_),
        )


def newell_normal(points: Sequence[Point3]) -> Point3:
    """Return the unit normal of a polygon, counter-clockwise towards the viewer (Newell's method)."""
    nx = ny = nz = 0.0
    px, py, pz = points[-1]
    for x, y, z in points:
        nx += (py - y) * (pz + z)
        ny += (pz - z) * (px + x)
        nz += (px - x) * (py + y)
        px, py, pz = x, y, z
    length = math.sqrt(nx * nx + ny * ny + nz * nz) or 1.0
    return nx / length, ny / length, nz / length


def patch(quad: Quad, u: tuple[float, float], v: tuple[float, float]) -> Quad:
    """Return the part of ``quad`` between shares ``u`` of its first edge and ``v`` of its second (0 to 1)."""
    return (
        _within(quad, u[0], v[0]),
        _within(quad, u[1], v[0]),
        _within(quad, u[1], v[1]),
        _within(quad, u[0], v[1]),
    )


def _within(quad: Quad, s: float, t: float) -> Point3:
    (ax, ay, az), (bx, by, bz), (cx, cy, cz), (dx, dy, dz) = quad
    wa, wb, wc, wd = (1 - s) * (1 - t), s * (1 - t), s * t, (1 - s) * t
    return (
        wa * ax + wb * bx + wc * cx + wd * dx,
        wa * ay + wb * by + wc * cy + wd * dy,
        wa * az + wb * bz + wc * cz + wd * dz,
    )


def disc(
    centre: Point3, *, radius_m: float, axis: str, corners: int = 12, arc: tuple[float, float] = (0.0, 1.0)
) -> list[Point3]:
    """Return a regular polygon (or the chord-closed part of one) across ``axis`` ("x" or "y").

    Args:
        centre: Its middle.
        radius_m: Its radius.
        axis: The axis it stands across.
        corners: How many corners a full circle has.
        arc: Part of the circle in turns, from the horizontal, 0 to 1.
    """
    count = max(3, round(corners * (arc[1] - arc[0]))) + (0 if arc == (0.0, 1.0) else 1)
    span = arc[1] - arc[0]
    steps = count if arc == (0.0, 1.0) else count - 1
    points: list[Point3] = []
    for index in range(count):
        angle = 2 * math.pi * (arc[0] + span * index / steps)
        across, up = radius_m * math.cos(angle), radius_m * math.sin(angle)
        if axis == "y":
            points.append((centre[0] + across, centre[1], centre[2] + up))
        else:
            points.append((centre[0], centre[1] + across, centre[2] + up))
    return points


def tinted(rgb: Rgb, factor: float) -> Rgb:
    """Return ``rgb`` made darker (below 1) or lighter (above 1), within [0, 255]."""
    return (min(rgb[0] * factor, 255.0), min(rgb[1] * factor, 255.0), min(rgb[2] * factor, 255.0))
