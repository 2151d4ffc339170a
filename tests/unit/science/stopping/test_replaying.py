"""Rules tried on votes that are all there, and on crowds that are made up."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from goldsmith.core.errors import InvalidInputError
from goldsmith.science.stopping import CrowdMember, StoppingRule, replay, simulate
from goldsmith.science.votes import Votes, auto
from tests.unit.science.stopping.test_people import mixed_crowd
from tests.unit.science.stopping.test_rules import no_votes, some_votes

CROWD = [
    CrowdMember.of_skill(skill, label_count=3, seconds=8.0) for skill in (0.9, 0.85, 0.8, 0.8, 0.75, 0.7)
]


def share_right(votes: Votes, kept: np.ndarray, truth: np.ndarray) -> float:
    return float((auto(votes.only(kept), np.random.default_rng(0)).label == truth).mean())


@settings(max_examples=5, deadline=None)
@given(st.integers(0, 20), st.integers(0, 260))
def test_the_budget_is_never_exceeded_and_every_place_is_given_once(seed: int, budget: int) -> None:
    votes = some_votes(seed, each=6)
    found = replay(votes, StoppingRule(most_votes=6, enough=None, budget=budget), np.random.default_rng(seed))
    assert found.kept.sum() == min(budget, 240)
    assert sorted(found.place[found.kept]) == list(range(int(found.kept.sum())))


def test_a_larger_budget_buys_the_same_votes_first() -> None:
    votes = some_votes(1, each=6)
    small, large = (
        replay(votes, StoppingRule(most_votes=6, enough=None, budget=budget), np.random.default_rng(3))
        for budget in (120, 200)
    )
    assert (large.first(120) == small.kept).all()


def test_every_task_gets_its_least_and_none_more_than_its_most() -> None:
    votes = some_votes(2, each=6)
    found = replay(votes, StoppingRule(least_votes=2, most_votes=4, enough=0.9), np.random.default_rng(0))
    got = np.bincount(votes.task[found.kept], minlength=40)
    assert got.min() >= 2 and got.max() <= 4


@settings(max_examples=5, deadline=None)
@given(st.integers(0, 20), st.integers(0, 260))
def test_by_skill_no_vote_is_asked_for_twice_and_none_beyond_the_budget(seed: int, budget: int) -> None:
    votes = some_votes(seed, each=6)
    rule = StoppingRule(most_votes=6, enough=None, budget=budget)
    found, again = (replay(votes, rule, np.random.default_rng(seed), by_skill=True) for _ in "ab")
    assert sorted(found.place[found.kept]) == list(range(min(budget, 240)))
    assert found.place.tolist() == again.place.tolist()
    got = np.bincount(votes.task[found.kept], minlength=40)
    assert got.min() >= min(2, budget // 40)


def test_by_skill_a_larger_budget_buys_the_same_votes_first() -> None:
    votes = some_votes(1, each=6)
    small, large = (
        replay(
            votes,
            StoppingRule(most_votes=6, enough=None, budget=budget),
            np.random.default_rng(3),
            by_skill=True,
        )
        for budget in (120, 200)
    )
    assert (large.first(120) == small.kept).all()


def test_by_skill_a_spammer_is_asked_less_than_good_people_and_labels_are_better() -> None:
    votes, truth = mixed_crowd(0, right=[0.9, 0.9, 0.8, 0.8, 0.0, 0.0])
    rule = StoppingRule(most_votes=6, enough=None, budget=600)
    by_chance, by_skill = (
        replay(votes, rule, np.random.default_rng(0), by_skill=by_skill).kept for by_skill in (False, True)
    )
    load = np.bincount(votes.annotator[by_skill], minlength=6)
    assert load[4:].max() < 0.5 * load[:4].min()
    assert share_right(votes, by_skill, truth) >= share_right(votes, by_chance, truth)


def test_by_skill_people_who_are_equally_good_are_all_asked_and_nothing_is_lost() -> None:
    votes, truth = mixed_crowd(0, right=[0.8] * 6)
    rule = StoppingRule(most_votes=6, enough=None, budget=600)
    by_chance, by_skill = (
        replay(votes, rule, np.random.default_rng(0), by_skill=by_skill).kept for by_skill in (False, True)
    )
    assert np.bincount(votes.annotator[by_skill], minlength=6).min() > 20
    assert share_right(votes, by_skill, truth) >= share_right(votes, by_chance, truth) - 0.02


def test_by_skill_nothing_more_is_asked_where_only_those_are_left_who_guess() -> None:
    votes, _ = mixed_crowd(0, right=[0.8, 0.8, 0.0, 0.0, 0.0, 0.0])
    rule = StoppingRule(most_votes=6, enough=0.9)
    by_chance, by_skill = (
        replay(votes, rule, np.random.default_rng(0), by_skill=by_skill).share for by_skill in (False, True)
    )
    assert by_skill < 0.8 * by_chance


@pytest.mark.parametrize("by_skill", [False, True])
def test_nothing_to_replay(by_skill: bool) -> None:
    found = replay(no_votes(), StoppingRule(), np.random.default_rng(0), by_skill=by_skill)
    assert (found.share, found.rounds, found.kept.size) == (0.0, 0, 0)


def test_tasks_of_different_numbers_of_votes_end_where_theirs_end() -> None:
    votes = Votes.of([0, 1, 1, 1], [0, 0, 1, 2], [0, 0, 1, 1], task_count=2, annotator_count=3, label_count=2)
    found = replay(votes, StoppingRule(most_votes=3, enough=1.0), np.random.default_rng(0))
    assert found.kept.all()


def test_a_batch_out_of_range_is_refused() -> None:
    with pytest.raises(InvalidInputError):
        replay(no_votes(), StoppingRule(), np.random.default_rng(0), batch=0.0)


def test_a_simulated_rule_saves_votes_and_keeps_the_accuracy() -> None:
    points = simulate(
        CROWD,
        StoppingRule(most_votes=5, enough=None),
        task_count=300,
        rng=np.random.default_rng(0),
        thresholds=(0.75, 0.85),
    )
    fixed = [point for point in points if not point.is_adaptive]
    adaptive = [point for point in points if point.is_adaptive]
    assert [point.votes_per_task for point in fixed] == [1, 2, 3, 4, 5]
    assert fixed[0].seconds_per_task == pytest.approx(8.0)
    assert all(a.votes_per_task <= b.votes_per_task for a, b in pairwise(adaptive))
    assert all(point.low <= point.accuracy <= point.high for point in points)
    best = [point for point in adaptive if point.accuracy >= fixed[-1].accuracy - 0.01]
    assert min(point.votes_per_task for point in best) < 4.0


def test_the_same_seed_gives_the_same_curve() -> None:
    once, again = (
        simulate(
            CROWD, StoppingRule(most_votes=3), task_count=30, rng=np.random.default_rng(5), thresholds=()
        )
        for _ in "ab"
    )
    assert once == again


def test_crowds_that_cannot_be_are_refused() -> None:
    rng = np.random.default_rng(0)
    with pytest.raises(InvalidInputError):
        simulate(CROWD[:2], StoppingRule(most_votes=3), task_count=10, rng=rng)
    with pytest.raises(InvalidInputError):
        simulate([CrowdMember(np.ones((2, 2)), 1.0)] * 3, StoppingRule(most_votes=3), task_count=10, rng=rng)
    with pytest.raises(InvalidInputError):
        CrowdMember.of_skill(1.5, label_count=2)
