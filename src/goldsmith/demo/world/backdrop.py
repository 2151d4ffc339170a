"""The sky, clouds, stars and the far skyline."""

from __future__ import annotations

import math

import numpy as np
from PIL import Image, ImageDraw, ImageFilter

from goldsmith.demo.world.camera import Camera
from goldsmith.demo.world.light import Light
from goldsmith.demo.world.types import Conditions, TimeOfDay, Weather

_SHRINK = 8


def paint_sky(*, camera: Camera, light: Light, conditions: Conditions, look: int) -> Image.Image:
    """Return a picture of the camera's size with sky down to the horizon and the air's colour below it.

    Args:
        camera: The view.
        light: Colours of the sky.
        conditions: Decides clouds and stars.
        look: Seed of clouds and skyline; they keep their place while the camera moves.
    """
    rng = np.random.default_rng(look)
    width, height = camera.width_px // _SHRINK, camera.height_px // _SHRINK
    horizon = min(max(round(camera.horizon_px / _SHRINK), 1), height)
    small = Image.new("RGB", (width, height), _ink(light.sky_low))
    column = Image.new("RGB", (1, 3))
    column.putdata([_ink(light.sky_top), _ink(_mix(light.sky_top, light.sky_low, 0.55)), _ink(light.sky_low)])
    small.paste(column.resize((width, horizon), Image.Resampling.BILINEAR), (0, 0))
    draw = ImageDraw.Draw(small)
    if (
        conditions.weather in (Weather.CLEAR, Weather.CLOUDY)
        and conditions.time_of_day is not TimeOfDay.NIGHT
    ):
        _draw_clouds(draw, rng, camera, light, horizon, is_full=conditions.weather is Weather.CLOUDY)
        small = small.filter(ImageFilter.GaussianBlur(1.4))
    picture = Image.new("RGB", (camera.width_px, camera.height_px))
    sky = small.crop((0, 0, width, horizon))
    picture.paste(sky.resize((camera.width_px, horizon * _SHRINK), Image.Resampling.BILINEAR), (0, 0))
    sharp = ImageDraw.Draw(picture)
    if conditions.time_of_day is TimeOfDay.NIGHT and conditions.weather is Weather.CLEAR:
        for _ in range(40):
            x, y = int(rng.integers(camera.width_px)), int(rng.integers(max(int(camera.horizon_px), 1)))
            sharp.rectangle((x, y, x + 1, y + 1), (150, 150, 160))
    _draw_skyline(sharp, rng, camera, light)
    return picture


def _draw_clouds(
    draw: ImageDraw.ImageDraw,
    rng: np.random.Generator,
    camera: Camera,
    light: Light,
    horizon: int,
    *,
    is_full: bool,
) -> None:
    width = camera.width_px // _SHRINK
    shift = camera.yaw_rad * camera.focal_px / _SHRINK
    bright = _ink(_mix(light.sky_low, (255.0, 255.0, 255.0), 0.45))
    dull = _ink(_mix(light.sky_low, light.sky_top, 0.25))
    for _ in range(14 if is_full else 7):
        x = float(rng.uniform(-0.5, 1.5)) * width + shift
        y = float(rng.uniform(-0.1, 0.85)) * horizon
        for _ in range(7):
            rx, ry = float(rng.uniform(4, 13)), float(rng.uniform(1.2, 3.4))
            cx, cy = x + float(rng.uniform(-14, 14)), y + float(rng.uniform(-1.5, 1.5))
            draw.ellipse(
                (cx - rx, cy - ry, cx + rx, cy + ry), dull if is_full and rng.random() < 0.5 else bright
            )


def _draw_skyline(draw: ImageDraw.ImageDraw, rng: np.random.Generator, camera: Camera, light: Light) -> None:
    """Draw far hills and blocks along the horizon, some hundred metres away."""
    focal, middle, horizon = camera.focal_px, camera.width_px / 2, camera.horizon_px
    far = np.array([_mix(light.sky_low, (96.0, 108.0, 112.0), 0.5)])
    near = np.array([_mix(light.sky_low, (84.0, 92.0, 84.0), 0.75)])
    distances = np.array([float(light.air_range_m) * 0.55])
    inks = [_ink(tuple(light.faded(rgb * light.ambient.mean() / 0.66, distances)[0])) for rgb in (far, near)]
    for layer, ink in enumerate(inks):
        angle = -1.6
        while angle < 1.6:
            step = float(rng.uniform(0.02, 0.07))
            rise = float(rng.uniform(0.01, 0.055)) * (1.0 if layer == 0 else 0.6)
            left = middle + focal * math.tan(_clamped(camera.yaw_rad - angle))
            right = middle + focal * math.tan(_clamped(camera.yaw_rad - angle - step))
            if right > left and right > 0 and left < camera.width_px:
                draw.rectangle((left, horizon - focal * rise, right, horizon + 4), ink)
            angle += step * float(rng.uniform(0.7, 1.3))
            if angle + step > 1.6:
                break
    draw.rectangle((0, min(horizon, camera.height_px - 1), camera.width_px, camera.height_px), inks[1])


def _clamped(angle: float) -> float:
    return min(max(angle, -1.3), 1.3)


def _mix(first: tuple[float, ...], second: tuple[float, ...], share: float) -> tuple[float, float, float]:
    red, green, blue = (a + (b - a) * share for a, b in zip(first, second, strict=True))
    return red, green, blue


def _ink(rgb: tuple[float, ...]) -> tuple[int, int, int]:
    red, green, blue = (min(max(int(value), 0), 255) for value in rgb)
    return red, green, blue
