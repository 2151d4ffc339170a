"""The shape of each resolved object, of the kind that most of the trust in it drew.

Boxes are merged by ``box_merge`` and polygons by ``polygon_merge``. Named places are merged place by place: the
weighted median of where it is, the weighted majority of whether it is seen. Lines are merged by ``merge_lines``, masks
by STAPLE in the disputed band. Of all other kinds the weighted medoid is taken: the member that the others, weighted by
trust, are most alike.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final, NamedTuple, TypeVar

import numpy as np

from goldsmith.science.arrays import FloatArray, IntArray
from goldsmith.science.boxes import paired_box_iou
from goldsmith.science.consensus.objects import MarkedObjects
from goldsmith.science.consensus.polygon_merge import merge_polygons
from goldsmith.science.forms import OUTSIDE, Form, Line, Pixels, Spots
from goldsmith.science.keypoints import merge_lines
from goldsmith.science.marks import Marks
from goldsmith.science.masks import Masks, MaskSkill, fit_mask_skill, resolve_masks
from goldsmith.science.medians import weighted_median
from goldsmith.science.polygons import Rings, simplified_path
from goldsmith.science.segments import run_starts
from goldsmith.science.shape_similarity import paired_similarity

BOX, POLYGON = 0, 1
F = TypeVar("F", Spots, Line, Pixels)
_STRAIGHT: Final = 0.03
"""Corners are left out that lie nearer to the merged line than this share of the distance of half likeness."""
_MOST_MASKS: Final = 500
"""Objects with several masks that skill is learnt from at most: it is known well by then."""


class ChosenShapes(NamedTuple):
    """What each object looks like.

    Attributes:
        box_xyxy: ``[objects, 4]`` merged box, or the bounds of what follows.
        rings: ``[objects]`` merged polygon, or None; None when there is none.
        forms: ``[objects]`` merged places, line or pixels, or None; None when there are none.
        mark: ``[objects]`` the mark whose shape the object has, -1 for boxes and polygons; where there is a merged
            form, the most typical mark, which tells what else there is to it, such as the names of places.
    """

    box_xyxy: FloatArray
    rings: tuple[Rings | None, ...] | None
    forms: tuple[Form | None, ...] | None
    mark: IntArray


def choose_shapes(
    objects: MarkedObjects,
    *,
    class_index: IntArray,
    trust: FloatArray,
    box_xyxy: FloatArray,
    mask_skill: MaskSkill,
) -> ChosenShapes:
    """Give each object its shape.

    Args:
        objects: Marked objects.
        class_index: ``[objects]`` class of each; named places of other classes have other names and are left out,
            where there are any of this one.
        trust: ``[marks]`` above 0.
        box_xyxy: ``[objects, 4]`` merged boxes.
        mask_skill: How everybody draws masks.
    """
    marks = objects.marks
    count = len(objects)
    mark = np.full(count, -1, dtype=np.int64)
    if marks.rings is None and marks.forms is None and marks.kind is None:
        return ChosenShapes(box_xyxy, None, None, mark)
    box = box_xyxy.copy()
    rings: list[Rings | None] = [None] * count
    forms: list[Form | None] = [None] * count
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
            named = of_class if of_class.size else drawn
            mark[which] = _medoid(marks, named, trust[named])
            forms[which] = _merged_form(marks, int(mark[which]), drawn, named, trust, mask_skill)
            box[which] = _bounds(forms[which], marks.box_xyxy[mark[which]])
    return ChosenShapes(
        box,
        tuple(rings) if marks.rings is not None else None,
        tuple(forms) if any(entry is not None for entry in forms) else None,
        mark,
    )


def learn_masks(objects: MarkedObjects, *, annotator_count: int) -> MaskSkill:
    """How everybody draws masks, from objects of which several did; of many objects, from an even draw."""
    marks = objects.marks
    if marks.forms is None:
        return MaskSkill.unknown(annotator_count)
    rows = np.array([row for row, form in enumerate(marks.forms) if isinstance(form, Pixels)], dtype=np.int64)
    rows = rows[np.argsort(objects.object_of_mark[rows], kind="stable")]
    groups = np.split(rows, run_starts(objects.object_of_mark[rows])[1:])
    shared = [group for group in groups if group.size > 1]
    shared = shared[:: -(-len(shared) // _MOST_MASKS) or 1]
    drawn = [[form for row in group if isinstance(form := marks.forms[row], Pixels)] for group in shared]
    who = [marks.annotator[group] for group in shared]
    return fit_mask_skill(Masks.of_pixels(drawn, who, annotator_count=annotator_count))


def _heaviest(kinds: IntArray, trust: FloatArray) -> int:
    """The kind with the most trust; of equals the higher one, so that a polygon goes before a box."""
    present, slot = np.unique(kinds, return_inverse=True)
    total = np.bincount(slot, weights=trust).round(12)
    return int(present[np.flatnonzero(total == total.max())[-1]])


def _rings_of(marks: Marks, rows: IntArray) -> list[Rings]:
    assert marks.rings is not None
    return [rings for row in rows.tolist() if (rings := marks.rings[row]) is not None]


def _merged_form(
    marks: Marks, medoid: int, drawn: IntArray, named: IntArray, trust: FloatArray, mask_skill: MaskSkill
) -> Form | None:
    """Places, line or pixels of several marks; None where there are none, or where the most typical mark is best.

    Args:
        marks: All marks.
        medoid: The most typical one.
        drawn: Those of the object's kind.
        named: Of these, those whose places have the object's names.
        trust: ``[marks]``.
        mask_skill: How everybody draws masks.
    """
    form = marks.form_of(medoid)
    match form:
        case Spots():
            spots = [row for row in _alike(marks, named, Spots) if len(row[1].points) == len(form.points)]
            return merge_spots([other for _, other in spots], trust[[row for row, _ in spots]])
        case Line():
            lines = _alike(marks, drawn, Line)
            return (
                form
                if len(lines) < 2
                else _merged_line([line for _, line in lines], trust[[r for r, _ in lines]])
            )
        case Pixels():
            masks = _alike(marks, drawn, Pixels)
            who = marks.annotator[[row for row, _ in masks]]
            found = Masks.of_pixels([[mask for _, mask in masks]], [who], annotator_count=int(who.max()) + 1)
            merged = resolve_masks(found, skill=mask_skill).pixels(0)
            return merged if merged.total else form
        case _:
            return None


def _alike(marks: Marks, rows: IntArray, sort: type[F]) -> list[tuple[int, F]]:
    return [(row, form) for row in rows.tolist() if isinstance(form := marks.form_of(row), sort)]


def _merged_line(lines: Sequence[Line], weight: FloatArray) -> Line:
    scale = float(np.average([line.scale_px for line in lines], weights=weight))
    merged = merge_lines([line.points for line in lines], weight=weight)
    return Line.of(points=simplified_path(merged, tolerance=_STRAIGHT * scale), scale_px=scale)


def _bounds(form: Form | None, drawn_xyxy: FloatArray) -> FloatArray:
    """``[4]`` bounds of a merged form, or of what was drawn where there is none."""
    match form:
        case Spots():
            points = form.points[form.state != OUTSIDE]
        case Line():
            points = form.points
        case Pixels():
            return form.bounds_xyxy()
        case _:
            return drawn_xyxy
    return np.concatenate([points.min(axis=0), points.max(axis=0)])


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
    seen = states != OUTSIDE
    seen |= ~seen.any(axis=0)  # what nobody sees keeps a place, which means nothing
    row, place = np.nonzero(seen)
    columns = [
        weighted_median(place, points[row, place, axis], group_count=points.shape[1], weight=weight[row])
        for axis in (0, 1)
    ]
    merged = np.stack(columns, axis=1)
    scale = float(np.average([member.scale_px for member in members], weights=weight))
    return Spots.of(points=merged, state=state, scale_px=scale)
