"""The shape of each resolved object, of the kind that most of the trust in it drew.

Boxes are merged by ``box_merge`` and polygons by ``polygon_merge``. Named places are merged place by place: the
weighted median of where it is, the weighted majority of whether it is seen. Of all other kinds the weighted medoid is
taken: the member that the others, weighted by trust, are most alike.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from goldsmith.science.arrays import FloatArray, IntArray
from goldsmith.science.boxes import paired_box_iou
from goldsmith.science.consensus.objects import MarkedObjects
from goldsmith.science.consensus.polygon_merge import merge_polygons
from goldsmith.science.forms import OUTSIDE, Spots
from goldsmith.science.marks import Marks
from goldsmith.science.polygons import Rings
from goldsmith.science.segments import run_starts
from goldsmith.science.shape_similarity import paired_similarity

BOX, POLYGON = 0, 1


class ChosenShapes(NamedTuple):
    """What each object looks like.

    Attributes:
        box_xyxy: ``[objects, 4]`` merged box, or the bounds of what follows.
        rings: ``[objects]`` merged polygon, or None; None when there is none.
        spots: ``[objects]`` merged places, or None; None when there are none.
        mark: ``[objects]`` the mark whose shape the object has, -1 for boxes and polygons; for merged places, one that
            tells their names.
    """

    box_xyxy: FloatArray
    rings: tuple[Rings | None, ...] | None
    spots: tuple[Spots | None, ...] | None
    mark: IntArray


def choose_shapes(
    objects: MarkedObjects, *, class_index: IntArray, trust: FloatArray, box_xyxy: FloatArray
) -> ChosenShapes:
    """Give each object its shape.

    Args:
        objects: Marked objects.
        class_index: ``[objects]`` class of each; named places of other classes have other names and are left out,
            where there are any of this one.
        trust: ``[marks]`` above 0.
        box_xyxy: ``[objects, 4]`` merged boxes.
    """
    marks = objects.marks
    count = len(objects)
    mark = np.full(count, -1, dtype=np.int64)
    if marks.rings is None and marks.forms is None and marks.kind is None:
        return ChosenShapes(box_xyxy, None, None, mark)
    box = box_xyxy.copy()
    rings: list[Rings | None] = [None] * count
    spots: list[Spots | None] = [None] * count
    kinds = marks.kinds()
    order = np.argsort(objects.object_of_mark, kind="stable")
    for members in np.split(order, run_starts(objects.object_of_mark[order])[1:]):
        if not members.size:
            continue
        which = int(objects.object_of_mark[members[0]])
        kind = _heaviest(kinds[members], trust[members])
        drawn = members[kinds[members] == kind]
        if kind == POLYGON:
            merged = merge_polygons(_rings_of(marks, drawn), trust[drawn])
            rings[which] = merged
            box[which, :2], box[which, 2:] = merged[0].min(axis=0), merged[0].max(axis=0)
        elif kind != BOX:
            of_class = drawn[marks.class_index[drawn] == class_index[which]]
            mark[which], spots[which] = _chosen(marks, of_class if of_class.size else drawn, trust)
            box[which] = marks.box_xyxy[mark[which]]
            if (places := spots[which]) is not None:
                seen = places.points[places.state != OUTSIDE]
                box[which] = *seen.min(axis=0), *seen.max(axis=0)
    return ChosenShapes(
        box,
        tuple(rings) if marks.rings is not None else None,
        tuple(spots) if any(entry is not None for entry in spots) else None,
        mark,
    )


def _heaviest(kinds: IntArray, trust: FloatArray) -> int:
    """The kind with the most trust; of equals the higher one, so that a polygon goes before a box."""
    present, slot = np.unique(kinds, return_inverse=True)
    total = np.bincount(slot, weights=trust).round(12)
    return int(present[np.flatnonzero(total == total.max())[-1]])


def _rings_of(marks: Marks, rows: IntArray) -> list[Rings]:
    assert marks.rings is not None
    return [rings for row in rows.tolist() if (rings := marks.rings[row]) is not None]


def _chosen(marks: Marks, members: IntArray, trust: FloatArray) -> tuple[int, Spots | None]:
    medoid = _medoid(marks, members, trust[members])
    form = marks.form_of(medoid)
    if not isinstance(form, Spots):
        return medoid, None
    alike = [
        (other, weight)
        for row, weight in zip(members.tolist(), trust[members].tolist(), strict=True)
        if isinstance(other := marks.form_of(row), Spots) and len(other.points) == len(form.points)
    ]
    return medoid, merge_spots([other for other, _ in alike], np.array([weight for _, weight in alike]))


def _medoid(marks: Marks, members: IntArray, trust: FloatArray) -> int:
    """The member with the greatest weighted likeness to all; of equals the first by its bounds."""
    if members.size == 1:
        return int(members[0])
    one, other = np.triu_indices(members.size, k=1)
    first, second = members[one], members[other]
    by_box = paired_box_iou(marks.box_xyxy[first], marks.box_xyxy[second])
    alike = np.eye(members.size)
    alike[one, other] = alike[other, one] = paired_similarity(marks, first, second, box_similarity=by_box)
    score = (alike @ trust).round(9)
    return int(members[np.lexsort((*marks.box_xyxy[members].T[::-1], -score))[0]])


def merge_spots(members: Sequence[Spots], weight: FloatArray) -> Spots:
    """Places that several annotators meant.

    Args:
        members: At least one; all with the same number of places.
        weight: ``[members]`` trust in each, above 0.

    Returns:
        Of each place, the state with the most trust, and the weighted median of where those see it who see it.
        Where all places come out as outside, the one that most of the trust sees does not.
    """
    points = np.stack([member.points for member in members])
    states = np.stack([member.state for member in members])
    votes = np.stack([((states == state) * weight[:, None]).sum(axis=0) for state in range(OUTSIDE + 1)])
    state = votes.argmax(axis=0)
    if (state == OUTSIDE).all():
        best = int(votes[:OUTSIDE].sum(axis=0).argmax())
        state[best] = int(votes[:OUTSIDE, best].argmax())
    merged = np.empty(points.shape[1:])
    for place in range(points.shape[1]):
        seen = states[:, place] != OUTSIDE
        rows = seen if seen.any() else np.ones(len(members), dtype=np.bool_)
        for axis in (0, 1):
            merged[place, axis] = weighted_median(points[rows, place, axis], weight[rows])
    scale = float(np.average([member.scale_px for member in members], weights=weight))
    return Spots.of(points=merged, state=state, scale_px=scale)


def weighted_median(values: FloatArray, weight: FloatArray) -> float:
    """The value at half the weight; the middle between two where it falls between them.

    >>> weighted_median(np.array([1.0, 9.0, 2.0]), np.ones(3)), weighted_median(np.array([1.0, 3.0]), np.ones(2))
    (2.0, 2.0)
    """
    order = np.argsort(values, kind="stable")
    below = np.cumsum(weight[order])
    half = below[-1] / 2.0
    low = int(np.searchsorted(below, half * (1.0 - 1e-12), side="left"))
    high = int(np.searchsorted(below, half * (1.0 + 1e-12), side="right"))
    return float((values[order][low] + values[order][min(high, values.size - 1)]) / 2.0)
