import pytest
from pydantic import ValidationError

from goldsmith.core.annotations import Annotation, AttributeValue, Labelling, Relation, fit_for_labelling
from goldsmith.core.geometry import Box, Polygon, Skeleton, SkeletonNode, Span
from goldsmith.core.ontology import (
    AllOf,
    AnyOf,
    Attribute,
    AttributeKind,
    Condition,
    LabelClass,
    Ontology,
    Option,
    RelationType,
)
from goldsmith.core.plain import read_labelling

STATE = Attribute(
    attribute_id="state",
    name="State",
    kind=AttributeKind.CHOICE,
    options=[Option(option_id="red", name="Red"), Option(option_id="off", name="Off")],
    is_required=True,
)
DEFECT = Attribute(
    attribute_id="defect",
    name="Defect",
    kind=AttributeKind.TEXT,
    is_required=True,
    condition=Condition(attribute_id="state", equals=["off"]),
)
LIGHT = LabelClass(class_id="light", name="Traffic light", attributes=[STATE, DEFECT])
ONTOLOGY = Ontology(
    classes=[LIGHT, LabelClass(class_id="car", name="Car", geometry_kinds=["box", "polygon"])],
    questions=[
        Attribute(attribute_id="count", name="Count", kind=AttributeKind.NUMBER, minimum=0, maximum=9)
    ],
)


def labelling(class_id: str = "light", **attributes: object) -> Labelling:
    box = Box(box_xyxy=(0, 0, 5, 5))
    annotation = Annotation(annotation_id="a", class_id=class_id, geometry=box, attributes=attributes)
    return Labelling(annotations=[annotation])


def places(label: Labelling) -> list[str]:
    return [fault.where for fault in ONTOLOGY.faults_of(label)]


def test_what_fits_has_no_fault() -> None:
    assert places(labelling(state="red")) == []


def test_a_condition_decides_whether_an_attribute_is_asked() -> None:
    assert places(labelling(state="off")) == ["annotations[0].attributes.defect"]
    assert places(labelling(state="off", defect="broken glass")) == []


def test_faults_name_the_place() -> None:
    assert places(labelling("bus")) == ["annotations[0].class_id"]
    assert places(labelling(state="blue")) == ["annotations[0].attributes.state"]
    assert places(labelling(state="red", size=3.0)) == ["annotations[0].attributes.size"]
    triangle = Polygon(rings=[[(0, 0), (1, 0), (0, 1)]])
    drawn = Annotation(annotation_id="a", class_id="light", geometry=triangle, attributes={"state": "red"})
    assert places(Labelling(annotations=[drawn])) == ["annotations[0].geometry"]
    assert places(Labelling(answers={"count": 12.0})) == ["answers.count"]
    assert places(Labelling(answers={"count": True})) == ["answers.count"]


def test_an_annotation_id_is_used_once() -> None:
    one = labelling(state="red").annotations[0]
    with pytest.raises(ValidationError, match="used twice"):
        Labelling(annotations=[one, one])


@pytest.mark.parametrize(
    "classes",
    [
        [LIGHT, LIGHT],
        [LabelClass(class_id="a", name="A", parent_id="nowhere")],
        [
            LabelClass(class_id="a", name="A", parent_id="b"),
            LabelClass(class_id="b", name="B", parent_id="a"),
        ],
    ],
)
def test_an_inconsistent_ontology_is_refused(classes: list[LabelClass]) -> None:
    with pytest.raises(ValidationError):
        Ontology(classes=classes)


def test_an_attribute_must_make_sense() -> None:
    with pytest.raises(ValidationError, match="needs options"):
        Attribute(attribute_id="x", name="X", kind=AttributeKind.CHOICE)
    with pytest.raises(ValidationError, match="unknown attribute"):
        LabelClass(
            class_id="c",
            name="C",
            attributes=[
                Attribute(
                    attribute_id="x",
                    name="X",
                    kind=AttributeKind.TEXT,
                    condition=Condition(attribute_id="y", equals=[True]),
                )
            ],
        )


def test_multi_choice_wants_each_option_once() -> None:
    several = STATE.model_copy(update={"kind": AttributeKind.MULTI_CHOICE})
    assert several.fault_of(["red"]) is None
    assert several.fault_of(["red", "red"]) is not None
    assert several.fault_of("red") is not None


PERSON = {
    "class_id": "person",
    "name": "Person",
    "geometry_kinds": ["skeleton", "box"],
    "skeleton": {
        "nodes": [
            {"node_id": "head", "name": "Head", "at": [0.5, 0]},
            {"node_id": "foot", "name": "Foot", "at": [0.5, 1]},
        ],
        "edges": [["head", "foot"]],
    },
}


def drawn(*node_ids: str) -> Labelling:
    nodes = [SkeletonNode(node_id=node_id, at=(1, 1)) for node_id in node_ids]
    shape = Skeleton(nodes=nodes)
    return Labelling(annotations=[Annotation(annotation_id="a", class_id="person", geometry=shape)])


def test_a_skeleton_has_exactly_the_nodes_of_its_class_in_their_order() -> None:
    ontology = Ontology.model_validate({"classes": [PERSON]})
    assert ontology.faults_of(drawn("head", "foot")) == []
    assert ontology.faults_of(read_labelling(drawn("head", "foot").as_json())) == []
    for wrong in (drawn("foot", "head"), drawn("head"), drawn("head", "foot", "hand")):
        for labelling in (wrong, read_labelling(wrong.as_json())):
            (fault,) = ontology.faults_of(labelling)
            assert fault.where == "annotations[0].geometry.nodes"
            assert "'head', 'foot'" in fault.what


@pytest.mark.parametrize(
    ("changes", "word"),
    [
        ({"nodes": []}, "at least 1"),
        ({"nodes": [PERSON["skeleton"]["nodes"][0]] * 2, "edges": []}, "node_id twice"),  # type: ignore[index]
        ({"edges": [["head", "hand"]]}, "unknown node 'hand'"),
        ({"edges": [["head", "head"]]}, "with itself"),
        ({"edges": [["head", "foot"], ["foot", "head"]]}, "twice"),
        ({"nodes": [{"node_id": "head", "name": "Head", "at": [2, 0]}], "edges": []}, "less than or equal"),
    ],
)
def test_a_template_that_does_not_hold_is_refused(changes: dict[str, object], word: str) -> None:
    template = {**PERSON["skeleton"], **changes}  # type: ignore[dict-item]
    with pytest.raises(ValidationError, match=word):
        LabelClass.model_validate({**PERSON, "skeleton": template})


def test_a_class_drawn_as_a_skeleton_needs_its_nodes() -> None:
    with pytest.raises(ValidationError, match="needs the nodes"):
        LabelClass.model_validate({**PERSON, "skeleton": None})
    assert LabelClass.model_validate({**PERSON, "geometry_kinds": ["box"], "skeleton": None}).skeleton is None


def test_objects_of_a_group_share_its_id() -> None:
    box = Box(box_xyxy=(0, 0, 5, 5))
    parts = Annotation(annotation_id="a", class_id="car", geometry=box).with_shapes([box, box])
    assert [part.group_id for part in parts] == ["a", "a"]
    assert [part.annotation_id for part in fit_for_labelling([*parts, *parts])] == ["a", "a/2", "a/3", "a/4"]
    long = Annotation(annotation_id="x" * 200, class_id="car", geometry=box, group_id="g")
    names = [part.annotation_id for part in fit_for_labelling(long.with_shapes([box] * 3))]
    assert len(set(names)) == 3
    assert max(map(len, names)) == 200
    assert {part.group_id for part in long.with_shapes([box] * 3)} == {"g"}


def test_a_condition_may_be_a_tree_and_an_old_one_stays_as_it_was() -> None:
    red, dim = Condition(attribute_id="state", equals=["red"]), Condition(attribute_id="lit", equals=[False])
    both, either = AllOf(all=[red, dim]), AnyOf(any=[red, dim])
    cases: list[tuple[dict[str, AttributeValue], tuple[bool, bool]]] = [
        ({"state": "red", "lit": False}, (True, True)),
        ({"state": "red"}, (False, True)),
        ({"lit": True}, (False, False)),
    ]
    for values, holds in cases:
        assert (both.holds(values), either.holds(values)) == holds
    assert AllOf(all=[red, AnyOf(any=[dim])]).attribute_ids() == {"state", "lit"}
    raw = {**DEFECT.model_dump(mode="json"), "condition": {"any": [{"all": [red.model_dump()]}]}}
    assert Attribute.model_validate(raw).model_dump(mode="json")["condition"] == raw["condition"]
    assert DEFECT.model_dump(mode="json")["condition"] == {"attribute_id": "state", "equals": ["off"]}


def test_a_condition_that_does_not_hold_together_is_refused() -> None:
    deep: object = {"attribute_id": "a", "equals": ["x"]}
    for _ in range(8):
        deep = {"all": [deep]}
    for condition in (deep, {"all": []}, {"any": []}, {"all": [deep], "any": [deep]}, {}):
        with pytest.raises(ValidationError):
            Attribute.model_validate(
                {"attribute_id": "b", "name": "B", "kind": "text", "condition": condition}
            )
    nowhere = {"any": [{"attribute_id": "b", "equals": ["x"]}, {"attribute_id": "c", "equals": ["x"]}]}
    with pytest.raises(ValidationError, match="unknown attribute 'c'"):
        Ontology.model_validate(
            {"questions": [{"attribute_id": "b", "name": "B", "kind": "text", "condition": nowhere}]}
        )


def test_a_ranking_orders_all_its_options() -> None:
    ranking = STATE.model_copy(update={"kind": AttributeKind.RANKING})
    assert ranking.fault_of(["off", "red"]) is None
    for wrong in (["red"], ["red", "red"], ["red", "blue"], "red", ["red", "off", "red"]):
        assert ranking.fault_of(wrong) is not None
    with pytest.raises(ValidationError, match="needs options"):
        Attribute(attribute_id="x", name="X", kind=AttributeKind.RANKING)


def test_a_date_is_a_day_of_the_calendar() -> None:
    when = Attribute(
        attribute_id="when", name="When", kind=AttributeKind.DATE, description="As it is printed."
    )
    assert when.fault_of("2024-02-29") is None
    for wrong in ("2023-02-29", "2024-2-29", "20240229", "2024-W01-1", "", 20240229.0):
        assert when.fault_of(wrong) is not None


TEXT = Ontology(
    classes=[
        LabelClass(class_id="person", name="Person", geometry_kinds=["span"]),
        LabelClass(class_id="firm", name="Firm", geometry_kinds=["span"]),
    ],
    relation_types=[
        RelationType(
            relation_type_id="works", name="works for", from_class_ids=["person"], to_class_ids=["firm"]
        ),
        RelationType(relation_type_id="same", name="is the same as", is_directed=False),
    ],
)


def related(*relations: tuple[str, str, str]) -> Labelling:
    objects = [
        Annotation(annotation_id=name, class_id=class_id, geometry=Span(start=at, end=at + 3))
        for at, (name, class_id) in enumerate([("ann", "person"), ("bob", "person"), ("ltd", "firm")])
    ]
    return Labelling(
        annotations=objects,
        relations=[
            Relation(relation_id=f"r{number}", relation_type_id=kind, from_id=start, to_id=end)
            for number, (kind, start, end) in enumerate(relations)
        ],
    )


@pytest.mark.parametrize(
    ("relations", "where"),
    [
        ([("works", "ann", "ltd"), ("same", "ann", "bob"), ("same", "bob", "ltd")], []),
        ([("works", "ltd", "ann")], ["relations[0]"]),
        ([("works", "ann", "ltd"), ("owns", "ann", "ltd")], ["relations[1].relation_type_id"]),
        ([("same", "ann", "bob"), ("same", "bob", "ann")], ["relations[1]"]),
    ],
)
def test_relations_join_what_their_type_joins(
    relations: list[tuple[str, str, str]], where: list[str]
) -> None:
    labelling = related(*relations)
    for read in (labelling, read_labelling(labelling.as_json())):
        assert [fault.where for fault in TEXT.faults_of(read)] == where


def test_relations_go_with_the_objects_that_they_join() -> None:
    labelling = related(("works", "ann", "ltd"), ("same", "ann", "bob"))
    left = labelling.with_annotations(labelling.annotations[:2])
    assert [relation.relation_type_id for relation in left.relations] == ["same"]


def test_relation_types_name_known_classes_once() -> None:
    for wrong, word in (
        ([{"relation_type_id": "a", "name": "A", "to_class_ids": ["dog"]}], "unknown classes"),
        ([{"relation_type_id": "a", "name": "A"}] * 2, "used twice"),
    ):
        with pytest.raises(ValidationError, match=word):
            Ontology.model_validate({"relation_types": wrong})
