"""The shape that a resolved object gets."""

from __future__ import annotations

import json

import numpy as np
import pytest

from goldsmith.core.errors import InvalidInputError
from goldsmith.science.consensus import (
    DetectionConsensus,
    DetectionSkill,
    fit_detection_skill,
    resolve_detections,
)
from goldsmith.science.consensus.shape_choice import merge_spots
from goldsmith.science.forms import HIDDEN, OUTSIDE, VISIBLE, Form, Line, Pixels, Spots, form_similarity
from goldsmith.science.keypoints import frechet_distance
from goldsmith.science.marks import Looks, Marks
from goldsmith.science.polygons import rings_of_box

POINT, MASK, ROTATED, LINE = 7, 5, 2, 9


def spots(*places: tuple[float, float, int]) -> Spots:
    return Spots.of(points=[p[:2] for p in places], state=[p[2] for p in places], scale_px=10)


def block(x: int, y: int, side: int) -> Pixels:
    return Pixels.of_spans([(row, x, x + side) for row in range(y, y + side)])


def resolve(marks: Marks) -> DetectionConsensus:
    people = int(marks.annotator.max()) + 1
    looks = Looks.of(image=[0] * people, annotator=list(range(people)))
    skill = fit_detection_skill(marks, looks, annotator_count=people, class_count=1)
    return resolve_detections(marks, looks, skill=skill)


def marks_of(boxes: list[list[float]], kind: list[int], *, forms: list[Form | None] | None = None) -> Marks:
    count = len(boxes)
    rings = [
        rings_of_box(np.array(box)) if k == ROTATED else None for box, k in zip(boxes, kind, strict=True)
    ]
    return Marks.of(
        image=[0] * count,
        annotator=list(range(count)),
        class_index=[0] * count,
        box_xyxy=boxes,
        rings=rings,
        forms=forms,
        kind=kind,
    )


def test_points_become_their_median() -> None:
    places = [(100.0, 50.0), (102.0, 51.0), (110.0, 49.0)]
    found = resolve(
        marks_of(
            [[x, y, x, y] for x, y in places],
            [POINT] * 3,
            forms=[spots((x, y, VISIBLE)) for x, y in places],
        )
    )
    assert len(found) == 1
    (places,) = found.forms or ()
    assert isinstance(places, Spots)
    assert places.points.tolist() == [[102, 50]]
    assert found.box_xyxy.tolist() == [[102, 50, 102, 50]]


def test_of_three_masks_what_two_painted_is_the_object() -> None:
    sides = [20, 30, 22]
    found = resolve(
        marks_of([[5, 5, 5 + s, 5 + s] for s in sides], [MASK] * 3, forms=[block(5, 5, s) for s in sides])
    )
    assert found.mark_of_shape.tolist() == [2]
    assert found.box_xyxy.tolist() == [[5, 5, 27, 27]]


def test_the_kind_that_most_drew_is_the_object_s() -> None:
    boxes = [[10.0, 10, 30, 30], [10.0, 10, 31, 30], [10.0, 10, 30, 31]]
    found = resolve(marks_of(boxes, [ROTATED, ROTATED, 0]))
    assert found.mark_of_shape.tolist()[0] in (0, 1)
    found = resolve(marks_of(boxes, [0, 0, ROTATED]))
    assert found.mark_of_shape.tolist() == [-1]


def test_boxes_and_polygons_are_resolved_the_same_with_and_without_kinds() -> None:
    rng = np.random.default_rng(5)
    corners = rng.uniform(0, 300, (12, 2)).round(2)
    boxes, image, who, rings = [], [], [], []
    for corner in corners:
        for person in range(3):
            low = corner + rng.normal(0, 1.5, 2)
            boxes.append([*low, *(low + 40 + rng.normal(0, 1.5, 2))])
            image.append(len(image) % 4)
            who.append(person)
            rings.append(rings_of_box(np.array(boxes[-1])) if rng.random() < 0.5 else None)
    columns = {"image": sorted(image), "annotator": who, "class_index": [0] * len(who), "box_xyxy": boxes}
    for shapes in (None, rings):
        plain = Marks.of(**columns, rings=shapes)  # type: ignore[arg-type]
        told = Marks.of(**columns, rings=shapes, kind=plain.kinds())  # type: ignore[arg-type]
        looks = Looks.of(image=np.repeat(np.arange(4), 3), annotator=[0, 1, 2] * 4)
        skill = fit_detection_skill(plain, looks, annotator_count=3, class_count=1)
        one, other = (resolve_detections(marks, looks, skill=skill) for marks in (plain, told))
        assert (one.box_xyxy == other.box_xyxy).all()
        assert (one.posterior == other.posterior).all()
        if shapes is not None:
            assert one.rings is not None and other.rings is not None
            for a, b in zip(one.rings, other.rings, strict=True):
                assert (a is None) == (b is None)
                assert a is None or b is None or (a[0] == b[0]).all()


def test_places_are_merged_one_by_one() -> None:
    merged = merge_spots(
        [
            spots((0, 0, VISIBLE), (50, 50, VISIBLE)),
            spots((2, 0, HIDDEN), (99, 99, OUTSIDE)),
            spots((4, 3, HIDDEN), (54, 50, VISIBLE)),
        ],
        np.array([1.0, 1.0, 1.0]),
    )
    assert merged.points.tolist() == [[2, 0], [52, 50]]
    assert merged.state.tolist() == [HIDDEN, VISIBLE]


def test_something_is_always_seen() -> None:
    merged = merge_spots(
        [
            spots((1, 1, VISIBLE), (0, 0, OUTSIDE), (0, 0, OUTSIDE)),
            spots((0, 0, OUTSIDE), (2, 2, HIDDEN), (0, 0, OUTSIDE)),
            spots((0, 0, OUTSIDE), (0, 0, OUTSIDE), (3, 3, VISIBLE)),
        ],
        np.array([1.0, 1.5, 1.0]),
    )
    assert merged.state.tolist() == [OUTSIDE, HIDDEN, OUTSIDE]
    assert merged.points[1].tolist() == [2, 2]


def line(*points: tuple[float, float]) -> Line:
    return Line.of(points=np.array(points), scale_px=10)


def bounds(points: np.ndarray) -> list[float]:
    return [*points.min(axis=0), *points.max(axis=0)]


def test_lines_become_the_line_between_them() -> None:
    drawn = [
        line((10, 10), (110, 10), (110, 90)),
        line((110, 92), (112, 12), (10, 12)),  # from its other end
        line((10, 14), (60, 14), (114, 14), (114, 90)),
    ]
    found = resolve(marks_of([bounds(one.points) for one in drawn], [LINE] * 3, forms=drawn))
    assert len(found) == 1
    (merged,) = found.forms or ()
    assert isinstance(merged, Line)
    assert frechet_distance(merged.points, drawn[1].points) < 4
    assert len(merged.points) <= 6
    assert found.box_xyxy[0].tolist() == bounds(merged.points)
    alone = resolve(marks_of([bounds(drawn[0].points)], [LINE], forms=drawn[:1]))
    assert alone.forms is not None
    assert alone.forms[0] is drawn[0]


def test_masks_are_painted_anew_by_who_paints_too_large_and_too_small() -> None:
    """Two of three paint too large everywhere; one object tells nothing of that, fifty do."""
    rng = np.random.default_rng(0)
    boxes, who, image, forms = [], [], [], []
    for number in range(50):
        x, y = (int(v) for v in rng.integers(10, 400, 2))
        for person, grown in enumerate((0, 3, -3)):
            side = 40 + 2 * grown
            forms.append(block(x - grown, y - grown, side))
            boxes.append([x - grown, y - grown, x - grown + side, y - grown + side])
            who.append(person)
            image.append(number)
    marks = Marks.of(
        image=image,
        annotator=who,
        class_index=[0] * len(who),
        box_xyxy=boxes,
        forms=forms,
        kind=[MASK] * len(who),
    )
    looks = Looks.of(image=image, annotator=who)
    skill = fit_detection_skill(marks, looks, annotator_count=3, class_count=1)
    assert skill.masks.specificity[1] < skill.masks.specificity[0]
    assert skill.masks.sensitivity[2] < skill.masks.sensitivity[0]
    whole = resolve_detections(marks, looks, skill=skill)
    assert whole.forms is not None
    for form, truth in zip(whole.forms, forms[::3], strict=True):
        assert form is not None
        assert form_similarity(form, truth) > 0.97
    first = np.arange(3)
    alone = resolve_detections(marks.at(first), Looks(looks.image[:3], looks.annotator[:3]), skill=skill)
    assert alone.forms is not None
    assert form_similarity(alone.forms[0], whole.forms[0]) == 1.0
    kept = DetectionSkill.from_lists(json.loads(json.dumps(skill.as_lists())))
    assert (kept.masks.sensitivity == skill.masks.sensitivity).all()
    # two masks: what both painted, and of what one did as much as usually belongs
    pair = resolve_detections(marks.at(np.array([0, 1])), looks, skill=skill)
    assert pair.forms is not None
    assert form_similarity(pair.forms[0], forms[0]) == 1.0


def test_skill_kept_before_masks_were_learnt_from_knows_of_nobody() -> None:
    marks = marks_of([[0.0, 0, 9, 9]], [0])
    skill = fit_detection_skill(marks, Looks.of(image=[], annotator=[]), annotator_count=1, class_count=1)
    lists = skill.as_lists()
    del lists["mask_rates"], lists["mask_share"]
    assert DetectionSkill.from_lists(lists).masks.sensitivity.tolist() == [0.7, 0.7]
    with pytest.raises(InvalidInputError, match="fit together"):
        DetectionSkill.from_lists({**skill.as_lists(), "mask_rates": [[0.5], [0.5]]})


def test_huge_masks_need_no_canvas() -> None:
    far = [Pixels.of_spans([(0, 0, 5), (10**8, 10**8, 10**8 + 5)]), Pixels.of_spans([(0, 0, 4)])]
    found = resolve(marks_of([[0, 0, 10, 10]] * 2, [MASK] * 2, forms=far))
    assert all(isinstance(form, Pixels) and form.total >= 4 for form in found.forms or ())
