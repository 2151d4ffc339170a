"""Labelled boxes that are probably wrong, by what a detector says that has not seen them.

The questions of ObjectLab (Tkachenko, Thyagarajan & Mueller 2023, arXiv 2309.00832): is an object overlooked, badly
located, of the wrong class; and two more: is it marked twice, is anything there at all. How far a detection can be
trusted is not taken from its score as it is, but from how often detections of such a score lie on a label: a detector
that is sure of everything is then trusted no more than it deserves.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum
from typing import Final

import numpy as np
from numpy.typing import ArrayLike, NDArray

from goldsmith.core.errors import InvalidInputError
from goldsmith.science.arrays import BoolArray, FloatArray, IntArray, as_floats, as_indices
from goldsmith.science.boxes import overlapping_pairs
from goldsmith.science.marks import Marks

_FOUND: Final = 0.5
_NEAR: Final = 0.1
_TWICE: Final = 0.8
_PRIOR_LABELS: Final = 20.0
"""Weight, in labels, of all classes' rates for each class."""
_SOFTNESS: Final = 0.1


class Suspicion(IntEnum):
    """What may be wrong."""

    OVERLOOKED = 0
    """A detection where nothing is labelled."""
    BADLY_LOCATED = 1
    """A label farther from the detection than is usual for its class."""
    WRONG_CLASS = 2
    """A label where something of another class is detected."""
    MARKED_TWICE = 3
    """A label on another one of the same class, where one thing is detected."""
    UNSUPPORTED = 4
    """A label where nothing is detected, of a class that usually is."""


@dataclass(frozen=True, slots=True)
class DetectionLabelErrors:
    """Suspicions, the strongest first: at most one for each label and each detection.

    Attributes:
        kind: ``[k]`` ``Suspicion``.
        score: ``[k]`` strength in (0, 1]: the trust in the detection, times how far the label is from it.
        image: ``[k]``.
        label: ``[k]`` row of the labels, -1 where overlooked.
        prediction: ``[k]`` row of the predictions that speaks against the label, -1 where none does.
        suggested_class: ``[k]`` class that the label should have; its own where the class is not in doubt.
        overlap: ``[k]`` IoU of the label and what speaks against it (another label where marked twice); where
            overlooked, with the nearest label.
        image_score: ``[images]`` in [0, 1]: the doubt about the image, which its strongest suspicions rule.
        trust: ``[predictions]`` share of the detections of such a score that lie on a label.
    """

    kind: NDArray[np.int8]
    score: FloatArray
    image: IntArray
    label: IntArray
    prediction: IntArray
    suggested_class: IntArray
    overlap: FloatArray
    image_score: FloatArray
    trust: FloatArray

    def __len__(self) -> int:
        return self.kind.size


def detection_label_errors(
    labels: Marks,
    predictions: Marks,
    score: ArrayLike,
    *,
    image_count: int,
    class_count: int,
    least_score: float = 0.05,
) -> DetectionLabelErrors:
    """Find labelled boxes that are probably wrong, and objects without a label.

    Args:
        labels: As given; their ``annotator`` plays no part, and of other shapes their bounds are taken.
        predictions: Detections by a model that was not trained on the image, after suppression of duplicates.
        score: ``[predictions]`` the higher the surer.
        image_count: Number of images.
        class_count: Number of classes.
        least_score: Weaker suspicions are left out, in [0, 1].

    Returns:
        The suspicions. Without predictions there are none but for labels marked twice.

    Raises:
        InvalidInputError: An index out of range or columns of unequal length.

    >>> labels = Marks.of(image=[0, 1, 2], annotator=[0, 0, 0], class_index=[0, 0, 1], box_xyxy=[[0, 0, 9, 9]] * 3)
    >>> seen = Marks.of(image=[0, 1, 2, 2], annotator=[0] * 4, class_index=[0] * 4,
    ...                 box_xyxy=[[0, 0, 9, 9]] * 3 + [[50, 50, 60, 60]])
    >>> found = detection_label_errors(labels, seen, [0.9, 0.9, 0.9, 0.8], image_count=3, class_count=2)
    >>> [(Suspicion(kind).name, int(row)) for kind, row in zip(found.kind, found.label)]
    [('WRONG_CLASS', 2), ('OVERLOOKED', -1)]
    """
    for name, marks in (("labels", labels), ("predictions", predictions)):
        as_indices(f"{name}.image", marks.image, below=image_count)
        as_indices(f"{name}.class_index", marks.class_index, below=class_count)
    scores = as_floats("score", score, length=len(predictions))
    pairs = _Pairs.of(labels, predictions)
    trust = _trust(scores, pairs, len(predictions))
    judged = [
        _of_labels(labels, predictions, pairs, trust, class_count=class_count),
        _overlooked(labels, predictions, pairs, trust),
    ]
    whole = _Found(
        *(np.concatenate(column) for column in zip(*(part.columns() for part in judged), strict=True))
    )
    strong = np.flatnonzero(whole.score >= max(least_score, 1e-9))
    order = strong[
        np.lexsort((whole.prediction[strong], whole.label[strong], whole.image[strong], -whole.score[strong]))
    ]
    return DetectionLabelErrors(
        kind=whole.kind[order].astype(np.int8),
        score=whole.score[order],
        image=whole.image[order],
        label=whole.label[order],
        prediction=whole.prediction[order],
        suggested_class=whole.suggested[order],
        overlap=whole.overlap[order],
        image_score=_image_scores(whole.image[order], whole.score[order], image_count),
        trust=trust,
    )


@dataclass(frozen=True, slots=True)
class _Pairs:
    """Overlapping pairs: of a label and a prediction, and of two labels."""

    label: IntArray
    prediction: IntArray
    iou: FloatArray
    is_same_class: BoolArray
    first_label: IntArray
    second_label: IntArray
    label_iou: FloatArray

    @classmethod
    def of(cls, labels: Marks, predictions: Marks) -> _Pairs:
        image = np.concatenate([labels.image, predictions.image])
        box = np.concatenate([labels.box_xyxy, predictions.box_xyxy])
        first, second, iou = overlapping_pairs(image, box, min_iou=0.0)
        count = len(labels)
        across = (first < count) & (second >= count)
        among = second < count
        label, prediction = first[across], second[across] - count
        return cls(
            label=label,
            prediction=prediction,
            iou=iou[across],
            is_same_class=labels.class_index[label] == predictions.class_index[prediction],
            first_label=first[among],
            second_label=second[among],
            label_iou=iou[among],
        )


@dataclass(frozen=True, slots=True)
class _Found:
    """Columns of suspicions, weak ones too."""

    kind: IntArray
    score: FloatArray
    image: IntArray
    label: IntArray
    prediction: IntArray
    suggested: IntArray
    overlap: FloatArray

    def columns(self) -> tuple[np.ndarray, ...]:
        return self.kind, self.score, self.image, self.label, self.prediction, self.suggested, self.overlap


def _trust(score: FloatArray, pairs: _Pairs, count: int) -> FloatArray:
    """Share of detections on a label of their class, rising with the score (isotonic regression)."""
    from scipy.optimize import isotonic_regression

    if not count:
        return np.zeros(0)
    is_on = np.zeros(count)
    is_on[pairs.prediction[pairs.is_same_class & (pairs.iou >= _FOUND)]] = 1.0
    _, slot, weight = np.unique(score, return_inverse=True, return_counts=True)
    share = np.bincount(slot, weights=is_on) / weight
    risen = isotonic_regression(share, weights=weight).x
    # half a detection on a label and half beside one keep the ends from being beyond doubt
    _, step = np.unique(risen, return_inverse=True)
    mass = np.bincount(step, weights=weight)[step]
    return np.asarray(isotonic_regression((risen * mass + 0.5) / (mass + 1.0), weights=weight).x[slot])


def _best(rows: IntArray, value: FloatArray, other: IntArray, count: int) -> tuple[FloatArray, IntArray]:
    """Highest value of each row and where it stands, the first of equals; 0 and -1 without any."""
    best, where = np.zeros(count), np.full(count, -1, dtype=np.int64)
    order = np.lexsort((-other, value))
    best[rows[order]], where[rows[order]] = value[order], other[order]
    return best, where


def _of_labels(
    labels: Marks, predictions: Marks, pairs: _Pairs, trust: FloatArray, *, class_count: int
) -> _Found:
    """The strongest suspicion against each label."""
    n = len(labels)
    same = pairs.is_same_class
    weight = trust[pairs.prediction]
    near, near_at = _best(pairs.label[same], pairs.iou[same], pairs.prediction[same], n)
    on_it = same & (pairs.iou >= _FOUND)
    backed, _ = _best(pairs.label[on_it], weight[on_it], pairs.prediction[on_it], n)
    usual = _usual_overlap(labels.class_index, near, class_count)
    other = ~same & (pairs.iou >= _FOUND)
    against, against_at = _best(
        pairs.label[other], weight[other] * pairs.iou[other], pairs.prediction[other], n
    )
    any_overlap, _ = _best(pairs.label, pairs.iou, pairs.prediction, n)
    twice, twice_at = _twice(labels, pairs, near, near_at)
    located = np.where(near_at >= 0, trust[near_at] if trust.size else 0.0, 0.0)
    located = located * (near >= _NEAR) * np.clip(1.0 - near / usual[labels.class_index], 0.0, 1.0)
    rate = _rates(labels.class_index, backed > 0.0, class_count)[labels.class_index]
    table = np.stack(
        [
            np.zeros(n),
            located,
            against * (1.0 - backed),
            twice,
            # half, as detectors miss what is there more often than people mark what is not
            np.where(any_overlap < _NEAR, rate * 0.5, 0.0),
        ]
    )
    kind = table.argmax(axis=0)
    speaks = np.choose(kind, [near_at, near_at, against_at, near_at, np.full(n, -1)])
    overlap = np.choose(
        kind, [near, near, _iou_with(pairs, against_at, n), np.where(twice_at >= 0, twice, 0.0), any_overlap]
    )
    suggested = labels.class_index.copy()
    changed = (kind == Suspicion.WRONG_CLASS) & (against_at >= 0)
    suggested[changed] = predictions.class_index[against_at[changed]]
    return _Found(
        kind, table.max(axis=0, initial=0.0), labels.image, np.arange(n), speaks, suggested, overlap
    )


def _overlooked(labels: Marks, predictions: Marks, pairs: _Pairs, trust: FloatArray) -> _Found:
    """Detections away from all labels; not those that a label is badly located by."""
    m = len(predictions)
    overlap, _ = _best(pairs.prediction, pairs.iou, pairs.label, m)
    same = pairs.is_same_class
    _, near_at = _best(pairs.label[same], pairs.iou[same], pairs.prediction[same], len(labels))
    claimed = np.zeros(m, dtype=np.bool_)
    near = pairs.is_same_class & (pairs.iou >= _NEAR) & (near_at[pairs.label] == pairs.prediction)
    claimed[pairs.prediction[near]] = True
    score = np.where((overlap < _FOUND) & ~claimed, trust * (1.0 - overlap), 0.0)
    return _Found(
        np.full(m, Suspicion.OVERLOOKED),
        score,
        predictions.image,
        np.full(m, -1, dtype=np.int64),
        np.arange(m),
        predictions.class_index,
        overlap,
    )


def _twice(labels: Marks, pairs: _Pairs, near: FloatArray, near_at: IntArray) -> tuple[FloatArray, IntArray]:
    """``[labels]`` overlap with a label of the same class for which the same detection speaks, and more so."""
    first, second = pairs.first_label, pairs.second_label
    is_same = (labels.class_index[first] == labels.class_index[second]) & (pairs.label_iou >= _TWICE)
    is_same &= near_at[first] == near_at[second]
    first, second, overlap = first[is_same], second[is_same], pairs.label_iou[is_same]
    is_second = near[first] >= near[second]
    spare, kept = np.where(is_second, second, first), np.where(is_second, first, second)
    return _best(spare, overlap, kept, len(labels))


def _usual_overlap(class_index: IntArray, near: FloatArray, class_count: int) -> FloatArray:
    """``[classes]`` median overlap of labels and detections that lie on them, drawn to that of all classes."""
    on_it = near >= _FOUND
    everywhere = float(np.median(near[on_it])) if on_it.any() else 1.0
    usual = np.full(class_count, everywhere)
    for c in np.unique(class_index[on_it]).tolist():
        mine = near[on_it & (class_index == c)]
        usual[c] = (np.median(mine) * mine.size + everywhere * _PRIOR_LABELS) / (mine.size + _PRIOR_LABELS)
    return usual


def _rates(class_index: IntArray, is_found: BoolArray, class_count: int) -> FloatArray:
    """``[classes]`` share of the labels that are detected, drawn to that of all classes."""
    total = np.bincount(class_index, minlength=class_count)
    found = np.bincount(class_index, weights=is_found, minlength=class_count)
    everywhere = float(is_found.mean()) if is_found.size else 0.0
    return np.asarray((found + _PRIOR_LABELS * everywhere) / (total + _PRIOR_LABELS))


def _iou_with(pairs: _Pairs, prediction: IntArray, count: int) -> FloatArray:
    """``[labels]`` IoU with the prediction named for each."""
    named = prediction[pairs.label] == pairs.prediction
    overlap = np.zeros(count)
    overlap[pairs.label[named]] = pairs.iou[named]
    return overlap


def _image_scores(image: IntArray, score: FloatArray, image_count: int) -> FloatArray:
    """Mean of an image's scores in which strong ones weigh most (softmax)."""
    if image.size and not 0 <= int(image.max()) < image_count:
        raise InvalidInputError("image out of range")
    weight = np.exp(score / _SOFTNESS)
    total = np.bincount(image, weights=weight, minlength=image_count)
    summed = np.bincount(image, weights=weight * score, minlength=image_count)
    return np.asarray(np.divide(summed, total, out=np.zeros(image_count), where=total > 0))
