"""What the scope of a task lets a labelling say."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from typing import Final

from goldsmith.core.errors import FieldFault
from goldsmith.core.geometry.boxes import RotatedBoxForm
from goldsmith.core.geometry.curves import BezierForm
from goldsmith.core.geometry.points import SkeletonForm
from goldsmith.core.geometry.polygons import PolygonForm, PolylineForm
from goldsmith.core.geometry.shape import Form
from goldsmith.core.ontology import Attribute, LabelClass, Ontology
from goldsmith.core.plain import AnyAnnotation, AnyLabelling
from goldsmith.items.api import GeometryLimits, ScopeRules

_NOT_ASKED: Final = "is not asked for in this task"
_SLACK_PX: Final = 1e-6


def narrowed(ontology: Ontology, rules: ScopeRules) -> Ontology:
    """Return the part of an ontology that a task asks for; conditions may look at attributes that are not in it."""
    class_ids, attribute_ids = _wanted(rules.class_ids), _wanted(rules.attribute_ids)
    relation_ids = _wanted(rules.relation_type_ids)
    values = {
        "classes": [
            _with_attributes(entry, attribute_ids)
            for entry in ontology.classes
            if class_ids is None or entry.class_id in class_ids
        ],
        "questions": _kept(ontology.questions, _wanted(rules.question_ids)),
        "relation_types": [
            entry
            for entry in ontology.relation_types
            if relation_ids is None or entry.relation_type_id in relation_ids
        ],
    }
    return ontology.model_copy(update=values)


def faults_in_scope(labelling: AnyLabelling, ontology: Ontology, rules: ScopeRules) -> list[FieldFault]:
    """Return everything in a labelling that the ontology or the scope does not allow; empty when it fits.

    What is required is asked only where the scope asks for it.
    """
    beyond = [*_objects_beyond(labelling, ontology, rules), *_said_beyond(labelling, ontology, rules)]
    told = {fault.where for fault in beyond}
    inside = [
        fault
        for fault in narrowed(ontology, rules).faults_of(labelling)
        if fault.where not in told and _class_of(fault.where) not in told
    ]
    return [*beyond, *inside, *_limit_faults(labelling, rules)]


def _wanted(ids: list[str] | None) -> frozenset[str] | None:
    return None if ids is None else frozenset(ids)


def _kept(attributes: list[Attribute], wanted: frozenset[str] | None) -> list[Attribute]:
    return attributes if wanted is None else [entry for entry in attributes if entry.attribute_id in wanted]


def _with_attributes(entry: LabelClass, wanted: frozenset[str] | None) -> LabelClass:
    kept = _kept(entry.attributes, wanted)
    return entry if len(kept) == len(entry.attributes) else entry.model_copy(update={"attributes": kept})


def _class_of(where: str) -> str:
    """Return where the class is told of the object that a fault is about."""
    return f"{where.partition('.')[0]}.class_id"


def _objects_beyond(labelling: AnyLabelling, ontology: Ontology, rules: ScopeRules) -> Iterator[FieldFault]:
    """Yield objects and attributes that the ontology knows and the task does not ask for."""
    class_ids, attribute_ids = _wanted(rules.class_ids), _wanted(rules.attribute_ids)
    if class_ids is None and attribute_ids is None:
        return
    classes = {entry.class_id: entry for entry in ontology.classes}
    annotations: Sequence[AnyAnnotation] = labelling.annotations
    for index, annotation in enumerate(annotations):
        label_class = classes.get(annotation.class_id)
        if label_class is None:
            continue
        if class_ids is not None and label_class.class_id not in class_ids:
            yield FieldFault(f"annotations[{index}].class_id", f"class {label_class.name!r} {_NOT_ASKED}")
        elif attribute_ids is not None:
            known = {entry.attribute_id for entry in label_class.attributes} - attribute_ids
            for key in annotation.attributes.keys() & known:
                yield FieldFault(f"annotations[{index}].attributes.{key}", _NOT_ASKED)


def _said_beyond(labelling: AnyLabelling, ontology: Ontology, rules: ScopeRules) -> Iterator[FieldFault]:
    """Yield answers and relations that the ontology knows and the task does not ask for."""
    if rules.question_ids is not None:
        known = {entry.attribute_id for entry in ontology.questions}.difference(rules.question_ids)
        for key in labelling.answers.keys() & known:
            yield FieldFault(f"answers.{key}", _NOT_ASKED)
    if rules.relation_type_ids is not None:
        names = {entry.relation_type_id: entry.name for entry in ontology.relation_types}
        for index, relation in enumerate(labelling.relations):
            key = relation.relation_type_id
            if key in names and key not in rules.relation_type_ids:
                what = f"relation type {names[key]!r} {_NOT_ASKED}"
                yield FieldFault(f"relations[{index}].relation_type_id", what)


def _limit_faults(labelling: AnyLabelling, rules: ScopeRules) -> Iterator[FieldFault]:
    if not rules.limits:
        return
    annotations: Sequence[AnyAnnotation] = labelling.annotations
    for index, annotation in enumerate(annotations):
        limits = rules.limits.get(annotation.geometry.kind)
        if limits is not None:
            for what in _shape_faults(annotation.geometry, limits):
                yield FieldFault(f"annotations[{index}].geometry", what)
    counted = Counter(annotation.geometry.kind for annotation in annotations)
    for kind, limits in rules.limits.items():
        count = counted[kind]
        if limits.min_count is not None and count < limits.min_count:
            yield FieldFault(
                "annotations", f"needs at least {limits.min_count} of the kind {kind}, not {count}"
            )
        if limits.max_count is not None and count > limits.max_count:
            yield FieldFault(
                "annotations", f"takes at most {limits.max_count} of the kind {kind}, not {count}"
            )


def _shape_faults(shape: Form, limits: GeometryLimits) -> Iterator[str]:
    width, height = _size_wh(shape)
    if limits.min_width_px is not None and width < limits.min_width_px - _SLACK_PX:
        yield f"must be at least {limits.min_width_px:g} pixels wide, not {width:g}"
    if limits.min_height_px is not None and height < limits.min_height_px - _SLACK_PX:
        yield f"must be at least {limits.min_height_px:g} pixels high, not {height:g}"
    points = count_points(shape)
    if points is None:
        return
    if limits.min_points is not None and points < limits.min_points:
        yield f"needs at least {limits.min_points} points, not {points}"
    if limits.max_points is not None and points > limits.max_points:
        yield f"takes at most {limits.max_points} points, not {points}"


def _size_wh(shape: Form) -> tuple[float, float]:
    if isinstance(shape, RotatedBoxForm):
        return shape.size_wh
    left, top, right, bottom = shape.bounds_xyxy()
    return right - left, bottom - top


def count_points(shape: Form) -> int | None:
    """Return how many points a shape was drawn with; None for kinds whose number of points is not for choice."""
    match shape:
        case PolygonForm():
            return sum(len(ring) for ring in shape.rings)
        case PolylineForm():
            return len(shape.points)
        case BezierForm() | SkeletonForm():
            return len(shape.nodes)
        case _:
            return None
