"""Edit distances of many pairs of texts at once, and the word error rate.

Myers' bit-parallel algorithm (1999, doi 10.1145/316542.316550) in the form of Hyyrö (2003), over columns of numpy: all
pairs take one step together, 63 words of a text to a machine word.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from goldsmith.core.errors import InvalidInputError
from goldsmith.science.arrays import FloatArray, IntArray
from goldsmith.science.segments import ragged_arange
from goldsmith.science.texts.words import Rows, Unit, tokens_of

Bits = NDArray[np.uint64]

_WORD_BITS: Final = 63
_ONE: Final = np.uint64(1)
_TOP: Final = np.uint64(_WORD_BITS - 1)
_FULL: Final = np.uint64((1 << _WORD_BITS) - 1)
_CELLS_AT_ONCE: Final = 1_000_000


class ErrorRate(NamedTuple):
    """Errors in words.

    Attributes:
        errors: Words to change, add or leave out.
        words: Words of the truth.
    """

    errors: int
    words: int

    @property
    def rate(self) -> float:
        """Errors by words of the truth; may exceed 1. 0 where both are empty, 1 where only the truth is."""
        return self.errors / self.words if self.words else float(self.errors > 0)


def word_error_rate(said: Sequence[str], truth: Sequence[str], *, unit: Unit = "word") -> ErrorRate:
    """Errors of texts against the truth, case and punctuation apart.

    Args:
        said: ``[n]`` texts.
        truth: ``[n]`` what is right.
        unit: Count words, or characters other than spaces (character error rate).

    Raises:
        InvalidInputError: Sequences of unequal length.

    >>> word_error_rate(["The dog barks"], ["the dogs bark, loud!"]).rate
    0.75
    """
    if len(said) != len(truth):
        raise InvalidInputError(f"truth has {len(truth)} entries where {len(said)} are needed")
    one, other = _numbered(said, truth, unit=unit)
    return ErrorRate(int(edit_distances(one, other).sum()), int(other.length.sum()))


def text_distances(first: Sequence[str], second: Sequence[str], *, unit: Unit = "word") -> FloatArray:
    """Edit distance of each pair as a share of the longer text: 0 is the same, 1 has nothing in common.

    >>> text_distances(["one two", ""], ["One, two three", ""]).round(2).tolist()
    [0.33, 0.0]
    """
    one, other = _numbered(first, second, unit=unit)
    return normalised(edit_distances(one, other), one, other)


def normalised(distance: IntArray, first: Rows, second: Rows) -> FloatArray:
    """Distances as shares of the longer of each pair."""
    return np.asarray(distance / np.maximum(np.maximum(first.length, second.length), 1))


def edit_distances(first: Rows, second: Rows) -> IntArray:
    """Levenshtein distances: words to change, add or leave out to make one text of the other.

    Args:
        first: ``[n]`` texts.
        second: ``[n]`` texts.

    Returns:
        ``[n]``.

    Raises:
        InvalidInputError: Another number of texts.

    >>> one, other = Rows.of([np.array([4, 7, 9])]), Rows.of([np.array([4, 9, 9, 1])])
    >>> edit_distances(one, other).tolist()
    [2]
    """
    if len(first) != len(second):
        raise InvalidInputError(f"second has {len(second)} texts where {len(first)} are needed")
    distance = np.empty(len(first), dtype=np.int64)
    # alike lengths together, so that little is padded
    order = np.lexsort((second.length, first.length))
    width = max(first.token.shape[1], 1)
    step = max(_CELLS_AT_ONCE // (width * 8), 256)
    for begin in range(0, order.size, step):
        chunk = order[begin : begin + step]
        distance[chunk] = _distances(first.at(chunk), second.at(chunk))
    return distance


def _numbered(first: Sequence[str], second: Sequence[str], *, unit: Unit) -> tuple[Rows, Rows]:
    number: dict[str, int] = {}

    def row(text: str) -> IntArray:
        keys = tokens_of(text, unit=unit).keys
        return np.array([number.setdefault(key, len(number)) for key in keys], dtype=np.int64)

    return Rows.of([row(text) for text in first]), Rows.of([row(text) for text in second])


def _distances(pattern: Rows, text: Rows) -> IntArray:
    """All pairs step through the columns of ``text`` together."""
    n, words = len(pattern), -(-pattern.token.shape[1] // _WORD_BITS)
    is_word = np.arange(words)[:, None] == (np.maximum(pattern.length, 1) - 1) // _WORD_BITS
    last = ((np.maximum(pattern.length, 1) - 1) % _WORD_BITS).astype(np.uint64)
    score = pattern.length.copy()
    up = np.full((words, n), _FULL, dtype=np.uint64)
    down = np.zeros((words, n), dtype=np.uint64)
    for column in range(int(text.length.max(initial=0))):
        is_live = column < text.length
        match = _match_bits(pattern.token, text.token[:, column], words)
        carry_up, carry_down = np.ones(n, dtype=np.uint64), np.zeros(n, dtype=np.uint64)
        for word in range(words):
            rise, fall, up[word], down[word] = _step(match[word], up[word], down[word], carry_up, carry_down)
            here = is_word[word] & is_live
            score += here * (
                ((rise >> last) & _ONE).astype(np.int64) - ((fall >> last) & _ONE).astype(np.int64)
            )
            carry_up, carry_down = (rise >> _TOP) & _ONE, (fall >> _TOP) & _ONE
    return np.where(pattern.length == 0, text.length, score)


def _step(
    match: Bits, up: Bits, down: Bits, carry_up: Bits, carry_down: Bits
) -> tuple[Bits, Bits, Bits, Bits]:
    """One machine word of one column; the carries are the horizontal differences that enter from below."""
    vertical = match | down
    match = match | carry_down
    diagonal = ((((match & up) + up) & _FULL) ^ up) | match
    rise = (down | ~(diagonal | up)) & _FULL
    fall = up & diagonal
    shifted_rise = ((rise << _ONE) | carry_up) & _FULL
    shifted_fall = ((fall << _ONE) | carry_down) & _FULL
    new_up = (shifted_fall | ~(vertical | shifted_rise)) & _FULL
    return rise, fall, new_up, shifted_rise & vertical


def _match_bits(pattern: IntArray, token: IntArray, words: int) -> Bits:
    """``[words, n]`` where the pattern holds the token."""
    n = len(pattern)
    is_same = np.zeros((n, words, 64), dtype=np.bool_)
    same = pattern == token[:, None]
    for word in range(words):
        piece = same[:, word * _WORD_BITS : (word + 1) * _WORD_BITS]
        is_same[:, word, : piece.shape[1]] = piece
    packed = np.packbits(is_same, axis=2, bitorder="little").view("<u8")
    return np.ascontiguousarray(packed[:, :, 0].T.astype(np.uint64))


class Pairs(NamedTuple):
    """Pairs of texts of the same task.

    Attributes:
        first: ``[m]`` index of a text.
        second: ``[m]`` index of another one, first < second in the order of tasks.
    """

    first: IntArray
    second: IntArray


def pairs_by_task(task: IntArray) -> Pairs:
    """All pairs of texts of each task."""
    order = np.argsort(task, kind="stable")
    sizes = np.bincount(task) if task.size else np.zeros(0, dtype=np.int64)
    later = np.repeat(sizes, sizes) - 1 - ragged_arange(sizes)
    left = np.repeat(np.arange(task.size), later)
    return Pairs(order[left], order[left + 1 + ragged_arange(later)])
