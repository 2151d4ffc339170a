from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from goldsmith.compat.scale_v1.task_types.types import ItemFacts, ParameterFault
from goldsmith.core.annotations import Annotation, Labelling, Relation
from goldsmith.core.geometry import Span
from tests.unit.compat.scale_v1.task_types import made
from tests.unit.compat.scale_v1.task_types.made import NER, checked_of

TYPE, CHECKED = checked_of("namedentityrecognition", NER)
TEXT: str = NER["text"]
ITEM = ItemFacts(len(TEXT), 1, TEXT)
CLASS = {entry.name: entry for entry in CHECKED.ontology.classes}


@st.composite
def labellings(draw: st.DrawFn) -> Labelling:
    annotations = []
    for number in range(draw(st.integers(0, 5))):
        label_class = draw(st.sampled_from(list(CLASS.values())))
        start = draw(st.integers(0, len(TEXT) - 1))
        span = Span(start=start, end=draw(st.integers(start + 1, len(TEXT))))
        values = draw(made.values(label_class.attributes))
        annotations.append(
            Annotation(
                annotation_id=f"a{number}", class_id=label_class.class_id, geometry=span, attributes=values
            )
        )
    pairs = [(one, other) for one in annotations for other in annotations if one is not other]
    relations = []
    for kind in CHECKED.ontology.relation_types:
        for one, other in draw(st.lists(st.sampled_from(pairs), unique_by=repr, max_size=3)) if pairs else []:
            if kind.joins(one.class_id, other.class_id):
                relations.append(
                    Relation(
                        relation_id=f"r{len(relations)}",
                        relation_type_id=kind.relation_type_id,
                        from_id=one.annotation_id,
                        to_id=other.annotation_id,
                    )
                )
    return Labelling(annotations=annotations, relations=relations)


@settings(max_examples=50)
@given(labellings())
def test_a_response_reads_back(labelling: Labelling) -> None:
    response = TYPE.response(labelling, CHECKED, ITEM)
    assert TYPE.labelling_from(response, CHECKED, ITEM) == labelling
    assert all(TEXT[entry["start"] : entry["end"]] == entry["text"] for entry in response["annotations"])


def test_the_example_of_the_reference() -> None:
    response = {
        "annotations": [
            {
                "id": "b86c22a3",
                "start": 0,
                "end": 9,
                "text": "Alex Wang",
                "label": "person",
                "attributes": {"is_real": "yes"},
            },
            {"id": "a76da53e", "start": 19, "end": 28, "text": "Transform", "label": "conference"},
        ],
        "relationships": [
            {"id": "ade8e9e9", "source_ref": "b86c22a3", "target_ref": "a76da53e", "name": "speaker_at"}
        ],
    }
    labelling = TYPE.labelling_from(response, CHECKED, ITEM)
    assert CHECKED.ontology.faults_of(labelling) == []
    assert TYPE.response(labelling, CHECKED, ITEM) == response


def test_labels_children_and_relations_are_asked() -> None:
    assert CLASS["Conference"].parent_id == CLASS["place"].class_id
    assert [attribute.name for attribute in CLASS["person"].attributes] == ["is_real"]
    speaks, knows = CHECKED.ontology.relation_types
    assert (speaks.name, speaks.is_directed, knows.is_directed) == ("speaks at", True, False)
    assert speaks.to_class_ids == [CLASS["place"].class_id, CLASS["Conference"].class_id]
    assert knows.from_class_ids == knows.to_class_ids == [CLASS["person"].class_id]
    assert CHECKED.item_kind == "text"
    assert [(part.kind, part.text) for part in CHECKED.parts] == [("text", TEXT)]
    assert CHECKED.instructions == "- **person**: People"


def test_offsets_count_code_points() -> None:
    start = TEXT.index("Ada")
    span = Annotation(
        annotation_id="a", class_id=CLASS["person"].class_id, geometry=Span(start=start, end=start + 3)
    )
    assert TYPE.response(Labelling(annotations=[span]), CHECKED, ITEM)["annotations"][0]["text"] == "Ada"


def test_single_line_breaks_are_merged_and_offsets_stay() -> None:
    params = {"text": "one\ntwo\n\nthree", "labels": ["word"], "merge_newlines": True}
    task_type, checked = checked_of("namedentityrecognition", params)
    assert checked.parts[0].text == "one two\n\nthree"
    span = Annotation(annotation_id="a", class_id=checked.class_ids[0], geometry=Span(start=0, end=7))
    told = task_type.response(Labelling(annotations=[span]), checked, ITEM)["annotations"]
    assert told == [{"id": "a", "start": 0, "end": 7, "text": "one\ntwo", "label": "word"}]


def test_relations_may_have_no_name() -> None:
    params = {**NER, "relationships": [{"source_label": "person", "target_label": "place"}]}
    task_type, checked = checked_of("namedentityrecognition", params)
    response = {
        "annotations": [
            {"id": "a", "start": 0, "end": 9, "text": TEXT[:9], "label": "person"},
            {"id": "b", "start": 19, "end": 28, "text": TEXT[19:28], "label": "conference"},
        ],
        "relationships": [{"id": "r", "source_ref": "a", "target_ref": "b"}],
    }
    labelling = task_type.labelling_from(response, checked, ITEM)
    assert task_type.response(labelling, checked, ITEM) == response


SPAN = {"id": "a", "start": 0, "end": 4, "text": "Alex", "label": "person"}


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"text": ""}, '"text" is not allowed to be empty'),
        ({"labels": []}, '"labels" must contain at least 1 items'),
        ({"labels": [{}]}, '"labels[0].name" is required'),
        ({"labels": ["a", {"name": "b", "children": ["a"]}]}, '"labels" contains a duplicate value'),
        (
            {"labels": [{"name": "a", "attributes": {"x": {"type": "linked"}}}], "relationships": None},
            '"labels[0].attributes.x.type" must be asked of the label itself; see relationships',
        ),
        ({"relationships": [{"name": "a"}, {}]}, '"relationships" must all have a name, or none of them'),
        ({"relationships": [{"name": "a"}, {"name": "a"}]}, '"relationships[1]" contains a duplicate value'),
        (
            {"relationships": [{"name": "a", "source_label": "x"}]},
            '"relationships[0].source_label" must be one of [person, place, conference]',
        ),
        (
            {"hypothesis": {"annotations": [{**SPAN, "end": 99}]}},
            f'"hypothesis.annotations[0].end" must be less than or equal to {len(TEXT)}',
        ),
        (
            {"hypothesis": {"annotations": [{**SPAN, "end": 0}]}},
            '"hypothesis.annotations[0].end" must be larger than or equal to 1',
        ),
        (
            {"hypothesis": {"annotations": [{**SPAN, "label": "dog"}]}},
            '"hypothesis.annotations[0].label" must be one of [person, place, conference]',
        ),
        (
            {
                "hypothesis": {
                    "annotations": [SPAN],
                    "relationships": [{"source_ref": "a", "target_ref": "b", "name": "knows"}],
                }
            },
            '"hypothesis.relationships[0].target_ref" must be the id of an annotation',
        ),
        (
            {
                "hypothesis": {
                    "annotations": [SPAN, {**SPAN, "id": "b"}],
                    "relationships": [{"source_ref": "a", "target_ref": "b", "name": "speaker_at"}],
                }
            },
            '"hypothesis.relationships[0].name" must be one of [speaker_at, knows], between labels that it allows',
        ),
    ],
)
def test_parameters_are_checked(changes: dict[str, Any], reason: str) -> None:
    with pytest.raises(ParameterFault) as raised:
        checked_of("namedentityrecognition", {**NER, **changes})
    assert raised.value.reason == reason
