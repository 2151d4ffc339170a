"""Texts of a task written one below the other, so that each column holds the words that stand for the same.

The alignment of ROVER (Fiscus 1997, doi 10.1109/ASRU.1997.659110): texts join one after the other, the most typical one
first, each by the cheapest edits against the columns so far. All tasks take each step together.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from goldsmith.science.arrays import BoolArray, FloatArray, IntArray
from goldsmith.science.segments import ragged_arange, rank_within_runs
from goldsmith.science.texts.words import NOTHING, Texts

_SAME: Final = 0
_SKIPPED: Final = 1
_ADDED: Final = 2
_CELLS_AT_ONCE: Final = 8_000_000


@dataclass(frozen=True, slots=True)
class Columns:
    """What every text says in every column of its task: one row per text and column.

    Attributes:
        column: ``[rows]`` numbered through all tasks, ascending along each task.
        text: ``[rows]`` index of the text.
        place: ``[rows]`` index of the word within the text; ``NOTHING`` where the text has none in this column.
        task: ``[columns]`` ascending.
        first: ``[tasks]`` the text that the others were written below; -1 without texts.
    """

    column: IntArray
    text: IntArray
    place: IntArray
    task: IntArray
    first: IntArray


def aligned(texts: Texts, *, strangeness: FloatArray) -> Columns:
    """Write the texts of each task one below the other.

    Args:
        texts: The texts.
        strangeness: ``[texts]`` such as the mean distance to the others: the least strange comes first. Equals come in
            the order of their words.

    Returns:
        The columns; no column is empty of words.
    """
    order = np.lexsort((*texts.rows.token.T[::-1], strangeness.round(9), texts.task))
    rank = rank_within_runs(texts.task[order])
    counts = np.bincount(texts.task, minlength=texts.task_count)
    parts = []
    for chosen in _chunks(texts, counts):
        table = np.full((chosen.size, int(counts[chosen].max(initial=0))), -1, dtype=np.int64)
        slot = np.full(texts.task_count, -1, dtype=np.int64)
        slot[chosen] = np.arange(chosen.size)
        here = slot[texts.task[order]] >= 0
        table[slot[texts.task[order[here]]], rank[here]] = order[here]
        parts.append(_column_rows(*_network(texts, table), table, chosen))
    first = np.full(texts.task_count, -1, dtype=np.int64)
    first[texts.task[order[rank == 0]]] = order[rank == 0]
    return _joined(parts, first)


def _chunks(texts: Texts, counts: IntArray) -> list[IntArray]:
    """Tasks in portions of alike size that fit into memory."""
    longest = np.zeros(texts.task_count, dtype=np.int64)
    np.maximum.at(longest, texts.task, texts.rows.length)
    used = np.flatnonzero(counts)
    used = used[np.lexsort((longest[used], counts[used]))]
    cells = (counts[used] + longest[used] + 2.0) * (longest[used] + 2.0) * 1.5
    portion = (np.cumsum(cells) // _CELLS_AT_ONCE).astype(np.int64)
    return [part for part in np.split(used, np.flatnonzero(np.diff(portion)) + 1) if part.size]


def _network(texts: Texts, table: IntArray) -> tuple[IntArray, IntArray]:
    """Places ``[tasks, texts, columns]`` of words, and ``[tasks]`` the number of columns."""
    tasks, members = table.shape
    width = texts.rows.length[table[:, 0]]
    places = np.full((tasks, members, max(int(width.max(initial=0)), 1)), NOTHING, dtype=np.int64)
    along = np.arange(places.shape[2])
    places[:, 0] = np.where(along < width[:, None], along, NOTHING)
    for member in range(1, members):
        joining = np.flatnonzero(table[:, member] >= 0)
        said = _words(texts, table[joining, :member], places[joining, :member])
        text = texts.rows.at(table[joining, member])
        moves = _moves(said, width[joining], text.token)
        grown, sizes = _rewritten(places[joining], moves, width[joining], text.length, member)
        places = _replaced(places, joining, grown)
        width[joining] = sizes
    return places, width


def _words(texts: Texts, members: IntArray, places: IntArray) -> IntArray:
    """``[tasks, texts, columns]`` the words at these places."""
    last = texts.rows.token.shape[1] - 1
    word = texts.rows.token[members[:, :, None], np.clip(places, 0, last)]
    return np.asarray(np.where(places >= 0, word, NOTHING))


def _moves(said: IntArray, width: IntArray, token: IntArray) -> NDArray[np.int8]:
    """Cheapest edits: what led to each cell ``[columns + 1, tasks, words + 1]``.

    A word costs, against a column, the share of the texts that say something else there; a word of its own column, or a
    column without word, costs 1. Costs are counted in texts, so that equals are equal.
    """
    tasks, members, columns = said.shape
    steps = np.arange(token.shape[1] + 1) * members
    cost = np.tile(steps, (tasks, 1))
    moves = np.full((columns + 1, tasks, token.shape[1] + 1), _ADDED, dtype=np.int8)
    for column in range(min(columns, int(width.max(initial=0)))):
        agree = (said[:, :, column, None] == token[:, None, :]).sum(axis=1)
        skipped = cost + members
        same = cost[:, :-1] + (members - agree)
        step = skipped.copy()
        np.minimum(step[:, 1:], same, out=step[:, 1:])
        cost = np.minimum.accumulate(step - steps, axis=1) + steps
        kind = moves[column + 1]
        kind[:] = np.where(cost < step, _ADDED, _SKIPPED)
        kind[:, 1:][(cost[:, 1:] == step[:, 1:]) & (step[:, 1:] == same)] = _SAME
    return moves


def _rewritten(
    places: IntArray, moves: NDArray[np.int8], width: IntArray, length: IntArray, member: int
) -> tuple[IntArray, IntArray]:
    """The network with one more text, by the moves followed back from the ends."""
    tasks = np.arange(len(places))
    column, word = width.copy(), length.copy()
    trail: list[tuple[IntArray, IntArray]] = []
    while True:
        is_live = (column > 0) | (word > 0)
        if not is_live.any():
            break
        move = np.where(word > 0, moves[column, tasks, word], _SKIPPED)
        move = np.where(column > 0, move, _ADDED)
        from_column = is_live & (move != _ADDED)
        from_word = is_live & (move != _SKIPPED)
        column, word = column - from_column, word - from_word
        trail.append((np.where(from_column, column, -1), np.where(from_word, word, NOTHING)))
    size = np.zeros(len(places), dtype=np.int64)
    grown = np.full((len(places), places.shape[1], max(len(trail), 1)), NOTHING, dtype=np.int64)
    for old, new in reversed(trail):
        used = np.flatnonzero((old >= 0) | (new >= 0))
        kept = np.where((old >= 0)[used, None], places[used, :, old[used]], NOTHING)
        kept[:, member] = new[used]
        grown[used, :, size[used]] = kept
        size[used] += 1
    return grown, size


def _replaced(places: IntArray, at: IntArray, grown: IntArray) -> IntArray:
    wide = max(places.shape[2], grown.shape[2])
    result = np.full((*places.shape[:2], wide), NOTHING, dtype=np.int64)
    result[:, :, : places.shape[2]] = places
    result[at, :, : grown.shape[2]] = grown
    result[at, :, grown.shape[2] :] = NOTHING
    return result


def _column_rows(
    places: IntArray, width: IntArray, table: IntArray, tasks: IntArray
) -> tuple[IntArray, IntArray, IntArray, IntArray, IntArray]:
    """Columns ``(task, position)`` and, for each, its rows ``(column, text, place)``."""
    is_used: BoolArray = (np.arange(places.shape[2]) < width[:, None])[:, :, None] & (table >= 0)[:, None, :]
    task, position, member = np.nonzero(is_used)
    begins = np.cumsum(width) - width
    return (
        np.repeat(tasks, width),
        ragged_arange(width),
        begins[task] + position,
        table[task, member],
        places[task, member, position],
    )


def _joined(parts: list[tuple[IntArray, IntArray, IntArray, IntArray, IntArray]], first: IntArray) -> Columns:
    nothing = np.zeros(0, dtype=np.int64)
    shift, columns = 0, []
    for part in parts:
        columns.append(part[2] + shift)
        shift += part[0].size
    task = np.concatenate([nothing, *(part[0] for part in parts)])
    position = np.concatenate([nothing, *(part[1] for part in parts)])
    order = np.lexsort((position, task))
    name = np.empty(order.size, dtype=np.int64)
    name[order] = np.arange(order.size)
    column = name[np.concatenate([nothing, *columns])]
    by_column = np.argsort(column, kind="stable")
    return Columns(
        column[by_column],
        np.concatenate([nothing, *(part[3] for part in parts)])[by_column],
        np.concatenate([nothing, *(part[4] for part in parts)])[by_column],
        task[order],
        first,
    )
