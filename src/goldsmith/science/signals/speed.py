"""Too fast: less time than the task takes, given who else did it and how long it took them."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from goldsmith.science.arrays import BoolArray, FloatArray, IntArray, as_floats, as_indices
from goldsmith.science.distributions import binomial_at_least, normal_quantile, student_below
from goldsmith.science.segments import sum_by
from goldsmith.science.signals.testing import (
    benjamini_hochberg,
    clearest_tasks,
    median_by,
    median_of,
    outlier_p_value,
)
from goldsmith.science.signals.types import SignalSettings, TooFast

_USUAL_SPREAD = 0.5
"""Of honest people's speed, as a standard deviation of logarithms: one in six is 1.6 times as fast as most."""
_TASK_WEIGHT = 2.0
"""Votes of the crowd's mean that a task's own times are drawn towards."""
_SWEEPS = 3
_MOST_OFF = 3.0
"""Logarithms further from what is expected are cut: an idle hour tells nothing of the task."""
_TAIL_DEGREES = 4.0
_NODES = 41


def usual_log_seconds(
    task: IntArray, annotator: IntArray, log_seconds: FloatArray, *, base: FloatArray, annotator_count: int
) -> FloatArray:
    """What the crowd's usual member takes for each of these tasks, told by all but the answer itself.

    Times are log-normal: the mean of the task, drawn towards ``base`` where few did it, after everybody's own pace is
    taken out (van der Linden 2006).

    Args:
        task: ``[n]``.
        annotator: ``[n]``.
        log_seconds: ``[n]``.
        base: ``[n]`` what tasks of this size take.
        annotator_count: Number of annotators.

    Returns:
        ``[n]`` log seconds.
    """
    tasks = int(task.max(initial=-1)) + 1
    off = log_seconds - base
    usual = np.zeros(off.size)
    for _ in range(_SWEEPS):
        pace = np.nan_to_num(median_by(annotator, off - usual, size=annotator_count))
        pace -= np.median(pace[np.unique(annotator)]) if annotator.size else 0.0
        left = np.clip(off - pace[annotator], -_MOST_OFF, _MOST_OFF)
        level = float(np.median(left)) if left.size else 0.0
        total, count = sum_by(task, left - level, size=tasks), sum_by(task, None, size=tasks)
        others = total[task] - (left - level)
        usual = level + others / (count[task] - 1.0 + _TASK_WEIGHT)
    return np.asarray(base + usual)


def too_fast(
    task: ArrayLike,
    annotator: ArrayLike,
    seconds: ArrayLike,
    *,
    annotator_count: int,
    size: ArrayLike | None = None,
    settings: SignalSettings | None = None,
) -> TooFast:
    """Who takes less time than the tasks take.

    Two things are looked at: the pace over all tasks against the paces of the crowd, and the share of tasks done in a
    fraction of their usual time, which somebody who clicks through a part of them has though the median is normal.

    Args:
        task: ``[n]``.
        annotator: ``[n]``.
        seconds: ``[n]`` active time; not above 0 or NaN where it is not known.
        annotator_count: Number of annotators.
        size: ``[tasks]`` how much there is to do, such as the usual number of objects; None where all are alike.
        settings: Where alarms begin.

    Returns:
        The signal; nobody without times is conspicuous.

    Raises:
        InvalidInputError: Columns of unequal length, an index out of range.

    >>> rng = np.random.default_rng(0)
    >>> who = np.repeat(np.arange(12), 50)
    >>> seconds = np.exp(rng.normal(3.0, 0.4, who.size)) * np.where(who == 5, 0.05, 1.0)
    >>> np.flatnonzero(too_fast(np.tile(np.arange(50), 12), who, seconds, annotator_count=12).is_alarm).tolist()
    [5]
    """
    chosen = settings or SignalSettings()
    tasks = as_indices("task", task)
    who = as_indices("annotator", annotator, below=annotator_count, length=tasks.size)
    times = np.asarray(seconds, dtype=np.float64).reshape(-1)
    as_floats("seconds", np.nan_to_num(times), length=tasks.size)
    known = np.flatnonzero(np.isfinite(times) & (times > 0.0))
    tasks, who, logs = tasks[known], who[known], np.log(times[known])
    base = _by_size(tasks, logs, size)
    usual = usual_log_seconds(tasks, who, logs, base=base, annotator_count=annotator_count)
    off = logs - usual
    answers = np.bincount(who, minlength=annotator_count)
    tested = answers >= chosen.least_answers
    pace = median_by(who, off, size=annotator_count)
    within = _within_spread(who, off, pace)
    variance = 1.57 * within**2 / np.maximum(answers, 1)  # of a median
    by_pace = outlier_p_value(-np.nan_to_num(pace), variance, tested, usual_spread=_USUAL_SPREAD)
    rushed = sum_by(who, off < np.log(chosen.rushed_ratio), size=annotator_count)
    by_rush = _rushed_p_value(rushed, answers, pace, tested, within=within, limit=np.log(chosen.rushed_ratio))
    p_value = np.minimum(2.0 * np.minimum(by_pace, by_rush), 1.0)
    ratio, share = np.exp(pace), rushed / np.maximum(answers, 1)
    adjusted = benjamini_hochberg(p_value, tested)
    crowd_pace = np.exp(median_of(pace[tested]))
    matters = (ratio < chosen.fast_ratio * min(crowd_pace, 1.0)) | (share >= chosen.rushed_share)
    is_alarm = tested & (adjusted <= chosen.false_discovery) & matters
    return TooFast(
        p_value=p_value,
        adjusted=adjusted,
        is_alarm=is_alarm,
        answers=answers,
        median_seconds=np.exp(median_by(who, logs, size=annotator_count)),
        usual_seconds=np.exp(median_by(who, usual, size=annotator_count)),
        ratio=ratio,
        rushed_share=share,
        usual_rushed_share=median_of(share[tested]),
        tasks=clearest_tasks(who, tasks, -off, of=np.flatnonzero(is_alarm)),
    )


def _by_size(task: IntArray, logs: FloatArray, size: ArrayLike | None) -> FloatArray:
    """What tasks of each size take: a straight line of log time over log size."""
    if size is None or logs.size < 3:
        return np.full(logs.size, float(np.median(logs)) if logs.size else 0.0)
    x = np.log1p(as_floats("size", size, lowest=0.0)[task])
    middle = float(np.median(logs))
    y = np.clip(logs, middle - _MOST_OFF, middle + _MOST_OFF)
    spread = float(((x - x.mean()) ** 2).sum())
    slope = float(((x - x.mean()) * (y - y.mean())).sum()) / spread if spread > 1e-12 else 0.0
    return np.asarray(y.mean() + max(slope, 0.0) * (x - x.mean()))


def _within_spread(who: IntArray, off: FloatArray, pace: FloatArray) -> float:
    """How far the times of one person scatter, as a standard deviation of logarithms."""
    if not off.size:
        return 0.5
    return max(1.4826 * float(np.median(np.abs(off - pace[who]))), 0.1)


def _rushed_p_value(
    rushed: FloatArray,
    answers: IntArray,
    pace: FloatArray,
    tested: BoolArray,
    *,
    within: float,
    limit: float,
) -> FloatArray:
    """How rarely honest people rush so many tasks: over all paces of the crowd, with heavy tails inside a person."""
    p_value = np.ones(answers.size)
    rows = np.flatnonzero(tested)
    if not rows.size:
        return p_value
    centre = float(np.median(pace[rows]))
    spread = 1.4826 * float(np.median(np.abs(pace[rows] - centre)))
    between = np.sqrt((rows.size * spread**2 + 10.0 * _USUAL_SPREAD**2) / (rows.size + 10.0))
    node = centre + between * normal_quantile((np.arange(_NODES) + 0.5) / _NODES)
    share = np.clip(student_below((limit - node) / within, _TAIL_DEGREES), 1e-9, 1.0)
    chance = binomial_at_least(rushed[rows, None], answers[rows, None].astype(np.float64), share[None, :])
    p_value[rows] = chance.mean(axis=1)
    return p_value
