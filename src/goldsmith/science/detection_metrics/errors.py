"""What kind of mistake each detection is, and what mending each kind would gain.

After TIDE (Bolya et al. 2020): a detection is right from IoU ``found`` on, and background below ``near``.
Mending a kind alone tells what it costs: wrong class or place becomes right where the object is still free
and vanishes otherwise, duplicates and background vanish, missed objects need not be found.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum

import numpy as np
from numpy.typing import ArrayLike, NDArray

from goldsmith.core.errors import InvalidInputError
from goldsmith.science.arrays import BoolArray, FloatArray, IntArray
from goldsmith.science.detection_metrics.average_precision import average_of_curve, envelope
from goldsmith.science.detection_metrics.matching import candidate_pairs
from goldsmith.science.detection_metrics.single import SingleMatch, match_once
from goldsmith.science.detection_metrics.types import GoldBoxes, PredictedBoxes


class ErrorKind(IntEnum):
    """Outcome of a detection or, for ``MISSED``, of a true object."""

    RIGHT = 0
    IGNORED = 1
    WRONG_CLASS = 2
    BAD_LOCATION = 3
    WRONG_CLASS_AND_LOCATION = 4
    DUPLICATE = 5
    BACKGROUND = 6
    MISSED = 7


@dataclass(frozen=True, slots=True)
class DetectionErrors:
    """Kinds of mistakes.

    Attributes:
        kind: ``[d]`` ``ErrorKind`` of each detection; ``IGNORED`` when too unsure, cut off or on a crowd region.
        about: ``[d]`` gold object the outcome is about, -1 for background and ignored.
        missed: ``[g]`` true objects that nothing found and no mendable detection is about.
        counts: How many of each kind.
        ap50_gain: What AP50 (mean over classes) would gain if all mistakes of the kind were mended, alone.
        ap50: As it is.
    """

    kind: NDArray[np.int8]
    about: IntArray
    missed: BoolArray
    counts: dict[ErrorKind, int]
    ap50_gain: dict[ErrorKind, float]
    ap50: float


MISTAKES = (
    ErrorKind.WRONG_CLASS,
    ErrorKind.BAD_LOCATION,
    ErrorKind.WRONG_CLASS_AND_LOCATION,
    ErrorKind.DUPLICATE,
    ErrorKind.BACKGROUND,
    ErrorKind.MISSED,
)


def detection_errors(
    gold: GoldBoxes,
    predicted: PredictedBoxes,
    *,
    image_count: int,
    class_count: int,
    found: float = 0.5,
    near: float = 0.1,
    min_score: ArrayLike = -np.inf,
) -> DetectionErrors:
    """Classify every detection and every missed object.

    Args:
        gold: True objects.
        predicted: Detections.
        image_count: Images measured.
        class_count: Classes.
        found: IoU from which a detection has the object.
        near: IoU below which it has nothing to do with it.
        min_score: Detections below are ignored; one number or one per class.

    Returns:
        Kinds, counts and gains.

    Raises:
        InvalidInputError: An index is out of range, or not ``0 < near < found <= 1``.

    >>> gold = GoldBoxes.of(image=[0, 0], class_index=[0, 1], box_xywh=[[0, 0, 9, 9], [20, 0, 9, 9]])
    >>> found = PredictedBoxes.of(image=[0, 0], class_index=[1, 1], score=[0.9, 0.8],
    ...                           box_xywh=[[0, 0, 9, 8], [50, 50, 9, 9]])
    >>> result = detection_errors(gold, found, image_count=1, class_count=2)
    >>> [ErrorKind(k).name for k in result.kind], result.missed.tolist()
    (['WRONG_CLASS', 'BACKGROUND'], [False, True])
    """
    if not 0.0 < near < found <= 1.0:
        raise InvalidInputError(f"thresholds must satisfy 0 < near < found <= 1, not {near} and {found}")
    match = match_once(
        gold,
        predicted,
        image_count=image_count,
        class_count=class_count,
        iou_threshold=found,
        min_score=min_score,
    )
    kind, about = _kinds(gold, predicted, match, found=found, near=near)
    mendable = np.isin(kind, (ErrorKind.WRONG_CLASS, ErrorKind.BAD_LOCATION))
    missed = (match.found_by < 0) & ~gold.is_crowd
    missed[about[mendable]] = False
    counts = {k: int((kind == k).sum()) for k in ErrorKind}
    counts[ErrorKind.MISSED] = int(missed.sum())
    ranked = _Ranked(gold, predicted, match, kind, about, missed, class_count)
    ap50 = ranked.mean_ap(mend=None)
    gain = {mistake: ranked.mean_ap(mend=mistake) - ap50 for mistake in MISTAKES}
    return DetectionErrors(kind, about, missed, counts, gain, ap50)


def _kinds(
    gold: GoldBoxes, predicted: PredictedBoxes, match: SingleMatch, *, found: float, near: float
) -> tuple[NDArray[np.int8], IntArray]:
    kind = np.full(len(predicted), ErrorKind.IGNORED, dtype=np.int8)
    about = match.gold_of.copy()
    kind[match.gold_of >= 0] = ErrorKind.RIGHT
    stray = np.flatnonzero(match.counted & (match.gold_of < 0))
    own_iou, own = _best_overlap(gold, predicted, stray, near=near, same_class=True)
    other_iou, other = _best_overlap(gold, predicted, stray, near=near, same_class=False)
    rules = [
        ((own_iou >= near) & (own_iou < found), ErrorKind.BAD_LOCATION, own),
        (other_iou >= found, ErrorKind.WRONG_CLASS, other),
        (own_iou >= found, ErrorKind.DUPLICATE, own),
        (other_iou >= near, ErrorKind.WRONG_CLASS_AND_LOCATION, other),
    ]
    kind[stray] = np.select([rule[0] for rule in rules], [rule[1] for rule in rules], ErrorKind.BACKGROUND)
    about[stray] = np.select([rule[0] for rule in rules], [rule[2] for rule in rules], -1)
    return kind, about


def _best_overlap(
    gold: GoldBoxes, predicted: PredictedBoxes, rows: IntArray, *, near: float, same_class: bool
) -> tuple[FloatArray, IntArray]:
    """Highest IoU with any object of the same, or any other, class; ``[rows]`` and which object."""
    flat = GoldBoxes(gold.image, np.zeros_like(gold.class_index), gold.box_xywh, gold.area, gold.is_crowd)
    plain = PredictedBoxes(
        predicted.image, np.zeros_like(predicted.class_index), predicted.box_xywh, predicted.score
    )
    row, object_, iou = candidate_pairs(flat, plain, rows, class_count=1, min_iou=near)
    fits = (gold.class_index[object_] == predicted.class_index[rows[row]]) == same_class
    keep = np.flatnonzero(fits & ~gold.is_crowd[object_])
    keep = keep[np.argsort(iou[keep], kind="stable")]  # the best is written last
    best, which = np.zeros(rows.size), np.full(rows.size, -1, dtype=np.int64)
    best[row[keep]], which[row[keep]] = iou[keep], object_[keep]
    return best, which


@dataclass(frozen=True, slots=True)
class _Ranked:
    """Enough to compute AP50 after mending one kind of mistake."""

    gold: GoldBoxes
    predicted: PredictedBoxes
    match: SingleMatch
    kind: NDArray[np.int8]
    about: IntArray
    missed: BoolArray
    class_count: int

    def mean_ap(self, *, mend: ErrorKind | None) -> float:
        """AP50, mean over the classes with gold; 0 without gold."""
        label, right = self.predicted.class_index.copy(), self.kind == ErrorKind.RIGHT
        counts = self.kind != ErrorKind.IGNORED
        to_find = np.bincount(self.gold.class_index[~self.gold.is_crowd], minlength=self.class_count)
        if mend is ErrorKind.MISSED:
            to_find = to_find - np.bincount(self.gold.class_index[self.missed], minlength=self.class_count)
        elif mend is not None:
            rows = np.flatnonzero(self.kind == mend)
            counts = counts.copy()
            counts[rows] = False
            if mend in (ErrorKind.WRONG_CLASS, ErrorKind.BAD_LOCATION):
                mended = self._first_to_find(rows)
                label[mended] = self.gold.class_index[self.about[mended]]
                counts[mended] = right[mended] = True
        order = np.flatnonzero(counts)
        order = order[np.lexsort((self.predicted.image[order], -self.predicted.score[order], label[order]))]
        starts = np.searchsorted(label[order], np.arange(self.class_count + 1))
        values = []
        for c in np.flatnonzero(to_find).tolist():
            at = np.flatnonzero(right[order[starts[c] : starts[c + 1]]])
            rank = np.arange(1, at.size + 1)
            values.append(average_of_curve(envelope(rank, at + 1 - rank), int(to_find[c])))
        return float(np.mean(values)) if values else 0.0

    def _first_to_find(self, rows: IntArray) -> IntArray:
        """Of detections about the same free object, the surest one."""
        free = rows[self.match.found_by[self.about[rows]] < 0]
        by_score = free[np.argsort(-self.predicted.score[free], kind="stable")]
        _, first = np.unique(self.about[by_score], return_index=True)
        return by_score[first]
