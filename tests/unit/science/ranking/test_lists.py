"""Lists put in order: lists of two are battles, and longer ones give their strengths back."""

from __future__ import annotations

import numpy as np
import pytest

from goldsmith.core.errors import InvalidInputError
from goldsmith.science.ranking import UNPLACED, Battles, Lists, bradley_terry, plackett_luce


def make_lists(
    rng: np.random.Generator, *, count: int = 1500, players: int = 15, length: int = 5, top: int = 3
):
    """Gumbel's noise makes Plackett and Luce's choices; only the first few are put in order."""
    strength = rng.normal(0.0, 1.0, players)
    strength -= strength.mean()
    shown = np.stack([rng.choice(players, length, replace=False) for _ in range(count)])
    order = np.argsort(-(strength[shown] + rng.gumbel(size=shown.shape)), axis=1)
    place = np.tile(np.r_[np.arange(top), np.full(length - top, UNPLACED)], count)
    return (
        np.repeat(np.arange(count), length),
        np.take_along_axis(shown, order, axis=1).ravel(),
        place,
        strength,
    )


def test_finds_strengths_from_the_first_few() -> None:
    covered = []
    for seed in range(6):
        index, player, place, strength = make_lists(np.random.default_rng(seed))
        told = plackett_luce(Lists.of(index, player, place, player_count=15))
        low, high = told.interval()
        covered.append(((low <= strength) & (strength <= high)).mean())
        assert told.strength == pytest.approx(strength, abs=0.35)
    assert np.mean(covered) > 0.88


def test_lists_of_two_are_battles() -> None:
    rng = np.random.default_rng(1)
    winner = rng.integers(0, 6, 800)
    loser = (winner + rng.integers(1, 6, 800)) % 6
    rows = np.stack([winner, loser], axis=1).ravel()
    told = plackett_luce(Lists.of(np.repeat(np.arange(800), 2), rows, np.tile([0, 1], 800), player_count=6))
    pairs = bradley_terry(Battles.of(winner, loser, np.zeros(800, dtype=np.int64), player_count=6))
    assert told.strength == pytest.approx(pairs.strength, abs=1e-8)
    assert told.sd == pytest.approx(pairs.sd, rel=2e-3)


def test_weights_are_repetitions() -> None:
    index, player, place, _ = make_lists(np.random.default_rng(2), count=60)
    twice = plackett_luce(
        Lists.of(np.r_[index, index + 60], np.tile(player, 2), np.tile(place, 2), player_count=15)
    )
    weighed = plackett_luce(Lists.of(index, player, place, player_count=15), weight=np.full(60, 2.0))
    assert weighed.strength == pytest.approx(twice.strength, abs=1e-8)


def test_names_and_order_do_not_matter() -> None:
    rng = np.random.default_rng(3)
    index, player, place, _ = make_lists(rng, count=200)
    plain = plackett_luce(Lists.of(index, player, place, player_count=15))
    turn, order, lists = rng.permutation(15), rng.permutation(index.size), rng.permutation(200)
    place_of = np.where(place[order] == UNPLACED, UNPLACED, place[order] * 7)
    mixed = Lists.of(lists[index[order]], turn[player[order]], place_of, player_count=15)
    assert plackett_luce(mixed).strength[turn] == pytest.approx(plain.strength, abs=1e-8)


def test_one_judge_of_all_lists_tells_less_than_many() -> None:
    index, player, place, _ = make_lists(np.random.default_rng(4), count=400)
    judge = np.arange(400) % 20
    by_judge = plackett_luce(Lists.of(index, player, place, player_count=15, judge=judge, judge_count=20))
    by_list = plackett_luce(Lists.of(index, player, place, player_count=15))
    assert by_judge.strength == pytest.approx(by_list.strength)
    assert by_judge.sd.mean() == pytest.approx(by_list.sd.mean(), rel=0.5)


@pytest.mark.parametrize(
    ("index", "player", "place"),
    [
        ([], [], []),
        ([0], [1], [0]),
        ([0, 0, 0], [0, 1, 2], [UNPLACED] * 3),
        ([0, 0, 0], [0, 1, 2], [0, 1, 2]),
        ([0, 0, 2, 2], [0, 1, 2, 3], [0, 1, 0, 1]),
    ],
    ids=["no lists", "one player", "nothing placed", "one list", "disconnected"],
)
def test_answers_sensibly_where_there_is_little(index, player, place) -> None:
    told = plackett_luce(Lists.of(index, player, place, player_count=4))
    assert np.isfinite(told.strength).all()
    assert np.isfinite(told.sd).all()
    if place == [0, 1, 2]:
        assert told.order.tolist() == [0, 1, 3, 2]
    if len(index) == 4:
        assert told.group.tolist() == [0, 0, 2, 2]


def test_wrong_input_is_refused() -> None:
    with pytest.raises(InvalidInputError, match="player twice"):
        Lists.of([0, 0], [1, 1], [0, 1], player_count=2)
    with pytest.raises(InvalidInputError, match="place twice"):
        Lists.of([0, 0], [0, 1], [1, 1], player_count=2)
    with pytest.raises(InvalidInputError, match="weight"):
        plackett_luce(Lists.of([0, 0], [0, 1], [0, 1], player_count=2), weight=[-1.0])
    with pytest.raises(InvalidInputError, match="prior_sd"):
        plackett_luce(Lists.of([0, 0], [0, 1], [0, 1], player_count=2), prior_sd=-1.0)
