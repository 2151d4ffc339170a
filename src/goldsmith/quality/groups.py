"""Which resolved objects form a group, and which lies above which, by what the annotators say. Pure."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from itertools import combinations, pairwise
from typing import Final, NamedTuple

_MOST_IN_PAIRS: Final = 100
"""In larger groups only neighbours are compared."""


class Member(NamedTuple):
    """A mark behind an object.

    Attributes:
        voter: Who gave it.
        weight: Of that vote, above 0.
        group_id: As given.
        height: Its place among all marks of its labelling, from 0 (lowest) to 1.
    """

    voter: str
    weight: float
    group_id: str | None
    height: float


def drawing_order(objects: Sequence[Sequence[Member]]) -> list[int]:
    """Return the numbers of the objects from the lowest to the highest, by the weighted mean height of their marks."""

    def height(number: int) -> float:
        members = objects[number]
        total = sum(member.weight for member in members)
        return sum(member.weight * member.height for member in members) / total if total else 0.0

    return sorted(range(len(objects)), key=lambda number: round(height(number), 9))


def groups_of(objects: Sequence[Sequence[Member]]) -> list[int | None]:
    """Return for each object the number of the first object of its group, None where it is in none.

    Two objects belong together when more than half of the weight that marked both put them into one group.
    """
    parent = list(range(len(objects)))

    def root(number: int) -> int:
        while parent[number] != number:
            parent[number] = parent[parent[number]]
            number = parent[number]
        return number

    for one, other in _together(objects):
        low, high = sorted((root(one), root(other)))
        parent[high] = low
    sizes: dict[int, int] = defaultdict(int)
    for number in range(len(objects)):
        sizes[root(number)] += 1
    return [root(number) if sizes[root(number)] > 1 else None for number in range(len(objects))]


def _together(objects: Sequence[Sequence[Member]]) -> Iterable[tuple[int, int]]:
    by_group: dict[tuple[str, str], list[int]] = defaultdict(list)
    weights: list[dict[str, float]] = []
    for number, members in enumerate(objects):
        weights.append({member.voter: member.weight for member in members})
        for member in members:
            if member.group_id is not None:
                by_group[member.voter, member.group_id].append(number)
    joined: dict[tuple[int, int], float] = defaultdict(float)
    for (voter, _), numbers in by_group.items():
        pairs = combinations(numbers, 2) if len(numbers) <= _MOST_IN_PAIRS else pairwise(numbers)
        for one, other in pairs:
            joined[one, other] += weights[one][voter]
    for (one, other), weight in joined.items():
        both = sum(share for voter, share in weights[one].items() if voter in weights[other])
        if weight * 2.0 > both:
            yield one, other
