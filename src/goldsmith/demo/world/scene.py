"""What stands and moves in one sequence: the plain description that a camera, or later a LiDAR, looks at."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from goldsmith.demo.world.camera import Camera
from goldsmith.demo.world.street import Street
from goldsmith.demo.world.types import Actor, Conditions, Floats, StreetMotion


@dataclass(frozen=True, slots=True)
class Building:
    """A house along the street.

    Attributes:
        side: -1 right, +1 left.
        start_m: s of its near end.
        end_m: s of its far end.
        front_m: d of its front.
        depth_m: Extent away from the street.
        floors: Number of floors.
        floor_m: Height of a floor.
        style: One of ``brick``, ``plaster``, ``shop``, ``office``, ``house``, ``wall``.
        look: Seed of its appearance.
        detail: 0 far and plain, 1 floors as bands, 2 every window.
    """

    side: int
    start_m: float
    end_m: float
    front_m: float
    depth_m: float
    floors: int
    floor_m: float
    style: str
    look: int
    detail: int

    @property
    def height_m(self) -> float:
        """Height of the wall's upper edge."""
        return self.floors * self.floor_m


@dataclass(frozen=True, slots=True)
class Prop:
    """Clutter that is not labelled: trees, lamps, bins, poles, hoardings.

    Attributes:
        kind: What it is; see ``scenery.props``.
        s_m: Place along the street.
        d_m: Place across it.
        heading_rad: Heading against the street's direction.
        size_m: Its main measure (height, mostly).
        look: Seed of its appearance.
    """

    kind: str
    s_m: float
    d_m: float
    heading_rad: float
    size_m: float
    look: int


@dataclass(frozen=True, slots=True)
class Rig:
    """A camera that rides along or stands still.

    Attributes:
        kind: ``car``, ``kerb`` or ``mast``.
        motion: Its place and speed in street coordinates; the heading is the yaw against the street.
        pitch_rad: Up is positive.
        focal_share: Focal length over the image's width.
    """

    kind: str
    motion: StreetMotion
    pitch_rad: float
    focal_share: float


@dataclass(frozen=True, slots=True)
class Scene:
    """Everything in one sequence.

    Attributes:
        street: The ground it stands on.
        conditions: Time of day and weather.
        buildings: The houses.
        props: Unlabelled clutter.
        actors: Labelled things.
        rig: The camera.
        sun_azimuth_rad: Where the sun stands in the world, counter-clockwise from +x.
        look: Seed of ground, sky and air.
        busyness: ``quiet``, ``normal`` or ``busy``.
    """

    street: Street
    conditions: Conditions
    buildings: tuple[Building, ...]
    props: tuple[Prop, ...]
    actors: tuple[Actor, ...]
    rig: Rig
    sun_azimuth_rad: float
    look: int
    busyness: str

    def camera_at(self, time_s: float, *, width_px: int, height_px: int) -> Camera:
        """Return the camera at ``time_s`` for an image of the given size."""
        pose = self.street.pose_of(self.rig.motion, time_s)
        return Camera(
            x_m=pose.x_m,
            y_m=pose.y_m,
            z_m=pose.z_m,
            yaw_rad=pose.heading_rad,
            pitch_rad=self.rig.pitch_rad,
            focal_px=self.rig.focal_share * width_px,
            width_px=width_px,
            height_px=height_px,
        )

    def lamp_places(self) -> Floats:
        """Return the positions of the street lamps' heads in the world, shape (n, 3)."""
        lamps = [prop for prop in self.props if prop.kind == "lamp"]
        if not lamps:
            return np.empty((0, 3))
        in_street = np.array(
            [(lamp.s_m, lamp.d_m + (1.3 if lamp.d_m < 0 else -1.3), lamp.size_m) for lamp in lamps]
        )
        return self.street.points(in_street)
