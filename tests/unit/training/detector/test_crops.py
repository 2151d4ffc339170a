"""Crops keep boxes on their objects."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image, ImageDraw

from goldsmith.training.detector.crops import (
    CropSource,
    Window,
    class_draw_weights,
    cut_boxes,
    cut_pixels,
    epoch_order,
    recolour,
    sample_draw_weights,
)
from goldsmith.training.detector.data import ImageCache
from goldsmith.training.recipes import Augment
from tests.unit.training.detector.pictures import rectangles, sample_of

WHITE = (255, 255, 255)


def white_box_sample(box: tuple[int, int, int, int]) -> tuple[Image.Image, object]:
    image = Image.new("RGB", (120, 80))
    ImageDraw.Draw(image).rectangle([box[0], box[1], box[2] - 1, box[3] - 1], fill=WHITE)
    return image, sample_of(image, [tuple(float(value) for value in box)])  # type: ignore[misc]


@settings(max_examples=200, deadline=None)
@given(
    x0=st.floats(-60, 100),
    y0=st.floats(-60, 60),
    scale=st.floats(0.6, 2.5),
    zoom=st.sampled_from([1.0, 0.5]),
)
def test_the_box_lies_on_the_object_wherever_the_window_is(x0: float, y0: float, scale: float, zoom: float):
    image, sample = white_box_sample((40, 24, 72, 56))
    window = Window(x0=x0, y0=y0, scale=scale, width_px=96, height_px=64)
    kept = image.resize((int(image.width * zoom), int(image.height * zoom)), Image.Resampling.BOX)
    pixels = np.asarray(cut_pixels(kept, window=window, zoom=zoom)).min(axis=2) > 127
    boxes, _, _ = cut_boxes(sample, window=window)  # type: ignore[arg-type]
    if not len(boxes):
        assert pixels.sum() <= 4 * (96 + 64)
        return
    left, top, right, bottom = boxes[0]
    last_y, last_x = max(0, int(bottom) - 2), max(0, int(right) - 2)
    inside = pixels[int(np.ceil(top)) + 2 : last_y, int(np.ceil(left)) + 2 : last_x]
    assert inside.all()
    outside = pixels.copy()
    outside[max(0, int(top) - 2) : int(bottom) + 3, max(0, int(left) - 2) : int(right) + 3] = False
    assert not outside.any()


def test_an_object_that_is_hardly_seen_becomes_an_ignore_region():
    _, sample = white_box_sample((40, 24, 72, 56))
    boxes, classes, weight = cut_boxes(sample, window=Window(x0=66, y0=0, scale=1, width_px=50, height_px=80))  # type: ignore[arg-type]
    assert boxes.tolist() == [[0, 24, 6, 56]]
    assert classes.tolist() == [0]
    assert weight.tolist() == [0]


def source(samples: list[object], augment: Augment) -> CropSource:
    return CropSource(
        cache=ImageCache(samples, longest_px=200),  # type: ignore[arg-type]
        input_wh=(96, 64),
        class_weights=np.ones(2, np.float32),
        augment=augment,
        seed=5,
    )


def test_the_same_place_gives_the_same_crop_and_another_place_another():
    maker = source([rectangles(1)], Augment())
    first, again, other = (maker.crop(0, width_px=64, height_px=64, step=s, slot=2) for s in (3, 3, 4))
    assert np.array_equal(first.pixels, again.pixels)
    assert np.array_equal(first.boxes_xyxy, again.boxes_xyxy)
    assert not np.array_equal(first.pixels, other.pixels)


@pytest.mark.parametrize("flip", [0.0, 1.0])
def test_without_variation_a_whole_picture_comes_back_or_its_mirror(flip: float):
    sample = rectangles(3)
    plain = Augment(flip_probability=flip, scale_jitter=0, colour=0)
    crop = source([sample], plain).crop(0, width_px=96, height_px=64, step=0, slot=0)
    expected = sample.boxes_xyxy.copy()
    if flip:
        expected[:, [0, 2]] = 96 - expected[:, [2, 0]]
    assert np.allclose(crop.boxes_xyxy, expected)
    red = crop.pixels[..., 0].astype(int)
    blue = crop.pixels[..., 2].astype(int)
    for box, kind in zip(crop.boxes_xyxy.astype(int), crop.class_index, strict=True):
        patch = (slice(box[1], box[3]), slice(box[0], box[2]))
        assert (red[patch] > blue[patch]).all() == (kind == 0)


def test_recolouring_changes_light_but_not_shape():
    image = Image.new("RGB", (8, 8), (100, 120, 140))
    assert recolour(image, strength=0, rng=np.random.default_rng(0)) is image
    seen = {recolour(image, strength=0.8, rng=np.random.default_rng(s)).getpixel((0, 0)) for s in range(20)}
    assert len(seen) > 15


def test_rare_classes_are_drawn_more_often():
    common = [sample_of(Image.new("RGB", (9, 9)), [(0, 0, 5, 5)] * 3, classes=[0, 0, 0]) for _ in range(8)]
    rare = sample_of(Image.new("RGB", (9, 9)), [(0, 0, 5, 5)], classes=[1])
    samples = [*common, rare]
    weights = class_draw_weights(samples, class_count=3, balance=0.5)
    assert weights[1] > weights[0]
    assert class_draw_weights(samples, class_count=3, balance=0.0)[:2].tolist() == [1, 1]
    chances = sample_draw_weights(samples, class_weights=weights)
    assert chances.sum() == pytest.approx(1)
    assert chances[-1] == chances.max()
    order = epoch_order(chances, draws=90, rng=np.random.default_rng(0))
    counts = np.bincount(order, minlength=9)
    assert np.abs(counts - chances * 90).max() < 1
