"""What a label costs, also when somebody went for lunch with the task open."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from goldsmith.core.errors import InvalidInputError
from goldsmith.science.costs import active_time, label_cost


def test_an_idle_hour_costs_next_to_nothing_and_honest_long_tasks_are_paid() -> None:
    rng = np.random.default_rng(0)
    seconds, who = rng.lognormal(3.0, 0.5, 600), np.repeat([0, 1, 2], 200)
    plain = label_cost(seconds, who, accepted=300, rate_per_hour=18.0, annotator_count=3)
    assert plain.hours == pytest.approx(seconds.sum() / 3600, rel=0.03)
    idle = seconds.copy()
    idle[::50] = 5000.0
    cleared = label_cost(idle, who, accepted=300, rate_per_hour=18.0, annotator_count=3)
    assert idle.sum() > 4.0 * seconds.sum()
    assert cleared.hours == pytest.approx(plain.hours, rel=0.2)


def test_rates_of_each_and_work_thrown_away() -> None:
    cost = label_cost([3600.0, 3600.0], [0, 1], accepted=4, rate_per_hour=[10.0, 30.0], annotator_count=2)
    assert cost.total == pytest.approx(40.0)
    assert cost.per_label == pytest.approx(10.0)
    assert cost.by_annotator.tolist() == pytest.approx([0.25, 0.75])
    assert cost.seconds_per_label == pytest.approx(1800.0)
    nothing = label_cost([60.0], [0], accepted=0, rate_per_hour=10.0, annotator_count=1)
    assert np.isnan(nothing.per_label) and nothing.total > 0.0


def test_unknown_times_are_the_persons_own_median() -> None:
    worked = active_time([10.0] * 6 + [np.nan, 0.0], [0] * 8, annotator_count=2)
    assert worked.seconds.tolist() == pytest.approx([10.0] * 8)
    assert worked.is_guessed.tolist() == [False] * 6 + [True, True]
    assert active_time([np.nan], [0], annotator_count=1).seconds.tolist() == [0.0]
    assert active_time([], [], annotator_count=0).seconds.shape == (0,)


def test_the_interval_holds_the_value() -> None:
    rng = np.random.default_rng(1)
    cost = label_cost(
        rng.lognormal(3, 0.6, 400),
        np.zeros(400, dtype=int),
        accepted=200,
        rate_per_hour=20.0,
        annotator_count=1,
    )
    assert cost.low < cost.per_label < cost.high < 1.2 * cost.low


@settings(max_examples=30, deadline=None)
@given(
    st.lists(st.tuples(st.floats(0.5, 900.0), st.integers(0, 2), st.integers(1, 9)), min_size=1, max_size=30)
)
def test_equal_times_may_be_counted_together(groups: list[tuple[float, int, int]]) -> None:
    seconds, who, count = (np.array(column) for column in zip(*groups, strict=True))
    given_once = label_cost(seconds, who, accepted=7, rate_per_hour=9.0, annotator_count=3, count=count)
    spelt_out = label_cost(
        np.repeat(seconds, count), np.repeat(who, count), accepted=7, rate_per_hour=9.0, annotator_count=3
    )
    for name in ("hours", "total", "per_label", "low", "high"):
        assert getattr(given_once, name) == pytest.approx(getattr(spelt_out, name))
    assert given_once.by_annotator.tolist() == pytest.approx(spelt_out.by_annotator.tolist())


@settings(max_examples=50, deadline=None)
@given(st.lists(st.floats(0.1, 1e5), min_size=1, max_size=40), st.integers(1, 3))
def test_never_more_than_measured_and_never_nothing(seconds: list[float], people: int) -> None:
    worked = active_time(seconds, np.arange(len(seconds)) % people, annotator_count=people)
    assert (worked.seconds <= np.asarray(seconds) + 1e-9).all()
    assert (worked.seconds > 0.0).all()


@pytest.mark.parametrize(
    "wrong",
    [
        lambda: label_cost([1.0], [0], accepted=-1, rate_per_hour=1.0, annotator_count=1),
        lambda: label_cost([1.0], [0], accepted=1, rate_per_hour=-1.0, annotator_count=1),
        lambda: label_cost([1.0], [1], accepted=1, rate_per_hour=1.0, annotator_count=1),
        lambda: active_time([1.0, 2.0], [0], annotator_count=1),
    ],
)
def test_what_cannot_be_is_refused(wrong) -> None:
    with pytest.raises(InvalidInputError):
        wrong()
