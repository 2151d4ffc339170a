"""What the others say: each vote judged by everybody's votes on its task but itself."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from goldsmith.science.arrays import BoolArray, FloatArray, IntArray
from goldsmith.science.votes import crowd_confusion
from goldsmith.science.votes.em import LEAST_PROBABILITY, known_labels
from goldsmith.science.votes.table import Votes

_NUMBERS_AT_ONCE = 5_000_000


@dataclass(frozen=True, slots=True)
class OthersView:
    """Each vote beside what the others, or gold, tell of its task.

    A vote never speaks for itself: its own part is taken out of the consensus, so that a spammer does not agree with
    himself. The posterior of a fit is too sure of itself where people err together, hence half of what is expected
    comes from the shares of the votes.

    Attributes:
        votes: All votes.
        others: ``[votes]`` number of other votes on the task.
        judged: ``[votes]`` whether others, or gold, tell anything.
        on_gold: ``[votes]`` whether gold does.
        truth: ``[votes, labels]`` probability of each label as the true one, by all but this vote; gold is certain.
        expected: ``[votes, labels]`` probability of each answer of this annotator, were it honest and unprompted.
        crowd: ``[labels, labels]`` probability of each answer (last axis) of a usual member given the truth.
    """

    votes: Votes
    others: IntArray
    judged: BoolArray
    on_gold: BoolArray
    truth: FloatArray
    expected: FloatArray
    crowd: FloatArray

    @property
    def right(self) -> FloatArray:
        """``[votes]`` probability that the vote is right."""
        return np.asarray(self.truth[np.arange(self.votes.vote_count), self.votes.label])

    @property
    def foreseen(self) -> FloatArray:
        """``[votes]`` probability of the answer that was given."""
        return np.asarray(self.expected[np.arange(self.votes.vote_count), self.votes.label])


def view_of_others(votes: Votes, *, gold: ArrayLike | None = None) -> OthersView:
    """Judge each vote by the others.

    Args:
        votes: The votes.
        gold: ``[tasks]`` known label, -1 where unknown.
    """
    fitted = crowd_confusion(votes, gold=gold)
    known = known_labels(gold, votes)[votes.task]
    log_confusion = np.log(np.maximum(fitted.confusion, LEAST_PROBABILITY)).transpose(0, 2, 1)
    log_joint = votes.per_task(np.ascontiguousarray(log_confusion))
    log_joint += np.log(np.maximum(fitted.class_prior, LEAST_PROBABILITY))
    others = votes.counts.sum(axis=1).astype(np.int64)[votes.task] - 1
    truth = np.empty((votes.vote_count, votes.label_count))
    expected = np.empty_like(truth)
    at_once = max(_NUMBERS_AT_ONCE // votes.label_count**2, 1)
    for begin in range(0, votes.vote_count, at_once):
        rows = np.arange(begin, min(begin + at_once, votes.vote_count))
        who, answer, task = votes.annotator[rows], votes.label[rows], votes.task[rows]
        without = log_joint[task] - log_confusion[who, answer]
        without -= without.max(axis=1, keepdims=True)
        posterior = np.exp(without)
        posterior /= posterior.sum(axis=1, keepdims=True)
        sure = np.flatnonzero(known[rows] >= 0)
        posterior[sure] = 0.0
        posterior[sure, known[rows][sure]] = 1.0
        counts = votes.counts[task]
        counts[np.arange(rows.size), answer] -= 1.0
        share = (counts + fitted.class_prior) / (others[rows, None] + 1.0)
        mixed = (posterior + share) / 2.0
        mixed[sure] = posterior[sure]
        truth[rows] = mixed
        # how hard a task is shows in the votes of the others, which no confusion matrix knows
        model = np.einsum("vk,vkl->vl", posterior, fitted.confusion[who])
        expected[rows] = (model + share) / 2.0
    on_gold = known >= 0
    # the better half of the crowd shows what looking at a task gives
    able = (
        fitted.accuracy >= np.median(fitted.accuracy) if fitted.accuracy.size else np.zeros(0, dtype=np.bool_)
    )
    crowd = fitted.confusion[able].mean(axis=0) if able.any() else np.eye(votes.label_count)
    return OthersView(votes, others, (others > 0) | on_gold, on_gold, truth, expected, crowd)
