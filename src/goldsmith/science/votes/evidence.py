"""How well a model foresees votes that it has not seen: evidence that needs no gold."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from goldsmith.science.arrays import FloatArray, IntArray
from goldsmith.science.segments import rank_within_runs
from goldsmith.science.votes.table import Votes
from goldsmith.science.votes.types import LabelConsensus

Fit = Callable[[Votes], LabelConsensus]

_ANYTHING = 0.02
"""Share of an answer that is taken to be anything at all, so that nothing foreseen is impossible."""


def foreseen(votes: Votes, fit: Fit, *, folds: int = 4) -> FloatArray:
    """Say how probable each vote is to a model fitted without it.

    The votes are dealt to folds in turn, task by task, so that each fold takes from every task.

    Args:
        votes: The votes.
        fit: The model.
        folds: In how many parts the votes are hidden, one after the other; at least 2.

    Returns:
        ``[votes]`` natural logarithms of probabilities.

    >>> from goldsmith.science.votes.models import one_coin
    >>> votes = Votes.of([0, 0, 0, 1, 1, 1], [0, 1, 2, 0, 1, 2], [1, 1, 0, 0, 0, 0],
    ...                  task_count=2, annotator_count=3, label_count=2)
    >>> bool((foreseen(votes, one_coin) < 0).all())
    True
    """
    fold = _folds(votes, folds)
    log_probability = np.zeros(votes.vote_count)
    for number in range(folds):
        hidden = np.flatnonzero(fold == number)
        if not hidden.size:
            continue
        fitted = fit(votes.only(fold != number))
        given = fitted.confusion[votes.annotator[hidden], :, votes.label[hidden]]
        foretold = (fitted.posterior[votes.task[hidden]] * given).sum(axis=1)
        log_probability[hidden] = np.log((1.0 - _ANYTHING) * foretold + _ANYTHING / votes.label_count)
    return log_probability


def better_by(votes: Votes, first: FloatArray, second: FloatArray) -> float:
    """Say by how many standard errors the first model foresees the votes better than the second.

    Votes on one task share what is odd about it, so tasks are what is counted.

    Args:
        votes: The votes.
        first: ``[votes]`` log probabilities by the first model.
        second: ``[votes]`` by the second.

    Returns:
        0 where nothing can be told.

    >>> votes = Votes.of([0, 0, 0, 1, 1, 1], [0, 1, 2, 0, 1, 2], [1, 1, 0, 0, 0, 0],
    ...                  task_count=2, annotator_count=3, label_count=2)
    >>> better_by(votes, np.full(6, -0.1), np.full(6, -0.4)).__round__(2)
    1.41
    """
    gained = np.bincount(votes.task, weights=first - second, minlength=votes.task_count)
    spread = float(np.sqrt((gained**2).sum()))
    return float(gained.sum()) / spread if spread > 0.0 else 0.0


def some_tasks(votes: Votes, *, most_votes: int) -> Votes:
    """Return the votes on evenly chosen tasks, numbered anew, with about ``most_votes``; all where there are fewer."""
    if votes.vote_count <= most_votes:
        return votes
    step = -(-votes.vote_count // most_votes)
    kept = votes.task % step == 0
    return Votes.of(
        votes.task[kept] // step,
        votes.annotator[kept],
        votes.label[kept],
        task_count=-(-votes.task_count // step),
        annotator_count=votes.annotator_count,
        label_count=votes.label_count,
    )


def _folds(votes: Votes, folds: int) -> IntArray:
    order = np.argsort(votes.task, kind="stable")
    fold = np.empty(votes.vote_count, dtype=np.int64)
    sorted_tasks = votes.task[order]
    fold[order] = (rank_within_runs(sorted_tasks) + sorted_tasks) % folds
    return fold
