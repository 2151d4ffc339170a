"""Overlaps of boxes."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from goldsmith.core.errors import InvalidInputError
from goldsmith.science.boxes import box_area, box_iou, overlapping_pairs, paired_box_iou


def random_boxes(rng: np.random.Generator, count: int) -> np.ndarray:
    corner = rng.integers(0, 12, (count, 2))
    return np.concatenate([corner, corner + rng.integers(0, 8, (count, 2))], axis=1).astype(float)


@given(seed=st.integers(0, 10_000))
def test_iou_is_symmetric_bounded_and_counts_cells(seed: int) -> None:
    rng = np.random.default_rng(seed)
    first, second = random_boxes(rng, 5), random_boxes(rng, 4)
    iou = box_iou(first, second)
    np.testing.assert_array_equal(iou, box_iou(second, first).T)
    grid = np.zeros((9, 20, 20), dtype=bool)
    for i, (x0, y0, x1, y1) in enumerate(np.concatenate([first, second]).astype(int)):
        grid[i, y0:y1, x0:x1] = True
    shared = (grid[:5, None] & grid[None, 5:]).sum(axis=(2, 3))
    union = (grid[:5, None] | grid[None, 5:]).sum(axis=(2, 3))
    np.testing.assert_allclose(iou, np.where(union > 0, shared / np.maximum(union, 1), 0.0))


@given(seed=st.integers(0, 10_000), at_once=st.sampled_from([1, 7, 10_000]))
def test_pairs_are_all_overlapping_pairs_of_the_same_group(seed: int, at_once: int) -> None:
    rng = np.random.default_rng(seed)
    box, group = random_boxes(rng, 20), rng.integers(0, 3, 20)
    first, second, iou = overlapping_pairs(group, box, min_iou=0.1, pairs_at_once=at_once)
    whole = box_iou(box, box)
    expected = {
        (a, b) for a in range(20) for b in range(a + 1, 20) if group[a] == group[b] and whole[a, b] >= 0.1
    }
    assert set(zip(first.tolist(), second.tolist(), strict=True)) == expected
    np.testing.assert_array_equal(iou, whole[first, second])


def test_empty_and_bad_input() -> None:
    assert box_iou([], [[0, 0, 1, 1]]).shape == (0, 1)
    assert box_area([]).shape == (0,)
    assert [part.size for part in overlapping_pairs([], [])] == [0, 0, 0]
    with pytest.raises(InvalidInputError, match=r"shape \[n, 4\]"):
        box_area([[1, 2, 3]])
    with pytest.raises(InvalidInputError, match="not finite"):
        box_area([[0, 0, np.nan, 1]])
    with pytest.raises(InvalidInputError, match="2 boxes where 1"):
        paired_box_iou([[0, 0, 1, 1]], [[0, 0, 1, 1], [0, 0, 1, 1]])
    with pytest.raises(InvalidInputError, match="min_iou"):
        overlapping_pairs([0], [[0, 0, 1, 1]], min_iou=2.0)
