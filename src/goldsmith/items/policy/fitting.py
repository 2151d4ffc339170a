"""How labels from files fit a project's ontology and an item's image; what does not is left out and told."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import NamedTuple

from goldsmith.core.annotations import (
    Annotation,
    AttributeValue,
    Labelling,
    Relation,
    fit_for_labelling,
)
from goldsmith.core.geometry import AnyShape, NodeState, Skeleton, clip_to_image
from goldsmith.core.geometry.conversions import convert
from goldsmith.core.geometry.turning import Turn
from goldsmith.core.ontology import Attribute, LabelClass, Ontology, Option, RelationType
from goldsmith.formats import ClassMatcher, Sample
from goldsmith.items.types import KnownMedia


class Fitted(NamedTuple):
    """A labelling that the ontology allows."""

    labelling: Labelling
    notes: list[str]
    """What was changed or left out, counted."""


class LabelFitter:
    """Fits labelings of files to an ontology.

    Args:
        ontology: Of the project.
    """

    def __init__(self, ontology: Ontology) -> None:
        self._classes = {entry.class_id: entry for entry in ontology.classes}
        self._questions = ontology.questions
        self._relation_types = ontology.relation_types
        self._matcher = ClassMatcher(ontology)

    def fit(self, labelling: Labelling, *, width_px: int, height_px: int) -> Fitted:
        """Match classes by name, cut shapes to the image, and keep the values that are allowed.

        Objects of classes that the ontology does not have are left out without a note: the survey of the whole import
        tells them once.
        """
        notes: Counter[str] = Counter()
        annotations = [
            fitted
            for annotation in labelling.annotations
            for fitted in self._fit(annotation, width_px, height_px, notes)
        ]
        answers = _allowed_values(labelling.answers, self._questions, "questions", notes)
        fit = fit_for_labelling(annotations)
        relations = self._fit_relations(labelling.relations, fit, notes) if labelling.relations else []
        told = [f"{count} {note}" for note, count in sorted(notes.items())]
        return Fitted(Labelling(annotations=fit, answers=answers, relations=relations), told)

    def _fit(
        self, annotation: Annotation, width_px: int, height_px: int, notes: Counter[str]
    ) -> list[Annotation]:
        class_id = self._matcher.match(annotation.class_id)
        if class_id is None:
            return []
        label_class = self._classes[class_id]
        geometry = clip_to_image(annotation.geometry, width_px=width_px, height_px=height_px)
        if geometry is None:
            notes["objects lie outside the image and are left out"] += 1
            return []
        shapes = _allowed_shapes(geometry, label_class, width_px, height_px)
        if not shapes:
            notes[f"objects are left out: class {class_id!r} is not drawn as {geometry.kind}"] += 1
            return []
        if isinstance(geometry, Skeleton) and _loses_nodes(geometry, shapes):
            notes[f"skeletons have other nodes than class {class_id!r}, which are left out"] += 1
        taken_as = shapes[0].kind
        if taken_as != geometry.kind:
            notes[f"shapes ({geometry.kind}) are taken as {taken_as}: class {class_id!r} is drawn so"] += 1
        attributes = _allowed_values(
            annotation.attributes, label_class.attributes, f"class {class_id!r}", notes
        )
        fitted = annotation.model_copy(update={"class_id": class_id, "attributes": attributes})
        return fitted.with_shapes(shapes)

    def _fit_relations(
        self, relations: Sequence[Relation], annotations: Sequence[Annotation], notes: Counter[str]
    ) -> list[Relation]:
        """Return the relations between objects that are there, of a type that the ontology has by this key or name."""
        types = {entry.name.casefold(): entry for entry in self._relation_types}
        types |= {entry.relation_type_id: entry for entry in self._relation_types}
        classes = {annotation.annotation_id: annotation.class_id for annotation in annotations}
        kept: list[Relation] = []
        for relation in relations:
            given = relation.relation_type_id
            relation_type = types.get(given) or types.get(given.casefold())
            start, end = classes.get(relation.from_id), classes.get(relation.to_id)
            if relation_type is None:
                notes[f"relations are left out: there is no relation type {given!r}"] += 1
            elif start is None or end is None:
                notes["relations are left out: an object that they join is"] += 1
            elif not relation_type.joins(start, end):
                notes[f"relations are left out: {given!r} does not join their classes"] += 1
            else:
                kept.append(relation.model_copy(update={"relation_type_id": relation_type.relation_type_id}))
        return kept


def is_for_image(sample: Sample, media: KnownMedia) -> bool:
    """Say whether the size that the labels were made for is that of the image, upright or as it is stored."""
    declared = (sample.width, sample.height)
    if 0 in declared or declared == (media.width_px, media.height_px):
        return True
    return media.orientation >= 5 and declared == (media.height_px, media.width_px)


def turn_upright(sample: Sample, media: KnownMedia) -> Labelling:
    """Return the labels in pixels of the upright image.

    Tools that do not respect EXIF label the pixels as they are stored. Where that shows (the declared size is that of
    an image on its side), shapes are turned as the image is; otherwise they are taken as they are.
    """
    is_on_side = media.orientation >= 5 and media.width_px != media.height_px
    if not is_on_side or (sample.width, sample.height) != (media.height_px, media.width_px):
        return sample.labelling
    turn = Turn(media.orientation, media.width_px, media.height_px)
    annotations = [
        annotation.model_copy(update={"geometry": turn.shape(annotation.geometry)})
        for annotation in sample.labelling.annotations
    ]
    return sample.labelling.model_copy(update={"annotations": annotations})


def count_unknown(counts: Mapping[str, int], ontology: Ontology) -> dict[str, int]:
    """Return the names, of those counted, that no class of the ontology is meant by."""
    matcher = ClassMatcher(ontology)
    return {name: count for name, count in sorted(counts.items()) if matcher.match(name) is None}


def extend_ontology(ontology: Ontology, found: Ontology) -> Ontology:
    """Return ``ontology`` with all that ``found`` has beyond it; nothing that is there is changed or made required.

    Args:
        ontology: Of the project.
        found: What the labels of an import show, or bring along; its classes are matched by name.
    """
    if not ontology.classes and not ontology.questions:
        return found
    matcher = ClassMatcher(ontology)
    matched = {
        entry.class_id: matcher.match(entry.class_id) or matcher.match(entry.name) for entry in found.classes
    }
    classes = {entry.class_id: entry for entry in ontology.classes}
    for entry in found.classes:
        class_id = matched[entry.class_id]
        if class_id is None:
            parent_id = None if entry.parent_id is None else matched.get(entry.parent_id) or entry.parent_id
            classes[entry.class_id] = entry.model_copy(update={"parent_id": parent_id})
        else:
            classes[class_id] = _extend_class(classes[class_id], entry)
    return Ontology(
        classes=list(classes.values()),
        questions=_extend_attributes(ontology.questions, found.questions),
        relation_types=_extend_relation_types(ontology.relation_types, found.relation_types, matched),
    )


def _extend_relation_types(
    known: Sequence[RelationType], found: Sequence[RelationType], class_ids: Mapping[str, str | None]
) -> list[RelationType]:
    """Return all relation types; those that are there, by key or by name, stay as they are."""
    taken = {entry.relation_type_id for entry in known} | {entry.name.casefold() for entry in known}

    def named(ids: Sequence[str]) -> list[str]:
        return [class_ids.get(class_id) or class_id for class_id in ids]

    more = [
        entry.model_copy(
            update={
                "from_class_ids": named(entry.from_class_ids),
                "to_class_ids": named(entry.to_class_ids),
            }
        )
        for entry in found
        if entry.relation_type_id not in taken and entry.name.casefold() not in taken
    ]
    return [*known, *more]


def _extend_class(known: LabelClass, found: LabelClass) -> LabelClass:
    kinds = [
        *known.geometry_kinds,
        *(kind for kind in found.geometry_kinds if kind not in known.geometry_kinds),
    ]
    attributes = _extend_attributes(known.attributes, found.attributes)
    skeleton = found.skeleton if known.skeleton is None else known.skeleton
    return known.model_copy(update={"geometry_kinds": kinds, "attributes": attributes, "skeleton": skeleton})


def _extend_attributes(known: Sequence[Attribute], found: Sequence[Attribute]) -> list[Attribute]:
    by_id = {attribute.attribute_id: attribute for attribute in known}
    for attribute in found:
        stands = by_id.get(attribute.attribute_id)
        if stands is None:
            by_id[attribute.attribute_id] = attribute.model_copy(update={"is_required": False})
        elif stands.kind == attribute.kind and stands.options:
            by_id[attribute.attribute_id] = stands.model_copy(
                update={"options": _extend_options(stands.options, attribute.options)}
            )
    return list(by_id.values())


def _extend_options(known: Sequence[Option], found: Sequence[Option]) -> list[Option]:
    ids = {option.option_id for option in known}
    return [*known, *(option for option in found if option.option_id not in ids)]


def _allowed_shapes(
    geometry: AnyShape, label_class: LabelClass, width_px: int, height_px: int
) -> Sequence[AnyShape]:
    if isinstance(geometry, Skeleton) and label_class.skeleton is not None:
        fitted = label_class.skeleton.fitted(geometry)
        if fitted is None:
            return []
        geometry = fitted
    return convert(geometry, label_class.geometry_kinds, size_px=(width_px, height_px))


def _loses_nodes(skeleton: Skeleton, shapes: Sequence[AnyShape]) -> bool:
    seen = [node for node in skeleton.nodes if node.state != NodeState.OUTSIDE]
    kept = [
        node
        for shape in shapes
        if isinstance(shape, Skeleton)
        for node in shape.nodes
        if node.state != NodeState.OUTSIDE
    ]
    return any(isinstance(shape, Skeleton) for shape in shapes) and len(kept) < len(seen)


def _allowed_values(
    values: Mapping[str, AttributeValue], attributes: Sequence[Attribute], owner: str, notes: Counter[str]
) -> dict[str, AttributeValue]:
    by_id = {attribute.attribute_id: attribute for attribute in attributes}
    kept: dict[str, AttributeValue] = {}
    for key, value in values.items():
        attribute = by_id.get(key)
        if attribute is None:
            notes[f"values are left out: {owner} has no {key!r}"] += 1
            continue
        fault = attribute.fault_of(value)
        if fault is None:
            kept[key] = value
        else:
            notes[f"values of {key!r} of {owner} are left out: each {fault}"] += 1
    for attribute in attributes:
        is_asked = attribute.condition is None or attribute.condition.holds(kept)
        if attribute.is_required and is_asked and attribute.attribute_id not in kept:
            notes[f"labels lack the required {attribute.attribute_id!r} of {owner}"] += 1
    return kept
