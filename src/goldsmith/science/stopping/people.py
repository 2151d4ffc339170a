"""Who is asked: how good people are, as far as what has been said so far tells it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from goldsmith.science.arrays import FloatArray, IntArray, as_floats
from goldsmith.science.segments import sum_by
from goldsmith.science.stopping.certainty import Family, families
from goldsmith.science.votes import LabelConsensus, Votes
from goldsmith.science.votes.em import LEAST_PROBABILITY, log_likelihoods

_OWN = 4.0
"""Votes by which somebody is drawn towards the crowd: a newcomer is taken for usual, and may be better."""
_USUAL_RIGHT, _USUAL_VOTES = 8.0, 10.0
"""Of an imaginary usual person, so that a crowd of few votes is taken for usual."""

_MOST_SKILL = 0.999


@dataclass(frozen=True, slots=True)
class KnownSkill:
    """What is known of everybody's probability to be right: a Beta distribution each.

    Attributes:
        right: ``[annotators]`` votes that are right, as far as the others tell, with the crowd's prior; above 0.
        wrong: ``[annotators]`` the same of those that are wrong.
    """

    right: FloatArray
    wrong: FloatArray

    @property
    def mean(self) -> FloatArray:
        """``[annotators]`` expected, in (0, 1)."""
        return np.asarray(self.right / (self.right + self.wrong))

    def information(self, label_count: int) -> FloatArray:
        """Say what a vote of each tells of a task of which nothing is known, taking errors to be even.

        Args:
            label_count: Number of labels.

        Returns:
            ``[annotators]`` in nats, in [0, log(labels)); 0 of who guesses or is worse.
        """
        return vote_information(self.mean, label_count)

    def drawn(self, annotator: IntArray, rng: np.random.Generator) -> FloatArray:
        """Draw how good people may be, once for each time that somebody could be asked.

        Asking whoever draws highest is Thompson sampling (Thompson 1933, doi 10.1093/biomet/25.3-4.285): those known
        to be good are asked most, those of whom little is known often enough to find out.

        Args:
            annotator: ``[chances]`` who could be asked.
            rng: Source of everything random.

        Returns:
            ``[chances]`` in [0, 1].
        """
        return np.asarray(rng.beta(self.right[annotator], self.wrong[annotator]))


def vote_information(right: ArrayLike, label_count: int) -> FloatArray:
    """Say what a vote tells of a task of which nothing is known, taking labels and errors to be even.

    The mutual information of a symmetric channel (Cover & Thomas, Elements of Information Theory, 7.2).

    Args:
        right: ``[n]`` probability of each vote to be right, in [0, 1].
        label_count: Number of labels.

    Returns:
        ``[n]`` in nats, in [0, log(labels)); 0 of who guesses or is worse.

    Raises:
        InvalidInputError: A probability out of range.

    >>> vote_information([1 / 3, 0.8, 0.95], 3).round(2).tolist()
    [0.0, 0.46, 0.87]
    """
    share = as_floats("right", right, lowest=0.0, highest=1.0)
    if label_count < 2:
        return np.zeros(share.size)
    share = np.clip(share, 1.0 / label_count, _MOST_SKILL)
    wrong = 1.0 - share
    told = np.log(label_count) + share * np.log(share) + wrong * np.log(wrong / (label_count - 1))
    return np.asarray(np.maximum(told, 0.0))


def known_skill(votes: Votes, *, fitted: Sequence[Family] | None = None) -> KnownSkill:
    """Say how good everybody is, without gold: each vote is held against what the others on its task say.

    A vote alone on its task tells nothing. Who was asked followed only from what had been said before, so what was not
    asked can be left out of account (Rubin 1976, doi 10.1093/biomet/63.3.581): asking the good more biases nothing.

    Args:
        votes: What has been said so far.
        fitted: What ``families`` says of the same votes, where it is at hand.

    Returns:
        Everybody's; of those without votes, the crowd's.

    >>> votes = Votes.of(np.repeat(range(6), 4), [0, 1, 2, 3] * 6, [1, 1, 1, 0, 0, 0, 0, 1] * 3,
    ...                  task_count=6, annotator_count=5, label_count=2)
    >>> mean = known_skill(votes).mean
    >>> bool(mean[0] > mean[4] > mean[3])
    True
    """
    known = families(votes) if fitted is None else fitted
    others = np.bincount(votes.task, minlength=votes.task_count)[votes.task] > 1
    right = sum((share * _by_the_others(votes, fit) for share, fit in known), np.zeros(votes.vote_count))
    agreed = sum_by(votes.annotator[others], right[others], size=votes.annotator_count)
    told = sum_by(votes.annotator[others], None, size=votes.annotator_count)
    usual = (agreed.sum() + _USUAL_RIGHT) / (told.sum() + _USUAL_VOTES)
    return KnownSkill(agreed + _OWN * usual, told - agreed + _OWN * (1.0 - usual))


def _by_the_others(votes: Votes, fit: LabelConsensus) -> FloatArray:
    """``[votes]`` how probable each is right, as the other votes on its task have it."""
    own = np.log(np.maximum(fit.confusion[votes.annotator, :, votes.label], LEAST_PROBABILITY))
    log_joint = log_likelihoods(votes, fit.confusion)[votes.task] - own
    log_joint += np.log(np.maximum(fit.class_prior, LEAST_PROBABILITY))
    log_joint -= log_joint.max(axis=1, keepdims=True)
    posterior = np.exp(log_joint)
    return np.asarray(posterior[np.arange(votes.vote_count), votes.label] / posterior.sum(axis=1))
