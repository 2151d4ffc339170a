"""Which tasks are asked once more."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from goldsmith.core.errors import InvalidInputError
from goldsmith.science.stopping import StoppingRule, ambiguous, certainty, confusion_share, tasks_to_ask
from goldsmith.science.votes import Votes


def some_votes(seed: int, *, tasks: int = 40, people: int = 6, labels: int = 3, each: int = 3) -> Votes:
    rng = np.random.default_rng(seed)
    truth = rng.integers(0, labels, tasks)
    who = np.argsort(rng.random((tasks, people)), axis=1)[:, :each]
    said = np.where(rng.random(who.shape) < 0.75, truth[:, None], rng.integers(0, labels, who.shape))
    return Votes.of(
        np.repeat(np.arange(tasks), each),
        who.ravel(),
        said.ravel(),
        task_count=tasks,
        annotator_count=people,
        label_count=labels,
    )


def no_votes(tasks: int = 3, labels: int = 2) -> Votes:
    return Votes.of([], [], [], task_count=tasks, annotator_count=0, label_count=labels)


@settings(max_examples=10, deadline=None)
@given(st.integers(0, 50))
def test_names_of_labels_and_annotators_do_not_matter(seed: int) -> None:
    votes = some_votes(seed)
    rng = np.random.default_rng(seed)
    label, person = rng.permutation(3), rng.permutation(6)
    renamed = Votes.of(
        votes.task,
        person[votes.annotator],
        label[votes.label],
        task_count=40,
        annotator_count=6,
        label_count=3,
    )
    assert certainty(renamed, weight=0.5) == pytest.approx(certainty(votes, weight=0.5), abs=1e-8)


@settings(max_examples=10, deadline=None)
@given(st.integers(0, 50))
def test_certainty_is_a_probability_no_lower_than_guessing(seed: int) -> None:
    sure = certainty(some_votes(seed))
    assert (sure >= 1.0 / 3.0 - 1e-9).all() and (sure <= 1.0).all()


def test_without_votes_everything_is_a_guess_and_everything_is_asked() -> None:
    assert certainty(no_votes()).tolist() == [0.5, 0.5, 0.5]
    assert confusion_share(no_votes()) == 0.5
    assert tasks_to_ask(no_votes(), StoppingRule()).tolist() == [0, 1, 2]
    assert certainty(no_votes(0)).tolist() == []
    assert tasks_to_ask(no_votes(0), StoppingRule()).tolist() == []


def test_one_annotator_and_one_label_give_finite_answers() -> None:
    alone = Votes.of([0, 1], [0, 0], [0, 1], task_count=2, annotator_count=1, label_count=2)
    assert np.isfinite(certainty(alone)).all()
    one = Votes.of([0, 0], [0, 1], [0, 0], task_count=1, annotator_count=2, label_count=1)
    assert certainty(one).tolist() == pytest.approx([1.0])
    assert ambiguous(one, certainty(one)).tolist() == [False]


def test_where_all_agree_nothing_more_is_asked() -> None:
    votes = Votes.of(
        np.repeat(np.arange(20), 3),
        np.tile(np.arange(3), 20),
        np.repeat(np.arange(20) % 2, 3),
        task_count=20,
        annotator_count=3,
        label_count=2,
    )
    assert tasks_to_ask(votes, StoppingRule(most_votes=5, enough=0.75)).size == 0


@settings(max_examples=10, deadline=None)
@given(st.integers(0, 30), st.integers(0, 60), st.integers(0, 60))
def test_more_budget_asks_the_same_tasks_and_more(seed: int, one: int, other: int) -> None:
    votes = some_votes(seed)
    less, more = sorted((one, other))
    sure = certainty(votes)
    asked = [
        tasks_to_ask(votes, StoppingRule(enough=None, budget=120 + budget), sure=sure).tolist()
        for budget in (less, more)
    ]
    assert len(asked[0]) <= less and asked[1][: len(asked[0])] == asked[0]


@settings(max_examples=10, deadline=None)
@given(st.lists(st.floats(0.0, 1.0), min_size=1, max_size=20), st.floats(0.1, 1.0), st.floats(0.1, 1.0))
def test_who_wants_more_certainty_asks_more(sure: list[float], one: float, other: float) -> None:
    low, high = sorted((one, other))
    seen = [2] * len(sure)
    less = StoppingRule(enough=low).asks_more(sure, seen)
    assert (StoppingRule(enough=high).asks_more(sure, seen) | ~less).all()


def test_bounds_of_votes_hold_whatever_the_certainty() -> None:
    rule = StoppingRule(least_votes=2, most_votes=4, enough=0.9)
    assert rule.asks_more([1.0, 0.0, 0.0], [1, 4, 5]).tolist() == [True, False, False]


def test_without_patience_enough_is_a_plain_threshold() -> None:
    rule = StoppingRule(least_votes=1, most_votes=9, enough=0.8, patience=0.0)
    assert rule.asks_more([0.79, 0.81, 0.79, 0.81], [1, 1, 8, 8]).tolist() == [True, False, True, False]


@pytest.mark.parametrize(
    "wrong",
    [
        {"least_votes": 0},
        {"least_votes": 4, "most_votes": 3},
        {"enough": 0.0},
        {"patience": -1.0},
        {"budget": -1},
    ],
)
def test_numbers_that_cannot_be_are_refused(wrong: dict[str, float]) -> None:
    with pytest.raises(InvalidInputError):
        StoppingRule(**wrong)  # type: ignore[arg-type]


def test_the_few_that_may_get_many_votes_do_not_set_the_measure() -> None:
    capped, open_ended = StoppingRule(most_votes=6), StoppingRule(most_votes=58, planned_votes=6)
    sure, votes = [0.9, 0.8, 0.95], [2, 3, 5]
    assert capped.need(sure, votes).tolist() == open_ended.need(sure, votes).tolist()
    assert open_ended.need([0.5], [6])[0] > 0.0 == capped.need([0.5], [6])[0]
    with pytest.raises(InvalidInputError, match="planned_votes"):
        StoppingRule(planned_votes=0)


def test_where_nothing_is_gained_nothing_is_asked() -> None:
    rule = StoppingRule(least_votes=2, most_votes=5, enough=0.8)
    assert rule.asks_more([0.5, 0.5, 0.5], [2, 2, 1], gain=[1.0, 0.0, 0.0]).tolist() == [True, False, True]
    usual = rule.need([0.5], [3])[0]
    assert rule.need([0.5], [3], gain=[0.5])[0] == pytest.approx(0.5 * usual)
    with pytest.raises(InvalidInputError, match="gain"):
        rule.need([0.5], [3], gain=[1.5])
