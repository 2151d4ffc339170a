"""What labels cost: from active time and rates to the price of an accepted label."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from goldsmith.core.errors import InvalidInputError
from goldsmith.science.arrays import BoolArray, FloatArray, IntArray, as_floats, as_indices
from goldsmith.science.segments import sum_by
from goldsmith.science.signals.testing import median_by

_IDLE_FENCE = 3.0
_LEAST_SPREAD = 0.25
_LEAST_TIMES = 5
_HOUR_S = 3600.0
_EDGE_OF_80 = 1.2815515655446004
"""Standard deviations between the middle of a normal distribution and the ends of its middle 80 %."""


@dataclass(frozen=True, slots=True)
class ActiveTime:
    """Time at work, idle outliers left out.

    Attributes:
        seconds: ``[n]`` each time, cut at what work takes; the person's median where it is not known.
        is_idle: ``[n]`` whether it was cut.
        is_guessed: ``[n]`` whether it was not known.
    """

    seconds: FloatArray
    is_idle: BoolArray
    is_guessed: BoolArray


@dataclass(frozen=True, slots=True)
class LabelCost:
    """What has been paid, and what an accepted label costs.

    Attributes:
        hours: Paid time of all.
        total: Hours times rates; in the currency of the rates.
        per_label: Total by accepted labels, NaN where none is accepted; work that was thrown away is in the price.
        low: Lower end of an 80 % interval of it, as if as many judgements were drawn anew from those that were made.
        high: Upper end.
        seconds_per_label: Paid time by accepted labels; NaN likewise.
        by_annotator: ``[annotators]`` share of the total.
    """

    hours: float
    total: float
    per_label: float
    low: float
    high: float
    seconds_per_label: float
    by_annotator: FloatArray


def active_time(
    seconds: ArrayLike, annotator: ArrayLike, *, annotator_count: int, count: ArrayLike | None = None
) -> ActiveTime:
    """Cut times at what work can take.

    A person who went for lunch with the task open did not work for an hour. Work times are about log-normal, so that a
    time further above the person's median than three times the upper quartile's distance, in logarithms, is idle; it
    counts as that limit. Few times borrow from everybody's.

    Args:
        seconds: ``[n]`` measured; not above 0 or NaN where unknown.
        annotator: ``[n]``.
        annotator_count: Number of annotators.
        count: ``[n]`` how many judgements took so long, at least 1; one each when None.

    Returns:
        Times fit to be added up.

    Raises:
        InvalidInputError: Columns of unequal length.

    >>> active_time([10, 11, 12, 9, 10, 4000], [0] * 6, annotator_count=1).seconds.round().tolist()
    [10.0, 11.0, 12.0, 9.0, 10.0, 22.0]
    """
    who = as_indices("annotator", annotator, below=annotator_count)
    raw = np.asarray(seconds, dtype=np.float64)
    if raw.shape != who.shape:
        raise InvalidInputError(f"seconds has the shape {list(raw.shape)} where [{who.size}] is needed")
    is_known = np.isfinite(raw) & (raw > 0.0)
    if not is_known.any():
        return ActiveTime(np.zeros(who.size), np.zeros(who.size, dtype=np.bool_), ~is_known)
    logs, owner, times = np.log(raw[is_known]), who[is_known], _counts(count, who.size)[is_known]
    has_enough = np.bincount(owner, weights=times, minlength=annotator_count) >= _LEAST_TIMES
    own, own_upper = (
        median_by(owner, logs, size=annotator_count, weight_at=at, count=times) for at in (0.5, 0.75)
    )
    usual, usual_upper = (
        float(median_by(np.zeros_like(owner), logs, size=1, weight_at=at, count=times)[0])
        for at in (0.5, 0.75)
    )
    middle = np.where(has_enough, own, usual)
    spread = np.where(has_enough, np.nan_to_num(own_upper - own), usual_upper - usual)
    limit = np.exp(middle + _IDLE_FENCE * np.maximum(spread, _LEAST_SPREAD))
    filled = np.where(is_known, raw, np.exp(middle)[who])
    return ActiveTime(np.minimum(filled, limit[who]), is_known & (filled > limit[who]), ~is_known)


def label_cost(
    seconds: ArrayLike,
    annotator: ArrayLike,
    *,
    accepted: float,
    rate_per_hour: ArrayLike,
    annotator_count: int,
    count: ArrayLike | None = None,
) -> LabelCost:
    """Cost of an accepted label.

    Args:
        seconds: ``[n]`` active time of every judgement and review, also of those that led to nothing.
        annotator: ``[n]`` whose time it was.
        accepted: Labels (objects, tasks) accepted in the end, at least 0.
        rate_per_hour: One rate for all, or ``[annotators]``; at least 0.
        annotator_count: Number of annotators.
        count: ``[n]`` how many judgements took so long, at least 1; one each when None.

    Returns:
        The cost; times are cleared of idleness first (``active_time``).

    Raises:
        InvalidInputError: Out of range or of unequal length.

    >>> cost = label_cost([30.0] * 120, [0] * 120, accepted=100, rate_per_hour=20.0, annotator_count=1)
    >>> round(cost.hours, 6), round(cost.total, 6), round(cost.per_label, 6)
    (1.0, 20.0, 0.2)
    """
    if not 0.0 <= accepted < np.inf:
        raise InvalidInputError(f"accepted must be at least 0, not {accepted}")
    rates = np.asarray(rate_per_hour, dtype=np.float64)
    rate = as_floats("rate_per_hour", np.broadcast_to(rates, (annotator_count,)), lowest=0.0)
    who = as_indices("annotator", annotator, below=annotator_count)
    times = _counts(count, who.size)
    worked = active_time(seconds, who, annotator_count=annotator_count, count=times).seconds
    paid = worked * rate[who] / _HOUR_S
    total, spent = float(paid @ times), float(worked @ times)
    number = max(float(times.sum()), 1.0)
    spread = _EDGE_OF_80 * float(np.sqrt(times @ (paid - total / number) ** 2))  # of the sum of as many draws
    each = 1.0 / accepted if accepted > 0.0 else float("nan")
    return LabelCost(
        hours=spent / _HOUR_S,
        total=total,
        per_label=total * each,
        low=max(total - spread, 0.0) * each,
        high=(total + spread) * each,
        seconds_per_label=spent * each,
        by_annotator=sum_by(who, paid * times, size=annotator_count) / (total if total > 0.0 else 1.0),
    )


def _counts(count: ArrayLike | None, size: int) -> IntArray:
    return np.ones(size, dtype=np.int64) if count is None else as_indices("count", count, length=size)
