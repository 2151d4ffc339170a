"""Agreement on answers, corrected for chance.

Intervals come from drawing items again with replacement.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from goldsmith.core.errors import InvalidInputError
from goldsmith.science.arrays import FloatArray, IntArray, as_indices


@dataclass(frozen=True, slots=True)
class Agreement:
    """A coefficient with its interval.

    Attributes:
        value: 1 is perfect, 0 is chance, negative is worse than chance.
        low: Lower end.
        high: Upper end.
        observed: Agreement as observed, in [0, 1].
        expected: Agreement expected by chance, in [0, 1].
        pairs: Pairs of answers it rests on.
    """

    value: float
    low: float
    high: float
    observed: float
    expected: float
    pairs: int


def krippendorff_alpha(
    item: ArrayLike,
    label: ArrayLike,
    *,
    label_count: int,
    distance: FloatArray | None = None,
    rng: np.random.Generator | None = None,
    replicates: int = 500,
    confidence: float = 0.95,
) -> Agreement:
    """Krippendorff's alpha for any number of annotators, with answers missing at will.

    Args:
        item: ``[votes]`` what was answered; who answered does not matter.
        label: ``[votes]`` the answer.
        label_count: Number of labels.
        distance: ``[labels, labels]`` squared difference of two answers, 0 on the diagonal; nominal when None. Pass
            ``(i - j) ** 2`` for interval data, or one minus a similarity.
        rng: Source for the interval; without one the interval is the value itself.
        replicates: Resamplings of items.
        confidence: Of the interval.

    Returns:
        Alpha; 1 where everybody always says the same, also when only one label ever occurs; 0 where no item has two
        answers (nothing can be said, and ``pairs`` is 0).

    Raises:
        InvalidInputError: An index is out of range or the distance has the wrong shape.

    >>> krippendorff_alpha([0, 0, 1, 1, 2, 2], [0, 0, 1, 1, 0, 1], label_count=2).value.__round__(3)
    0.444
    """
    items = as_indices("item", item)
    labels = as_indices("label", label, below=label_count, length=items.size)
    gap = 1.0 - np.eye(label_count) if distance is None else np.asarray(distance, dtype=np.float64)
    if gap.shape != (label_count, label_count):
        raise InvalidInputError(f"distance must have the shape [{label_count}, {label_count}]")
    _, row = np.unique(items, return_inverse=True)
    counts = np.bincount(row * label_count + labels, minlength=(int(row.max(initial=-1)) + 1) * label_count)
    table = counts.reshape(-1, label_count).astype(np.float64)
    table = table[table.sum(axis=1) >= 2.0]
    if not len(table):
        return Agreement(0.0, 0.0, 0.0, 0.0, 0.0, 0)
    size = table.sum(axis=1)
    within = np.einsum("ik,kl,il->i", table, gap, table) / (size - 1.0)
    value, observed, expected = _alpha(within.sum(), table.sum(axis=0), gap)
    values = np.array([value])
    if rng is not None:
        weights = rng.multinomial(len(table), np.full(len(table), 1.0 / len(table)), size=replicates)
        totals = weights @ table
        inside = weights @ within
        values = np.array([_alpha(float(w), t, gap)[0] for w, t in zip(inside, totals, strict=True)])
    low, high = np.quantile(values, ((1.0 - confidence) / 2.0, (1.0 + confidence) / 2.0))
    pairs = int((size * (size - 1.0) / 2.0).sum())
    return Agreement(value, float(low), float(high), 1.0 - observed, 1.0 - expected, pairs)


def cohen_kappa(
    first: ArrayLike,
    second: ArrayLike,
    *,
    label_count: int,
    rng: np.random.Generator | None = None,
    replicates: int = 500,
    confidence: float = 0.95,
) -> Agreement:
    """Cohen's kappa of two annotators on the same items.

    Args:
        first: ``[items]`` answers of one.
        second: ``[items]`` answers of the other.
        label_count: Number of labels.
        rng: Source for the interval; without one the interval is the value itself.
        replicates: Resamplings of items.
        confidence: Of the interval.

    Returns:
        Kappa; 1 where both always say the same one label; 0 without items.

    Raises:
        InvalidInputError: An index is out of range or the lengths differ.

    >>> cohen_kappa([0, 0, 1, 1], [0, 0, 1, 0], label_count=2).value
    0.5
    """
    one = as_indices("first", first, below=label_count)
    other = as_indices("second", second, below=label_count, length=one.size)
    if not one.size:
        return Agreement(0.0, 0.0, 0.0, 0.0, 0.0, 0)
    cell = one * label_count + other
    table = np.bincount(cell, minlength=label_count**2).reshape(1, label_count, label_count)
    value, observed, expected = (float(v[0]) for v in _kappa(table))
    values = np.array([value])
    if rng is not None:
        drawn = rng.multinomial(one.size, table.ravel() / one.size, size=replicates)
        values = _kappa(drawn.reshape(replicates, label_count, label_count))[0]
    low, high = np.quantile(values, ((1.0 - confidence) / 2.0, (1.0 + confidence) / 2.0))
    return Agreement(value, float(low), float(high), observed, expected, one.size)


def _alpha(within: float, totals: FloatArray, gap: FloatArray) -> tuple[float, float, float]:
    """Alpha, observed and expected disagreement."""
    count = float(totals.sum())
    observed = float(within) / max(count, 1e-12)
    expected = float(totals @ gap @ totals) / max(count * (count - 1.0), 1e-12)
    return (1.0 - observed / expected if expected > 0.0 else 1.0), observed, expected


def _kappa(table: IntArray) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Kappa, observed and expected agreement of ``[n, labels, labels]`` tables."""
    total = table.sum(axis=(1, 2))
    observed = np.einsum("nkk->n", table) / total
    expected = (table.sum(axis=2) * table.sum(axis=1)).sum(axis=1) / total.astype(np.float64) ** 2
    certain = expected >= 1.0
    value = np.where(certain, 1.0, (observed - expected) / np.where(certain, 1.0, 1.0 - expected))
    return value, observed, expected
