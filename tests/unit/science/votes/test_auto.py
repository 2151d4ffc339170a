"""The choice follows the crowd."""

from __future__ import annotations

import numpy as np
import pytest

from goldsmith.science.votes import auto, better_by, crowd_confusion, foreseen, one_coin
from goldsmith.science.votes.evidence import some_tasks
from tests.unit.science.votes.crowd import make_crowd, votes_of


def experts_among_guessers(rng: np.random.Generator, tasks: int = 24) -> tuple:
    """Few tasks, fifty people, ten of whom know; the others share one wrong idea of each task."""
    truth = rng.integers(0, 5, tasks)
    idea = (truth + rng.integers(1, 5, tasks)) % 5
    label = np.empty((50, tasks), dtype=np.int64)
    for who in range(50):
        guess = np.where(rng.random(tasks) < 0.2, idea, rng.integers(0, 5, tasks))
        label[who] = np.where(rng.random(tasks) < 0.9, truth, guess) if who < 10 else guess
    task, annotator = np.tile(np.arange(tasks), 50), np.repeat(np.arange(50), tasks)
    return votes_of(task, annotator, label.ravel(), tasks, 50, 5), truth


def test_few_who_know_among_many_who_guess_get_one_coin() -> None:
    votes, truth = experts_among_guessers(np.random.default_rng(3))
    fitted = auto(votes, np.random.default_rng(0))
    assert fitted.confusion_weight < 0.2
    assert (fitted.label == truth).mean() >= (votes.shares.argmax(axis=1) == truth).mean()


def test_people_who_err_by_class_get_matrices() -> None:
    rng = np.random.default_rng(4)
    truth = rng.integers(0, 3, 400)
    # everybody takes the second class for the third four times out of ten, by the same habit
    columns = [np.where((truth == 1) & (rng.random(400) < 0.4), 2, truth) for _ in range(4)]
    columns = [np.where(rng.random(400) < 0.1, rng.integers(0, 3, 400), column) for column in columns]
    votes = votes_of(
        np.tile(np.arange(400), 4), np.repeat(np.arange(4), 400), np.concatenate(columns), 400, 4, 3
    )
    fitted = auto(votes, np.random.default_rng(0))
    assert fitted.confusion_weight > 0.95
    assert fitted.standard_errors > 2.0


def test_its_posteriors_come_true_where_people_err_together() -> None:
    rng = np.random.default_rng(5)
    crowd = make_crowd(rng, tasks=2000, accuracies=(0.9, 0.85, 0.8, 0.8, 0.75))
    # on one task in eight nearly everybody falls for the same wrong idea
    is_trap = rng.random(2000) < 0.125
    fallen = is_trap[crowd.votes.task] & (rng.random(crowd.votes.vote_count) < 0.8)
    label = np.where(fallen, (crowd.truth[crowd.votes.task] + 1) % 3, crowd.votes.label)
    fitted = auto(
        votes_of(crowd.votes.task, crowd.votes.annotator, label, 2000, 5, 3), np.random.default_rng(0)
    )
    is_right = fitted.label == crowd.truth
    raw = crowd_confusion(votes_of(crowd.votes.task, crowd.votes.annotator, label, 2000, 5, 3)).posterior
    assert fitted.posterior.max(axis=1).mean() == pytest.approx(is_right.mean(), abs=0.05)
    assert raw.max(axis=1).mean() > is_right.mean() + 0.05


def test_foreseeing_is_counted_by_task() -> None:
    votes = make_crowd(np.random.default_rng(6)).votes
    first, second = foreseen(votes, crowd_confusion), foreseen(votes, one_coin)
    assert (first <= 0.0).all()
    assert better_by(votes, first, second) == -better_by(votes, second, first)
    assert better_by(votes, first, first) == 0.0


def test_the_sample_is_of_whole_tasks() -> None:
    votes = make_crowd(np.random.default_rng(7), tasks=100).votes
    sample = some_tasks(votes, most_votes=100)
    assert sample.task_count == 20
    assert (sample.counts.sum(axis=1) == 5).all()
    assert (sample.counts == votes.counts[::5]).all()
    assert some_tasks(votes, most_votes=10_000) is votes
