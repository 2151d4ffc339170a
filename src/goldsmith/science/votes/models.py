"""The models by name, each in one call: votes in, the truth and everybody's skill out."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from goldsmith.core.errors import InvalidInputError
from goldsmith.science.arrays import FloatArray, as_flags
from goldsmith.science.votes import em
from goldsmith.science.votes.classifier import ClassEvidence
from goldsmith.science.votes.skill_models import (
    BayesianDawidSkene,
    CrowdConfusion,
    DawidSkene,
    Mace,
    OneCoin,
    SmoothedConfusion,
)
from goldsmith.science.votes.table import Votes
from goldsmith.science.votes.types import LabelConsensus, PriorKind


def majority(votes: Votes) -> LabelConsensus:
    """The shares of the votes; skill is how often somebody is with the others.

    >>> votes = Votes.of([0, 0, 0], [0, 1, 2], [1, 1, 0], task_count=2, annotator_count=3, label_count=2)
    >>> majority(votes).posterior.round(2).tolist()
    [[0.33, 0.67], [0.5, 0.5]]
    """
    shares = votes.shares
    confusion = DawidSkene()(em.answer_counts(votes, shares))
    prior = np.full(votes.label_count, 1.0 / votes.label_count)
    return LabelConsensus(shares, confusion, prior, votes.counts, iterations=0)


def dawid_skene(
    votes: Votes, *, sweeps: int = 20, tolerance: float = 1e-4, gold: ArrayLike | None = None
) -> LabelConsensus:
    """Dawid and Skene's model by plain maximum likelihood, started from the shares of the votes.

    Breaks where votes are few: an annotator's matrix then is what they answered, and nothing else is possible. Take
    ``crowd_confusion`` there.

    Args:
        votes: The votes.
        sweeps: E steps at most; a few are often better than convergence.
        tolerance: EM stops when no posterior moves by more; 0 never stops it early.
        gold: ``[tasks]`` the known label, -1 where unknown.

    >>> votes = Votes.of([0, 0, 0, 1, 1, 1], [0, 1, 2, 0, 1, 2], [1, 1, 0, 0, 0, 0],
    ...                  task_count=2, annotator_count=3, label_count=2)
    >>> dawid_skene(votes).label.tolist()
    [1, 0]
    """
    return em.fit(votes, DawidSkene(), sweeps=sweeps, tolerance=tolerance, gold=gold, class_mass=0.0)


def bayesian_dawid_skene(
    votes: Votes, *, sweeps: int = 20, tolerance: float = 1e-4, gold: ArrayLike | None = None
) -> LabelConsensus:
    """Dawid and Skene's model with Dirichlet priors, by variational Bayes (IBCC); see ``BayesianDawidSkene``.

    Args:
        votes: The votes.
        sweeps: E steps at most.
        tolerance: EM stops when no posterior moves by more.
        gold: ``[tasks]`` the known label, -1 where unknown.

    >>> votes = Votes.of([0, 0, 0, 1, 1, 1], [0, 1, 2, 0, 1, 2], [1, 1, 0, 0, 0, 0],
    ...                  task_count=2, annotator_count=3, label_count=2)
    >>> bayesian_dawid_skene(votes).label.tolist()
    [1, 0]
    """
    return em.fit(votes, BayesianDawidSkene(), sweeps=sweeps, tolerance=tolerance, gold=gold)


def one_coin(
    votes: Votes,
    *,
    sweeps: int = 20,
    tolerance: float = 1e-4,
    gold: ArrayLike | None = None,
    is_model: ArrayLike | None = None,
    evidence: ClassEvidence | None = None,
) -> LabelConsensus:
    """Every annotator has one accuracy; see ``OneCoin``. The right model for few tasks and many guessers.

    Args:
        votes: The votes.
        sweeps: E steps at most.
        tolerance: EM stops when no posterior moves by more.
        gold: ``[tasks]`` the known label, -1 where unknown.
        is_model: ``[annotators]`` who is no person; see ``auto``.
        evidence: What a classifier says of the tasks.

    >>> votes = Votes.of([0, 0, 0, 1, 1, 1], [0, 1, 2, 0, 1, 2], [1, 1, 0, 0, 0, 0],
    ...                  task_count=2, annotator_count=3, label_count=2)
    >>> one_coin(votes).accuracy.argmin()
    np.int64(2)
    """
    return em.fit(
        votes,
        OneCoin(),
        sweeps=sweeps,
        tolerance=tolerance,
        prior="uniform",
        gold=gold,
        is_model=is_model,
        model_skill=None if is_model is None else OneCoin(),
        evidence=evidence,
    )


def crowd_confusion(
    votes: Votes,
    *,
    sweeps: int = 3,
    tolerance: float = 1e-4,
    prior: PriorKind = "between",
    gold: ArrayLike | None = None,
    task_weight: ArrayLike | None = None,
    is_model: ArrayLike | None = None,
    evidence: ClassEvidence | None = None,
) -> LabelConsensus:
    """Confusion matrices that borrow from the crowd; see ``CrowdConfusion``.

    Args:
        votes: The votes.
        sweeps: E steps at most; more than a few drift from the truth on real crowds.
        tolerance: EM stops when no posterior moves by more.
        prior: Of the classes.
        gold: ``[tasks]`` the known label, -1 where unknown.
        task_weight: ``[tasks]`` in [0, 1] how far a task may teach skill; 1 when None.
        is_model: ``[annotators]`` who is no person; see ``auto``.
        evidence: What a classifier says of the tasks.

    >>> votes = Votes.of([0, 0, 0, 1, 1, 1], [0, 1, 2, 0, 1, 2], [1, 1, 0, 0, 0, 0],
    ...                  task_count=2, annotator_count=3, label_count=2)
    >>> crowd_confusion(votes).confusion.shape
    (3, 2, 2)
    """
    return em.fit(
        votes,
        CrowdConfusion(),
        sweeps=sweeps,
        tolerance=tolerance,
        prior=prior,
        gold=gold,
        task_weight=task_weight,
        is_model=is_model,
        model_skill=None if is_model is None else CrowdConfusion(),
        evidence=evidence,
    )


def smoothed_confusion(
    votes: Votes,
    *,
    sweeps: int = 11,
    tolerance: float = 1e-4,
    gold: ArrayLike | None = None,
    task_weight: ArrayLike | None = None,
) -> LabelConsensus:
    """Confusion matrices with priors of fixed weight; see ``SmoothedConfusion``. For a few votes a task at most.

    Args:
        votes: The votes.
        sweeps: E steps at most; more make posteriors sharper, not better.
        tolerance: EM stops when no posterior moves by more.
        gold: ``[tasks]`` the known label, -1 where unknown.
        task_weight: ``[tasks]`` in [0, 1] how far a task may teach skill (such as the probability that the object
            exists at all); 1 when None.

    >>> votes = Votes.of([0, 0, 0, 1, 1, 1], [0, 1, 2, 0, 1, 2], [1, 1, 0, 0, 0, 0],
    ...                  task_count=2, annotator_count=3, label_count=2)
    >>> smoothed_confusion(votes).label.tolist()
    [1, 0]
    """
    return em.fit(
        votes,
        SmoothedConfusion(),
        sweeps=sweeps,
        tolerance=tolerance,
        gold=gold,
        task_weight=task_weight,
    )


def mace(
    votes: Votes,
    rng: np.random.Generator,
    *,
    starts: int = 3,
    sweeps: int = 30,
    tolerance: float = 1e-4,
    gold: ArrayLike | None = None,
    is_model: ArrayLike | None = None,
    evidence: ClassEvidence | None = None,
) -> LabelConsensus:
    """Who knows and who spams; see ``Mace``. The best of several random starts by the likelihood of the votes.

    Args:
        votes: The votes.
        rng: For the starts.
        starts: Random starts, at least 1.
        sweeps: E steps at most, each start.
        tolerance: EM stops when no posterior moves by more.
        gold: ``[tasks]`` the known label, -1 where unknown.
        is_model: ``[annotators]`` who is no person; see ``auto``.
        evidence: What a classifier says of the tasks.

    Raises:
        InvalidInputError: No start.

    >>> votes = Votes.of([0, 0, 0, 1, 1, 1], [0, 1, 2, 0, 1, 2], [1, 1, 0, 0, 0, 0],
    ...                  task_count=2, annotator_count=3, label_count=2)
    >>> mace(votes, np.random.default_rng(0)).label.tolist()
    [1, 0]
    """
    if starts < 1:
        raise InvalidInputError(f"starts must be at least 1, not {starts}")
    k = votes.label_count
    flags = as_flags("is_model", is_model, length=votes.annotator_count)
    found: LabelConsensus | None = None
    for _ in range(starts):
        people = Mace.at_random(int((~flags).sum()), k, rng)
        others = Mace.at_random(int(flags.sum()), k, rng)
        first = np.empty((votes.annotator_count, k, k))
        first[~flags], first[flags] = people.first(), others.first()
        begin, _ = em.expectation(votes, first, np.full(k, 1.0 / k))
        tried = em.fit(
            votes,
            people,
            start=begin,
            sweeps=sweeps,
            tolerance=tolerance,
            prior="uniform",
            gold=gold,
            is_model=is_model,
            model_skill=None if is_model is None else others,
            evidence=evidence,
        )
        if found is None or tried.log_likelihood > found.log_likelihood:
            found = tried
    assert found is not None
    return found


def resolve_labels(votes: Votes, *, confusion: FloatArray, class_prior: FloatArray) -> FloatArray:
    """Posteriors of a few tasks with skill that is already known.

    Args:
        votes: Of those tasks, by the annotators and over the labels of a fit.
        confusion: ``[annotators, labels, labels]`` from a fit.
        class_prior: ``[labels]`` from a fit.

    Returns:
        ``[tasks, labels]``, rows sum to 1; of a single model's fit, what it said of these tasks.

    >>> votes = Votes.of([0, 0], [0, 1], [1, 1], task_count=1, annotator_count=2, label_count=2)
    >>> fitted = one_coin(votes)
    >>> again = resolve_labels(votes, confusion=fitted.confusion, class_prior=fitted.class_prior)
    >>> bool(np.allclose(again, fitted.posterior))
    True
    """
    return em.expectation(votes, confusion, class_prior)[0]
