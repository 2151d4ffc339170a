"""The street itself: its cross-section, its curve, and the way from street to world coordinates."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

import numpy as np

from goldsmith.demo.world.mesh import Mesh
from goldsmith.demo.world.types import Floats, Pose, Rgb, StreetMotion


@dataclass(frozen=True)
class Street:
    """A street with right-hand traffic, symmetric lanes and a pavement on both sides.

    Attributes:
        curvature_per_m: 1 / radius; positive turns left.
        lanes_each_way: 1 or 2.
        lane_m: Width of a lane.
        parking_right_m: Width of the parking strip on the right, 0 without one.
        parking_left_m: The same on the left.
        pavement_m: Width of the pavements.
        setback_right_m: Room between pavement and houses on the right.
        setback_left_m: The same on the left.
        junction_s_m: Where a side road begins, None without one.
        junction_m: Width of the side road.
        zebra_s_m: Where a zebra crossing begins, None without one.
        asphalt_rgb: Colour of the road.
        pavement_rgb: Colour of the pavements.
        verge_rgb: Colour of what lies between pavement and houses.
    """

    curvature_per_m: float
    lanes_each_way: int
    lane_m: float
    parking_right_m: float
    parking_left_m: float
    pavement_m: float
    setback_right_m: float
    setback_left_m: float
    junction_s_m: float | None
    junction_m: float
    zebra_s_m: float | None
    asphalt_rgb: Rgb
    pavement_rgb: Rgb
    verge_rgb: Rgb

    @property
    def right_kerb_m(self) -> float:
        """Place d of the right kerb (negative)."""
        return -(self.lanes_each_way * self.lane_m + self.parking_right_m)

    @property
    def left_kerb_m(self) -> float:
        """Place d of the left kerb (positive)."""
        return self.lanes_each_way * self.lane_m + self.parking_left_m

    def kerb_m(self, side: int) -> float:
        """Return d of the kerb on a side: -1 right, +1 left."""
        return self.left_kerb_m if side > 0 else self.right_kerb_m

    def front_m(self, side: int) -> float:
        """Return d of the house fronts on a side: -1 right, +1 left."""
        setback = self.setback_left_m if side > 0 else self.setback_right_m
        return self.kerb_m(side) + side * (self.pavement_m + setback)

    def is_junction(self, s_m: float, *, margin_m: float = 0.0) -> bool:
        """Say whether a place lies within the side road."""
        start = self.junction_s_m
        return start is not None and start - margin_m < s_m < start + self.junction_m + margin_m

    def points(self, in_street: Floats) -> Floats:
        """Return world positions, shape (n, 3), of (s, d, z), shape (n, 3)."""
        s, d = in_street[:, 0], in_street[:, 1]
        out = np.empty_like(in_street)
        if abs(self.curvature_per_m) < 1e-9:
            out[:, 0], out[:, 1] = s, d
        else:
            angle = s * self.curvature_per_m
            out[:, 0] = np.sin(angle) * (1 / self.curvature_per_m - d)
            out[:, 1] = 1 / self.curvature_per_m - np.cos(angle) * (1 / self.curvature_per_m - d)
        out[:, 2] = in_street[:, 2]
        return out

    def pose(self, s_m: float, d_m: float, z_m: float = 0.0, heading_rad: float = 0.0) -> Pose:
        """Return the world pose of a place in the street; the heading is against the street's direction."""
        angle = s_m * self.curvature_per_m
        if abs(self.curvature_per_m) < 1e-9:
            return Pose(s_m, d_m, z_m, heading_rad)
        radius = 1 / self.curvature_per_m - d_m
        x = math.sin(angle) * radius
        return Pose(x, 1 / self.curvature_per_m - math.cos(angle) * radius, z_m, heading_rad + angle)

    def pose_of(self, motion: StreetMotion, time_s: float) -> Pose:
        """Return where a moving thing stands at ``time_s``."""
        s_m, d_m = motion.at(time_s)
        return self.pose(s_m, d_m, motion.z_m, motion.heading_rad)

    def velocity_of(self, motion: StreetMotion, time_s: float) -> tuple[float, float, float]:
        """Return a thing's velocity in the world frame, metres per second."""
        s_m, d_m = motion.at(time_s)
        angle = s_m * self.curvature_per_m
        along = motion.s_mps * (1.0 - d_m * self.curvature_per_m)
        cos, sin = math.cos(angle), math.sin(angle)
        return along * cos - motion.d_mps * sin, along * sin + motion.d_mps * cos, 0.0

    def bent(self, mesh: Mesh) -> Mesh:
        """Return a mesh given in (s, d, z) as a mesh in the world; normals turn with the street."""
        angles = mesh.vertices[mesh.starts, 0] * self.curvature_per_m
        cos, sin = np.cos(angles), np.sin(angles)
        normals = np.empty_like(mesh.normals)
        normals[:, 0] = mesh.normals[:, 0] * cos - mesh.normals[:, 1] * sin
        normals[:, 1] = mesh.normals[:, 0] * sin + mesh.normals[:, 1] * cos
        normals[:, 2] = mesh.normals[:, 2]
        return replace(mesh, vertices=self.points(mesh.vertices), normals=normals)
