from __future__ import annotations

import pytest
from hypothesis import given, settings

from goldsmith.core.ontology import AttributeKind, LabelClass, Ontology
from goldsmith.formats import ClassMatcher, ClassNumbers, ReadProblem, Sample, infer_ontology
from goldsmith.formats.classes import MAX_OPTIONS
from tests.unit.formats.made import box, boxes, data_sets, polygons, sample


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
