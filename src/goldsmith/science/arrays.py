"""Arrays as they come in: the one place that says what an index, a box or a score column must look like."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

from goldsmith.core.errors import InvalidInputError

IntArray = NDArray[np.int64]
FloatArray = NDArray[np.float64]
BoolArray = NDArray[np.bool_]


def as_indices(
    name: str, values: ArrayLike, *, below: int | None = None, length: int | None = None
) -> IntArray:
    """A vector of indices >= 0.

    Args:
        name: What to call it in the error.
        values: Whole numbers, any length, also empty.
        below: Every index must be smaller than this.
        length: The length it must have.

    Returns:
        int64 ``[n]``.

    Raises:
        InvalidInputError: Not one-dimensional, not whole, negative, too large or of another length.

    >>> as_indices("task", [2, 0]).tolist()
    [2, 0]
    """
    raw = np.asarray(values)
    if raw.ndim != 1:
        raise InvalidInputError(f"{name} must have one dimension, not {raw.ndim}")
    if raw.size and raw.dtype.kind not in "iub":
        raise InvalidInputError(f"{name} must hold whole numbers, not {raw.dtype}")
    array = raw.astype(np.int64, copy=False)
    if length is not None and array.size != length:
        raise InvalidInputError(f"{name} has {array.size} entries where {length} are needed")
    if array.size and int(array.min()) < 0:
        raise InvalidInputError(f"{name} holds a negative index")
    if below is not None and array.size and int(array.max()) >= below:
        raise InvalidInputError(f"{name} holds {int(array.max())}; indices must stay below {below}")
    return array


def as_floats(
    name: str,
    values: ArrayLike,
    *,
    length: int | None = None,
    lowest: float = -np.inf,
    highest: float = np.inf,
) -> FloatArray:
    """A vector of finite numbers within ``[lowest, highest]``.

    Args:
        name: What to call it in the error.
        values: Numbers, any length.
        length: The length it must have.
        lowest: The least that may be.
        highest: The most.

    Returns:
        float64 ``[n]``.

    Raises:
        InvalidInputError: Wrong shape, not finite or out of range.

    >>> as_floats("score", [0, 1], lowest=0.0, highest=1.0).tolist()
    [0.0, 1.0]
    """
    array = np.asarray(values, dtype=np.float64)
    if array.ndim != 1:
        raise InvalidInputError(f"{name} must have one dimension, not {array.ndim}")
    if length is not None and array.size != length:
        raise InvalidInputError(f"{name} has {array.size} entries where {length} are needed")
    if array.size and not np.isfinite(array).all():
        raise InvalidInputError(f"{name} holds a number that is not finite")
    if array.size and (array.min() < lowest or array.max() > highest):
        raise InvalidInputError(f"{name} must stay within [{lowest:g}, {highest:g}]")
    return array


def as_flags(name: str, values: ArrayLike | None, *, length: int) -> BoolArray:
    """A vector of booleans; None means all False.

    Args:
        name: What to call it in the error.
        values: Anything that is true or false.
        length: The length it must have.

    Returns:
        ``[length]``.

    Raises:
        InvalidInputError: Another length than asked for.

    >>> as_flags("is_crowd", None, length=2).tolist()
    [False, False]
    """
    if values is None:
        return np.zeros(length, dtype=np.bool_)
    array = np.asarray(values).astype(np.bool_)
    if array.shape != (length,):
        raise InvalidInputError(f"{name} has shape {array.shape} where ({length},) is needed")
    return array


def as_boxes(name: str, values: ArrayLike, *, length: int | None = None) -> FloatArray:
    """Rows of four finite numbers; an empty input becomes ``[0, 4]``.

    Args:
        name: What to call them in the error.
        values: ``[n, 4]``.
        length: Rows there must be.

    Returns:
        float64 ``[n, 4]``.

    Raises:
        InvalidInputError: Not ``[n, 4]``, or a number is not finite.

    >>> as_boxes("box", [[0, 0, 1, 2]]).shape
    (1, 4)
    """
    array = np.asarray(values, dtype=np.float64)
    if array.size == 0:
        array = array.reshape(0, 4)
    if array.ndim != 2 or array.shape[1] != 4:
        raise InvalidInputError(f"{name} must have the shape [n, 4], not {list(array.shape)}")
    if length is not None and len(array) != length:
        raise InvalidInputError(f"{name} has {len(array)} boxes where {length} are needed")
    if not np.isfinite(array).all():
        raise InvalidInputError(f"{name} holds a coordinate that is not finite")
    return array
