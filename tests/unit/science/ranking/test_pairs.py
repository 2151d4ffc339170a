"""Strengths from pairs: worked by hand, found again, and finite where little is known."""

from __future__ import annotations

import numpy as np
import pytest

from goldsmith.core.errors import InvalidInputError
from goldsmith.science.ranking import (
    FIRST_WINS,
    TIE,
    Battles,
    Ranking,
    bradley_terry,
    crowd_bradley_terry,
)
from goldsmith.science.ranking.bradley_terry import Cells


def make_battles(
    rng: np.random.Generator,
    *,
    count: int = 4000,
    players: int = 12,
    judges: int = 40,
    tie: float = 0.0,
    position: float = 0.0,
    guessers: float = 0.0,
    taste: float = 0.0,
) -> tuple[Battles, np.ndarray]:
    """Battles of the model itself, by judges with tastes of their own, some of whom guess."""
    strength = rng.normal(0.0, 1.0, players)
    strength -= strength.mean()
    seen = strength + taste * rng.normal(size=(judges, players))
    first = rng.integers(0, players, count)
    second = (first + rng.integers(1, players, count)) % players
    judge = rng.integers(0, judges, count)
    half = (seen[judge, first] - seen[judge, second] + position) / 2.0
    weight = np.stack([np.exp(half), np.exp(-half), np.full(count, tie)], axis=1)
    chance = np.cumsum(weight / weight.sum(axis=1, keepdims=True), axis=1)
    outcome = np.minimum((rng.random(count)[:, None] > chance).sum(axis=1), 2)
    is_guessed = (judge < guessers * judges) & (outcome != TIE)
    outcome = np.where(is_guessed, rng.integers(0, 2, count), outcome)
    return battles_of(first, second, outcome, players, judge, judges), strength


def battles_of(first, second, outcome, players: int, judge=None, judges: int = 1) -> Battles:
    return Battles.of(first, second, outcome, player_count=players, judge=judge, judge_count=judges)


def test_two_players_by_hand() -> None:
    """Three wins to one are odds of three; nothing else is known, and the prior is wide."""
    told = bradley_terry(battles_of([0, 0, 1, 0], [1, 1, 0, 1], [0, 0, 0, 0], 2), prior_sd=1000.0)
    assert told.strength[0] - told.strength[1] == pytest.approx(np.log(3.0), abs=1e-4)
    assert told.chance([0], [1])[0] == pytest.approx(0.75, abs=1e-4)
    # the variance of log odds is 1 / wins + 1 / losses
    gap = told.covariance[0, 0] + told.covariance[1, 1] - 2.0 * told.covariance[0, 1]
    assert gap == pytest.approx(1 / 3 + 1 / 1, abs=1e-3)


def test_ties_by_hand() -> None:
    """Davidson's model reproduces the shares of two players exactly."""
    told = bradley_terry(battles_of([0] * 10, [1] * 10, [0] * 5 + [1] * 2 + [2] * 3, 2), prior_sd=1000.0)
    ratio = np.exp((told.strength[0] - told.strength[1]) / 2.0)
    assert ratio == pytest.approx(np.sqrt(5 / 2), abs=1e-4)
    assert told.tie == pytest.approx(3 / np.sqrt(10), abs=1e-3)


@pytest.mark.parametrize("by_judge", [False, True])
def test_finds_strengths_ties_and_the_place(by_judge: bool) -> None:
    covered = []
    for seed in range(12):
        battles, strength = make_battles(np.random.default_rng(seed), tie=0.4, position=0.3)
        told = bradley_terry(battles, has_position=True, by_judge=by_judge)
        low, high = told.interval()
        covered.append(((low <= strength) & (strength <= high)).mean())
        assert told.position == pytest.approx(0.3, abs=4.5 * told.position_sd)
        assert told.tie == pytest.approx(0.4, abs=0.1)
    assert np.mean(covered) > 0.88


def test_judges_with_tastes_widen_intervals_only_when_asked() -> None:
    battles, _ = make_battles(np.random.default_rng(0), taste=1.0, judges=30)
    assert bradley_terry(battles, by_judge=True).sd.mean() > 1.3 * bradley_terry(battles).sd.mean()


def test_what_is_shown_first_would_win_otherwise() -> None:
    rng = np.random.default_rng(1)
    first = rng.integers(0, 3, 3000)
    second = (first + 1) % 3
    told = battles_of(first, second, np.where(rng.random(3000) < 0.8, FIRST_WINS, 1), 3)
    fitted = bradley_terry(told, has_position=True)
    assert np.abs(fitted.strength).max() < 0.1
    assert fitted.position == pytest.approx(np.log(4.0), abs=0.2)


@pytest.mark.parametrize("fit", [bradley_terry, lambda b: crowd_bradley_terry(b).ranking])
def test_names_order_and_sides_do_not_matter(fit) -> None:
    rng = np.random.default_rng(2)
    battles, _ = make_battles(rng, count=1500, tie=0.2, guessers=0.3)
    plain = fit(battles)
    turn, people, order = rng.permutation(12), rng.permutation(40), rng.permutation(1500)
    is_swapped = rng.random(1500) < 0.5
    first = np.where(is_swapped, battles.second, battles.first)
    second = np.where(is_swapped, battles.first, battles.second)
    outcome = np.where(is_swapped & (battles.outcome != TIE), 1 - battles.outcome, battles.outcome)
    mixed = battles_of(
        turn[first[order]], turn[second[order]], outcome[order], 12, people[battles.judge[order]], 40
    )
    again = fit(mixed)
    assert again.strength[turn] == pytest.approx(plain.strength, abs=1e-3)
    assert again.sd[turn] == pytest.approx(plain.sd, abs=1e-3)


def test_doubled_battles_say_the_same_more_surely() -> None:
    battles, _ = make_battles(np.random.default_rng(3))
    doubled = battles_of(
        np.tile(battles.first, 2), np.tile(battles.second, 2), np.tile(battles.outcome, 2), 12
    )
    plain, twice = bradley_terry(battles), bradley_terry(doubled)
    assert twice.strength == pytest.approx(plain.strength, abs=0.01)
    assert twice.sd == pytest.approx(plain.sd / np.sqrt(2.0), rel=0.02)


def test_judges_who_guess_or_turn_it_round_are_found() -> None:
    battles, strength = make_battles(np.random.default_rng(4), count=8000, guessers=0.4)
    opposed = (battles.judge >= 36) & (battles.outcome != TIE)
    battles = battles_of(
        battles.first, battles.second, np.where(opposed, 1 - battles.outcome, battles.outcome), 12,
        battles.judge, 40,
    )  # fmt: skip
    told = crowd_bradley_terry(battles)
    assert told.reliability[:16] == pytest.approx(np.full(16, 0.5), abs=0.2)
    assert told.reliability[16:36].min() > 0.75
    assert told.reliability[36:].max() < 0.2
    plain = bradley_terry(battles)
    error = [np.abs(one.strength - strength).mean() for one in (told.ranking, plain)]
    assert error[0] < 0.5 * error[1]
    best, worst = told.ranking.rank_interval()
    rank = np.argsort(np.argsort(-strength)) + 1
    assert ((best <= rank) & (rank <= worst)).sum() >= 10


def holds(told: Ranking, players: int) -> None:
    assert told.strength.shape == (players,)
    for column in (told.strength, told.covariance, told.sd, told.elo):
        assert np.isfinite(column).all()
    assert told.strength.sum() == pytest.approx(0.0, abs=1e-9)
    best, worst = told.rank_interval()
    assert ((best >= 1) & (best <= worst) & (worst <= players)).all()


@pytest.mark.parametrize(
    ("first", "second", "outcome", "players"),
    [
        ([], [], [], 3),
        ([], [], [], 0),
        ([0, 0, 0], [1, 1, 1], [0, 0, 0], 2),
        ([0, 0], [1, 1], [2, 2], 2),
        ([0, 2], [1, 3], [0, 0], 5),
    ],
    ids=["no battles", "nobody", "never beaten", "only ties", "disconnected"],
)
@pytest.mark.parametrize("fit", [bradley_terry, lambda b: crowd_bradley_terry(b).ranking])
def test_answers_sensibly_where_there_is_little(fit, first, second, outcome, players) -> None:
    told = fit(battles_of(first, second, outcome, players))
    holds(told, players)
    if players == 5:
        assert told.group.tolist() == [0, 0, 2, 2, 4]
        assert told.rank_interval()[0].tolist() == [1] * 5
        assert told.strength[0] == pytest.approx(told.strength[2])
    if outcome == [2, 2]:
        assert told.strength.tolist() == [0.0, 0.0]


def test_ranks_follow_from_differences() -> None:
    battles, strength = make_battles(np.random.default_rng(5), count=20000, players=6)
    told = bradley_terry(battles)
    assert told.order.tolist() == np.argsort(-strength).tolist()
    best, worst = told.rank_interval()
    rank = np.empty(6, dtype=np.int64)
    rank[told.order] = np.arange(1, 7)
    assert ((best <= rank) & (rank <= worst)).all()
    assert told.elo.mean() == pytest.approx(1000.0)


def test_many_players_are_counted_as_few_are() -> None:
    """Tables of who met whom are laid out otherwise when they are large."""
    battles, _ = make_battles(np.random.default_rng(6), count=3000, players=4)
    wide = battles_of(battles.first * 700, battles.second * 700, battles.outcome, 2101)
    few, many = Cells.of(battles), Cells.of(wide)
    assert (many.first == few.first * 700).all()
    assert (many.counts == few.counts).all()


def test_wrong_input_is_refused() -> None:
    with pytest.raises(InvalidInputError, match="itself"):
        battles_of([1], [1], [0], 2)
    with pytest.raises(InvalidInputError, match="outcome"):
        battles_of([0], [1], [3], 2)
    with pytest.raises(InvalidInputError, match="prior_sd"):
        bradley_terry(battles_of([0], [1], [0], 2), prior_sd=0.0)
    with pytest.raises(InvalidInputError, match="confidence"):
        bradley_terry(battles_of([0], [1], [0], 2)).interval(1.5)
