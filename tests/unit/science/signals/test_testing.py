"""Tests against the crowd say how rare something is among honest people."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from goldsmith.science.signals.testing import (
    benjamini_hochberg,
    clearest_tasks,
    entropy_bits,
    median_by,
    outlier_p_value,
)


@settings(max_examples=60, deadline=None)
@given(st.lists(st.floats(0.0, 1.0), min_size=1, max_size=30))
def test_adjusted_values_keep_the_order_and_are_never_smaller(values: list[float]) -> None:
    p_value = np.array(values)
    adjusted = benjamini_hochberg(p_value)
    assert (adjusted >= p_value - 1e-12).all() and (adjusted <= 1.0).all()
    order = np.argsort(p_value, kind="stable")
    assert (np.diff(adjusted[order]) >= -1e-12).all()
    assert adjusted.min() <= min(p_value.min() * p_value.size, 1.0) + 1e-12


def test_what_was_not_tested_costs_nothing() -> None:
    tested = np.array([True, False, False, False])
    assert benjamini_hochberg(np.array([0.01, 0.0, 0.5, 0.5]), tested).tolist() == [0.01, 1.0, 1.0, 1.0]


@pytest.mark.parametrize("people", [5, 20, 300])
def test_honest_people_stand_out_no_more_often_than_said(people: int) -> None:
    rng = np.random.default_rng(people)
    values = []
    for _ in range(6000 // people):
        spread = rng.choice([0.05, 0.1, 0.2])
        effect = rng.normal(1.0, spread, people) + rng.normal(0.0, 0.05, people)
        flags = np.ones(people, dtype=np.bool_)
        values.append(outlier_p_value(effect, np.full(people, 0.0025), flags, usual_spread=0.1))
    everyone = np.concatenate(values)
    for limit in (0.1, 0.01, 0.001):
        assert (everyone <= limit).mean() <= 2.0 * limit


def test_a_few_offenders_do_not_hide_each_other() -> None:
    rng = np.random.default_rng(0)
    effect = np.r_[rng.normal(0.0, 0.1, 20), np.full(5, 2.0)]
    p_value = outlier_p_value(effect, np.full(25, 1e-3), np.ones(25, dtype=np.bool_), usual_spread=0.1)
    assert (p_value[20:] < 1e-4).all() and (p_value[:20] > 1e-3).all()


@settings(max_examples=40, deadline=None)
@given(
    st.lists(st.tuples(st.integers(0, 4), st.floats(-9, 9)), max_size=30), st.sampled_from([0.25, 0.5, 0.75])
)
def test_quantiles_by_key_are_those_of_each_key(rows: list[tuple[int, float]], at: float) -> None:
    key = np.array([row[0] for row in rows], dtype=int)
    values = np.array([row[1] for row in rows], dtype=float)
    found = median_by(key, values, size=5, weight_at=at)
    for one in range(5):
        mine = values[key == one]
        assert found[one] == pytest.approx(np.quantile(mine, at)) if mine.size else np.isnan(found[one])


def test_entropy_and_clearest_tasks() -> None:
    assert entropy_bits(np.zeros((1, 3))).tolist() == [0.0]
    key, task, score = np.array([1, 1, 1, 2]), np.array([5, 5, 6, 7]), np.array([0.9, 0.8, 0.1, 1.0])
    assert clearest_tasks(key, task, score, of=np.array([1])) == {1: (5, 6)}
    assert clearest_tasks(key, task, score, of=np.zeros(0, dtype=int)) == {}
