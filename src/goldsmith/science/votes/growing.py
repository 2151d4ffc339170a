"""Arrays that grow by one at a time without being copied each time."""

from __future__ import annotations

from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

_LEAST_ROOM: Final = 8


class Growing:
    """An array that grows along any axis; its room doubles, so that growing by one costs little on the whole.

    Args:
        values: What it holds at first; copied.
        spare: Room to begin with, as a share of an axis.
        along: Which.

    >>> array = Growing(np.array([1, 2]))
    >>> array.grow(axis=0, fill=7)
    >>> array.view.tolist()
    [1, 2, 7]
    """

    def __init__(self, values: NDArray[Any], *, spare: float = 0.0, along: int = 0) -> None:
        self._shape = list(values.shape)
        room = list(values.shape)
        room[along] += int(spare * room[along])
        self._room: NDArray[Any] = np.empty(room, dtype=values.dtype)
        self.view[...] = values

    @property
    def view(self) -> NDArray[Any]:
        """What is filled; writing to it writes to the array, until it next grows."""
        return self._room[tuple(slice(length) for length in self._shape)]

    def grow(self, *, axis: int, fill: Any, count: int = 1) -> None:
        """Add ``count`` entries along an axis, all of the value ``fill``."""
        length = self._shape[axis]
        if length + count > self._room.shape[axis]:
            kept = self.view
            shape = list(self._room.shape)
            shape[axis] = max(length + count, 2 * length, _LEAST_ROOM)
            self._room = np.empty(shape, dtype=kept.dtype)
            self.view[...] = kept
        self._shape[axis] = length + count
        added = [slice(size) for size in self._shape]
        added[axis] = slice(length, length + count)
        self._room[tuple(added)] = fill
