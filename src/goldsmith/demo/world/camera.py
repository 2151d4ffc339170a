"""A pinhole camera in the world: projection to pixels and clipping at the near plane."""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cached_property
from typing import Final

import numpy as np

from goldsmith.demo.world.types import Floats

NEAR_M: Final = 0.25
"""Nothing nearer than this is drawn."""


@dataclass(frozen=True)
class Camera:
    """A pinhole camera without distortion; OpenCV axes (x right, y down, z forward).

    Attributes:
        x_m: Position in the world.
        y_m: Position in the world.
        z_m: Height above the ground.
        yaw_rad: Heading, counter-clockwise from +x.
        pitch_rad: Up is positive.
        focal_px: Focal length in pixels of this image size.
        width_px: Image width.
        height_px: Image height.
    """

    x_m: float
    y_m: float
    z_m: float
    yaw_rad: float
    pitch_rad: float
    focal_px: float
    width_px: int
    height_px: int

    @cached_property
    def position(self) -> Floats:
        """The optical centre in the world, shape (3,), metres."""
        return np.array([self.x_m, self.y_m, self.z_m])

    @cached_property
    def rotation(self) -> Floats:
        """World to camera axes, shape (3, 3); rows are right, down and forward in the world."""
        cos_pitch = math.cos(self.pitch_rad)
        forward = np.array(
            [cos_pitch * math.cos(self.yaw_rad), cos_pitch * math.sin(self.yaw_rad), math.sin(self.pitch_rad)]
        )
        right = np.array([math.sin(self.yaw_rad), -math.cos(self.yaw_rad), 0.0])
        return np.stack([right, np.cross(forward, right), forward])

    @property
    def horizon_px(self) -> float:
        """Row of the horizon in the middle of the image."""
        return self.height_px / 2 + self.focal_px * math.tan(self.pitch_rad)

    def scaled(self, factor: int) -> Camera:
        """Return the same view with ``factor`` times as many pixels each way."""
        return Camera(
            x_m=self.x_m,
            y_m=self.y_m,
            z_m=self.z_m,
            yaw_rad=self.yaw_rad,
            pitch_rad=self.pitch_rad,
            focal_px=self.focal_px * factor,
            width_px=self.width_px * factor,
            height_px=self.height_px * factor,
        )

    def to_camera(self, points: Floats) -> Floats:
        """Return world points, shape (n, 3), in camera axes: right, down, forward."""
        return (points - self.position) @ self.rotation.T

    def to_pixels(self, in_camera: Floats) -> Floats:
        """Return pixel positions, shape (n, 2), of points in camera axes; depth must be positive."""
        scale = self.focal_px / in_camera[:, 2]
        pixels = np.empty((len(in_camera), 2))
        pixels[:, 0] = in_camera[:, 0] * scale + self.width_px / 2
        pixels[:, 1] = in_camera[:, 1] * scale + self.height_px / 2
        return pixels

    def project(self, points: Floats) -> tuple[Floats, Floats]:
        """Return pixel positions (n, 2) and depths (n,) of world points (n, 3).

        Points behind the near plane are pushed onto it; look at the depth to find them.
        """
        in_camera = self.to_camera(points)
        depths = in_camera[:, 2].copy()
        np.maximum(in_camera[:, 2], NEAR_M, out=in_camera[:, 2])
        return self.to_pixels(in_camera), depths


def clip_near(polygon: Floats) -> Floats:
    """Cut a polygon in camera axes, shape (n, 3), at the near plane (Sutherland and Hodgman 1974).

    Returns:
        The part in front, shape (m, 3); m is 0 where nothing is left.
    """
    kept: list[Floats] = []
    previous = polygon[-1]
    for current in polygon:
        was_in, is_in = previous[2] >= NEAR_M, current[2] >= NEAR_M
        if was_in != is_in:
            share = (NEAR_M - previous[2]) / (current[2] - previous[2])
            kept.append(previous + share * (current - previous))
        if is_in:
            kept.append(current)
        previous = current
    return np.array(kept) if kept else np.empty((0, 3))
