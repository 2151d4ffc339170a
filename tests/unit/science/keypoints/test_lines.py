"""Leashes between lines, and the line between lines."""

from __future__ import annotations

from functools import cache

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from goldsmith.core.errors import InvalidInputError
from goldsmith.science.keypoints import frechet_distance, merge_lines

corners = st.lists(st.tuples(st.integers(0, 9), st.integers(0, 9)), min_size=1, max_size=7)


def by_the_paper(first, second) -> float:
    """Eiter and Mannila's recursion."""

    @cache
    def leash(i: int, j: int) -> float:
        apart = float(np.hypot(first[i][0] - second[j][0], first[i][1] - second[j][1]))
        if i == 0 and j == 0:
            return apart
        before = [leash(a, b) for a, b in ((i - 1, j), (i - 1, j - 1), (i, j - 1)) if a >= 0 and b >= 0]
        return max(min(before), apart)

    return leash(len(first) - 1, len(second) - 1)


@given(corners, corners)
def test_leashes_are_those_of_the_paper(first, second) -> None:
    found = frechet_distance(first, second, is_directed=True, samples=0)
    assert found == pytest.approx(by_the_paper(first, second))
    assert frechet_distance(second, first, is_directed=True, samples=0) == found
    assert frechet_distance(first, second, samples=0) <= found
    assert frechet_distance(first, first[::-1], samples=0) == 0.0


def test_more_corners_on_the_same_line_do_not_matter() -> None:
    assert frechet_distance([[0, 0], [100, 0]], [[0, 0], [3, 0], [50, 0], [100, 0]]) < 1e-9
    zigzag = [[0, 0], [60, 0], [40, 0], [100, 0]]
    assert frechet_distance([[0, 0], [100, 0]], zigzag) == pytest.approx(10.0, abs=1.2)


def wobbly(rng: np.random.Generator, tremor: float) -> np.ndarray:
    x = np.linspace(0, 100, 24)
    return np.stack([x, 20 * np.sin(x / 20)], axis=1) + tremor * rng.normal(size=(24, 2))


def test_the_line_between_is_nearer_to_the_truth_than_most() -> None:
    rng = np.random.default_rng(0)
    truth = wobbly(rng, 0.0)
    gains = []
    for _ in range(6):
        drawn = [wobbly(rng, tremor) for tremor in (1.0, 1.0, 2.0, 2.0, 3.0)]
        drawn[1] = drawn[1][::-1]
        merged = merge_lines(drawn)
        alone = [frechet_distance(line, truth) for line in drawn]
        gains.append(np.median(alone) - frechet_distance(merged, truth))
    assert np.mean(gains) > 0.5


def test_order_of_lines_does_not_matter_and_weights_do() -> None:
    rng = np.random.default_rng(1)
    drawn = [wobbly(rng, 2.0) for _ in range(4)]
    weight = np.array([1.0, 2.0, 3.0, 4.0])
    order = [2, 0, 3, 1]
    one = merge_lines(drawn, weight=weight)
    other = merge_lines([drawn[i] for i in order], weight=weight[order])
    assert frechet_distance(one, other) < 1e-9
    heavy = merge_lines(drawn, weight=[1.0, 1.0, 1.0, 50.0])
    assert frechet_distance(heavy, drawn[3]) < frechet_distance(one, drawn[3])


def test_little_is_answered_as_it_is() -> None:
    line = [[0.0, 0.0], [5.0, 1.0]]
    assert merge_lines([line]).tolist() == line
    assert merge_lines([line, line[::-1]]).tolist() in (line, line[::-1])
    assert frechet_distance(merge_lines([line] * 5), line) < 1e-9
    middle = merge_lines([[[0, 0], [10, 0]], [[0, 4], [10, 4]]])
    assert middle[:, 1] == pytest.approx(np.full(len(middle), 2.0))
    far = merge_lines([line, line, [[900.0, 900.0], [950.0, 900.0]]])
    assert frechet_distance(far, line) < 0.2
    assert merge_lines([[[3.0, 3.0]]]).tolist() == [[3.0, 3.0]]


def test_wrong_input_is_refused() -> None:
    with pytest.raises(InvalidInputError, match="at least one line"):
        merge_lines([])
    with pytest.raises(InvalidInputError, match="weight"):
        merge_lines([[[0, 0], [1, 1]]], weight=[0.0])
    with pytest.raises(InvalidInputError, match="shape"):
        frechet_distance([], [[0, 0]])
