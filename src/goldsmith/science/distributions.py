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
    """Probability that Beta(a, b) lies below ``value``, elementwise.

    Args:
        value: In [0, 1].
        a: Above 0.
        b: Above 0.

    >>> float(beta_below(0.5, 2.0, 2.0))
    0.5
    """
    from scipy.special import betainc

    return np.asarray(betainc(a, b, value), dtype=np.float64)


def normal_quantile(probability: ArrayLike) -> FloatArray:
    """Quantiles of the standard normal distribution, elementwise.

    >>> normal_quantile([0.5, 0.975]).round(2).tolist()
    [0.0, 1.96]
    """
    from scipy.special import ndtri

    return np.asarray(ndtri(probability), dtype=np.float64)


def normal_below(value: ArrayLike) -> FloatArray:
    """Probability that a standard normal number lies below ``value``, elementwise.

    >>> float(normal_below(0.0))
    0.5
    """
    from scipy.special import ndtr

    return np.asarray(ndtr(value), dtype=np.float64)


def student_below(value: ArrayLike, degrees: ArrayLike) -> FloatArray:
    """Probability that Student's t with so many degrees of freedom lies below ``value``, elementwise.

    >>> float(student_below(0.0, 5.0))
    0.5
    """
    from scipy.special import stdtr

    return np.asarray(stdtr(degrees, value), dtype=np.float64)


def binomial_at_least(count: ArrayLike, total: ArrayLike, share: ArrayLike) -> FloatArray:
    """Probability of ``count`` or more of ``total``, each with the probability ``share``, elementwise.

    >>> binomial_at_least([0, 1, 2], 2, 0.5).tolist()
    [1.0, 0.75, 0.25]
    """
    hits, tries = np.asarray(count, dtype=np.float64), np.asarray(total, dtype=np.float64)
    misses = np.maximum(tries - hits + 1.0, 1e-12)
    return np.where(hits <= 0.0, 1.0, beta_below(share, np.maximum(hits, 1e-12), misses))
