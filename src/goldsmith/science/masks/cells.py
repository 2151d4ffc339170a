"""Sets of pixels beside one another, cut where any of them begins or ends: exact, whatever the size of the image."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from goldsmith.science.arrays import BoolArray, IntArray
from goldsmith.science.forms import Pixels


class Cells(NamedTuple):
    """Stretches of pixels, of each of which a member has all or none.

    Attributes:
        flags: ``[members, stretches]``.
        begin: ``[stretches]`` as in ``Pixels``, ascending.
        length: ``[stretches]`` pixels; of what lies between two rows, more than there are.
    """

    flags: BoolArray
    begin: IntArray
    length: IntArray

    def pixels(self, chosen: BoolArray) -> Pixels:
        """Return some of the stretches ``[stretches]`` as a set, those that touch joined."""
        steps = np.flatnonzero(np.diff(np.pad(chosen.astype(np.int8), 1)))
        first, last = steps[::2], steps[1::2] - 1
        begin = self.begin[first]
        end = self.begin[last] + self.length[last]
        return Pixels(begin, end, int((end - begin).sum()))


def cells_of(members: Sequence[Pixels]) -> Cells:
    """Cut sets of pixels up.

    Args:
        members: Any number, also empty ones.

    >>> cells_of([Pixels.of_spans([(0, 2, 6)]), Pixels.of_spans([(0, 4, 7)])]).flags.astype(int).tolist()
    [[1, 1, 0], [0, 1, 1]]
    """
    edges = np.unique(
        np.concatenate(
            [np.zeros(0, dtype=np.int64), *(edge for one in members for edge in (one.begin, one.end))]
        )
    )
    steps = np.zeros((len(members), edges.size), dtype=np.int32)
    for step, one in zip(steps, members, strict=True):
        np.add.at(step, np.searchsorted(edges, one.begin), 1)
        np.add.at(step, np.searchsorted(edges, one.end), -1)
    flags = np.cumsum(steps, axis=1)[:, :-1] > 0
    return Cells(flags, edges[:-1], np.diff(edges))
