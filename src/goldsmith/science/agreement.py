"""How far annotators agree: chance-corrected for answers, F1 and IoU for marked objects, all with intervals.

Intervals come from drawing items (images, tasks) again with replacement. Low agreement is not low quality: people who
err in their own ways disagree and are still resolved well together.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from goldsmith.core.errors import InvalidInputError
from goldsmith.science.arrays import FloatArray, IntArray, as_indices
from goldsmith.science.boxes import paired_box_iou
from goldsmith.science.consensus.detection import Looks
from goldsmith.science.marks import Marks
from goldsmith.science.polygons import polygon_iou, rings_of_box
from goldsmith.science.segments import ragged_arange, rank_within_runs, run_starts


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


@dataclass(frozen=True, slots=True)
class ObjectAgreement:
    """Agreement on marked objects, one entry per pair of annotators or per class.

    Attributes:
        first: ``[k]`` annotator, or class.
        second: ``[k]`` the other annotator, or the same class.
        images: ``[k]`` images that both looked at.
        marks: ``[k]`` marks of both on these images.
        f1: ``[k]`` share of marks that the other has with the same class; 1 where both marked nothing.
        low: ``[k]`` lower end of F1.
        high: ``[k]`` upper end.
        mean_iou: ``[k]`` overlap of the objects both marked; NaN where there are none.
        class_agreement: ``[k]`` share of the objects both marked that got the same class; NaN where there are none.
    """

    first: IntArray
    second: IntArray
    images: IntArray
    marks: IntArray
    f1: FloatArray
    low: FloatArray
    high: FloatArray
    mean_iou: FloatArray
    class_agreement: FloatArray

    def __len__(self) -> int:
        return self.first.size


@dataclass(frozen=True, slots=True)
class DetectionAgreement:
    """Agreement on marked objects: over all, by pair of annotators, by class.

    Attributes:
        overall: One entry.
        pairs: One entry per pair of annotators that looked at the same image.
        classes: One entry per class.
    """

    overall: ObjectAgreement
    pairs: ObjectAgreement
    classes: ObjectAgreement


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


def detection_agreement(
    marks: Marks,
    looks: Looks,
    *,
    object_of_mark: IntArray,
    annotator_count: int,
    class_count: int,
    rng: np.random.Generator | None = None,
    replicates: int = 200,
    confidence: float = 0.95,
) -> DetectionAgreement:
    """How far annotators mark the same objects.

    Two annotators are compared on the images that both looked at; an object is shared when both have a mark in it.

    Args:
        marks: What was marked.
        looks: Who looked at which image.
        object_of_mark: From ``cluster_marks`` or a consensus.
        annotator_count: Number of annotators.
        class_count: Number of classes.
        rng: Source for intervals; without one the intervals are the values themselves.
        replicates: Resamplings of images.
        confidence: Of the intervals.

    Returns:
        Agreement overall, by pair and by class.
    """
    tally = _tally(marks, looks, object_of_mark, annotator_count=annotator_count)
    draw = _Draw(rng, replicates, confidence)
    pairs, pair_slot = np.unique(tally.pair, return_inverse=True)
    overall = _entries(tally, np.zeros(tally.pair.size, dtype=np.int64), np.zeros(1, dtype=np.int64), draw)
    by_pair = _entries(tally, pair_slot, pairs, draw)
    by_class = _class_entries(tally, class_count=class_count, draw=draw)
    return DetectionAgreement(
        overall=ObjectAgreement(overall.first, overall.first, *_columns(overall)),
        pairs=ObjectAgreement(pairs // annotator_count, pairs % annotator_count, *_columns(by_pair)),
        classes=by_class,
    )


def _alpha(within: float, totals: FloatArray, gap: FloatArray) -> tuple[float, float, float]:
    """Alpha, observed and expected disagreement."""
    count = float(totals.sum())
    observed = float(within) / max(count, 1e-12)
    expected = float(totals @ gap @ totals) / max(count * (count - 1.0), 1e-12)
    return (1.0 - observed / expected if expected > 0.0 else 1.0), observed, expected


def _kappa(table: np.ndarray) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Kappa, observed and expected agreement of ``[n, labels, labels]`` tables."""
    total = table.sum(axis=(1, 2))
    observed = np.einsum("nkk->n", table) / total
    expected = (table.sum(axis=2) * table.sum(axis=1)).sum(axis=1) / total.astype(np.float64) ** 2
    certain = expected >= 1.0
    value = np.where(certain, 1.0, (observed - expected) / np.where(certain, 1.0, 1.0 - expected))
    return value, observed, expected


@dataclass(frozen=True, slots=True)
class _Draw:
    rng: np.random.Generator | None
    replicates: int
    confidence: float

    def ends(self, shared: FloatArray, marks: FloatArray) -> tuple[float, float]:
        """Interval of F1 from per-image counts."""
        if self.rng is None or not shared.size:
            value = _f1(shared.sum(), marks.sum())
            return float(value), float(value)
        weights = self.rng.multinomial(
            shared.size, np.full(shared.size, 1.0 / shared.size), size=self.replicates
        )
        values = _f1(weights @ shared, weights @ marks)
        low, high = np.quantile(values, ((1.0 - self.confidence) / 2.0, (1.0 + self.confidence) / 2.0))
        return float(low), float(high)


@dataclass(frozen=True, slots=True)
class _Tally:
    """Pairs of onlookers of each image, and pairs of marks of the same object.

    ``pair`` is first annotator * annotators + second, first < second; ``row_*`` is one row per image and pair.
    """

    pair: IntArray
    marks: IntArray
    row_of_shared: IntArray
    same_class: np.ndarray
    iou: FloatArray
    class_of_mark: IntArray
    row_of_mark: IntArray
    class_of_shared: IntArray


def _tally(marks: Marks, looks: Looks, object_of_mark: IntArray, *, annotator_count: int) -> _Tally:
    of_mark = as_indices("object_of_mark", object_of_mark, length=len(marks))
    n = annotator_count
    look = np.unique(np.r_[looks.image * n + looks.annotator, marks.image * n + marks.annotator])
    image, who = look // n, look % n
    left, right = _pairs_in_runs(image)
    pair_key = (image[left] * n + who[left]) * n + who[right]
    row_first, row_second = np.minimum(who[left], who[right]), np.maximum(who[left], who[right])
    own = np.searchsorted(look, marks.image * n + marks.annotator)
    marks_of_look = np.bincount(own, minlength=look.size)
    order = np.lexsort((marks.annotator, of_mark))
    a, b = _pairs_in_runs(of_mark[order])
    a, b = order[a], order[b]
    row_of_shared = np.searchsorted(
        pair_key, (marks.image[a] * n + marks.annotator[a]) * n + marks.annotator[b]
    )
    row_of_mark, class_of_mark = _rows_of_marks(left, right, own, marks.class_index)
    same = marks.class_index[a] == marks.class_index[b]
    return _Tally(
        pair=row_first * n + row_second,
        marks=marks_of_look[left] + marks_of_look[right],
        row_of_shared=row_of_shared,
        same_class=same,
        iou=_overlaps(marks, a, b),
        class_of_mark=class_of_mark,
        row_of_mark=row_of_mark,
        class_of_shared=np.where(same, marks.class_index[a], -1),
    )


def _pairs_in_runs(key: IntArray) -> tuple[IntArray, IntArray]:
    """All pairs of positions inside each run of equal keys, ordered by the first."""
    starts = run_starts(key)
    sizes = np.diff(np.r_[starts, key.size])
    later = np.repeat(sizes, sizes) - 1 - rank_within_runs(key)
    left = np.repeat(np.arange(key.size), later)
    return left, left + 1 + ragged_arange(later)


def _rows_of_marks(
    left: IntArray, right: IntArray, own: IntArray, class_index: IntArray
) -> tuple[IntArray, IntArray]:
    """Every mark once for each pair row that its annotator is part of."""
    by_look = np.argsort(own, kind="stable")
    sorted_own = own[by_look]
    rows, classes = [], []
    for side in (left, right):
        begin = np.searchsorted(sorted_own, side, side="left")
        counts = np.searchsorted(sorted_own, side, side="right") - begin
        rows.append(np.repeat(np.arange(side.size), counts))
        classes.append(class_index[by_look[np.repeat(begin, counts) + ragged_arange(counts)]])
    return np.concatenate(rows), np.concatenate(classes)


def _overlaps(marks: Marks, first: IntArray, second: IntArray) -> FloatArray:
    iou = paired_box_iou(marks.box_xyxy[first], marks.box_xyxy[second])
    if marks.rings is None:
        return iou
    for i, (a, b) in enumerate(zip(first.tolist(), second.tolist(), strict=True)):
        one, other = marks.rings[a], marks.rings[b]
        if one is not None or other is not None:
            iou[i] = polygon_iou(
                rings_of_box(marks.box_xyxy[a]) if one is None else one,
                rings_of_box(marks.box_xyxy[b]) if other is None else other,
            )
    return iou


@dataclass(frozen=True, slots=True)
class _Entries:
    first: IntArray
    images: IntArray
    marks: IntArray
    f1: FloatArray
    low: FloatArray
    high: FloatArray
    mean_iou: FloatArray
    class_agreement: FloatArray


def _columns(
    entries: _Entries,
) -> tuple[IntArray, IntArray, FloatArray, FloatArray, FloatArray, FloatArray, FloatArray]:
    return (
        entries.images,
        entries.marks,
        entries.f1,
        entries.low,
        entries.high,
        entries.mean_iou,
        entries.class_agreement,
    )


def _entries(tally: _Tally, slot_of_row: IntArray, names: IntArray, draw: _Draw) -> _Entries:
    """One entry per name; rows are images x pairs."""
    count = names.size
    shared = np.bincount(tally.row_of_shared, weights=tally.same_class, minlength=slot_of_row.size)
    slot_of_shared = slot_of_row[tally.row_of_shared]
    both = np.bincount(slot_of_shared, minlength=count)
    order = np.argsort(slot_of_row, kind="stable")
    bounds = np.searchsorted(slot_of_row[order], np.arange(count + 1))
    ends = np.array(
        [draw.ends(shared[rows], tally.marks[rows]) for rows in np.split(order, bounds[1:-1])]
    ).reshape(-1, 2)
    return _Entries(
        first=names,
        images=np.diff(bounds),
        marks=np.bincount(slot_of_row, weights=tally.marks, minlength=count).astype(np.int64),
        f1=_f1(
            np.bincount(slot_of_row, weights=shared, minlength=count),
            np.bincount(slot_of_row, weights=tally.marks, minlength=count),
        ),
        low=ends[:count, 0],
        high=ends[:count, 1],
        mean_iou=_share(np.bincount(slot_of_shared, weights=tally.iou, minlength=count), both),
        class_agreement=_share(np.bincount(slot_of_shared, weights=tally.same_class, minlength=count), both),
    )


def _class_entries(tally: _Tally, *, class_count: int, draw: _Draw) -> ObjectAgreement:
    """One entry per class; a mark of another class on a shared object is a disagreement of both classes."""
    rows = tally.pair.size
    columns: list[tuple[float, ...]] = []
    for c in range(class_count):
        of_class = tally.class_of_shared == c
        shared = np.bincount(tally.row_of_shared[of_class], minlength=rows).astype(np.float64)
        marks = np.bincount(tally.row_of_mark[tally.class_of_mark == c], minlength=rows).astype(np.float64)
        some = np.flatnonzero(marks)
        low, high = draw.ends(shared[some], marks[some])
        iou = float(tally.iou[of_class].mean()) if of_class.any() else float("nan")
        value = float(_f1(shared.sum(), marks.sum()))
        columns.append((float(some.size), float(marks.sum()), value, low, high, iou))
    images, marks_of, f1, low_, high_, iou_ = (np.array(column) for column in zip(*columns, strict=True))
    names = np.arange(class_count)
    whole = (images.astype(np.int64), marks_of.astype(np.int64))
    return ObjectAgreement(names, names, *whole, f1, low_, high_, iou_, np.full(class_count, np.nan))


def _f1(shared: ArrayLike, marks: ArrayLike) -> FloatArray:
    """Twice the shared over all marks; 1 where nobody marked anything."""
    total = np.asarray(marks, dtype=np.float64)
    twice = 2.0 * np.asarray(shared, dtype=np.float64)
    return np.asarray(np.divide(twice, total, out=np.ones_like(total), where=total > 0.0))


def _share(part: FloatArray, total: IntArray) -> FloatArray:
    return np.asarray(np.divide(part, total, out=np.full(part.size, np.nan), where=total > 0))
