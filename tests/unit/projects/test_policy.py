"""A change of ontology either leaves every label readable, or is refused until a migration says how."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from goldsmith.core.annotations import Annotation, AttributeValue, Labelling, Relation
from goldsmith.core.geometry import AnyShape, Box, Mask, Polygon, Skeleton, SkeletonNode
from goldsmith.core.ontology import (
    Attribute,
    Condition,
    LabelClass,
    Ontology,
    Option,
    RelationType,
    SkeletonTemplate,
    TemplateNode,
)
from goldsmith.projects.policy import LabelUpgrader, check_change, may_touch_labels, upgrade_labelling
from goldsmith.projects.types import (
    Migration,
    OntologyUse,
    Remedy,
    Rule,
    Severity,
    Subject,
)

BOX = Box(box_xyxy=(1.0, 2.0, 11.0, 22.0))
POLYGON = Polygon(rings=[[(0.0, 0.0), (10.0, 0.0), (10.0, 8.0)]])


def count_use(labellings: Sequence[Labelling]) -> OntologyUse:
    """Count as the step above does."""
    classes: Counter[str] = Counter()
    geometries: Counter[tuple[str, str]] = Counter()
    attributes: Counter[tuple[str | None, str]] = Counter()
    options: Counter[tuple[str | None, str, str]] = Counter()

    def count_values(class_id: str | None, values: dict[str, AttributeValue]) -> None:
        for key, value in values.items():
            attributes[class_id, key] += 1
            for entry in value if isinstance(value, list) else [value]:
                if isinstance(entry, str):
                    options[class_id, key, entry] += 1

    for labelling in labellings:
        count_values(None, labelling.answers)
        for annotation in labelling.annotations:
            classes[annotation.class_id] += 1
            geometries[annotation.class_id, annotation.geometry.kind] += 1
            count_values(annotation.class_id, annotation.attributes)
    return OntologyUse(len(labellings), classes, geometries, attributes, options)


def choice(attribute_id: str, options: str, *, is_required: bool = False) -> Attribute:
    return Attribute(
        attribute_id=attribute_id,
        name=attribute_id,
        kind="choice",
        options=[Option(option_id=key, name=key) for key in options],
        is_required=is_required,
    )


def label(class_id: str = "car", *, geometry: AnyShape = BOX, **attributes: AttributeValue) -> Annotation:
    return Annotation(annotation_id="a1", class_id=class_id, geometry=geometry, attributes=attributes)


CAR = LabelClass(
    class_id="car", name="Car", geometry_kinds=["box", "polygon"], attributes=[choice("colour", "rgb")]
)
TRUCK = LabelClass(class_id="truck", name="Truck")
OLD = Ontology(classes=[CAR, TRUCK], questions=[choice("weather", "sn")])
LABELLING = Labelling(annotations=[label(colour="r")], answers={"weather": "s"})
USE = count_use([LABELLING])


def changed_car(**changes: object) -> Ontology:
    return OLD.model_copy(update={"classes": [CAR.model_copy(update=changes), TRUCK]})


def codes(new: Ontology, use: OntologyUse = USE) -> dict[str, Severity]:
    return {finding.code: finding.severity for finding in check_change(OLD, new, use=use).findings}


def test_an_equal_ontology_has_no_findings() -> None:
    assert check_change(OLD, OLD, use=USE).findings == []
    assert not may_touch_labels(OLD, OLD)


def test_additions_and_renames_are_only_told() -> None:
    new = OLD.model_copy(
        update={
            "classes": [
                CAR.model_copy(update={"name": "Auto"}),
                TRUCK,
                TRUCK.model_copy(update={"class_id": "bus"}),
            ]
        }
    )
    assert codes(new) == {"class_renamed": Severity.INFO, "class_added": Severity.INFO}
    assert not may_touch_labels(OLD, new)


def test_removing_an_unused_class_needs_no_migration() -> None:
    new = OLD.model_copy(update={"classes": [CAR]})
    report = check_change(OLD, new, use=USE)
    assert [finding.severity for finding in report.findings] == [Severity.INFO]
    assert report.faults == []
    assert may_touch_labels(OLD, new)


def test_removing_a_used_class_is_refused_until_it_is_mapped_or_dropped() -> None:
    new = OLD.model_copy(update={"classes": [TRUCK]})
    report = check_change(OLD, new, use=USE)
    assert [fault.where for fault in report.faults] == ["class 'car'"]
    assert report.findings[0].remedies == (Remedy.MAP, Remedy.DROP)
    drop = Migration(rules=[Rule(subject=Subject(class_id="car"), action="drop")])
    assert check_change(OLD, new, use=USE, migration=drop).faults == []
    upgraded = upgrade_labelling(LABELLING, ontology=new, migration=drop)
    assert upgraded.labelling.annotations == []
    assert len(upgraded.left_out) == 1


def test_a_renamed_key_is_recognised_by_its_name_and_mapped() -> None:
    automobile = CAR.model_copy(update={"class_id": "automobile"})
    new = OLD.model_copy(update={"classes": [automobile, TRUCK]})
    finding = check_change(OLD, new, use=USE).findings[0]
    assert (finding.code, finding.suggestion) == ("class_removed", "automobile")
    migration = Migration(rules=[Rule(subject=finding.subject, action="map", to="automobile")])
    assert check_change(OLD, new, use=USE, migration=migration).faults == []
    upgraded = upgrade_labelling(LABELLING, ontology=new, migration=migration).labelling
    assert upgraded.annotations[0].class_id == "automobile"
    assert upgraded.annotations[0].attributes == {"colour": "r"}


def test_mapping_to_a_class_that_lacks_the_shape_or_does_not_exist_is_refused() -> None:
    use = count_use([Labelling(annotations=[label(geometry=POLYGON)])])
    new = OLD.model_copy(update={"classes": [TRUCK]})
    for to, word in (("truck", "polygon"), ("bus", "not a class"), (None, "to")):
        rule = Rule(subject=Subject(class_id="car"), action="map", to=to)
        faults = check_change(OLD, new, use=use, migration=Migration(rules=[rule])).faults
        assert len(faults) == 1
        assert word in faults[0].what


def test_mapping_tells_which_attributes_are_left_out() -> None:
    new = OLD.model_copy(update={"classes": [TRUCK]})
    migration = Migration(rules=[Rule(subject=Subject(class_id="car"), action="map", to="truck")])
    report = check_change(OLD, new, use=USE, migration=migration)
    assert report.faults == []
    assert {finding.code: finding.severity for finding in report.findings} == {
        "class_removed": Severity.BREAKING,
        "attribute_left_out": Severity.WARNING,
    }


def test_a_dropped_shape_is_converted_or_dropped() -> None:
    labelling = Labelling(annotations=[label(geometry=POLYGON)])
    new = changed_car(geometry_kinds=["box"])
    use = count_use([labelling])
    subject = Subject(class_id="car", geometry_kind="polygon")
    assert check_change(OLD, new, use=use).findings[0].remedies == (Remedy.CONVERT, Remedy.DROP)
    convert = Migration(rules=[Rule(subject=subject, action="convert")])
    assert check_change(OLD, new, use=use, migration=convert).faults == []
    converted = upgrade_labelling(labelling, ontology=new, migration=convert).labelling
    assert converted.annotations[0].geometry == Box(box_xyxy=(0.0, 0.0, 10.0, 8.0))
    drop = Migration(rules=[Rule(subject=subject, action="drop")])
    assert upgrade_labelling(labelling, ontology=new, migration=drop).labelling.annotations == []


def test_a_mask_in_parts_is_converted_to_a_group_of_polygons() -> None:
    mask = Mask(origin_xy=(4, 5), size_wh=(3, 2), runs=[0, 1, 1, 2, 1, 1])
    old = changed_car(geometry_kinds=["mask"])
    labelling = Labelling(annotations=[label(geometry=mask)])
    subject = Subject(class_id="car", geometry_kind="mask")
    migration = Migration(rules=[Rule(subject=subject, action="convert")])
    report = check_change(old, OLD, use=count_use([labelling]), migration=migration)
    assert report.faults == []
    found = upgrade_labelling(labelling, ontology=OLD, migration=migration).labelling
    assert [(a.annotation_id, a.group_id, a.geometry.area_px()) for a in found.annotations] == [
        ("a1", "a1", 2.0),
        ("a1/2", "a1", 2.0),
    ]
    assert OLD.faults_of(found) == []


def skeleton_class(class_id: str, node_ids: str) -> LabelClass:
    nodes = [TemplateNode(node_id=key, name=key, at=(0, 0)) for key in node_ids]
    template = SkeletonTemplate(nodes=nodes)
    return LabelClass(class_id=class_id, name=class_id, geometry_kinds=["skeleton"], skeleton=template)


def node_states(labelling: Labelling) -> list[dict[str, str]]:
    return [
        {node.node_id: node.state.value for node in a.geometry.nodes}
        for a in labelling.annotations
        if isinstance(a.geometry, Skeleton)
    ]


def test_the_nodes_of_a_skeleton_may_be_added_moved_and_on_request_removed() -> None:
    old = Ontology(classes=[skeleton_class("person", "abc")])
    shape = Skeleton(nodes=[SkeletonNode(node_id=key, at=(1, 1)) for key in "abc"])
    labelling = Labelling(annotations=[label("person", geometry=shape)])
    use = count_use([labelling])
    more = Ontology(classes=[skeleton_class("person", "cbad")])
    report = check_change(old, more, use=use)
    assert [(f.code, f.severity) for f in report.findings] == [("skeleton_nodes_added", Severity.INFO)]
    found = upgrade_labelling(labelling, ontology=more, migration=Migration()).labelling
    assert more.faults_of(found) == []
    assert node_states(found) == [{"c": "visible", "b": "visible", "a": "visible", "d": "outside"}]

    less = Ontology(classes=[skeleton_class("person", "ab")])
    report = check_change(old, less, use=use)
    assert report.findings[0].code == "skeleton_nodes_removed"
    assert len(report.faults) == 1
    for action, states in (("convert", [{"a": "visible", "b": "visible"}]), ("drop", [])):
        rule = Rule(subject=report.findings[0].subject, action=action)
        migration = Migration(rules=[rule])
        assert check_change(old, less, use=use, migration=migration).faults == []
        upgraded = upgrade_labelling(labelling, ontology=less, migration=migration)
        assert node_states(upgraded.labelling) == states
        assert less.faults_of(upgraded.labelling) == []


def test_mapping_to_a_class_whose_skeleton_lacks_nodes_is_refused() -> None:
    old = Ontology(classes=[skeleton_class("person", "abc")])
    shape = Skeleton(nodes=[SkeletonNode(node_id=key, at=(1, 1)) for key in "abc"])
    use = count_use([Labelling(annotations=[label("person", geometry=shape)])])
    migration = Migration(rules=[Rule(subject=Subject(class_id="person"), action="map", to="human")])
    new = Ontology(classes=[skeleton_class("human", "ab")])
    (fault,) = check_change(old, new, use=use, migration=migration).faults
    assert "lacks the nodes ['c']" in fault.what
    new = Ontology(classes=[skeleton_class("human", "dcba")])
    assert check_change(old, new, use=use, migration=migration).faults == []


def test_attributes_and_options_are_mapped() -> None:
    new = changed_car(attributes=[choice("paint", "xgb")])
    use = count_use([Labelling(annotations=[label(colour="g")])])
    rule = Rule(subject=Subject(class_id="car", attribute_id="colour"), action="map", to="paint")
    assert check_change(OLD, new, use=use, migration=Migration(rules=[rule])).faults == []
    assert "lacks" in check_change(OLD, new, use=USE, migration=Migration(rules=[rule])).faults[0].what
    upgraded = upgrade_labelling(
        Labelling(annotations=[label(colour="g")]), ontology=new, migration=Migration(rules=[rule])
    )
    assert upgraded.labelling.annotations[0].attributes == {"paint": "g"}

    new = changed_car(attributes=[choice("colour", "xgb")])
    rule = Rule(subject=Subject(class_id="car", attribute_id="colour", option_id="r"), action="map", to="x")
    assert check_change(OLD, new, use=USE, migration=Migration(rules=[rule])).faults == []
    upgraded = upgrade_labelling(LABELLING, ontology=new, migration=Migration(rules=[rule]))
    assert upgraded.labelling.annotations[0].attributes == {"colour": "x"}


def test_a_new_required_attribute_is_filled_or_kept_open() -> None:
    new = changed_car(attributes=[choice("colour", "rgb"), choice("doors", "24", is_required=True)])
    subject = Subject(class_id="car", attribute_id="doors")
    assert codes(new)["value_required"] is Severity.BREAKING
    assert codes(new, OntologyUse())["value_required"] is Severity.INFO
    fill = Migration(rules=[Rule(subject=subject, action="fill", value="4")])
    assert check_change(OLD, new, use=USE, migration=fill).faults == []
    upgraded = upgrade_labelling(LABELLING, ontology=new, migration=fill)
    assert upgraded.labelling.annotations[0].attributes == {"colour": "r", "doors": "4"}
    wrong = Migration(rules=[Rule(subject=subject, action="fill", value="7")])
    assert "one of" in check_change(OLD, new, use=USE, migration=wrong).faults[0].what
    keep = Migration(rules=[Rule(subject=subject, action="keep")])
    assert check_change(OLD, new, use=USE, migration=keep).faults == []


def test_an_optional_attribute_that_all_labels_carry_may_become_required() -> None:
    new = changed_car(attributes=[choice("colour", "rgb", is_required=True)])
    assert codes(new)["value_required"] is Severity.INFO
    use = count_use([LABELLING, Labelling(annotations=[label()])])
    assert codes(new, use)["value_required"] is Severity.BREAKING


def test_questions_are_checked_like_attributes() -> None:
    new = OLD.model_copy(update={"questions": []})
    assert codes(new) == {"attribute_removed": Severity.BREAKING}
    migration = Migration(rules=[Rule(subject=Subject(attribute_id="weather"), action="drop")])
    assert check_change(OLD, new, use=USE, migration=migration).faults == []


def test_a_narrower_range_and_a_changed_kind_are_breaking() -> None:
    number = Attribute(attribute_id="age", name="age", kind="number", maximum=10)
    old = Ontology(classes=[CAR.model_copy(update={"attributes": [number]})])
    use = count_use([Labelling(annotations=[label(age=9.0)])])
    narrow = Ontology(
        classes=[CAR.model_copy(update={"attributes": [number.model_copy(update={"maximum": 5})]})]
    )
    assert check_change(old, narrow, use=use).findings[0].code == "range_narrowed"
    keep = Migration(rules=[Rule(subject=Subject(class_id="car", attribute_id="age"), action="keep")])
    kept = upgrade_labelling(Labelling(annotations=[label(age=9.0)]), ontology=narrow, migration=keep)
    assert kept.labelling.annotations[0].attributes == {"age": 9.0}
    text = Ontology(
        classes=[
            CAR.model_copy(update={"attributes": [Attribute(attribute_id="age", name="age", kind="text")]})
        ]
    )
    assert check_change(old, text, use=use).findings[0].code == "attribute_kind_changed"


def test_a_changed_condition_warns() -> None:
    flag = Attribute(attribute_id="parked", name="parked", kind="boolean")
    condition = Condition(attribute_id="parked", equals=[True])
    new = changed_car(attributes=[CAR.attributes[0].model_copy(update={"condition": condition}), flag])
    assert codes(new)["condition_changed"] is Severity.WARNING


def test_relations_follow_the_ontology_and_what_they_lose_is_told() -> None:
    classes = [LabelClass(class_id=name, name=name) for name in ("a", "b")]
    near = RelationType(relation_type_id="near", name="near", is_directed=False)
    on = RelationType(relation_type_id="on", name="on")
    old = Ontology(classes=classes, relation_types=[near, on])
    narrow = on.model_copy(update={"name": "lies on", "to_class_ids": ["b"]})
    new = Ontology(classes=classes, relation_types=[narrow, RelationType(relation_type_id="in", name="in")])
    findings = check_change(old, new, use=OntologyUse()).findings
    assert {finding.code: finding.severity for finding in findings} == {
        "relation_type_removed": Severity.WARNING,
        "relation_type_renamed": Severity.INFO,
        "relation_type_narrowed": Severity.WARNING,
        "relation_type_added": Severity.INFO,
    }
    objects = [Annotation(annotation_id=name, class_id=name, geometry=BOX) for name in ("a", "b")]
    facts = [("near", "a", "b"), ("on", "a", "b"), ("on", "b", "a")]
    relations = [
        Relation(relation_id=f"r{number}", relation_type_id=kind, from_id=start, to_id=end)
        for number, (kind, start, end) in enumerate(facts)
    ]
    labelling = Labelling(annotations=objects, relations=relations)
    read = upgrade_labelling(labelling, ontology=new, migration=Migration())
    assert [relation.relation_id for relation in read.labelling.relations] == ["r1"]
    assert len(read.left_out) == 2
    only_a = Ontology(classes=classes[:1], relation_types=[near])
    assert upgrade_labelling(labelling, ontology=only_a, migration=Migration()).labelling.relations == []


def test_rules_that_answer_nothing_or_twice_are_faults() -> None:
    new = OLD.model_copy(update={"classes": [TRUCK]})
    car = Subject(class_id="car")
    rules = [Rule(subject=car, action="drop"), Rule(subject=car, action="map", to="truck")]
    assert all(
        "two things" in f.what
        for f in check_change(OLD, new, use=USE, migration=Migration(rules=rules)).faults
    )
    stray = Migration(rules=[rules[0], Rule(subject=Subject(class_id="truck"), action="drop")])
    assert "nothing there" in check_change(OLD, new, use=USE, migration=stray).faults[0].what


def test_the_upgrader_walks_through_all_versions_in_between() -> None:
    second = OLD.model_copy(update={"classes": [CAR.model_copy(update={"class_id": "auto"}), TRUCK]})
    third = OLD.model_copy(update={"classes": [CAR.model_copy(update={"class_id": "vehicle"}), TRUCK]})
    first_step = Migration(rules=[Rule(subject=Subject(class_id="car"), action="map", to="auto")])
    second_step = Migration(rules=[Rule(subject=Subject(class_id="auto"), action="map", to="vehicle")])
    upgrader = LabelUpgrader([(OLD, Migration()), (second, first_step), (third, second_step)])
    assert upgrader.upgrade(LABELLING, from_version=1).labelling.annotations[0].class_id == "vehicle"
    newest = Labelling(annotations=[label("vehicle")])
    assert upgrader.upgrade(newest, from_version=3) == (newest, ())
