import pytest
from pydantic import ValidationError

from goldsmith.core.annotations import Annotation, Labelling
from goldsmith.core.geometry import Box, Polygon
from goldsmith.core.ontology import Attribute, AttributeKind, Condition, LabelClass, Ontology, Option

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
