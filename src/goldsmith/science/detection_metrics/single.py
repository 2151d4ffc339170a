"""One threshold, all sizes: which detections are right, which gold is found; what the analyses are made from."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from goldsmith.core.errors import InvalidInputError
from goldsmith.science.arrays import BoolArray, FloatArray, IntArray
from goldsmith.science.detection_metrics.matching import coco_iou, match_detections
from goldsmith.science.detection_metrics.types import GoldBoxes, PredictedBoxes, View, check_scope

MATCH_IOU = 0.5


@dataclass(frozen=True, slots=True)
class SingleMatch:
    """Detections matched once, at one IoU threshold.

    Attributes:
        gold_of: ``[d]`` gold object each detection found, -1 for none.
        counted: ``[d]`` takes part: sure enough, among the best of its image and class, not on a crowd region.
        found_by: ``[g]`` detection that found each gold object, -1 for none.
        iou: ``[d]`` overlap with the object found, 0 for none.
    """

    gold_of: IntArray
    counted: BoolArray
    found_by: IntArray
    iou: FloatArray


def match_once(
    gold: GoldBoxes,
    predicted: PredictedBoxes,
    *,
    image_count: int,
    class_count: int,
    iou_threshold: float = MATCH_IOU,
    min_score: ArrayLike = -np.inf,
    detections_per_image: int = 100,
) -> SingleMatch:
    """Match as COCO does, at one threshold.

    Args:
        gold: True objects.
        predicted: Detections.
        image_count: Images measured.
        class_count: Classes.
        iou_threshold: In (0, 1].
        min_score: Detections below are left out; one number or one per class.
        detections_per_image: Best detections of an image and class that take part.

    Returns:
        The matches.

    Raises:
        InvalidInputError: An index or the threshold is out of range.

    >>> gold = GoldBoxes.of(image=[0, 1], class_index=[0, 0], box_xywh=[[0, 0, 9, 9], [20, 0, 9, 9]])
    >>> found = PredictedBoxes.of(image=[0, 1], class_index=[0, 0], box_xywh=[[0, 0, 9, 9], [60, 0, 9, 9]],
    ...                           score=[0.9, 0.6])
    >>> match_once(gold, found, image_count=2, class_count=1).gold_of.tolist()
    [0, -1]
    """
    check_scope(gold, predicted, image_count=image_count, class_count=class_count)
    if not 0.0 < iou_threshold <= 1.0:
        raise InvalidInputError(f"iou_threshold must lie in (0, 1], not {iou_threshold}")
    lowest = np.broadcast_to(np.asarray(min_score, dtype=np.float64), (class_count,))
    sure = np.flatnonzero(predicted.score >= lowest[predicted.class_index])
    chosen = PredictedBoxes(
        predicted.image[sure], predicted.class_index[sure], predicted.box_xywh[sure], predicted.score[sure]
    )
    everything = View("all", np.zeros(len(gold), dtype=np.bool_), np.zeros(len(chosen), dtype=np.bool_))
    matches = match_detections(
        gold,
        chosen,
        class_count=class_count,
        views=[everything],
        iou_thresholds=np.array([iou_threshold]),
        detections_per_image=detections_per_image,
    )
    gold_of = np.full(len(predicted), -1, dtype=np.int64)
    counted = np.zeros(len(predicted), dtype=np.bool_)
    counted[sure[matches.row]] = True
    gold_of[sure[matches.row[matches.candidate]]] = matches.gold_of_candidate[0, 0]
    on_crowd = np.flatnonzero(gold_of >= 0)
    on_crowd = on_crowd[gold.is_crowd[gold_of[on_crowd]]]
    counted[on_crowd] = False
    gold_of[on_crowd] = -1
    hits = np.flatnonzero(gold_of >= 0)
    found_by = np.full(len(gold), -1, dtype=np.int64)
    found_by[gold_of[hits]] = hits
    iou = np.zeros(len(predicted))
    iou[hits] = coco_iou(
        predicted.box_xywh[hits], gold.box_xywh[gold_of[hits]], is_crowd=np.zeros(hits.size, dtype=np.bool_)
    )
    return SingleMatch(gold_of, counted, found_by, iou)


@dataclass(frozen=True, slots=True)
class FoundObjects:
    """Precision, recall and F1 over all classes together.

    Attributes:
        true_positives: Detections that found an object of their class.
        false_positives: Detections that found none.
        missed: Objects that nothing found.
        mean_iou: Mean overlap of what was found; 0 when nothing was.
    """

    true_positives: int
    false_positives: int
    missed: int
    mean_iou: float

    @property
    def precision(self) -> float:
        """Share of detections that are right; 1 when there are none."""
        total = self.true_positives + self.false_positives
        return self.true_positives / total if total else 1.0

    @property
    def recall(self) -> float:
        """Share of objects found; 1 when there are none."""
        total = self.true_positives + self.missed
        return self.true_positives / total if total else 1.0

    @property
    def f1(self) -> float:
        """Harmonic mean of both; 1 when there is nothing to find and nothing found."""
        total = 2 * self.true_positives + self.false_positives + self.missed
        return 2 * self.true_positives / total if total else 1.0


def found_objects(
    gold: GoldBoxes,
    predicted: PredictedBoxes,
    *,
    image_count: int,
    class_count: int,
    iou_threshold: float = MATCH_IOU,
    min_score: ArrayLike = -np.inf,
) -> FoundObjects:
    """Objects found at one IoU and score threshold; also for a consensus, with posteriors as scores.

    Args:
        gold: True objects.
        predicted: Detections.
        image_count: Images measured.
        class_count: Classes.
        iou_threshold: In (0, 1].
        min_score: Detections below are left out; one number or one per class.

    >>> gold = GoldBoxes.of(image=[0, 0], class_index=[0, 1], box_xywh=[[0, 0, 9, 9], [20, 0, 9, 9]])
    >>> found = PredictedBoxes.of(image=[0], class_index=[0], box_xywh=[[0, 0, 9, 8]], score=[0.9])
    >>> round(found_objects(gold, found, image_count=1, class_count=2).f1, 3)
    0.667
    """
    match = match_once(
        gold,
        predicted,
        image_count=image_count,
        class_count=class_count,
        iou_threshold=iou_threshold,
        min_score=min_score,
    )
    hits = match.gold_of >= 0
    return FoundObjects(
        true_positives=int(hits.sum()),
        false_positives=int((match.counted & ~hits).sum()),
        missed=int(((match.found_by < 0) & ~gold.is_crowd).sum()),
        mean_iou=float(match.iou[hits].mean()) if hits.any() else 0.0,
    )
