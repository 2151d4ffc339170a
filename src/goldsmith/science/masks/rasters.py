"""Between masks as runs and masks as flags."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final, NamedTuple

import numpy as np

from goldsmith.core.errors import InvalidInputError
from goldsmith.science.arrays import BoolArray, IntArray
from goldsmith.science.forms import MOST_CELLS, Pixels

_ROW: Final = 1 << 32


class Window(NamedTuple):
    """Masks laid in the smallest window that holds them all.

    Attributes:
        flags: ``[members, h, w]``.
        left: Column of the image at which the window begins.
        top: Row of the image.
    """

    flags: BoolArray
    left: int
    top: int


def window_of(members: Sequence[Pixels]) -> Window:
    """Lay sets of pixels out side by side.

    Raises:
        InvalidInputError: They span more than ``MOST_CELLS`` pixels.

    >>> window_of([Pixels.of_spans([(5, 2, 4)]), Pixels.of_spans([(6, 3, 4)])]).flags.astype(int).tolist()
    [[[1, 1], [0, 0]], [[0, 0], [0, 1]]]
    """
    some = [one for one in members if one.total]
    if not some:
        return Window(np.zeros((len(members), 0, 0), dtype=np.bool_), 0, 0)
    begin = np.concatenate([one.begin for one in some])
    end = np.concatenate([one.end for one in some])
    row = begin // _ROW
    left, top = int((begin - row * _ROW).min()), int(row.min())
    width, height = int((end - row * _ROW).max()) - left, int(row.max()) - top + 1
    if width * height > MOST_CELLS:
        raise InvalidInputError(f"masks that span more than {MOST_CELLS} pixels are not laid out")
    flags = np.zeros((len(members), height, width), dtype=np.bool_)
    for flag, one in zip(flags, members, strict=True):
        # +1 where a stretch begins and -1 behind its end, summed along the row; one column more for the ends
        steps = np.zeros((height, width + 1), dtype=np.int8)
        rows = one.begin // _ROW
        np.add.at(steps, (rows - top, one.begin - rows * _ROW - left), 1)
        np.add.at(steps, (rows - top, one.end - rows * _ROW - left), -1)
        flag[:] = np.cumsum(steps, axis=1)[:, :width] > 0
    return Window(flags, left, top)


def pixels_of(mask: BoolArray, *, left: int = 0, top: int = 0) -> Pixels:
    """Return the flags of a window ``[h, w]`` as a set of pixels of the image.

    >>> pixels_of(np.array([[False, True]]), left=3, top=2).total
    1
    """
    steps = np.diff(np.pad(mask.astype(np.int8), ((0, 0), (1, 1))), axis=1)
    row, column = np.nonzero(steps)
    place: IntArray = (row + top) * _ROW + column + left
    begin, end = place[::2], place[1::2]
    return Pixels(begin, end, int((end - begin).sum()))
