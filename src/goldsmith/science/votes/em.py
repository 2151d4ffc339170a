"""Expectation and maximisation, once for all models: they differ in how skill follows from counted answers.

E: the truth of a task given its votes and everybody's confusion matrix. M: the counts of answers given the truth, and a
``SkillModel`` that makes confusion matrices of them.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import ArrayLike

from goldsmith.core.errors import InvalidInputError
from goldsmith.science.arrays import BoolArray, FloatArray, IntArray, as_flags, as_floats, as_indices
from goldsmith.science.votes.classifier import ClassEvidence, EvidenceScale
from goldsmith.science.votes.table import Votes
from goldsmith.science.votes.types import FittedModel, LabelConsensus, PriorKind, SkillModel

LEAST_PROBABILITY = 1e-10
"""Taken in place of smaller ones where a logarithm is needed."""


_EVIDENCE_SWEEPS = 4
"""How far a classifier is believed is fitted in the first sweeps, and then in each so-manieth."""


def fit(
    votes: Votes,
    skill: SkillModel,
    *,
    start: FloatArray | None = None,
    sweeps: int = 20,
    tolerance: float = 1e-4,
    prior: PriorKind = "learned",
    gold: ArrayLike | None = None,
    task_weight: ArrayLike | None = None,
    class_mass: float = 1.0,
    is_model: ArrayLike | None = None,
    model_skill: SkillModel | None = None,
    evidence: ClassEvidence | None = None,
) -> LabelConsensus:
    """Fit truth and skill together.

    Args:
        votes: The votes.
        skill: The model.
        start: ``[tasks, labels]`` first idea of the truth; the shares of the votes when None.
        sweeps: E steps at most, at least 1.
        tolerance: EM stops when no posterior moves by more; 0 never stops it early.
        prior: Of the classes.
        gold: ``[tasks]`` the known label, -1 where unknown.
        task_weight: ``[tasks]`` in [0, 1] how far a task may teach skill; 1 when None.
        class_mass: Tasks of each class added to the learned prior.
        is_model: ``[annotators]`` who is no person: what people have in common is not expected of these.
        model_skill: The model of those, of the same kind as ``skill``; needed with ``is_model``.
        evidence: What a classifier says of the tasks.

    Returns:
        Posteriors of gold tasks are those of the votes, so that calibration can be checked on them; what gold teaches
        lies in the confusion matrices.

    Raises:
        InvalidInputError: Columns of another length, an index out of range, no sweep.
    """
    if sweeps < 1:
        raise InvalidInputError(f"sweeps must be at least 1, not {sweeps}")
    known = known_labels(gold, votes)
    weight = (
        None
        if task_weight is None
        else as_floats("task_weight", task_weight, length=votes.task_count, lowest=0.0, highest=1.0)
    )
    truth = with_gold(votes.shares if start is None else start, known)
    is_other = None if is_model is None else as_flags("is_model", is_model, length=votes.annotator_count)
    matrices = _matrices(skill, model_skill, is_other)
    voted = _seen(votes, weight)
    # gold speaks first: started from the majority, EM would hold on to an error that most people share
    first = known >= 0 if (known[votes.task] >= 0).any() else None
    confusion = matrices(answer_counts(votes, truth, _both(weight, first)))
    class_prior = class_prior_of(voted @ truth, prior=prior, mass=class_mass)
    scale: EvidenceScale | None = None
    done = 0
    while True:
        before, of_votes = class_prior, log_likelihoods(votes, confusion)
        if evidence is not None:
            if scale is None or done < _EVIDENCE_SWEEPS or done % _EVIDENCE_SWEEPS == 0:
                scale = evidence.fitted(_with_gold_alone(of_votes, known), voted, scale)
            before = evidence.prior(class_prior, scale)
        posterior, log_likelihood = _normalised(of_votes, before)
        done += 1
        seen = with_gold(posterior, known)
        has_settled = tolerance > 0.0 and float(np.abs(seen - truth).max(initial=0.0)) < tolerance
        truth = seen
        if done >= sweeps or has_settled:
            break
        confusion = matrices(answer_counts(votes, truth, weight))
        class_prior = class_prior_of(voted @ truth, prior=prior, mass=class_mass)
    model = FittedModel(
        1.0, confusion, class_prior, skill, prior, class_mass, is_other, model_skill, evidence=scale
    )
    return LabelConsensus(
        posterior, confusion, class_prior, votes.counts, done, log_likelihood, models=(model,)
    )


def _matrices(
    skill: SkillModel, model_skill: SkillModel | None, is_model: BoolArray | None
) -> Callable[[FloatArray], FloatArray]:
    """From counted answers to everybody's matrix; people and models apart."""
    if is_model is None or model_skill is None or not is_model.any():
        return skill

    def apart(counts: FloatArray) -> FloatArray:
        result = np.empty_like(counts)
        result[is_model] = model_skill(counts[is_model])
        if not is_model.all():
            result[~is_model] = skill(counts[~is_model])
        return result

    return apart


def expectation(votes: Votes, confusion: FloatArray, class_prior: FloatArray) -> tuple[FloatArray, float]:
    """Return the posterior ``[tasks, labels]`` and the log likelihood of the votes in nats.

    Args:
        votes: The votes.
        confusion: ``[annotators, truth, answer]``.
        class_prior: ``[labels]`` of all tasks, or ``[tasks, labels]`` of each.
    """
    return _normalised(log_likelihoods(votes, confusion), class_prior)


def log_likelihoods(votes: Votes, confusion: FloatArray) -> FloatArray:
    """Return ``[tasks, labels]`` how probable the votes on a task are, given its truth, in nats."""
    of_answer = np.log(np.maximum(confusion, LEAST_PROBABILITY)).transpose(0, 2, 1)
    return votes.per_task(np.ascontiguousarray(of_answer))


def _normalised(log_joint: FloatArray, class_prior: FloatArray) -> tuple[FloatArray, float]:
    """Posterior and log likelihood; ``log_joint`` is written over."""
    log_joint += np.log(np.maximum(class_prior, LEAST_PROBABILITY))
    highest = _row_max(log_joint)
    log_joint -= highest[:, None]
    posterior = np.exp(log_joint, out=log_joint)
    total = posterior @ np.ones(log_joint.shape[1])
    posterior /= total[:, None]
    return posterior, float(highest.sum() + np.log(total).sum())


def answer_counts(votes: Votes, truth: FloatArray, weight: FloatArray | None = None) -> FloatArray:
    """Return ``[annotators, truth, answer]`` expected answers by truth; tasks count by ``weight``."""
    taught = truth if weight is None else truth * weight[:, None]
    return votes.per_annotator(taught).transpose(0, 2, 1)


def known_labels(gold: ArrayLike | None, votes: Votes) -> IntArray:
    """Return ``[tasks]`` the known label, -1 where unknown.

    Raises:
        InvalidInputError: Another length, or a label out of range.
    """
    if gold is None:
        return np.full(votes.task_count, -1, dtype=np.int64)
    return as_indices("gold", np.asarray(gold) + 1, below=votes.label_count + 1, length=votes.task_count) - 1


def with_gold(truth: FloatArray, known: IntArray) -> FloatArray:
    """Return the truth with the known labels in their place."""
    rows = np.flatnonzero(known >= 0)
    if not rows.size:
        return truth
    clamped = truth.copy()
    clamped[rows] = 0.0
    clamped[rows, known[rows]] = 1.0
    return clamped


def class_prior_of(tasks: FloatArray, *, prior: PriorKind, mass: float) -> FloatArray:
    """Return ``[labels]`` what is expected of a task; uniform where there is nothing to go by.

    Args:
        tasks: ``[labels]`` expected number of tasks of each class.
        prior: Of the classes.
        mass: Tasks added to each class.
    """
    k = tasks.size
    share = tasks + mass
    if prior == "between":
        share = np.sqrt(share)
    total = share.sum()
    return np.asarray(share / total) if total > 0 and prior != "uniform" else np.full(k, 1.0 / k)


def _with_gold_alone(of_votes: FloatArray, known: IntArray) -> FloatArray:
    """What is told of tasks by others than the classifier: where gold is known, gold."""
    rows = np.flatnonzero(known >= 0)
    if not rows.size:
        return of_votes
    told = of_votes.copy()
    told[rows] = np.log(LEAST_PROBABILITY)
    told[rows, known[rows]] = 0.0
    return told


def _seen(votes: Votes, weight: FloatArray | None) -> FloatArray:
    """``[tasks]`` 1 where somebody voted, times the weight."""
    voted = (votes.counts @ np.ones(votes.label_count) > 0).astype(np.float64)
    return voted if weight is None else voted * weight


def _both(weight: FloatArray | None, first: np.ndarray | None) -> FloatArray | None:
    if first is None:
        return weight
    return first.astype(np.float64) if weight is None else weight * first


def _row_max(table: FloatArray) -> FloatArray:
    """Largest of each row; column by column, as rows are short and many."""
    highest = table[:, 0].copy()
    for column in range(1, table.shape[1]):
        np.maximum(highest, table[:, column], out=highest)
    return highest
