"""The model chosen by the data at hand: families that real crowds need, weighed by how well they foresee votes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TypedDict

import numpy as np
from numpy.typing import ArrayLike

from goldsmith.science.arrays import FloatArray
from goldsmith.science.votes import models
from goldsmith.science.votes.classifier import ClassEvidence
from goldsmith.science.votes.evidence import better_by, foreseen, some_tasks
from goldsmith.science.votes.table import Votes
from goldsmith.science.votes.types import FittedModel, LabelConsensus, blended

_EVIDENCE_VOTES = 40_000
"""Votes that the choice rests on at most; more tell nothing new."""
_NEGLIGIBLE = 0.005
_MANY_VOTES = 200_000


class Told(TypedDict):
    """What is known beside the votes; see ``auto``."""

    gold: ArrayLike | None
    is_model: ArrayLike | None
    evidence: ClassEvidence | None


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


def auto(
    votes: Votes,
    rng: np.random.Generator,
    *,
    gold: ArrayLike | None = None,
    is_model: ArrayLike | None = None,
    evidence: ArrayLike | None = None,
) -> AutoConsensus:
    """Aggregate without being told how.

    Some crowds err by class (confusion matrices are right: ``crowd_confusion`` and ``mace``), others are a few who know
    among many who guess (one accuracy each is right: ``one_coin``), and the wrong family can lose 30 points. Votes are
    hidden and foretold by both; the families are weighed by the probability, under the paired difference over tasks,
    that the one foresees better. What they say is averaged and tempered by the shares of the votes (``blended``).

    Args:
        votes: The votes; a model that votes is one more annotator.
        rng: For the random starts of ``mace``.
        gold: ``[tasks]`` the known label, -1 where unknown.
        is_model: ``[annotators]`` whose votes are predictions: their skill is learnt from priors of their own, as what
            people have in common is not expected of models, nor the other way round.
        evidence: ``[tasks, labels]`` probabilities given by a classifier that did not learn from these votes, rows of
            NaN where it says nothing. It is believed as far as the votes of others bear it out.

    Returns:
        The blend. Without votes every posterior is uniform, or what the classifier says.

    Raises:
        InvalidInputError: Another length or shape than that of the votes.

    >>> votes = Votes.of([0, 0, 0, 1, 1, 1], [0, 1, 2, 0, 1, 2], [1, 1, 0, 0, 0, 0],
    ...                  task_count=2, annotator_count=3, label_count=2)
    >>> auto(votes, np.random.default_rng(0)).label.tolist()
    [1, 0]
    """
    told: Told = {"gold": gold, "is_model": is_model, "evidence": None}
    if evidence is not None:
        told["evidence"] = ClassEvidence.of(
            evidence, task_count=votes.task_count, label_count=votes.label_count
        )
    sample = some_tasks(votes, most_votes=_EVIDENCE_VOTES)
    ahead = better_by(sample, foreseen(sample, models.crowd_confusion), foreseen(sample, models.one_coin))
    weight = _normal_share(ahead)
    is_big = votes.vote_count > _MANY_VOTES  # where skill is known well after a few sweeps
    parts: list[tuple[float, LabelConsensus]] = []
    if weight > _NEGLIGIBLE:
        known = models.mace(votes, rng, starts=1 if is_big else 3, sweeps=5 if is_big else 30, **told)
        parts += [(weight / 2.0, models.crowd_confusion(votes, **told)), (weight / 2.0, known)]
    if 1.0 - weight > _NEGLIGIBLE:
        parts.append((1.0 - weight, models.one_coin(votes, sweeps=6 if is_big else 20, **told)))
    total = sum(share for share, _ in parts)
    shares = [share / total for share, _ in parts]
    fits = [fitted for _, fitted in parts]
    used = tuple(
        replace(model, share=share)
        for share, fitted in zip(shares, fits, strict=True)
        for model in fitted.models
    )
    mixed = _mean([fitted.posterior for fitted in fits], shares)
    return AutoConsensus(
        posterior=blended(mixed, votes.counts, expected_by(used, told["evidence"])),
        confusion=_mean([fitted.confusion for fitted in fits], shares),
        class_prior=_mean([fitted.class_prior for fitted in fits], shares),
        votes=votes.counts,
        iterations=max(fitted.iterations for fitted in fits),
        confusion_weight=weight,
        standard_errors=ahead,
        models=used,
    )


def expected_by(used: Sequence[FittedModel], evidence: ClassEvidence | None) -> FloatArray | None:
    """Return ``[tasks, labels]`` what a classifier makes expect, uniform where it says nothing; None without one."""
    if evidence is None:
        return None
    k = evidence.stated.shape[1]
    flat = np.full(k, 1.0 / k)
    believed = [(model.share, model.evidence) for model in used if model.evidence is not None]
    return _mean([evidence.prior(flat, scale) for _, scale in believed], [share for share, _ in believed])


def _mean(tables: list[FloatArray], shares: list[float]) -> FloatArray:
    return np.asarray(sum(share * table for share, table in zip(shares, tables, strict=True)))


def _normal_share(standard_errors: float) -> float:
    from scipy.special import ndtr

    return float(ndtr(standard_errors))
