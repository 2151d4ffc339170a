"""Copying: two people who agree where honest people would not, and which of them came later."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from goldsmith.science.arrays import BoolArray, FloatArray, IntArray
from goldsmith.science.distributions import binomial_at_least
from goldsmith.science.segments import connected_components, ragged_arange, run_starts, sum_by
from goldsmith.science.signals.others import OthersView, view_of_others
from goldsmith.science.signals.testing import (
    benjamini_hochberg,
    clearest_tasks,
    evidence_p_value,
    log_mean_exp,
)
from goldsmith.science.signals.types import Copying, SignalSettings
from goldsmith.science.votes.table import Votes

_GRID = np.array([0.0, 0.02, 0.05, 0.1, 0.15, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 0.97])
"""Shares of answers that are copied."""
_BETTER = np.linspace(0.0, 4.0, 9)
"""By how much two honest people may be likelier to share an answer than a fit of their skill says, in log-odds."""
_USUAL_BETTER = 1.0
"""Standard deviation of that among people."""
_FLAT_WEIGHT = 4.0
_SWEEPS = 5
_UNEXPECTED = 0.5
_MORE_THAN_CHANCE = 1.5
_SURE_WHO = 0.01


@dataclass(frozen=True, slots=True)
class PairRows:
    """Pairs of answers to the same thing by two people.

    Attributes:
        pair: ``[rows]`` index of the pair, ascending.
        first: ``[pairs]`` annotator, smaller than ``second``.
        second: ``[pairs]``.
        shared: ``[pairs]`` what both answered, also where it tells nothing.
        task: ``[rows]``.
        ratio: ``[rows]`` how many times as probable the two answers are if one is a copy: 0 where they differ.
        unlikely: ``[rows]`` chance that honest people share this.
        is_same: ``[rows]`` whether they do.
        first_later: ``[rows]`` 1 where ``first`` handed in later, 0 where earlier, NaN where unknown.
        by_skill: ``[rows]`` whether ``unlikely`` rests on a fit of people's skill alone, which may be better than that:
            where one third person at most says otherwise, nobody else tells who is right.
    """

    pair: IntArray
    first: IntArray
    second: IntArray
    shared: IntArray
    task: IntArray
    ratio: FloatArray
    unlikely: FloatArray
    is_same: BoolArray
    first_later: FloatArray
    by_skill: BoolArray


def copying(
    votes: Votes,
    *,
    submitted: ArrayLike | None = None,
    gold: ArrayLike | None = None,
    view: OthersView | None = None,
    settings: SignalSettings | None = None,
) -> Copying:
    """Who copies whom, from votes.

    That two people are both right says little; that they give the same wrong answer, which neither the crowd nor their
    own confusion lets expect, says much (Dong et al. 2009, "Integrating conflicting data: the role of source
    dependence"). Wherever the earlier answer is none that one would expect of the later person, the later answer has
    the ratio of its probability if a share c of such answers is copied, to that of somebody who answers for oneself;
    hard tasks, on which many err alike, are known by the other votes. How much honest pairs of this crowd share by
    themselves is learnt from all pairs; and where both are merely better than the fit knows, that explains it too.

    A few who know among many who guess look like copiers to anybody without gold: they agree on what nobody else says.

    Args:
        votes: The votes.
        submitted: ``[votes]`` time of each: who copies comes later.
        gold: ``[tasks]`` known label, -1 where unknown.
        view: From ``view_of_others``, when already made.
        settings: Where alarms begin.

    Returns:
        The pairs with enough shared tasks.

    >>> rng = np.random.default_rng(0)
    >>> truth, who = rng.integers(0, 3, 150), np.repeat(np.arange(7), 150)
    >>> label = np.where(rng.random(1050) < 0.75, np.tile(truth, 7), rng.integers(0, 3, 1050))
    >>> label[who == 6] = label[who == 2]
    >>> votes = Votes.of(np.tile(np.arange(150), 7), who, label, task_count=150, annotator_count=7, label_count=3)
    >>> seen = copying(votes, submitted=np.arange(1050))
    >>> [(int(seen.first[k]), int(seen.second[k])) for k in np.flatnonzero(seen.is_alarm)]
    [(6, 2)]
    """
    chosen = settings or SignalSettings()
    seen = view or view_of_others(votes, gold=gold)
    times = (
        np.full(votes.vote_count, np.nan) if submitted is None else np.asarray(submitted, dtype=np.float64)
    )
    rows = answer_rows(seen, times, settings=chosen)
    return judge_pairs([rows], annotator_count=votes.annotator_count, settings=chosen)


def answer_rows(seen: OthersView, times: FloatArray, *, settings: SignalSettings) -> PairRows:
    """Evidence of copied answers.

    Args:
        seen: Each vote beside what the others say.
        times: ``[votes]`` when each was handed in, NaN where unknown.
        settings: Holds the least number of shared answers and the most rows.
    """
    votes = seen.votes
    one, other = shared_pairs(votes.task, votes.annotator, settings=settings)
    first, second, pair = frequent_pairs(
        votes.annotator, one, other, annotator_count=votes.annotator_count, settings=settings
    )
    one, other, pair = one[pair >= 0], other[pair >= 0], pair[pair >= 0]
    shared = np.bincount(pair, minlength=first.size)
    order = np.argsort(pair, kind="stable")
    one, other, pair = one[order], other[order], pair[order]
    swap = times[one] > times[other]
    later, earlier = np.where(swap, one, other), np.where(swap, other, one)
    chance = np.maximum(seen.expected[later, votes.label[earlier]], 1e-3)
    # only what nobody would expect of the later one tells: that both are right is no sign of anything
    telling = np.flatnonzero(chance < _UNEXPECTED)
    one, other, pair, chance = one[telling], other[telling], pair[telling], chance[telling]
    is_same = votes.label[one] == votes.label[other]
    said, task = votes.label[earlier[telling]], votes.task[one]
    against = seen.others[one] - votes.counts[task, said] + is_same
    return PairRows(
        pair=pair,
        first=first,
        second=second,
        shared=shared,
        task=votes.task[one],
        ratio=np.where(is_same, 1.0 / chance, 0.0),
        unlikely=chance,
        is_same=is_same,
        first_later=later_flags(times[one], times[other]),
        by_skill=against <= 1.0,
    )


def shared_pairs(
    task: IntArray, annotator: IntArray, *, settings: SignalSettings
) -> tuple[IntArray, IntArray]:
    """All pairs of rows of one task by different annotators, the smaller annotator first; of too many, some tasks'.

    Args:
        task: ``[n]``.
        annotator: ``[n]``.
        settings: Holds ``most_pair_rows``.

    Returns:
        Two columns of rows ``[m]``.
    """
    order = np.lexsort((annotator, task))
    sizes = np.diff(np.r_[run_starts(task[order]), task.size])
    pairs = float((sizes * (sizes - 1) // 2).sum())
    step = int(np.ceil(pairs / settings.most_pair_rows)) if pairs else 1
    if step > 1:
        number = np.repeat(np.arange(sizes.size), sizes)
        order = order[number % step == 0]
        sizes = sizes[::step]
    starts = np.cumsum(sizes) - sizes
    after = np.repeat(starts + sizes, sizes) - np.arange(order.size) - 1
    left = np.repeat(np.arange(order.size), after)
    right = left + 1 + ragged_arange(after)
    one, other = order[left], order[right]
    apart = annotator[one] != annotator[other]
    return one[apart], other[apart]


def later_flags(first: FloatArray, second: FloatArray) -> FloatArray:
    """1 where the first time is later, 0 where earlier, NaN where they are equal or unknown."""
    flags = np.full(first.size, np.nan)
    flags[first > second] = 1.0
    flags[first < second] = 0.0
    return flags


def frequent_pairs(
    annotator: IntArray, one: IntArray, other: IntArray, *, annotator_count: int, settings: SignalSettings
) -> tuple[IntArray, IntArray, IntArray]:
    """Pairs that meet often enough: both members ``[pairs]``, and the pair of each row, -1 for the rest."""
    people = max(annotator_count, 1)
    key = annotator[one] * people + annotator[other]
    found, slot, count = np.unique(key, return_inverse=True, return_counts=True)
    enough = count >= settings.least_answers
    name = np.where(enough, np.cumsum(enough) - 1, -1)
    kept = found[enough]
    return kept // people, kept % people, name[slot]


def judge_pairs(kinds: list[PairRows], *, annotator_count: int, settings: SignalSettings) -> Copying:
    """Put several kinds of evidence on the same pairs together: the mean of their likelihood ratios.

    Args:
        kinds: Rows of each kind; pairs absent from a kind have no evidence of it.
        annotator_count: Number of annotators.
        settings: Where alarms begin.
    """
    keys = [one.first * annotator_count + one.second for one in kinds]
    union = np.unique(np.concatenate(keys)) if keys else np.zeros(0, dtype=np.int64)
    ratio = np.zeros((len(kinds), union.size))
    share = np.zeros_like(ratio)
    sums = np.zeros((5, len(kinds), union.size))
    for kind, (rows, key) in enumerate(zip(kinds, keys, strict=True)):
        at, size = np.searchsorted(union, key), key.size
        log_likelihood = _log_likelihood(rows, size)
        ratio[kind, at] = _copy_ratio(log_likelihood, settings.copied_share, _if_better(rows, size))
        share[kind, at] = _GRID[log_likelihood.argmax(axis=1)]
        known = np.isfinite(rows.first_later) & rows.is_same
        flags = np.where(known, rows.first_later, 0.0)
        columns = (rows.unlikely, rows.is_same, flags, known)
        sums[1:, kind, at] = [sum_by(rows.pair, column, size=size) for column in columns]
        sums[0, kind, at] = rows.shared
    best = ratio.argmax(axis=0) if union.size else np.zeros(0, dtype=np.int64)
    picked = np.arange(union.size)
    log_ratio = log_mean_exp(ratio, axis=0) if kinds else np.zeros(0)
    shared, expected, same, later, known = sums[:, best, picked]
    p_value = evidence_p_value(log_ratio)
    adjusted = benjamini_hochberg(p_value)
    copied = share[best, picked]
    is_alarm = (adjusted <= settings.false_discovery) & (copied >= settings.copied_share)
    is_alarm &= same >= _MORE_THAN_CHANCE * expected
    first, second = union // max(annotator_count, 1), union % max(annotator_count, 1)
    later_share = np.where(known > 0, later / np.maximum(known, 1.0), np.nan)
    is_second = later_share < 0.5
    tasks = _clear_tasks(kinds, keys, union, best, np.flatnonzero(is_alarm))
    more = np.where(is_second, known - later, later)
    return Copying(
        first=np.where(is_second, second, first),
        second=np.where(is_second, first, second),
        log_ratio=log_ratio,
        p_value=p_value,
        adjusted=adjusted,
        is_alarm=is_alarm,
        shared=shared.astype(np.int64),
        copied_share=copied,
        same_errors=same.astype(np.int64),
        expected_errors=expected,
        later_share=np.where(is_second, 1.0 - later_share, later_share),
        # honest people come first as often as last; who copies all they can is later by far more than that
        is_certain_who=(binomial_at_least(more, known, 0.5) < _SURE_WHO)
        & (more >= 0.75 * known)
        & (known > 0),
        group=_groups(first[is_alarm], second[is_alarm], annotator_count),
        tasks=tasks,
    )


def _log_likelihood(rows: PairRows, size: int) -> FloatArray:
    """``[pairs, grid]`` relative to two people who answer for themselves."""
    table = np.empty((size, _GRID.size))
    for column, share in enumerate(_GRID):
        table[:, column] = sum_by(rows.pair, np.log(share * rows.ratio + (1.0 - share)), size=size)
    return table


def _if_better(rows: PairRows, size: int) -> FloatArray:
    """``[pairs]`` log-likelihood of two honest people who may be better than thought, relative to as thought."""
    odds = np.log(rows.unlikely) - np.log1p(-rows.unlikely)
    table = np.empty((size, _BETTER.size))
    for column, more in enumerate(_BETTER):
        better = 1.0 / (1.0 + np.exp(-odds - more * rows.by_skill))
        share = np.where(rows.is_same, better / rows.unlikely, (1.0 - better) / (1.0 - rows.unlikely))
        table[:, column] = sum_by(rows.pair, np.log(share), size=size)
    weight = np.exp(-0.5 * (_BETTER / _USUAL_BETTER) ** 2)
    return log_mean_exp(table, axis=1, log_weight=np.log(weight / weight.sum()))


def _copy_ratio(log_likelihood: FloatArray, copied_share: float, better: FloatArray) -> FloatArray:
    """Log ratio of copying much to what pairs of this crowd share anyhow, whose distribution EM learns.

    Being better than a fit of skill knows is as honest.
    """
    much = copied_share <= _GRID
    flat = np.where(much, 0.0, 1.0) / np.maximum((~much).sum(), 1)
    weight = flat
    for _ in range(_SWEEPS):
        joint = log_likelihood + np.log(0.95 * weight + 0.05 * much / max(much.sum(), 1) + 1e-300)
        posterior = np.exp(joint - joint.max(axis=1, keepdims=True))
        posterior /= posterior.sum(axis=1, keepdims=True)
        mass = posterior.sum(axis=0) * ~much + _FLAT_WEIGHT * flat
        weight = mass / mass.sum()
    honest = log_mean_exp(log_likelihood[:, ~much], axis=1, log_weight=np.log(weight[~much]))
    honest = np.logaddexp(honest, better) - np.log(2.0)
    return np.asarray(log_mean_exp(log_likelihood[:, much], axis=1) - honest)


def _clear_tasks(
    kinds: list[PairRows], keys: list[IntArray], union: IntArray, best: IntArray, alarms: IntArray
) -> dict[int, tuple[int, ...]]:
    found: dict[int, tuple[int, ...]] = {}
    for kind, (rows, key) in enumerate(zip(kinds, keys, strict=True)):
        at = np.searchsorted(union, key)[rows.pair]
        found |= clearest_tasks(at, rows.task, rows.ratio, of=alarms[best[alarms] == kind])
    return found


def _groups(first: IntArray, second: IntArray, annotator_count: int) -> IntArray:
    """Connected annotators, numbered from 0; -1 for everybody else."""
    group = np.full(annotator_count, -1, dtype=np.int64)
    members = np.unique(np.r_[first, second])
    if members.size:
        root = connected_components(annotator_count, first, second)[members]
        group[members] = np.unique(root, return_inverse=True)[1]
    return group
