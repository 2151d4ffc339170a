"""The shape that a resolved object gets."""

from __future__ import annotations

import numpy as np
import pytest

from goldsmith.science.consensus.detection import fit_detection_skill, resolve_detections
from goldsmith.science.consensus.shape_choice import merge_spots, weighted_median
from goldsmith.science.forms import HIDDEN, OUTSIDE, VISIBLE, Form, Pixels, Spots
from goldsmith.science.marks import Looks, Marks
from goldsmith.science.polygons import rings_of_box

POINT, MASK, ROTATED = 7, 5, 2


def spots(*places: tuple[float, float, int]) -> Spots:
    return Spots.of(points=[p[:2] for p in places], state=[p[2] for p in places], scale_px=10)


def block(x: int, y: int, side: int) -> Pixels:
    return Pixels.of_spans([(row, x, x + side) for row in range(y, y + side)])


def resolve(marks: Marks) -> object:
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
    assert len(found) == 1  # type: ignore[arg-type]
    assert found.spots[0].points.tolist() == [[102, 50]]  # type: ignore[attr-defined]
    assert found.box_xyxy.tolist() == [[102, 50, 102, 50]]  # type: ignore[attr-defined]


def test_the_medoid_is_the_mask_that_the_others_are_most_alike() -> None:
    sides = [20, 30, 22]
    found = resolve(
        marks_of([[5, 5, 5 + s, 5 + s] for s in sides], [MASK] * 3, forms=[block(5, 5, s) for s in sides])
    )
    assert found.mark_of_shape.tolist() == [2]  # type: ignore[attr-defined]
    assert found.box_xyxy.tolist() == [[5, 5, 27, 27]]  # type: ignore[attr-defined]


def test_the_kind_that_most_drew_is_the_object_s() -> None:
    boxes = [[10.0, 10, 30, 30], [10.0, 10, 31, 30], [10.0, 10, 30, 31]]
    found = resolve(marks_of(boxes, [ROTATED, ROTATED, 0]))
    assert found.mark_of_shape.tolist()[0] in (0, 1)  # type: ignore[attr-defined]
    found = resolve(marks_of(boxes, [0, 0, ROTATED]))
    assert found.mark_of_shape.tolist() == [-1]  # type: ignore[attr-defined]


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


@pytest.mark.parametrize(
    ("values", "weight", "median"),
    [
        ([5.0], [1.0], 5.0),
        ([1.0, 2.0, 9.0], [1.0, 1.0, 5.0], 9.0),
        ([4.0, 1.0], [1.0, 1.0], 2.5),
        ([1.0, 2.0, 3.0, 4.0], [0.1, 0.1, 0.1, 0.1], 2.5),
    ],
)
def test_the_weighted_median(values: list[float], weight: list[float], median: float) -> None:
    assert weighted_median(np.array(values), np.array(weight)) == pytest.approx(median)
