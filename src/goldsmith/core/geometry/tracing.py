"""The borders of a mask as polygons: exact, along the pixels' edges."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import pairwise
from typing import Final

from goldsmith.core.geometry.measures import XY, signed_area
from goldsmith.core.geometry.runs import Span, rows_of

_Corner = tuple[int, int, bool]
"""Column, line, and whether it is the lower pixel's of two that touch only here."""
_Place = tuple[int, int]
_Sides = tuple[bool, bool]
"""Whether there is foreground above and below a line."""
_NOTHING: Final[_Sides] = (False, False)
_Spans = list[tuple[int, int]]


def trace_spans(spans: Sequence[Span]) -> list[list[list[XY]]]:
    """Trace the foreground.

    Each 4-connected part gives one polygon: its outer ring clockwise on screen, then its holes counterclockwise. Rings
    are simple (none touches itself), have corners only where they turn, and start at their topmost, then leftmost
    corner. Polygons and holes are in the order of those corners, row by row.

    Args:
        spans: (row, first column, column after the last one), sorted, not touching within a row.
    """
    rows = rows_of(spans)
    across, down = _borders(rows)
    outer: list[list[_Place]] = []
    holes: list[list[_Place]] = []
    for loop in _loops(across, down):
        for ring in _simple(loop):
            (outer if signed_area(ring) > 0.0 else holes).append(_from_top_left(ring))
    parts = _parts(rows)
    polygons: dict[int, list[list[XY]]] = {}
    for ring in sorted(outer, key=_reading_order):
        x, y = ring[0]
        polygons[parts[_span_at(rows, y, x)]] = [[(float(a), float(b)) for a, b in ring]]
    for ring in sorted(holes, key=_reading_order):
        x, y = ring[0]  # the pixel above a hole's top left corner is foreground of the part that has the hole
        polygons[parts[_span_at(rows, y - 1, x)]].append([(float(a), float(b)) for a, b in ring])
    return list(polygons.values())


def _reading_order(ring: list[_Place]) -> _Place:
    return ring[0][1], ring[0][0]


def _borders(rows: dict[int, _Spans]) -> tuple[dict[_Corner, _Corner], dict[_Corner, _Corner]]:
    """Return level and upright borders as start -> end, with the foreground on the right of whoever walks along."""
    across: dict[_Corner, _Corner] = {}
    down: dict[_Corner, _Corner] = {}
    open_since: dict[int, _Corner] = {}
    for line in sorted({line for row in rows for line in (row, row + 1)}):
        changes = _changes(rows.get(line - 1, []), rows.get(line, []))
        for (x, before, after), (next_x, _, next_after) in pairwise([*changes, (0, _NOTHING, _NOTHING)]):
            if after[0] != after[1]:
                is_below = after[1]
                left = (x, line, is_below and _is_diagonal(before, after))
                right = (next_x, line, is_below and _is_diagonal(after, next_after))
                across.update({left: right} if is_below else {right: left})
            if before[0] == before[1] and after[0] == after[1]:
                continue  # an upright border goes straight through
            if before[0] != after[0]:
                since, until = open_since.pop(x), (x, line, False)
                down.update({until: since} if after[0] else {since: until})
            if before[1] != after[1]:
                open_since[x] = (x, line, _is_diagonal(before, after))
    return across, down


def _is_diagonal(before: _Sides, after: _Sides) -> bool:
    """Say whether two foreground pixels touch only by this corner; the lower one's share of it is then marked."""
    return before[0] != before[1] and after == (before[1], before[0])


def _changes(above: _Spans, below: _Spans) -> Iterator[tuple[int, _Sides, _Sides]]:
    """Give each column at which the upper or lower side of a line changes, with both sides before and after it."""
    ends_above = {x for span in above for x in span}
    ends_below = {x for span in below for x in span}
    state = _NOTHING
    for x in sorted(ends_above | ends_below):
        after = (state[0] ^ (x in ends_above), state[1] ^ (x in ends_below))
        yield x, state, after
        state = after


def _loops(across: dict[_Corner, _Corner], down: dict[_Corner, _Corner]) -> Iterator[list[_Place]]:
    while across:
        first, end = across.popitem()
        loop = [first[:2]]
        while (turn := down[end]) != first:
            loop += [end[:2], turn[:2]]
            end = across.pop(turn)
        yield [*loop, end[:2]]


def _simple(loop: list[_Place]) -> Iterator[list[_Place]]:
    """Cut a loop at the corners that it passes twice."""
    path: list[_Place] = []
    place: dict[_Place, int] = {}
    for corner in loop:
        if corner in place:
            first = place[corner]
            yield path[first:]
            for passed in path[first + 1 :]:
                del place[passed]
            del path[first + 1 :]
        else:
            place[corner] = len(path)
            path.append(corner)
    yield path


def _from_top_left(ring: list[_Place]) -> list[_Place]:
    first = min(range(len(ring)), key=lambda index: (ring[index][1], ring[index][0]))
    return ring[first:] + ring[:first]


def _parts(rows: dict[int, _Spans]) -> dict[tuple[int, int], int]:
    """Number the 4-connected parts; a span is named by its row and its place in the row."""
    parent: list[int] = []
    number: dict[tuple[int, int], int] = {}

    def root(index: int) -> int:
        while parent[index] != index:
            parent[index] = parent[parent[index]]
            index = parent[index]
        return index

    for row, spans in rows.items():
        above = rows.get(row - 1, [])
        first = 0
        for place, (start, end) in enumerate(spans):
            number[row, place] = len(parent)
            parent.append(len(parent))
            while first < len(above) and above[first][1] <= start:
                first += 1
            for other in range(first, len(above)):
                if above[other][0] >= end:
                    break
                parent[root(number[row, place])] = root(number[row - 1, other])
    return {span: root(index) for span, index in number.items()}


def _span_at(rows: dict[int, _Spans], row: int, column: int) -> tuple[int, int]:
    spans = rows[row]
    low, high = 0, len(spans)
    while low < high:
        middle = (low + high) // 2
        if spans[middle][1] <= column:
            low = middle + 1
        else:
            high = middle
    return row, low
