"""Labels of files fitted to an ontology and an image."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from goldsmith.core.annotations import Annotation, AttributeValue, Labelling, Relation
from goldsmith.core.geometry import AnyShape, Box, Mask, PointShape, Polygon, Skeleton, SkeletonNode, Span
from goldsmith.core.ontology import (
    Attribute,
    LabelClass,
    Ontology,
    Option,
    RelationType,
    SkeletonTemplate,
    TemplateNode,
)
from goldsmith.formats import Sample
from goldsmith.items.media import _TRANSPOSES
from goldsmith.items.policy.fitting import (
    LabelFitter,
    count_unknown,
    extend_ontology,
    is_for_image,
    turn_upright,
)
from goldsmith.items.types import ItemKind, KnownMedia
from tests.unit.core.geometry.strategies import shapes

COLOUR = Attribute(
    attribute_id="colour", name="colour", kind="choice", options=[Option(option_id="red", name="red")]
)
ONTOLOGY = Ontology(
    classes=[
        LabelClass(class_id="car", name="Passenger Car", attributes=[COLOUR]),
        LabelClass(class_id="lane", name="Lane", geometry_kinds=["polygon"]),
    ]
)


def annotation(
    class_id: str, geometry: AnyShape, annotation_id: str = "a", **attributes: AttributeValue
) -> Annotation:
    return Annotation(
        annotation_id=annotation_id, class_id=class_id, geometry=geometry, attributes=attributes
    )


def fit(*annotations: Annotation) -> tuple[list[Annotation], list[str]]:
    fitted = LabelFitter(ONTOLOGY).fit(Labelling(annotations=list(annotations)), width_px=100, height_px=50)
    assert ONTOLOGY.faults_of(fitted.labelling) == []
    return fitted.labelling.annotations, fitted.notes


BOX = Box(box_xyxy=(10, 10, 20, 20))
OUTLINE = Polygon(rings=[[(10, 10), (30, 10), (30, 40)]])


def test_classes_are_matched_by_id_name_and_form() -> None:
    found, notes = fit(
        *(annotation(name, BOX, name) for name in ("car", "Passenger Car", "passenger-car", "bus"))
    )
    assert [entry.class_id for entry in found] == ["car"] * 3
    assert notes == []
    assert count_unknown({"car": 2, "bus": 7, "PASSENGER_CAR": 1}, ONTOLOGY) == {"bus": 7}


def test_shapes_are_cut_to_the_image_and_to_what_the_class_takes() -> None:
    found, notes = fit(
        annotation("car", Box(box_xyxy=(-5, -5, 10, 10)), "cut"),
        annotation("car", Box(box_xyxy=(200, 10, 210, 20)), "outside"),
        annotation("car", OUTLINE, "outline"),
        annotation("lane", BOX, "box"),
    )
    assert [(entry.annotation_id, entry.geometry) for entry in found] == [
        ("cut", Box(box_xyxy=(0, 0, 10, 10))),
        ("outline", Box(box_xyxy=(10, 10, 30, 40))),
        ("box", Polygon(rings=[[(10, 10), (20, 10), (20, 20), (10, 20)]])),
    ]
    assert len(notes) == 3


def test_a_shape_that_no_kind_of_the_class_can_hold_is_left_out() -> None:
    found, notes = fit(annotation("car", PointShape(point_xy=(5, 5))))
    assert found == []
    assert notes == ["1 objects are left out: class 'car' is not drawn as point"]


def test_a_mask_in_parts_becomes_a_group_of_outlines() -> None:
    mask = Mask(origin_xy=(4, 5), size_wh=(3, 2), runs=[0, 1, 1, 2, 1, 1])
    found, _ = fit(annotation("lane", mask, "m"), annotation("lane", OUTLINE, "m/2"))
    assert [(entry.annotation_id, entry.group_id) for entry in found] == [
        ("m", "m"),
        ("m/2", "m"),
        ("m/2/2", None),
    ]


def skeleton(*names: str) -> Skeleton:
    return Skeleton(nodes=[SkeletonNode(node_id=name, at=(10, 10 + i)) for i, name in enumerate(names)])


def test_skeletons_get_the_nodes_of_the_class() -> None:
    template = SkeletonTemplate(
        nodes=[
            TemplateNode(node_id="h", name="Head", at=(0.5, 0)),
            TemplateNode(node_id="t", name="Tail", at=(0.5, 1)),
        ]
    )
    person = LabelClass(class_id="person", name="Person", geometry_kinds=["skeleton"], skeleton=template)
    ontology = Ontology(classes=[person])
    given = [
        annotation("person", skeleton("t", "h"), "1"),
        annotation("person", skeleton("head", "ear"), "2"),
        annotation("person", skeleton("ear"), "3"),
    ]
    fitted = LabelFitter(ontology).fit(Labelling(annotations=given), width_px=100, height_px=50)
    assert ontology.faults_of(fitted.labelling) == []
    nodes = [
        [(node.node_id, node.state) for node in entry.geometry.nodes]
        for entry in fitted.labelling.annotations
        if isinstance(entry.geometry, Skeleton)
    ]
    assert nodes == [[("h", "visible"), ("t", "visible")], [("h", "visible"), ("t", "outside")]]
    assert len(fitted.notes) == 2
    bare = ontology.model_copy(update={"classes": [LabelClass(class_id="person", name="Person")]})
    assert extend_ontology(bare, ontology).classes[0].skeleton == template


@given(shapes)
def test_whatever_comes_fits_or_is_told(shape: AnyShape) -> None:
    found, notes = fit(annotation("car", shape), annotation("lane", shape, "b"))
    assert found or notes
    assert {entry.class_id: entry.geometry.kind for entry in found}.items() <= {
        "car": "box",
        "lane": "polygon",
    }.items()


def test_values_that_are_not_allowed_are_left_out_and_counted() -> None:
    found, notes = fit(
        annotation("car", BOX, "1", colour="red"),
        annotation("car", BOX, "2", colour="blue", speed=3.0),
        annotation("car", BOX, "3", colour="blue"),
    )
    assert [entry.attributes for entry in found] == [{"colour": "red"}, {}, {}]
    assert [note[0] for note in notes] == ["1", "2"]


def test_extending_adds_and_changes_nothing_that_is_there() -> None:
    found = Ontology(
        classes=[
            LabelClass(
                class_id="passenger car",
                name="passenger car",
                geometry_kinds=["polygon"],
                attributes=[
                    COLOUR.model_copy(update={"options": [Option(option_id="blue", name="blue")]}),
                    Attribute(attribute_id="parked", name="parked", kind="boolean", is_required=True),
                ],
            ),
            LabelClass(class_id="bus", name="bus", parent_id="passenger car"),
        ]
    )
    merged = extend_ontology(ONTOLOGY, found)
    assert [entry.class_id for entry in merged.classes] == ["car", "lane", "bus"]
    car, _, bus = merged.classes
    assert car.geometry_kinds == ["box", "polygon"]
    assert [option.option_id for option in car.attributes[0].options] == ["red", "blue"]
    assert not car.attributes[1].is_required
    assert bus.parent_id == "car"
    assert extend_ontology(merged, found) == merged
    assert extend_ontology(Ontology(), found) == found


@pytest.mark.parametrize("orientation", [5, 6, 7, 8])
def test_labels_on_the_stored_image_are_turned_as_its_pixels_are(orientation: int) -> None:
    stored = Image.new("L", (40, 20))
    stored.putpixel((7, 3), 255)
    upright = stored.transpose(_TRANSPOSES[orientation])
    media = KnownMedia("0" * 64, ItemKind.IMAGE, "image/jpeg", *upright.size, orientation)
    labelling = Labelling(annotations=[annotation("car", Box(box_xyxy=(7, 3, 8, 4)))])
    sample = Sample("a", 40, 20, labelling)
    assert is_for_image(sample, media)
    geometry = turn_upright(sample, media).annotations[0].geometry
    left, top, right, bottom = geometry.bounds_xyxy()
    assert (right - left, bottom - top) == (1, 1)
    assert upright.getpixel((int(left), int(top))) == 255
    upright_sample = Sample("a", *upright.size, labelling)
    assert turn_upright(upright_sample, media) is labelling
    assert not is_for_image(Sample("a", 41, 20, labelling), media)
    assert is_for_image(Sample("a", 0, 0, labelling), media)


@settings(deadline=None)
@given(st.sampled_from([5, 6, 7, 8]), st.floats(0, 40), st.floats(0, 20), st.floats(1, 9), st.floats(1, 9))
def test_turned_shapes_stay_inside_and_keep_their_area(
    orientation: int, x: float, y: float, width: float, height: float
) -> None:
    media = KnownMedia("0" * 64, ItemKind.IMAGE, "image/jpeg", 20, 40, orientation)
    box = Box(box_xyxy=(x, y, min(x + width, 50), min(y + height, 50)))
    turned = turn_upright(Sample("a", 40, 20, Labelling(annotations=[annotation("car", box)])), media)
    assert turned.annotations[0].geometry.area_px() == pytest.approx(box.area_px())


def test_relations_are_taken_where_the_ontology_has_them_and_both_ends_are_taken() -> None:
    works = RelationType(relation_type_id="rel_1", name="Works for", to_class_ids=["firm"])
    span = LabelClass(class_id="person", name="Person", geometry_kinds=["span"])
    ontology = Ontology(
        classes=[span, span.model_copy(update={"class_id": "firm", "name": "Firm"})], relation_types=[works]
    )
    spans = [
        Annotation(annotation_id=name, class_id=name_of, geometry=Span(start=at, end=at + 3))
        for name, name_of, at in (("a", "person", 0), ("b", "firm", 4), ("c", "firm", 50))
    ]
    given = [
        Relation(relation_id=f"r{number}", relation_type_id=kind, from_id=start, to_id=end)
        for number, (kind, start, end) in enumerate(
            [("works for", "a", "b"), ("rel_1", "b", "a"), ("rel_1", "a", "c"), ("owns", "a", "b")]
        )
    ]
    fitted = LabelFitter(ontology).fit(
        Labelling(annotations=spans, relations=given), width_px=10, height_px=1
    )
    (kept,) = fitted.labelling.relations
    assert (kept.relation_id, kept.relation_type_id) == ("r0", "rel_1")
    assert sum("relations are left out" in note for note in fitted.notes) == 3


def test_an_ontology_is_extended_by_relation_types_too() -> None:
    person = LabelClass(class_id="person", name="Person", geometry_kinds=["span"])
    known = Ontology(classes=[person], relation_types=[RelationType(relation_type_id="r", name="knows")])
    human = person.model_copy(update={"class_id": "p", "name": "person"})
    found = Ontology(
        classes=[human],
        relation_types=[
            RelationType(relation_type_id="x", name="Knows"),
            RelationType(relation_type_id="y", name="sees", from_class_ids=["p"]),
        ],
    )
    extended = extend_ontology(known, found).relation_types
    assert [(entry.relation_type_id, entry.from_class_ids) for entry in extended] == [
        ("r", []),
        ("y", ["person"]),
    ]
