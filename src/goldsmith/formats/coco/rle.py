"""Masks as COCO writes them: run lengths down the columns of the whole image, as a list or packed into a text.

Source of the packed form: ``rleToString`` and ``rleFrString`` of the COCO API (``common/maskApi.c``). Each count from
the fourth on is written as its difference to the one two before, five bits a character from the lowest on, with the
sixth bit set while more follow, and 48 added.
"""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray

from goldsmith.core.errors import InvalidInputError
from goldsmith.formats.runs import Counts

_MAX_GROUPS: Final = 10
_BITS: Final = 5
_MORE: Final = 0x20
_OFFSET: Final = 48


def pack_counts(counts: Counts) -> str:
    """Return run lengths as COCO's packed text."""
    values = counts.astype(np.int64, copy=True)
    values[3:] -= counts[1:-2]
    groups = np.zeros((values.size, _MAX_GROUPS), dtype=np.uint8)
    is_used = np.zeros((values.size, _MAX_GROUPS), dtype=np.bool_)
    alive = np.ones(values.size, dtype=np.bool_)
    for at in range(_MAX_GROUPS):
        low = values & 0x1F
        values >>= _BITS
        more = np.where((low & 0x10) != 0, values != -1, values != 0) & alive
        groups[:, at] = low + np.where(more, _MORE, 0) + _OFFSET
        is_used[:, at] = alive
        alive = more
        if not alive.any():
            break
    return groups[is_used].tobytes().decode("ascii")


def unpack_counts(text: str) -> Counts:
    """Return the run lengths in COCO's packed text.

    Raises:
        InvalidInputError: The text is not of that form.
    """
    try:
        codes = np.frombuffer(text.encode("ascii"), dtype=np.uint8).astype(np.int64) - _OFFSET
    except UnicodeEncodeError as error:
        raise InvalidInputError("its packed runs hold a character that COCO does not use") from error
    if codes.size == 0 or codes.min() < 0 or codes.max() > 0x3F:
        raise InvalidInputError("its packed runs are empty or hold a character that COCO does not use")
    is_last = (codes & _MORE) == 0
    if not is_last[-1]:
        raise InvalidInputError("its packed runs break off")
    return _undone(_values(codes, is_last))


def _values(codes: Counts, is_last: NDArray[np.bool_]) -> Counts:
    ends = np.flatnonzero(is_last)
    starts = np.concatenate((np.zeros(1, dtype=np.int64), ends[:-1] + 1))
    sizes = ends - starts + 1
    if sizes.max() > _MAX_GROUPS:
        raise InvalidInputError("its packed runs hold a number that no image is large enough for")
    at = np.arange(codes.size, dtype=np.int64) - np.repeat(starts, sizes)
    values = np.add.reduceat((codes & 0x1F) << (_BITS * at), starts)
    is_negative = (codes[ends] & 0x10) != 0
    values[is_negative] -= np.int64(1) << (_BITS * sizes[is_negative])
    return values


def _undone(values: Counts) -> Counts:
    """Undo the differences to the count two before, which begin at the fourth count."""
    counts = values.copy()
    counts[1::2] = np.cumsum(values[1::2])
    counts[2::2] = np.cumsum(values[2::2])
    return counts
