"""Ratings on an ordered scale: every annotator sees the truth shifted by a bias and blurred by a noise.

A rating is the level nearest to ``truth + bias + noise``, so that a lenient annotator is not taken for a bad one, and
being off by one is a smaller error than being off by three. Two numbers an annotator instead of a confusion matrix;
their posterior is held on a grid and its prior learnt from the crowd, so that few ratings are judged with care. After
Lakshminarayanan & Teh 2013 (arXiv 1305.0015, ordinal labels of heterogeneous annotators).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import ArrayLike

from goldsmith.core.errors import InvalidInputError
from goldsmith.science.arrays import FloatArray, IntArray
from goldsmith.science.votes import LabelConsensus, Votes, em
from goldsmith.science.votes.types import blended

_LAPSE: Final = 0.02
"""Share of ratings that are anything at all."""
_MOST_LEVELS: Final = 41
_BIAS_STEP: Final = 0.125
_MOST_BIAS: Final = 2.0
_NOISES: Final = np.geomspace(0.15, 4.0, 12)
_CROWD_WEIGHT: Final = 5.0
"""Annotators of the first idea of biases and noises that are added to the crowd's own."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RatingConsensus(LabelConsensus):
    """A posterior over levels, and what it means on the scale.

    Attributes:
        bias: ``[annotators]`` levels that the annotator adds; 0 where nothing tells.
        noise: ``[annotators]`` standard deviation in levels.
    """

    bias: FloatArray
    noise: FloatArray

    @property
    def mean(self) -> FloatArray:
        """``[tasks]`` expected level, 0 to K - 1, from tempered posteriors."""
        return np.asarray(blended(self.posterior, self.votes) @ np.arange(self.posterior.shape[1]))

    @property
    def median(self) -> IntArray:
        """``[tasks]`` level that costs the least expected distance; the lower one of equals."""
        reached = np.cumsum(blended(self.posterior, self.votes), axis=1) >= 0.5 - 1e-12
        return np.asarray(reached.argmax(axis=1), dtype=np.int64)


class OrdinalSkill:
    """Confusion matrices of annotators with a bias and a noise; a ``SkillModel`` for ``votes.em.fit``."""

    def __init__(self, level_count: int) -> None:
        most = min(_MOST_BIAS, (level_count - 1) / 2.0) if level_count > 1 else 0.0
        steps = int(most / _BIAS_STEP)
        biases = np.arange(-steps, steps + 1) * _BIAS_STEP
        self._bias = np.repeat(biases, _NOISES.size)
        self._noise = np.tile(_NOISES, biases.size)
        self._tables = _tables(self._bias, self._noise, level_count)
        first = np.exp(-0.5 * (self._bias / 0.5) ** 2 - 0.5 * (np.log(self._noise / 0.7) / 0.7) ** 2)
        self._first = first / first.sum()
        self._prior = self._first
        self.bias = np.zeros(0)
        self.noise = np.zeros(0)

    def __call__(self, counts: FloatArray) -> FloatArray:
        """Return the mean matrices given the counts; keeps the mean bias and noise of each annotator."""
        posterior = self._posterior(counts)
        is_known = counts.sum(axis=(1, 2)) > 0.0
        total = posterior[is_known].sum(axis=0) + _CROWD_WEIGHT * self._first
        self._prior = np.asarray(total / total.sum())
        self.bias, self.noise = posterior @ self._bias, posterior @ self._noise
        return np.asarray((posterior @ self._tables).reshape(counts.shape))

    def updated(self, counts: FloatArray, current: FloatArray) -> FloatArray:
        """Return the mean matrices; how biases and noises are spread in the crowd stays.

        Raises:
            InvalidInputError: Another number of levels.
        """
        del current
        return np.asarray((self._posterior(counts) @ self._tables).reshape(counts.shape))

    def newcomer(self, label_count: int) -> FloatArray:
        """Return the mean matrix of the crowd.

        Raises:
            InvalidInputError: Another number of levels.
        """
        return np.asarray(self.updated(np.zeros((1, label_count, label_count)), np.zeros(0))[0])

    def _posterior(self, counts: FloatArray) -> FloatArray:
        """``[annotators, grid]`` probability of each bias and noise."""
        n, k = counts.shape[:2]
        if k * k != self._tables.shape[1]:
            raise InvalidInputError("an ordered scale does not grow by itself; fit all ratings again")
        log_posterior = counts.reshape(n, k * k) @ np.log(self._tables).T + np.log(self._prior)
        posterior = np.exp(log_posterior - log_posterior.max(axis=1, keepdims=True, initial=-np.inf))
        return np.asarray(posterior / posterior.sum(axis=1, keepdims=True))


def resolve_ratings(
    votes: Votes, *, sweeps: int = 20, tolerance: float = 1e-4, gold: ArrayLike | None = None
) -> RatingConsensus:
    """Fit levels, biases and noises together.

    Args:
        votes: Ratings; label ``k`` is level ``k`` of an ordered scale with equal steps.
        sweeps: E steps at most.
        tolerance: EM stops when no posterior moves by more.
        gold: ``[tasks]`` the known level, -1 where unknown.

    Returns:
        Posteriors by level. Reversing the scale reverses the answer.

    Raises:
        InvalidInputError: More than 41 levels (take ``resolve_numbers``), or a level out of range.

    >>> lenient = [1, 2, 3, 4, 4, 2]
    >>> strict = [0, 1, 2, 3, 4, 1]
    >>> votes = Votes.of([0, 1, 2, 3, 4, 5] * 3, [0] * 6 + [1] * 6 + [2] * 6, lenient + strict + strict,
    ...                  task_count=6, annotator_count=3, label_count=5)
    >>> resolve_ratings(votes).label.tolist()
    [0, 1, 2, 3, 4, 1]
    """
    if votes.label_count > _MOST_LEVELS:
        raise InvalidInputError(
            f"{votes.label_count} levels are more than {_MOST_LEVELS}; resolve them as numbers"
        )
    skill = OrdinalSkill(votes.label_count)
    fitted = em.fit(votes, skill, sweeps=sweeps, tolerance=tolerance, prior="between", gold=gold)
    return RatingConsensus(
        posterior=fitted.posterior,
        confusion=fitted.confusion,
        class_prior=fitted.class_prior,
        votes=fitted.votes,
        iterations=fitted.iterations,
        log_likelihood=fitted.log_likelihood,
        models=fitted.models,
        bias=skill.bias,
        noise=skill.noise,
    )


def _tables(bias: FloatArray, noise: FloatArray, levels: int) -> FloatArray:
    """``[grid, levels * levels]`` probability of each rating (last) by truth, for each bias and noise."""
    from scipy.special import ndtr

    truth = np.arange(levels, dtype=np.float64)
    borders = np.arange(levels - 1) + 0.5
    below = ndtr((borders - truth[:, None] - bias[:, None, None]) / noise[:, None, None])
    padded = np.concatenate([np.zeros((*below.shape[:2], 1)), below, np.ones((*below.shape[:2], 1))], axis=2)
    table = (1.0 - _LAPSE) * np.diff(padded, axis=2) + _LAPSE / levels
    return np.asarray(table.reshape(bias.size, levels * levels))
