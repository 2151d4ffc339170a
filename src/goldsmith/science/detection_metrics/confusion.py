"""Which class is taken for which."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from goldsmith.science.arrays import IntArray
from goldsmith.science.detection_metrics.matching import candidate_pairs
from goldsmith.science.detection_metrics.single import MATCH_IOU, match_once
from goldsmith.science.detection_metrics.types import GoldBoxes, PredictedBoxes
from goldsmith.science.matching import SimilarPairs, link


def confusion_matrix(
    gold: GoldBoxes,
    predicted: PredictedBoxes,
    *,
    image_count: int,
    class_count: int,
    iou_threshold: float = MATCH_IOU,
    min_score: ArrayLike = 0.5,
) -> IntArray:
    """Objects by true and predicted class.

    Detections first find objects of their own class, so that the diagonal is COCO's true positives; what is left on
    both sides is paired by overlap, best first.

    Args:
        gold: True objects; crowd regions and detections on them are left out.
        predicted: Detections.
        image_count: Images measured.
        class_count: Classes.
        iou_threshold: What counts as the same object.
        min_score: Detections below are left out; one number or one per class.

    Returns:
        ``[classes + 1, classes + 1]``: rows true, columns predicted; the last row are false alarms, the last column
        misses.

    Raises:
        InvalidInputError: An index or the threshold is out of range.

    >>> gold = GoldBoxes.of(image=[0, 0], class_index=[0, 1], box_xywh=[[0, 0, 9, 9], [20, 0, 9, 9]])
    >>> found = PredictedBoxes.of(image=[0], class_index=[1], box_xywh=[[0, 0, 9, 8]], score=[0.9])
    >>> confusion_matrix(gold, found, image_count=1, class_count=2).tolist()
    [[0, 1, 0], [0, 0, 1], [0, 0, 0]]
    """
    match = match_once(
        gold,
        predicted,
        image_count=image_count,
        class_count=class_count,
        iou_threshold=iou_threshold,
        min_score=min_score,
    )
    matrix = np.zeros((class_count + 1, class_count + 1), dtype=np.int64)
    hits = np.flatnonzero(match.gold_of >= 0)
    np.add.at(matrix, (gold.class_index[match.gold_of[hits]], predicted.class_index[hits]), 1)
    stray = np.flatnonzero(match.counted & (match.gold_of < 0))
    missed = np.flatnonzero((match.found_by < 0) & ~gold.is_crowd)
    taken_for = _pair_up(gold, predicted, stray, missed, iou_threshold=iou_threshold)
    wrong = np.flatnonzero(taken_for >= 0)
    np.add.at(matrix, (gold.class_index[missed[taken_for[wrong]]], predicted.class_index[stray[wrong]]), 1)
    np.add.at(matrix[class_count], predicted.class_index[stray[taken_for < 0]], 1)
    unseen = np.setdiff1d(np.arange(missed.size), taken_for[wrong])
    np.add.at(matrix[:, class_count], gold.class_index[missed[unseen]], 1)
    return matrix


def _pair_up(
    gold: GoldBoxes, predicted: PredictedBoxes, stray: IntArray, missed: IntArray, *, iou_threshold: float
) -> IntArray:
    """Position in ``missed`` for each of ``stray``, -1 for none: one-to-one, highest overlap first."""
    left = GoldBoxes.of(
        image=gold.image[missed], class_index=np.zeros(missed.size, dtype=int), box_xywh=gold.box_xywh[missed]
    )
    plain = PredictedBoxes(
        predicted.image, np.zeros_like(predicted.class_index), predicted.box_xywh, predicted.score
    )
    detection, object_, iou = candidate_pairs(left, plain, stray, class_count=1, min_iou=iou_threshold)
    count = stray.size
    cluster = link(
        group=np.concatenate([predicted.image[stray], left.image]),
        owner=np.repeat([0, 1], [count, missed.size]),
        pairs=SimilarPairs(detection, count + object_, iou),
        tie_rank=np.arange(count + missed.size),
        min_similarity=iou_threshold,
    )
    gold_of_cluster = np.full(int(cluster.max(initial=-1)) + 1, -1, dtype=np.int64)
    gold_of_cluster[cluster[count:]] = np.arange(missed.size)
    return gold_of_cluster[cluster[:count]]
