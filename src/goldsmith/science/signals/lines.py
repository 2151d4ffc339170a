"""Straight-lining: the same answer again and again, more often than the tasks call for it."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from numpy.typing import ArrayLike

from goldsmith.science.arrays import FloatArray, IntArray
from goldsmith.science.segments import run_starts, sum_by
from goldsmith.science.signals.testing import (
    benjamini_hochberg,
    clearest_tasks,
    entropy_bits,
    outlier_p_value,
)
from goldsmith.science.signals.types import SignalSettings, StraightLining
from goldsmith.science.votes.table import Votes

CLASS, COUNT, PLACE, REPEAT = range(4)
"""Aspects of an answer that can be the same again and again."""
_USUAL_SPREAD = 0.06
"""Of honest people's liking for one answer, as a standard deviation of shares."""
_LESS_VARIED = 0.75
_NUMBERS_AT_ONCE = 5_000_000


def straight_lining(
    votes: Votes, *, submitted: ArrayLike | None = None, settings: SignalSettings | None = None
) -> StraightLining:
    """Who gives one answer far more often than others do on the same tasks.

    Two things are looked at: the share of the favourite answer, and, where times tell the order, how often the answer
    of the task before is given once more, which shows somebody who changes the favourite now and then. Both are
    compared with what the others' votes on the same tasks let expect, and the excess with that of the crowd.

    Args:
        votes: The votes.
        submitted: ``[votes]`` time of each; None where the order is unknown.
        settings: Where alarms begin.

    Returns:
        The signal; ``aspect`` is 0 (favourite) or 3 (repeats).

    >>> rng = np.random.default_rng(0)
    >>> truth = rng.integers(0, 3, 60)
    >>> who = np.repeat(np.arange(8), 60)
    >>> label = np.where(who == 2, 1, np.tile(truth, 8))
    >>> votes = Votes.of(np.tile(np.arange(60), 8), who, label, task_count=60, annotator_count=8, label_count=3)
    >>> np.flatnonzero(straight_lining(votes).is_alarm).tolist()
    [2]
    """
    chosen = settings or SignalSettings()
    favourites = _favourites(votes, chosen)
    if submitted is None:
        return favourites
    return worst_of([favourites, _repeats(votes, np.asarray(submitted, dtype=np.float64), chosen)], chosen)


def shared_lines(
    *,
    task: IntArray,
    annotator: IntArray,
    answer: IntArray,
    own: FloatArray,
    usual: FloatArray,
    others: FloatArray,
    annotator_count: int,
    aspect: int,
    settings: SignalSettings,
    varied: tuple[FloatArray, FloatArray] | None = None,
) -> StraightLining:
    """Share of answers that are lines, against what is usual on the same tasks.

    Args:
        task: ``[n]``.
        annotator: ``[n]``.
        answer: ``[n]`` shown as favourite.
        own: ``[n]`` 1 where the answer is a line.
        usual: ``[n]`` chance of that in others.
        others: ``[n]`` answers of others that ``usual`` rests on, above 0.
        annotator_count: Number of annotators.
        aspect: What the lines are of.
        settings: Where alarms begin.
        varied: ``[annotators]`` own and usual entropy in bits; NaN when None.
    """
    count = np.bincount(annotator, minlength=annotator_count)
    size = np.maximum(count, 1)
    share = sum_by(annotator, own, size=annotator_count) / size
    expected = sum_by(annotator, usual, size=annotator_count) / size
    spread = np.maximum(usual * (1.0 - usual), 0.02) * (1.0 + 1.0 / others)
    variance = sum_by(annotator, spread, size=annotator_count) / size**2
    tested = count >= settings.least_answers
    p_value = outlier_p_value(share - expected, variance, tested, usual_spread=_USUAL_SPREAD)
    adjusted = benjamini_hochberg(p_value, tested)
    entropy, usual_entropy = varied or (np.full(annotator_count, np.nan), np.full(annotator_count, np.nan))
    is_varied = entropy > _LESS_VARIED * usual_entropy
    matters = (share - expected >= settings.line_excess) & ~is_varied
    is_alarm = tested & (adjusted <= settings.false_discovery) & matters
    favourite = np.full(annotator_count, -1, dtype=np.int64)
    lines = np.flatnonzero(own > 0.0)
    favourite[annotator[lines]] = answer[lines]
    return StraightLining(
        p_value=p_value,
        adjusted=adjusted,
        is_alarm=is_alarm,
        answers=count,
        favourite=favourite,
        favourite_share=share,
        usual_share=expected,
        entropy=entropy,
        usual_entropy=usual_entropy,
        aspect=np.full(annotator_count, aspect, dtype=np.int64),
        tasks=clearest_tasks(annotator, task, own - usual, of=np.flatnonzero(is_alarm)),
    )


def as_aspect(signal: StraightLining, aspect: int) -> StraightLining:
    """The same signal, of answers that stand for another aspect."""
    return replace(signal, aspect=np.full(signal.aspect.size, aspect, dtype=np.int64))


def worst_of(signals: list[StraightLining], settings: SignalSettings) -> StraightLining:
    """Each annotator's most conspicuous aspect, p-values raised for the number of aspects."""
    rows = np.arange(signals[0].p_value.size)
    raised = np.stack([np.minimum(one.p_value * len(signals), 1.0) for one in signals])
    adjusted = np.stack(
        [
            benjamini_hochberg(p, one.answers >= settings.least_answers)
            for p, one in zip(raised, signals, strict=True)
        ]
    )
    alarm = np.stack([one.is_alarm for one in signals]) & (adjusted <= settings.false_discovery)
    best = np.lexsort((np.arange(len(signals))[:, None] + np.zeros_like(raised), raised, ~alarm), axis=0)[0]
    columns = {
        name: np.stack([getattr(one, name) for one in signals])[best, rows]
        for name in StraightLining.__dataclass_fields__
        if name != "tasks"
    }
    columns |= {
        "p_value": raised[best, rows],
        "adjusted": adjusted[best, rows],
        "is_alarm": alarm[best, rows],
    }
    tasks = {int(who): signals[best[who]].tasks[int(who)] for who in np.flatnonzero(columns["is_alarm"])}
    return StraightLining(**columns, tasks=tasks)


def _favourites(votes: Votes, settings: SignalSettings) -> StraightLining:
    size, labels = votes.annotator_count, votes.label_count
    total = votes.counts.sum(axis=1)
    shared = np.flatnonzero(total[votes.task] > 1.0)
    task, who, answer = votes.task[shared], votes.annotator[shared], votes.label[shared]
    others = total[task] - 1.0
    given = sum_by(who * labels + answer, None, size=size * labels).reshape(size, labels)
    expected = np.zeros((size, labels))
    for label in range(labels):
        share = (votes.counts[task, label] - (answer == label)) / others
        expected[:, label] = sum_by(who, share, size=size)
    favourite = (given - expected).argmax(axis=1)
    own = (answer == favourite[who]).astype(np.float64)
    usual = (votes.counts[task, favourite[who]] - own) / others
    return shared_lines(
        task=task,
        annotator=who,
        answer=answer,
        own=own,
        usual=usual,
        others=others,
        annotator_count=size,
        aspect=CLASS,
        settings=settings,
        varied=(entropy_bits(given), entropy_bits(expected)),
    )


def _repeats(votes: Votes, submitted: FloatArray, settings: SignalSettings) -> StraightLining:
    """How often the answer of the task before is given again; expected from the others' votes on both tasks."""
    total = votes.counts.sum(axis=1)
    shared = np.flatnonzero((total[votes.task] > 1.0) & np.isfinite(submitted))
    order = shared[np.lexsort((votes.task[shared], submitted[shared], votes.annotator[shared]))]
    first = np.zeros(order.size, dtype=np.bool_)
    first[run_starts(votes.annotator[order])] = True
    now = np.flatnonzero(~first)
    before, after = order[now - 1], order[now]
    own = (votes.label[before] == votes.label[after]).astype(np.float64)
    usual = np.empty(now.size)
    at_once = max(_NUMBERS_AT_ONCE // votes.label_count, 1)
    for begin in range(0, now.size, at_once):
        rows = slice(begin, begin + at_once)
        left, right = _others_share(votes, before[rows], total), _others_share(votes, after[rows], total)
        usual[rows] = (left * right).sum(axis=1)
    return shared_lines(
        task=votes.task[after],
        annotator=votes.annotator[after],
        answer=votes.label[after],
        own=own,
        usual=usual,
        others=np.minimum(total[votes.task[before]], total[votes.task[after]]) - 1.0,
        annotator_count=votes.annotator_count,
        aspect=REPEAT,
        settings=settings,
    )


def _others_share(votes: Votes, rows: IntArray, total: FloatArray) -> FloatArray:
    share = votes.counts[votes.task[rows]]
    share[np.arange(rows.size), votes.label[rows]] -= 1.0
    return np.asarray(share / (total[votes.task[rows]] - 1.0)[:, None])
