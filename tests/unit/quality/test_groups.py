"""Groups and order of resolved objects."""

from __future__ import annotations

from goldsmith.quality.groups import Member, drawing_order, groups_of


def marks(**groups: str | None) -> list[Member]:
    return [Member(voter=voter, weight=1.0, group_id=group, height=0.0) for voter, group in groups.items()]


def test_objects_that_most_put_together_are_a_group_whatever_it_is_called() -> None:
    objects = [
        marks(ann="g", ben="h", cat=None),
        marks(ann="g", ben="h", cat=None),
        marks(ann="g", ben=None, cat=None),
        marks(dan="g"),
    ]
    assert groups_of(objects) == [0, 0, None, None]


def test_only_those_who_marked_both_have_a_say() -> None:
    assert groups_of([marks(ann="g", ben=None), marks(ann="g")]) == [0, 0]


def test_groups_grow_by_their_members() -> None:
    objects = [marks(ann="g"), marks(ann="g", ben="h"), marks(ben="h"), marks(ben=None)]
    assert groups_of(objects) == [0, 0, 0, None]


def test_a_very_large_group_stays_whole() -> None:
    assert groups_of([marks(ann="g") for _ in range(500)]) == [0] * 500


def test_what_lies_lower_comes_first() -> None:
    def at(*heights: float) -> list[Member]:
        return [Member(voter=str(n), weight=1.0, group_id=None, height=h) for n, h in enumerate(heights)]

    assert drawing_order([at(1.0, 0.8), at(0.0, 0.2), at(0.5)]) == [1, 2, 0]
    assert drawing_order([at(0.5), at(0.5)]) == [0, 1]
