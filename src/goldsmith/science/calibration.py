"""Whether stated probabilities come true."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from goldsmith.science.arrays import FloatArray, IntArray, as_flags, as_floats
from goldsmith.science.sampling import wilson_interval


@dataclass(frozen=True, slots=True)
class Reliability:
    """Stated against observed, by bins of equal width; empty bins have NaN.

    Attributes:
        edges: ``[bins + 1]`` from 0 to 1.
        count: ``[bins]``.
        stated: ``[bins]`` mean probability.
        observed: ``[bins]`` share that was right.
        low: ``[bins]`` lower end of the 95 % interval of the share.
        high: ``[bins]`` upper end.
        calibration_error: Mean gap of stated and observed, weighted by count (expected calibration error); 0 without
            data.
        log_loss: Mean negative log probability of what came true; 0 without data.
    """

    edges: FloatArray
    count: IntArray
    stated: FloatArray
    observed: FloatArray
    low: FloatArray
    high: FloatArray
    calibration_error: float
    log_loss: float


def reliability(probability: ArrayLike, right: ArrayLike, *, bins: int = 10) -> Reliability:
    """Compare probabilities with what came true.

    Args:
        probability: ``[n]`` stated, in [0, 1].
        right: ``[n]`` whether it came true.
        bins: Number of bins.

    Raises:
        InvalidInputError: Out of range or of unequal length.

    >>> round(reliability([0.9, 0.9, 0.9, 0.9], [1, 1, 1, 0]).calibration_error, 3)
    0.15
    """
    stated = as_floats("probability", probability, lowest=0.0, highest=1.0)
    true = as_flags("right", right, length=stated.size)
    slot = np.minimum((stated * bins).astype(np.int64), bins - 1)
    count = np.bincount(slot, minlength=bins)
    some = np.maximum(count, 1)
    mean = np.where(count > 0, np.bincount(slot, weights=stated, minlength=bins) / some, np.nan)
    hits = np.bincount(slot, weights=true, minlength=bins)
    share = np.where(count > 0, hits / some, np.nan)
    low, high = wilson_interval(hits, count)
    gap = np.nansum(np.abs(mean - share) * count) / max(stated.size, 1)
    chance = np.clip(np.where(true, stated, 1.0 - stated), 1e-12, 1.0)
    return Reliability(
        edges=np.linspace(0.0, 1.0, bins + 1),
        count=count,
        stated=mean,
        observed=share,
        low=low,
        high=high,
        calibration_error=float(gap),
        log_loss=float(-np.log(chance).mean()) if stated.size else 0.0,
    )
