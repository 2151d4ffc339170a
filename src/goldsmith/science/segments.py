"""Runs inside flat arrays: what lets thousands of images be worked on in one numpy call."""

from __future__ import annotations

import numpy as np

from goldsmith.science.arrays import BoolArray, FloatArray, IntArray


def ragged_arange(counts: IntArray) -> IntArray:
    """``0..counts[0]-1, 0..counts[1]-1, ...`` in one vector.

    >>> ragged_arange(np.array([2, 0, 3])).tolist()
    [0, 1, 0, 1, 2]
    """
    total = int(counts.sum())
    starts = np.cumsum(counts) - counts
    return np.arange(total, dtype=np.int64) - np.repeat(starts, counts)


def run_starts(sorted_keys: IntArray) -> IntArray:
    """Where each run of equal keys begins.

    >>> run_starts(np.array([4, 4, 7, 9, 9])).tolist()
    [0, 2, 3]
    """
    if sorted_keys.size == 0:
        return np.zeros(0, dtype=np.int64)
    return np.flatnonzero(np.r_[True, sorted_keys[1:] != sorted_keys[:-1]])


def rank_within_runs(sorted_keys: IntArray) -> IntArray:
    """Position of each entry inside its run of equal keys.

    >>> rank_within_runs(np.array([4, 4, 7, 9, 9])).tolist()
    [0, 1, 0, 0, 1]
    """
    starts = run_starts(sorted_keys)
    return ragged_arange(np.diff(np.r_[starts, sorted_keys.size]))


def connected_components(count: int, first: IntArray, second: IntArray) -> IntArray:
    """Components of a graph, named by their smallest node.

    Args:
        count: Number of nodes.
        first: One end of each edge, ``[m]``.
        second: The other end, ``[m]``.

    Returns:
        ``[count]`` the smallest node of the component of each node.

    >>> connected_components(5, np.array([3, 1]), np.array([1, 4])).tolist()
    [0, 1, 2, 1, 1]
    """
    label = np.arange(count, dtype=np.int64)
    while True:
        low = np.minimum(label[first], label[second])
        joined = label.copy()
        np.minimum.at(joined, label[first], low)
        np.minimum.at(joined, label[second], low)
        while True:
            jumped = joined[joined]
            if np.array_equal(jumped, joined):
                break
            joined = jumped
        if np.array_equal(joined, label):
            return label
        label = joined


def sum_by(key: IntArray, values: FloatArray | BoolArray | None, *, size: int) -> FloatArray:
    """Sums of ``values`` (counts when None) per key, as float64 ``[size]``.

    >>> sum_by(np.array([0, 2, 2]), np.array([1.0, 2.0, 3.0]), size=3).tolist()
    [1.0, 0.0, 5.0]
    """
    if values is None:
        return np.bincount(key, minlength=size).astype(np.float64)
    return np.bincount(key, weights=values, minlength=size).astype(np.float64)
