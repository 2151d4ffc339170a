"""``namedentityrecognition``: stretches of a text, their attributes, and the relations between them.

Offsets count Unicode code points, as in Python, the end exclusive. A label with children can be used itself, and a
relation that names it may start or end at its children too. With ``merge_newlines`` a single line break is shown as a
space; offsets stay as they were. A relation without a name is read back as the first type whose labels fit.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final

from goldsmith.compat.scale_v1.task_types.attributes import Asked, Attributes, read_attributes
from goldsmith.compat.scale_v1.task_types.base import MAX_TEXT, check_common, context_of, instructions_of
from goldsmith.compat.scale_v1.task_types.canned import canned_values
from goldsmith.compat.scale_v1.task_types.identity import color_of, key_of, made_uuid, shown
from goldsmith.compat.scale_v1.task_types.objects import object_ids
from goldsmith.compat.scale_v1.task_types.prelabels import with_prelabel
from goldsmith.compat.scale_v1.task_types.reading import Place, refuse_repeats
from goldsmith.compat.scale_v1.task_types.types import CheckedTask, ItemFacts, Params, PartRequest
from goldsmith.core.annotations import Annotation, Labelling, Relation
from goldsmith.core.geometry import Span
from goldsmith.core.ontology import LabelClass, Ontology, RelationType

MAX_DEPTH: Final = 20
UNNAMED: Final = "related to"


@dataclass(frozen=True)
class EntityLabel:
    """A label of stretches of text.

    Attributes:
        name: As responses tell it.
        path: The names of the labels above it, and its own.
        said: What tells it, and all above it, from others.
    """

    name: str
    display: str
    description: str
    attributes: Attributes
    path: tuple[str, ...]
    said: tuple[Any, ...]

    @property
    def class_id(self) -> str:
        """Its class."""
        return key_of("entity", self.name, list(self.said))

    @property
    def parent_id(self) -> str | None:
        """The class above it."""
        return key_of("entity", self.path[-2], list(self.said[:-1])) if len(self.path) > 1 else None


@dataclass(frozen=True)
class RelationKind:
    """A relation that may be drawn; ``name`` is None where relations have none."""

    name: str | None
    type: RelationType


@dataclass(frozen=True)
class EntityDetail:
    """What is needed to read and write responses."""

    text: str
    labels: dict[str, EntityLabel]
    relations: tuple[RelationKind, ...]


class NamedEntityRecognition:
    """The task type."""

    name = "namedentityrecognition"

    def check(self, params: Params) -> CheckedTask:
        """Read the parameters."""
        task = check_common(params)
        text = task.at("text").text(most=MAX_TEXT)
        task.at("attachment_type").maybe(lambda place: place.one_of(("text",)))
        labels = _read_all_labels(task.at("labels"))
        relations = _read_relations(task.at("relationships"), labels)
        is_merged = task.at("merge_newlines").truth()
        part = PartRequest("text", text=_merged(text) if is_merged else text)
        checked = CheckedTask(
            task_type=self.name,
            parts=(part,),
            context=context_of(task, ()),
            item_kind="text",
            ontology=Ontology(
                classes=[_class_of(label) for label in labels],
                relation_types=[relation.type for relation in relations],
            ),
            class_ids=tuple(label.class_id for label in labels),
            limits={},
            instructions=instructions_of(task, _notes(labels)),
            detail=EntityDetail(text, {label.class_id: label for label in labels}, tuple(relations)),
        )
        item = ItemFacts(len(text), 1, text)
        return with_prelabel(self, checked, task.at("hypothesis").value, item=item)

    def response(self, labelling: Labelling, checked: CheckedTask, item: ItemFacts) -> dict[str, Any]:  # noqa: ARG002
        """Return ``annotations`` and ``relationships``."""
        detail: EntityDetail = checked.detail
        kinds = {kind.type.relation_type_id: kind for kind in detail.relations}
        told = [
            _told(annotation, detail.labels[annotation.class_id], detail.text)
            for annotation in labelling.annotations
            if annotation.class_id in detail.labels
        ]
        ids = {entry["id"] for entry in told}
        relations = [
            _told_relation(relation, kinds[relation.relation_type_id])
            for relation in labelling.relations
            if relation.relation_type_id in kinds and {relation.from_id, relation.to_id} <= ids
        ]
        return {"annotations": told, "relationships": relations}

    def labelling_from(
        self,
        response: Any,
        checked: CheckedTask,
        item: ItemFacts,  # noqa: ARG002
        *,
        where: str = "response",
    ) -> Labelling:
        """Read a response."""
        detail: EntityDetail = checked.detail
        whole = Place(response, where)
        places = whole.at("annotations").required().items()
        ids = object_ids(places, key="id")
        by_name = {label.name: label for label in detail.labels.values()}
        annotations = [
            _read(place, id_, by_name, detail.text) for place, id_ in zip(places, ids, strict=True)
        ]
        classes = {annotation.annotation_id: annotation.class_id for annotation in annotations}
        relations = [_read_relation(place, classes, detail) for place in whole.at("relationships").items()]
        return Labelling(annotations=annotations, relations=relations)

    def canned(self, checked: CheckedTask, item: ItemFacts) -> Labelling:  # noqa: ARG002
        """Return the first word with the first label."""
        detail: EntityDetail = checked.detail
        word = re.search(r"\w+", detail.text) or re.search(r"\S+", detail.text)
        if word is None:
            return Labelling()
        label = next(iter(detail.labels.values()))
        label_class = checked.ontology.find_class(label.class_id)
        return Labelling(
            annotations=[
                Annotation(
                    annotation_id=made_uuid("canned", label.name),
                    class_id=label.class_id,
                    geometry=Span(start=word.start(), end=word.end()),
                    attributes=canned_values(label_class.attributes if label_class else []),
                )
            ]
        )


def _merged(text: str) -> str:
    """Return the text with single line breaks as spaces; as long as before."""
    return re.sub(r"(?<=[^\n])\n(?=[^\n])", " ", text)


def _read_all_labels(place: Place) -> list[EntityLabel]:
    found = [
        label for entry in place.required().items(least=1) for label in _read_label(entry, path=(), said=())
    ]
    refuse_repeats([place] * len(found), [label.name for label in found])
    return found


def _read_label(place: Place, *, path: tuple[str, ...], said: tuple[Any, ...]) -> Iterator[EntityLabel]:
    if len(path) >= MAX_DEPTH:
        raise place.fault(f"is nested deeper than {MAX_DEPTH} levels")
    if isinstance(place.value, str):
        place = Place({"name": place.text()}, place.path)
    name = place.at("name").text()
    display = place.at("display_name").text_or(name) or name
    description = place.at("description").text_or("")
    asked = read_attributes(place.at("attributes"), [name])
    _refuse_links(asked, place.at("attributes"))
    path, said = (*path, name), (*said, (name, display, description))
    yield EntityLabel(name, display, description, Attributes(asked), path, said)
    for child in place.at("children").items():
        yield from _read_label(child, path=path, said=said)


def _refuse_links(asked: list[Asked], place: Place) -> None:
    for entry in asked:
        if entry.is_linked or entry.is_global:
            raise place.at(entry.key).at("type").fault("must be asked of the label itself; see relationships")


def _class_of(label: EntityLabel) -> LabelClass:
    return LabelClass(
        class_id=label.class_id,
        name=shown(label.display),
        color=color_of(label.name),
        parent_id=label.parent_id,
        geometry_kinds=["span"],
        attributes=label.attributes.of_label(label.name, ("span",)),
    )


def _notes(labels: list[EntityLabel]) -> list[str]:
    lines = [f"- **{label.display}**: {label.description}" for label in labels if label.description]
    return ["\n".join(lines)] if lines else []


def _read_relations(place: Place, labels: list[EntityLabel]) -> list[RelationKind]:
    definitions = place.at("definitions") if isinstance(place.value, dict) else place
    entries = definitions.items()
    are_named = {entry.at("name").is_given for entry in entries}
    if len(are_named) > 1:
        raise place.fault("must all have a name, or none of them")
    kinds = [_read_relation_kind(entry, labels) for entry in entries]
    refuse_repeats(entries, [kind.name or kind.type.relation_type_id for kind in kinds])
    return kinds


def _read_relation_kind(place: Place, labels: list[EntityLabel]) -> RelationKind:
    name = place.at("name").maybe(Place.text)
    display = place.at("display_name").text_or(name or UNNAMED) or name or UNNAMED
    is_directed = place.at("is_directed").truth()
    starts = _classes_below(place.at("source_label"), labels)
    ends = _classes_below(place.at("target_label"), labels)
    said = [name, display, is_directed, starts, ends]
    return RelationKind(
        name,
        RelationType(
            relation_type_id=key_of("relation", name or UNNAMED, said),
            name=shown(display),
            is_directed=is_directed,
            from_class_ids=starts,
            to_class_ids=ends,
        ),
    )


def _classes_below(place: Place, labels: list[EntityLabel]) -> list[str]:
    """Return the classes of a label and its children; those of all labels where none is named."""
    name = place.maybe(lambda entry: entry.one_of([label.name for label in labels]))
    return [label.class_id for label in labels if name is None or name in label.path]


def _told(annotation: Annotation, label: EntityLabel, text: str) -> dict[str, Any]:
    start, _, end, _ = annotation.geometry.bounds_xyxy()
    body: dict[str, Any] = {
        "id": annotation.annotation_id,
        "start": int(start),
        "end": int(end),
        "text": text[int(start) : int(end)],
        "label": label.name,
    }
    values = label.attributes.values(annotation.attributes)
    return {**body, "attributes": values} if values else body


def _told_relation(relation: Relation, kind: RelationKind) -> dict[str, Any]:
    ends = {"id": relation.relation_id, "source_ref": relation.from_id, "target_ref": relation.to_id}
    return ends if kind.name is None else {**ends, "name": kind.name}


def _read(place: Place, annotation_id: str, by_name: dict[str, EntityLabel], text: str) -> Annotation:
    label = by_name[place.at("label").one_of(by_name)]
    start = place.at("start").whole(least=0, most=len(text) - 1)
    end = place.at("end").whole(least=start + 1, most=len(text))
    return Annotation(
        annotation_id=annotation_id,
        class_id=label.class_id,
        geometry=Span(start=start, end=end),
        attributes=label.attributes.read_values(place.at("attributes")),
    )


def _read_relation(place: Place, classes: dict[str, str], detail: EntityDetail) -> Relation:
    ends = []
    for key in ("source_ref", "target_ref"):
        id_ = place.at(key).text()
        if id_ not in classes:
            raise place.at(key).fault("must be the id of an annotation")
        ends.append(id_)
    start, end = ends
    if start == end:
        raise place.at("target_ref").fault("must differ from source_ref")
    name = place.at("name").text_or("") or None
    for kind in detail.relations:
        if kind.name == name and kind.type.joins(classes[start], classes[end]):
            relation_id = place.at("id").maybe(lambda entry: entry.text(most=200))
            return Relation(
                relation_id=relation_id or made_uuid("relation", name, start, end),
                relation_type_id=kind.type.relation_type_id,
                from_id=start,
                to_id=end,
            )
    known = [kind.name or "" for kind in detail.relations]
    raise place.at("name").fault(f"must be one of [{', '.join(known)}], between labels that it allows")
