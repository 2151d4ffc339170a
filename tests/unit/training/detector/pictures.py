"""Small pictures with known objects: bright rectangles on a dark ground, one colour a class."""

from __future__ import annotations

import io

import numpy as np
from PIL import Image, ImageDraw

from goldsmith.training.detector.data import TrainingSample

COLOURS = ((230, 60, 60), (60, 60, 230))
CLASS_NAMES = ("red", "blue")


def encode(image: Image.Image) -> bytes:
    """The picture as PNG."""
    buffer = io.BytesIO()
    image.save(buffer, "PNG")
    return buffer.getvalue()


def sample_of(
    image: Image.Image,
    boxes: list[tuple[float, float, float, float]],
    *,
    classes: list[int] | None = None,
    weight: list[float] | None = None,
    name: str = "",
) -> TrainingSample:
    """A sample from a picture and its boxes."""
    return TrainingSample(
        image=encode(image),
        width=image.width,
        height=image.height,
        boxes_xyxy=np.array(boxes, dtype=np.float32).reshape(-1, 4),
        class_index=np.array(classes or [0] * len(boxes), dtype=np.int64),
        weight=np.array(weight or [1.0] * len(boxes), dtype=np.float32),
        name=name,
    )


def rectangles(seed: int, *, width: int = 96, height: int = 64) -> TrainingSample:
    """One or two rectangles at random places."""
    rng = np.random.default_rng(seed)
    image = Image.new("RGB", (width, height), (30, 40, 30))
    draw = ImageDraw.Draw(image)
    boxes, classes = [], []
    for side in range(int(rng.integers(1, 3))):
        wide, high = (int(value) for value in rng.integers(12, 28, 2))
        x = int(rng.integers(0, width // 2 - wide)) + side * width // 2
        y = int(rng.integers(0, height - high))
        kind = int(rng.integers(0, 2))
        draw.rectangle([x, y, x + wide - 1, y + high - 1], fill=COLOURS[kind])
        boxes.append((float(x), float(y), float(x + wide), float(y + high)))
        classes.append(kind)
    return sample_of(image, boxes, classes=classes, name=f"rectangles-{seed}")
