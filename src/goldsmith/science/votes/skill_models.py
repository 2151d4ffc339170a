"""From counted answers to confusion matrices: what distinguishes one model of annotators from another.

A model is made anew for each fit, as it may carry its priors from sweep to sweep.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from goldsmith.science.arrays import FloatArray

_LEAST = 1e-10
_BETA_STEPS = 3
_ROW_STEPS = 2
_USUAL_BETA = (4.0, 1.0)
"""Accuracies are taken for one in five wrong before any vote."""
_USUAL_ANSWERS = np.array([8.0]), np.array([10.0])
"""Right answers, and answers, of an imaginary usual annotator, so that a crowd of few votes is taken for usual."""
_USUAL_STRENGTH = 6.0
_USUAL_ROWS = 2.0
"""Gain and cost by which the strength of a usual crowd is held to."""


class DawidSkene:
    """Every annotator has a confusion matrix, as counted (Dawid & Skene 1979, doi 10.2307/2346806)."""

    def __call__(self, counts: FloatArray) -> FloatArray:
        """Return the counts as shares of each row, over the answers that the annotator ever gave."""
        is_given = counts.sum(axis=1, keepdims=True) > 0.0
        floored = np.maximum(counts, _LEAST) * is_given
        return np.asarray(floored / np.maximum(floored.sum(axis=2, keepdims=True), _LEAST))

    def updated(self, counts: FloatArray, current: FloatArray) -> FloatArray:
        """Return the counts as shares; nothing is shared by the crowd."""
        del current
        return self(counts)

    def newcomer(self, label_count: int) -> FloatArray:
        """Return the matrix of somebody who may answer anything."""
        return np.full((label_count, label_count), 1.0 / label_count)


@dataclass(frozen=True, slots=True)
class BayesianDawidSkene:
    """Confusion rows with Dirichlet priors, by their expected logarithm: variational Bayes.

    Independent Bayesian classifier combination (Kim & Ghahramani, AISTATS 2012; the variational form is Simpson et al.
    2013, doi 10.1007/978-3-642-36406-8_1).

    Attributes:
        right: Votes of prior for the right answer of each row, above 0.
        wrong: Votes of prior for each wrong answer, above 0.
    """

    right: float = 2.0
    wrong: float = 0.5

    def __call__(self, counts: FloatArray) -> FloatArray:
        """Return ``exp(E[log p])`` of each entry; rows sum to less than 1."""
        from scipy.special import digamma

        k = counts.shape[1]
        mass = counts + self.wrong + (self.right - self.wrong) * np.eye(k)
        return np.asarray(np.exp(digamma(mass) - digamma(mass.sum(axis=2, keepdims=True))))

    def updated(self, counts: FloatArray, current: FloatArray) -> FloatArray:
        """Return the same; the priors are given."""
        del current
        return self(counts)

    def newcomer(self, label_count: int) -> FloatArray:
        """Return what the priors say."""
        return np.asarray(self(np.zeros((1, label_count, label_count)))[0])


class OneCoin:
    """Every annotator is right with one probability, whatever the class, and errs evenly (Zhang et al. 2014).

    Accuracies come from one Beta distribution, fitted with them, so that those with few votes are taken for average.
    """

    def __init__(self) -> None:
        self._beta = _USUAL_BETA

    def __call__(self, counts: FloatArray) -> FloatArray:
        """Return matrices with the accuracy on the diagonal."""
        self._beta = _fitted_beta(counts, self._beta)
        return self.updated(counts, counts)

    def updated(self, counts: FloatArray, current: FloatArray) -> FloatArray:
        """Return matrices with the accuracy on the diagonal; the Beta distribution stays."""
        del current
        accuracy = _accuracies(counts, self._beta)
        k = counts.shape[1]
        wrong = (1.0 - accuracy) / max(k - 1, 1)
        eye = np.eye(k)
        return np.asarray(wrong[:, None, None] * (1.0 - eye) + accuracy[:, None, None] * eye)

    def newcomer(self, label_count: int) -> FloatArray:
        """Return the matrix of the crowd's mean accuracy."""
        return np.asarray(self.updated(np.zeros((1, label_count, label_count)), np.zeros(0))[0])


class CrowdConfusion:
    """Confusion rows drawn towards the annotator's own accuracy and the crowd's own kind of error for that class.

    Three levels: accuracy from a Beta; row k from a Dirichlet around (accuracy on the diagonal, the crowd's errors of
    class k beside it). With few votes an annotator behaves as one coin, with many as Dawid and Skene's. After the
    hierarchical models of Paun et al. 2018 (doi 10.1162/tacl_a_00040); both priors are fitted by Minka's fixed point
    (Minka 2000, "Estimating a Dirichlet distribution", eq. 55 and 65).
    """

    def __init__(self) -> None:
        self._beta = _USUAL_BETA
        self._strength = _USUAL_STRENGTH
        self._crowd = np.zeros((0, 0))

    def __call__(self, counts: FloatArray) -> FloatArray:
        """Return the mean of each row given the counts."""
        from scipy.special import digamma

        k = counts.shape[1]
        self._beta = _fitted_beta(counts, self._beta)
        self._crowd = counts.sum(axis=0)
        towards = self._towards(counts)
        rows = counts.sum(axis=2)
        s = self._strength
        for _ in range(_ROW_STEPS if k > 1 else 0):
            gain = (
                towards * (digamma(counts + s * towards) - digamma(np.maximum(s * towards, _LEAST)))
            ).sum()
            cost = (digamma(rows + s) - digamma(s)).sum()
            s = float(np.clip(s * (gain + _USUAL_ROWS) / (cost + _USUAL_ROWS), 0.5, 200.0))
        self._strength = s
        return np.asarray((counts + s * towards) / (rows[:, :, None] + s))

    def updated(self, counts: FloatArray, current: FloatArray) -> FloatArray:
        """Return the mean of each row; accuracies, errors and strength of the crowd stay."""
        del current
        s = self._strength
        mass = counts + s * self._towards(counts)
        return np.asarray(mass / (counts.sum(axis=2, keepdims=True) + s))

    def newcomer(self, label_count: int) -> FloatArray:
        """Return the matrix of the crowd's mean accuracy and errors."""
        return np.asarray(self.updated(np.zeros((1, label_count, label_count)), np.zeros(0))[0])

    def _towards(self, counts: FloatArray) -> FloatArray:
        errors = _errors_of(self._crowd, counts.shape[1], spread=1.0)
        return _drawn_to(_accuracies(counts, self._beta), errors)


class SmoothedConfusion:
    """As ``CrowdConfusion``, with priors of fixed weight, for evidence that is too thin to fit them by.

    Args:
        row: Votes by which a row is drawn towards the annotator's accuracy and the crowd's errors, above 0.
        accuracy: Votes by which an annotator's accuracy is drawn towards the crowd's, above 0.
        crowd_accuracy: What the crowd's accuracy is taken for before any vote, in (0, 1).
        crowd: Votes by which the crowd's accuracy is drawn towards ``crowd_accuracy``, above 0.
    """

    def __init__(
        self, *, row: float = 6.0, accuracy: float = 6.0, crowd_accuracy: float = 0.8, crowd: float = 10.0
    ) -> None:
        self._row, self._own = row, accuracy
        self._before = crowd * crowd_accuracy, crowd
        self._crowd = np.zeros((0, 0))

    def __call__(self, counts: FloatArray) -> FloatArray:
        """Return the mean of each row given the counts; no entry is 0."""
        self._crowd = counts.sum(axis=0)
        return self.updated(counts, counts)

    def updated(self, counts: FloatArray, current: FloatArray) -> FloatArray:
        """Return the mean of each row; the crowd's accuracy and errors stay."""
        del current
        k = counts.shape[1]
        if k == 1:
            return np.ones_like(counts)
        right, total = np.trace(self._crowd) + self._before[0], self._crowd.sum() + self._before[1]
        answered = counts.sum(axis=(1, 2)) + self._own
        accuracy = (np.einsum("wkk->w", counts) + self._own * right / total) / answered
        towards = _drawn_to(accuracy, _errors_of(self._crowd, k, spread=self._row / (k - 1)))
        return np.asarray((counts + self._row * towards) / (counts.sum(axis=2, keepdims=True) + self._row))

    def newcomer(self, label_count: int) -> FloatArray:
        """Return the matrix of the crowd's accuracy and errors."""
        return np.asarray(self.updated(np.zeros((1, label_count, label_count)), np.zeros(0))[0])


class Mace:
    """Every annotator either knows the answer or spams from an own distribution (Hovy et al. NAACL 2013, MACE).

    Args:
        honest: ``[annotators]`` first probability of knowing, in (0, 1).
        spam: ``[annotators, labels]`` first spam distribution, rows sum to 1.
    """

    def __init__(self, honest: FloatArray, spam: FloatArray) -> None:
        self._honest, self._spam = honest, spam

    @classmethod
    def at_random(cls, annotator_count: int, label_count: int, rng: np.random.Generator) -> Mace:
        """Make one that starts somewhere: EM finds different answers from different starts."""
        honest = np.clip(0.5 + rng.normal(0.0, 0.1, annotator_count), 0.1, 0.9)
        spam = rng.random((annotator_count, label_count)) + 1.0
        return cls(honest, spam / spam.sum(axis=1, keepdims=True))

    def first(self) -> FloatArray:
        """Return the confusion matrices of the start."""
        return self._matrices()

    def __call__(self, counts: FloatArray) -> FloatArray:
        """Return the matrices of the fitted two-way mixture; probabilities of knowing by variational Bayes."""
        slip = (1.0 - self._honest)[:, None] * self._spam
        self._honest, self._spam = _knowing_and_spamming(counts, self._honest, slip)
        return self._matrices()

    def updated(self, counts: FloatArray, current: FloatArray) -> FloatArray:
        """Return matrices one step on; the probability of knowing so far is read off the matrices."""
        k = counts.shape[1]
        if k == 1:
            return np.ones_like(counts)
        slip = (current * (1.0 - np.eye(k))).max(axis=1)  # the same in all rows but those of new labels
        honest = np.clip(1.0 - slip.sum(axis=1), _LEAST, 1.0)
        return _mixture(*_knowing_and_spamming(counts, honest, slip))

    def newcomer(self, label_count: int) -> FloatArray:
        """Return the matrix of somebody who knows as often as not, and otherwise says anything."""
        return np.asarray(_mixture(np.full(1, 0.5), np.full((1, label_count), 1.0 / label_count))[0])

    def _matrices(self) -> FloatArray:
        return _mixture(self._honest, self._spam)


def _mixture(honest: FloatArray, spam: FloatArray) -> FloatArray:
    slip = (1.0 - honest)[:, None] * spam
    return np.asarray(slip[:, None, :] + honest[:, None, None] * np.eye(spam.shape[1]))


def _knowing_and_spamming(
    counts: FloatArray, honest: FloatArray, slip: FloatArray
) -> tuple[FloatArray, FloatArray]:
    """Probability of knowing ``[annotators]`` and what is said otherwise ``[annotators, labels]``, a step on."""
    from scipy.special import digamma

    known = np.einsum("wkk->wk", counts)
    knowing = known * honest[:, None] / np.maximum(honest[:, None] + slip, _LEAST)
    spammed = counts.sum(axis=1) - knowing
    yes, no = knowing.sum(axis=1), spammed.sum(axis=1)
    # the Beta prior of the paper: both parameters 0.5
    honest = np.exp(digamma(yes + 0.5)) / (np.exp(digamma(yes + 0.5)) + np.exp(digamma(no + 0.5)))
    mass = spammed + 0.01 / counts.shape[1]
    return np.asarray(honest), np.asarray(mass / mass.sum(axis=1, keepdims=True))


def _errors_of(crowd: FloatArray, label_count: int, *, spread: float) -> FloatArray:
    """``[labels, labels]`` shares of each wrong answer, by truth, as the crowd errs.

    Args:
        crowd: ``[some, some]`` the crowd's answers by truth; fewer labels where some are new since the fit.
        label_count: Number of labels.
        spread: Errors of each kind that are added.
    """
    eye = np.eye(label_count)
    errors = spread * (1.0 - eye)
    seen = len(crowd)
    errors[:seen, :seen] += crowd * (1.0 - np.eye(seen))
    return np.asarray(errors / np.maximum(errors.sum(axis=1, keepdims=True), _LEAST))


def _drawn_to(accuracy: FloatArray, errors: FloatArray) -> FloatArray:
    """``[annotators, labels, labels]`` matrices of those who are right with one accuracy and err as ``errors`` says."""
    right = accuracy[:, None, None]
    return np.asarray((1.0 - right) * errors + right * np.eye(len(errors)))


def _fitted_beta(counts: FloatArray, beta: tuple[float, float]) -> tuple[float, float]:
    """The Beta distribution that accuracies come from, some steps on."""
    from scipy.special import digamma

    right = np.append(np.einsum("wkk->w", counts), _USUAL_ANSWERS[0])
    total = np.append(counts.sum(axis=(1, 2)), _USUAL_ANSWERS[1])
    a, b = beta
    for _ in range(_BETA_STEPS):
        of_right = float((digamma(right + a) - digamma(a)).sum())
        of_wrong = float((digamma(total - right + b) - digamma(b)).sum())
        of_all = max(float((digamma(total + a + b) - digamma(a + b)).sum()), _LEAST)
        a, b = max(a * of_right / of_all, 0.01), max(b * of_wrong / of_all, 0.01)
        shrink = min(1.0, 200.0 / (a + b))
        a, b = a * shrink, b * shrink
    return a, b


def _accuracies(counts: FloatArray, beta: tuple[float, float]) -> FloatArray:
    """``[annotators]`` share of right answers, drawn towards the crowd's; 1 where there is one label only."""
    if counts.shape[1] == 1:
        return np.ones(len(counts))
    right, total = np.einsum("wkk->w", counts), counts.sum(axis=(1, 2))
    a, b = beta
    return np.asarray(np.clip((right + a) / (total + a + b), 1e-4, 1.0 - 1e-4))
