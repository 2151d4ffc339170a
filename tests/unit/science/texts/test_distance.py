"""Distances against the textbook's table, word by word."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from goldsmith.core.errors import InvalidInputError
from goldsmith.science.texts import Rows, edit_distances, text_distances, tokens_of, word_error_rate
from goldsmith.science.texts.distance import pairs_by_task


def by_the_table(first: list[int], second: list[int]) -> int:
    """Wagner and Fischer 1974."""
    row = list(range(len(second) + 1))
    for i, one in enumerate(first):
        above, row = row, [i + 1]
        for j, other in enumerate(second):
            row.append(min(above[j] + (one != other), above[j + 1] + 1, row[j] + 1))
    return row[-1]


texts = st.lists(st.lists(st.integers(0, 3), max_size=140), min_size=1, max_size=5)


@given(texts, texts)
def test_distances_are_those_of_the_table(first: list[list[int]], second: list[list[int]]) -> None:
    n = min(len(first), len(second))
    rows = [Rows.of([np.array(row, dtype=np.int64) for row in side[:n]]) for side in (first, second)]
    wanted = [by_the_table(one, other) for one, other in zip(first[:n], second[:n], strict=True)]
    assert edit_distances(*rows).tolist() == wanted
    assert edit_distances(rows[1], rows[0]).tolist() == wanted


@pytest.mark.parametrize("length", [62, 63, 64, 126, 127])
def test_distances_at_the_ends_of_machine_words(length: int) -> None:
    one = np.arange(length)
    changed = np.r_[one[:-1], 999]
    rows = Rows.of([one, one, one])
    assert edit_distances(rows, Rows.of([changed, one[1:], one[:0]])).tolist() == [1, 1, length]


def test_error_rates_by_hand() -> None:
    assert word_error_rate(["a b c", "x"], ["a b d e", "x"]) == (2, 5)
    assert word_error_rate([""], [""]).rate == 0.0
    assert word_error_rate(["a"], [""]).rate == 1.0
    assert word_error_rate(["Hello,  WORLD!"], ["hello world"]).errors == 0
    assert word_error_rate(["kitten"], ["sitting"], unit="character") == (3, 7)
    assert text_distances([], []).shape == (0,)
    with pytest.raises(InvalidInputError, match="truth has 2"):
        word_error_rate(["a"], ["a", "b"])
    with pytest.raises(InvalidInputError, match="second has 0"):
        edit_distances(Rows.of([np.array([1])]), Rows.of([]))


def test_a_text_put_together_is_the_text() -> None:
    for text in ("«Well», it's tax-free!", "Don’t  stop.", "  ...", "", "a - b", "naïve 東京 42%"):
        assert "".join(tokens_of(text).surfaces).split() == ([] if text == "  ..." else text.split())
    assert tokens_of("東京 です", unit="character") == (["東", "京", "で", "す"], ["東", "京 ", "で", "す"])


def test_pairs_are_of_one_task_and_all_of_them() -> None:
    pairs = pairs_by_task(np.array([1, 0, 1, 1, 3]))
    assert sorted(zip(pairs.first.tolist(), pairs.second.tolist(), strict=True)) == [(0, 2), (0, 3), (2, 3)]
    assert pairs_by_task(np.zeros(0, dtype=np.int64)).first.size == 0
