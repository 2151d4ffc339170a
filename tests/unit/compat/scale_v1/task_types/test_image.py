from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from goldsmith.compat.scale_v1.task_types.objects import relation_of
from goldsmith.compat.scale_v1.task_types.types import ItemFacts, ParameterFault
from goldsmith.core.annotations import Annotation, Labelling
from goldsmith.core.geometry import Box, Polygon, RotatedBox
from tests.unit.compat.scale_v1.task_types import made
from tests.unit.compat.scale_v1.task_types.made import EVERYTHING, IMAGE, ITEM, PICTURE, checked_of

TYPE, CHECKED = checked_of("imageannotation", IMAGE)
ALL_TYPE, ALL = checked_of("imageannotation", EVERYTHING)


@st.composite
def labellings(draw: st.DrawFn) -> Labelling:
    annotations = draw(made.annotations(made.usable(ALL)))
    (owner,) = ALL.ontology.relation_types
    ends = [entry for entry in annotations if entry.class_id in owner.to_class_ids]
    relations = {}
    for start in annotations:
        for end in draw(st.lists(st.sampled_from(ends), max_size=2, unique_by=id)) if ends else []:
            if start is not end:
                made_one = relation_of(owner.relation_type_id, start.annotation_id, end.annotation_id)
                relations[made_one.relation_id] = made_one
    answers = draw(made.values(ALL.ontology.questions))
    return Labelling(annotations=annotations, answers=answers, relations=list(relations.values()))


@settings(max_examples=40)
@given(labellings())
def test_a_response_reads_back_as_what_it_told(labelling: Labelling) -> None:
    response = ALL_TYPE.response(labelling, ALL, ITEM)
    again = ALL_TYPE.labelling_from(response, ALL, ITEM)
    made.assert_near(again, labelling)
    assert [set(entry) >= {"uuid", "type", "label", "attributes"} for entry in response["annotations"]].count(
        False
    ) == 0


def test_the_example_of_the_reference() -> None:
    classes = {entry.name: entry for entry in CHECKED.ontology.classes}
    assert list(classes) == ["Baby Cow", "Cow", "Big", "old cow"]
    assert classes["Big"].parent_id == classes["old cow"].parent_id == classes["Cow"].class_id
    assert set(CHECKED.class_ids) == {classes[name].class_id for name in ("Baby Cow", "Big", "old cow")}
    assert [bool(entry.attributes) for entry in classes.values()] == [False, False, True, False]
    (occluded,) = classes["Big"].attributes
    assert (occluded.name, occluded.description, occluded.condition) == ("occluded", "?", None)
    assert CHECKED.limits == {"box": {"min_width_px": 10, "min_height_px": 10}}
    assert CHECKED.attribute_ids == (occluded.attribute_id,)
    box = Box(box_xyxy=(1.5, 2, 31.5, 22))
    drawn = Annotation(
        annotation_id="u1",
        class_id=classes["Big"].class_id,
        geometry=box,
        attributes={occluded.attribute_id: "no"},
    )
    assert TYPE.response(Labelling(annotations=[drawn]), CHECKED, ITEM) == {
        "annotations": [
            {
                "uuid": "u1",
                "type": "box",
                "label": "Big",
                "left": 1.5,
                "top": 2,
                "width": 30,
                "height": 20,
                "attributes": {"occluded": "no"},
            }
        ]
    }


def test_a_choice_is_told_and_its_display_is_shown() -> None:
    (old,) = [entry for entry in CHECKED.ontology.classes if entry.name == "old cow"]
    drawn = Annotation(annotation_id="u", class_id=old.class_id, geometry=Box(box_xyxy=(0, 0, 9, 9)))
    assert TYPE.response(Labelling(annotations=[drawn]), CHECKED, ITEM)["annotations"][0]["label"] == "Old"


def test_objects_of_other_tasks_classes_are_left_out() -> None:
    drawn = Annotation(annotation_id="u", class_id="other", geometry=Box(box_xyxy=(0, 0, 9, 9)))
    assert TYPE.response(Labelling(annotations=[drawn]), CHECKED, ITEM) == {"annotations": []}


def test_one_label_of_several_geometries_is_one_class() -> None:
    car = next(entry for entry in ALL.ontology.classes if entry.name == "car")
    assert car.geometry_kinds == ["box", "rotated_box", "polygon"]
    assert "center" in {attribute.name for attribute in car.attributes}
    lake = next(entry for entry in ALL.ontology.classes if entry.name == "lake")
    assert "center" not in {attribute.name for attribute in lake.attributes}
    assert ALL.limits == {"polygon": {"min_points": 3, "max_points": 9}}


def test_a_rotated_box_tells_the_unrotated_one_its_turn_and_its_corners() -> None:
    car = next(entry for entry in ALL.ontology.classes if entry.name == "car")
    shape = RotatedBox(center_xy=(50, 40), size_wh=(20, 10), angle_deg=90)
    drawn = Annotation(annotation_id="u", class_id=car.class_id, geometry=shape)
    told = ALL_TYPE.response(Labelling(annotations=[drawn]), ALL, ITEM)["annotations"][0]
    assert (told["left"], told["top"], told["width"], told["height"]) == (40, 35, 20, 10)
    assert told["rotation"] == pytest.approx(1.5707963)
    assert told["vertices"][0] == {"x": 55, "y": 30}


def test_upright_boxes_that_may_turn_tell_a_rotation_too() -> None:
    car = next(entry for entry in ALL.ontology.classes if entry.name == "car")
    drawn = Annotation(annotation_id="u", class_id=car.class_id, geometry=Box(box_xyxy=(1, 2, 3, 5)))
    told = ALL_TYPE.response(Labelling(annotations=[drawn]), ALL, ITEM)["annotations"][0]
    assert (told["rotation"], len(told["vertices"])) == (0, 4)


def test_integer_pixels_are_whole() -> None:
    params = {
        "attachment": PICTURE,
        "geometries": {"box": {"objects_to_annotate": ["a"], "integer_pixels": True}},
    }
    task_type, checked = checked_of("imageannotation", params)
    shape = Box(box_xyxy=(1.4, 2.6, 30.2, 2.7))
    drawn = Annotation(annotation_id="u", class_id=checked.class_ids[0], geometry=shape)
    told = task_type.response(Labelling(annotations=[drawn]), checked, ITEM)["annotations"][0]
    assert (told["left"], told["top"], told["width"], told["height"]) == (1, 3, 29, 1)
    assert all(type(told[key]) is int for key in ("left", "top", "width", "height"))


def test_a_hole_becomes_a_seam_of_the_same_area() -> None:
    lake = next(entry for entry in ALL.ontology.classes if entry.name == "lake")
    outer, hole = [(0, 0), (90, 0), (90, 90), (0, 90)], [(10, 10), (20, 10), (20, 20), (10, 20)]
    drawn = Annotation(annotation_id="u", class_id=lake.class_id, geometry=Polygon(rings=[outer, hole]))
    response = ALL_TYPE.response(Labelling(annotations=[drawn]), ALL, ITEM)
    (again,) = ALL_TYPE.labelling_from(response, ALL, ITEM).annotations
    assert again.geometry.contains(5, 50)
    assert not again.geometry.contains(15, 15)


def test_links_lead_from_object_to_object() -> None:
    owner = ALL.ontology.relation_types[0]
    names = {entry.class_id: entry.name for entry in ALL.ontology.classes}
    assert {names[class_id] for class_id in owner.to_class_ids} == {"car", "van"}
    assert set(owner.from_class_ids) == set(ALL.class_ids)
    params = {key: value for key, value in EVERYTHING.items() if key != "annotation_attributes"}
    _, linked = checked_of(
        "imageannotation", {**params, "links": {"owner": {"allowed_labels": ["car"], "required": True}}}
    )
    assert len(linked.ontology.relation_types) == 1
    assert linked.instructions == "**owner**: Required."


def test_base_annotations_and_hypothesis_are_what_the_work_begins_with() -> None:
    base = [
        {"uuid": "one", "type": "box", "label": "Big", "left": 0, "top": 0, "width": 20, "height": 20},
        {"uuid": "two", "type": "box", "label": "Old", "left": 290, "top": 0, "width": 50, "height": 20},
    ]
    better = {**base[0], "width": 40}
    _, checked = checked_of(
        "imageannotation", {**IMAGE, "base_annotations": base, "hypothesis": {"annotations": [better]}}
    )
    assert checked.prelabel is not None
    found = {
        entry.annotation_id: entry.geometry.bounds_xyxy() for entry in checked.prelabel(ITEM).annotations
    }
    assert found == {"two": (290, 0, 300, 20), "one": (0, 0, 40, 20)}
    assert {entry.annotation_id for entry in checked.prelabel(ItemFacts(100, 100)).annotations} == {"one"}


def test_objects_without_an_id_get_one_that_stays() -> None:
    box = {"label": "Big", "left": 0, "top": 0, "width": 20, "height": 20}
    one = TYPE.labelling_from({"annotations": [box, box]}, CHECKED, ITEM)
    assert one == TYPE.labelling_from({"annotations": [box, box]}, CHECKED, ITEM)
    assert len({entry.annotation_id for entry in one.annotations}) == 2


@pytest.mark.parametrize(
    ("geometries", "reason"),
    [
        ([], '"geometries" must be an object'),
        ({}, '"geometries" must have at least 1 key'),
        ({"blob": {}}, '"geometries.blob" is not allowed'),
        ({"box": 3}, '"geometries.box" must be an object'),
        ({"box": {}}, '"geometries.box.objects_to_annotate" is required'),
        ({"box": {"objects_to_annotate": "car"}}, '"geometries.box.objects_to_annotate" must be an array'),
        (
            {"box": {"objects_to_annotate": []}},
            '"geometries.box.objects_to_annotate" must contain at least 1 items',
        ),
        ({"box": {"objects_to_annotate": [3]}}, '"geometries.box.objects_to_annotate[0]" must be a string'),
        (
            {"box": {"objects_to_annotate": [{}]}},
            '"geometries.box.objects_to_annotate[0].choice" is required',
        ),
        (
            {"box": {"objects_to_annotate": ["a", {"choice": "b", "subchoices": ["a"]}]}},
            '"geometries.box.objects_to_annotate" contains a duplicate value',
        ),
        (
            {"box": {"objects_to_annotate": ["a"], "min_width": "wide"}},
            '"geometries.box.min_width" must be a number',
        ),
        (
            {"box": {"objects_to_annotate": ["a"], "min_height": -1}},
            '"geometries.box.min_height" must be larger than or equal to 0',
        ),
        (
            {"box": {"objects_to_annotate": ["a"], "can_rotate": 1}},
            '"geometries.box.can_rotate" must be a boolean',
        ),
        (
            {"polygon": {"objects_to_annotate": ["a"], "min_vertices": 5, "max_vertices": 4}},
            '"geometries.polygon.max_vertices" must be larger than or equal to 5',
        ),
        (
            {"cuboid": {"objects_to_annotate": ["a"], "camera_intrinsics": {"fx": "x"}}},
            '"geometries.cuboid.camera_intrinsics.fx" must be a number',
        ),
    ],
)
def test_geometries_are_checked(geometries: Any, reason: str) -> None:
    with pytest.raises(ParameterFault) as raised:
        checked_of("imageannotation", {"attachment": PICTURE, "geometries": geometries})
    assert raised.value.reason == reason


BOX = {"type": "box", "label": "Big", "left": 0, "top": 0, "width": 20, "height": 20}


@pytest.mark.parametrize(
    ("annotation", "reason"),
    [
        ({**BOX, "type": "line"}, '"hypothesis.annotations[0].type" must be one of [box]'),
        ({**BOX, "label": "Cow"}, '"hypothesis.annotations[0].label" must be one of [Baby Cow, Big, Old]'),
        (
            {**BOX, "width": 0},
            '"hypothesis.annotations[0]" is not a box: a box needs left < right and top < bottom',
        ),
        ({**BOX, "left": None}, '"hypothesis.annotations[0].left" is required'),
        ({**BOX, "rotation": 1}, '"hypothesis.annotations[0].rotation" is not allowed'),
        ({**BOX, "attributes": {"age": 1}}, '"hypothesis.annotations[0].attributes.age" is not allowed'),
        (
            {**BOX, "attributes": {"occluded": "maybe"}},
            '"hypothesis.annotations[0].attributes.occluded" must be one of [no, yes]',
        ),
    ],
)
def test_a_hypothesis_is_checked_when_the_task_is_made(annotation: dict[str, Any], reason: str) -> None:
    with pytest.raises(ParameterFault) as raised:
        checked_of("imageannotation", {**IMAGE, "hypothesis": {"annotations": [annotation]}})
    assert raised.value.reason == reason


def test_ids_of_objects_are_their_own_and_links_lead_somewhere() -> None:
    with pytest.raises(ParameterFault, match=r'"response.annotations\[1\].uuid" contains a duplicate value'):
        TYPE.labelling_from({"annotations": [{**BOX, "uuid": "a"}, {**BOX, "uuid": "a"}]}, CHECKED, ITEM)
    point = {"type": "point", "label": "light", "x": 1, "y": 2, "attributes": {"owner": "nobody"}}
    with pytest.raises(ParameterFault, match=r"owner.* must be the uuid of another annotation"):
        ALL_TYPE.labelling_from({"annotations": [point]}, ALL, ITEM)
    with pytest.raises(ParameterFault, match=r'"answer\.annotations" is required'):
        ALL_TYPE.labelling_from(None, ALL, ITEM, where="answer")
