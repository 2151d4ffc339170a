"""The same detector on parts of the data: by size, attribute, time of day, place."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from goldsmith.science.arrays import BoolArray, as_flags
from goldsmith.science.detection_metrics.average_precision import IOU_THRESHOLDS, Accumulated, accumulate
from goldsmith.science.detection_metrics.matching import match_detections
from goldsmith.science.detection_metrics.types import GoldBoxes, PredictedBoxes, View, check_scope


@dataclass(frozen=True, slots=True)
class Slice:
    """A part of the data; each mask left None means all.

    Attributes:
        name: Such as ``night`` or ``occluded``.
        images: ``[images]`` which images belong to it.
        gold: ``[g]`` which true objects belong to it. The others are ignored: finding them neither helps nor harms.
        predicted: ``[d]`` which detections count as false alarms of the slice when they find nothing. A false alarm
            has no true attributes: for slices by attribute leave it None (all of the images count) and read recall
            first; for slices by size pass the detections of that size.
    """

    name: str
    images: BoolArray | None = None
    gold: BoolArray | None = None
    predicted: BoolArray | None = None


@dataclass(frozen=True, slots=True)
class SliceResult:
    """Numbers of one slice; -1 where it has no gold.

    Attributes:
        name: The slice.
        image_count: Images in it.
        gold_count: Objects in it, crowd left out.
        ap: AP over IoU .50:.05:.95, mean over the classes present.
        ap50: AP at IoU 0.5.
        recall50: Highest recall at IoU 0.5 with 100 detections an image, mean over the classes present.
    """

    name: str
    image_count: int
    gold_count: int
    ap: float
    ap50: float
    recall50: float


def evaluate_slices(
    gold: GoldBoxes,
    predicted: PredictedBoxes,
    *,
    slices: Sequence[Slice],
    image_count: int,
    class_count: int,
) -> list[SliceResult]:
    """Measure every slice; the matching is done once for all.

    Args:
        gold: True objects.
        predicted: Detections.
        slices: Parts of the data, overlapping or not.
        image_count: Images measured.
        class_count: Classes.

    Returns:
        One result per slice, in order.

    Raises:
        InvalidInputError: A mask has the wrong length or an index is out of range.

    >>> gold = GoldBoxes.of(image=[0, 1], class_index=[0, 0], box_xywh=[[0, 0, 9, 9], [20, 0, 9, 9]])
    >>> found = PredictedBoxes.of(image=[0, 1], class_index=[0, 0], box_xywh=[[0, 0, 9, 9], [60, 0, 9, 9]],
    ...                           score=[0.9, 0.6])
    >>> first = Slice("first", np.array([True, False]))
    >>> [result.name for result in evaluate_slices(gold, found, slices=[first], image_count=2, class_count=1)]
    ['first']
    """
    check_scope(gold, predicted, image_count=image_count, class_count=class_count)
    if not slices:
        return []
    views = [_view(part, gold, predicted, image_count=image_count) for part in slices]
    matches = match_detections(
        gold, predicted, class_count=class_count, views=views, iou_thresholds=IOU_THRESHOLDS
    )
    result = accumulate(matches, gold, predicted, class_count=class_count, detection_limits=(100,))
    return [_numbers(part, v, result, image_count=image_count) for v, part in enumerate(slices)]


def _view(part: Slice, gold: GoldBoxes, predicted: PredictedBoxes, *, image_count: int) -> View:
    images = _mask("images", part.images, length=image_count)
    gold_inside = _mask("gold", part.gold, length=len(gold)) & images[gold.image]
    predicted_inside = _mask("predicted", part.predicted, length=len(predicted)) & images[predicted.image]
    return View(part.name, ~gold_inside, ~predicted_inside)


def _mask(name: str, mask: BoolArray | None, *, length: int) -> BoolArray:
    return np.ones(length, dtype=np.bool_) if mask is None else as_flags(name, mask, length=length)


def _numbers(part: Slice, view: int, result: Accumulated, *, image_count: int) -> SliceResult:
    present = result.gold_count[view] > 0
    ap = result.average_precision[view][:, present]
    images = image_count if part.images is None else int(np.count_nonzero(part.images))
    some = bool(present.any())
    return SliceResult(
        name=part.name,
        image_count=images,
        gold_count=int(result.gold_count[view].sum()),
        ap=float(ap.mean()) if some else -1.0,
        ap50=float(ap[0].mean()) if some else -1.0,
        recall50=float(result.recall[view, 0, present, -1].mean()) if some else -1.0,
    )
