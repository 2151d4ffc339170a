"""Quantiles of distributions: the one place of the room that needs scipy, imported when first asked for."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from goldsmith.science.arrays import FloatArray


def beta_quantile(probability: ArrayLike, a: ArrayLike, b: ArrayLike) -> FloatArray:
    """Quantiles of Beta(a, b), elementwise.

    Args:
        probability: In [0, 1].
        a: Above 0.
        b: Above 0.

    >>> beta_quantile(0.5, [1.0, 3.0], [1.0, 3.0]).tolist()
    [0.5, 0.5]
    """
    from scipy.special import betaincinv

    return np.asarray(betaincinv(a, b, probability), dtype=np.float64)


def beta_below(value: ArrayLike, a: ArrayLike, b: ArrayLike) -> FloatArray:
    """Probability that Beta(a, b) lies below ``value``, elementwise."""
    from scipy.special import betainc

    return np.asarray(betainc(a, b, value), dtype=np.float64)


def normal_quantile(probability: ArrayLike) -> FloatArray:
    """Quantiles of the standard normal distribution, elementwise."""
    from scipy.special import ndtri

    return np.asarray(ndtri(probability), dtype=np.float64)
