"""Areas and overlaps of polygons, against counting points."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from goldsmith.core.errors import InvalidInputError
from goldsmith.science.polygons import (
    inside,
    outline_distance,
    polygon_area,
    polygon_bounds,
    polygon_iou,
    polygon_overlap,
    ring_area,
    rings_of_box,
)


def star(rng: np.random.Generator, points: int, *, whole: bool = False) -> np.ndarray:
    """A simple ring around a point; on whole pixels, many edges coincide and touch."""
    angle = np.sort(rng.random(points)) * 2 * np.pi
    radius = rng.uniform(4, 12, points)
    ring = 15 + np.stack([radius * np.cos(angle), radius * np.sin(angle)], axis=1) + rng.uniform(-3, 3, 2)
    return ring.round() if whole else ring


@given(seed=st.integers(0, 100_000), whole=st.booleans())
@settings(max_examples=60, deadline=None)
def test_overlap_is_what_counting_points_says(seed: int, whole: bool) -> None:
    rng = np.random.default_rng(seed)
    first = [star(rng, 9, whole=whole), star(rng, 5, whole=whole)]  # rings may cross: even-odd decides
    second = [star(rng, 12, whole=whole)]
    grid = (np.arange(600) + 0.5) * (34 / 600) - 1.0
    one, other = inside(first, grid, grid), inside(second, grid, grid)
    cell = (34 / 600) ** 2
    overlap = polygon_overlap(first, second)
    assert overlap.first == pytest.approx(one.sum() * cell, abs=2.0)
    assert overlap.second == pytest.approx(other.sum() * cell, abs=2.0)
    assert overlap.shared == pytest.approx((one & other).sum() * cell, abs=2.0)
    assert 0.0 <= overlap.iou <= 1.0


@given(seed=st.integers(0, 100_000))
@settings(max_examples=40, deadline=None)
def test_iou_is_symmetric_and_one_with_itself_whatever_the_start_and_sense(seed: int) -> None:
    rng = np.random.default_rng(seed)
    ring, other = star(rng, 10), star(rng, 7)
    assert polygon_iou([ring], [other]) == pytest.approx(polygon_iou([other], [ring]), abs=1e-12)
    assert polygon_iou([ring], [np.roll(ring, 3, axis=0)[::-1]]) == pytest.approx(1.0, abs=1e-9)
    assert polygon_area([ring]) == pytest.approx(abs(ring_area(ring)), rel=1e-9)


def test_holes_and_islands_count_by_even_odd() -> None:
    outer, hole, island = (
        rings_of_box(np.array([0, 0, 9, 9])),
        [[3, 3], [6, 3], [6, 6], [3, 6]],
        [[4, 4], [5, 4], [5, 5], [4, 5]],
    )
    rings = [*outer, np.array(hole, float), np.array(island, float)]
    assert polygon_area(rings) == pytest.approx(81 - 9 + 1)
    assert polygon_overlap(rings, rings_of_box(np.array([3, 3, 6, 6]))).shared == pytest.approx(1.0)


def test_polygons_that_share_an_edge_or_do_not_meet_share_nothing() -> None:
    left, right = rings_of_box(np.array([0, 0, 2, 2])), rings_of_box(np.array([2, 0, 4, 2]))
    assert polygon_iou(left, right) == 0.0
    assert polygon_iou(left, rings_of_box(np.array([50, 50, 60, 60]))) == 0.0


def test_flat_polygons_have_no_area_and_no_overlap() -> None:
    flat = [np.array([[0.0, 1], [5, 1], [9, 1]])]
    line = [np.array([[0.0, 0], [5, 5], [9, 9]])]
    assert polygon_area(flat) == 0.0
    assert polygon_iou(flat, flat) == 0.0
    assert polygon_area(line) == pytest.approx(0.0, abs=1e-12)


def test_bounds_and_distance() -> None:
    ring = np.array([[1.0, 2], [7, 2], [4, 9]])
    assert polygon_bounds([ring]).tolist() == [1, 2, 7, 9]
    assert outline_distance([ring], np.array([[4.0, 0.0], [4.0, 2.0]])).tolist() == [2.0, 0.0]


def test_many_points_are_worked_in_blocks() -> None:
    angle = np.linspace(0, 2 * np.pi, 2500, endpoint=False)
    ring = np.stack([100 + 50 * np.cos(angle), 100 + 50 * np.sin(angle)], axis=1)
    assert polygon_iou([ring], [ring + 1e-3]) == pytest.approx(1.0, abs=1e-4)


def test_bad_rings_are_refused() -> None:
    with pytest.raises(InvalidInputError, match="at least one ring"):
        polygon_area([])
    with pytest.raises(InvalidInputError, match="at least 3 points"):
        polygon_area([np.zeros((2, 2))])
    with pytest.raises(InvalidInputError, match="not finite"):
        polygon_area([np.array([[0, 0], [1, 0], [np.inf, 1]])])
