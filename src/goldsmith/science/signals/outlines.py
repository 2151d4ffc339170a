"""Copied outlines: two people whose boxes lie nearer to each other than hands can draw."""

from __future__ import annotations

import numpy as np

from goldsmith.science.arrays import FloatArray, IntArray
from goldsmith.science.marks import Marks
from goldsmith.science.segments import run_starts
from goldsmith.science.signals.copying import PairRows, frequent_pairs, later_flags, shared_pairs
from goldsmith.science.signals.testing import median_by
from goldsmith.science.signals.types import SignalSettings

_LEAST_RANK = 1e-4
_NEAR = 0.01
_HAND_PX, _HAND_SHARE = 1.0, 0.04
"""How far hands shake: pixels, and a share of the object's side on top."""
_LEAST_SHAKE = 0.05
_UPPER_QUARTER = 0.75


def outline_rows(
    marks: Marks,
    object_of_mark: IntArray,
    times: FloatArray,
    *,
    annotator_count: int,
    settings: SignalSettings,
) -> PairRows:
    """Evidence of copied outlines.

    The distance of two people's outlines of one object is compared with how exactly each of the two draws, and ranked
    among the distances of all other pairs: a rank of 0.001 is as near as one pair of outlines in a thousand. Honest
    pairs have all ranks alike; copies the lowest. Where a model drew for everybody, zero is usual and tells nothing.
    The same two boxes on several images, as of parked cars that are carried along, count once.

    Args:
        marks: What was marked, by people; other shapes by their bounds.
        object_of_mark: Which object each mark means.
        times: ``[marks]`` when it was handed in, NaN where unknown.
        annotator_count: Number of annotators.
        settings: Holds the least number of shared objects and the most rows.
    """
    one, other = shared_pairs(object_of_mark, marks.annotator, settings=settings)
    apart = np.abs(marks.box_xyxy[one] - marks.box_xyxy[other]).max(axis=1, initial=0.0)
    mean = (marks.box_xyxy[one] + marks.box_xyxy[other]) / 2.0
    side = np.sqrt(np.maximum((mean[:, 2] - mean[:, 0]) * (mean[:, 3] - mean[:, 1]), 0.0))
    shake = apart / (_HAND_PX + _HAND_SHARE * side)
    once = _each_once(marks, one, other, annotator_count)
    one, other, shake = one[once], other[once], shake[once]
    # the upper quarter of somebody's distances is honest even if half of the partners were copied from
    both = np.r_[marks.annotator[one], marks.annotator[other]]
    own = median_by(both, np.r_[shake, shake], size=annotator_count, weight_at=_UPPER_QUARTER)
    own = np.maximum(np.nan_to_num(own), _LEAST_SHAKE)
    first, second = marks.annotator[one], marks.annotator[other]
    relative = shake / np.sqrt((own[first] ** 2 + own[second] ** 2) / 2.0)
    rank = _rank_among_others(first * annotator_count + second, relative)
    members, partners, pair = frequent_pairs(
        marks.annotator, one, other, annotator_count=annotator_count, settings=settings
    )
    kept = np.flatnonzero(pair >= 0)
    kept = kept[np.argsort(pair[kept], kind="stable")]
    pair, rank = pair[kept], np.maximum(rank[kept], _LEAST_RANK)
    return PairRows(
        pair=pair,
        first=members,
        second=partners,
        shared=np.bincount(pair, minlength=members.size),
        task=marks.image[one[kept]],
        ratio=1.0 / (rank * -np.log(_LEAST_RANK)),  # ranks of copies: uniform in their logarithm
        unlikely=np.full(kept.size, _NEAR),
        is_same=rank <= _NEAR,
        first_later=later_flags(times[one[kept]], times[other[kept]]),
        by_skill=np.zeros(kept.size, dtype=np.bool_),
    )


def _each_once(marks: Marks, one: IntArray, other: IntArray, annotator_count: int) -> IntArray:
    """Rows of pairs of boxes, without those that the same two people have on another image too."""
    pair = marks.annotator[one] * annotator_count + marks.annotator[other]
    boxes = np.round(np.column_stack([pair, marks.box_xyxy[one], marks.box_xyxy[other]]), 3)
    order = np.lexsort(boxes.T[::-1])
    is_new = np.ones(order.size, dtype=np.bool_)
    is_new[1:] = (boxes[order[1:]] != boxes[order[:-1]]).any(axis=1)
    return np.sort(order[is_new])


def _rank_among_others(pair: IntArray, values: FloatArray) -> FloatArray:
    """``[rows]`` share of other pairs' values that are at most as large, in (0, 1]."""
    everybody = np.searchsorted(np.sort(values), values, side="right")
    order = np.lexsort((values, pair))
    # within the pair: the place of the last equal value
    starts = run_starts(pair[order])
    sizes = np.diff(np.r_[starts, pair.size])
    place = np.arange(pair.size) - np.repeat(starts, sizes) + 1
    is_last = np.ones(pair.size, dtype=np.bool_)
    is_last[:-1] = (pair[order[1:]] != pair[order[:-1]]) | (values[order[1:]] != values[order[:-1]])
    ends = np.flatnonzero(is_last)
    own = np.empty(pair.size, dtype=np.int64)
    own[order] = place[ends[np.searchsorted(ends, np.arange(pair.size))]]
    size = np.empty(pair.size, dtype=np.int64)
    size[order] = np.repeat(sizes, sizes)
    return np.asarray((everybody - own + 1.0) / (pair.size - size + 1.0))
