"""Crowds whose truth is known."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from goldsmith.science.votes import Votes


class Crowd(NamedTuple):
    """Votes and the truth behind them."""

    votes: Votes
    truth: np.ndarray


def make_crowd(
    rng: np.random.Generator,
    *,
    tasks: int = 200,
    labels: int = 3,
    accuracies: tuple[float, ...] = (0.9, 0.8, 0.7, 0.6, 0.5),
) -> Crowd:
    """Everybody answers every task; wrong answers are equally likely."""
    truth = rng.integers(0, labels, tasks)
    columns = []
    for accuracy in accuracies:
        is_right = rng.random(tasks) < accuracy
        wrong = (truth + rng.integers(1, max(labels, 2), tasks)) % labels
        columns.append(np.where(is_right, truth, wrong))
    task = np.tile(np.arange(tasks), len(accuracies))
    annotator = np.repeat(np.arange(len(accuracies)), tasks)
    return Crowd(votes_of(task, annotator, np.concatenate(columns), tasks, len(accuracies), labels), truth)


def votes_of(task, annotator, label, tasks: int, annotators: int, labels: int) -> Votes:
    """Short for ``Votes.of``."""
    return Votes.of(task, annotator, label, task_count=tasks, annotator_count=annotators, label_count=labels)
