"""Medians by group: the merge that needs no model and that no single answer can spoil."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from goldsmith.science.arrays import FloatArray, as_floats, as_indices
from goldsmith.science.segments import run_starts


def weighted_median(
    group: ArrayLike,
    value: ArrayLike,
    *,
    group_count: int,
    weight: ArrayLike | None = None,
    is_given: bool = False,
) -> FloatArray:
    """Weighted median of each group.

    Args:
        group: ``[n]``.
        value: ``[n]`` finite.
        group_count: Number of groups.
        weight: ``[n]`` at least 0; all the same when None. A group without any weight is weighed evenly.
        is_given: Where the middle lies between two values, take the lower one, which somebody gave; their mean
            otherwise.

    Returns:
        ``[groups]``; NaN for a group without values.

    Raises:
        InvalidInputError: Columns of unequal length, an index out of range or a negative weight.

    >>> weighted_median([0, 0, 0, 1, 1], [1, 9, 2, 4, 8], group_count=3).tolist()
    [2.0, 6.0, nan]
    """
    groups = as_indices("group", group, below=group_count)
    values = as_floats("value", value, length=groups.size)
    weights = (
        np.ones(groups.size)
        if weight is None
        else as_floats("weight", weight, length=groups.size, lowest=0.0)
    )
    result = np.full(group_count, np.nan)
    if not groups.size:
        return result
    total = np.bincount(groups, weights=weights, minlength=group_count)
    weights = np.where(total[groups] > 0.0, weights / np.maximum(total[groups], 1e-300), 1.0)
    order = np.lexsort((values, groups))
    order = order[weights[order] > 0.0]
    sorted_group, sorted_value = groups[order], values[order]
    starts = run_starts(sorted_group)
    names = sorted_group[starts]
    run = np.repeat(np.arange(starts.size), np.diff(np.r_[starts, order.size]))
    along = np.cumsum(weights[order])
    along -= np.r_[0.0, along[starts[1:] - 1]][run]
    half = np.add.reduceat(weights[order], starts)[run] / 2.0
    before = np.bincount(run, weights=along < half * (1.0 - 1e-12))
    middle = starts + before.astype(np.int64)
    low = sorted_value[middle]
    is_tie = np.abs(along[middle] - half[middle]) <= 1e-12 * half[middle]
    high = sorted_value[np.minimum(middle + 1, order.size - 1)]
    result[names] = np.where(is_tie & (not is_given), (low + high) / 2.0, low)
    return result
