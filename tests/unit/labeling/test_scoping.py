"""What the scope of a task lets a labelling say."""

from __future__ import annotations

from typing import Any

import pytest

from goldsmith.core.annotations import Annotation, Labelling, Relation
from goldsmith.core.geometry import Box, Polygon, Polyline, RotatedBox
from goldsmith.core.ontology import Attribute, Condition, LabelClass, Ontology, RelationType
from goldsmith.core.plain import read_labelling
from goldsmith.items.api import TaskScope
from goldsmith.labeling.policy import faults_in_scope, is_told, narrowed
from goldsmith.labeling.types import TaskState


def asked(attribute_id: str, **more: Any) -> Attribute:
    return Attribute.model_validate(
        {"attribute_id": attribute_id, "name": attribute_id, "kind": "text", **more}
    )


ONTOLOGY = Ontology(
    classes=[
        LabelClass(
            class_id="car",
            name="Car",
            geometry_kinds=["box", "polygon", "polyline", "rotated_box"],
            attributes=[
                asked("make", is_required=True),
                asked("year"),
                asked("model", is_required=True, condition=Condition(attribute_id="year", equals=["2020"])),
            ],
        ),
        LabelClass(class_id="cow", name="Cow"),
    ],
    questions=[asked("weather", is_required=True), asked("light", is_required=True)],
    relation_types=[
        RelationType(relation_type_id="tows", name="tows"),
        RelationType(relation_type_id="follows", name="follows"),
    ],
)
BOX = Box(box_xyxy=(0.0, 0.0, 10.0, 5.0))


def thing(key: str = "a", class_id: str = "car", geometry: Any = BOX, **attributes: Any) -> Annotation:
    return Annotation(annotation_id=key, class_id=class_id, geometry=geometry, attributes=attributes)


def faults(labelling: Labelling, **scope: Any) -> dict[str, str]:
    rules = TaskScope.model_validate(scope)
    found = faults_in_scope(labelling, ONTOLOGY, rules)
    plain = faults_in_scope(read_labelling(labelling.as_json()), ONTOLOGY, rules)
    assert found == plain, "read either way, the same is wrong"
    return {fault.where: fault.what for fault in found}


FULL = Labelling(annotations=[thing(make="x")], answers={"weather": "fine", "light": "day"})


def test_without_rules_it_is_the_ontology() -> None:
    assert narrowed(ONTOLOGY, TaskScope()) == ONTOLOGY
    assert faults(FULL) == {}
    assert faults(Labelling()) == {f"answers.{key}": f"{key!r} is required" for key in ("weather", "light")}


def test_what_is_not_asked_for_is_neither_required_nor_taken() -> None:
    labelling = Labelling(annotations=[thing()])
    assert faults(labelling, question_ids=[], attribute_ids=["year"]) == {}
    labelling = Labelling(
        annotations=[thing(make="x", year="2020"), thing("b", "cow")], answers={"weather": "a", "light": "b"}
    )
    said = "is not asked for in this task"
    assert faults(labelling, class_ids=["car"], attribute_ids=["year"], question_ids=["light"]) == {
        "annotations[0].attributes.make": said,
        "annotations[1].class_id": f"class 'Cow' {said}",
        "answers.weather": said,
    }


def test_a_condition_may_look_at_what_is_not_asked_for() -> None:
    assert faults(FULL.model_copy(update={"annotations": [thing()]}), attribute_ids=["model"]) == {}


def test_an_object_that_is_not_asked_for_is_told_once() -> None:
    wrong = Labelling(annotations=[thing("a", "cow", Polygon(rings=[[(0, 0), (4, 0), (4, 4)]]), nothing="x")])
    assert list(faults(wrong, class_ids=["car"], question_ids=[])) == ["annotations[0].class_id"]


def test_what_the_ontology_does_not_know_is_told_as_ever() -> None:
    wrong = Labelling(annotations=[thing("a", "dog")], answers={"sound": "x"})
    found = faults(wrong, class_ids=["car"], question_ids=[])
    assert found == {
        "annotations[0].class_id": "class 'dog' is not in the ontology",
        "answers.sound": "is not in the ontology",
    }


def test_relations_are_asked_for_by_type() -> None:
    relations = [
        Relation(relation_id="r", relation_type_id="tows", from_id="a", to_id="b"),
        Relation(relation_id="s", relation_type_id="follows", from_id="a", to_id="b"),
    ]
    labelling = Labelling(annotations=[thing("a"), thing("b")], relations=relations)
    rules: dict[str, list[str]] = {"attribute_ids": [], "question_ids": []}
    assert faults(labelling, **rules) == {}
    found = faults(labelling, **rules, relation_type_ids=["tows"])
    assert list(found) == ["relations[1].relation_type_id"]


@pytest.mark.parametrize(
    ("geometry", "limits", "words"),
    [
        (BOX, {"min_width_px": 10, "min_height_px": 5}, []),
        (BOX, {"min_width_px": 11, "min_height_px": 5.5}, ["11 pixels wide", "5.5 pixels high"]),
        (RotatedBox(center_xy=(5, 5), size_wh=(10, 2), angle_deg=90.0), {"min_width_px": 10}, []),
        (Polyline(points=[(0, 0), (1, 1), (2, 0)]), {"min_points": 4}, ["at least 4 points, not 3"]),
        (Polygon(rings=[[(0, 0), (4, 0), (4, 4), (0, 4)]]), {"max_points": 3}, ["at most 3 points, not 4"]),
        (BOX, {"min_points": 9}, []),
        (BOX, {"min_count": 2}, ["at least 2 of the kind box, not 1"]),
        (BOX, {"max_count": 0}, ["at most 0 of the kind box, not 1"]),
    ],
)
def test_limits(geometry: Any, limits: dict[str, float], words: list[str]) -> None:
    labelling = Labelling(annotations=[thing(geometry=geometry)])
    rules = TaskScope.model_validate(
        {"attribute_ids": [], "question_ids": [], "limits": {geometry.kind: limits}}
    )
    found = [fault.what for fault in faults_in_scope(labelling, ONTOLOGY, rules)]
    assert len(found) == len(words)
    assert all(word in what for word, what in zip(words, found, strict=True))


def test_a_missing_kind_is_counted_too() -> None:
    found = faults(FULL, limits={"polygon": {"min_count": 1}})
    assert found == {"annotations": "needs at least 1 of the kind polygon, not 0"}


def test_who_follows_hears_of_ends_and_of_new_beginnings() -> None:
    told = {(before, after) for before in TaskState for after in TaskState if is_told(before, after)}
    assert (TaskState.RESOLVING, TaskState.DONE) in told
    assert (TaskState.DONE, TaskState.REVIEW) in told
    assert (TaskState.CANCELLED, TaskState.OPEN) in told
    assert (TaskState.OPEN, TaskState.IDLE) in told
    assert (TaskState.DONE, TaskState.DONE) not in told
    assert (TaskState.OPEN, TaskState.RESOLVING) not in told
    assert (TaskState.REVIEW, TaskState.OPEN) not in told
