"""Skill times ease: GLAD (Whitehill et al. NIPS 2009, "Whose vote should count more")."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from goldsmith.science.arrays import FloatArray
from goldsmith.science.votes import em
from goldsmith.science.votes.table import Votes
from goldsmith.science.votes.types import LabelConsensus

_MOST_LOGIT = 30.0
_STEPS = 8


@dataclass(frozen=True, slots=True, kw_only=True)
class GladConsensus(LabelConsensus):
    """A fit of GLAD; its confusion matrices are those on a task of average ease.

    Attributes:
        skill: ``[annotators]`` alpha; 0 guesses, below 0 is adversarial.
        ease: ``[tasks]`` beta as its logarithm; 0 is average.
    """

    skill: FloatArray
    ease: FloatArray


def glad(
    votes: Votes, *, sweeps: int = 15, tolerance: float = 1e-3, gold: ArrayLike | None = None
) -> GladConsensus:
    """Fit who is good and which task is easy: P(right) = sigmoid(alpha of the annotator * exp(beta) of the task).

    Wrong answers are equally likely. Priors are the paper's: alpha and beta normal around 1 with variance 1.

    Args:
        votes: The votes.
        sweeps: E steps at most; each M step makes a few steps of L-BFGS.
        tolerance: EM stops when no posterior moves by more.
        gold: ``[tasks]`` the known label, -1 where unknown.

    >>> votes = Votes.of([0, 0, 0, 1, 1, 1], [0, 1, 2, 0, 1, 2], [1, 1, 0, 0, 0, 0],
    ...                  task_count=2, annotator_count=3, label_count=2)
    >>> bool(glad(votes).ease[1] > glad(votes).ease[0])
    True
    """
    known = em.known_labels(gold, votes)
    truth = em.with_gold(votes.shares, known)
    parameters = np.ones(votes.annotator_count + votes.task_count)
    posterior, done = truth, 0
    while done < sweeps:
        parameters = _maximised(votes, truth, parameters)
        posterior = _expectation(votes, parameters)
        done += 1
        seen = em.with_gold(posterior, known)
        moved = float(np.abs(seen - truth).max(initial=0.0))
        truth = seen
        if moved < tolerance:
            break
    skill, ease = np.split(parameters, [votes.annotator_count])
    k = votes.label_count
    right = _sigmoid(skill * np.e)
    confusion = ((1.0 - right) / max(k - 1, 1))[:, None, None] * (1.0 - np.eye(k))
    confusion = confusion + right[:, None, None] * np.eye(k)
    prior = np.full(k, 1.0 / k)
    return GladConsensus(
        posterior=posterior,
        confusion=confusion,
        class_prior=prior,
        votes=votes.counts,
        iterations=done,
        skill=skill,
        ease=ease - 1.0,
    )


def _maximised(votes: Votes, truth: FloatArray, start: FloatArray) -> FloatArray:
    """A few steps up the expected log posterior of (alpha, beta)."""
    from scipy.optimize import minimize

    is_right = truth[votes.task, votes.label]
    wrong_share = np.log(max(votes.label_count - 1, 1))
    split = votes.annotator_count

    def loss(parameters: FloatArray) -> tuple[float, FloatArray]:
        alpha, beta = parameters[:split], parameters[split:]
        scale = np.exp(np.minimum(beta, 5.0))
        logit = np.clip(alpha[votes.annotator] * scale[votes.task], -_MOST_LOGIT, _MOST_LOGIT)
        right = _sigmoid(logit)
        expected = is_right * np.log(right) + (1.0 - is_right) * (np.log1p(-right) - wrong_share)
        slope = is_right - right
        by_alpha = np.bincount(votes.annotator, slope * scale[votes.task], minlength=split)
        by_beta = np.bincount(votes.task, slope * logit, minlength=votes.task_count)
        value = float(expected.sum()) - 0.5 * float(((parameters - 1.0) ** 2).sum())
        return -value, -(np.concatenate([by_alpha, by_beta]) - (parameters - 1.0))

    found = minimize(loss, start, jac=True, method="L-BFGS-B", options={"maxiter": _STEPS})
    return np.asarray(found.x, dtype=np.float64)


def _expectation(votes: Votes, parameters: FloatArray) -> FloatArray:
    alpha, beta = np.split(parameters, [votes.annotator_count])
    logit = np.clip(
        alpha[votes.annotator] * np.exp(np.minimum(beta, 5.0))[votes.task], -_MOST_LOGIT, _MOST_LOGIT
    )
    k = votes.label_count
    # log P(right) - log P(this wrong answer): what a vote adds for its own label over the others
    gained = logit + np.log(max(k - 1, 1))
    flat = np.bincount(votes.task * k + votes.label, gained, minlength=votes.task_count * k)
    log_joint = flat.reshape(votes.task_count, k)
    log_joint -= log_joint.max(axis=1, keepdims=True)
    posterior = np.exp(log_joint)
    return np.asarray(posterior / posterior.sum(axis=1, keepdims=True))


def _sigmoid(logit: FloatArray) -> FloatArray:
    return np.asarray(1.0 / (1.0 + np.exp(-logit)))
