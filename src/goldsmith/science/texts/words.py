"""Texts as rows of numbers: compared are words without case and punctuation, written are the words as they came."""

from __future__ import annotations

import itertools
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, Literal, NamedTuple

import numpy as np
from numpy.typing import ArrayLike

from goldsmith.core.errors import InvalidInputError
from goldsmith.science.arrays import IntArray, as_indices

Unit = Literal["word", "character"]
"""What a text is made of: words between spaces and punctuation, or characters where a language writes no spaces."""

_WORD: Final = re.compile(r"\w+(?:['’]\w+)*")
_CHARACTER: Final = re.compile(r"\S")
NOTHING: Final = -1
"""Fills rows that are shorter than others; equal to no word."""


class Tokens(NamedTuple):
    """One text in parts.

    Attributes:
        keys: What is compared.
        surfaces: What is written: the part with what follows it, up to the next part; ends in one space where a space
            or the end followed.
    """

    keys: list[str]
    surfaces: list[str]


def tokens_of(text: str, *, unit: Unit = "word") -> Tokens:
    """Take a text apart.

    >>> tokens_of("Well, it's tax-free!")
    Tokens(keys=['well', "it's", 'tax', 'free'], surfaces=['Well, ', "it's ", 'tax-', 'free! '])
    """
    found = list((_WORD if unit == "word" else _CHARACTER).finditer(text))
    if not found:
        return Tokens([], [])
    # what stands before the first part belongs to it
    starts = [0] + [part.start() for part in found[1:]] + [len(text)]
    keys = [part.group().casefold().replace("’", "'") for part in found]
    pieces = [text[begin:end] for begin, end in itertools.pairwise(starts)]
    if unit == "character":
        return Tokens(keys, [piece.strip() + " " * (piece[-1:].isspace()) for piece in pieces])
    last = len(pieces) - 1
    return Tokens(
        keys,
        [
            piece.strip() + (" " if i == last or piece[-1:].isspace() else "")
            for i, piece in enumerate(pieces)
        ],
    )


@dataclass(frozen=True, slots=True)
class Rows:
    """Texts as numbers, one row each.

    Attributes:
        token: ``[texts, longest]`` numbers of words, ``NOTHING`` after the end; at least one column.
        length: ``[texts]`` words in each.
    """

    token: IntArray
    length: IntArray

    @classmethod
    def of(cls, ragged: Sequence[IntArray]) -> Rows:
        """Lay rows of unequal length out."""
        length = np.array([row.size for row in ragged], dtype=np.int64)
        token = np.full((len(ragged), max(int(length.max(initial=0)), 1)), NOTHING, dtype=np.int64)
        token[np.arange(token.shape[1]) < length[:, None]] = (
            np.concatenate(ragged) if ragged else np.zeros(0, dtype=np.int64)
        )
        return cls(token, length)

    def at(self, chosen: IntArray) -> Rows:
        """Return some of the rows, cut to the longest of them."""
        length = self.length[chosen]
        return Rows(self.token[chosen, : max(int(length.max(initial=0)), 1)], length)

    def __len__(self) -> int:
        return self.length.size


@dataclass(frozen=True, slots=True)
class Texts:
    """Who wrote what for which task.

    Attributes:
        task: ``[texts]``.
        annotator: ``[texts]``.
        rows: ``[texts]`` the words as numbers.
        spelling: ``[texts]`` the words as written, as numbers of ``spellings``.
        vocabulary: What is compared, by number; sorted, so that numbers do not depend on the order of texts.
        spellings: What is written, by number; sorted.
        task_count: Number of tasks, also those without texts.
        annotator_count: Number of annotators, also those without texts.
        unit: What the texts are made of.
    """

    task: IntArray
    annotator: IntArray
    rows: Rows
    spelling: Rows
    vocabulary: tuple[str, ...]
    spellings: tuple[str, ...]
    task_count: int
    annotator_count: int
    unit: Unit

    @classmethod
    def of(
        cls,
        task: ArrayLike,
        annotator: ArrayLike,
        text: Sequence[str],
        *,
        task_count: int,
        annotator_count: int,
        unit: Unit = "word",
    ) -> Texts:
        """Check the columns and take the texts apart.

        Args:
            task: ``[texts]``.
            annotator: ``[texts]``; a model that writes is one more annotator.
            text: ``[texts]``, also empty ones: "nothing is said here" is an answer.
            task_count: Number of tasks.
            annotator_count: Number of annotators.
            unit: What the texts are made of.

        Raises:
            InvalidInputError: Columns of unequal length or an index out of range.

        >>> Texts.of([0, 0], [0, 1], ["A dog.", "a dog"], task_count=1, annotator_count=2).rows.token.tolist()
        [[0, 1], [0, 1]]
        """
        tasks = as_indices("task", task, below=task_count)
        annotators = as_indices("annotator", annotator, below=annotator_count, length=tasks.size)
        if len(text) != tasks.size:
            raise InvalidInputError(f"text has {len(text)} entries where {tasks.size} are needed")
        parts = [tokens_of(one, unit=unit) for one in text]
        rows, vocabulary = _numbered([part.keys for part in parts])
        spelling, spellings = _numbered([part.surfaces for part in parts])
        return cls(
            tasks, annotators, rows, spelling, vocabulary, spellings, task_count, annotator_count, unit
        )

    @property
    def text_count(self) -> int:
        """Number of texts."""
        return self.task.size

    def written(self, text: int) -> str:
        """Return one text as it was written, but for spaces."""
        numbers = self.spelling.token[text, : self.spelling.length[text]].tolist()
        return "".join(self.spellings[number] for number in numbers).rstrip()

    def letters(self) -> Rows:
        """``[texts]`` the characters of the words compared, with a space between words."""
        return Rows.of(
            [
                np.frombuffer(
                    " ".join([self.vocabulary[word] for word in row[:length]]).encode("utf-32-le"),
                    dtype="<u4",
                ).astype(np.int64)
                for row, length in zip(self.rows.token.tolist(), self.rows.length.tolist(), strict=True)
            ]
        )

    def only(self, kept: IntArray) -> Texts:
        """Return some of the texts, over the same tasks, annotators and words.

        Args:
            kept: Indices of texts.
        """
        return Texts(
            self.task[kept],
            self.annotator[kept],
            self.rows.at(kept),
            self.spelling.at(kept),
            self.vocabulary,
            self.spellings,
            self.task_count,
            self.annotator_count,
            self.unit,
        )


def _numbered(texts: Sequence[Sequence[str]]) -> tuple[Rows, tuple[str, ...]]:
    """Words as numbers in the order of the alphabet, and the words."""
    known = tuple(sorted({word for text in texts for word in text}))
    number = {word: i for i, word in enumerate(known)}
    return Rows.of([np.array([number[word] for word in text], dtype=np.int64) for text in texts]), known
