"""Spam: answers that say nothing about the tasks, whether guessed, always the same, or blind in some other way."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from goldsmith.science.arrays import FloatArray, IntArray
from goldsmith.science.segments import sum_by
from goldsmith.science.signals.others import OthersView, view_of_others
from goldsmith.science.signals.testing import (
    benjamini_hochberg,
    clearest_tasks,
    evidence_p_value,
    log_mean_exp,
    median_of,
)
from goldsmith.science.signals.types import SignalSettings, Spam
from goldsmith.science.votes.table import Votes

SPAMMERS = 0.01
"""Share of people whose answers say nothing, before any evidence."""
SHARES = np.linspace(0.0, 1.0, 21)
"""Shares of the tasks that somebody looks at."""
_HONEST = SHARES >= 0.3
"""Nobody honest looks at fewer of the tasks."""
_FLAT_WEIGHT = 2.0
_SWEEPS = 5
MOST_ATTENTION = 0.3
"""Who looks at more, as far as one can tell, is no spammer."""
_LITTLE_INFORMATION = 0.25


def spam(
    votes: Votes,
    *,
    gold: ArrayLike | None = None,
    view: OthersView | None = None,
    settings: SignalSettings | None = None,
) -> Spam:
    """Whose votes carry no information.

    Somebody looks at a share of the tasks and answers them as this crowd does, and answers the rest blindly from
    favourites of one's own (Hovy 2013). A spammer looks at none; how many honest people look at is learnt from the
    crowd. The likelihood ratio of the two is the evidence. An alarm also needs answers that tell next to no bits about
    what the others, or gold, say: who mixes up two classes is no spammer.

    Args:
        votes: The votes.
        gold: ``[tasks]`` known label, -1 where unknown.
        view: From ``view_of_others``, when already made.
        settings: Where alarms begin.

    Returns:
        The signal. Where nobody else answered and no gold is there, nothing can be said.

    >>> rng = np.random.default_rng(0)
    >>> truth, who = rng.integers(0, 3, 80), np.repeat(np.arange(8), 80)
    >>> label = np.where(rng.random(640) < 0.8, np.tile(truth, 8), rng.integers(0, 3, 640))
    >>> label[who == 5] = rng.integers(0, 3, 80)
    >>> votes = Votes.of(np.tile(np.arange(80), 8), who, label, task_count=80, annotator_count=8, label_count=3)
    >>> np.flatnonzero(spam(votes).is_alarm).tolist()
    [5]
    """
    chosen = settings or SignalSettings()
    seen = view or view_of_others(votes, gold=gold)
    rows = np.flatnonzero(seen.judged)
    who, answer, people = votes.annotator[rows], votes.label[rows], votes.annotator_count
    blind = _favourites(who, answer, people, votes.label_count)
    looking = _crowd_answers(seen, rows)
    log_likelihood = np.empty((people, SHARES.size))
    for column, attention in enumerate(SHARES):
        mixed = attention * looking + (1.0 - attention) * blind[who, answer]
        log_likelihood[:, column] = sum_by(who, np.log(np.maximum(mixed, 1e-12)), size=people)
    count = np.bincount(who, minlength=people)
    tested = count >= chosen.least_answers
    log_ratio = attention_ratio(log_likelihood, tested)
    p_value = np.where(tested, evidence_p_value(log_ratio), 1.0)
    adjusted = benjamini_hochberg(p_value, tested)
    information, chance = _information(seen, rows, blind)
    usual_information = median_of(information[tested])
    agreement = sum_by(who, seen.right[rows], size=people) / np.maximum(count, 1)
    is_empty = information <= _LITTLE_INFORMATION * usual_information
    is_empty &= SHARES[log_likelihood.argmax(axis=1)] <= MOST_ATTENTION
    is_alarm = tested & (adjusted <= chosen.false_discovery) & is_empty
    missing = np.full(people, np.nan)
    return Spam(
        p_value=p_value,
        adjusted=adjusted,
        is_alarm=is_alarm,
        posterior=np.where(tested, spam_posterior(log_ratio), SPAMMERS),
        answers=count,
        information=information,
        usual_information=usual_information,
        agreement=np.where(count > 0, agreement, np.nan),
        chance_agreement=chance,
        usual_agreement=median_of(agreement[tested]),
        found=missing,
        usual_found=float("nan"),
        tasks=clearest_tasks(who, votes.task[rows], -seen.right[rows], of=np.flatnonzero(is_alarm)),
    )


def attention_ratio(log_likelihood: FloatArray, tested: np.ndarray) -> FloatArray:
    """Log likelihood ratio of no attention at all to an honest share of it.

    The honest shares have the distribution that the crowd shows, learnt by EM on the grid (Laird 1978), mixed with
    what is usual for small crowds.

    Args:
        log_likelihood: ``[annotators, grid]`` by share of attention, rising from 0.
        tested: ``[annotators]`` who teaches.
    """
    flat = _HONEST * SHARES**2 / (_HONEST * SHARES**2).sum()
    known = log_likelihood[tested]
    weight = flat
    for _ in range(_SWEEPS):
        joint = known + np.log(np.maximum(0.05 * (SHARES == 0.0) + 0.95 * weight, 1e-300))
        posterior = np.exp(joint - joint.max(axis=1, keepdims=True))
        posterior /= posterior.sum(axis=1, keepdims=True)
        mass = posterior.sum(axis=0) * _HONEST + _FLAT_WEIGHT * flat
        weight = mass / mass.sum()
    honest = log_mean_exp(
        log_likelihood[:, _HONEST], axis=1, log_weight=np.log(np.maximum(weight[_HONEST], 1e-300))
    )
    return np.asarray(log_likelihood[:, 0] - honest)


def spam_posterior(log_ratio: FloatArray) -> FloatArray:
    """Probability of spam after a log likelihood ratio."""
    odds = log_ratio + np.log(SPAMMERS / (1.0 - SPAMMERS))
    return np.asarray(1.0 / (1.0 + np.exp(-np.clip(odds, -700.0, 700.0))))


def _favourites(who: IntArray, answer: IntArray, people: int, labels: int) -> FloatArray:
    """``[annotators, labels]`` how often each gives each answer, whatever the task."""
    given = sum_by(who * labels + answer, None, size=people * labels).reshape(people, labels)
    return np.asarray((given + 1.0 / labels) / (given.sum(axis=1, keepdims=True) + 1.0))


def _crowd_answers(seen: OthersView, rows: IntArray) -> FloatArray:
    """``[rows]`` probability of each given answer if it were a usual member's who looked at the task."""
    return np.asarray((seen.truth[rows] * seen.crowd.T[seen.votes.label[rows]]).sum(axis=1))


def _information(seen: OthersView, rows: IntArray, blind: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Bits an answer tells about the truth, less what chance gives (Miller 1955), and agreement by chance."""
    votes = seen.votes
    who, answer = votes.annotator[rows], votes.label[rows]
    people, labels = votes.annotator_count, votes.label_count
    table = np.zeros((people, labels, labels))
    for label in range(labels):
        flat = sum_by(who * labels + answer, seen.truth[rows, label], size=people * labels)
        table[:, label, :] = flat.reshape(people, labels)
    total = np.maximum(table.sum(axis=(1, 2)), 1e-12)
    share = table / total[:, None, None]
    of_truth, of_answer = share.sum(axis=2), share.sum(axis=1)
    apart = of_truth[:, :, None] * of_answer[:, None, :]
    with np.errstate(divide="ignore", invalid="ignore"):
        bits = np.where(share > 0.0, share * np.log2(share / apart), 0.0).sum(axis=(1, 2))
    # truths that are themselves unsure vary less than those that are known, and so does the gain by chance
    kinds = ((of_truth > 0.02).sum(axis=1) - 1.0) * ((of_answer > 0.0).sum(axis=1) - 1.0)
    bits -= np.maximum(kinds, 0.0) / (2.0 * np.log(2.0) * total)
    return np.maximum(bits, 0.0), (blind * of_truth).sum(axis=1)
