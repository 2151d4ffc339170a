"""What lies between the street and the file: wet reflections, rain, glow, blur, noise and the lens."""

from __future__ import annotations

import math
from functools import lru_cache
from typing import Final

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageChops, ImageDraw, ImageFilter

from goldsmith.demo.world.sprite import Glow
from goldsmith.demo.world.types import Conditions, TimeOfDay, Weather

_GLOW_SHRINK: Final = 2
_PLAY_PX: Final = 64


def add_reflections(
    picture: Image.Image, ground: NDArray[np.bool_], rng: np.random.Generator, *, strength: float
) -> Image.Image:
    """Mirror in the wet ground what stands on it.

    For each ground pixel the contact is the lowest pixel above it that is not ground; the mirror image of things that
    stand upright there lies as far above the contact as the pixel lies below it.

    Args:
        picture: The picture, RGB.
        ground: Which pixels are bare ground, shape (height, width).
        rng: Draws the ripples.
        strength: 0 (dry) to 1 (mirror).
    """
    height, width = ground.shape
    top = int(np.argmax(ground.any(axis=1)))
    if not ground.any():
        return picture
    rows = np.arange(height, dtype=np.int32)[:, None]
    contact = np.maximum.accumulate(np.where(ground, 0, rows), axis=0)[top:]
    below = rows[top:] - contact
    ripple = rng.integers(-3, 4, size=(height - top, 1), dtype=np.int32)
    source_row = np.clip(contact - (below * 1.05).astype(np.int32), 0, height - 1)
    source_column = np.clip(np.arange(width, dtype=np.int32)[None, :] + ripple * (below > 4), 0, width - 1)
    mirrored = Image.fromarray(np.asarray(picture)[source_row, source_column]).filter(
        ImageFilter.BoxBlur((1.0, 5.0))
    )
    share = strength * np.exp(-below / 90.0) * ground[top:] * (below > 0)
    mask = Image.fromarray((share * 255).astype(np.uint8)).filter(ImageFilter.BoxBlur(1))
    wet = picture.copy()
    wet.paste(mirrored, (0, top), mask)
    return wet


def add_glow(picture: Image.Image, glows: list[Glow], *, softness: float) -> Image.Image:
    """Add the bloom of lights; positions are in pixels of ``picture``."""
    if not glows:
        return picture
    width, height = picture.size
    halo = Image.new("RGB", (width // _GLOW_SHRINK, height // _GLOW_SHRINK))
    draw = ImageDraw.Draw(halo)
    for glow in sorted(glows, key=lambda entry: entry.radius):
        x, y, radius = glow.x / _GLOW_SHRINK, glow.y / _GLOW_SHRINK, glow.radius / _GLOW_SHRINK
        draw.ellipse((x - radius, y - radius, x + radius, y + radius), glow.ink)
    halo = (
        halo.reduce(2)
        .filter(ImageFilter.GaussianBlur(softness))
        .resize((width, height), Image.Resampling.BILINEAR)
    )
    return ImageChops.screen(picture, halo)


def add_rain(picture: Image.Image, rng: np.random.Generator, *, is_night: bool) -> Image.Image:
    """Add streaks of falling rain and a few drops on the glass."""
    width, height = picture.size
    veil = Image.new("L", (width, height), 0)
    draw = ImageDraw.Draw(veil)
    slant = float(rng.uniform(-0.25, 0.25))
    count = 260
    xs, ys = rng.uniform(-20, width + 20, count).tolist(), rng.uniform(-20, height, count).tolist()
    lengths = rng.uniform(6, 26, count).tolist()
    for x, y, length in zip(xs, ys, lengths, strict=True):
        draw.line((x, y, x + slant * length, y + length), 24 + int(length * 2.2))
    rainy = picture.copy()
    rainy.paste((110, 116, 128) if is_night else (214, 219, 224), (0, 0), veil)
    for _ in range(int(rng.integers(4, 11))):
        _add_drop(rainy, rng)
    return rainy


def _add_drop(picture: Image.Image, rng: np.random.Generator) -> None:
    """Blur and flip a small round patch, as a drop on the windscreen does."""
    radius = int(rng.integers(4, 10))
    x = int(rng.integers(radius, picture.width - radius))
    y = int(rng.integers(radius, picture.height - radius))
    bounds = (x - radius, y - radius, x + radius, y + radius)
    inside = (
        picture.crop(bounds).transpose(Image.Transpose.FLIP_TOP_BOTTOM).filter(ImageFilter.GaussianBlur(1.5))
    )
    mask = Image.new("L", inside.size, 0)
    ImageDraw.Draw(mask).ellipse((0, 0, inside.width - 1, inside.height - 1), 130)
    picture.paste(inside, bounds, mask.filter(ImageFilter.GaussianBlur(1.2)))


def finish(
    picture: Image.Image, rng: np.random.Generator, *, lens: np.random.Generator, conditions: Conditions
) -> Image.Image:
    """Add what the lens and the sensor do: softness, vignette, exposure, colour cast and noise.

    Args:
        picture: The picture, RGB.
        rng: Draws the noise of this frame.
        lens: Draws the camera's own traits; give the same for all frames of a sequence.
        conditions: Night is noisy, rain is soft.
    """
    is_night = conditions.time_of_day is TimeOfDay.NIGHT
    softness = float(lens.uniform(0.0, 0.45)) + (0.35 if conditions.weather is Weather.RAIN else 0.0)
    if softness > 0.25:
        picture = picture.filter(ImageFilter.BoxBlur(softness))
    gain = float(lens.uniform(0.92, 1.10)) * float(rng.uniform(0.985, 1.015))
    contrast = float(lens.uniform(0.92, 1.08))
    cast = lens.uniform(0.97, 1.03, 3)
    levels = np.arange(256, dtype=np.float64)
    curve = ((levels - 118) * contrast + 118) * gain
    tables = [np.clip(curve * float(tone), 0, 255).astype(np.uint8).tolist() for tone in cast]
    picture = picture.point([value for table in tables for value in table])
    picture = ImageChops.multiply(picture, _vignette(picture.size))
    sigma = float(lens.uniform(3.5, 6.5)) if is_night else float(lens.uniform(1.5, 3.5))
    return _with_noise(picture, rng, sigma=sigma)


def _with_noise(picture: Image.Image, rng: np.random.Generator, *, sigma: float) -> Image.Image:
    grain = _grain(picture.size, round(sigma * 2))
    left, top = int(rng.integers(_PLAY_PX)), int(rng.integers(_PLAY_PX))
    window = grain.crop((left, top, left + picture.width, top + picture.height))
    return ImageChops.add(picture, window, scale=1.0, offset=-128)


@lru_cache(maxsize=16)
def _grain(size: tuple[int, int], half_sigmas: int) -> Image.Image:
    """One fixed field of grey noise around 128; frames look at it through different windows."""
    rng = np.random.default_rng(20_240_601)
    field = rng.standard_normal((size[1] + _PLAY_PX, size[0] + _PLAY_PX), dtype=np.float32) * (
        half_sigmas / 2
    )
    return Image.fromarray(np.clip(np.rint(field) + 128, 0, 255).astype(np.uint8)).convert("RGB")


@lru_cache(maxsize=8)
def _vignette(size: tuple[int, int]) -> Image.Image:
    width, height = size
    x = (np.arange(width) - width / 2) / (width / 2)
    y = (np.arange(height) - height / 2) / (height / 2)
    fall = 1.0 - 0.16 * np.minimum((x[None, :] ** 2 + y[:, None] ** 2) / 2, 1.0) ** 1.3
    plane = (fall * 255).astype(np.uint8)
    return Image.merge("RGB", [Image.fromarray(plane)] * 3)


def glow_radius(*, depth_m: float, size_px: float) -> float:
    """Return the radius of a light's bloom in pixels: it shrinks slower than the light itself."""
    return min(size_px * 2.2 + 30.0 / math.sqrt(max(depth_m, 1.0)), 46.0)
