"""What a fit to votes says, of all tasks and of one."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, NamedTuple, Protocol

import numpy as np

from goldsmith.science.arrays import BoolArray, FloatArray, IntArray
from goldsmith.science.votes.classifier import EvidenceScale

PriorKind = Literal["learned", "uniform", "between"]
"""What is expected of a task before its votes: the shares of the classes as fitted, all the same, or half way (the
geometric mean). Real crowds differ in which is better."""


MOST_CERTAIN = 0.999
"""What is stated of a single answer never goes above this: evidence from a few people never makes certain."""


class SkillModel(Protocol):
    """How skill follows from counted answers."""

    def __call__(self, counts: FloatArray) -> FloatArray:
        """Fit what the crowd has in common, and return everybody's confusion matrix.

        Args:
            counts: ``[annotators, truth, answer]`` expected answers by truth.

        Returns:
            The same shape; rows of probabilities, of which those never answered may be 0.
        """

    def updated(self, counts: FloatArray, current: FloatArray) -> FloatArray:
        """Return the matrices of some annotators, with what the crowd has in common left as it is.

        Args:
            counts: ``[some, truth, answer]``; there may be more labels than the model was fitted with.
            current: ``[some, truth, answer]`` their matrices so far.
        """

    def newcomer(self, label_count: int) -> FloatArray:
        """Return ``[labels, labels]`` what is expected of somebody without answers."""


@dataclass(frozen=True, slots=True)
class FittedModel:
    """The parameters of one model, and how they go on when a vote is added.

    Attributes:
        share: Weight of the model in a blend, in (0, 1].
        confusion: ``[annotators, truth, answer]``.
        class_prior: ``[labels]``.
        skill: How ``confusion`` follows from counted answers.
        prior: How ``class_prior`` follows from the truth.
        class_mass: Tasks of each class added to it.
        is_model: ``[annotators]`` who is no person; None when all are people.
        model_skill: As ``skill``, for those; None when all are people.
        evidence: How far a classifier is believed; None where there is none.
    """

    share: float
    confusion: FloatArray
    class_prior: FloatArray
    skill: SkillModel
    prior: PriorKind
    class_mass: float
    is_model: BoolArray | None = None
    model_skill: SkillModel | None = None
    evidence: EvidenceScale | None = None

    def skill_of(self, *, is_model: bool) -> SkillModel:
        """Return how the matrices of people, or of models, follow from counted answers."""
        return self.model_skill if is_model and self.model_skill is not None else self.skill


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
        models: What the posterior was made with, one or a blend of several; none where confusion matrices do not tell
            it (``majority``, ``glad``).
    """

    posterior: FloatArray
    confusion: FloatArray
    class_prior: FloatArray
    votes: FloatArray
    iterations: int
    log_likelihood: float = 0.0
    models: tuple[FittedModel, ...] = ()

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


class LiveAnswer(NamedTuple):
    """What is known of one task.

    Attributes:
        label: The most probable; the lowest index of equals.
        posterior: ``[labels]`` as the fit states it: of ``auto`` tempered, of a single model bare.
        confidence: Calibrated probability that ``label`` is right, in (0, 1).
        votes: ``[labels]`` how many voted for what.
    """

    label: int
    posterior: FloatArray
    confidence: float
    votes: FloatArray


class LiveSkill(NamedTuple):
    """What is known of one annotator.

    Attributes:
        accuracy: Probability of the right answer, over the class prior.
        right: Expected number of right answers given.
        total: Answers given.
    """

    accuracy: float
    right: float
    total: float


def blended(posterior: FloatArray, votes: FloatArray, expected: FloatArray | None = None) -> FloatArray:
    """Temper posteriors by the shares of the votes.

    EM sharpens far beyond what is true: people err together, which no model of independent annotators expects. The mean
    of its posterior and ``(votes for the label + 1/K) / (votes + 1)`` is calibrated on real crowds, where the bare
    posterior is not.

    Args:
        posterior: ``[tasks, labels]``.
        votes: ``[tasks, labels]`` counts.
        expected: ``[tasks, labels]`` what a classifier makes expect, in place of 1/K.

    Returns:
        ``[tasks, labels]``, rows sum to 1, no entry 0.

    >>> blended(np.array([[0.0, 1.0]]), np.array([[0.0, 3.0]])).round(4).tolist()
    [[0.0625, 0.9375]]
    """
    before = 1.0 / votes.shape[1] if expected is None else expected
    share = (votes + before) / (votes.sum(axis=1, keepdims=True) + 1.0)
    return np.asarray((posterior + share) / 2.0)


def never_certain(posterior: FloatArray) -> FloatArray:
    """Mix in as much of the uniform as keeps the surest label at ``MOST_CERTAIN``.

    Args:
        posterior: ``[tasks, labels]``, rows sum to 1.

    Returns:
        The same shape and order; with one label as it is.

    >>> never_certain(np.array([[0.0, 1.0]])).round(4).tolist()
    [[0.001, 0.999]]
    """
    k = posterior.shape[1]
    if k == 1:
        return posterior
    mixed = (1.0 - MOST_CERTAIN) * k / (k - 1)
    return np.asarray(posterior * (1.0 - mixed) + mixed / k)
