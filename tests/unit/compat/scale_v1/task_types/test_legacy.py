from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from goldsmith.compat.scale_v1.task_types.types import ParameterFault
from goldsmith.core.annotations import Annotation, Labelling
from tests.unit.compat.scale_v1.task_types import made
from tests.unit.compat.scale_v1.task_types.made import EXAMPLES, ITEM, PICTURE, checked_of

TYPES = ["annotation", "polygonannotation", "lineannotation", "pointannotation", "cuboidannotation"]
CHECKED = {name: checked_of(name, EXAMPLES[name]) for name in TYPES}


@settings(max_examples=50)
@given(st.data())
def test_a_response_reads_back(data: st.DataObject) -> None:
    task_type, checked = CHECKED[data.draw(st.sampled_from(TYPES))]
    labelling = Labelling(annotations=data.draw(made.annotations(made.usable(checked))))
    response = task_type.response(labelling, checked, ITEM)
    again = task_type.labelling_from(response, checked, ITEM)
    assert [entry.class_id for entry in again.annotations] == [
        entry.class_id for entry in labelling.annotations
    ]
    assert task_type.response(again, checked, ITEM) == response
    if checked.task_type != "cuboidannotation":  # the hidden edge is not in the format
        assert [entry.geometry for entry in again.annotations] == [
            entry.geometry for entry in labelling.annotations
        ]


RECORDED: dict[str, dict[str, Any]] = {
    "annotation": {"left": 0, "top": 0, "width": 100, "height": 100, "label": "big cow"},
    "polygonannotation": {
        "vertices": [{"x": 10, "y": 10}, {"x": 110, "y": 110}, {"x": 10, "y": 110}],
        "label": "big cow",
    },
    "lineannotation": {
        "vertices": [{"x": 10, "y": 10}, {"x": 110, "y": 110}, {"x": 10, "y": 110}],
        "label": "big cow",
    },
    "pointannotation": {"x": 10, "y": 12, "label": "headlight"},
}


@pytest.mark.parametrize("name", RECORDED)
def test_recorded_responses_are_told_word_for_word(name: str) -> None:
    task_type, checked = CHECKED[name]
    recorded = {"annotations": [RECORDED[name]]}
    assert task_type.response(task_type.labelling_from(recorded, checked, ITEM), checked, ITEM) == recorded


def test_limits_may_be_texts_and_0_is_none() -> None:
    assert CHECKED["annotation"][1].limits == {"box": {"min_width_px": 30, "min_height_px": 30}}
    assert CHECKED["cuboidannotation"][1].limits == {}
    params = {**EXAMPLES["polygonannotation"], "min_annotations": 1, "max_annotations": 4, "min_vertices": 4}
    _, checked = checked_of("polygonannotation", params)
    assert checked.limits == {"polygon": {"min_points": 4, "min_count": 1, "max_count": 4}}


def test_examples_are_context() -> None:
    (example,) = CHECKED["annotation"][1].context
    assert (example.kind, example.title) == ("image", "Well labelled: The boxes are tight")


def test_without_labels_none_is_told_and_one_label_is_understood() -> None:
    params = {"attachment": PICTURE, "objects_to_annotate": ["cow"], "with_labels": False}
    task_type, checked = checked_of("annotation", params)
    box = {"left": 1, "top": 2, "width": 3, "height": 4}
    labelling = task_type.labelling_from({"annotations": [box]}, checked, ITEM)
    assert task_type.response(labelling, checked, ITEM) == {"annotations": [box]}


def test_attributes_are_told_where_they_are_asked() -> None:
    params = {**EXAMPLES["pointannotation"], "annotation_attributes": {"on": {"choices": ["yes", "no"]}}}
    task_type, checked = checked_of("pointannotation", params)
    (attribute,) = checked.attribute_ids
    drawn = Annotation(
        annotation_id="a",
        class_id=checked.class_ids[0],
        geometry=made.PointShape(point_xy=(1, 2)),
        attributes={attribute: "yes"},
    )
    told = task_type.response(Labelling(annotations=[drawn]), checked, ITEM)["annotations"][0]
    assert told == {"x": 1, "y": 2, "label": "headlight", "attributes": {"on": "yes"}}


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"objects_to_annotate": []}, '"objects_to_annotate" must contain at least 1 items'),
        ({"objects_to_annotate": ["a", "a"]}, '"objects_to_annotate" contains a duplicate value'),
        ({"min_width": "x"}, '"min_width" must be a number'),
        ({"with_labels": "x"}, '"with_labels" must be a boolean'),
        ({"min_annotations": 3, "max_annotations": 2}, '"max_annotations" must be larger than or equal to 3'),
        ({"examples": [{}]}, '"examples[0].image" is required'),
        (
            {"hypothesis": {"annotations": [{"left": 1, "top": 1, "width": 1, "height": 1, "label": "dog"}]}},
            '"hypothesis.annotations[0].label" must be one of [baby cow, big cow]',
        ),
    ],
)
def test_parameters_are_checked(changes: dict[str, Any], reason: str) -> None:
    with pytest.raises(ParameterFault) as raised:
        checked_of("annotation", {**EXAMPLES["annotation"], **changes})
    assert raised.value.reason == reason
