"""Shares with intervals, and what is worth labelling next."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike

from goldsmith.core.errors import InvalidInputError
from goldsmith.science.arrays import FloatArray, IntArray, as_floats, as_indices
from goldsmith.science.distributions import beta_quantile, normal_quantile
from goldsmith.science.segments import rank_within_runs


class ShareInterval(NamedTuple):
    """Ends of an interval of a share, arrays or numbers as asked."""

    low: FloatArray
    high: FloatArray


def wilson_interval(successes: ArrayLike, total: ArrayLike, *, confidence: float = 0.95) -> ShareInterval:
    """Wilson's score interval of a share: short, and right on average (Wilson 1927).

    Args:
        successes: Any shape, whole or weighted, within [0, total].
        total: The same shape; where 0, the interval is [0, 1].
        confidence: In (0, 1).

    Raises:
        InvalidInputError: Counts that cannot be.

    >>> low, high = wilson_interval(45, 50)
    >>> round(float(low), 3), round(float(high), 3)
    (0.786, 0.957)
    """
    hits, tries = _counts(successes, total, confidence=confidence)
    z = float(normal_quantile((1.0 + confidence) / 2.0))
    many = np.maximum(tries, 1e-12)
    share = hits / many
    centre = share + z * z / (2.0 * many)
    half = z * np.sqrt(share * (1.0 - share) / many + z * z / (4.0 * many * many))
    scale = 1.0 + z * z / many
    known = tries > 0.0
    return ShareInterval(
        np.where(known, np.clip((centre - half) / scale, 0.0, 1.0), 0.0),
        np.where(known, np.clip((centre + half) / scale, 0.0, 1.0), 1.0),
    )


def clopper_pearson_interval(
    successes: ArrayLike, total: ArrayLike, *, confidence: float = 0.95
) -> ShareInterval:
    """Exact interval of a share: never covers less than promised (Clopper & Pearson 1934).

    Args:
        successes: Any shape, within [0, total].
        total: The same shape; where 0, the interval is [0, 1].
        confidence: In (0, 1).

    Raises:
        InvalidInputError: Counts that cannot be.

    >>> low, high = clopper_pearson_interval(0, 30)
    >>> float(low), round(float(high), 3)
    (0.0, 0.116)
    """
    hits, tries = _counts(successes, total, confidence=confidence)
    tail = (1.0 - confidence) / 2.0
    misses = tries - hits
    low = np.where(hits > 0.0, beta_quantile(tail, np.maximum(hits, 1e-12), misses + 1.0), 0.0)
    high = np.where(misses > 0.0, beta_quantile(1.0 - tail, hits + 1.0, np.maximum(misses, 1e-12)), 1.0)
    return ShareInterval(low, high)


def lowest_share(successes: int, total: int, *, confidence: float = 0.95) -> float:
    """What at least the share is, one-sided and exact: "with 95 % confidence at least x are right".

    >>> round(lowest_share(300, 300), 4)
    0.9901
    """
    hits, tries = _counts(successes, total, confidence=confidence)
    if hits <= 0.0:
        return 0.0
    return float(beta_quantile(1.0 - confidence, hits, tries - hits + 1.0))


def expected_gain(
    uncertainty: ArrayLike, error_evidence: ArrayLike, *, weight: ArrayLike | None = None
) -> FloatArray:
    """What labelling an item is expected to teach: the chance that the model is wrong on it.

    Two independent reasons to doubt are joined as "either": ``1 - (1 - uncertainty) (1 - error_evidence)``.

    Args:
        uncertainty: ``[n]`` in [0, 1], such as one minus the confidence.
        error_evidence: ``[n]`` in [0, 1], such as the likeness to items the model failed on.
        weight: ``[n]`` how much an item of this kind matters, at least 0; 1 when None.

    Returns:
        ``[n]`` at least 0.

    Raises:
        InvalidInputError: Out of range or of unequal length.

    >>> expected_gain([0.5, 0.0], [0.5, 0.2]).round(2).tolist()
    [0.75, 0.2]
    """
    doubt = as_floats("uncertainty", uncertainty, lowest=0.0, highest=1.0)
    failed = as_floats("error_evidence", error_evidence, length=doubt.size, lowest=0.0, highest=1.0)
    gain = 1.0 - (1.0 - doubt) * (1.0 - failed)
    return gain if weight is None else gain * as_floats("weight", weight, length=doubt.size, lowest=0.0)


def gain_order(
    gain: ArrayLike,
    *,
    cost: ArrayLike | None = None,
    group: ArrayLike | None = None,
    repeat_factor: float = 0.5,
) -> IntArray:
    """Which items to label first.

    Args:
        gain: ``[n]`` expected gain of each item.
        cost: ``[n]`` above 0, such as expected seconds; gain per cost decides.
        group: ``[n]`` items of one group teach much the same (frames of a scene, near duplicates).
        repeat_factor: In [0, 1]; the k-th best of a group counts ``repeat_factor ** k``.

    Returns:
        ``[n]`` indices, best first; equals in the order given.

    Raises:
        InvalidInputError: Out of range or of unequal length.

    >>> gain_order([0.9, 0.8, 0.5], group=[0, 0, 1]).tolist()
    [0, 2, 1]
    """
    value = as_floats("gain", gain, lowest=0.0)
    if cost is not None:
        value = value / as_floats("cost", cost, length=value.size, lowest=1e-12)
    if not 0.0 <= repeat_factor <= 1.0:
        raise InvalidInputError(f"repeat_factor must lie in [0, 1], not {repeat_factor}")
    if group is not None:
        groups = as_indices("group", group, length=value.size)
        order = np.lexsort((-value, groups))
        repeat = np.empty(value.size, dtype=np.int64)
        repeat[order] = rank_within_runs(groups[order])
        value = value * np.power(repeat_factor, repeat)
    return np.argsort(-value, kind="stable")


def _counts(successes: ArrayLike, total: ArrayLike, *, confidence: float) -> tuple[FloatArray, FloatArray]:
    if not 0.0 < confidence < 1.0:
        raise InvalidInputError(f"confidence must lie in (0, 1), not {confidence}")
    hits, tries = np.asarray(successes, dtype=np.float64), np.asarray(total, dtype=np.float64)
    if hits.shape != tries.shape or (hits < 0.0).any() or (hits > tries + 1e-9).any():
        raise InvalidInputError("successes must have the shape of total and lie within [0, total]")
    return np.minimum(hits, tries), tries
