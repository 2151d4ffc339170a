"""Precision against recall, class by class."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from goldsmith.science.arrays import FloatArray
from goldsmith.science.detection_metrics.average_precision import average_of_curve, envelope
from goldsmith.science.detection_metrics.single import MATCH_IOU, match_once
from goldsmith.science.detection_metrics.types import GoldBoxes, PredictedBoxes


@dataclass(frozen=True, slots=True)
class PrecisionRecall:
    """The curve of one class; a point per distinct score, thinned to at most ``max_points``.

    Attributes:
        class_index: The class.
        gold_count: Objects to find.
        recall: ``[points]`` rising.
        precision: ``[points]`` as counted, not interpolated.
        score: ``[points]`` falling: taking all detections with at least this score gives the point.
        average_precision: COCO's, interpolated at 101 points; -1 without gold.
        best_f1: Highest F1 on the curve; 0 when nothing was found.
        best_score: Where it is reached; infinite when nothing was found.
    """

    class_index: int
    gold_count: int
    recall: FloatArray
    precision: FloatArray
    score: FloatArray
    average_precision: float
    best_f1: float
    best_score: float


def precision_recall_curves(
    gold: GoldBoxes,
    predicted: PredictedBoxes,
    *,
    image_count: int,
    class_count: int,
    iou_threshold: float = MATCH_IOU,
    max_points: int = 500,
) -> list[PrecisionRecall]:
    """One curve per class.

    Args:
        gold: True objects.
        predicted: Detections.
        image_count: Images measured.
        class_count: Classes.
        iou_threshold: What counts as found.
        max_points: Curves are thinned evenly to this many points.

    Returns:
        ``class_count`` curves.

    Raises:
        InvalidInputError: An index or the threshold is out of range.

    >>> gold = GoldBoxes.of(image=[0, 1], class_index=[0, 0], box_xywh=[[0, 0, 9, 9], [20, 0, 9, 9]])
    >>> found = PredictedBoxes.of(image=[0, 1], class_index=[0, 0], box_xywh=[[0, 0, 9, 9], [60, 0, 9, 9]],
    ...                           score=[0.9, 0.6])
    >>> [curve.recall.tolist() for curve in precision_recall_curves(gold, found, image_count=2, class_count=1)]
    [[0.5, 0.5]]
    """
    match = match_once(
        gold, predicted, image_count=image_count, class_count=class_count, iou_threshold=iou_threshold
    )
    to_find = np.bincount(gold.class_index[~gold.is_crowd], minlength=class_count)
    rows = np.flatnonzero(match.counted)
    order = rows[np.lexsort((predicted.image[rows], -predicted.score[rows], predicted.class_index[rows]))]
    starts = np.searchsorted(predicted.class_index[order], np.arange(class_count + 1))
    return [
        _curve(
            c,
            hit=match.gold_of[order[starts[c] : starts[c + 1]]] >= 0,
            score=predicted.score[order[starts[c] : starts[c + 1]]],
            gold_count=int(to_find[c]),
            max_points=max_points,
        )
        for c in range(class_count)
    ]


def _curve(
    class_index: int, *, hit: np.ndarray, score: FloatArray, gold_count: int, max_points: int
) -> PrecisionRecall:
    true_rank = np.cumsum(hit)
    ends = np.flatnonzero(np.r_[score[1:] != score[:-1], True]) if score.size else np.zeros(0, dtype=np.int64)
    found, taken = true_rank[ends].astype(np.float64), ends + 1.0
    precision, recall = found / taken, found / max(gold_count, 1)
    f1 = 2.0 * found / (taken + gold_count)
    best = int(f1.argmax()) if f1.size and f1.max() > 0.0 else -1
    at = np.flatnonzero(hit)
    curve = envelope(true_rank[at], at + 1 - true_rank[at])
    kept = np.unique(np.linspace(0, ends.size - 1, min(max_points, ends.size)).round().astype(np.int64))
    return PrecisionRecall(
        class_index=class_index,
        gold_count=gold_count,
        recall=recall[kept],
        precision=precision[kept],
        score=score[ends[kept]],
        average_precision=average_of_curve(curve, gold_count),
        best_f1=float(f1[best]) if best >= 0 else 0.0,
        best_score=float(score[ends[best]]) if best >= 0 else float("inf"),
    )
