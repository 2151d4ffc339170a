"""Average precision and recall from matches: pycocotools ``accumulate``, without walking over images.

Precision rises only where a true positive stands, so the precision envelope and the 101 recall points are
read off the true positives alone; counts are integers and every division is the one pycocotools makes, hence
equal to the last bits.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from goldsmith.science.arrays import BoolArray, FloatArray, IntArray
from goldsmith.science.detection_metrics.matching import Matches
from goldsmith.science.detection_metrics.types import GoldBoxes, PredictedBoxes

IOU_THRESHOLDS: Final[FloatArray] = np.linspace(0.5, 0.95, 10)
RECALL_POINTS: Final[FloatArray] = np.linspace(0.0, 1.0, 101)
_EPS: Final[float] = float(np.spacing(1))


@dataclass(frozen=True, slots=True)
class Accumulated:
    """Precision and recall of every view, threshold and class; -1 where a class has no gold that counts.

    Attributes:
        precision: ``[views, thresholds, classes, 101]`` interpolated precision at each recall point.
        score: The same shape: the score a detection must have to reach that recall; 0 where it is never
            reached.
        recall: ``[views, thresholds, classes, limits]`` highest recall with at most so many detections an
            image.
        gold_count: ``[views, classes]`` gold objects that count.
    """

    precision: FloatArray
    score: FloatArray
    recall: FloatArray
    gold_count: IntArray

    @property
    def average_precision(self) -> FloatArray:
        """``[views, thresholds, classes]`` mean over the recall points, -1 where there is no gold."""
        return np.asarray(self.precision.mean(axis=-1))


@dataclass(frozen=True, slots=True)
class Outcomes:
    """What became of the detections of one class, in ranking order.

    Attributes:
        is_true: ``[views, thresholds, n]`` matched gold that counts.
        is_false: The same shape: matched nothing and counts against. Neither means: ignored.
    """

    is_true: BoolArray
    is_false: BoolArray


def class_outcomes(matches: Matches, gold: GoldBoxes, *, class_index: int) -> Outcomes:
    """True and false positives of one class in every view and at every threshold."""
    begin, end = matches.class_starts[class_index : class_index + 2].tolist()
    first, last = np.searchsorted(matches.candidate, (begin, end))
    slots = matches.candidate[first:last] - begin
    found = matches.gold_of_candidate[:, :, first:last]
    views = len(matches.views)
    rows = matches.row[begin:end]
    is_true = np.zeros((views, matches.iou_thresholds.size, end - begin), dtype=np.bool_)
    is_false = np.empty_like(is_true)
    hit = found >= 0
    for v, view in enumerate(matches.views):
        counts = hit[v] & ~(view.gold_outside | gold.is_crowd)[found[v]] if len(gold) else hit[v]
        is_true[v][:, slots] = counts
        is_false[v] = ~view.predicted_outside[rows]
        is_false[v][:, slots] &= ~hit[v]
    return Outcomes(is_true, is_false)


def gold_counts(matches: Matches, gold: GoldBoxes, *, class_count: int) -> IntArray:
    """``[views, classes]`` gold objects that count."""
    return np.stack(
        [
            np.bincount(gold.class_index[~(view.gold_outside | gold.is_crowd)], minlength=class_count)
            for view in matches.views
        ]
    ).astype(np.int64)


def accumulate(
    matches: Matches,
    gold: GoldBoxes,
    predicted: PredictedBoxes,
    *,
    class_count: int,
    detection_limits: tuple[int, ...] = (1, 10, 100),
) -> Accumulated:
    """Precision and recall per view, threshold and class.

    Args:
        matches: From ``match_detections``.
        gold: The gold they were made with.
        predicted: The detections they were made with.
        class_count: Number of classes.
        detection_limits: Detections per image and class for which recall is wanted.

    Returns:
        See ``Accumulated``.
    """
    counts = gold_counts(matches, gold, class_count=class_count)
    views, thresholds = len(matches.views), matches.iou_thresholds.size
    precision = np.full((views, thresholds, class_count, RECALL_POINTS.size), -1.0)
    score = np.full_like(precision, -1.0)
    recall = np.full((views, thresholds, class_count, len(detection_limits)), -1.0)
    for c in np.flatnonzero(counts.max(axis=0)).tolist():
        begin, end = matches.class_starts[c : c + 2].tolist()
        outcomes = class_outcomes(matches, gold, class_index=c)
        has_gold = np.flatnonzero(counts[:, c])
        for m, limit in enumerate(detection_limits):
            hits = outcomes.is_true[..., matches.rank[begin:end] < limit].sum(axis=-1)
            recall[has_gold, :, c, m] = hits[has_gold] / counts[has_gold, c, None]
        scores = predicted.score[matches.row[begin:end]]
        true_rank = np.cumsum(outcomes.is_true, axis=-1, dtype=np.int32)
        false_rank = np.cumsum(outcomes.is_false, axis=-1, dtype=np.int32)
        for v in has_gold.tolist():
            needed = hits_needed(int(counts[v, c]))
            for t in range(thresholds):
                at = np.flatnonzero(outcomes.is_true[v, t])
                curve = envelope(true_rank[v, t, at], false_rank[v, t, at])
                precision[v, t, c], score[v, t, c] = _at_recall_points(curve, at, scores, needed)
    return Accumulated(precision, score, recall, counts)


def hits_needed(gold_count: int) -> IntArray:
    """How many true positives reach each of the 101 recall points.

    >>> hits_needed(4)[[0, 1, 25, 26, 100]].tolist()
    [0, 1, 1, 2, 4]
    """
    reached = np.arange(gold_count + 1) / gold_count
    return np.asarray(np.searchsorted(reached, RECALL_POINTS, side="left"), dtype=np.int64)


def envelope(true_rank: NDArray[np.integer], false_rank: NDArray[np.integer]) -> FloatArray:
    """Highest precision at or after each true positive.

    >>> envelope(np.array([1, 2, 3]), np.array([1, 1, 9])).round(3).tolist()
    [0.667, 0.667, 0.25]
    """
    true_count = true_rank.astype(np.float64)
    precision = true_count / (false_rank + true_count + _EPS)
    return np.maximum.accumulate(precision[::-1])[::-1]


def average_of_curve(curve: FloatArray, gold_count: int) -> float:
    """COCO's AP from the envelope at each true positive: mean over 101 recall points; -1 without gold.

    >>> average_of_curve(np.array([1.0, 0.5]), 2)
    0.7524752475247525
    """
    if gold_count == 0:
        return -1.0
    needed = np.maximum(hits_needed(gold_count), 1)
    reached = needed[needed <= curve.size]
    return float(curve[reached - 1].sum() / RECALL_POINTS.size)


def _at_recall_points(
    curve: FloatArray, at: IntArray, scores: FloatArray, needed: IntArray
) -> tuple[FloatArray, FloatArray]:
    precision, score = np.zeros(needed.size), np.zeros(needed.size)
    if scores.size:
        score[needed == 0] = scores[0]
    reached = needed <= curve.size
    if curve.size:
        hit = np.maximum(needed[reached], 1) - 1
        precision[reached] = curve[hit]
        score[reached] = scores[np.where(needed[reached] == 0, 0, at[hit])]
    return precision, score
