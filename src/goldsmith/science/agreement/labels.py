"""Agreement on answers that are one of K labels, corrected for chance.

Intervals come from drawing items again with replacement.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from goldsmith.core.errors import InvalidInputError
from goldsmith.science.agreement.resampling import Agreement, Draws
from goldsmith.science.arrays import FloatArray, IntArray, as_indices
from goldsmith.science.segments import ragged_arange


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

    Krippendorff 2011, "Computing Krippendorff's Alpha-Reliability". For numbers see ``value_alpha``, for anything that
    has a distance ``distance_alpha``.

    Args:
        item: ``[votes]`` what was answered; who answered does not matter.
        label: ``[votes]`` the answer.
        label_count: Number of labels.
        distance: ``[labels, labels]`` squared difference of two answers, 0 on the diagonal; nominal when None. Pass one
            minus a similarity where some labels are nearer to each other than others.
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
    table = count_table(item, label, label_count=label_count)
    gap = 1.0 - np.eye(label_count) if distance is None else np.asarray(distance, dtype=np.float64)
    if gap.shape != (label_count, label_count):
        raise InvalidInputError(f"distance must have the shape [{label_count}, {label_count}]")
    table = table[table.sum(axis=1) >= 2.0]
    if not len(table):
        return Agreement.nothing()
    size = table.sum(axis=1)
    within = ((table @ gap) * table).sum(axis=1) / (size - 1.0)
    columns = np.column_stack([within, table])

    def alpha(sums: FloatArray) -> FloatArray:
        return _alpha(*_disagreements(sums, gap))

    observed, expected = _disagreements(columns.sum(axis=0), gap)
    low, high = Draws(rng, replicates, confidence).interval(columns, alpha)
    value = float(_alpha(observed, expected))
    return Agreement(value, low, high, 1.0 - float(observed), 1.0 - float(expected), _pairs(size))


def fleiss_kappa(
    item: ArrayLike,
    label: ArrayLike,
    *,
    label_count: int,
    rng: np.random.Generator | None = None,
    replicates: int = 500,
    confidence: float = 0.95,
) -> Agreement:
    """Fleiss' kappa (1971, doi 10.1037/h0031619); items may have different numbers of answers.

    Args:
        item: ``[votes]``.
        label: ``[votes]``.
        label_count: Number of labels.
        rng: Source for the interval; without one the interval is the value itself.
        replicates: Resamplings of items.
        confidence: Of the interval.

    Returns:
        Kappa over the items that have two answers or more; 1 where everybody always gives the same one label, 0 where
        there is no such item.

    Raises:
        InvalidInputError: An index is out of range.

    >>> fleiss_kappa([0, 0, 0, 1, 1, 1], [0, 0, 0, 1, 1, 0], label_count=2).value.__round__(3)
    0.25
    """
    table = count_table(item, label, label_count=label_count)
    table = table[table.sum(axis=1) >= 2.0]
    return _of_shares(table, table, _fleiss_chance, Draws(rng, replicates, confidence), by_votes=True)


def gwet_ac1(
    item: ArrayLike,
    label: ArrayLike,
    *,
    label_count: int,
    rng: np.random.Generator | None = None,
    replicates: int = 500,
    confidence: float = 0.95,
) -> Agreement:
    """Gwet's AC1 (2008, doi 10.1348/000711006X126600), which stays high where nearly all answers are one label.

    Args:
        item: ``[votes]``.
        label: ``[votes]``.
        label_count: Number of labels; those that never occur count too.
        rng: Source for the interval; without one the interval is the value itself.
        replicates: Resamplings of items.
        confidence: Of the interval.

    Returns:
        AC1; 1 with a single label, 0 where no item has two answers.

    Raises:
        InvalidInputError: An index is out of range.

    >>> gwet_ac1([0, 0, 1, 1, 2, 2], [0, 0, 0, 0, 0, 1], label_count=2).value.__round__(3)
    0.538
    """
    table = count_table(item, label, label_count=label_count)
    return _of_shares(
        table[table.sum(axis=1) >= 2.0],
        table,
        _gwet_chance,
        Draws(rng, replicates, confidence),
        by_votes=False,
    )


def cohen_kappa(
    first: ArrayLike,
    second: ArrayLike,
    *,
    label_count: int,
    rng: np.random.Generator | None = None,
    replicates: int = 500,
    confidence: float = 0.95,
) -> Agreement:
    """Cohen's kappa of two annotators on the same items (1960, doi 10.1177/001316446002000104).

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
        return Agreement.nothing()
    cell = one * label_count + other
    table = np.bincount(cell, minlength=label_count**2).reshape(1, label_count, label_count)
    value, observed, expected = (float(v[0]) for v in _kappa(table))
    low, high = _kappa_interval(table[0], Draws(rng, replicates, confidence), value)
    return Agreement(value, low, high, observed, expected, one.size)


@dataclass(frozen=True, slots=True)
class LabelAgreement:
    """Agreement on answers, one entry per pair of annotators or per class.

    Attributes:
        first: ``[k]`` annotator, or class.
        second: ``[k]`` the other annotator, or the same class.
        value: ``[k]`` Cohen's kappa of a pair; Krippendorff's alpha of "this class or another".
        low: ``[k]`` lower end.
        high: ``[k]`` upper end.
        observed: ``[k]`` share of equal answers; of a class, the share of its answers that another shares.
        pairs: ``[k]`` pairs of answers it rests on; of a class, those in which it occurs.
    """

    first: IntArray
    second: IntArray
    value: FloatArray
    low: FloatArray
    high: FloatArray
    observed: FloatArray
    pairs: IntArray

    def __len__(self) -> int:
        return self.first.size


def pair_agreement(
    item: ArrayLike,
    annotator: ArrayLike,
    label: ArrayLike,
    *,
    label_count: int,
    least_items: int = 1,
    rng: np.random.Generator | None = None,
    replicates: int = 200,
    confidence: float = 0.95,
) -> LabelAgreement:
    """Cohen's kappa of every two annotators who answered the same items.

    Args:
        item: ``[votes]``.
        annotator: ``[votes]``.
        label: ``[votes]``.
        label_count: Number of labels.
        least_items: Pairs that share fewer items are left out.
        rng: Source for the intervals; without one they are the values themselves.
        replicates: Resamplings of items.
        confidence: Of the intervals.

    Returns:
        One entry per pair, first < second.

    Raises:
        InvalidInputError: Columns of unequal length or an index out of range.

    >>> pair_agreement([0, 0, 1, 1], [3, 5, 3, 5], [0, 0, 1, 1], label_count=2).value.tolist()
    [1.0]
    """
    items = as_indices("item", item)
    who = as_indices("annotator", annotator, length=items.size)
    labels = as_indices("label", label, below=label_count, length=items.size)
    people = int(who.max(initial=-1)) + 1
    order = np.lexsort((who, items))
    sizes = np.unique(items, return_counts=True)[1]
    later = np.repeat(sizes, sizes) - 1 - ragged_arange(sizes)
    left = np.repeat(np.arange(items.size), later)
    one, other = order[left], order[left + 1 + ragged_arange(later)]
    met = who[one] != who[other]
    one, other = one[met], other[met]
    key, slot, count = np.unique(who[one] * people + who[other], return_inverse=True, return_counts=True)
    k = label_count
    cell = (slot * k + labels[one]) * k + labels[other]
    tables = np.bincount(cell, minlength=key.size * k * k).reshape(-1, k, k)[count >= least_items]
    key, count = key[count >= least_items], count[count >= least_items]
    value, observed, _ = _kappa(tables)
    draws = Draws(rng, replicates, confidence)
    ends = [_kappa_interval(table, draws, float(v)) for table, v in zip(tables, value, strict=True)]
    bounds = np.array(ends).reshape(-1, 2)
    safe = max(people, 1)
    return LabelAgreement(key // safe, key % safe, value, bounds[:, 0], bounds[:, 1], observed, count)


def class_agreement(
    item: ArrayLike,
    label: ArrayLike,
    *,
    label_count: int,
    rng: np.random.Generator | None = None,
    replicates: int = 500,
    confidence: float = 0.95,
) -> LabelAgreement:
    """Agreement on each class: which are told from the others, and which are not.

    Args:
        item: ``[votes]``.
        label: ``[votes]``.
        label_count: Number of labels.
        rng: Source for the intervals; without one they are the values themselves.
        replicates: Resamplings of items.
        confidence: Of the intervals.

    Returns:
        One entry per class: alpha of "this class or another", and the share of its answers that another shares
        (Cicchetti & Feinstein 1990, specific agreement). A class nobody gave has alpha 1 and nothing it rests on.

    Raises:
        InvalidInputError: Columns of unequal length or an index out of range.

    >>> class_agreement([0, 0, 1, 1], [0, 0, 1, 2], label_count=3).observed.tolist()
    [1.0, 0.0, 0.0]
    """
    table = count_table(item, label, label_count=label_count)
    table = table[table.sum(axis=1) >= 2.0]
    size = table.sum(axis=1)
    draws = Draws(rng, replicates, confidence)
    gap = 1.0 - np.eye(2)
    columns = np.zeros((label_count, 4))
    pairs = np.zeros(label_count, dtype=np.int64)
    for k in range(label_count):
        mine = table[:, k]
        others = size - mine
        rows = np.column_stack([2.0 * mine * others / np.maximum(size - 1.0, 1.0), mine, others])
        value = float(_alpha(*_disagreements(rows.sum(axis=0), gap))) if len(rows) else 0.0
        low, high = (
            draws.interval(rows, lambda sums: _alpha(*_disagreements(sums, gap))) if len(rows) else (0.0, 0.0)
        )
        shared = float((mine * (mine - 1.0) / np.maximum(size - 1.0, 1.0)).sum())
        columns[k] = value, low, high, shared / max(float(mine.sum()), 1e-12)
        pairs[k] = int((mine * (mine - 1.0) / 2.0 + mine * others).sum())
    names = np.arange(label_count)
    return LabelAgreement(names, names, columns[:, 0], columns[:, 1], columns[:, 2], columns[:, 3], pairs)


def count_table(item: ArrayLike, label: ArrayLike, *, label_count: int) -> FloatArray:
    """``[items with answers, labels]`` how many gave which answer.

    Raises:
        InvalidInputError: Columns of unequal length or an index out of range.
    """
    items = as_indices("item", item)
    labels = as_indices("label", label, below=label_count, length=items.size)
    most = int(items.max(initial=-1)) + 1
    if most > 4 * items.size + 1000:  # named by something larger than a count
        items = np.unique(items, return_inverse=True)[1]
        most = int(items.max(initial=-1)) + 1
    counts = np.bincount(items * label_count + labels, minlength=most * label_count)
    table = counts.reshape(-1, label_count).astype(np.float64)
    return np.asarray(table[table.any(axis=1)])


def _of_shares(
    paired: FloatArray,
    table: FloatArray,
    chance: Callable[[FloatArray], FloatArray],
    draws: Draws,
    *,
    by_votes: bool,
) -> Agreement:
    """A coefficient of the mean share of equal pairs and of what ``chance`` makes of the shares of the labels.

    Shares are those of all answers (``by_votes``), or the mean of the items' own.
    """
    if not len(paired):
        return Agreement.nothing()
    size = table.sum(axis=1, keepdims=True)
    has_pair = size[:, 0] >= 2.0
    equal = (table * (table - 1.0)).sum(axis=1) / np.maximum(size[:, 0] * (size[:, 0] - 1.0), 1.0)
    shares = table if by_votes else table / size
    columns = np.column_stack([np.where(has_pair, equal, 0.0), has_pair, shares])

    def parts(sums: FloatArray) -> tuple[FloatArray, FloatArray]:
        observed = sums[..., 0] / np.maximum(sums[..., 1], 1e-12)
        labels = sums[..., 2:]
        return observed, chance(labels / np.maximum(labels.sum(axis=-1, keepdims=True), 1e-12))

    def coefficient(sums: FloatArray) -> FloatArray:
        return _corrected(*parts(sums))

    observed, expected = parts(columns.sum(axis=0))
    low, high = draws.interval(columns, coefficient)
    value = float(_corrected(observed, expected))
    return Agreement(value, low, high, float(observed), float(expected), _pairs(paired.sum(axis=1)))


def _fleiss_chance(share: FloatArray) -> FloatArray:
    return np.asarray((share**2).sum(axis=-1))


def _gwet_chance(share: FloatArray) -> FloatArray:
    return np.asarray((share * (1.0 - share)).sum(axis=-1) / max(share.shape[-1] - 1, 1))


def _corrected(observed: FloatArray, expected: FloatArray) -> FloatArray:
    """Agreement beyond chance; 1 where chance alone would be perfect."""
    certain = expected >= 1.0 - 1e-12
    return np.where(certain, 1.0, (observed - expected) / np.where(certain, 1.0, 1.0 - expected))


def _disagreements(sums: FloatArray, gap: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Observed and expected disagreement from sums ``[..., 1 + labels]``."""
    totals = sums[..., 1:]
    count = totals.sum(axis=-1)
    observed = sums[..., 0] / np.maximum(count, 1e-12)
    expected = ((totals @ gap) * totals).sum(axis=-1) / np.maximum(count * (count - 1.0), 1e-12)
    return np.asarray(observed), np.asarray(expected)


def _alpha(observed: FloatArray, expected: FloatArray) -> FloatArray:
    has_any = expected > 0.0
    return np.where(has_any, 1.0 - observed / np.where(has_any, expected, 1.0), 1.0)


def _pairs(size: FloatArray) -> int:
    return int((size * (size - 1.0) / 2.0).sum())


def _kappa(table: IntArray) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Kappa, observed and expected agreement of ``[n, labels, labels]`` tables."""
    total = np.maximum(table.sum(axis=(1, 2)), 1)
    observed = np.einsum("nkk->n", table) / total
    expected = (table.sum(axis=2) * table.sum(axis=1)).sum(axis=1) / total.astype(np.float64) ** 2
    return _corrected(observed, expected), observed, expected


def _kappa_interval(table: IntArray, draws: Draws, value: float) -> tuple[float, float]:
    """Items drawn again are cells drawn again, as each item is in one cell."""
    if draws.rng is None:
        return value, value
    total = int(table.sum())
    drawn = draws.rng.multinomial(total, table.ravel() / total, size=draws.replicates)
    return draws.ends(_kappa(drawn.reshape(-1, *table.shape))[0])
