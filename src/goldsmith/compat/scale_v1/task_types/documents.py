"""``documenttranscription``: boxes on a page, each with the text that is in it.

A feature of type ``text`` must be transcribed, a ``block`` or ``table`` may be; a ``group`` is a folder of features,
and objects of its features can be linked: ``refs`` are the uuids that an object leads to. With ``relationships`` such
links have types, told as ``relationships`` too. ``labels`` are features of type ``text``. With ``geometry``
``polygon`` regions are polygons.

Attachments are pictures, or files of pages such as PDF. ``page`` counts the pages of all attachments in order, from 0;
places are pixels of that page, whose size ``document_pages`` of the task tells. Pre-labels may say ``document_pages``
themselves, where their places are in pages of other sizes.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Final

from goldsmith.compat.scale_v1.task_types.base import (
    MAX_ATTACHMENTS,
    check_common,
    context_of,
    instructions_of,
    read_url,
)
from goldsmith.compat.scale_v1.task_types.canned import canned_values
from goldsmith.compat.scale_v1.task_types.drawn import canned_shape
from goldsmith.compat.scale_v1.task_types.identity import color_of, key_of, made_uuid, shown
from goldsmith.compat.scale_v1.task_types.labels import MAX_DEPTH
from goldsmith.compat.scale_v1.task_types.objects import object_ids, relation_of
from goldsmith.compat.scale_v1.task_types.paper import Paper, on_page
from goldsmith.compat.scale_v1.task_types.prelabels import with_prelabel
from goldsmith.compat.scale_v1.task_types.reading import Place, refuse_repeats
from goldsmith.compat.scale_v1.task_types.shapes import box_fields, read_shape, vertices_of
from goldsmith.compat.scale_v1.task_types.types import (
    CheckedTask,
    ItemFacts,
    Params,
    PartRequest,
)
from goldsmith.core.annotations import Annotation, Labelling, Relation
from goldsmith.core.geometry import Box, Polygon
from goldsmith.core.ontology import Attribute, AttributeKind, LabelClass, Ontology, RelationType
from goldsmith.items.api import MAX_PARTS, PageArea

_TYPES: Final = ("text", "block", "table", "group")
REFERS: Final = "refers to"


@dataclass(frozen=True)
class Feature:
    """What is found on a page.

    Attributes:
        label: As responses tell it.
        type: text, block or table.
        groups: Titles of the groups it lies in, outermost first.
        notes: Flags, as labelers are told them.
    """

    label: str
    type: str
    title: str
    groups: tuple[str, ...]
    notes: str


@dataclass(frozen=True)
class DocumentDetail:
    """What is needed to read and write responses.

    Attributes:
        features: By class id.
        relations: By name; one without a name where only ``refs`` are told.
        text_ids: The attribute that holds the text, by class id.
    """

    geometry: str
    features: dict[str, Feature]
    relations: dict[str | None, RelationType]
    text_ids: dict[str, str]


class DocumentTranscription:
    """The task type."""

    name = "documenttranscription"

    def check(self, params: Params) -> CheckedTask:
        """Read the parameters."""
        task = check_common(params)
        parts = _attachments(task)
        geometry = task.at("geometry").one_of(("box", "polygon")) if task.at("geometry").is_given else "box"
        task.at("lang").maybe(Place.text)
        features = _read_all_features(task)
        classes = _classes_of(features, geometry)
        leaves = [entry for entry in classes if entry.attributes]
        relations = _read_relations(task.at("relationships"), features, leaves)
        checked = CheckedTask(
            task_type=self.name,
            parts=parts,
            context=context_of(task, parts),
            item_kind="pages",
            ontology=Ontology(classes=classes, relation_types=list(relations.values())),
            class_ids=tuple(entry.class_id for entry in leaves),
            limits={},
            instructions=instructions_of(task),
            detail=DocumentDetail(
                geometry,
                {entry.class_id: feature for entry, feature in zip(leaves, features, strict=True)},
                relations,
                {entry.class_id: entry.attributes[0].attribute_id for entry in leaves},
            ),
        )
        return with_prelabel(self, checked, task.at("hypothesis").value)

    def response(self, labelling: Labelling, checked: CheckedTask, item: ItemFacts) -> dict[str, Any]:
        """Return ``annotations``, and ``relationships`` where some are asked."""
        detail: DocumentDetail = checked.detail
        known = [annotation for annotation in labelling.annotations if annotation.class_id in detail.features]
        ids = {annotation.annotation_id for annotation in known}
        names = {kind.relation_type_id: name for name, kind in detail.relations.items()}
        relations = [
            relation
            for relation in labelling.relations
            if relation.relation_type_id in names and {relation.from_id, relation.to_id} <= ids
        ]
        refs: dict[str, list[str]] = {}
        for relation in relations:
            refs.setdefault(relation.from_id, []).append(relation.to_id)
        body: dict[str, Any] = {
            "annotations": [
                _told(annotation, refs.get(annotation.annotation_id, []), detail, item.pages)
                for annotation in known
            ]
        }
        if any(name is not None for name in detail.relations):
            body["relationships"] = [
                _told_relation(entry, names[entry.relation_type_id]) for entry in relations
            ]
        return body

    def labelling_from(
        self,
        response: Any,
        checked: CheckedTask,
        item: ItemFacts,
        *,
        where: str = "response",
    ) -> Labelling:
        """Read a response; where it has ``relationships``, ``refs`` are left aside.

        Nothing is kept of what lies beyond its page.
        """
        detail: DocumentDetail = checked.detail
        whole = Place(response, where)
        places = whole.at("annotations").required().items()
        ids = object_ids(places)
        by_label = {feature.label: class_id for class_id, feature in detail.features.items()}
        paper = Paper(item.pages, _stated_sizes(whole.at("document_pages")))
        read = [_read(place, id_, by_label, detail, paper) for place, id_ in zip(places, ids, strict=True)]
        relationships = whole.at("relationships")
        if relationships.is_given:
            relations = [_read_relation(place, ids, detail) for place in relationships.items()]
        else:
            relations = [
                relation
                for place, id_ in zip(places, ids, strict=True)
                for relation in _read_refs(place.at("refs"), id_, ids, detail)
            ]
        kept = {annotation.annotation_id: annotation for annotation in read if annotation is not None}
        ends = [entry for entry in relations if entry.from_id in kept and entry.to_id in kept]
        return Labelling(annotations=list(kept.values()), relations=ends)

    def canned(self, checked: CheckedTask, item: ItemFacts) -> Labelling:
        """Return one object of each feature."""
        detail: DocumentDetail = checked.detail
        annotations = []
        for class_id in detail.features:
            label_class = checked.ontology.find_class(class_id)
            annotations.append(
                Annotation(
                    annotation_id=made_uuid("canned", class_id),
                    class_id=class_id,
                    geometry=canned_shape(detail.geometry, {}, item),
                    attributes=canned_values(label_class.attributes if label_class else []),
                )
            )
        return Labelling(annotations=annotations)


def _attachments(task: Place) -> tuple[PartRequest, ...]:
    several = task.at("attachments")
    places = (
        several.items(least=1, most=MAX_ATTACHMENTS)
        if several.is_given
        else [task.at("attachment").required()]
    )
    urls = [read_url(place) for place in places]
    refuse_repeats(places, urls)
    return tuple(PartRequest("image", url=url) for url in urls)


def _read_all_features(task: Place) -> list[Feature]:
    labels, stated = task.at("labels"), task.at("features")
    features = []
    if stated.is_given or not labels.is_given:
        for entry in stated.required().items(least=1):
            features += list(_read_feature(entry, ()))
    features += [Feature(label.text(), "text", label.text(), (), "") for label in labels.items()]
    if not features:
        raise stated.fault("must contain at least 1 items")
    refuse_repeats([stated] * len(features), [feature.label for feature in features])
    return features


def _read_feature(place: Place, groups: tuple[str, ...]) -> Iterator[Feature]:
    if len(groups) > MAX_DEPTH:
        raise place.fault(f"is nested deeper than {MAX_DEPTH} levels")
    kind = place.at("type").one_of(_TYPES)
    flags = [entry.text() for entry in place.at("flags").items()]
    if kind == "group":
        title = place.at("title").text()
        for entry in place.at("features").required().items(least=1):
            yield from _read_feature(entry, (*groups, title))
        return
    label = place.at("label").text()
    yield Feature(label, kind, place.at("title").text_or(label) or label, groups, ", ".join(flags))


def _classes_of(features: Sequence[Feature], geometry: str) -> list[LabelClass]:
    classes: dict[str, LabelClass] = {}
    for feature in features:
        for depth in range(1, len(feature.groups) + 1):
            class_id = _group_id(feature.groups[:depth], geometry)
            classes[class_id] = LabelClass(
                class_id=class_id,
                name=shown(feature.groups[depth - 1]),
                color=color_of(feature.groups[depth - 1]),
                parent_id=_group_id(feature.groups[: depth - 1], geometry) if depth > 1 else None,
                geometry_kinds=[geometry],
            )
        said = [feature.label, feature.type, feature.title, list(feature.groups), feature.notes, geometry]
        class_id = key_of("feature", feature.label, said)
        classes[class_id] = LabelClass(
            class_id=class_id,
            name=shown(feature.title),
            color=color_of(feature.label),
            parent_id=_group_id(feature.groups, geometry) if feature.groups else None,
            geometry_kinds=[geometry],
            attributes=[_text_of(feature)],
        )
    return list(classes.values())


def _group_id(groups: Sequence[str], geometry: str) -> str:
    return key_of("group", groups[-1], [list(groups), geometry])


def _text_of(feature: Feature) -> Attribute:
    is_required = feature.type == "text"
    return Attribute(
        attribute_id=key_of("attribute", "text", [is_required, feature.notes]),
        name="text",
        kind=AttributeKind.TEXT,
        is_required=is_required,
        description=feature.notes[:2000],
    )


def _read_relations(
    place: Place, features: Sequence[Feature], classes: Sequence[LabelClass]
) -> dict[str | None, RelationType]:
    if not place.is_given:
        grouped = [entry.class_id for entry in classes if entry.parent_id is not None]
        return {None: _relation_type(REFERS, None, True, grouped, grouped)} if grouped else {}
    labels = [feature.label for feature in features]
    found: dict[str | None, RelationType] = {}
    for entry in place.items(least=1):
        name = entry.at("name").text()
        if name in found:
            raise entry.at("name").fault("contains a duplicate value")
        ends = []
        for key in ("source_label", "target_label"):
            label = entry.at(key).maybe(lambda stated: stated.one_of(labels))
            ends.append(
                [one.class_id for one, other in zip(classes, labels, strict=True) if label in (None, other)]
            )
        display = entry.at("display_name").text_or(name) or name
        found[name] = _relation_type(display, name, entry.at("is_directed").truth(), *ends)
    return found


def _relation_type(
    display: str, name: str | None, is_directed: bool, starts: list[str], ends: list[str]
) -> RelationType:
    return RelationType(
        relation_type_id=key_of("relation", name or REFERS, [name, display, is_directed, starts, ends]),
        name=shown(display),
        is_directed=is_directed,
        from_class_ids=starts,
        to_class_ids=ends,
    )


def _told(
    annotation: Annotation, refs: list[str], detail: DocumentDetail, pages: Sequence[PageArea]
) -> dict[str, Any]:
    number, shape = on_page(annotation.geometry, pages)
    location: dict[str, Any] = {"type": detail.geometry}
    if isinstance(shape, Box):
        location.update(box_fields(shape))
    elif isinstance(shape, Polygon):
        location["vertices"] = vertices_of(shape.rings[0])
    body: dict[str, Any] = {
        "uuid": annotation.annotation_id,
        "page": number,
        "label": detail.features[annotation.class_id].label,
    }
    text = annotation.attributes.get(detail.text_ids[annotation.class_id])
    return {**body, **({} if text is None else {"text": text}), "location": location, "refs": refs}


def _told_relation(relation: Relation, name: str | None) -> dict[str, Any]:
    return {
        "id": relation.relation_id,
        "source_ref": relation.from_id,
        "target_ref": relation.to_id,
        "name": name,
    }


def _stated_sizes(place: Place) -> list[tuple[float, float]]:
    return [
        (entry.at("width").number(least=1), entry.at("height").number(least=1))
        for entry in place.items(most=MAX_PARTS)
    ]


def _read(
    place: Place, annotation_id: str, by_label: dict[str, str], detail: DocumentDetail, paper: Paper
) -> Annotation | None:
    class_id = by_label[place.at("label").one_of(by_label)]
    number = place.at("page").maybe(lambda entry: entry.whole(least=0, most=paper.last)) or 0
    location = place.at("location").required()
    location.at("type").maybe(lambda entry: entry.one_of((detail.geometry,)))
    text = place.at("text").maybe(lambda entry: entry.text(is_empty_fine=True))
    shape = read_shape(detail.geometry, location)
    if shape.kind != detail.geometry:
        raise location.at("rotation").fault("is not allowed")
    placed = paper.in_plane(shape, number)
    if placed is None:
        return None
    return Annotation(
        annotation_id=annotation_id,
        class_id=class_id,
        geometry=placed,
        attributes={} if text is None else {detail.text_ids[class_id]: text},
    )


def _read_refs(place: Place, from_id: str, ids: Sequence[str], detail: DocumentDetail) -> Iterator[Relation]:
    kind = next(iter(detail.relations.values()), None)
    for entry in place.items():
        to_id = entry.text()
        if kind is None or to_id not in ids or to_id == from_id:
            raise entry.fault("must be the uuid of another annotation of a group")
        yield relation_of(kind.relation_type_id, from_id, to_id)


def _read_relation(place: Place, ids: Sequence[str], detail: DocumentDetail) -> Relation:
    kind = detail.relations[place.at("name").one_of([name for name in detail.relations if name is not None])]
    start, end = place.at("source_ref").one_of(ids), place.at("target_ref").one_of(ids)
    if start == end:
        raise place.at("target_ref").fault("must differ from source_ref")
    made = relation_of(kind.relation_type_id, start, end)
    stated = place.at("id").maybe(lambda entry: entry.text(most=200))
    return made if stated is None else made.model_copy(update={"relation_id": stated})
