from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from goldsmith.demo.world.camera import NEAR_M, Camera, clip_near


def _camera(*, yaw: float = 0.0, pitch: float = 0.0) -> Camera:
    return Camera(
        x_m=0.0, y_m=0.0, z_m=1.5, yaw_rad=yaw, pitch_rad=pitch, focal_px=500.0, width_px=640, height_px=384
    )


def test_a_point_straight_ahead_is_in_the_middle() -> None:
    flat, depths = _camera().project(np.array([[10.0, 0.0, 1.5]]))
    assert flat[0].tolist() == pytest.approx([320.0, 192.0])
    assert depths[0] == pytest.approx(10.0)


def test_left_is_left_and_up_is_up() -> None:
    flat, _ = _camera().project(np.array([[10.0, 1.0, 1.5], [10.0, 0.0, 2.5]]))
    assert flat[0].tolist() == pytest.approx([270.0, 192.0])
    assert flat[1].tolist() == pytest.approx([320.0, 142.0])


def test_the_horizon_follows_the_pitch() -> None:
    camera = _camera(pitch=-0.1)
    flat, _ = camera.project(np.array([[1e7, 0.0, 1.5]]))
    assert flat[0, 1] == pytest.approx(camera.horizon_px, abs=1e-3)


def test_scaling_keeps_the_view() -> None:
    points = np.array([[12.0, 2.0, 0.3]])
    once, _ = _camera(yaw=0.2).project(points)
    twice, _ = _camera(yaw=0.2).scaled(2).project(points)
    assert np.allclose(once * 2, twice)


@given(st.floats(-math.pi, math.pi), st.floats(-1.4, 1.4))
@settings(deadline=None)
def test_the_axes_are_orthonormal(yaw: float, pitch: float) -> None:
    rotation = _camera(yaw=yaw, pitch=pitch).rotation
    assert np.allclose(rotation @ rotation.T, np.eye(3), atol=1e-12)
    assert np.linalg.det(rotation) == pytest.approx(1.0)


_COORDINATE = st.floats(-20, 20)


@given(st.lists(st.tuples(_COORDINATE, _COORDINATE, _COORDINATE), min_size=3, max_size=8))
@settings(deadline=None)
def test_what_is_cut_at_the_near_plane_lies_before_it(corners: list[tuple[float, float, float]]) -> None:
    polygon = np.array(corners)
    cut = clip_near(polygon)
    assert len(cut) == 0 or cut[:, 2].min() >= NEAR_M - 1e-9
    assert (len(cut) == 0) == bool((polygon[:, 2] < NEAR_M).all())
