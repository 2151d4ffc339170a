"""Detections matched to gold as COCO does it, over all images, thresholds and views at once.

Greedy by score inside each image and class (pycocotools ``evaluateImg``): each detection takes the free gold
object of highest IoU at or above the threshold, gold that counts before gold that does not, the later one of
two equals; crowd regions stay free. Only pairs above the lowest threshold are looked at, and detections that
share no gold object are independent of each other, so that one numpy step decides the first detection of
every such family together.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from goldsmith.science.arrays import BoolArray, FloatArray, IntArray
from goldsmith.science.detection_metrics.types import GoldBoxes, PredictedBoxes, View
from goldsmith.science.segments import connected_components, ragged_arange, rank_within_runs, run_starts

_PAIRS_AT_ONCE = 2_000_000


@dataclass(frozen=True, slots=True)
class Matches:
    """Detections in ranking order with what each of them found.

    Attributes:
        row: ``[n]`` index into the detections given, ordered by class, falling score, image; the best
            ``detections_per_image`` of each image and class only.
        class_starts: ``[classes + 1]`` where the detections of each class begin in ``row``.
        rank: ``[n]`` position of the detection among those of its image and class.
        candidate: ``[c]`` ascending positions in ``row`` that overlap any gold enough; all others match
            nothing.
        gold_of_candidate: ``[views, thresholds, c]`` index of the gold object found, -1 for none.
        iou_thresholds: ``[thresholds]``.
        views: The ways of counting.
    """

    row: IntArray
    class_starts: IntArray
    rank: IntArray
    candidate: IntArray
    gold_of_candidate: NDArray[np.int32]
    iou_thresholds: FloatArray
    views: tuple[View, ...]


@dataclass(frozen=True, slots=True)
class _Pairs:
    """Overlapping detection-gold pairs, grouped by detection and rising in preference inside each."""

    detection: IntArray
    gold: IntArray
    iou: FloatArray
    step: IntArray

    def taken(self, keep: IntArray) -> _Pairs:
        return _Pairs(self.detection[keep], self.gold[keep], self.iou[keep], self.step[keep])


def match_detections(
    gold: GoldBoxes,
    predicted: PredictedBoxes,
    *,
    class_count: int,
    views: Sequence[View],
    iou_thresholds: FloatArray,
    detections_per_image: int = 100,
) -> Matches:
    """Match all detections at all thresholds in all views.

    Args:
        gold: True objects.
        predicted: Detections.
        class_count: Number of classes.
        views: At least one.
        iou_thresholds: ``[t]`` rising or not, each in (0, 1].
        detections_per_image: How many of the best detections of an image and class take part.

    Returns:
        The matches; see ``Matches``.
    """
    ranked, rank = _ranked(predicted, detections_per_image=detections_per_image)
    class_starts = np.searchsorted(predicted.class_index[ranked], np.arange(class_count + 1)).astype(np.int64)
    thresholds = np.minimum(np.asarray(iou_thresholds, dtype=np.float64), 1.0 - 1e-10)
    detection, matched_gold, iou = candidate_pairs(
        gold, predicted, ranked, class_count=class_count, min_iou=float(thresholds.min(initial=1.0))
    )
    pairs = _in_steps(detection, matched_gold, iou, rank=rank, gold=gold)
    candidate = np.unique(detection)
    found = _greedy(pairs, candidate, gold, views=views, thresholds=thresholds)
    return Matches(ranked, class_starts, rank, candidate, found, thresholds, tuple(views))


def candidate_pairs(
    gold: GoldBoxes, predicted: PredictedBoxes, rows: IntArray, *, class_count: int, min_iou: float
) -> tuple[IntArray, IntArray, FloatArray]:
    """Pairs of the same image and class with at least ``min_iou``.

    Args:
        gold: True objects.
        predicted: Detections.
        rows: ``[n]`` the detections to look at.
        class_count: Number of classes; with 1, pass class columns of zeros to compare across classes.
        min_iou: Lowest IoU kept.

    Returns:
        Position in ``rows``, gold index and IoU of each pair, all ``[p]``.
    """
    gold_key = gold.image * class_count + gold.class_index
    gold_order = np.argsort(gold_key, kind="stable")
    sorted_key = gold_key[gold_order]
    key = predicted.image[rows] * class_count + predicted.class_index[rows]
    begin = np.searchsorted(sorted_key, key, side="left")
    counts = np.searchsorted(sorted_key, key, side="right") - begin
    ends = np.cumsum(counts)
    parts: list[tuple[IntArray, IntArray, FloatArray]] = []
    first = 0
    while first < rows.size:
        done = int(ends[first - 1]) if first else 0
        last = max(int(np.searchsorted(ends, done + _PAIRS_AT_ONCE, side="right")), first + 1)
        size = counts[first:last]
        detection = np.repeat(np.arange(first, last), size)
        other = gold_order[np.repeat(begin[first:last], size) + ragged_arange(size)]
        iou = coco_iou(
            predicted.box_xywh[rows[detection]], gold.box_xywh[other], is_crowd=gold.is_crowd[other]
        )
        keep = iou >= min_iou
        parts.append((detection[keep], other[keep], iou[keep]))
        first = last
    if not parts:
        return np.zeros(0, dtype=np.int64), np.zeros(0, dtype=np.int64), np.zeros(0)
    return (
        np.concatenate([part[0] for part in parts]),
        np.concatenate([part[1] for part in parts]),
        np.concatenate([part[2] for part in parts]),
    )


def coco_iou(predicted_xywh: FloatArray, gold_xywh: FloatArray, *, is_crowd: BoolArray) -> FloatArray:
    """IoU row by row with the arithmetic of pycocotools ``bbIou``, to the last bit.

    Against a crowd region the intersection is divided by the detection alone.

    >>> coco_iou(np.array([[0.0, 0, 2, 2]]), np.array([[1.0, 0, 9, 2]]), is_crowd=np.array([True])).tolist()
    [0.5]
    """
    px, py, pw, ph = predicted_xywh.T
    gx, gy, gw, gh = gold_xywh.T
    width = np.minimum(pw + px, gw + gx) - np.maximum(px, gx)
    height = np.minimum(ph + py, gh + gy) - np.maximum(py, gy)
    shared = np.where((width > 0.0) & (height > 0.0), width * height, 0.0)
    area = pw * ph
    union = np.where(is_crowd, area, area + gw * gh - shared)
    return np.asarray(np.divide(shared, union, out=np.zeros_like(shared), where=shared > 0.0))


def _ranked(predicted: PredictedBoxes, *, detections_per_image: int) -> tuple[IntArray, IntArray]:
    """Detections by class, falling score, image, order given; and their rank inside image and class."""
    order = np.lexsort((predicted.image, -predicted.score, predicted.class_index))
    groups = (
        predicted.image[order] * (int(predicted.class_index.max(initial=0)) + 1)
        + predicted.class_index[order]
    )
    by_group = np.argsort(groups, kind="stable")
    rank = np.empty(order.size, dtype=np.int64)
    rank[by_group] = rank_within_runs(groups[by_group])
    keep = rank < detections_per_image
    return order[keep], rank[keep]


def _in_steps(
    detection: IntArray, other: IntArray, iou: FloatArray, *, rank: IntArray, gold: GoldBoxes
) -> _Pairs:
    """Order pairs so that each step holds at most one detection of every family that competes for gold."""
    unique, local = np.unique(detection, return_inverse=True)
    solid = ~gold.is_crowd[other]
    gold_unique, gold_local = np.unique(other, return_inverse=True)
    family = connected_components(
        unique.size + gold_unique.size, local[solid], unique.size + gold_local[solid]
    )[: unique.size]
    by_family = np.lexsort((rank[unique], family))
    step = np.empty(unique.size, dtype=np.int64)
    step[by_family] = rank_within_runs(family[by_family])
    pairs = _Pairs(detection, other, iou, step[local])
    return pairs.taken(np.lexsort((other, iou, detection, pairs.step)))


def _greedy(
    pairs: _Pairs, candidate: IntArray, gold: GoldBoxes, *, views: Sequence[View], thresholds: FloatArray
) -> NDArray[np.int32]:
    """Decide every detection in steps; returns ``[views, thresholds, candidates]`` gold indices or -1."""
    outside = np.stack([view.gold_outside | gold.is_crowd for view in views], axis=1)  # [g, v]
    competing, gold_slot = np.unique(pairs.gold, return_inverse=True)
    free = np.ones((competing.size, len(views), thresholds.size), dtype=np.bool_)
    counting = ~outside[competing]
    crowd = gold.is_crowd[competing]
    found = np.full((candidate.size, len(views), thresholds.size), -1, dtype=np.int32)
    slot_of_detection = np.searchsorted(candidate, pairs.detection)
    starts = run_starts(pairs.step)
    ends = np.r_[starts[1:], pairs.step.size][: starts.size]
    for begin, end in zip(starts.tolist(), ends.tolist(), strict=True):
        slot = gold_slot[begin:end]
        size = end - begin
        open_ = free[slot] & (pairs.iou[begin:end, None] >= thresholds)[:, None, :]
        preference = np.arange(size, dtype=np.int32)[:, None] + size * counting[slot].astype(np.int32)
        key = np.where(open_, preference[:, :, None], np.int32(-1))
        firsts = run_starts(slot_of_detection[begin:end])
        best = np.maximum.reduceat(key, firsts, axis=0)
        row, view, threshold = np.nonzero(best >= 0)
        chosen = slot[best[row, view, threshold] % size]
        found[slot_of_detection[begin + firsts][row], view, threshold] = competing[chosen]
        solid = ~crowd[chosen]
        free[chosen[solid], view[solid], threshold[solid]] = False
    return np.ascontiguousarray(found.transpose(1, 2, 0))
