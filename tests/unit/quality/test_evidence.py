from __future__ import annotations

import pytest

from goldsmith.core.annotations import Annotation, Labelling
from goldsmith.core.geometry import (
    AnyShape,
    Bezier,
    BezierNode,
    Box,
    Cuboid,
    Ellipse,
    Mask,
    NodeState,
    PointShape,
    Polygon,
    Polyline,
    RotatedBox,
    Skeleton,
    SkeletonNode,
)
from goldsmith.quality.deciding import LEAST_OF_DECIDED
from goldsmith.quality.evidence import class_index, gather, gather_gold
from goldsmith.quality.learning import learn
from goldsmith.quality.service.fitting import Fit, resolve_votes
from goldsmith.quality.types import DECIDER, ResolvedTask, Vote
from tests.unit.quality.samples import CLASSES, mark, outline, vote


def fitted(votes: list[Vote]) -> Fit:
    made = learn(votes, {}, ontology_classes=CLASSES)
    numbers = {member: entry.model_dump() for member, entry in made.numbers.items()}
    return Fit(1, made.members, made.classes, made.skill, numbers)


def resolved(votes: list[Vote], *more: Vote) -> dict[str, ResolvedTask]:
    return {entry.task_id: entry for entry in resolve_votes([*votes, *more], fitted(votes))}


def crowd(*labellings: Labelling, task: str = "t1") -> list[Vote]:
    return [Vote(task, f"sub_{n}", f"mem_{n}", given) for n, given in enumerate(labellings)]


def test_votes_become_columns() -> None:
    votes = [
        vote("t1", "ann", mark("a", "car", 0, 0, 10, 10), outline("b", "sign", 5, 5, 9, 9)),
        vote("t2", "ben"),
        vote("t1", "ben", mark("a", "car", 1, 0, 10, 10)),
    ]
    evidence = gather(votes, members={"ann": 0, "ben": 1}, classes={"car": 0, "sign": 1})
    assert evidence.task_ids == ["t1", "t2"]
    assert evidence.marks.image.tolist() == [0, 0, 0]
    assert evidence.marks.annotator.tolist() == [0, 0, 1]
    assert evidence.marks.class_index.tolist() == [0, 1, 0]
    assert evidence.marks.box_xyxy[1].tolist() == [5, 5, 9, 9]
    assert [number for number, _ in evidence.mark_of] == [0, 0, 2]


def test_gold_of_other_tasks_is_left_out_and_empty_gold_counts() -> None:
    gold = {"t2": Labelling(), "t9": Labelling(annotations=[mark("g", "car", 0, 0, 5, 5)])}
    marks, images = gather_gold(gold, ["t1", "t2"], classes={"car": 0})
    assert images == [1]
    assert len(marks) == 0


def test_classes_of_older_labels_come_after_those_of_the_ontology() -> None:
    old = Labelling(annotations=[mark("a", "bus", 0, 0, 1, 1), mark("b", "car", 0, 0, 1, 1)])
    assert class_index(["sign", "car"], [old]) == {"sign": 0, "car": 1, "bus": 2}


def test_values_and_flags_follow_the_votes() -> None:
    def seen(name: str, *, colour: str, hidden: bool) -> Labelling:
        found = mark(name, "car", 0, 0, 20, 20, attributes={"colour": colour}, is_occluded=hidden)
        return Labelling(annotations=[found], answers={"weather": colour})

    votes = crowd(
        seen("a", colour="red", hidden=True),
        seen("b", colour="blue", hidden=False),
        seen("c", colour="red", hidden=True),
    )
    (found,) = resolved(votes)["t1"].labelling.annotations
    assert found.attributes == {"colour": "red"}
    assert found.is_occluded
    assert not found.is_truncated
    assert resolved(votes)["t1"].labelling.answers == {"weather": "red"}


def test_objects_keep_their_names_when_the_same_marks_are_resolved_again() -> None:
    votes = crowd(*(Labelling(annotations=[mark("a", "car", 0, 0, 20, 20)]) for _ in range(3)))
    first, again = resolved(votes)["t1"], resolved(list(reversed(votes)))["t1"]
    assert [a.annotation_id for a in first.labelling.annotations] == [
        a.annotation_id for a in again.labelling.annotations
    ]
    (support,) = first.support.values()
    assert support.submissions == ["sub_0", "sub_1", "sub_2"]
    assert support.onlookers == 3
    assert sum(support.class_posterior.values()) == pytest.approx(1.0, abs=0.01)
    assert first.submission_ids == ["sub_0", "sub_1", "sub_2"]


def test_polygons_stay_polygons() -> None:
    votes = crowd(*(Labelling(annotations=[outline("a", "sign", 10, 10, 30 + n, 30)]) for n in range(3)))
    (found,) = resolved(votes)["t1"].labelling.annotations
    assert isinstance(found.geometry, Polygon)
    left, top, right, bottom = found.geometry.bounds_xyxy()
    assert (left, top, bottom) == pytest.approx((10, 10, 30), abs=1)
    assert 29 <= right <= 33


def drawn(*shapes: AnyShape, group_id: str | None = None) -> Labelling:
    return Labelling(
        annotations=[
            Annotation(annotation_id=f"a{n}", class_id="sign", geometry=shape, group_id=group_id)
            for n, shape in enumerate(shapes)
        ]
    )


CORNERS = [(0.0, 0.0), (40.0, 0.0), (40.0, 40.0), (0.0, 40.0)]
KINDS: list[AnyShape] = [
    Box(box_xyxy=(100, 100, 140, 140)),
    Polygon(rings=[[(x + 100, y + 100) for x, y in CORNERS]]),
    RotatedBox(center_xy=(120, 120), size_wh=(60, 20), angle_deg=30),
    Polyline(points=[(100, 100), (150, 120), (300, 100)]),
    Bezier(
        nodes=[
            BezierNode(at=(x + 100, y + 100), handle_in=(x + 100, y + 90), handle_out=(x + 100, y + 110))
            for x, y in CORNERS
        ],
        is_closed=True,
    ),
    Bezier(
        nodes=[
            BezierNode(at=(x + 100, 100), handle_in=(x + 100, 90), handle_out=(x + 100, 110)) for x in (0, 80)
        ]
    ),
    Mask(origin_xy=(100, 100), size_wh=(30, 20), runs=[0, 600]),
    Ellipse(center_xy=(120, 120), radii_xy=(40, 20), angle_deg=30),
    PointShape(point_xy=(120, 120)),
    Skeleton(
        nodes=[
            SkeletonNode(node_id="head", at=(120, 100)),
            SkeletonNode(node_id="foot", at=(120, 160), state=NodeState.OCCLUDED),
            SkeletonNode(node_id="hand", at=(0, 0), state=NodeState.OUTSIDE),
        ]
    ),
    Cuboid(corners=[*((x + 100, y + 100) for x, y in CORNERS), *((x + 115, y + 90) for x, y in CORNERS)]),
]


@pytest.mark.parametrize("shape", KINDS, ids=lambda shape: shape.kind)
def test_objects_of_every_kind_are_matched_and_keep_their_kind(shape: AnyShape) -> None:
    apart = shape.translate(400, 0)
    votes = crowd(
        drawn(shape, apart),
        drawn(apart.translate(1, 1), shape.translate(2, -1)),
        drawn(shape.translate(-1, 1)),
    )
    entry = resolved(votes)["t1"]
    found = sorted(entry.labelling.annotations, key=lambda a: a.geometry.bounds_xyxy())
    assert [a.geometry.kind for a in found] == [shape.kind, shape.kind]
    assert [len(entry.support[a.annotation_id].submissions) for a in found] == [3, 2]
    assert found[0].geometry.bounds_xyxy() == pytest.approx(shape.bounds_xyxy(), abs=2.1)
    assert found[0].geometry.area_px() == pytest.approx(shape.area_px(), rel=0.1)
    if isinstance(shape, Skeleton):
        assert isinstance(found[0].geometry, Skeleton)
        assert [node.state for node in found[0].geometry.nodes] == [node.state for node in shape.nodes]


@pytest.mark.parametrize("shape", KINDS, ids=lambda shape: shape.kind)
def test_gold_of_every_kind_is_recognised(shape: AnyShape) -> None:
    votes = [Vote(f"t{n}", f"sub_{n}", "ann", drawn(shape.translate(1, 1))) for n in range(4)]
    gold = {vote.task_id: drawn(shape) for vote in votes}
    score = learn(votes, gold, ontology_classes=CLASSES).numbers["ann"].gold
    assert (score.right, score.total) == (4, 4)


def test_a_reviewer_s_shape_stands_where_shapes_are_not_merged() -> None:
    point = PointShape(point_xy=(120, 120))
    votes = crowd(*(drawn(point) for _ in range(4)))
    decision = Vote("t1", "sub_fix", DECIDER, drawn(PointShape(point_xy=(123, 120))))
    (found,) = resolved(votes, decision)["t1"].labelling.annotations
    assert found.geometry == PointShape(point_xy=(123, 120))


def test_groups_and_the_order_of_shapes_that_hide_each_other_are_resolved() -> None:
    below = Polygon(rings=[CORNERS])
    above = Polygon(rings=[[(x + 100, y) for x, y in CORNERS]])
    last = Mask(origin_xy=(300, 0), size_wh=(30, 20), runs=[0, 600])
    votes = crowd(
        drawn(above, below, last, group_id="x"),
        drawn(above, below, last, group_id="y"),
        drawn(above, below, last),
    )
    found = resolved(votes)["t1"].labelling.annotations
    assert [a.geometry.bounds_xyxy()[0] for a in found] == [100, 0, 300]
    assert len({a.group_id for a in found}) == 1
    assert found[0].group_id in {a.annotation_id for a in found}


def test_a_task_without_objects_is_resolved_to_nothing() -> None:
    votes = crowd(Labelling(), Labelling())
    assert resolved(votes)["t1"].labelling.annotations == []
    assert resolved(votes)["t1"].lowest_posterior is None


def test_what_was_decided_outlives_those_who_pass_it_over() -> None:
    car = mark("a", "car", 0, 0, 20, 20)
    votes = crowd(*(Labelling(annotations=[car]) for _ in range(5)))
    decision = Vote(
        "t1",
        "sub_fix",
        DECIDER,
        Labelling(annotations=[mark("x", "sign", 0, 0, 20, 20), mark("y", "sign", 40, 0, 60, 20)]),
    )
    entry = resolved(votes, decision)["t1"]
    found = {(a.class_id, round(a.geometry.bounds_xyxy()[0])): a.score for a in entry.labelling.annotations}
    assert set(found) == {("sign", 0), ("sign", 40)}
    assert all(score is not None and score >= LEAST_OF_DECIDED for score in found.values())
    assert "sub_fix" in entry.submission_ids


def test_members_that_the_fit_does_not_know_count_as_average() -> None:
    known = crowd(*(Labelling(annotations=[mark("a", "car", 0, 0, 20, 20)]) for _ in range(3)))
    stranger = Vote("t2", "sub_new", "mem_new", Labelling(annotations=[mark("a", "car", 0, 0, 20, 20)]))
    fit = fitted(known)
    (entry,) = resolve_votes([stranger], fit)
    assert [a.class_id for a in entry.labelling.annotations] == ["car"]


def test_lines_and_masks_of_several_people_are_drawn_together() -> None:
    def seen(shift: int) -> Labelling:
        corners = [(10.0, 100.0 + shift), (150.0, 100.0 + shift)]
        spans = [(row, 300 - shift, 360 + shift) for row in range(20 - shift, 80 + shift)]
        mask = Mask.of_spans(spans)
        assert mask is not None
        return Labelling(
            annotations=[
                Annotation(annotation_id="l", class_id="car", geometry=Polyline(points=corners)),
                Annotation(annotation_id="m", class_id="sign", geometry=mask),
            ]
        )

    found = resolved(crowd(seen(-4), seen(0), seen(4)))["t1"].labelling.annotations
    shapes = {a.class_id: a.geometry for a in found}
    assert isinstance(shapes["car"], Polyline)
    assert {y for _, y in shapes["car"].points} == {100.0}
    assert len(shapes["car"].points) == 2
    assert isinstance(shapes["sign"], Mask)
    assert shapes["sign"].bounds_xyxy() == (300, 20, 360, 80)
