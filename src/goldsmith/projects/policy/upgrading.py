"""How labels of an older ontology version read in a newer one; the stored labels are never touched."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from goldsmith.core.annotations import (
    Annotation,
    AttributeValue,
    Labelling,
    Relation,
    fit_for_labelling,
)
from goldsmith.core.geometry import AnyShape, Skeleton
from goldsmith.core.geometry.conversions import convert
from goldsmith.core.ontology import Attribute, LabelClass, Ontology, RelationType
from goldsmith.projects.types import Migration, Remedy, Rule, Subject

Values = dict[str, AttributeValue]


class Upgraded(NamedTuple):
    """A labelling as it reads in the newer version."""

    labelling: Labelling
    left_out: tuple[str, ...]
    """A sentence for each object or value that the newer version does not show."""


class LabelUpgrader:
    """Reads labellings of any older version of a project's ontology in its newest one.

    Args:
        steps: (ontology, migration from the version before) of versions 1, 2, ..., the newest last.
    """

    def __init__(self, steps: Sequence[tuple[Ontology, Migration]]) -> None:
        self._steps = steps

    @property
    def newest_version(self) -> int:
        """The version labellings are read in."""
        return len(self._steps)

    @property
    def relation_types(self) -> Sequence[RelationType]:
        """How objects may be related in that version."""
        return self._steps[-1][0].relation_types

    def upgrade(self, labelling: Labelling, *, from_version: int) -> Upgraded:
        """Return ``labelling``, made with version ``from_version`` (from 1), as it reads in the newest version."""
        left_out: tuple[str, ...] = ()
        for ontology, migration in self._steps[max(from_version, 1) :]:
            labelling, more = upgrade_labelling(labelling, ontology=ontology, migration=migration)
            left_out += more
        return Upgraded(labelling, left_out)

    def upgrade_text(self, text: str, *, from_version: int) -> str:
        """Return JSON text of a labelling likewise; text of the newest version goes through as it is."""
        if from_version == self.newest_version:
            return text
        labelling = Labelling.model_validate_json(text)
        return self.upgrade(labelling, from_version=from_version).labelling.model_dump_json()


def upgrade_labelling(labelling: Labelling, *, ontology: Ontology, migration: Migration) -> Upgraded:
    """Read a labelling in the next version of the ontology.

    Args:
        labelling: Made with, or already read in, the version before.
        ontology: The next version.
        migration: What was said when the ontology was changed. What it does not mention and the next version does not
            know is left out and told.
    """
    rules = {(rule.subject, rule.action): rule for rule in migration.rules}
    classes = {entry.class_id: entry for entry in ontology.classes}
    left_out: list[str] = []
    annotations = [
        upgraded
        for annotation in labelling.annotations
        for upgraded in _upgrade_annotation(annotation, classes, rules, left_out)
    ]
    answers = _upgrade_values(labelling.answers, ontology.questions, None, None, rules, left_out, "the item")
    fit = fit_for_labelling(annotations)
    relations = _upgrade_relations(labelling.relations, fit, ontology, left_out)
    return Upgraded(Labelling(annotations=fit, answers=answers, relations=relations), tuple(left_out))


Rules = Mapping[tuple[Subject, Remedy], Rule]


def _upgrade_annotation(
    annotation: Annotation, classes: Mapping[str, LabelClass], rules: Rules, left_out: list[str]
) -> list[Annotation]:
    old_class_id = annotation.class_id
    mapped = rules.get((Subject(class_id=old_class_id), Remedy.MAP))
    new_class = classes.get(old_class_id if mapped is None or mapped.to is None else mapped.to)
    if new_class is None:
        left_out.append(f"object {annotation.annotation_id!r}: class {old_class_id!r} is no more")
        return []
    shapes = _upgrade_geometry(annotation, new_class, rules)
    if not shapes:
        kind = annotation.geometry.kind
        left_out.append(
            f"object {annotation.annotation_id!r}: {new_class.class_id!r} cannot be drawn as {kind}"
        )
        return []
    owner = f"object {annotation.annotation_id!r}"
    values = _upgrade_values(
        annotation.attributes,
        new_class.attributes,
        old_class_id,
        new_class.class_id,
        rules,
        left_out,
        owner,
    )
    return annotation.model_copy(update={"class_id": new_class.class_id, "attributes": values}).with_shapes(
        shapes
    )


def _upgrade_relations(
    relations: Sequence[Relation], annotations: Sequence[Annotation], ontology: Ontology, left_out: list[str]
) -> list[Relation]:
    """Return the relations that still hold; those of an object that is left out go with it."""
    types = {entry.relation_type_id: entry for entry in ontology.relation_types}
    classes = {annotation.annotation_id: annotation.class_id for annotation in annotations}
    kept = []
    for relation in relations:
        ends = classes.get(relation.from_id), classes.get(relation.to_id)
        relation_type = types.get(relation.relation_type_id)
        if ends[0] is None or ends[1] is None:
            left_out.append(f"relation {relation.relation_id!r}: an object that it joins is left out")
        elif relation_type is None or not relation_type.joins(ends[0], ends[1]):
            left_out.append(
                f"relation {relation.relation_id!r}: {relation.relation_type_id!r} is no longer allowed"
            )
        else:
            kept.append(relation)
    return kept


def _upgrade_geometry(annotation: Annotation, new_class: LabelClass, rules: Rules) -> Sequence[AnyShape]:
    """Return the shape as the class now has it, in parts where one cannot hold it; nothing when it must be left out."""
    geometry = annotation.geometry
    kind = geometry.kind
    may_convert = (Subject(class_id=annotation.class_id, geometry_kind=kind), Remedy.CONVERT) in rules
    if kind not in new_class.geometry_kinds:
        return convert(geometry, new_class.geometry_kinds) if may_convert else []
    if not isinstance(geometry, Skeleton) or new_class.skeleton is None:
        return [geometry]
    is_whole = {node.node_id for node in geometry.nodes} <= set(new_class.skeleton.node_ids())
    fitted = new_class.skeleton.fitted(geometry) if may_convert or is_whole else None
    return [] if fitted is None else [fitted]


def _upgrade_values(
    values: Mapping[str, AttributeValue],
    attributes: Sequence[Attribute],
    old_class_id: str | None,
    new_class_id: str | None,
    rules: Rules,
    left_out: list[str],
    owner: str,
) -> Values:
    by_id = {attribute.attribute_id: attribute for attribute in attributes}
    result: Values = {}
    for old_id, value in values.items():
        mapped = rules.get((Subject(class_id=old_class_id, attribute_id=old_id), Remedy.MAP))
        new_id = old_id if mapped is None or mapped.to is None else mapped.to
        attribute = by_id.get(new_id)
        upgraded = None
        if attribute is not None and (new_id == old_id or new_id not in values):
            upgraded = _upgrade_value(value, attribute, old_class_id, old_id, rules)
        if upgraded is None:
            left_out.append(f"{owner}: the value of {old_id!r} is no longer asked or allowed")
        else:
            result[new_id] = upgraded
    for attribute in attributes:
        filled = rules.get((Subject(class_id=new_class_id, attribute_id=attribute.attribute_id), Remedy.FILL))
        is_asked = attribute.condition is None or attribute.condition.holds(result)
        if filled is not None and filled.value is not None and is_asked:
            result.setdefault(attribute.attribute_id, filled.value)
    return result


def _upgrade_value(
    value: AttributeValue, attribute: Attribute, class_id: str | None, old_id: str, rules: Rules
) -> AttributeValue | None:
    """Return the value as it reads now; None when it must be left out."""
    known = {option.option_id for option in attribute.options}

    def option_now(option_id: str) -> str | None:
        subject = Subject(class_id=class_id, attribute_id=old_id, option_id=option_id)
        mapped = rules.get((subject, Remedy.MAP))
        now = option_id if mapped is None or mapped.to is None else mapped.to
        return now if now in known else None

    if known and isinstance(value, str):
        value = option_now(value) or value
    elif known and isinstance(value, list):
        value = list(dict.fromkeys(now for entry in value if (now := option_now(entry)) is not None))
    is_kept = (Subject(class_id=class_id, attribute_id=old_id), Remedy.KEEP) in rules
    is_number = isinstance(value, int | float) and not isinstance(value, bool) and attribute.kind == "number"
    return value if attribute.fault_of(value) is None or (is_kept and is_number) else None
