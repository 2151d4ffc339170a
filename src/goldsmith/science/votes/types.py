"""What a fit to votes says."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from goldsmith.science.arrays import FloatArray, IntArray


@dataclass(frozen=True, slots=True)
class LabelConsensus:
    """The truth of each task and the skill of each annotator.

    Attributes:
        posterior: ``[tasks, labels]`` probability of each label, rows sum to 1; the class prior where nobody voted.
        confusion: ``[annotators, labels, labels]`` probability of each answer (last axis) given the truth.
        class_prior: ``[labels]``.
        votes: ``[tasks, labels]`` how many voted for what.
        iterations: EM sweeps made; 0 for what is not fitted.
        log_likelihood: Of all votes under the model, in nats; higher is better, comparable between starts of one
            model, not between models.
    """

    posterior: FloatArray
    confusion: FloatArray
    class_prior: FloatArray
    votes: FloatArray
    iterations: int
    log_likelihood: float = 0.0

    @property
    def label(self) -> IntArray:
        """``[tasks]`` most probable label; the lowest index of equals."""
        return np.asarray(self.posterior.argmax(axis=1), dtype=np.int64)

    @property
    def confidence(self) -> FloatArray:
        """``[tasks]`` calibrated probability that ``label`` is right; see ``blended``."""
        mixed = blended(self.posterior, self.votes)
        return np.asarray(np.take_along_axis(mixed, self.label[:, None], axis=1)[:, 0])

    @property
    def accuracy(self) -> FloatArray:
        """``[annotators]`` probability of the right answer, over the class prior."""
        return np.asarray(np.einsum("wkk,k->w", self.confusion, self.class_prior))


def blended(posterior: FloatArray, votes: FloatArray) -> FloatArray:
    """Temper posteriors by the shares of the votes.

    EM sharpens far beyond what is true: people err together, which no model of independent annotators expects. The mean
    of its posterior and ``(votes for the label + 1/K) / (votes + 1)`` is calibrated on real crowds, where the bare
    posterior is not.

    Args:
        posterior: ``[tasks, labels]``.
        votes: ``[tasks, labels]`` counts.

    Returns:
        ``[tasks, labels]``, rows sum to 1, no entry 0.

    >>> blended(np.array([[0.0, 1.0]]), np.array([[0.0, 3.0]])).round(4).tolist()
    [[0.0625, 0.9375]]
    """
    share = (votes + 1.0 / votes.shape[1]) / (votes.sum(axis=1, keepdims=True) + 1.0)
    return np.asarray((posterior + share) / 2.0)
