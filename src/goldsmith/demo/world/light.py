"""How bright a face is: sun, sky, street lamps, headlights, and the air in between."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from goldsmith.demo.world.types import Conditions, Floats, Rgb, TimeOfDay, Weather

_LAMP_RGB = np.array([1.0, 0.80, 0.52])
_HEADLIGHT_RGB = np.array([1.0, 0.97, 0.88])


@dataclass(frozen=True)
class Light:
    """The light of one frame.

    Attributes:
        ambient: Share of a colour seen without direct light, shape (3,).
        sun: Added share where the sun stands straight on a face, shape (3,).
        sun_direction: Unit vector towards the sun, shape (3,).
        air_rgb: What far things fade into, shape (3,).
        air_range_m: Distance at which 63 % of a thing has faded.
        sky_top: Colour of the sky at the zenith.
        sky_low: Colour of the sky at the horizon.
        shadow_strength: 0 (none) to 1 (black).
        is_dark: Lamps and headlights are on.
        lamps: Positions of street lamps, shape (n, 3).
        eye: Position of the camera, shape (3,).
        view: Direction of the camera, shape (3,).
        headlight: Strength of the camera car's own headlights, 0 to 1.
    """

    ambient: Floats
    sun: Floats
    sun_direction: Floats
    air_rgb: Floats
    air_range_m: float
    sky_top: Rgb
    sky_low: Rgb
    shadow_strength: float
    is_dark: bool
    lamps: Floats
    eye: Floats
    view: Floats
    headlight: float

    def shade(self, rgb: Floats, *, normals: Floats, centres: Floats, glow: Floats) -> Floats:
        """Return the seen colours of faces, shape (n, 3), 0 to 255.

        Args:
            rgb: Own colours, shape (n, 3), 0 to 255.
            normals: Outward unit normals in the world, shape (n, 3).
            centres: Middles of the faces in the world, shape (n, 3).
            glow: Own light, shape (n,), 0 to 1.
        """
        lit = (
            self.ambient * (0.82 + 0.18 * normals[:, 2:])
            + np.maximum(normals @ self.sun_direction, 0.0)[:, None] * self.sun
        )
        offsets = centres - self.eye
        distances = np.sqrt(np.einsum("ij,ij->i", offsets, offsets))
        if self.is_dark:
            lit = lit + self._lamp_light(centres) + self._headlight_light(offsets, distances)
        seen = rgb * (lit * (1.0 - glow[:, None]) + glow[:, None])
        fade = (1.0 - np.exp(-distances / self.air_range_m)) * (1.0 - 0.6 * glow)
        seen += (self.air_rgb - seen) * fade[:, None]
        return np.clip(seen, 0.0, 255.0)

    def faded(self, rgb: Floats, distances_m: Floats) -> Floats:
        """Return colours, shape (n, 3), after ``distances_m`` of air."""
        fade = 1.0 - np.exp(-distances_m / self.air_range_m)
        return rgb + (self.air_rgb - rgb) * fade[:, None]

    def _lamp_light(self, centres: Floats) -> Floats:
        if not len(self.lamps):
            return np.zeros((len(centres), 3))
        gaps = centres[:, None, :] - self.lamps[None, :, :]
        squares = np.einsum("ijk,ijk->ij", gaps, gaps)
        glow: Floats = np.sum(9.0 / (14.0 + squares), axis=1)[:, None] * _LAMP_RGB * 0.55
        return glow

    def _headlight_light(self, offsets: Floats, distances: Floats) -> Floats:
        ahead = offsets @ self.view
        aside = np.sqrt(np.maximum(distances**2 - ahead**2, 0.0))
        cone = np.exp(-((aside / (0.24 * np.maximum(ahead, 0.0) + 1.0)) ** 2))
        reach = np.where(ahead > 0, np.clip(1.0 - ahead / 48.0, 0.0, 1.0), 0.0)
        lit: Floats = (self.headlight * 0.85 * cone * reach)[:, None] * _HEADLIGHT_RGB
        return lit


_MIDDAY = {
    "ambient": (0.60, 0.62, 0.66),
    "sun": (0.52, 0.49, 0.42),
    "air": (198, 210, 222),
    "top": (88, 138, 205),
    "low": (205, 220, 233),
}
_OVERCAST = {
    "ambient": (0.80, 0.81, 0.83),
    "sun": (0.10, 0.10, 0.10),
    "air": (196, 200, 204),
    "top": (160, 168, 178),
    "low": (208, 212, 216),
}
_RAINY = {
    "ambient": (0.64, 0.66, 0.70),
    "sun": (0.04, 0.04, 0.04),
    "air": (158, 165, 172),
    "top": (122, 130, 140),
    "low": (166, 173, 180),
}
_FOGGY = {
    "ambient": (0.74, 0.75, 0.76),
    "sun": (0.04, 0.04, 0.04),
    "air": (190, 194, 197),
    "top": (186, 190, 194),
    "low": (192, 196, 199),
}
_DUSK = {
    "ambient": (0.40, 0.38, 0.46),
    "sun": (0.40, 0.25, 0.13),
    "air": (178, 146, 140),
    "top": (62, 78, 126),
    "low": (242, 172, 118),
}
_NIGHT = {
    "ambient": (0.13, 0.145, 0.20),
    "sun": (0.0, 0.0, 0.0),
    "air": (26, 30, 44),
    "top": (10, 13, 26),
    "low": (36, 38, 54),
}


def light_of(
    conditions: Conditions,
    *,
    sun_azimuth_rad: float,
    lamps: Floats,
    eye: Floats,
    view: Floats,
    has_headlights: bool,
) -> Light:
    """Return the light for some conditions.

    Args:
        conditions: Time of day and weather.
        sun_azimuth_rad: Where the sun stands, counter-clockwise from +x.
        lamps: Positions of street lamps, shape (n, 3).
        eye: Camera position, shape (3,).
        view: Camera direction, shape (3,).
        has_headlights: The camera rides on a car.
    """
    mood = _mood_of(conditions)
    is_night = conditions.time_of_day is TimeOfDay.NIGHT
    is_dusk = conditions.time_of_day is TimeOfDay.DUSK
    elevation = math.radians(16 if is_dusk else 48)
    air = np.array(mood["air"], dtype=np.float64)
    if is_night and conditions.weather is Weather.FOG:
        air = air * 1.8
    is_clear = conditions.weather is Weather.CLEAR
    shadow = 0.0 if is_night else (0.42 if is_clear else 0.10)
    return Light(
        ambient=np.array(mood["ambient"]),
        sun=np.array(mood["sun"]) * (1.0 if is_clear or not is_dusk else 0.3),
        sun_direction=np.array(
            [
                math.cos(elevation) * math.cos(sun_azimuth_rad),
                math.cos(elevation) * math.sin(sun_azimuth_rad),
                math.sin(elevation),
            ]
        ),
        air_rgb=air,
        air_range_m={Weather.FOG: 42.0, Weather.RAIN: 150.0}.get(conditions.weather, 420.0),
        sky_top=mood["top"],
        sky_low=mood["low"],
        shadow_strength=shadow * (0.75 if is_dusk else 1.0),
        is_dark=is_night or is_dusk,
        lamps=lamps if is_night else lamps[:0],
        eye=eye,
        view=view,
        headlight=(1.0 if is_night else 0.25) if has_headlights and (is_night or is_dusk) else 0.0,
    )


def _mood_of(conditions: Conditions) -> dict[str, Rgb]:
    if conditions.time_of_day is TimeOfDay.NIGHT:
        return _NIGHT
    if conditions.weather is Weather.FOG:
        return _FOGGY
    if conditions.time_of_day is TimeOfDay.DUSK:
        return _DUSK
    return {Weather.RAIN: _RAINY, Weather.CLOUDY: _OVERCAST}.get(conditions.weather, _MIDDAY)
