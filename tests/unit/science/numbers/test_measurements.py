"""Numbers of a known truth, and medians by hand."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from goldsmith.core.errors import InvalidInputError
from goldsmith.science.numbers import Measurements, resolve_numbers, weighted_median


class Crowd(NamedTuple):
    table: Measurements
    truth: np.ndarray
    bias: np.ndarray
    noise: np.ndarray


def make_crowd(rng: np.random.Generator, *, tasks: int = 200, people: int = 6, slips: float = 0.02) -> Crowd:
    """Everybody measures half of the tasks."""
    truth, bias = rng.normal(50, 20, tasks), rng.normal(0, 3, people)
    noise = np.exp(rng.normal(0.3, 0.8, people))
    bias -= bias.mean()
    who, task = np.nonzero(rng.permuted(np.tile(np.arange(tasks) % 2 == 0, (people, 1)), axis=1))
    value = truth[task] + bias[who] + noise[who] * rng.normal(size=task.size)
    value[rng.random(task.size) < slips] *= 10
    return Crowd(table_of(task, who, value, tasks, people), truth, bias, noise)


def table_of(task, who, value, tasks: int, people: int) -> Measurements:
    return Measurements.of(task, who, value, task_count=tasks, annotator_count=people)


def test_beats_the_median_and_knows_its_error() -> None:
    for seed in range(3):
        crowd = make_crowd(np.random.default_rng(seed))
        fitted = resolve_numbers(crowd.table)
        seen = fitted.count >= 2
        median = weighted_median(crowd.table.task, crowd.table.value, group_count=200)
        error = np.abs(fitted.value - crowd.truth)[seen]
        assert error.mean() < 0.7 * np.abs(median - crowd.truth)[seen].mean()
        assert np.corrcoef(fitted.bias, crowd.bias)[0, 1] > 0.98
        assert np.corrcoef(np.log(fitted.noise), np.log(crowd.noise))[0, 1] > 0.9
        low, high = fitted.interval()
        assert 0.88 < ((low <= crowd.truth) & (crowd.truth <= high))[seen].mean() <= 1.0


def test_gold_tells_what_everybody_adds() -> None:
    crowd = make_crowd(np.random.default_rng(4), slips=0.0)
    shifted = table_of(crowd.table.task, crowd.table.annotator, crowd.table.value + 25.0, 200, 6)
    gold = np.where(np.arange(200) < 30, crowd.truth, np.nan)
    fitted = resolve_numbers(shifted, gold=gold)
    seen = (fitted.count > 0) & (np.arange(200) >= 30)
    assert np.abs(fitted.value - crowd.truth)[seen].mean() < 3.0
    assert fitted.bias == pytest.approx(crowd.bias + 25.0, abs=2.5)
    assert (resolve_numbers(shifted).value - crowd.truth)[seen].mean() == pytest.approx(25.0, abs=2.0)


@pytest.mark.parametrize(("times", "plus"), [(1000.0, 0.0), (-1.0, 0.0), (0.001, 7.0)])
def test_units_do_not_matter(times: float, plus: float) -> None:
    crowd = make_crowd(np.random.default_rng(5))
    plain = resolve_numbers(crowd.table)
    other = resolve_numbers(
        table_of(crowd.table.task, crowd.table.annotator, crowd.table.value * times + plus, 200, 6)
    )
    assert other.value == pytest.approx(plain.value * times + plus, rel=1e-5, abs=1e-5 * abs(times))
    assert other.sd == pytest.approx(plain.sd * abs(times), rel=1e-4)


def test_order_and_names_do_not_matter() -> None:
    rng = np.random.default_rng(6)
    crowd = make_crowd(rng)
    order, turn = rng.permutation(crowd.table.task.size), rng.permutation(6)
    table = crowd.table
    mixed = table_of(table.task[order], turn[table.annotator[order]], table.value[order], 200, 6)
    plain, again = resolve_numbers(table), resolve_numbers(mixed)
    assert again.value == pytest.approx(plain.value)
    assert again.noise[turn] == pytest.approx(plain.noise)


def test_doubled_tasks_say_the_same_as_themselves() -> None:
    table = make_crowd(np.random.default_rng(7)).table
    doubled = table_of(
        np.r_[table.task, table.task + 200], np.tile(table.annotator, 2), np.tile(table.value, 2), 400, 6
    )
    fitted = resolve_numbers(doubled)
    assert fitted.value[:200] == pytest.approx(fitted.value[200:])
    assert fitted.value[:200] == pytest.approx(resolve_numbers(table).value, abs=0.5)


def test_somebody_who_makes_numbers_up_counts_little() -> None:
    rng = np.random.default_rng(8)
    table = make_crowd(rng, people=4, slips=0.0).table
    liar = table_of(
        np.r_[table.task, np.arange(200)],
        np.r_[table.annotator, np.full(200, 4)],
        np.r_[table.value, rng.uniform(0, 100, 200)],
        200,
        5,
    )
    told, blind = resolve_numbers(liar), resolve_numbers(table)
    assert told.noise.argmax() == 4
    seen = blind.count >= 2
    assert np.abs(told.value - blind.value)[seen].mean() < 1.0


@pytest.mark.parametrize(
    ("task", "who", "value", "wanted"),
    [
        ([], [], [], [0.0, 0.0, 0.0]),
        ([0, 1], [0, 0], [4.0, 8.0], [4.0, 8.0, 6.0]),
        ([0, 0, 1, 1], [0, 1, 0, 1], [5.0] * 4, [5.0, 5.0, 5.0]),
        ([0, 0, 1, 1], [0, 1, 2, 3], [1.0, 3.0, 10.0, 12.0], [2.0, 11.0, 6.5]),
        ([2, 2], [0, 0], [7.0, 9.0], [8.0, 8.0, 8.0]),
    ],
    ids=["nothing", "one annotator", "all agree", "disconnected", "measured twice"],
)
def test_answers_sensibly_where_there_is_little(task, who, value, wanted) -> None:
    fitted = resolve_numbers(table_of(task, who, value, 3, 5))
    assert fitted.value == pytest.approx(wanted, abs=1e-3)
    for column in (fitted.sd, fitted.bias, fitted.noise):
        assert np.isfinite(column).all()
    assert (fitted.sd > 0).all()
    assert (fitted.noise > 0).all()


def test_two_groups_without_a_shared_task_keep_their_levels() -> None:
    task = np.r_[np.repeat(np.arange(20), 2), np.repeat(np.arange(20, 40), 2)]
    who = np.r_[np.tile([0, 1], 20), np.tile([2, 3], 20)]
    value = np.r_[np.tile([10.0, 12.0], 20), np.tile([100.0, 108.0], 20)]
    fitted = resolve_numbers(table_of(task, who, value, 40, 4))
    assert fitted.value[:20] == pytest.approx(np.full(20, 11.0), abs=0.2)
    assert fitted.value[20:] == pytest.approx(np.full(20, 104.0), abs=0.5)


def test_wrong_input_is_refused() -> None:
    with pytest.raises(InvalidInputError, match="not finite"):
        table_of([0], [0], [np.nan], 1, 1)
    with pytest.raises(InvalidInputError, match="gold"):
        resolve_numbers(table_of([0], [0], [1.0], 1, 1), gold=[1.0, 2.0])
    with pytest.raises(InvalidInputError, match="confidence"):
        resolve_numbers(table_of([0], [0], [1.0], 1, 1)).interval(1.0)


@given(st.lists(st.tuples(st.integers(0, 3), st.integers(-5, 5), st.integers(0, 3)), max_size=30))
def test_medians_are_those_of_repeated_values(rows: list[tuple[int, int, int]]) -> None:
    group, value, weight = (list(column) for column in zip(*rows, strict=True)) if rows else ([], [], [])
    found = weighted_median(group, value, group_count=4, weight=weight)
    given = weighted_median(group, value, group_count=4, weight=weight, is_given=True)
    for one in range(4):
        mine = [(v, w) for g, v, w in rows if g == one]
        if not sum(w for _, w in mine):
            mine = [(v, 1) for v, _ in mine]
        repeated = [v for v, w in mine for _ in range(w)]
        if not repeated:
            assert np.isnan(found[one])
            continue
        assert found[one] == pytest.approx(np.median(repeated))
        assert given[one] == sorted(repeated)[(len(repeated) - 1) // 2]
