from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from goldsmith.compat.scale_v1.task_types.objects import relation_of
from goldsmith.compat.scale_v1.task_types.types import ItemFacts, ParameterFault
from goldsmith.core.annotations import Annotation, Labelling
from goldsmith.core.geometry import Box
from goldsmith.items.api import PageArea
from tests.unit.compat.scale_v1.task_types import made
from tests.unit.compat.scale_v1.task_types.made import DOCUMENT, ITEM, checked_of

TYPED = {
    **DOCUMENT,
    "geometry": "polygon",
    "relationships": [
        {"name": "of", "is_directed": True, "source_label": "quantity", "target_label": "price"}
    ],
}
WORD: dict[str, Any] = {
    "label": "price",
    "text": "1",
    "location": {"type": "box", "left": 10, "top": 10, "width": 50, "height": 20},
}
PAGES = (PageArea(top=0, width=800, height=1000), PageArea(top=1032, width=800, height=600))
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
    assert checked.item_kind == "pages"


def test_without_groups_there_is_nothing_to_link() -> None:
    params = {**DOCUMENT, "features": [{"type": "block", "label": "barcode"}], "labels": ["total"]}
    _, checked = checked_of("documenttranscription", params)
    assert checked.ontology.relation_types == []
    assert len(checked.class_ids) == 2


@pytest.mark.parametrize(
    "changes",
    [
        {"attachment": "http://host/a.pdf"},
        {"attachment": None, "attachments": ["http://host/1.png", "http://host/2.pdf", "http://host/3"]},
    ],
)
def test_attachments_are_pages_in_their_order(changes: dict[str, Any]) -> None:
    _, checked = checked_of("documenttranscription", {**DOCUMENT, **changes})
    assert [part.url for part in checked.parts] == changes.get("attachments", [changes["attachment"]])
    assert checked.item_kind == "pages"


def test_places_are_told_in_pixels_of_their_page() -> None:
    task_type, checked = TASKS[0]
    item = ItemFacts(width_px=800, height_px=1632, pages=PAGES)
    said = {**WORD, "uuid": "w", "page": 1, "refs": []}
    labelling = task_type.labelling_from({"annotations": [said]}, checked, item)
    assert labelling.annotations[0].geometry == Box(box_xyxy=(10, 1042, 60, 1062))
    assert task_type.response(labelling, checked, item)["annotations"] == [said]


def test_what_reaches_beyond_a_page_is_cut_off_at_its_edge() -> None:
    task_type, checked = TASKS[0]
    item = ItemFacts(width_px=800, height_px=1632, pages=PAGES)
    (class_id, *_) = checked.class_ids
    drawn = Annotation(annotation_id="w", class_id=class_id, geometry=Box(box_xyxy=(700, 960, 900, 1010)))
    (told,) = task_type.response(Labelling(annotations=[drawn]), checked, item)["annotations"]
    assert (told["page"], told["location"]) == (
        0,
        {"type": "box", "left": 700, "top": 960, "width": 100, "height": 40},
    )


def test_what_is_said_of_a_page_never_lands_on_another() -> None:
    task_type, checked = TASKS[0]
    item = ItemFacts(width_px=800, height_px=1632, pages=PAGES)
    place = {"type": "box", "left": 10, "top": 600, "width": 50, "height": 900}
    long = {**WORD, "uuid": "long", "page": 0, "location": place, "refs": []}
    beyond = {**long, "uuid": "beyond", "location": {**place, "top": 1300}, "refs": ["long"]}
    labelling = task_type.labelling_from({"annotations": [beyond, long]}, checked, item)
    assert [(entry.annotation_id, entry.geometry) for entry in labelling.annotations] == [
        ("long", Box(box_xyxy=(10, 600, 60, 1000)))
    ]


def test_places_in_pages_of_other_sizes_are_scaled() -> None:
    task_type, checked = TASKS[0]
    item = ItemFacts(width_px=800, height_px=1632, pages=PAGES)
    said = {**WORD, "page": 1}
    sizes = [{"width": 1600, "height": 2000}, {"width": 1600, "height": 300}]
    labelling = task_type.labelling_from({"annotations": [said], "document_pages": sizes}, checked, item)
    assert labelling.annotations[0].geometry == Box(box_xyxy=(5, 1052, 30, 1092))


def test_one_page_may_stand_in_a_list() -> None:
    params = {**DOCUMENT, "attachment": None, "attachments": ["http://host/1.png"]}
    assert checked_of("documenttranscription", params)[1].parts[0].url == "http://host/1.png"


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
            {"hypothesis": {"annotations": [{**WORD, "page": 200}]}},
            '"hypothesis.annotations[0].page" must be less than or equal to 199',
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
