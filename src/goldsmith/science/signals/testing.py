"""Tests of one against the crowd: who stands out, and how many tests were made."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from goldsmith.science.arrays import BoolArray, FloatArray, IntArray
from goldsmith.science.distributions import student_below
from goldsmith.science.segments import run_starts

_MAD_TO_SD = 1.4826
_MOST_DEGREES = 20.0
"""People differ more than a normal distribution says, also in a crowd of thousands."""


def benjamini_hochberg(p_value: FloatArray, tested: BoolArray | None = None) -> FloatArray:
    """Adjust p-values for how many there are, so that a bound on them bounds the share of false alarms.

    Benjamini & Hochberg 1995; under dependence of this kind (one crowd) it stays on the safe side.

    Args:
        p_value: ``[n]`` in [0, 1].
        tested: ``[n]`` which of them were tests at all; the others become 1.

    Returns:
        ``[n]`` adjusted, at least the p-value.

    >>> benjamini_hochberg(np.array([0.01, 0.04, 0.03])).round(3).tolist()
    [0.03, 0.04, 0.04]
    """
    rows = np.flatnonzero(np.ones(p_value.size, dtype=np.bool_) if tested is None else tested)
    adjusted = np.ones(p_value.size)
    order = rows[np.argsort(p_value[rows], kind="stable")]
    raised = p_value[order] * rows.size / np.arange(1, rows.size + 1)
    adjusted[order] = np.minimum(np.minimum.accumulate(raised[::-1])[::-1], 1.0)
    return adjusted


def outlier_p_value(
    effect: FloatArray,
    variance: FloatArray,
    tested: BoolArray,
    *,
    usual_spread: float,
    spread_weight: float = 10.0,
) -> FloatArray:
    """How rarely somebody of this crowd lies so high, given how far its people differ.

    People differ honestly; only who stands out of that is conspicuous. Centre and spread of the crowd are its median
    and median deviation, which a few offenders cannot move; the spread is drawn towards what is usual among people,
    as little is known of it in a small crowd.

    Args:
        effect: ``[annotators]``.
        variance: ``[annotators]`` of each effect's own error.
        tested: ``[annotators]`` who has an effect; others get 1.
        usual_spread: Standard deviation of true effects among people, before any evidence.
        spread_weight: What that is worth in annotators.

    Returns:
        ``[annotators]`` one-sided p-values: large effects have small ones.

    >>> effect = np.r_[np.linspace(-0.1, 0.1, 20), 3.0]
    >>> p = outlier_p_value(effect, np.full(21, 0.001), np.ones(21, dtype=bool), usual_spread=0.1)
    >>> bool(p[-1] < 1e-6 and p[:-1].min() > 0.1)
    True
    """
    p_value = np.ones(effect.size)
    rows = np.flatnonzero(tested)
    if not rows.size:
        return p_value
    values, noise = effect[rows], variance[rows]
    centre = float(np.median(values))
    # leave-one-out would not change a median much; its error is counted instead
    spread = (_MAD_TO_SD * float(np.median(np.abs(values - centre)))) ** 2 - float(np.median(noise))
    others = rows.size - 1.0
    between = (others * max(spread, 0.0) + spread_weight * usual_spread**2) / (others + spread_weight)
    scale = np.sqrt(between * (1.0 + 1.5 / rows.size) + noise + float(np.median(noise)) / rows.size)
    degrees = min(spread_weight + others / 2.0, _MOST_DEGREES)
    p_value[rows] = student_below(-(values - centre) / np.maximum(scale, 1e-12), degrees)
    return p_value


def evidence_p_value(log_ratio: FloatArray) -> FloatArray:
    """P-values of log likelihood ratios against honesty: a ratio of r is as rare as 1/r (Markov, Ville 1939).

    >>> evidence_p_value(np.array([-1.0, np.log(100.0)])).round(3).tolist()
    [1.0, 0.01]
    """
    return np.exp(-np.maximum(log_ratio, 0.0))


def median_by(
    key: IntArray, values: FloatArray, *, size: int, weight_at: float = 0.5, count: IntArray | None = None
) -> FloatArray:
    """Median (or another quantile) of the values of each key; NaN where there are none.

    Args:
        key: ``[n]``.
        values: ``[n]``.
        size: Number of keys.
        weight_at: Which quantile, in [0, 1].
        count: ``[n]`` how often each value is there, at least 1; once when None.

    >>> median_by(np.array([0, 0, 0, 2]), np.array([3.0, 1.0, 2.0, 7.0]), size=3).tolist()
    [2.0, nan, 7.0]
    """
    found = np.full(size, np.nan)
    order = np.lexsort((values, key))
    starts = run_starts(key[order])
    upto = np.arange(1, key.size + 1) if count is None else np.cumsum(count[order])
    ends = np.r_[0, upto][
        np.r_[starts, key.size]
    ]  # of each key, in values counted as often as they are there
    place = (np.diff(ends) - 1) * weight_at
    low, high = (np.searchsorted(upto, ends[:-1] + at(place), side="right") for at in (np.floor, np.ceil))
    part = place - np.floor(place)
    ordered = values[order]
    found[key[order][starts]] = ordered[low] * (1.0 - part) + ordered[high] * part
    return found


def clearest_tasks(
    key: IntArray, task: IntArray, score: FloatArray, *, of: IntArray, most: int = 20
) -> dict[int, tuple[int, ...]]:
    """Tasks with the highest scores of each of some keys, each task once.

    >>> clearest_tasks(np.array([0, 0, 1]), np.array([7, 8, 9]), np.array([0.1, 0.9, 0.5]), of=np.array([0]))
    {0: (8, 7)}
    """
    found: dict[int, tuple[int, ...]] = {}
    wanted = np.flatnonzero(np.isin(key, of))
    order = wanted[np.lexsort((-score[wanted], key[wanted]))]
    starts = run_starts(key[order])
    for begin, end in zip(starts, np.r_[starts, order.size][1:], strict=True):
        rows = order[begin:end]
        found[int(key[rows[0]])] = tuple(dict.fromkeys(task[rows[: 3 * most]].tolist()))[:most]
    return found


def median_of(values: ArrayLike) -> float:
    """Median of what is known; NaN where nothing is.

    >>> median_of([1.0, float("nan"), 3.0])
    2.0
    """
    known = np.asarray(values, dtype=np.float64)
    known = known[np.isfinite(known)]
    return float(np.median(known)) if known.size else float("nan")


def entropy_bits(counts: FloatArray) -> FloatArray:
    """Entropy of the shares in each row, in bits; 0 for an empty row.

    >>> entropy_bits(np.array([[5.0, 5.0], [9.0, 0.0]])).tolist()
    [1.0, 0.0]
    """
    total = np.maximum(counts.sum(axis=1, keepdims=True), 1e-300)
    share = counts / total
    return np.asarray(-(share * np.log2(np.where(share > 0.0, share, 1.0))).sum(axis=1) + 0.0)


def log_mean_exp(values: FloatArray, *, axis: int, log_weight: FloatArray | None = None) -> FloatArray:
    """Logarithm of the (weighted) mean of exponentials.

    >>> round(float(log_mean_exp(np.log(np.array([1.0, 3.0])), axis=0)), 4)
    0.6931
    """
    weighted = values - np.log(values.shape[axis]) if log_weight is None else values + log_weight
    top = weighted.max(axis=axis, keepdims=True)
    top = np.where(np.isfinite(top), top, 0.0)
    total = np.exp(weighted - top).sum(axis=axis)
    with np.errstate(divide="ignore"):
        return np.asarray(np.log(total) + np.squeeze(top, axis=axis))
