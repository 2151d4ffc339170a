"""Fitting pictures into the input of the network."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from goldsmith.training.detector.letterbox import PAD_VALUE, STRIDE_PX, fit, input_shape, place


@pytest.mark.parametrize(
    ("sizes", "expected"),
    [
        ([(640, 380)], (640, 384)),
        ([(1280, 720)], (640, 384)),
        ([(640, 386)], (640, 384)),
        ([(640, 400)], (640, 416)),
        ([(480, 640)], (480, 640)),
        ([(100, 100), (640, 380), (640, 380)], (640, 384)),
        ([(4000, 10)], (640, 32)),
        ([], (640, 640)),
    ],
)
def test_the_input_has_the_proportions_of_the_median_picture(
    sizes: list[tuple[int, int]], expected: tuple[int, int]
):
    assert input_shape(sizes, input_size_px=640) == expected


@given(width=st.integers(1, 5000), height=st.integers(1, 5000))
def test_every_picture_fits_and_touches_a_border(width: int, height: int):
    spot = fit(width=width, height=height, input_width=640, input_height=384)
    assert 1 <= spot.width_px <= 640
    assert 1 <= spot.height_px <= 384
    assert spot.width_px == 640 or spot.height_px == 384


def test_the_picture_lies_at_the_top_left_and_the_rest_is_grey():
    placed = place(Image.new("RGB", (100, 50), (255, 0, 0)), input_width=64, input_height=64)
    assert placed.shape == (64, 64, 3)
    assert (placed[:32] == (255, 0, 0)).all()
    assert (placed[32:] == PAD_VALUE).all()
    assert STRIDE_PX == 32
    assert placed.dtype == np.uint8
