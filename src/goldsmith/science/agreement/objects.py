"""Agreement on marked objects: F1, overlap and class, over all, by pair of annotators and by class.

Intervals come from drawing images again with replacement.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from goldsmith.science.arrays import BoolArray, FloatArray, IntArray, as_indices
from goldsmith.science.boxes import paired_box_iou
from goldsmith.science.marks import Looks, Marks
from goldsmith.science.segments import ragged_arange, rank_within_runs, run_starts, sum_by
from goldsmith.science.shape_similarity import paired_similarity


@dataclass(frozen=True, slots=True)
class ObjectAgreement:
    """Agreement on marked objects, one entry per pair of annotators, per class, or one for all.

    Attributes:
        first: ``[k]`` annotator, or class; -1 over all.
        second: ``[k]`` the other annotator, or the same class; -1 over all.
        images: ``[k]`` images that two looked at (per class: and at least one marked the class).
        marks: ``[k]`` marks of both on these images.
        f1: ``[k]`` share of marks that the other has with the same class; 1 where both marked nothing.
        low: ``[k]`` lower end of F1.
        high: ``[k]`` upper end.
        mean_iou: ``[k]`` overlap (of places and lines, nearness) of the objects both marked; NaN where there are none.
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

    >>> from goldsmith.science.marks import Looks, Marks
    >>> marks = Marks.of(image=[0, 0, 0], annotator=[0, 1, 0], class_index=[0, 0, 1],
    ...                  box_xyxy=[[0, 0, 20, 20], [1, 0, 20, 21], [50, 50, 60, 60]])
    >>> looks = Looks.of(image=[0, 0], annotator=[0, 1])
    >>> from goldsmith.science.matching import cluster_marks
    >>> found = detection_agreement(marks, looks, object_of_mark=cluster_marks(marks), annotator_count=2, class_count=2)
    >>> round(float(found.overall.f1[0]), 2)
    0.67
    """
    tally = _tally(marks, looks, object_of_mark, annotator_count=annotator_count)
    draw = _Draw(rng, replicates, confidence)
    pairs, pair_slot = np.unique(tally.pair, return_inverse=True)
    overall = _entries(tally, np.zeros(tally.pair.size, dtype=np.int64), np.zeros(1, dtype=np.int64), draw)
    by_pair = _entries(tally, pair_slot, pairs, draw)
    nobody = np.array([-1])
    by_class = _class_entries(tally, class_count=class_count, draw=draw)
    return DetectionAgreement(
        overall=ObjectAgreement(nobody, nobody, *_columns(overall)),
        pairs=ObjectAgreement(pairs // annotator_count, pairs % annotator_count, *_columns(by_pair)),
        classes=by_class,
    )


@dataclass(frozen=True, slots=True)
class _Draw:
    rng: np.random.Generator | None
    replicates: int
    confidence: float

    def ends(self, image: IntArray, shared: FloatArray, marks: FloatArray) -> tuple[float, float]:
        """Interval of F1 from counts per image and pair; images are drawn, with all their pairs."""
        _, slot = np.unique(image, return_inverse=True)
        shared, marks = (
            sum_by(slot, counts, size=int(slot.max(initial=-1)) + 1) for counts in (shared, marks)
        )
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

    ``pair`` is first annotator * annotators + second, first < second; a row is one image and pair.
    """

    image: IntArray
    pair: IntArray
    marks: FloatArray
    row_of_shared: IntArray
    same_class: BoolArray
    iou: FloatArray
    class_of_mark: IntArray
    row_of_mark: IntArray
    class_of_shared: IntArray


def _tally(marks: Marks, looks: Looks, object_of_mark: IntArray, *, annotator_count: int) -> _Tally:
    of_mark = as_indices("object_of_mark", object_of_mark, length=len(marks))
    n = annotator_count
    everybody = looks.with_marks(marks)
    image, who = everybody.image, everybody.annotator
    look = image * n + who
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
        image=image[left],
        pair=row_first * n + row_second,
        marks=(marks_of_look[left] + marks_of_look[right]).astype(np.float64),
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
    return paired_similarity(marks, first, second, box_similarity=iou)


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
    shared = sum_by(tally.row_of_shared, tally.same_class, size=slot_of_row.size)
    slot_of_shared = slot_of_row[tally.row_of_shared]
    both = sum_by(slot_of_shared, None, size=count)
    order = np.argsort(slot_of_row, kind="stable")
    bounds = np.searchsorted(slot_of_row[order], np.arange(count + 1))
    ends = np.array(
        [
            draw.ends(tally.image[rows], shared[rows], tally.marks[rows])
            for rows in np.split(order, bounds[1:-1])
        ]
    ).reshape(-1, 2)
    return _Entries(
        first=names,
        images=np.array([np.unique(tally.image[rows]).size for rows in np.split(order, bounds[1:-1])])[
            :count
        ],
        marks=sum_by(slot_of_row, tally.marks, size=count).astype(np.int64),
        f1=_f1(
            sum_by(slot_of_row, shared, size=count),
            sum_by(slot_of_row, tally.marks, size=count),
        ),
        low=ends[:count, 0],
        high=ends[:count, 1],
        mean_iou=_share(sum_by(slot_of_shared, tally.iou, size=count), both),
        class_agreement=_share(sum_by(slot_of_shared, tally.same_class, size=count), both),
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
        low, high = draw.ends(tally.image[some], shared[some], marks[some])
        iou = float(tally.iou[of_class].mean()) if of_class.any() else float("nan")
        value = float(_f1(shared.sum(), marks.sum()))
        columns.append((float(np.unique(tally.image[some]).size), float(marks.sum()), value, low, high, iou))
    images, marks_of, f1, low_, high_, iou_ = (np.array(column) for column in zip(*columns, strict=True))
    names = np.arange(class_count)
    whole = (images.astype(np.int64), marks_of.astype(np.int64))
    return ObjectAgreement(names, names, *whole, f1, low_, high_, iou_, np.full(class_count, np.nan))


def _f1(shared: ArrayLike, marks: ArrayLike) -> FloatArray:
    """Twice the shared over all marks; 1 where nobody marked anything."""
    total = np.asarray(marks, dtype=np.float64)
    twice = 2.0 * np.asarray(shared, dtype=np.float64)
    return np.asarray(np.divide(twice, total, out=np.ones_like(total), where=total > 0.0))


def _share(part: FloatArray, total: FloatArray) -> FloatArray:
    return np.asarray(np.divide(part, total, out=np.full(part.size, np.nan), where=total > 0))
