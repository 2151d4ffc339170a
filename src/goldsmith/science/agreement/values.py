"""Krippendorff's alpha of numbers, and of anything between which a distance is known.

Alpha is one minus the mean distance of two answers to the same item by the mean distance of any two answers. Low alpha
is not low quality, and for long answers its size depends on the distance (Braylan, Alonso & Lease 2022, arXiv
2212.09503): look at the distances themselves too, which ``distance_alpha`` returns.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final, Literal

import numpy as np
from numpy.typing import ArrayLike

from goldsmith.core.errors import InvalidInputError
from goldsmith.science.agreement.labels import krippendorff_alpha
from goldsmith.science.agreement.resampling import Agreement, Draws
from goldsmith.science.arrays import FloatArray, IntArray, as_floats, as_indices
from goldsmith.science.segments import ragged_arange

Scale = Literal["nominal", "ordinal", "interval", "ratio"]
"""What differences mean: nothing but unequal; an order; distances; distances as shares of the size."""

Distance = Callable[[IntArray, IntArray], FloatArray]
"""From rows of answers ``[m]`` and other rows ``[m]`` to their distances ``[m]``, at least 0."""

_MOST_PAIRS: Final = 200_000
_PAIRS_AT_ONCE: Final = 20_000
_MOST_VALUES: Final = 2000


def value_alpha(
    item: ArrayLike,
    value: ArrayLike,
    *,
    scale: Scale = "interval",
    rng: np.random.Generator | None = None,
    replicates: int = 500,
    confidence: float = 0.95,
) -> Agreement:
    """Krippendorff's alpha of numbers, on any of his scales.

    Args:
        item: ``[n]`` what was answered; who answered does not matter.
        value: ``[n]`` the answer; of the ratio scale at least 0, with at most 2000 different values.
        scale: What differences mean.
        rng: Source for the interval; without one the interval is the value itself.
        replicates: Resamplings of items.
        confidence: Of the interval.

    Returns:
        Alpha; 1 where everybody always says the same, 0 where no item has two answers.

    Raises:
        InvalidInputError: Columns of unequal length, or a value that the scale does not have.

    >>> value_alpha([0, 0, 1, 1, 2, 2], [1.0, 1.0, 5.0, 5.5, 9.0, 9.0]).value.__round__(3)
    0.997
    """
    values = as_floats("value", value)
    if scale in ("ordinal", "interval"):
        draws = Draws(rng, replicates, confidence)
        return _of_squares(item, values, draws, is_ordinal=scale == "ordinal")
    known, label = np.unique(values, return_inverse=True)
    gap = None
    if scale == "ratio":
        if known.size and known[0] < 0.0:
            raise InvalidInputError("values of a ratio scale must be at least 0")
        if known.size > _MOST_VALUES:
            raise InvalidInputError(
                f"a ratio scale takes at most {_MOST_VALUES} different values; round them"
            )
        total = known[:, None] + known
        gap = ((known[:, None] - known) / np.where(total > 0.0, total, 1.0)) ** 2
    return krippendorff_alpha(
        item,
        label,
        label_count=max(known.size, 1),
        distance=None if gap is None or not known.size else gap,
        rng=rng,
        replicates=replicates,
        confidence=confidence,
    )


@dataclass(frozen=True, slots=True)
class DistanceAgreement:
    """Alpha and the distances behind it.

    Attributes:
        alpha: The coefficient.
        within: ``[m]`` distances of two answers to the same item, or a random part of them.
        between: ``[m]`` distances of any two answers, likewise.
    """

    alpha: Agreement
    within: FloatArray
    between: FloatArray


def distance_alpha(
    item: ArrayLike,
    distance: Distance,
    *,
    rng: np.random.Generator,
    most_pairs: int = _PAIRS_AT_ONCE,
    replicates: int = 300,
    confidence: float = 0.95,
) -> DistanceAgreement:
    """Krippendorff's alpha of anything between which a distance is known: texts, boxes, masks, lines, lists.

    Args:
        item: ``[n]`` what each answer is about.
        distance: Of two answers, such as one minus intersection over union, or ``text_distances``.
        rng: Draws the pairs of any two answers, and items for the interval.
        most_pairs: Pairs of any two answers that are compared; all of them where there are no more.
        replicates: Resamplings of items.
        confidence: Of the interval.

    Returns:
        Alpha, exact but for the pairs drawn; 1 where all answers are the same, 0 where no item has two.

    Raises:
        InvalidInputError: Not indices, or a distance that is negative, not finite or of another length.

    >>> from goldsmith.science.boxes import paired_box_iou
    >>> box = np.array([[0, 0, 4, 4], [0, 0, 4, 5], [50, 50, 60, 60], [50, 50, 60, 60.0]])
    >>> told = distance_alpha([0, 0, 1, 1], lambda a, b: 1 - paired_box_iou(box[a], box[b]),
    ...                       rng=np.random.default_rng(0))
    >>> round(told.alpha.value, 2)
    0.86
    """
    items = as_indices("item", item)
    names, row, size = np.unique(items, return_inverse=True, return_counts=True)
    paired = np.flatnonzero(size[row] >= 2)
    if not paired.size:
        nothing = np.zeros(0)
        return DistanceAgreement(Agreement.nothing(), nothing, nothing)
    order = paired[np.argsort(row[paired], kind="stable")]
    first, second = _pairs_within(row[order])
    first, second = order[first], order[second]
    within = _checked(distance, first, second)
    # each item's answers count as often as they are many, as in the table of coincidences
    share = 2.0 / (size[row[first]] - 1.0)
    inner = np.bincount(row[first], weights=within * share, minlength=names.size)
    one, other = _any_two(paired, most_pairs, rng)
    between = _checked(distance, one, other)
    columns = np.column_stack([inner, np.where(size >= 2, size, 0)])
    observed = float(inner.sum() / columns[:, 1].sum())
    expected = float(between.mean())
    draws = Draws(rng, replicates, confidence)
    low, high = _interval(draws, columns, row[one], row[other], between)
    value = 1.0 - observed / expected if expected > 0.0 else 1.0
    alpha = Agreement(value, low, high, 1.0 - observed, 1.0 - expected, int(first.size))
    return DistanceAgreement(alpha, _some(within, most_pairs, rng), between)


def _of_squares(item: ArrayLike, values: FloatArray, draws: Draws, *, is_ordinal: bool) -> Agreement:
    """Alpha of squared differences, of values or of their ranks, from sums of values and squares."""
    items = as_indices("item", item, length=values.size)
    _, all_rows, sizes = np.unique(items, return_inverse=True, return_counts=True)
    kept = sizes[all_rows] >= 2
    if not kept.any():
        return Agreement.nothing()
    _, row, size = np.unique(items[kept], return_inverse=True, return_counts=True)
    paired = _mid_ranks(values[kept]) if is_ordinal else values[kept]
    centred = paired - paired.mean()
    sums = np.bincount(row, weights=centred, minlength=size.size)
    # around the item's own mean, as sums of large squares would lose what is small
    gap = centred - (sums / size)[row]
    inner = 2.0 * size * np.bincount(row, weights=gap**2, minlength=size.size) / (size - 1.0)
    squares = np.bincount(row, weights=centred**2, minlength=size.size)
    columns = np.column_stack([inner, size.astype(np.float64), sums, squares])

    def parts(total: FloatArray) -> tuple[FloatArray, FloatArray]:
        count = total[..., 1]
        spread = 2.0 * (count * total[..., 3] - total[..., 2] ** 2)
        return total[..., 0] / count, spread / np.maximum(count * (count - 1.0), 1e-12)

    def alpha(total: FloatArray) -> FloatArray:
        observed, expected = parts(total)
        has_any = expected > 1e-300
        return np.where(has_any, 1.0 - observed / np.where(has_any, expected, 1.0), 1.0)

    total = columns.sum(axis=0)
    observed, expected = parts(total)
    low, high = draws.interval(columns, alpha)
    pairs = int((columns[:, 1] * (columns[:, 1] - 1.0) / 2.0).sum())
    return Agreement(float(alpha(total)), low, high, 1.0 - float(observed), 1.0 - float(expected), pairs)


def _mid_ranks(values: FloatArray) -> FloatArray:
    """Ranks, those of equals their mean: differences of these are Krippendorff's ordinal ones."""
    _, slot, count = np.unique(values, return_inverse=True, return_counts=True)
    return np.asarray((np.cumsum(count) - (count - 1.0) / 2.0)[slot])


def _pairs_within(sorted_row: IntArray) -> tuple[IntArray, IntArray]:
    sizes = np.unique(sorted_row, return_counts=True)[1]
    later = np.repeat(sizes, sizes) - 1 - ragged_arange(sizes)
    left = np.repeat(np.arange(sorted_row.size), later)
    return left, left + 1 + ragged_arange(later)


def _any_two(rows: IntArray, most: int, rng: np.random.Generator) -> tuple[IntArray, IntArray]:
    """All pairs of rows, or as many random ones as asked for."""
    n = rows.size
    if n * (n - 1) // 2 <= most:
        one, other = np.triu_indices(n, k=1)
        return rows[one], rows[other]
    one = rng.integers(0, n, most)
    return rows[one], rows[(one + rng.integers(1, n, most)) % n]


def _checked(distance: Distance, first: IntArray, second: IntArray) -> FloatArray:
    parts = [
        as_floats(
            "distance",
            distance(first[begin : begin + _MOST_PAIRS], second[begin : begin + _MOST_PAIRS]),
            length=first[begin : begin + _MOST_PAIRS].size,
            lowest=0.0,
        )
        for begin in range(0, first.size, _MOST_PAIRS)
    ]
    return np.concatenate(parts) if parts else np.zeros(0)


def _some(values: FloatArray, most: int, rng: np.random.Generator) -> FloatArray:
    return values if values.size <= most else values[rng.choice(values.size, most, replace=False)]


def _interval(
    draws: Draws, columns: FloatArray, one: IntArray, other: IntArray, between: FloatArray
) -> tuple[float, float]:
    """Items drawn again; a pair of answers counts as often as both their items are drawn."""
    sums, group = draws.grouped(columns)
    first, second = group[one], group[other]
    values = np.empty(draws.replicates)
    for i, weight in enumerate(draws.weights(len(sums))):
        total = weight @ sums
        both = weight[first] * weight[second]
        expected = float(both @ between) / max(float(both.sum()), 1e-12)
        values[i] = 1.0 - float(total[0]) / max(float(total[1]), 1e-12) / expected if expected > 0.0 else 1.0
    return draws.ends(values)
