from __future__ import annotations

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from scipy import ndimage

from goldsmith.core.geometry import Polygon
from goldsmith.demo.world.silhouette import Ring, simplified, trace_outlines


def _area(ring: Ring) -> float:
    return Polygon(rings=[ring]).area_px()


def test_a_rectangle_is_its_four_corners() -> None:
    mask = np.zeros((6, 9), dtype=np.bool_)
    mask[2:5, 3:8] = True
    assert sorted(trace_outlines(mask)[0]) == [(3.0, 2.0), (3.0, 5.0), (8.0, 2.0), (8.0, 5.0)]


def test_parts_that_touch_at_a_corner_are_apart() -> None:
    mask = np.array([[True, False], [False, True]])
    assert [_area(ring) for ring in trace_outlines(mask)] == [1.0, 1.0]


@given(hnp.arrays(np.bool_, hnp.array_shapes(min_dims=2, max_dims=2, max_side=9)))
@settings(deadline=None)
def test_the_outlines_cover_the_mask_with_its_holes_filled(mask: np.ndarray) -> None:
    filled = ndimage.binary_fill_holes(np.pad(mask, 1), structure=np.ones((3, 3)))[1:-1, 1:-1]
    rings = trace_outlines(filled)
    assert sum(_area(ring) for ring in rings) == filled.sum()
    _, parts = ndimage.label(filled)
    assert len(rings) == parts


@given(
    hnp.arrays(np.bool_, hnp.array_shapes(min_dims=2, max_dims=2, min_side=3, max_side=12)),
    st.floats(0.1, 2.0),
)
@settings(deadline=None)
def test_simplifying_keeps_corners_of_the_ring_and_stays_near(mask: np.ndarray, tolerance: float) -> None:
    for ring in trace_outlines(mask):
        short = simplified(ring, tolerance_px=tolerance)
        assert len(short) >= 3
        assert set(short) <= set(ring)
