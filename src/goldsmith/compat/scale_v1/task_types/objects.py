"""Labelled objects of a task: which class stands for which label, what is asked about it, and its links."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from goldsmith.compat.scale_v1.task_types.attributes import Asked, Attributes
from goldsmith.compat.scale_v1.task_types.identity import key_of, made_uuid, shown
from goldsmith.compat.scale_v1.task_types.labels import Label
from goldsmith.compat.scale_v1.task_types.ontologies import ClassRequest, classes_of
from goldsmith.compat.scale_v1.task_types.reading import Place
from goldsmith.compat.scale_v1.task_types.types import ParameterFault
from goldsmith.core.annotations import MAX_ANNOTATIONS, Annotation, Labelling, Relation
from goldsmith.core.ontology import Attribute, LabelClass, Ontology, RelationType

Links = dict[str, dict[str, list[str]]]


@dataclass(frozen=True)
class Objects:
    """The classes, attributes and links of a task.

    Attributes:
        requests: Labels with the kinds of shapes that they are drawn with.
        attributes: What is asked about them.
    """

    requests: tuple[ClassRequest, ...]
    attributes: Attributes
    label_by_class: Mapping[str, str] = field(init=False)

    def __post_init__(self) -> None:
        labels = {request.class_id: str(request.label.value) for request in self.requests}
        object.__setattr__(self, "label_by_class", labels)

    @property
    def class_ids(self) -> tuple[str, ...]:
        """The classes that may be used."""
        return tuple(self.label_by_class)

    def class_of(self, label: Any, kind: str) -> str | None:
        """Return the class of a label that is drawn with a kind of shape, or None."""
        return self._classes.get((label, kind)) if isinstance(label, str) else None

    @cached_property
    def _classes(self) -> dict[tuple[str, str], str]:
        found: dict[tuple[str, str], str] = {}
        for request in self.requests:
            for kind in request.kinds:
                found.setdefault((str(request.label.value), kind), request.class_id)
        return found

    def classes(self) -> list[LabelClass]:
        """Return the classes of the ontology."""
        return classes_of(
            self.requests, {request.class_id: self.asked_of(request) for request in self.requests}
        )

    def asked_of(self, request: ClassRequest) -> list[Attribute]:
        """Return what is asked about objects of a class."""
        return self.attributes.of_label(str(request.label.value), request.kinds)

    @cached_property
    def link_types(self) -> dict[str, RelationType]:
        """Return the types of relations that stand for linked attributes, by their keys."""
        types = {}
        for asked in self.attributes.linked:
            starts = self._starts_of(asked)
            ends = self._classes_named(asked.link_labels)
            if starts and ends:
                said = [asked.definition, starts, ends]
                types[asked.key] = RelationType(
                    relation_type_id=key_of("relation", asked.key, said),
                    name=shown(asked.key),
                    from_class_ids=starts,
                    to_class_ids=ends,
                )
        return types

    def ontology(self) -> Ontology:
        """Return all that is asked."""
        return Ontology(
            classes=self.classes(),
            questions=self.attributes.questions(),
            relation_types=list(self.link_types.values()),
        )

    def links_of(self, labelling: Labelling) -> Links:
        """Return the targets of the links of each object, by its id and by their keys."""
        keys = {entry.relation_type_id: key for key, entry in self.link_types.items()}
        links: Links = {}
        for relation in labelling.relations:
            key = keys.get(relation.relation_type_id)
            if key is not None:
                links.setdefault(relation.from_id, {}).setdefault(key, []).append(relation.to_id)
        return links

    def told_values(self, annotation: Annotation, links: Links) -> dict[str, Any]:
        """Return the attributes of an object as responses tell them, links as the uuid of their target."""
        values = self.attributes.values(annotation.attributes)
        for key, targets in links.get(annotation.annotation_id, {}).items():
            values[key] = targets[0] if len(targets) == 1 else targets
        return values

    def read_relations(self, places: Sequence[tuple[str, Place]]) -> list[Relation]:
        """Read the links of all objects.

        Args:
            places: The id of each object, and the place of its attributes.
        """
        ids = {annotation_id for annotation_id, _ in places}
        types = self.link_types
        relations = []
        for from_id, place in places:
            for key, to_id in self.attributes.read_links(place):
                if key not in types or to_id not in ids or to_id == from_id:
                    raise place.at(key).fault("must be the uuid of another annotation")
                relations.append(relation_of(types[key].relation_type_id, from_id, to_id))
        return relations

    def _starts_of(self, asked: Asked) -> list[str]:
        if not asked.allowed:
            return list(self.class_ids)
        starts: dict[str, None] = {}
        for allowed in asked.allowed:
            starts.update(dict.fromkeys(self._classes_named(allowed.labels)))
        return list(starts)

    def _classes_named(self, labels: frozenset[str] | None) -> list[str]:
        found = self.label_by_class.items()
        return [class_id for class_id, label in found if labels is None or label in labels]


def relation_of(relation_type_id: str, from_id: str, to_id: str) -> Relation:
    """Return a relation; its id follows from what it says."""
    relation_id = made_uuid("relation", relation_type_id, from_id, to_id)
    return Relation(relation_id=relation_id, relation_type_id=relation_type_id, from_id=from_id, to_id=to_id)


def object_ids(places: Iterable[Place], *, key: str = "uuid") -> list[str]:
    """Return the id of each object of a response; made from its content where it has none.

    Raises:
        ParameterFault: Two have the same.
    """
    ids: dict[str, None] = {}
    for index, place in enumerate(places):
        stated = place.at(key).maybe(lambda entry: entry.text(most=200))
        annotation_id = stated or made_uuid("annotation", index, place.value)
        if annotation_id in ids:
            raise place.at(key).fault("contains a duplicate value")
        ids[annotation_id] = None
    if len(ids) > MAX_ANNOTATIONS:
        raise ParameterFault(f"there are more than {MAX_ANNOTATIONS} annotations")
    return list(ids)


def requests_of(drawn: Iterable[tuple[Label, Sequence[str]]]) -> tuple[ClassRequest, ...]:
    """Return one request for each label, with all the kinds of shapes that it comes with."""
    kinds: dict[str, list[str]] = {}
    labels: dict[str, Label] = {}
    for label, some in drawn:
        said = repr(label.said())
        labels.setdefault(said, label)
        known = kinds.setdefault(said, [])
        known.extend(kind for kind in some if kind not in known)
    return tuple(ClassRequest(label, tuple(kinds[said])) for said, label in labels.items())
