"""The model chosen by the data at hand: families that real crowds need, weighed by how well they foresee votes."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import ArrayLike

from goldsmith.science.arrays import FloatArray
from goldsmith.science.votes import models
from goldsmith.science.votes.evidence import better_by, foreseen, some_tasks
from goldsmith.science.votes.table import Votes
from goldsmith.science.votes.types import LabelConsensus, blended

_EVIDENCE_VOTES = 40_000
"""Votes that the choice rests on at most; more tell nothing new."""
_NEGLIGIBLE = 0.005
_MANY_VOTES = 200_000


@dataclass(frozen=True, slots=True, kw_only=True)
class AutoConsensus(LabelConsensus):
    """A blend of models; its posterior is calibrated.

    Attributes:
        confusion_weight: Share of the models with confusion matrices; the rest is the one coin's.
        standard_errors: By how many the confusion matrices foresee hidden votes better.
    """

    confusion_weight: float
    standard_errors: float

    @property
    def confidence(self) -> FloatArray:
        """``[tasks]`` calibrated probability that ``label`` is right: the posterior, which is tempered already."""
        return np.asarray(self.posterior.max(axis=1))


def auto(votes: Votes, rng: np.random.Generator, *, gold: ArrayLike | None = None) -> AutoConsensus:
    """Aggregate without being told how.

    Some crowds err by class (confusion matrices are right: ``crowd_confusion`` and ``mace``), others are a few who know
    among many who guess (one accuracy each is right: ``one_coin``), and the wrong family can lose 30 points. Votes are
    hidden and foretold by both; the families are weighed by the probability, under the paired difference over tasks,
    that the one foresees better. What they say is averaged and tempered by the shares of the votes (``blended``).

    Args:
        votes: The votes; a model that votes is one more annotator.
        rng: For the random starts of ``mace``.
        gold: ``[tasks]`` the known label, -1 where unknown.

    Returns:
        The blend. Without votes every posterior is uniform.
    """
    sample = some_tasks(votes, most_votes=_EVIDENCE_VOTES)
    ahead = better_by(sample, foreseen(sample, models.crowd_confusion), foreseen(sample, models.one_coin))
    weight = _normal_share(ahead)
    is_big = votes.vote_count > _MANY_VOTES  # where skill is known well after a few sweeps
    parts: list[tuple[float, LabelConsensus]] = []
    if weight > _NEGLIGIBLE:
        known = models.mace(votes, rng, starts=1 if is_big else 3, sweeps=5 if is_big else 30, gold=gold)
        parts += [(weight / 2.0, models.crowd_confusion(votes, gold=gold)), (weight / 2.0, known)]
    if 1.0 - weight > _NEGLIGIBLE:
        parts.append((1.0 - weight, models.one_coin(votes, sweeps=6 if is_big else 20, gold=gold)))
    total = sum(share for share, _ in parts)
    shares = [share / total for share, _ in parts]
    fits = [fitted for _, fitted in parts]
    return AutoConsensus(
        posterior=blended(_mean([fitted.posterior for fitted in fits], shares), votes.counts),
        confusion=_mean([fitted.confusion for fitted in fits], shares),
        class_prior=_mean([fitted.class_prior for fitted in fits], shares),
        votes=votes.counts,
        iterations=max(fitted.iterations for fitted in fits),
        confusion_weight=weight,
        standard_errors=ahead,
        models=tuple(
            replace(model, share=share)
            for share, fitted in zip(shares, fits, strict=True)
            for model in fitted.models
        ),
    )


def _mean(tables: list[FloatArray], shares: list[float]) -> FloatArray:
    return np.asarray(sum(share * table for share, table in zip(shares, tables, strict=True)))


def _normal_share(standard_errors: float) -> float:
    from scipy.special import ndtr

    return float(ndtr(standard_errors))
