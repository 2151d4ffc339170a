"""A score per image, to look at the worst first."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from goldsmith.science.arrays import FloatArray, IntArray
from goldsmith.science.detection_metrics.single import MATCH_IOU, match_once
from goldsmith.science.detection_metrics.types import GoldBoxes, PredictedBoxes


@dataclass(frozen=True, slots=True)
class ImageScores:
    """How each image went.

    Attributes:
        score: ``[images]`` in [0, 1]: overlap of what was found, divided by found + half of (false + missed), the
            panoptic quality of the image; 1 for an image with nothing to find and nothing found.
        true_positives: ``[images]``.
        false_positives: ``[images]``.
        missed: ``[images]``.
        mean_iou: ``[images]`` of what was found; 0 when nothing was.
    """

    score: FloatArray
    true_positives: IntArray
    false_positives: IntArray
    missed: IntArray
    mean_iou: FloatArray

    @property
    def worst_first(self) -> IntArray:
        """``[images]`` lowest score first; of equals the one with more mistakes, then the lower index."""
        return np.lexsort((-(self.false_positives + self.missed), self.score))


def image_scores(
    gold: GoldBoxes,
    predicted: PredictedBoxes,
    *,
    image_count: int,
    class_count: int,
    iou_threshold: float = MATCH_IOU,
    min_score: ArrayLike = 0.5,
) -> ImageScores:
    """Score every image at one operating point.

    Args:
        gold: True objects.
        predicted: Detections.
        image_count: Images measured.
        class_count: Classes.
        iou_threshold: What counts as found.
        min_score: Detections below are left out; one number or one per class (such as where F1 is best).

    Raises:
        InvalidInputError: An index or the threshold is out of range.

    >>> gold = GoldBoxes.of(image=[0, 1], class_index=[0, 0], box_xywh=[[0, 0, 9, 9], [20, 0, 9, 9]])
    >>> found = PredictedBoxes.of(image=[0, 1], class_index=[0, 0], box_xywh=[[0, 0, 9, 9], [60, 0, 9, 9]],
    ...                           score=[0.9, 0.6])
    >>> image_scores(gold, found, image_count=2, class_count=1).true_positives.tolist()
    [1, 0]
    """
    match = match_once(
        gold,
        predicted,
        image_count=image_count,
        class_count=class_count,
        iou_threshold=iou_threshold,
        min_score=min_score,
    )
    hit = match.gold_of >= 0
    found = np.bincount(predicted.image[hit], minlength=image_count)
    false = np.bincount(predicted.image[match.counted & ~hit], minlength=image_count)
    missed = np.bincount(gold.image[(match.found_by < 0) & ~gold.is_crowd], minlength=image_count)
    overlap = np.bincount(predicted.image[hit], weights=match.iou[hit], minlength=image_count)
    weight = found + (false + missed) / 2.0
    return ImageScores(
        score=np.divide(overlap, weight, out=np.ones(image_count), where=weight > 0),
        true_positives=found,
        false_positives=false,
        missed=missed,
        mean_iou=np.divide(overlap, found, out=np.zeros(image_count), where=found > 0),
    )
