"""Merged polygons lie between their members and beat them."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from goldsmith.core.errors import InvalidInputError
from goldsmith.science.consensus.polygon_merge import merge_polygons, trace_zero
from goldsmith.science.polygons import polygon_area, polygon_iou, ring_area, rings_of_box

ANGLE = np.linspace(0, 2 * np.pi, 60, endpoint=False)


def blob(rng: np.random.Generator, noise: float) -> list[np.ndarray]:
    radius = 30 + 6 * np.cos(3 * ANGLE) + rng.normal(0, noise * 30, ANGLE.size)
    return [np.stack([50 + radius * np.cos(ANGLE), 50 + radius * np.sin(ANGLE)], axis=1)]


def test_the_merged_shape_is_nearer_to_the_truth_than_every_member() -> None:
    rng = np.random.default_rng(1)
    truth = blob(rng, 0.0)
    members = [blob(rng, noise) for noise in (0.04, 0.05, 0.08)]
    merged = merge_polygons(members, np.array([4.0, 3.0, 1.0]))
    assert polygon_iou(merged, truth) > max(polygon_iou(member, truth) for member in members)


def test_two_discs_give_the_one_between() -> None:
    discs = [[np.stack([50 + r * np.cos(ANGLE), 50 + r * np.sin(ANGLE)], axis=1)] for r in (20.0, 30.0)]
    merged = merge_polygons(discs, np.ones(2))
    assert polygon_area(merged) == pytest.approx(np.pi * 25**2, rel=0.01)
    heavy = merge_polygons(discs, np.array([1.0, 9.0]))
    assert polygon_area(heavy) == pytest.approx(np.pi * 29**2, rel=0.01)


def test_holes_stay_holes() -> None:
    def frame(shift: float) -> list[np.ndarray]:
        outer, inner = np.array([0, 0, 60, 60]) + shift, np.array([20, 20, 40, 40]) + shift
        return [rings_of_box(outer)[0], rings_of_box(inner)[0]]

    merged = merge_polygons([frame(0), frame(1), frame(-1)], np.ones(3))
    assert len(merged) == 2
    assert np.sign(ring_area(merged[0])) == -np.sign(ring_area(merged[1]))
    assert polygon_iou(merged, frame(0)) > 0.97


def test_shapes_that_do_not_meet_give_one_of_them() -> None:
    apart = [rings_of_box(np.array([0, 0, 5, 5])), rings_of_box(np.array([50, 50, 60, 60]))]
    merged = merge_polygons(apart, np.array([1.0, 2.0]))
    assert max(polygon_iou(merged, one) for one in apart) > 0.9


def test_equal_members_come_back_as_they_are() -> None:
    ring = np.array([[0.0, 0], [10, 0], [5, 8]])
    merged = merge_polygons([[ring], [ring.copy()], [ring.copy()]], np.ones(3))
    np.testing.assert_array_equal(merged[0], ring)


@given(seed=st.integers(0, 10_000))
@settings(max_examples=20, deadline=None)
def test_the_result_is_never_worse_than_the_medoid_and_always_a_polygon(seed: int) -> None:
    rng = np.random.default_rng(seed)
    members = [[rng.uniform(0, 40, (int(rng.integers(3, 7)), 2))] for _ in range(3)]  # may cross themselves
    merged = merge_polygons(members, rng.uniform(0.5, 2.0, 3))
    assert all(len(ring) >= 3 for ring in merged)
    assert np.isfinite(np.concatenate(merged)).all()


def test_contours_close_around_saddles() -> None:
    x = y = np.arange(6.0)
    field = np.full((6, 6), -1.0)
    field[1, 1] = field[2, 2] = field[3, 1] = field[1, 3] = field[3, 3] = 1.0
    rings = trace_zero(field, x, y)
    assert all(len(ring) >= 4 for ring in rings)
    assert sum(ring_area(ring) for ring in rings) > 0.0


def test_bad_weights_are_refused() -> None:
    with pytest.raises(InvalidInputError, match="positive weight"):
        merge_polygons([rings_of_box(np.array([0, 0, 5, 5]))], np.array([0.0]))
    with pytest.raises(InvalidInputError, match="at least one polygon"):
        merge_polygons([], np.zeros(0))
