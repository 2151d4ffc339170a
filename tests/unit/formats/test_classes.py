from __future__ import annotations

import dataclasses

import pytest
from hypothesis import given, settings

from goldsmith.core.annotations import Labelling, Relation
from goldsmith.core.ontology import AttributeKind, LabelClass, Ontology, RelationType
from goldsmith.formats import ClassMatcher, ClassNumbers, OntologyDraft, ReadProblem, Sample, infer_ontology
from goldsmith.formats.classes import MAX_OPTIONS
from tests.unit.formats.made import box, boxes, data_sets, polygons, sample, shapes_of_every_kind


def test_an_ontology_is_made_of_what_samples_show() -> None:
    samples = [
        sample(
            box(1, 2, 3, 4, attributes={"color": "red", "wheels": 4.0, "parked": True, "tags": ["a", "b"]}),
            box(1, 2, 3, 4, annotation_id="b", class_id="bus", attributes={"color": "blue"}),
        ),
        ReadProblem("x", "y"),
        sample(box(1, 2, 3, 4, attributes={"color": "green"})),
    ]
    ontology = infer_ontology(samples)
    assert [entry.class_id for entry in ontology.classes] == ["bus", "car"]
    kinds = {entry.attribute_id: entry.kind for entry in ontology.classes[1].attributes}
    assert kinds == {
        "color": AttributeKind.CHOICE,
        "wheels": AttributeKind.NUMBER,
        "parked": AttributeKind.BOOLEAN,
        "tags": AttributeKind.MULTI_CHOICE,
    }
    options = {
        entry.attribute_id: [option.option_id for option in entry.options]
        for entry in ontology.classes[1].attributes
    }
    assert options["color"] == ["green", "red"]
    assert all(ontology.faults_of(entry.labelling) == [] for entry in samples if isinstance(entry, Sample))


def test_many_different_texts_stay_free_text() -> None:
    samples = [sample(box(1, 2, 3, 4, attributes={"note": f"n{index}"})) for index in range(MAX_OPTIONS + 5)]
    (attribute,) = infer_ontology(samples).classes[0].attributes
    assert attribute.kind is AttributeKind.TEXT


@given(data_sets(shapes=boxes() | polygons(), rich=False))
@settings(deadline=None)
def test_samples_fit_the_ontology_made_of_them_in_any_order(samples: list[Sample]) -> None:
    ontology = infer_ontology(samples)
    assert all(ontology.faults_of(entry.labelling) == [] for entry in samples)
    assert infer_ontology(samples[::-1]) == ontology


def test_numbers_follow_the_ontology_and_then_the_data() -> None:
    numbers = ClassNumbers(
        Ontology(classes=[LabelClass(class_id="b", name="B"), LabelClass(class_id="a", name="A")])
    )
    assert [numbers.number_of(name) for name in ("a", "c", "b", "c")] == [1, 2, 0, 2]
    assert numbers.class_ids() == ["b", "a", "c"]


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("traffic_light", "traffic_light"),
        ("Traffic light", "traffic_light"),
        (" TRAFFIC-LIGHT ", "traffic_light"),
        ("x", None),
    ],
)
def test_names_are_matched_without_regard_to_form(name: str, expected: str | None) -> None:
    matcher = ClassMatcher(Ontology(classes=[LabelClass(class_id="traffic_light", name="Traffic light")]))
    assert matcher.match(name) == expected


def test_names_that_could_mean_two_classes_match_none() -> None:
    classes = [LabelClass(class_id="1", name="Car"), LabelClass(class_id="2", name="car")]
    assert ClassMatcher(Ontology(classes=classes)).match("CAR") is None


@given(data_sets(shapes=shapes_of_every_kind))
@settings(max_examples=15, deadline=None)
def test_skeletons_and_answers_are_drafted_too(samples: list[Sample]) -> None:
    kept = [
        dataclasses.replace(entry, labelling=entry.labelling.model_copy(update={"answers": {"night": True}}))
        for entry in samples
    ]
    ontology = infer_ontology(kept)
    for entry in kept:
        plain = [found.model_copy(update={"attributes": {}}) for found in entry.labelling.annotations]
        assert ontology.faults_of(entry.labelling.model_copy(update={"annotations": plain})) == []
    assert [question.kind for question in ontology.questions] == [AttributeKind.BOOLEAN] * bool(kept)
    assert infer_ontology(kept[::-1]) == ontology


def test_what_files_say_of_classes_comes_before_what_objects_show() -> None:
    known = Ontology(
        classes=[
            LabelClass(
                class_id="car", name="Car", color="#102030", geometry_kinds=["polygon"],
                attributes=[{"attribute_id": "color", "name": "Color", "kind": "text"}],
            ),
            LabelClass(class_id="zebra", name="Zebra"),
        ],
        questions=[{"attribute_id": "q", "name": "Q", "kind": "text"}],
    )  # fmt: skip
    draft = OntologyDraft()
    shown = sample(
        box(1, 2, 3, 4, attributes={"color": "red", "wheels": 4.0}),
        box(1, 2, 3, 4, annotation_id="b", class_id="bus"),
    )
    draft.add(
        dataclasses.replace(
            shown, labelling=shown.labelling.model_copy(update={"answers": {"q": True, "r": 1.0}})
        )
    )
    ontology = draft.ontology(known)
    assert [entry.class_id for entry in ontology.classes] == ["car", "zebra", "bus"]
    car = ontology.classes[0]
    assert (car.name, car.color, car.geometry_kinds) == ("Car", "#102030", ["polygon", "box"])
    assert [(entry.attribute_id, entry.kind) for entry in car.attributes] == [
        ("color", AttributeKind.TEXT), ("wheels", AttributeKind.NUMBER),
    ]  # fmt: skip
    assert [(entry.attribute_id, entry.kind) for entry in ontology.questions] == [
        ("q", AttributeKind.TEXT), ("r", AttributeKind.NUMBER),
    ]  # fmt: skip


def test_relation_types_are_kept_and_those_only_shown_are_added() -> None:
    known = Ontology(relation_types=[RelationType(relation_type_id="tows", name="Tows", is_directed=False)])
    draft = OntologyDraft()
    labelling = Labelling(
        annotations=[box(1, 2, 3, 4), box(1, 2, 3, 4, annotation_id="b")],
        relations=[
            Relation(relation_id=kind, relation_type_id=kind, from_id="a", to_id="b")
            for kind in ("tows", "near", "above")
        ],
    )
    draft.add(dataclasses.replace(sample(), labelling=labelling))
    types = draft.ontology(known).relation_types
    assert [(entry.name, entry.is_directed) for entry in types] == [
        ("Tows", False),
        ("above", True),
        ("near", True),
    ]
