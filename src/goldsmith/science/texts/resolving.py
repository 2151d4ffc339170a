"""Several texts made one: merged word by word, or one of them chosen, whichever foresees hidden texts better."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, Literal

import numpy as np

from goldsmith.core.errors import InvalidInputError
from goldsmith.science.arrays import FloatArray, IntArray
from goldsmith.science.segments import rank_within_runs, sum_by
from goldsmith.science.texts.columns import ColumnVote, KnownWords, column_vote
from goldsmith.science.texts.distance import Pairs, edit_distances, normalised, pairs_by_task
from goldsmith.science.texts.network import Columns, aligned
from goldsmith.science.texts.types import TextConsensus, Way
from goldsmith.science.texts.words import NOTHING, Rows, Texts, tokens_of

_EVIDENCE_TEXTS: Final = 600
"""Texts that the choice rests on at most."""
_FOLDS: Final = 4
_STANDARD_ERRORS: Final = 1.0
"""A merged text must foresee better by so much: nobody wrote it, which is a cost of its own."""


def resolve_texts(
    texts: Texts,
    *,
    way: Literal["auto"] | Way = "auto",
    gold: Sequence[str | None] | None = None,
    is_weighted: bool = True,
) -> TextConsensus:
    """Make one text of several.

    Transcripts err in a word here and there and are merged; of texts that share little, one is chosen when merging does
    not foresee what others write better. Whom to trust is learnt in both ways.

    Args:
        texts: The texts.
        way: Merge ("columns"), choose ("medoid"), or whichever foresees hidden texts of this set better.
        gold: ``[tasks]`` the right text, None where unknown. It teaches skill; its own tasks are resolved from what was
            written, so that quality can be checked on them.
        is_weighted: False gives everybody the same weight.

    Returns:
        A text for each task. Of a single text, that text; of two that differ, the better annotator's words.

    Raises:
        InvalidInputError: ``gold`` has another length than the tasks.

    >>> texts = Texts.of([0, 0, 0], [0, 1, 2], ["The cat sad.", "the cat sat", "a cat sat"],
    ...                  task_count=1, annotator_count=3)
    >>> resolve_texts(texts, way="columns").text
    ('the cat sat',)
    """
    known = None if gold is None else _known_words(texts, gold)
    chosen: Way = _better_way(texts, is_weighted=is_weighted) if way == "auto" else way
    fit = _Fit.of(texts, known, is_weighted=is_weighted)
    written = fit.merged() if chosen == "columns" else fit.chosen()
    nearest = _nearest(texts, written)
    spellings = (
        _spelled(texts, fit.columns, fit.vote)
        if chosen == "columns"
        else ["" if one < 0 else texts.written(one) for one in nearest.tolist()]
    )
    return TextConsensus(
        text=tuple(spellings),
        confidence=_confidence(texts, fit, written, nearest, way=chosen),
        skill=fit.vote.skill,
        nearest=nearest,
        spread=float(fit.apart.mean()) if fit.apart.size else 0.0,
        way=chosen,
    )


@dataclass(frozen=True, slots=True)
class _Fit:
    """Everything both ways need; ``apart`` is the distance of each pair of a task, in words."""

    texts: Texts
    pairs: Pairs
    apart: FloatArray
    columns: Columns
    vote: ColumnVote

    @classmethod
    def of(cls, texts: Texts, known: KnownWords | None, *, is_weighted: bool) -> _Fit:
        pairs = pairs_by_task(texts.task)
        apart = _apart(texts.rows, pairs)
        columns = aligned(texts, strangeness=_strangeness(texts, pairs, apart, np.ones(texts.text_count)))
        vote = column_vote(texts, columns, known=known, sweeps=8 if is_weighted else 1)
        return cls(texts, pairs, apart, columns, vote)

    def typical(self) -> FloatArray:
        """``[texts]`` mean distance to the others of the task, in words and letters: a word misspelt is half said."""
        apart = self.apart
        if self.texts.unit == "word":
            apart = (apart + _apart(self.texts.letters(), self.pairs)) / 2.0
        return _strangeness(self.texts, self.pairs, apart, self.vote.weight)

    def merged(self) -> Rows:
        """The words of the winners, by task."""
        has_word = self.vote.token != NOTHING
        sizes = np.bincount(self.columns.task[has_word], minlength=self.texts.task_count)
        return Rows.of(np.split(self.vote.token[has_word], np.cumsum(sizes)[:-1]) if sizes.size else [])

    def chosen(self) -> Rows:
        """The words of the most typical text, by task."""
        best = _first_of_task(self.texts, self.typical())
        rows = self.texts.rows
        nothing = np.zeros(0, dtype=np.int64)
        return Rows.of([rows.token[i, : rows.length[i]] if i >= 0 else nothing for i in best.tolist()])


def _apart(rows: Rows, pairs: Pairs) -> FloatArray:
    first, second = rows.at(pairs.first), rows.at(pairs.second)
    return normalised(edit_distances(first, second), first, second)


def _strangeness(texts: Texts, pairs: Pairs, apart: FloatArray, weight: FloatArray) -> FloatArray:
    """``[texts]`` mean distance to the other texts of the task, by their weight; 0 for a lone text.

    A text's own weight counts as a text that it fits, so that of two the better annotator's is the more typical.
    """
    size = texts.text_count
    far = sum_by(pairs.first, apart * weight[pairs.second], size=size)
    far += sum_by(pairs.second, apart * weight[pairs.first], size=size)
    total = sum_by(texts.task, weight, size=texts.task_count)[texts.task]
    return np.asarray(far / total)


def _first_of_task(texts: Texts, strangeness: FloatArray) -> IntArray:
    """``[tasks]`` the least strange text; of equals the one whose words come first; -1 without texts."""
    order = np.lexsort((*texts.rows.token.T[::-1], strangeness.round(9), texts.task))
    best = np.full(texts.task_count, -1, dtype=np.int64)
    best[texts.task[order[::-1]]] = order[::-1]
    return best


def _nearest(texts: Texts, written: Rows) -> IntArray:
    """``[tasks]`` the given text nearest to the one written."""
    return _first_of_task(texts, edit_distances(texts.rows, written.at(texts.task)).astype(np.float64))


def _spelled(texts: Texts, columns: Columns, vote: ColumnVote) -> list[str]:
    """The winners as most people wrote them."""
    said = texts.rows.token[columns.text, np.maximum(columns.place, 0)]
    winning = np.flatnonzero((columns.place >= 0) & (said == vote.token[columns.column]))
    column, text = columns.column[winning], columns.text[winning]
    spelling = texts.spelling.token[text, columns.place[winning]]
    span = max(len(texts.spellings), 1)
    key, slot = np.unique(column * span + spelling, return_inverse=True)
    weight = sum_by(slot, vote.weight[text], size=key.size)
    order = np.lexsort((-weight.round(9), key // span))
    best = order[rank_within_runs(key[order] // span) == 0]
    words: list[list[str]] = [[] for _ in range(texts.task_count)]
    for task, number in zip(
        columns.task[key[best] // span].tolist(), (key[best] % span).tolist(), strict=True
    ):
        words[task].append(texts.spellings[number])
    return ["".join(parts).rstrip() for parts in words]


def _confidence(texts: Texts, fit: _Fit, written: Rows, nearest: IntArray, *, way: Way) -> FloatArray:
    """Expected share of right words."""
    columns = sum_by(fit.columns.task, None, size=texts.task_count)
    right = sum_by(fit.columns.task, fit.vote.probability, size=texts.task_count)
    is_there = nearest >= 0
    merged = np.where(is_there, np.divide(right, columns, out=np.ones_like(right), where=columns > 0), 0.0)
    if way == "columns":
        return merged
    # a chosen text is right where the merged one is and it says the same
    rows = fit.merged()
    same = 1.0 - normalised(edit_distances(rows, written), rows, written)
    return np.asarray(merged * same)


def _known_words(texts: Texts, gold: Sequence[str | None]) -> KnownWords:
    if len(gold) != texts.task_count:
        raise InvalidInputError(f"gold has {len(gold)} entries where {texts.task_count} are needed")
    number = {key: i for i, key in enumerate(texts.vocabulary)}
    unknown = len(number)
    told = np.array([right is not None for right in gold], dtype=np.bool_)
    truth = Rows.of(
        [
            np.array(
                [number.get(key, unknown) for key in tokens_of(right or "", unit=texts.unit).keys],
                dtype=np.int64,
            )
            for right in gold
        ]
    )
    about = np.flatnonzero(told[texts.task])
    distance = edit_distances(texts.rows.at(about), truth.at(texts.task[about]))
    total = np.maximum(truth.length[texts.task[about]], texts.rows.length[about])
    who, size = texts.annotator[about], texts.annotator_count
    right = sum_by(who, (total - distance).astype(np.float64), size=size)
    return KnownWords(right, sum_by(who, total.astype(np.float64), size=size), told[texts.task])


def _better_way(texts: Texts, *, is_weighted: bool) -> Way:
    """Hide a quarter of the texts at a time, and see which way comes nearer to them, task by task."""
    sample = _some_tasks(texts)
    order = np.argsort(sample.task, kind="stable")
    fold = np.empty(sample.text_count, dtype=np.int64)
    fold[order] = (rank_within_runs(sample.task[order]) + sample.task[order]) % _FOLDS
    gained = np.zeros(sample.task_count)
    for number in range(_FOLDS):
        kept, hidden = np.flatnonzero(fold != number), np.flatnonzero(fold == number)
        fit = _Fit.of(sample.only(kept), None, is_weighted=is_weighted)
        task, rows = sample.task[hidden], sample.rows.at(hidden)
        by_choosing = edit_distances(rows, fit.chosen().at(task))
        by_merging = edit_distances(rows, fit.merged().at(task))
        gained += sum_by(task, (by_choosing - by_merging).astype(np.float64), size=sample.task_count)
    spread = float(np.sqrt((gained**2).sum()))
    return "columns" if gained.sum() >= _STANDARD_ERRORS * spread else "medoid"


def _some_tasks(texts: Texts) -> Texts:
    """The texts of evenly chosen tasks."""
    step = max(-(-texts.text_count // _EVIDENCE_TEXTS), 1)
    return texts.only(np.flatnonzero(texts.task % step == 0))
