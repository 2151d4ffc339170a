"""Ratings: lenient is not bad, near is not far."""

from __future__ import annotations

import numpy as np
import pytest

from goldsmith.core.errors import InvalidInputError
from goldsmith.science import votes as v
from goldsmith.science.numbers import resolve_ratings
from tests.unit.science.votes.crowd import votes_of


def make_crowd(rng: np.random.Generator, *, tasks: int = 200, people: int = 6, levels: int = 5):
    """Everybody rates half of the tasks, shifted by an own bias."""
    truth = np.clip(np.rint(rng.normal((levels - 1) / 2, 1.2, tasks)), 0, levels - 1).astype(np.int64)
    bias = np.linspace(-1.0, 1.0, people)
    who, task = np.nonzero(rng.permuted(np.tile(np.arange(tasks) % 2 == 0, (people, 1)), axis=1))
    seen = truth[task] + bias[who] + rng.normal(0.0, 0.5, task.size)
    rating = np.clip(np.rint(seen), 0, levels - 1).astype(np.int64)
    return votes_of(task, who, rating, tasks, people, levels), truth, bias


def test_biases_are_found_and_taken_off() -> None:
    for seed in range(3):
        votes, truth, bias = make_crowd(np.random.default_rng(seed))
        fitted = resolve_ratings(votes)
        assert fitted.bias == pytest.approx(bias, abs=0.35)
        for other in (v.majority(votes), v.dawid_skene(votes), v.one_coin(votes)):
            assert (fitted.label == truth).mean() > (other.label == truth).mean()
        plain = votes.shares @ np.arange(5)
        assert np.abs(fitted.mean - truth).mean() < np.abs(plain - truth).mean()
        assert np.abs(fitted.median - truth).mean() < 0.5


def test_reversing_the_scale_reverses_the_answer() -> None:
    votes, _, _ = make_crowd(np.random.default_rng(3))
    turned = votes_of(votes.task, votes.annotator, 4 - votes.label, 200, 6, 5)
    plain, again = resolve_ratings(votes), resolve_ratings(turned)
    assert again.posterior[:, ::-1] == pytest.approx(plain.posterior, abs=1e-6)
    assert again.bias == pytest.approx(-plain.bias, abs=1e-6)
    assert again.mean == pytest.approx(4.0 - plain.mean, abs=1e-6)


def test_order_and_names_do_not_matter() -> None:
    rng = np.random.default_rng(4)
    votes, _, _ = make_crowd(rng)
    turn, order = rng.permutation(6), rng.permutation(votes.vote_count)
    turned = votes_of(votes.task[order], turn[votes.annotator[order]], votes.label[order], 200, 6, 5)
    plain, again = resolve_ratings(votes), resolve_ratings(turned)
    assert again.posterior == pytest.approx(plain.posterior, abs=1e-6)
    assert again.bias[turn] == pytest.approx(plain.bias, abs=1e-6)


def test_doubled_tasks_say_the_same_as_themselves() -> None:
    votes, _, _ = make_crowd(np.random.default_rng(5))
    doubled = votes_of(
        np.r_[votes.task, votes.task + 200], np.tile(votes.annotator, 2), np.tile(votes.label, 2), 400, 6, 5
    )
    fitted = resolve_ratings(doubled)
    assert (fitted.label[:200] == fitted.label[200:]).all()
    assert (fitted.label[:200] == resolve_ratings(votes).label).mean() > 0.95


def test_gold_tells_what_everybody_adds() -> None:
    rng = np.random.default_rng(6)
    truth = rng.integers(0, 4, 300)
    task, who = np.repeat(np.arange(300), 3), np.tile(np.arange(3), 300)
    votes = votes_of(task, who, truth[task] + 1, 300, 3, 5)
    gold = np.where(np.arange(300) < 40, truth, -1)
    fitted = resolve_ratings(votes, gold=gold)
    assert (fitted.label == truth)[40:].all()
    assert fitted.bias == pytest.approx(np.ones(3), abs=0.3)


def test_an_adversary_and_a_guesser_count_little() -> None:
    rng = np.random.default_rng(7)
    votes, truth, _ = make_crowd(rng)
    everything = np.arange(200)
    bad = votes_of(
        np.r_[votes.task, everything, everything],
        np.r_[votes.annotator, np.full(200, 6), np.full(200, 7)],
        np.r_[votes.label, 4 - truth, rng.integers(0, 5, 200)],
        200,
        8,
        5,
    )
    fitted = resolve_ratings(bad)
    assert set(np.argsort(-fitted.noise)[:2].tolist()) == {6, 7}
    assert (fitted.label == truth).mean() > (resolve_ratings(votes).label == truth).mean() - 0.08


@pytest.mark.parametrize(
    ("task", "who", "level", "shape"),
    [
        ([], [], [], (3, 2, 5)),
        ([], [], [], (0, 0, 1)),
        ([0, 1], [0, 0], [0, 4], (2, 1, 5)),
        ([0, 0], [0, 1], [0, 0], (1, 2, 1)),
        ([0, 0, 1, 1], [0, 1, 0, 1], [3, 3, 3, 3], (2, 2, 5)),
        ([0, 0, 1, 1], [0, 1, 2, 3], [0, 0, 4, 4], (3, 5, 5)),
    ],
    ids=["no votes", "nothing at all", "one annotator", "one level", "all agree", "disconnected"],
)
def test_answers_sensibly_where_there_is_little(task, who, level, shape) -> None:
    votes = votes_of(task, who, level, *shape)
    fitted = resolve_ratings(votes)
    for column in (fitted.posterior, fitted.bias, fitted.noise, fitted.mean, fitted.confusion):
        assert np.isfinite(column).all()
    assert fitted.posterior.sum(axis=1) == pytest.approx(np.ones(shape[0]))
    assert (fitted.label[task] == level).all()
    assert (fitted.median[task] == level).all()


def test_wrong_input_is_refused() -> None:
    with pytest.raises(InvalidInputError, match="as numbers"):
        resolve_ratings(votes_of([0], [0], [50], 1, 1, 101))


def test_ratings_can_come_one_by_one() -> None:
    votes = votes_of([0, 0, 1, 1, 2, 2], [0, 1] * 3, [0, 1, 2, 3, 3, 4], 4, 2, 5)
    live = v.LiveVotes.of(votes, resolve_ratings(votes))
    assert live.add(3, live.add_annotator(), 2).label == 2
    with pytest.raises(InvalidInputError, match="does not grow"):
        live.add_label()
