"""How far to trust a detector's numbers, and whether one detector is better than another.

Images are drawn again with replacement (the unit that was sampled), matches are kept: they depend on one image alone.
So a replicate is a vector of image weights, and its AP follows from weighted cumulative counts over the same ranking.
With all weights 1 the AP is COCO's. Two detectors are compared on the same replicates (paired), which takes out what
the images have in common.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum

import numpy as np

from goldsmith.core.errors import InvalidInputError
from goldsmith.science.arrays import BoolArray, FloatArray, IntArray
from goldsmith.science.detection_metrics.average_precision import (
    IOU_THRESHOLDS,
    RECALL_POINTS,
    class_outcomes,
)
from goldsmith.science.detection_metrics.matching import match_detections
from goldsmith.science.detection_metrics.types import GoldBoxes, PredictedBoxes, View, check_scope

_CELLS_AT_ONCE = 4_000_000
_FEWEST_IMAGES = 10
_EPS = float(np.spacing(1))


class Verdict(StrEnum):
    """What a paired comparison says about the candidate."""

    BETTER = "better"
    WORSE = "worse"
    INCONCLUSIVE = "inconclusive"


@dataclass(frozen=True, slots=True)
class ClassRanking:
    """Detections of one class in ranking order, with what resampling needs.

    Attributes:
        image: ``[n]`` image of each detection.
        is_true: ``[thresholds, n]``.
        counts: ``[thresholds, n]`` true or false, not ignored.
        gold_image: ``[g]`` image of each object that counts.
    """

    image: IntArray
    is_true: BoolArray
    counts: BoolArray
    gold_image: IntArray


@dataclass(frozen=True, slots=True)
class ImageStatistics:
    """Everything about a detector's matches that survives the drawing of images.

    Attributes:
        image_count: Number of images.
        iou_thresholds: ``[t]``.
        classes: One ranking per class.
    """

    image_count: int
    iou_thresholds: FloatArray
    classes: tuple[ClassRanking, ...]


@dataclass(frozen=True, slots=True)
class Interval:
    """An estimate with an interval.

    Attributes:
        value: On the images as they are; -1 without gold.
        low: Lower end.
        high: Upper end.
    """

    value: float
    low: float
    high: float


@dataclass(frozen=True, slots=True)
class DetectionIntervals:
    """Intervals of a detector's headline numbers and of each class.

    Attributes:
        ap: AP over all thresholds.
        ap50: AP at the first threshold.
        class_ap50: One per class; -1 where the class has no gold.
        replicates: Number of resamplings.
        confidence: Such as 0.95.
    """

    ap: Interval
    ap50: Interval
    class_ap50: tuple[Interval, ...]
    replicates: int
    confidence: float


@dataclass(frozen=True, slots=True)
class PairedComparison:
    """Candidate minus baseline on the same images.

    Attributes:
        metric: ``ap`` or ``ap50``.
        candidate: Its value.
        baseline: Its value.
        difference: ``candidate - baseline``.
        low: Lower end of the interval of the difference.
        high: Upper end.
        probability_better: Share of replicates in which the candidate is ahead, ties half.
        verdict: Better or worse only when the whole interval is beyond the margin on that side.
        replicates: Number of resamplings.
        confidence: Such as 0.95.
    """

    metric: str
    candidate: float
    baseline: float
    difference: float
    low: float
    high: float
    probability_better: float
    verdict: Verdict
    replicates: int
    confidence: float


def image_statistics(
    gold: GoldBoxes,
    predicted: PredictedBoxes,
    *,
    image_count: int,
    class_count: int,
    iou_thresholds: FloatArray = IOU_THRESHOLDS,
) -> ImageStatistics:
    """Match once and keep what every replicate needs.

    Args:
        gold: True objects.
        predicted: Detections.
        image_count: Images measured.
        class_count: Classes.
        iou_thresholds: COCO's ten, or fewer.

    Raises:
        InvalidInputError: An index is out of range.

    >>> gold = GoldBoxes.of(image=[0, 1], class_index=[0, 0], box_xywh=[[0, 0, 9, 9], [20, 0, 9, 9]])
    >>> found = PredictedBoxes.of(image=[0, 1], class_index=[0, 0], box_xywh=[[0, 0, 9, 9], [60, 0, 9, 9]],
    ...                           score=[0.9, 0.6])
    >>> image_statistics(gold, found, image_count=2, class_count=1).image_count
    2
    """
    check_scope(gold, predicted, image_count=image_count, class_count=class_count)
    everything = View("all", np.zeros(len(gold), dtype=np.bool_), np.zeros(len(predicted), dtype=np.bool_))
    matches = match_detections(
        gold, predicted, class_count=class_count, views=[everything], iou_thresholds=iou_thresholds
    )
    classes = []
    for c in range(class_count):
        outcomes = class_outcomes(matches, gold, class_index=c)
        rows = matches.row[matches.class_starts[c] : matches.class_starts[c + 1]]
        classes.append(
            ClassRanking(
                image=predicted.image[rows],
                is_true=outcomes.is_true[0],
                counts=outcomes.is_true[0] | outcomes.is_false[0],
                gold_image=gold.image[(gold.class_index == c) & ~gold.is_crowd],
            )
        )
    return ImageStatistics(image_count, np.asarray(iou_thresholds), tuple(classes))


def resampled_ap(statistics: ImageStatistics, weights: IntArray) -> FloatArray:
    """AP of every replicate, threshold and class.

    Args:
        statistics: From ``image_statistics``.
        weights: ``[replicates, images]`` how often each image was drawn.

    Returns:
        ``[replicates, thresholds, classes]``; NaN where a replicate holds no gold of the class.

    Raises:
        InvalidInputError: The weights do not fit the images.
    """
    if weights.ndim != 2 or weights.shape[1] != statistics.image_count:
        raise InvalidInputError(f"weights must have the shape [replicates, {statistics.image_count}]")
    thresholds = statistics.iou_thresholds.size
    result = np.full((len(weights), thresholds, len(statistics.classes)), np.nan)
    for c, ranking in enumerate(statistics.classes):
        if not ranking.gold_image.size:
            continue
        for rows in _row_blocks(len(weights), ranking.image.size):
            drawn = weights[rows]
            to_find = drawn[:, ranking.gold_image].sum(axis=1)
            by_detection = drawn[:, ranking.image]
            taken, plain = None, ranking.counts[0]
            for t in range(thresholds):
                if taken is None or not np.array_equal(ranking.counts[t], plain):
                    plain = ranking.counts[t]
                    taken = np.cumsum(by_detection * plain, axis=1, dtype=np.int64)
                at = np.flatnonzero(ranking.is_true[t])
                result[rows, t, c] = _weighted_ap(by_detection[:, at], taken[:, at], to_find)
    return result


def bootstrap_intervals(
    statistics: ImageStatistics,
    *,
    rng: np.random.Generator,
    replicates: int = 500,
    confidence: float = 0.95,
) -> DetectionIntervals:
    """Intervals by drawing images again.

    AP is biased upwards on few images (its precision envelope picks the luckiest points), and more so on resampled
    ones; the basic interval, which reflects the resampled values at the estimate, mends part of that. In simulation it
    held the truth in 90 to 92 % of trials at a nominal 95 %, percentiles in 65 to 79 %.

    Args:
        statistics: From ``image_statistics``.
        rng: Source of the drawing.
        replicates: Resamplings.
        confidence: Of the interval, in (0, 1).

    Raises:
        InvalidInputError: No image, or nonsensical settings.

    >>> gold = GoldBoxes.of(image=[0, 1], class_index=[0, 0], box_xywh=[[0, 0, 9, 9], [20, 0, 9, 9]])
    >>> found = PredictedBoxes.of(image=[0, 1], class_index=[0, 0], box_xywh=[[0, 0, 9, 9], [60, 0, 9, 9]],
    ...                           score=[0.9, 0.6])
    >>> statistics = image_statistics(gold, found, image_count=2, class_count=1)
    >>> found_intervals = bootstrap_intervals(statistics, rng=np.random.default_rng(0), replicates=20)
    >>> bool(found_intervals.ap.low <= found_intervals.ap.value <= found_intervals.ap.high)
    True
    """
    plain = resampled_ap(statistics, np.ones((1, statistics.image_count), dtype=np.int64))
    drawn = resampled_ap(statistics, draw_images(statistics.image_count, rng=rng, replicates=replicates))
    ends = _ends(confidence)
    return DetectionIntervals(
        ap=_interval(_mean_of_classes(plain), _mean_of_classes(drawn), ends),
        ap50=_interval(_mean_of_classes(plain[:, :1]), _mean_of_classes(drawn[:, :1]), ends),
        class_ap50=tuple(
            _interval(plain[:, 0, c], drawn[:, 0, c], ends) for c in range(len(statistics.classes))
        ),
        replicates=replicates,
        confidence=confidence,
    )


def paired_comparison(
    candidate: ImageStatistics,
    baseline: ImageStatistics,
    *,
    rng: np.random.Generator,
    metric: str = "ap50",
    replicates: int = 500,
    confidence: float = 0.95,
    margin: float = 0.0,
) -> PairedComparison:
    """Is the candidate better than the baseline, on the same images and gold?

    Args:
        candidate: Statistics of one model.
        baseline: Statistics of the other, of the same images in the same order.
        rng: Source of the drawing.
        metric: ``ap50`` (first threshold) or ``ap`` (mean of all thresholds).
        replicates: Resamplings.
        confidence: Of the interval of the difference.
        margin: Differences up to this do not matter.

    Returns:
        The difference with interval and verdict; below 10 images always inconclusive.

    Raises:
        InvalidInputError: The two were not measured on the same images and gold, or the metric is unknown.

    >>> gold = GoldBoxes.of(image=[0, 1], class_index=[0, 0], box_xywh=[[0, 0, 9, 9], [20, 0, 9, 9]])
    >>> found = PredictedBoxes.of(image=[0, 1], class_index=[0, 0], box_xywh=[[0, 0, 9, 9], [60, 0, 9, 9]],
    ...                           score=[0.9, 0.6])
    >>> statistics = image_statistics(gold, found, image_count=2, class_count=1)
    >>> paired_comparison(statistics, statistics, rng=np.random.default_rng(0), replicates=20).verdict.value
    'inconclusive'
    """
    _same_gold(candidate, baseline)
    if metric not in ("ap", "ap50"):
        raise InvalidInputError(f"metric must be ap or ap50, not {metric}")
    upto = 1 if metric == "ap50" else candidate.iou_thresholds.size
    weights = np.concatenate(
        [
            np.ones((1, candidate.image_count), dtype=np.int64),
            draw_images(candidate.image_count, rng=rng, replicates=replicates),
        ]
    )
    one, other = (
        _mean_of_classes(resampled_ap(_first_thresholds(statistics, upto), weights))
        for statistics in (candidate, baseline)
    )
    difference = one - other
    present = difference[1:][np.isfinite(difference[1:])]
    if not present.size or not np.isfinite(difference[0]):
        return PairedComparison(
            metric, -1.0, -1.0, 0.0, 0.0, 0.0, 0.5, Verdict.INCONCLUSIVE, replicates, confidence
        )
    low, high = (float(v) for v in np.quantile(present, _ends(confidence)))
    ahead = float((present > 0.0).mean() + (present == 0.0).mean() / 2.0)
    verdict = Verdict.INCONCLUSIVE
    if candidate.image_count >= _FEWEST_IMAGES and low > margin:
        verdict = Verdict.BETTER
    elif candidate.image_count >= _FEWEST_IMAGES and high < -margin:
        verdict = Verdict.WORSE
    return PairedComparison(
        metric,
        float(one[0]),
        float(other[0]),
        float(difference[0]),
        low,
        high,
        ahead,
        verdict,
        replicates,
        confidence,
    )


def draw_images(image_count: int, *, rng: np.random.Generator, replicates: int) -> IntArray:
    """``[replicates, images]`` how often each image is drawn when as many are drawn as there are.

    Raises:
        InvalidInputError: No image or no replicate.
    """
    if image_count < 1 or replicates < 1:
        raise InvalidInputError("resampling needs at least one image and one replicate")
    return np.asarray(rng.multinomial(image_count, np.full(image_count, 1.0 / image_count), size=replicates))


def _weighted_ap(hit_weight: IntArray, taken: IntArray, to_find: IntArray) -> FloatArray:
    """AP of each replicate of one class at one threshold.

    Args:
        hit_weight: ``[replicates, hits]`` weight of each true positive, in ranking order.
        taken: ``[replicates, hits]`` weight of all that counts, up to and with it.
        to_find: ``[replicates]`` weight of the gold.
    """
    found = np.cumsum(hit_weight, axis=1)
    precision = found / (taken + _EPS)
    best = np.maximum.accumulate(precision[:, ::-1], axis=1)[:, ::-1]
    recall = found / np.maximum(to_find, 1)[:, None]
    reached = np.where(found > 0, np.searchsorted(RECALL_POINTS, recall, side="right"), 0)
    gained = np.diff(reached, axis=1, prepend=0)
    ap = (best * gained).sum(axis=1) / RECALL_POINTS.size
    return np.where(to_find > 0, ap, np.nan)


def _mean_of_classes(ap: FloatArray) -> FloatArray:
    """``[replicates]`` mean over thresholds and the classes present; NaN where none is."""
    present = np.isfinite(ap)
    count = present.sum(axis=(1, 2))
    total = np.where(present, ap, 0.0).sum(axis=(1, 2))
    return np.asarray(np.divide(total, count, out=np.full(len(ap), np.nan), where=count > 0))


def _interval(plain: FloatArray, drawn: FloatArray, ends: tuple[float, float]) -> Interval:
    present = drawn[np.isfinite(drawn)]
    if not np.isfinite(plain[0]) or not present.size:
        return Interval(-1.0, -1.0, -1.0)
    value = float(plain[0])
    low, high = (2.0 * value - float(end) for end in np.quantile(present, ends)[::-1])
    return Interval(value, max(min(low, value), 0.0), min(max(high, value), 1.0))


def _ends(confidence: float) -> tuple[float, float]:
    if not 0.0 < confidence < 1.0:
        raise InvalidInputError(f"confidence must lie in (0, 1), not {confidence}")
    return (1.0 - confidence) / 2.0, (1.0 + confidence) / 2.0


def _row_blocks(rows: int, columns: int) -> Iterator[slice]:
    size = max(_CELLS_AT_ONCE // max(columns, 1), 1)
    return (slice(begin, min(begin + size, rows)) for begin in range(0, rows, size))


def _first_thresholds(statistics: ImageStatistics, count: int) -> ImageStatistics:
    return ImageStatistics(
        statistics.image_count,
        statistics.iou_thresholds[:count],
        tuple(
            ClassRanking(c.image, c.is_true[:count], c.counts[:count], c.gold_image)
            for c in statistics.classes
        ),
    )


def _same_gold(one: ImageStatistics, other: ImageStatistics) -> None:
    same = one.image_count == other.image_count and len(one.classes) == len(other.classes)
    same = same and np.array_equal(one.iou_thresholds, other.iou_thresholds)
    same = same and all(
        np.array_equal(a.gold_image, b.gold_image) for a, b in zip(one.classes, other.classes, strict=True)
    )
    if not same:
        raise InvalidInputError("two models can only be compared on the same images, classes and gold")
