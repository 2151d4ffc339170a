"""What may be labelled: nested classes, geometry kinds, attributes with conditions, item-level questions."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from enum import StrEnum
from typing import Annotated, Final, Self

from pydantic import Field, model_validator

from goldsmith.core.annotations import AttributeValue, Key, RelationForm
from goldsmith.core.errors import FieldFault
from goldsmith.core.geometry.points import NodeState, Skeleton, SkeletonForm, SkeletonNode
from goldsmith.core.geometry.registry import GEOMETRY_KINDS
from goldsmith.core.geometry.shape import MAX_SKELETON_NODES
from goldsmith.core.model import Model
from goldsmith.core.plain import AnyAnnotation, AnyLabelling

Name = Annotated[str, Field(min_length=1, max_length=200)]
MAX_DESCRIPTION_LENGTH: Final = 2000


class AttributeKind(StrEnum):
    """The kinds of answers an attribute or a question takes."""

    CHOICE = "choice"
    MULTI_CHOICE = "multi_choice"
    NUMBER = "number"
    TEXT = "text"
    BOOLEAN = "boolean"
    RANKING = "ranking"
    DATE = "date"


KINDS_WITH_OPTIONS: Final = frozenset(
    {AttributeKind.CHOICE, AttributeKind.MULTI_CHOICE, AttributeKind.RANKING}
)


class Option(Model):
    """One answer to choose."""

    option_id: Key
    name: Name


MAX_CONDITION_PARTS: Final = 100
MAX_CONDITION_DEPTH: Final = 8


class Condition(Model):
    """Asked only where another attribute of the same object has one of these values."""

    attribute_id: Key
    equals: Annotated[list[bool | float | str], Field(min_length=1)]

    def attribute_ids(self) -> frozenset[str]:
        """Return the attributes that it looks at."""
        return frozenset((self.attribute_id,))

    def depth(self) -> int:
        """Return how many conditions stand in each other."""
        return 1

    def holds(self, values: Mapping[str, AttributeValue]) -> bool:
        """Say whether the condition is met by ``values``."""
        value = values.get(self.attribute_id)
        if isinstance(value, list):
            return any(entry in self.equals for entry in value)
        return value is not None and value in self.equals


class AllOf(Model):
    """Asked only where all of some conditions are met."""

    all: Annotated[list[AnyCondition], Field(min_length=1, max_length=MAX_CONDITION_PARTS)]

    def attribute_ids(self) -> frozenset[str]:
        """Return the attributes that it looks at."""
        return frozenset().union(*(part.attribute_ids() for part in self.all))

    def depth(self) -> int:
        """Return how many conditions stand in each other."""
        return 1 + max(part.depth() for part in self.all)

    def holds(self, values: Mapping[str, AttributeValue]) -> bool:
        """Say whether every part is met by ``values``."""
        return all(part.holds(values) for part in self.all)


class AnyOf(Model):
    """Asked where one or more of some conditions are met."""

    any: Annotated[list[AnyCondition], Field(min_length=1, max_length=MAX_CONDITION_PARTS)]

    def attribute_ids(self) -> frozenset[str]:
        """Return the attributes that it looks at."""
        return frozenset().union(*(part.attribute_ids() for part in self.any))

    def depth(self) -> int:
        """Return how many conditions stand in each other."""
        return 1 + max(part.depth() for part in self.any)

    def holds(self, values: Mapping[str, AttributeValue]) -> bool:
        """Say whether a part is met by ``values``."""
        return any(part.holds(values) for part in self.any)


AnyCondition = Condition | AllOf | AnyOf
"""When an attribute is asked: a value of another one, or all or any of some conditions."""

AllOf.model_rebuild()
AnyOf.model_rebuild()


class Attribute(Model):
    """Something asked about an object, or (as a question) about a whole item.

    Attributes:
        options: Of a choice, a multiple choice or a ranking.
        condition: When it is asked; always, where there is none.
        description: Shown under the name.
    """

    attribute_id: Key
    name: Name
    kind: AttributeKind
    options: list[Option] = []
    is_required: bool = False
    minimum: float | None = None
    maximum: float | None = None
    default: AttributeValue | None = None
    condition: AnyCondition | None = None
    description: Annotated[str, Field(max_length=MAX_DESCRIPTION_LENGTH)] = ""

    @model_validator(mode="after")
    def _options_fit_the_kind(self) -> Self:
        has_options = self.kind in KINDS_WITH_OPTIONS
        if has_options and not self.options:
            raise ValueError(f"attribute {self.attribute_id!r} is a {self.kind} and needs options")
        if not has_options and self.options:
            raise ValueError(f"attribute {self.attribute_id!r} is a {self.kind} and takes no options")
        ids = [option.option_id for option in self.options]
        if len(set(ids)) != len(ids):
            raise ValueError(f"attribute {self.attribute_id!r} has an option_id twice")
        if self.condition is not None and self.condition.depth() > MAX_CONDITION_DEPTH:
            raise ValueError(f"the condition of {self.attribute_id!r} goes deeper than {MAX_CONDITION_DEPTH}")
        return self

    def fault_of(self, value: AttributeValue) -> str | None:
        """Return what is wrong with ``value``, or None when it fits."""
        option_ids = {option.option_id for option in self.options}
        match self.kind:
            case AttributeKind.BOOLEAN:
                return None if isinstance(value, bool) else "must be true or false"
            case AttributeKind.TEXT:
                return None if isinstance(value, str) else "must be a text"
            case AttributeKind.NUMBER:
                return self._number_fault(value)
            case AttributeKind.CHOICE:
                fits = isinstance(value, str) and value in option_ids
                return None if fits else f"must be one of {sorted(option_ids)}"
            case AttributeKind.MULTI_CHOICE:
                fits = isinstance(value, list) and set(value) <= option_ids and len(set(value)) == len(value)
                return None if fits else f"must be a list out of {sorted(option_ids)}, each once"
            case AttributeKind.RANKING:
                fits = isinstance(value, list) and len(value) == len(option_ids) and set(value) == option_ids
                return (
                    None if fits else f"must be a list of all of {sorted(option_ids)}, each once, best first"
                )
            case AttributeKind.DATE:
                return (
                    None if isinstance(value, str) and is_date(value) else "must be a date, as in 2024-02-29"
                )

    def _number_fault(self, value: AttributeValue) -> str | None:
        if isinstance(value, bool) or not isinstance(value, int | float):
            return "must be a number"
        if self.minimum is not None and value < self.minimum:
            return f"must be at least {self.minimum:g}"
        if self.maximum is not None and value > self.maximum:
            return f"must be at most {self.maximum:g}"
        return None


def is_date(text: str) -> bool:
    """Say whether a text is a day of the calendar, as yyyy-mm-dd."""
    if len(text) != 10 or text[4] != "-" or text[7] != "-":
        return False
    try:
        date.fromisoformat(text)
    except ValueError:
        return False
    return True


Share = Annotated[float, Field(ge=0.0, le=1.0)]


class TemplateNode(Model):
    """A node that every skeleton of a class has.

    Attributes:
        node_id: Stable key; a rename changes only the name.
        at: Where it is put first, as shares of the width and height of the object.
    """

    node_id: Key
    name: Name
    at: tuple[Share, Share]


class SkeletonTemplate(Model):
    """What the skeletons of a class look like.

    Attributes:
        nodes: In the order in which every skeleton has them.
        edges: Pairs of nodes that are drawn joined.
    """

    nodes: Annotated[list[TemplateNode], Field(min_length=1, max_length=MAX_SKELETON_NODES)]
    edges: Annotated[list[tuple[str, str]], Field(max_length=10 * MAX_SKELETON_NODES)] = []

    @model_validator(mode="after")
    def _names_are_known(self) -> Self:
        ids = [node.node_id for node in self.nodes]
        if len(set(ids)) != len(ids):
            raise ValueError("a skeleton has a node_id twice")
        joined: set[frozenset[str]] = set()
        for one, other in self.edges:
            for node_id in (one, other):
                if node_id not in ids:
                    raise ValueError(f"an edge of the skeleton names the unknown node {node_id!r}")
            if one == other:
                raise ValueError(f"an edge of the skeleton joins {one!r} with itself")
            if frozenset((one, other)) in joined:
                raise ValueError(f"the skeleton joins {one!r} and {other!r} twice")
            joined.add(frozenset((one, other)))
        return self

    def node_ids(self) -> list[str]:
        """Return the nodes' ids in their order."""
        return [node.node_id for node in self.nodes]

    def fault_of(self, node_ids: Sequence[str]) -> str | None:
        """Return what keeps nodes from being this skeleton, or None."""
        wanted = self.node_ids()
        if list(node_ids) == wanted:
            return None
        return f"must have the nodes {wanted}, each once and in this order"

    def fitted(self, skeleton: Skeleton) -> Skeleton | None:
        """Return a skeleton with exactly these nodes: others are left out, missing ones are outside.

        Nodes are known by their ids, or else by these nodes' names. None when no node that is seen is left.
        """
        nodes = self._known_nodes(skeleton)
        left, top, right, bottom = skeleton.bounds_xyxy()
        fitted = [
            nodes.get(node.node_id)
            or SkeletonNode(
                node_id=node.node_id,
                at=(left + node.at[0] * (right - left), top + node.at[1] * (bottom - top)),
                state=NodeState.OUTSIDE,
            )
            for node in self.nodes
        ]
        is_seen = any(node.state != NodeState.OUTSIDE for node in fitted)
        return Skeleton(nodes=fitted) if is_seen else None

    def _known_nodes(self, skeleton: Skeleton) -> dict[str, SkeletonNode]:
        given = {node.node_id: node for node in skeleton.nodes}
        by_name = {node.node_id.casefold(): node for node in skeleton.nodes}
        known: dict[str, SkeletonNode] = {}
        for node in self.nodes:
            found = given.get(node.node_id) or by_name.get(node.name.casefold())
            if found is not None:
                known[node.node_id] = found.changed(node_id=node.node_id)
        return known


class LabelClass(Model):
    """One class of objects.

    Attributes:
        class_id: Stable key; a rename changes only the name.
        parent_id: The class above it, None at the top.
        geometry_kinds: The shapes it may be drawn with.
        skeleton: The nodes of its skeletons; needed where it may be drawn as one.
    """

    class_id: Key
    name: Name
    color: Annotated[str, Field(pattern=r"^#[0-9a-fA-F]{6}$")] = "#3b82f6"
    parent_id: str | None = None
    geometry_kinds: Annotated[list[str], Field(min_length=1)] = ["box"]
    attributes: list[Attribute] = []
    skeleton: SkeletonTemplate | None = None

    @model_validator(mode="after")
    def _kinds_are_known(self) -> Self:
        unknown = set(self.geometry_kinds) - set(GEOMETRY_KINDS)
        if unknown:
            raise ValueError(f"unknown geometry kinds {sorted(unknown)}; known are {list(GEOMETRY_KINDS)}")
        if "skeleton" in self.geometry_kinds and self.skeleton is None:
            raise ValueError(f"class {self.class_id!r} is drawn as a skeleton and needs the nodes of it")
        _check_attributes(self.attributes, owner=f"class {self.class_id!r}")
        return self

    def plainly_allows(self, annotation: AnyAnnotation) -> bool:
        """Say whether an object of this class fits because of its shape, there being no attributes to look at."""
        kind = annotation.geometry.kind
        return (
            kind in self.geometry_kinds
            and kind != "skeleton"
            and not (self.attributes or annotation.attributes)
        )


class RelationType(Model):
    """One way in which objects may be related.

    Attributes:
        relation_type_id: Stable key; a rename changes only the name.
        is_directed: Whether it matters which object comes first.
        from_class_ids: Classes of the object it starts from; any where none is named.
        to_class_ids: Classes of the object it leads to; any where none is named.
    """

    relation_type_id: Key
    name: Name
    is_directed: bool = True
    from_class_ids: Annotated[list[Key], Field(max_length=5000)] = []
    to_class_ids: Annotated[list[Key], Field(max_length=5000)] = []

    def joins(self, from_class_id: str, to_class_id: str) -> bool:
        """Say whether it may lead from an object of one class to one of another."""
        if self._leads(from_class_id, to_class_id):
            return True
        return not self.is_directed and self._leads(to_class_id, from_class_id)

    def _leads(self, from_class_id: str, to_class_id: str) -> bool:
        starts = not self.from_class_ids or from_class_id in self.from_class_ids
        return starts and (not self.to_class_ids or to_class_id in self.to_class_ids)


class Ontology(Model):
    """All that may be labelled in a project."""

    classes: Annotated[list[LabelClass], Field(max_length=5000)] = []
    questions: list[Attribute] = []
    relation_types: Annotated[list[RelationType], Field(max_length=1000)] = []

    @model_validator(mode="after")
    def _is_consistent(self) -> Self:
        ids = [label_class.class_id for label_class in self.classes]
        if len(set(ids)) != len(ids):
            raise ValueError("a class_id is used twice")
        parents = {label_class.class_id: label_class.parent_id for label_class in self.classes}
        for class_id, parent_id in parents.items():
            if parent_id is not None and parent_id not in parents:
                raise ValueError(f"class {class_id!r} has the unknown parent {parent_id!r}")
            _check_no_cycle(class_id, parents)
        _check_attributes(self.questions, owner="the item-level questions")
        _check_relation_types(self.relation_types, known=set(ids))
        return self

    def find_class(self, class_id: str) -> LabelClass | None:
        """Return the class, or None."""
        return next((entry for entry in self.classes if entry.class_id == class_id), None)

    def faults_of(self, labelling: AnyLabelling) -> list[FieldFault]:
        """Return everything in ``labelling`` that this ontology does not allow; empty when it fits."""
        by_id = {label_class.class_id: label_class for label_class in self.classes}
        faults: list[FieldFault] = []
        annotations: Sequence[AnyAnnotation] = labelling.annotations
        for index, annotation in enumerate(annotations):
            label_class = by_id.get(annotation.class_id)
            if label_class is None or not label_class.plainly_allows(annotation):
                faults.extend(_annotation_faults(annotation, label_class, f"annotations[{index}]"))
        faults.extend(_value_faults(labelling.answers, self.questions, "answers"))
        if labelling.relations:
            faults.extend(_relation_faults(labelling, self.relation_types))
        return faults


def _annotation_faults(
    annotation: AnyAnnotation, label_class: LabelClass | None, where: str
) -> Iterator[FieldFault]:
    if label_class is None:
        yield FieldFault(f"{where}.class_id", f"class {annotation.class_id!r} is not in the ontology")
        return
    if annotation.geometry.kind not in label_class.geometry_kinds:
        yield FieldFault(
            f"{where}.geometry",
            f"class {label_class.name!r} is drawn as {label_class.geometry_kinds}, not {annotation.geometry.kind!r}",
        )
    geometry = annotation.geometry
    if isinstance(geometry, SkeletonForm) and label_class.skeleton is not None:
        fault = label_class.skeleton.fault_of([node.node_id for node in geometry.nodes])
        if fault is not None:
            yield FieldFault(f"{where}.geometry.nodes", fault)
    yield from _value_faults(annotation.attributes, label_class.attributes, f"{where}.attributes")


def _value_faults(
    values: Mapping[str, AttributeValue], attributes: list[Attribute], where: str
) -> Iterator[FieldFault]:
    by_id = {attribute.attribute_id: attribute for attribute in attributes}
    for key, value in values.items():
        attribute = by_id.get(key)
        if attribute is None:
            yield FieldFault(f"{where}.{key}", "is not in the ontology")
        elif (fault := attribute.fault_of(value)) is not None:
            yield FieldFault(f"{where}.{key}", fault)
    for attribute in attributes:
        is_asked = attribute.condition is None or attribute.condition.holds(values)
        if attribute.is_required and is_asked and attribute.attribute_id not in values:
            yield FieldFault(f"{where}.{attribute.attribute_id}", f"{attribute.name!r} is required")


def _relation_faults(labelling: AnyLabelling, relation_types: Sequence[RelationType]) -> Iterator[FieldFault]:
    by_id = {entry.relation_type_id: entry for entry in relation_types}
    class_ids = {annotation.annotation_id: annotation.class_id for annotation in labelling.annotations}
    said: set[tuple[str, frozenset[str]]] = set()
    relations: Sequence[RelationForm] = labelling.relations
    for index, relation in enumerate(relations):
        where = f"relations[{index}]"
        relation_type = by_id.get(relation.relation_type_id)
        if relation_type is None:
            what = f"relation type {relation.relation_type_id!r} is not in the ontology"
            yield FieldFault(f"{where}.relation_type_id", what)
            continue
        start, end = class_ids[relation.from_id], class_ids[relation.to_id]
        if not relation_type.joins(start, end):
            yield FieldFault(where, f"{relation_type.name!r} does not lead from {start!r} to {end!r}")
        if not relation_type.is_directed:
            ends = (relation.relation_type_id, frozenset((relation.from_id, relation.to_id)))
            if ends in said:
                yield FieldFault(where, f"{relation_type.name!r} has no direction: this one is there already")
            said.add(ends)


def _check_relation_types(relation_types: Sequence[RelationType], *, known: set[str]) -> None:
    ids = [entry.relation_type_id for entry in relation_types]
    if len(set(ids)) != len(ids):
        raise ValueError("a relation_type_id is used twice")
    for entry in relation_types:
        unknown = {*entry.from_class_ids, *entry.to_class_ids} - known
        if unknown:
            raise ValueError(
                f"relation type {entry.relation_type_id!r} names the unknown classes {sorted(unknown)}"
            )


def _check_attributes(attributes: list[Attribute], *, owner: str) -> None:
    ids = [attribute.attribute_id for attribute in attributes]
    if len(set(ids)) != len(ids):
        raise ValueError(f"{owner} has an attribute_id twice")
    for attribute in attributes:
        looked_at = frozenset() if attribute.condition is None else attribute.condition.attribute_ids()
        unknown = sorted(looked_at.difference(ids))
        if unknown:
            raise ValueError(
                f"{owner}: the condition of {attribute.attribute_id!r} names the unknown attribute "
                f"{unknown[0]!r}"
            )


def _check_no_cycle(class_id: str, parents: Mapping[str, str | None]) -> None:
    seen = {class_id}
    parent = parents[class_id]
    while parent is not None:
        if parent in seen:
            raise ValueError(f"class {class_id!r} is its own ancestor")
        seen.add(parent)
        parent = parents.get(parent)
