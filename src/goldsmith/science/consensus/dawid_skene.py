"""Who is right when annotators answer with one of K labels: Dawid and Skene's model with priors.

Each annotator has a confusion matrix, row k saying what they answer where k is true; EM alternates between the truth
of each task and the matrices (Dawid & Skene 1979, doi 10.2307/2346806). Rows are drawn towards the annotator's own
accuracy and the crowd's own kind of error for that class, so that few votes neither break nor overrule anything: with
few votes an annotator behaves as one coin, with many as Dawid and Skene's. Gold answers are evidence like any truth,
known beforehand.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from goldsmith.core.errors import InvalidInputError
from goldsmith.science.arrays import FloatArray, IntArray, as_floats, as_indices
from goldsmith.science.segments import rank_within_runs

MOST_CERTAIN = 0.999
"""No posterior goes above this: evidence from a few people never makes certain."""


@dataclass(frozen=True, slots=True)
class Smoothing:
    """Priors in units of votes.

    Attributes:
        row: Votes by which a confusion row is drawn towards the annotator's accuracy and the crowd's errors.
        accuracy: Votes by which an annotator's accuracy is drawn towards the crowd's.
        crowd_accuracy: What the crowd's accuracy is taken for before any vote.
        crowd: Votes by which the crowd's accuracy is drawn towards ``crowd_accuracy``.
        class_share: Tasks of each class added to the class prior.
    """

    row: float = 6.0
    accuracy: float = 6.0
    crowd_accuracy: float = 0.8
    crowd: float = 10.0
    class_share: float = 1.0


@dataclass(frozen=True, slots=True)
class LabelConsensus:
    """The truth of each task and the skill of each annotator.

    Attributes:
        posterior: ``[tasks, labels]`` probability of each label, rows sum to 1; the class prior where nobody voted.
        confusion: ``[annotators, labels, labels]`` probability of each answer (last axis) given the truth.
        class_prior: ``[labels]``.
        votes: ``[tasks, labels]`` how many voted for what.
        iterations: EM sweeps made.
    """

    posterior: FloatArray
    confusion: FloatArray
    class_prior: FloatArray
    votes: FloatArray
    iterations: int

    @property
    def label(self) -> IntArray:
        """``[tasks]`` most probable label; the lowest index of equals."""
        return np.asarray(self.posterior.argmax(axis=1), dtype=np.int64)

    @property
    def confidence(self) -> FloatArray:
        """``[tasks]`` calibrated probability that ``label`` is right; see ``blended_confidence``."""
        return blended_confidence(self.posterior, self.votes)

    @property
    def accuracy(self) -> FloatArray:
        """``[annotators]`` probability of the right answer, over the class prior."""
        return np.asarray(np.einsum("wkk,k->w", self.confusion, self.class_prior))


def dawid_skene(
    task: ArrayLike,
    annotator: ArrayLike,
    label: ArrayLike,
    *,
    task_count: int,
    annotator_count: int,
    label_count: int,
    gold: ArrayLike | None = None,
    task_weight: ArrayLike | None = None,
    smoothing: Smoothing | None = None,
    max_iterations: int = 30,
    tolerance: float = 1e-4,
) -> LabelConsensus:
    """Fit truth and skill together.

    Args:
        task: ``[votes]`` which task was answered.
        annotator: ``[votes]`` by whom.
        label: ``[votes]`` with what.
        task_count: Number of tasks, also those without votes.
        annotator_count: Number of annotators, also those without votes.
        label_count: Number of labels, at least 1.
        gold: ``[tasks]`` the known label, -1 where unknown.
        task_weight: ``[tasks]`` in [0, 1] how far a task may teach skill (such as the probability that the object
            exists at all); 1 when None.
        smoothing: Priors.
        max_iterations: EM sweeps at most.
        tolerance: EM stops when no posterior moves by more.

    Returns:
        Posterior and skill. Posteriors of gold tasks are those of the votes, so that calibration can be checked
        on them; what gold teaches lies in the confusion matrices.

    Raises:
        InvalidInputError: Columns of unequal length or an index out of range.

    >>> fit = dawid_skene([0, 0, 0, 1, 1, 1], [0, 1, 2, 0, 1, 2], [1, 1, 0, 0, 0, 0],
    ...                   task_count=2, annotator_count=3, label_count=2)
    >>> fit.label.tolist()
    [1, 0]
    """
    votes = _Votes.of(
        task,
        annotator,
        label,
        task_count=task_count,
        annotator_count=annotator_count,
        label_count=label_count,
    )
    known = _known_labels(gold, task_count=task_count, label_count=label_count)
    weight = (
        np.ones(task_count)
        if task_weight is None
        else as_floats("task_weight", task_weight, length=task_count, lowest=0.0, highest=1.0)
    )
    priors = smoothing or Smoothing()
    counts = votes.counts()
    truth = _with_gold(_soft_majority(counts), known)
    posterior, iterations = truth, 0
    # gold speaks first: started from the majority, EM would hold on to an error that most people share
    first = weight * (known >= 0) if (known[votes.task] >= 0).any() else weight
    confusion, class_prior = _skill(votes, truth, first, priors)
    while iterations < max_iterations:
        posterior = _posterior(votes, confusion, class_prior)
        moved = float(np.abs(_with_gold(posterior, known) - truth).max(initial=0.0))
        truth = _with_gold(posterior, known)
        confusion, class_prior = _skill(votes, truth, weight, priors)
        iterations += 1
        if moved < tolerance:
            break
    posterior = _posterior(votes, confusion, class_prior)
    return LabelConsensus(_never_certain(posterior), confusion, class_prior, counts, iterations)


def resolve_labels(
    task: ArrayLike,
    annotator: ArrayLike,
    label: ArrayLike,
    *,
    task_count: int,
    confusion: FloatArray,
    class_prior: FloatArray,
) -> FloatArray:
    """Posteriors of a few tasks with skill that is already known.

    Args:
        task: ``[votes]``.
        annotator: ``[votes]`` rows of ``confusion``.
        label: ``[votes]``.
        task_count: Number of tasks.
        confusion: ``[annotators, labels, labels]`` from a fit.
        class_prior: ``[labels]`` from a fit.

    Returns:
        ``[tasks, labels]``.
    """
    votes = _Votes.of(
        task,
        annotator,
        label,
        task_count=task_count,
        annotator_count=len(confusion),
        label_count=class_prior.size,
    )
    return _never_certain(_posterior(votes, confusion, class_prior))


def majority_vote(task: ArrayLike, label: ArrayLike, *, task_count: int, label_count: int) -> FloatArray:
    """Share of votes for each label, ``[tasks, labels]``; uniform where nobody voted.

    >>> majority_vote([0, 0, 0], [1, 1, 0], task_count=2, label_count=2).round(2).tolist()
    [[0.33, 0.67], [0.5, 0.5]]
    """
    tasks = as_indices("task", task, below=task_count)
    labels = as_indices("label", label, below=label_count, length=tasks.size)
    counts = np.bincount(tasks * label_count + labels, minlength=task_count * label_count)
    table = counts.reshape(task_count, label_count).astype(np.float64)
    total = table.sum(axis=1, keepdims=True)
    return np.where(total > 0, table / np.maximum(total, 1.0), 1.0 / label_count)


def blended_confidence(posterior: FloatArray, votes: FloatArray) -> FloatArray:
    """How sure to be of the most probable label: EM's posterior tempered by the share of votes.

    EM sharpens far beyond what is true; the mean of its posterior and ``(votes for the label + 1/K) / (votes + 1)`` is
    calibrated on real crowds, where the bare posterior is not.

    Args:
        posterior: ``[tasks, labels]``.
        votes: ``[tasks, labels]`` counts.

    Returns:
        ``[tasks]`` in (0, 1).
    """
    best = posterior.argmax(axis=1)[:, None]
    total = votes.sum(axis=1)
    share = (np.take_along_axis(votes, best, axis=1)[:, 0] + 1.0 / votes.shape[1]) / (total + 1.0)
    return np.asarray((np.take_along_axis(posterior, best, axis=1)[:, 0] + share) / 2.0)


@dataclass(frozen=True, slots=True)
class _Votes:
    """Votes sorted by task."""

    task: IntArray
    annotator: IntArray
    label: IntArray
    task_count: int
    annotator_count: int
    label_count: int
    by_rank: tuple[IntArray, ...]
    """The first vote of every task, the second of every task that has one, and so on."""

    @classmethod
    def of(
        cls,
        task: ArrayLike,
        annotator: ArrayLike,
        label: ArrayLike,
        *,
        task_count: int,
        annotator_count: int,
        label_count: int,
    ) -> _Votes:
        if label_count < 1:
            raise InvalidInputError("label_count must be at least 1")
        tasks = as_indices("task", task, below=task_count)
        annotators = as_indices("annotator", annotator, below=annotator_count, length=tasks.size)
        labels = as_indices("label", label, below=label_count, length=tasks.size)
        order = np.argsort(tasks, kind="stable")
        tasks = tasks[order]
        rank = rank_within_runs(tasks)
        by_rank = np.split(np.argsort(rank, kind="stable"), np.cumsum(np.bincount(rank))[:-1])
        return cls(
            tasks, annotators[order], labels[order], task_count, annotator_count, label_count, tuple(by_rank)
        )

    def counts(self) -> FloatArray:
        """``[tasks, labels]``."""
        key = self.task * self.label_count + self.label
        flat = np.bincount(key, minlength=self.task_count * self.label_count)
        return flat.reshape(self.task_count, self.label_count).astype(np.float64)


def _posterior(votes: _Votes, confusion: FloatArray, class_prior: FloatArray) -> FloatArray:
    log_posterior = np.tile(np.log(class_prior), (votes.task_count, 1))
    if votes.task.size:
        log_answer = np.log(confusion).transpose(0, 2, 1)  # [annotator, answer, truth]
        for at in votes.by_rank:  # each task at most once: adding needs no care
            log_posterior[votes.task[at]] += log_answer[votes.annotator[at], votes.label[at]]
    log_posterior -= log_posterior.max(axis=1, keepdims=True)
    posterior = np.exp(log_posterior)
    return np.asarray(posterior / posterior.sum(axis=1, keepdims=True))


def _skill(
    votes: _Votes, truth: FloatArray, weight: FloatArray, priors: Smoothing
) -> tuple[FloatArray, FloatArray]:
    """Confusion matrices and class prior given the truth."""
    k = votes.label_count
    key = votes.annotator * k + votes.label
    counts = np.empty((votes.annotator_count, k, k))
    for c in range(k):
        taught = (truth[:, c] * weight)[votes.task]
        flat = np.bincount(key, weights=taught, minlength=votes.annotator_count * k)
        counts[:, c, :] = flat.reshape(votes.annotator_count, k)
    voted = np.bincount(votes.task, minlength=votes.task_count) > 0
    share = (truth * (weight * voted)[:, None]).sum(axis=0) + priors.class_share
    return smoothed_confusion(counts, priors), share / share.sum()


def smoothed_confusion(counts: FloatArray, smoothing: Smoothing | None = None) -> FloatArray:
    """Confusion matrices from counts, drawn towards own accuracy and the crowd's errors.

    Args:
        counts: ``[annotators, labels, labels]`` expected answers (last axis) by truth.
        smoothing: Priors.

    Returns:
        The same shape, rows sum to 1, no entry 0; with one label all entries are 1.
    """
    priors = smoothing or Smoothing()
    k = counts.shape[1]
    if k == 1:
        return np.ones_like(counts)
    right = np.einsum("wkk->w", counts)
    total = counts.sum(axis=(1, 2))
    crowd = (right.sum() + priors.crowd * priors.crowd_accuracy) / (total.sum() + priors.crowd)
    accuracy = (right + priors.accuracy * crowd) / (total + priors.accuracy)
    errors = counts.sum(axis=0)
    np.fill_diagonal(errors, 0.0)
    errors += (1.0 - np.eye(k)) * (priors.row / (k - 1))
    errors /= errors.sum(axis=1, keepdims=True)
    towards = (1.0 - accuracy)[:, None, None] * errors + accuracy[:, None, None] * np.eye(k)
    return np.asarray((counts + priors.row * towards) / (counts.sum(axis=2, keepdims=True) + priors.row))


def _soft_majority(counts: FloatArray) -> FloatArray:
    """Vote shares; uniform where nobody voted."""
    total = counts.sum(axis=1, keepdims=True)
    return np.asarray(np.where(total > 0, counts / np.maximum(total, 1.0), 1.0 / counts.shape[1]))


def _known_labels(gold: ArrayLike | None, *, task_count: int, label_count: int) -> IntArray:
    if gold is None:
        return np.full(task_count, -1, dtype=np.int64)
    return as_indices("gold", np.asarray(gold) + 1, below=label_count + 1, length=task_count) - 1


def _with_gold(truth: FloatArray, known: IntArray) -> FloatArray:
    rows = np.flatnonzero(known >= 0)
    if not rows.size:
        return truth
    clamped = truth.copy()
    clamped[rows] = 0.0
    clamped[rows, known[rows]] = 1.0
    return clamped


def _never_certain(posterior: FloatArray) -> FloatArray:
    """Mix in as much of the uniform as keeps the surest label at ``MOST_CERTAIN``."""
    k = posterior.shape[1]
    if k == 1:
        return posterior
    mixed = (1.0 - MOST_CERTAIN) * k / (k - 1)
    return np.asarray(posterior * (1.0 - mixed) + mixed / k)
