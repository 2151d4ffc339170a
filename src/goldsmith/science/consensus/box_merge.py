"""One box from several: each annotator's bias taken off, corners weighted by precision.

Every annotator has a mean offset and a noise, both relative to the box's width and height, estimated together with the
merged boxes by EM and drawn towards none and towards the crowd's (annotator bias and precision as for numbers). A
member far from the others loses weight as under Student's t, so that one bad box of three does not pull the rest.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from goldsmith.science.arrays import FloatArray, IntArray
from goldsmith.science.segments import sum_by

_SMALLEST_SIDE_PX = 4.0
_USUAL_NOISE = 0.04
_LEAST_NOISE = 0.003
_NOISE_WEIGHT = 8.0
_BIAS_WEIGHT = 40.0
_STUDENT_FREEDOM = 4.0
_SWEEPS = 8


@dataclass(frozen=True, slots=True)
class CornerSkill:
    """How exactly each annotator draws; the last row stands for an annotator nobody knows yet.

    Attributes:
        bias: ``[annotators + 1, 4]`` mean offset of x0, y0, x1, y1 as a share of width and height.
        noise: ``[annotators + 1]`` standard deviation of a side's place as a share of width and height.
    """

    bias: FloatArray
    noise: FloatArray

    @classmethod
    def unknown(cls, annotator_count: int) -> CornerSkill:
        """Everybody equal."""
        return cls(np.zeros((annotator_count + 1, 4)), np.full(annotator_count + 1, _USUAL_NOISE))


def fit_corner_skill(
    object_index: IntArray,
    annotator: IntArray,
    box_xyxy: FloatArray,
    *,
    object_count: int,
    annotator_count: int,
    weight: FloatArray | None = None,
) -> CornerSkill:
    """Bias and noise of each annotator from objects that several drew.

    Args:
        object_index: ``[n]`` object of each box.
        annotator: ``[n]``.
        box_xyxy: ``[n, 4]``.
        object_count: Number of objects.
        annotator_count: Number of annotators.
        weight: ``[objects]`` in [0, 1] how far an object may teach; 1 when None.

    Returns:
        The skill; annotators without shared objects are like the crowd.
    """
    members = np.bincount(object_index, minlength=object_count)
    shared = members[object_index] >= 2
    of_object, who, box = object_index[shared], annotator[shared], box_xyxy[shared]
    teach = np.ones(who.size) if weight is None else weight[of_object]
    skill = CornerSkill.unknown(annotator_count)
    for _ in range(_SWEEPS if who.size else 0):
        merged, precision = merge_boxes(of_object, who, box, object_count=object_count, skill=skill)
        offset = (box - merged[of_object]) / _sides(merged)[of_object]
        total = sum_by(who, teach, size=annotator_count)
        sums = np.stack(
            [np.bincount(who, weights=teach * side, minlength=annotator_count) for side in offset.T], axis=1
        )
        bias = sums / (total[:, None] + _BIAS_WEIGHT)
        spread = ((offset - bias[who]) ** 2).mean(axis=1) + 1.0 / precision[of_object]
        squares = sum_by(who, teach * np.minimum(spread, 0.25), size=annotator_count)
        noise = _drawn_together(squares, total)
        skill = CornerSkill(np.vstack([bias, np.zeros(4)]), noise)
    return skill


def _drawn_together(squares: FloatArray, total: FloatArray) -> FloatArray:
    """Noise of each annotator and, last, of the crowd: logarithms drawn to the crowd's, so that nobody is blurred."""
    own = np.log(np.maximum(squares / np.maximum(total, 1e-9), _LEAST_NOISE**2))
    crowd = float(total @ own + _NOISE_WEIGHT * np.log(_USUAL_NOISE**2)) / float(total.sum() + _NOISE_WEIGHT)
    log_variance = (total * own + _NOISE_WEIGHT * crowd) / (total + _NOISE_WEIGHT)
    return np.asarray(np.exp(np.r_[log_variance, crowd] / 2.0))


def merge_boxes(
    object_index: IntArray,
    annotator: IntArray,
    box_xyxy: FloatArray,
    *,
    object_count: int,
    skill: CornerSkill,
) -> tuple[FloatArray, FloatArray]:
    """Merged boxes.

    Args:
        object_index: ``[n]`` object of each box.
        annotator: ``[n]``; beyond the known ones, the unknown annotator.
        box_xyxy: ``[n, 4]``.
        object_count: Number of objects.
        skill: Bias and noise of the annotators.

    Returns:
        ``[objects, 4]`` boxes, and ``[objects]`` precision of a side: one over its variance as a share of the size.
        Objects without boxes get an empty box at the origin and precision 0.
    """
    row = np.minimum(annotator, skill.noise.size - 1)
    trust = skill.noise[row] ** -2.0
    plain = _weighted_mean(object_index, box_xyxy, trust, object_count=object_count)
    sides = _sides(plain)
    straight = box_xyxy - skill.bias[row] * sides[object_index]
    merged = _weighted_mean(object_index, straight, trust, object_count=object_count)
    members = np.bincount(object_index, minlength=object_count)
    crowded = members[object_index] >= 3
    weight = trust
    for _ in range(3 if crowded.any() else 0):
        gap = ((straight - merged[object_index]) / sides[object_index]) ** 2
        student = (_STUDENT_FREEDOM + 4.0) / (_STUDENT_FREEDOM + (gap * trust[:, None]).sum(axis=1))
        weight = np.where(crowded, trust * student, trust)
        merged = _weighted_mean(object_index, straight, weight, object_count=object_count)
    merged[:, 2:] = np.maximum(merged[:, 2:], merged[:, :2])
    return merged, sum_by(object_index, trust, size=object_count)


def _weighted_mean(
    object_index: IntArray, values: FloatArray, weight: FloatArray, *, object_count: int
) -> FloatArray:
    total = np.bincount(object_index, weights=weight, minlength=object_count)
    sums = [np.bincount(object_index, weights=weight * column, minlength=object_count) for column in values.T]
    return np.stack(sums, axis=1) / np.where(total > 0.0, total, 1.0)[:, None]


def _sides(box_xyxy: FloatArray) -> FloatArray:
    """Width, height, width, height; at least some pixels."""
    size = np.maximum(box_xyxy[:, 2:] - box_xyxy[:, :2], _SMALLEST_SIDE_PX)
    return np.concatenate([size, size], axis=1)
