from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from goldsmith.compat.scale_v1.task_types.objects import relation_of
from goldsmith.compat.scale_v1.task_types.types import NotEnabledFault, ParameterFault
from goldsmith.core.annotations import Labelling
from tests.unit.compat.scale_v1.task_types import made
from tests.unit.compat.scale_v1.task_types.made import DOCUMENT, ITEM, checked_of

TYPED = {
    **DOCUMENT,
    "geometry": "polygon",
    "relationships": [
        {"name": "of", "is_directed": True, "source_label": "quantity", "target_label": "price"}
    ],
}
TASKS = [checked_of("documenttranscription", DOCUMENT), checked_of("documenttranscription", TYPED)]


@settings(max_examples=40)
@given(st.data())
def test_a_response_reads_back(data: st.DataObject) -> None:
    task_type, checked = TASKS[data.draw(st.integers(0, 1))]
    annotations = data.draw(made.annotations(made.usable(checked)))
    (kind,) = checked.ontology.relation_types
    relations = [
        relation_of(kind.relation_type_id, one.annotation_id, other.annotation_id)
        for one in annotations
        for other in annotations
        if one is not other and kind.joins(one.class_id, other.class_id) and data.draw(st.booleans())
    ]
    labelling = Labelling(annotations=annotations, relations=relations)
    response = task_type.response(labelling, checked, ITEM)
    made.assert_near(task_type.labelling_from(response, checked, ITEM), labelling)


def test_the_example_of_the_reference() -> None:
    task_type, checked = TASKS[0]
    response: dict[str, Any] = {
        "annotations": [
            {
                "uuid": "f5114a62",
                "page": 0,
                "label": "quantity",
                "text": "1.00",
                "location": {"type": "box", "top": 825, "left": 1072, "width": 40, "height": 21},
                "refs": ["74bf3036"],
            },
            {
                "uuid": "74bf3036",
                "page": 0,
                "label": "price",
                "text": "914.29",
                "location": {"type": "box", "top": 822, "left": 1391, "width": 77, "height": 26},
                "refs": [],
            },
        ]
    }
    labelling = task_type.labelling_from(response, checked, ITEM)
    assert checked.ontology.faults_of(labelling) == []
    assert task_type.response(labelling, checked, ITEM) == response


def test_features_are_classes_and_groups_are_folders() -> None:
    checked = TASKS[0][1]
    classes = {entry.name: entry for entry in checked.ontology.classes}
    assert list(classes) == ["barcode", "line item", "quantity", "price"]
    assert classes["price"].parent_id == classes["line item"].class_id
    assert classes["line item"].class_id not in checked.class_ids
    assert [classes[name].attributes[0].is_required for name in ("barcode", "quantity")] == [False, True]
    assert classes["price"].attributes[0].description == "money"
    assert checked.item_kind == "image"


def test_without_groups_there_is_nothing_to_link() -> None:
    params = {**DOCUMENT, "features": [{"type": "block", "label": "barcode"}], "labels": ["total"]}
    _, checked = checked_of("documenttranscription", params)
    assert checked.ontology.relation_types == []
    assert len(checked.class_ids) == 2


@pytest.mark.parametrize(
    "changes",
    [
        {"attachment": "http://host/a.pdf"},
        {"attachment": None, "attachments": ["http://host/1.png", "http://host/2.png"]},
    ],
)
def test_pages_that_cannot_be_drawn_on_are_not_enabled(changes: dict[str, Any]) -> None:
    with pytest.raises(NotEnabledFault, match="goldsmith has no workbench for boxes on") as raised:
        checked_of("documenttranscription", {**DOCUMENT, **changes})
    assert raised.value.status == 402


def test_one_page_may_stand_in_a_list() -> None:
    params = {**DOCUMENT, "attachment": None, "attachments": ["http://host/1.png"]}
    assert checked_of("documenttranscription", params)[1].parts[0].url == "http://host/1.png"


WORD = {
    "label": "price",
    "text": "1",
    "location": {"type": "box", "left": 0, "top": 0, "width": 5, "height": 5},
}


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"features": []}, '"features" must contain at least 1 items'),
        ({"features": [{"label": "a"}]}, '"features[0].type" is required'),
        (
            {"features": [{"type": "word", "label": "a"}]},
            '"features[0].type" must be one of [text, block, table, group]',
        ),
        ({"features": [{"type": "text"}]}, '"features[0].label" is required'),
        ({"features": [{"type": "group", "title": "a"}]}, '"features[0].features" is required'),
        ({"features": [{"type": "text", "label": "a"}] * 2}, '"features" contains a duplicate value'),
        ({"geometry": "circle"}, '"geometry" must be one of [box, polygon]'),
        (
            {"hypothesis": {"annotations": [{**WORD, "page": 1}]}},
            '"hypothesis.annotations[0].page" must be less than or equal to 0',
        ),
        (
            {"hypothesis": {"annotations": [{**WORD, "location": {"type": "polygon"}}]}},
            '"hypothesis.annotations[0].location.type" must be one of [box]',
        ),
        (
            {"hypothesis": {"annotations": [{**WORD, "refs": ["x"]}]}},
            '"hypothesis.annotations[0].refs[0]" must be the uuid of another annotation of a group',
        ),
    ],
)
def test_parameters_are_checked(changes: dict[str, Any], reason: str) -> None:
    with pytest.raises(ParameterFault) as raised:
        checked_of("documenttranscription", {**DOCUMENT, **changes})
    assert raised.value.reason == reason
