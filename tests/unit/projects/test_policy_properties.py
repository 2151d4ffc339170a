"""Whatever the change of ontology, a migration that is taken leaves labels that fit the new one."""

from __future__ import annotations

from collections.abc import Sequence

from hypothesis import given, settings
from hypothesis import strategies as st

from goldsmith.core.annotations import Annotation, AttributeValue, Labelling
from goldsmith.core.ontology import (
    Attribute,
    LabelClass,
    Ontology,
    Option,
)
from goldsmith.projects.policy import check_change, may_touch_labels, upgrade_labelling
from goldsmith.projects.types import (
    Migration,
    OntologyUse,
    Remedy,
    Rule,
)
from tests.unit.projects.test_policy import BOX, POLYGON, count_use

CLASS_IDS = st.sampled_from(["a", "b", "c"])


@st.composite
def attributes(draw: st.DrawFn) -> list[Attribute]:
    result = []
    for key in draw(st.lists(st.sampled_from(["p", "q", "r"]), unique=True)):
        kind = draw(st.sampled_from(["choice", "multi_choice", "number", "text", "boolean"]))
        options = draw(st.sets(st.sampled_from("xyz"), min_size=1)) if "choice" in kind else set()
        result.append(
            Attribute(
                attribute_id=key,
                name=key,
                kind=kind,
                options=[Option(option_id=option, name=option) for option in sorted(options)],
                is_required=draw(st.booleans()),
                maximum=draw(st.sampled_from([None, 5.0, 10.0])) if kind == "number" else None,
            )
        )
    return result


@st.composite
def ontologies(draw: st.DrawFn) -> Ontology:
    classes = [
        LabelClass(
            class_id=class_id,
            name=class_id,
            geometry_kinds=sorted(draw(st.sets(st.sampled_from(["box", "polygon"]), min_size=1))),
            attributes=draw(attributes()),
        )
        for class_id in draw(st.lists(CLASS_IDS, unique=True))
    ]
    return Ontology(classes=classes, questions=draw(attributes()))


def draw_value(draw: st.DrawFn, attribute: Attribute) -> AttributeValue:
    options = [option.option_id for option in attribute.options]
    match attribute.kind:
        case "choice":
            return draw(st.sampled_from(options))
        case "multi_choice":
            return draw(st.lists(st.sampled_from(options), unique=True))
        case "number":
            return draw(
                st.sampled_from([1.0, 4.0]) if attribute.maximum == 5.0 else st.sampled_from([1.0, 7.0])
            )
        case "text":
            return draw(st.sampled_from(["", "x", "words"]))
        case _:
            return draw(st.booleans())


def draw_values(draw: st.DrawFn, asked: Sequence[Attribute]) -> dict[str, AttributeValue]:
    return {
        attribute.attribute_id: draw_value(draw, attribute)
        for attribute in asked
        if attribute.is_required or draw(st.booleans())
    }


@st.composite
def changes(draw: st.DrawFn) -> tuple[Ontology, Ontology, list[Labelling]]:
    old, new = draw(ontologies()), draw(ontologies())
    labellings = []
    for _ in range(draw(st.integers(0, 3))):
        annotations = (
            [
                Annotation(
                    annotation_id=str(index),
                    class_id=entry.class_id,
                    geometry=BOX if draw(st.sampled_from(entry.geometry_kinds)) == "box" else POLYGON,
                    attributes=draw_values(draw, entry.attributes),
                )
                for index, entry in enumerate(draw(st.lists(st.sampled_from(old.classes), max_size=3)))
            ]
            if old.classes
            else []
        )
        labellings.append(Labelling(annotations=annotations, answers=draw_values(draw, old.questions)))
    return old, new, labellings


def answer_all(draw: st.DrawFn, old: Ontology, new: Ontology, use: OntologyUse) -> Migration:
    """Say something allowed about every breaking finding; ``drop`` or ``convert`` where nothing better is known."""
    rules = []
    for finding in check_change(old, new, use=use).findings:
        can = [remedy for remedy in finding.remedies if remedy not in (Remedy.MAP, Remedy.FILL)]
        if can:
            rules.append(Rule(subject=finding.subject, action=draw(st.sampled_from(can))))
    return Migration(rules=list({(rule.subject, rule.action): rule for rule in rules}.values()))


@settings(max_examples=100, deadline=None)
@given(st.data())
def test_labels_fit_the_new_ontology_after_any_migration_that_is_taken(data: st.DataObject) -> None:
    old, new, labellings = data.draw(changes())
    for labelling in labellings:
        assert old.faults_of(labelling) == []
    use = count_use(labellings)
    migration = answer_all(data.draw, old, new, use)
    report = check_change(old, new, use=use, migration=migration)
    if report.faults:
        assert all(
            "two things" in fault.what for fault in report.faults
        )  # keep and drop drawn for one subject
        return
    kept = {rule.subject.attribute_id for rule in migration.rules if rule.action is Remedy.KEEP}
    for labelling in labellings:
        upgraded = upgrade_labelling(labelling, ontology=new, migration=migration).labelling
        for fault in new.faults_of(upgraded):
            is_missing = fault.what.endswith("is required")
            is_kept = any(fault.where.endswith(f".{attribute_id}") for attribute_id in kept)
            assert is_missing or is_kept, fault


@settings(max_examples=60, deadline=None)
@given(changes())
def test_without_breaking_findings_nothing_is_left_out(
    change: tuple[Ontology, Ontology, list[Labelling]],
) -> None:
    old, new, labellings = change
    report = check_change(old, new, use=count_use(labellings))
    if report.faults:
        return
    for labelling in labellings:
        upgraded = upgrade_labelling(labelling, ontology=new, migration=Migration())
        assert upgraded == (labelling, ())


@settings(max_examples=60, deadline=None)
@given(changes())
def test_what_cannot_touch_labels_never_breaks(change: tuple[Ontology, Ontology, list[Labelling]]) -> None:
    old, new, labellings = change
    if not may_touch_labels(old, new):
        assert check_change(old, new, use=count_use(labellings)).faults == []
