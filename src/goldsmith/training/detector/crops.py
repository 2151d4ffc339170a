"""Training crops: pictures cut, scaled, mirrored and recoloured, with their boxes carried along."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from PIL import Image

from goldsmith.training.detector.data import Float32, Float64, ImageCache, Int64, TrainingSample, UInt8
from goldsmith.training.detector.letterbox import PAD_VALUE, fit
from goldsmith.training.recipes import Augment

VISIBLE_SHARE = 0.3
"""An object of which less is inside the crop becomes an ignore region."""


@dataclass(frozen=True, slots=True, eq=False)
class Crop:
    """One training example.

    Attributes:
        pixels: Uint8 [height, width, 3], RGB.
        boxes_xyxy: Float32 [n, 4], pixels of the crop, inside it.
        class_index: Int64 [n].
        weight: Float32 [n]; 0 marks an ignore region.
    """

    pixels: UInt8
    boxes_xyxy: Float32
    class_index: Int64
    weight: Float32


@dataclass(frozen=True, slots=True)
class Window:
    """A rectangle of a picture: corner in picture pixels, network pixels per picture pixel, size in network pixels."""

    x0: float
    y0: float
    scale: float
    width_px: int
    height_px: int


def class_draw_weights(samples: Sequence[TrainingSample], *, class_count: int, balance: float) -> Float32:
    """How much more often an object of each class is drawn, float32 [class_count], mean 1 over the objects.

    The weight of a class is ``(1 / frequency) ** balance``.
    """
    counts = np.zeros(class_count)
    for sample in samples:
        counts += np.bincount(sample.class_index[sample.weight > 0], minlength=class_count)
    weights = np.power(np.maximum(counts, 1.0), -balance)
    mean = float((weights * counts).sum() / max(counts.sum(), 1.0))
    return (weights / mean if mean > 0 else np.ones(class_count)).astype(np.float32)


def sample_draw_weights(samples: Sequence[TrainingSample], *, class_weights: Float32) -> Float64:
    """Probability of each sample to be drawn, float64 [n], sum 1: by its rarest class; 1 share for an empty picture."""
    weights = np.ones(len(samples))
    for index, sample in enumerate(samples):
        classes = sample.class_index[sample.weight > 0]
        if len(classes):
            weights[index] = max(1.0, float(class_weights[classes].max()))
    return np.asarray(weights / weights.sum())


def epoch_order(weights: Float64, *, draws: int, rng: np.random.Generator) -> Int64:
    """Sample indices of one epoch, int64 [draws]: systematic sampling, each as often as its weight says, within one."""
    positions = (np.arange(draws) + rng.random()) / draws
    order = np.searchsorted(np.cumsum(weights), positions, side="right").clip(max=len(weights) - 1)
    return rng.permutation(order).astype(np.int64)


def _jitter(augment: Augment, rng: np.random.Generator) -> float:
    spread = float(np.log1p(augment.scale_jitter))
    return float(np.exp(rng.uniform(-spread, spread)))


def _offset(low: float, high: float, *, length: float, window: float, rng: np.random.Generator) -> float:
    """Start of a window on an axis of `length` that shows [low, high] where it can and stays on the picture."""
    if window >= length:
        return float(rng.uniform(length - window, 0.0))
    first, last = sorted((high - window, low))
    return float(np.clip(rng.uniform(first, last), 0.0, length - window))


def choose_window(
    sample: TrainingSample,
    *,
    width_px: int,
    height_px: int,
    serving_scale: float,
    class_weights: Float32,
    augment: Augment,
    rng: np.random.Generator,
) -> Window:
    """Where to cut, in pixels of the sample: around a drawn object or anywhere."""
    scale = serving_scale * _jitter(augment, rng)
    wide, high = width_px / scale, height_px / scale
    around = rng.random() < augment.object_crop_share
    usable = np.flatnonzero(sample.weight > 0)
    if around and len(usable):
        chances = class_weights[sample.class_index[usable]].astype(np.float64)
        place = int(np.searchsorted(np.cumsum(chances / chances.sum()), rng.random()))
        chosen = usable[min(place, len(usable) - 1)]
        x0, y0, x1, y1 = (float(value) for value in sample.boxes_xyxy[chosen])
    else:
        x0, x1 = 0.0, float(sample.width)
        y0, y1 = 0.0, float(sample.height)
    return Window(
        x0=_offset(x0, x1, length=sample.width, window=wide, rng=rng),
        y0=_offset(y0, y1, length=sample.height, window=high, rng=rng),
        scale=scale,
        width_px=width_px,
        height_px=height_px,
    )


def cut_pixels(image: Image.Image, *, window: Window, zoom: float) -> Image.Image:
    """The window of a picture; what lies outside the picture is grey.

    Args:
        image: The picture, perhaps kept smaller than the sample.
        window: Where to cut, in pixels of the sample.
        zoom: Pixels of `image` per pixel of the sample.
    """
    factor = window.scale / zoom
    left, top = window.x0 * zoom, window.y0 * zoom
    # Whole target pixels that lie on the picture, and the source rectangle they stand for.
    first_x, first_y = max(0, int(np.ceil(-left * factor))), max(0, int(np.ceil(-top * factor)))
    last_x = min(window.width_px, int((image.width - left) * factor + 1e-6))
    last_y = min(window.height_px, int((image.height - top) * factor + 1e-6))
    canvas = Image.new("RGB", (window.width_px, window.height_px), (PAD_VALUE,) * 3)
    if last_x <= first_x or last_y <= first_y:
        return canvas
    source = (
        max(0.0, left + first_x / factor),
        max(0.0, top + first_y / factor),
        min(float(image.width), left + last_x / factor),
        min(float(image.height), top + last_y / factor),
    )
    patch = image.resize((last_x - first_x, last_y - first_y), Image.Resampling.BILINEAR, box=source)
    if patch.size == canvas.size:
        return patch
    canvas.paste(patch, (first_x, first_y))
    return canvas


def cut_boxes(sample: TrainingSample, *, window: Window) -> tuple[Float32, Int64, Float32]:
    """Boxes, classes and weights inside the window, in its pixels; hardly visible objects get weight 0."""
    moved = (sample.boxes_xyxy - np.array([window.x0, window.y0] * 2, dtype=np.float32)) * np.float32(
        window.scale
    )
    limit = np.array([window.width_px, window.height_px] * 2, dtype=np.float32)
    inside = np.clip(moved, 0, limit)
    area = np.maximum((moved[:, 2] - moved[:, 0]) * (moved[:, 3] - moved[:, 1]), 1e-6)
    seen = (inside[:, 2] - inside[:, 0]) * (inside[:, 3] - inside[:, 1])
    keep = seen > 0
    weight = np.where(seen / area >= VISIBLE_SHARE, sample.weight, 0.0).astype(np.float32)
    return inside[keep].astype(np.float32), sample.class_index[keep], weight[keep]


_LUMA = np.array([0.299, 0.587, 0.114], dtype=np.float32)


def _colour_matrix(strength: float, rng: np.random.Generator) -> Float32:
    """Brightness, saturation, hue rotation and a white-balance shift as one 3x3 matrix."""
    balance = np.diag(1.0 + strength * rng.uniform(-0.15, 0.15, 3))
    saturation = 1.0 + strength * rng.uniform(-0.6, 0.6)
    grey = np.tile(_LUMA, (3, 1))
    angle = strength * rng.uniform(-0.25, 0.25)
    axis = np.full((3, 3), 1.0 / 3.0)
    cross = np.array([[0.0, -1.0, 1.0], [1.0, 0.0, -1.0], [-1.0, 1.0, 0.0]]) / np.sqrt(3.0)
    hue = np.cos(angle) * np.eye(3) + np.sin(angle) * cross + (1.0 - np.cos(angle)) * axis
    brightness = 1.0 + strength * rng.uniform(-0.45, 0.45)
    matrix = brightness * balance @ (grey + saturation * (np.eye(3) - grey)) @ hue
    return np.asarray(matrix, dtype=np.float32)


def recolour(image: Image.Image, *, strength: float, rng: np.random.Generator) -> Image.Image:
    """The picture in other light; strength 0 leaves it as it is, 1 is the most that still looks like a photograph."""
    if strength <= 0:
        return image
    matrix = np.hstack([_colour_matrix(strength, rng), np.zeros((3, 1), dtype=np.float32)])
    contrast = 1.0 + strength * rng.uniform(-0.4, 0.4)
    gamma = np.exp(strength * rng.uniform(-0.5, 0.5))
    levels = np.linspace(0.0, 1.0, 256) ** gamma
    curve = np.clip((levels - 0.5) * contrast + 0.5, 0.0, 1.0) * 255.0
    recoloured = image.convert("RGB", tuple(float(value) for value in matrix.ravel()))
    return recoloured.point([int(level + 0.5) for level in curve] * 3)


@dataclass(slots=True)
class CropSource:
    """Makes the crops of a run; the same (seed, step, slot) always gives the same crop.

    Attributes:
        cache: Pictures and samples.
        input_wh: Input size of the network in pixels, which sets the serving scale.
        class_weights: How often objects of each class are drawn, float32 [classes].
        augment: How crops are varied.
        seed: Seed of the run.
    """

    cache: ImageCache
    input_wh: tuple[int, int]
    class_weights: Float32
    augment: Augment
    seed: int

    def crop(self, index: int, *, width_px: int, height_px: int, step: int, slot: int) -> Crop:
        """The crop of sample `index` for one place in one batch."""
        rng = np.random.default_rng((self.seed, 1, step, slot))
        sample, image = self.cache.samples[index], self.cache.get(index)
        wide, high = self.input_wh
        serving = fit(width=sample.width, height=sample.height, input_width=wide, input_height=high)
        window = choose_window(
            sample,
            width_px=width_px,
            height_px=height_px,
            serving_scale=serving.scale,
            class_weights=self.class_weights,
            augment=self.augment,
            rng=rng,
        )
        view = cut_pixels(image, window=window, zoom=image.width / sample.width)
        boxes, classes, weight = cut_boxes(sample, window=window)
        view = recolour(view, strength=self.augment.colour, rng=rng)
        if rng.random() < self.augment.flip_probability:
            view = view.transpose(Image.Transpose.FLIP_LEFT_RIGHT)
            boxes = boxes[:, [2, 1, 0, 3]] * np.array([-1, 1, -1, 1], dtype=np.float32)
            boxes[:, [0, 2]] += width_px
        return Crop(np.asarray(view), boxes, classes, weight)
