"""The twelve COCO bbox numbers, equal to pycocotools.

Protocol: IoU .50:.05:.95, 101 recall points, 1 / 10 / 100 detections per image and class, sizes by gold area
    (small
below 32^2, large above 96^2), crowd regions ignored, classes without gold left out of the means.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np

from goldsmith.core.errors import InvalidInputError
from goldsmith.science.arrays import FloatArray, IntArray
from goldsmith.science.detection_metrics.average_precision import (
    IOU_THRESHOLDS,
    RECALL_POINTS,
    Accumulated,
    accumulate,
)
from goldsmith.science.detection_metrics.matching import match_detections
from goldsmith.science.detection_metrics.types import GoldBoxes, PredictedBoxes, View, check_scope

AREA_RANGES: Final[dict[str, tuple[float, float]]] = {
    "all": (0.0, 1e10),
    "small": (0.0, 1024.0),
    "medium": (1024.0, 9216.0),
    "large": (9216.0, 1e10),
}
DETECTION_LIMITS: Final[tuple[int, int, int]] = (1, 10, 100)
COCO_NUMBERS: Final[tuple[str, ...]] = (
    "ap",
    "ap50",
    "ap75",
    "ap_small",
    "ap_medium",
    "ap_large",
    "ar_1",
    "ar_10",
    "ar_100",
    "ar_small",
    "ar_medium",
    "ar_large",
)


@dataclass(frozen=True, slots=True)
class CocoEvaluation:
    """A detector measured on gold.

    Attributes:
        stats: The twelve numbers in pycocotools' order (``COCO_NUMBERS``); -1 where there is no gold to
            measure on.
        class_ap: ``[classes]`` AP over all thresholds, -1 for classes without gold.
        class_ap50: ``[classes]`` AP at IoU 0.5.
        class_recall: ``[classes]`` highest recall, mean over thresholds, 100 detections.
        gold_count: ``[classes]`` gold objects that are not crowd.
        accumulated: Precision and recall per area range, threshold and class.
    """

    stats: FloatArray
    class_ap: FloatArray
    class_ap50: FloatArray
    class_recall: FloatArray
    gold_count: IntArray
    accumulated: Accumulated

    @property
    def numbers(self) -> dict[str, float]:
        """The twelve numbers by name."""
        return dict(zip(COCO_NUMBERS, self.stats.tolist(), strict=True))


def evaluate_coco(
    gold: GoldBoxes, predicted: PredictedBoxes, *, image_count: int, class_count: int
) -> CocoEvaluation:
    """Measure detections against gold.

    Args:
        gold: True objects.
        predicted: Detections.
        image_count: Images measured; indices stay below it.
        class_count: Classes; indices stay below it.

    Returns:
        The twelve numbers and what they are made of.

    Raises:
        InvalidInputError: An index is out of range.

    >>> gold = GoldBoxes.of(image=[0, 1], class_index=[0, 0], box_xywh=[[0, 0, 40, 40], [5, 5, 40, 40]])
    >>> found = PredictedBoxes.of(image=[0], class_index=[0], box_xywh=[[0, 0, 40, 40]], score=[0.9])
    >>> round(evaluate_coco(gold, found, image_count=2, class_count=1).numbers["ap"], 4)
    0.505
    """
    check_scope(gold, predicted, image_count=image_count, class_count=class_count)
    matches = match_detections(
        gold,
        predicted,
        class_count=class_count,
        views=area_views(gold, predicted),
        iou_thresholds=IOU_THRESHOLDS,
        detections_per_image=DETECTION_LIMITS[-1],
    )
    result = accumulate(matches, gold, predicted, class_count=class_count, detection_limits=DETECTION_LIMITS)
    absent = result.gold_count[0] == 0
    ap = result.average_precision
    return CocoEvaluation(
        stats=_twelve(result),
        class_ap=np.where(absent, -1.0, ap[0].mean(axis=0)),
        class_ap50=np.where(absent, -1.0, ap[0, 0]),
        class_recall=np.where(absent, -1.0, result.recall[0, :, :, -1].mean(axis=0)),
        gold_count=result.gold_count[0],
        accumulated=result,
    )


def area_views(gold: GoldBoxes, predicted: PredictedBoxes) -> tuple[View, ...]:
    """COCO's four size ranges; both ends belong to a range."""
    area = predicted.area
    return tuple(
        View(name, (gold.area < low) | (gold.area > high), (area < low) | (area > high))
        for name, (low, high) in AREA_RANGES.items()
    )


def _twelve(result: Accumulated) -> FloatArray:
    precision, recall = result.precision, result.recall
    return np.array(
        [
            _mean_present(precision[0]),
            _mean_present(precision[0, 0]),
            _mean_present(precision[0, 5]),
            *(_mean_present(precision[view]) for view in (1, 2, 3)),
            *(_mean_present(recall[0, :, :, limit]) for limit in (0, 1, 2)),
            *(_mean_present(recall[view, :, :, 2]) for view in (1, 2, 3)),
        ]
    )


def _mean_present(values: FloatArray) -> float:
    present = values[values > -1]
    return float(present.mean()) if present.size else -1.0


@dataclass(frozen=True, slots=True)
class CocoTables:
    """COCO dictionaries as columns, with the ids their indices stand for.

    Attributes:
        gold: True objects.
        predicted: Detections.
        image_ids: Ascending; index -> id.
        class_ids: Ascending; index -> category id.
    """

    gold: GoldBoxes
    predicted: PredictedBoxes
    image_ids: tuple[int, ...]
    class_ids: tuple[int, ...]


def tables_from_coco(dataset: Mapping[str, Any], results: Sequence[Mapping[str, Any]]) -> CocoTables:
    """Columns from a COCO dataset and a COCO results list.

    Annotation ids play no part, so that ids starting at 0 do no harm. Annotations of unknown categories are
    left out, as pycocotools does.

    Args:
        dataset: With ``images``, ``categories`` and ``annotations`` (``bbox`` x, y, w, h; ``area``;
            ``iscrowd``).
        results: ``{"image_id", "category_id", "bbox", "score"}`` each.

    Raises:
        InvalidInputError: A result names an image that the dataset does not have.

    >>> dataset = {"images": [{"id": 7}], "categories": [{"id": 3}],
    ...            "annotations": [{"id": 1, "image_id": 7, "category_id": 3, "bbox": [0, 0, 4, 4], "area": 16,
    ...                             "iscrowd": 0}]}
    >>> tables_from_coco(dataset, []).gold.image.tolist()
    [0]
    """
    image_ids = sorted({int(image["id"]) for image in dataset["images"]})
    class_ids = sorted({int(category["id"]) for category in dataset["categories"]})
    image_of, class_of = {v: i for i, v in enumerate(image_ids)}, {v: i for i, v in enumerate(class_ids)}
    unknown = {int(result["image_id"]) for result in results} - image_of.keys()
    if unknown:
        raise InvalidInputError(f"results name images that the dataset does not have, such as {min(unknown)}")
    kept = [a for a in dataset["annotations"] if a["category_id"] in class_of and a["image_id"] in image_of]
    found = [r for r in results if r["category_id"] in class_of]
    gold = GoldBoxes.of(
        image=np.array([image_of[a["image_id"]] for a in kept], dtype=np.int64),
        class_index=np.array([class_of[a["category_id"]] for a in kept], dtype=np.int64),
        box_xywh=[a["bbox"] for a in kept],
        area=[a["area"] for a in kept],
        is_crowd=[bool(a.get("iscrowd", 0)) for a in kept],
    )
    predicted = PredictedBoxes.of(
        image=np.array([image_of[r["image_id"]] for r in found], dtype=np.int64),
        class_index=np.array([class_of[r["category_id"]] for r in found], dtype=np.int64),
        box_xywh=[r["bbox"] for r in found],
        score=[r["score"] for r in found],
    )
    return CocoTables(gold, predicted, tuple(image_ids), tuple(class_ids))


__all__ = [
    "AREA_RANGES",
    "COCO_NUMBERS",
    "DETECTION_LIMITS",
    "IOU_THRESHOLDS",
    "RECALL_POINTS",
    "CocoEvaluation",
    "CocoTables",
    "area_views",
    "evaluate_coco",
    "tables_from_coco",
]
