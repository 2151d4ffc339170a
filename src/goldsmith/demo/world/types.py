"""What the small world is made of: places, movements, things with an identity, conditions, and finished images.

World frame (ISO 8855, also the frame of most LiDAR data): metres, x along the street, y to the left, z up, origin on
the road's centre line at ground level. Headings are radians, counter-clockwise seen from above, 0 looks along +x.
Street frame: ``s_m`` metres along the (possibly curved) centre line, ``d_m`` metres to its left.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Final

import numpy as np
from numpy.typing import NDArray

from goldsmith.core.annotations import Labelling

Floats = NDArray[np.float64]
"""A float64 array; shapes stand in the docstrings."""

Rgb = tuple[float, float, float]
"""A colour, red, green and blue in [0, 255]."""

SUPERSAMPLING: Final = 2
"""Pictures are drawn at this multiple of their size; gold is exact to 1 / SUPERSAMPLING pixel."""

OCCLUDED_BELOW: Final = 0.7
"""An object with a smaller visible fraction is marked as occluded."""


class ObjectKind(StrEnum):
    """The labelled kinds; the values are the class ids of :func:`street_ontology`."""

    CAR = "car"
    PEDESTRIAN = "pedestrian"
    CYCLIST = "cyclist"
    TRAFFIC_LIGHT = "traffic_light"
    ROAD_SIGN = "road_sign"


class TimeOfDay(StrEnum):
    """How high the sun stands."""

    DAY = "day"
    DUSK = "dusk"
    NIGHT = "night"


class Weather(StrEnum):
    """What is between the camera and the street."""

    CLEAR = "clear"
    CLOUDY = "cloudy"
    RAIN = "rain"
    FOG = "fog"


@dataclass(frozen=True, slots=True)
class Conditions:
    """Time of day and weather of one sequence."""

    time_of_day: TimeOfDay
    weather: Weather


@dataclass(frozen=True, slots=True)
class Pose:
    """Where a thing stands in the world: metres, and its heading in radians."""

    x_m: float
    y_m: float
    z_m: float
    heading_rad: float


@dataclass(frozen=True, slots=True)
class StreetMotion:
    """Constant movement in street coordinates.

    Attributes:
        s_m: Position along the street at time 0.
        d_m: Position to the left of the centre line at time 0.
        z_m: Height of the thing's foot above the ground.
        heading_rad: Heading against the direction of the street.
        s_mps: Speed along the street, metres per second.
        d_mps: Speed to the left, metres per second.
    """

    s_m: float
    d_m: float
    z_m: float = 0.0
    heading_rad: float = 0.0
    s_mps: float = 0.0
    d_mps: float = 0.0

    def at(self, time_s: float) -> tuple[float, float]:
        """Return (s_m, d_m) at ``time_s``."""
        return self.s_m + self.s_mps * time_s, self.d_m + self.d_mps * time_s


@dataclass(frozen=True, slots=True)
class Actor:
    """A thing that is labelled: it has an identity, a place, a size and a movement.

    Attributes:
        actor_id: Identity within the sequence, from 1; the same in all its frames.
        kind: Its class.
        size_m: Length, width and height in metres, along its own heading.
        motion: Where it is at any time.
        look: Seed of its appearance; the same seed draws the same thing.
        variant: Body type, sign kind and the like.
        attributes: Gold attribute values.
    """

    actor_id: int
    kind: ObjectKind
    size_m: tuple[float, float, float]
    motion: StreetMotion
    look: int
    variant: str = ""
    attributes: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class VisibleObject:
    """An actor as one frame shows it, with everything that later sensors need.

    Attributes:
        actor: The thing itself.
        pose: Its place in the world at the time of the frame.
        velocity_mps: Its velocity in the world frame, (vx, vy, vz).
        box_xyxy: Tight box of the visible pixels, in pixels.
        visible_px: Visible area in square pixels.
        visible_fraction: Visible area over the area that would show within the image with nothing in front.
        is_truncated: The image border cuts it.
    """

    actor: Actor
    pose: Pose
    velocity_mps: tuple[float, float, float]
    box_xyxy: tuple[float, float, float, float]
    visible_px: float
    visible_fraction: float
    is_truncated: bool

    @property
    def is_occluded(self) -> bool:
        """Whether a noteworthy part is hidden behind something."""
        return self.visible_fraction < OCCLUDED_BELOW


@dataclass(frozen=True, slots=True)
class WorldOptions:
    """What the world shows and how it is written.

    Attributes:
        width_px: Width of the images.
        height_px: Height of the images.
        jpeg_quality: 1 to 95.
        night_share: Share of sequences at night.
        dusk_share: Share of sequences at dusk.
        rain_share: Share of sequences in rain.
        fog_share: Share of sequences in fog.
        min_frames: Fewest frames of a sequence.
        max_frames: Most frames of a sequence.
        frame_gap_s: Time between two frames of a sequence, seconds.
        is_polygon_gold: Gold geometry is the polygon of the visible silhouette instead of the box.
        min_visible_px: Objects with fewer visible square pixels are not labelled.
        min_side_px: Objects narrower or lower than this are not labelled.
        min_visible_fraction: Objects hidden further than this are not labelled.
    """

    width_px: int = 640
    height_px: int = 384
    jpeg_quality: int = 88
    night_share: float = 0.14
    dusk_share: float = 0.08
    rain_share: float = 0.12
    fog_share: float = 0.04
    min_frames: int = 2
    max_frames: int = 4
    frame_gap_s: float = 0.6
    is_polygon_gold: bool = False
    min_visible_px: float = 40.0
    min_side_px: float = 4.0
    min_visible_fraction: float = 0.15


@dataclass(frozen=True, slots=True)
class WorldImage:
    """One finished image with its gold.

    Attributes:
        name: File name, unique within a world, such as ``street-0007-02.jpg``.
        image_bytes: The JPEG file.
        width: Width in pixels.
        height: Height in pixels.
        labelling: The exact gold labels.
        metadata: time_of_day, weather, camera, sequence, frame, street, busyness.
        group: Sequence id; frames of one group are near-identical and belong into one split.
        objects: The labelled objects with their place in the world, in the order of the labelling.
    """

    name: str
    image_bytes: bytes
    width: int
    height: int
    labelling: Labelling
    metadata: dict[str, str | int | float]
    group: str
    objects: tuple[VisibleObject, ...] = ()
