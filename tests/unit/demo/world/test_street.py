from __future__ import annotations

import dataclasses
import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from goldsmith.demo.world.plan import plan_buildings, plan_props, plan_street
from goldsmith.demo.world.street import Street
from goldsmith.demo.world.types import StreetMotion


def _street(curvature: float) -> Street:
    street, _ = plan_street(np.random.default_rng(4))
    return dataclasses.replace(street, curvature_per_m=curvature)


_CURVATURE = st.one_of(st.just(0.0), st.floats(-0.004, 0.004))


@given(_CURVATURE, st.floats(0, 100), st.floats(-12, 12))
@settings(deadline=None)
def test_pose_and_points_agree(curvature: float, s: float, d: float) -> None:
    street = _street(curvature)
    pose = street.pose(s, d, 0.4)
    assert street.points(np.array([[s, d, 0.4]]))[0] == pytest.approx(
        (pose.x_m, pose.y_m, pose.z_m), abs=1e-6
    )


@given(_CURVATURE, st.floats(-9, 9), st.floats(-2, 2))
@settings(deadline=None)
def test_velocity_is_the_derivative_of_the_pose(curvature: float, s_mps: float, d_mps: float) -> None:
    street = _street(curvature)
    motion = StreetMotion(s_m=20.0, d_m=3.0, s_mps=s_mps, d_mps=d_mps)
    before, after = street.pose_of(motion, 0.999), street.pose_of(motion, 1.001)
    vx, vy, vz = street.velocity_of(motion, 1.0)
    assert vx == pytest.approx((after.x_m - before.x_m) / 0.002, abs=1e-4)
    assert vy == pytest.approx((after.y_m - before.y_m) / 0.002, abs=1e-4)
    assert vz == 0.0


@given(st.integers(0, 500))
@settings(deadline=None)
def test_houses_and_clutter_keep_off_the_road(seed: int) -> None:
    rng = np.random.default_rng(seed)
    street, quarter = plan_street(rng)
    for building in plan_buildings(street, quarter, rng):
        kerb = street.kerb_m(building.side)
        assert building.side * (building.front_m - kerb) >= street.pavement_m - 1e-9
        assert building.end_m > building.start_m
        if street.junction_s_m is not None:
            is_before = building.end_m <= street.junction_s_m
            assert is_before or building.start_m >= street.junction_s_m + street.junction_m
    for prop in plan_props(street, quarter, rng):
        assert prop.d_m <= street.right_kerb_m or prop.d_m >= street.left_kerb_m
        assert math.isfinite(prop.heading_rad)
