"""Places of several annotators: which mean the same, and where each really is."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import ArrayLike

from goldsmith.core.errors import InvalidInputError
from goldsmith.science.arrays import BoolArray, FloatArray, IntArray, as_floats, as_indices
from goldsmith.science.forms import OUTSIDE
from goldsmith.science.medians import weighted_median
from goldsmith.science.segments import sum_by
from goldsmith.science.votes import Votes, crowd_confusion
from goldsmith.science.votes.types import blended

_STATES: Final = 3
_PRIOR_PLACES: Final = 10.0
"""Weight, in places, of the crowd's noise for each annotator."""
_SWEEPS: Final = 5
_WILD: Final = 6.0
"""A place so many times farther out than usual is a slip, and tells no more of exactness than that."""
_LEAST_NOISE: Final = 1e-6


def match_points(first: ArrayLike, second: ArrayLike, *, reach: float) -> IntArray:
    """One-to-one match of two sets of places with the least distance, "not there" being an answer.

    A pair costs its distance, a place without a partner half of ``reach``, so that no pair is farther apart than that
    (Kuhn 1955, as scipy's ``linear_sum_assignment``).

    Args:
        first: ``[n, 2]``.
        second: ``[m, 2]``.
        reach: Above 0.

    Returns:
        ``[n]`` row of ``second``, -1 where there is none.

    Raises:
        InvalidInputError: Not places, or ``reach`` is not above 0.

    >>> match_points([[0, 0], [10, 0]], [[11, 0], [40, 0]], reach=5).tolist()
    [-1, 0]
    """
    from scipy.optimize import linear_sum_assignment

    one, other = _places("first", first), _places("second", second)
    if not reach > 0.0:
        raise InvalidInputError(f"reach must be above 0, not {reach}")
    found = np.full(len(one), -1, dtype=np.int64)
    if not len(one) or not len(other):
        return found
    apart = np.hypot(*(one[:, None, :] - other).transpose(2, 0, 1))
    rows, columns = linear_sum_assignment(np.minimum(apart, reach) - reach)
    kept = apart[rows, columns] < reach
    found[rows[kept]] = columns[kept]
    return found


@dataclass(frozen=True, slots=True)
class PointConsensus:
    """Places of every object.

    Attributes:
        points: ``[objects, places, 2]``; where nobody sees a place, the median of where it was put all the same, NaN
            where nobody drew the object.
        state: ``[objects, places]`` ``VISIBLE``, ``HIDDEN`` or ``OUTSIDE``.
        state_posterior: ``[objects, places, 3]`` rows sum to 1.
        sd: ``[objects, places]`` standard error of a coordinate, in the unit of the points; NaN where nobody sees it.
        noise: ``[annotators]`` standard deviation of a coordinate as a share of the object's scale; the crowd's where
            nothing tells.
    """

    points: FloatArray
    state: IntArray
    state_posterior: FloatArray
    sd: FloatArray
    noise: FloatArray


def resolve_keypoints(
    object_index: ArrayLike,
    annotator: ArrayLike,
    points: ArrayLike,
    *,
    object_count: int,
    annotator_count: int,
    state: ArrayLike | None = None,
    scale: ArrayLike | None = None,
) -> PointConsensus:
    """Weighted median of each place, by how exactly everybody points; its state by votes with learnt confusion.

    Args:
        object_index: ``[n]`` the object of each drawing, such as from ``cluster_marks``.
        annotator: ``[n]``.
        points: ``[n, places, 2]``, the same places in the same order.
        object_count: Number of objects.
        annotator_count: Number of annotators.
        state: ``[n, places]``; all visible when None. What lies outside has no place.
        scale: ``[objects]`` size of each, above 0, in which exactness is told; 1 when None.

    Returns:
        The places. Nothing depends on the order of drawings.

    Raises:
        InvalidInputError: Columns of unequal length, or something out of range.

    >>> three = [[[0, 0]], [[2, 0]], [[50, 1]]]
    >>> resolve_keypoints([0, 0, 0], [0, 1, 2], three, object_count=1, annotator_count=3).points.tolist()
    [[[2.0, 0.0]]]
    """
    of_object = as_indices("object_index", object_index, below=object_count)
    who = as_indices("annotator", annotator, below=annotator_count, length=of_object.size)
    places = np.asarray(points, dtype=np.float64)
    if places.size == 0 and places.ndim != 3:
        places = places.reshape(0, 0, 2)
    if places.ndim != 3 or places.shape[::2] != (of_object.size, 2):
        raise InvalidInputError(f"points must have the shape [{of_object.size}, places, 2]")
    count = places.shape[1]
    states = np.zeros(places.shape[:2], dtype=np.int64) if state is None else np.asarray(state)
    if states.shape != places.shape[:2] or (states.size and not 0 <= states.min() <= states.max() < _STATES):
        raise InvalidInputError("state must hold 0, 1 or 2 for every place")
    size = (
        np.ones(object_count)
        if scale is None
        else as_floats("scale", scale, length=object_count, lowest=1e-12)
    )
    rows = _Rows(
        task=(of_object[:, None] * count + np.arange(count)).ravel(),
        who=np.repeat(who, count),
        xy=places.reshape(-1, 2),
        is_seen=states.ravel() != OUTSIDE,
        scale=np.repeat(size[of_object], count),
        task_count=object_count * count,
        annotator_count=annotator_count,
    )
    as_floats("points", rows.xy[rows.is_seen].ravel())
    fitted, noise, sd = _fit(rows)
    votes = Votes.of(
        rows.task, rows.who, states.ravel(), task_count=rows.task_count, annotator_count=annotator_count,
        label_count=_STATES,
    )  # fmt: skip
    posterior = blended(crowd_confusion(votes).posterior, votes.counts)
    shape = (object_count, count)
    return PointConsensus(
        points=fitted.reshape(*shape, 2),
        state=posterior.argmax(axis=1).astype(np.int64).reshape(shape),
        state_posterior=posterior.reshape(*shape, _STATES),
        sd=sd.reshape(shape),
        noise=noise,
    )


@dataclass(frozen=True, slots=True)
class _Rows:
    """One row per drawing and place; a task is a place of an object."""

    task: IntArray
    who: IntArray
    xy: FloatArray
    is_seen: BoolArray
    scale: FloatArray
    task_count: int
    annotator_count: int


def _fit(rows: _Rows) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Places ``[tasks, 2]``, noise of each annotator, and standard errors ``[tasks]``."""
    task, who, seen = rows.task[rows.is_seen], rows.who[rows.is_seen], rows.is_seen
    xy, scale = rows.xy[seen], rows.scale[seen]
    drawn = np.bincount(task, minlength=rows.task_count)
    teaches = drawn[task] >= 3
    noise = np.full(rows.annotator_count, 1.0)
    fitted = _medians(task, xy, np.ones(task.size), rows.task_count)
    for _ in range(_SWEEPS if teaches.any() else 0):
        gap = np.abs(xy - fitted[task]).mean(axis=1) / scale
        gap = np.minimum(gap, _WILD * float(np.median(gap[teaches])))
        given = sum_by(who[teaches], None, size=rows.annotator_count)
        total = sum_by(who[teaches], gap[teaches], size=rows.annotator_count)
        crowd = max(float(total.sum() / given.sum()), _LEAST_NOISE)
        # of a normal distribution the mean distance is 0.8 of the standard deviation
        noise = 1.2533 * (total + _PRIOR_PLACES * crowd) / (given + _PRIOR_PLACES)
        fitted = _medians(task, xy, noise[who] ** -1.0, rows.task_count)
    unseen = np.isnan(fitted[:, 0])
    if unseen.any():
        apart = _medians(rows.task, np.nan_to_num(rows.xy), np.ones(rows.task.size), rows.task_count)
        fitted = np.where(unseen[:, None], apart, fitted)
    # a median is less exact than a mean by pi / 2
    precision = sum_by(task, 1.0 / (noise[who] * scale) ** 2, size=rows.task_count)
    with np.errstate(divide="ignore"):
        sd = np.where(drawn > 0, np.sqrt(np.where(drawn >= 3, np.pi / 2.0, 1.0) / precision), np.nan)
    return fitted, noise, sd


def _medians(task: IntArray, xy: FloatArray, weight: FloatArray, count: int) -> FloatArray:
    columns = [weighted_median(task, xy[:, axis], group_count=count, weight=weight) for axis in (0, 1)]
    return np.stack(columns, axis=1)


def _places(name: str, values: ArrayLike) -> FloatArray:
    places = np.asarray(values, dtype=np.float64)
    if places.size == 0:
        places = places.reshape(0, 2)
    if places.ndim != 2 or places.shape[1] != 2:
        raise InvalidInputError(f"{name} must have the shape [n, 2]")
    as_floats(name, places.ravel())
    return places
