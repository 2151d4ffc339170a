"""The older types with one geometry each: ``annotation`` (boxes), ``polygonannotation``, ``lineannotation``, and so on.

Their objects have neither uuid nor type; ids follow from place and content. A ``label`` is told unless ``with_labels``
is false. Cuboids are told by their six vertices alone, and so read back with the hidden edge as perspective has it.
Limits of 0 are none, as in Scale's own defaults. ``splines`` of lines is kept with the task; lines are straight.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

from goldsmith.compat.scale_v1.task_types.attributes import Attributes, notes_of, read_attributes
from goldsmith.compat.scale_v1.task_types.base import (
    check_common,
    context_of,
    image_attachment,
    instructions_of,
    kind_by_ending,
    read_url,
)
from goldsmith.compat.scale_v1.task_types.canned import canned_values
from goldsmith.compat.scale_v1.task_types.cuboids import edges_of, six_vertices
from goldsmith.compat.scale_v1.task_types.drawn import canned_shape
from goldsmith.compat.scale_v1.task_types.identity import made_uuid
from goldsmith.compat.scale_v1.task_types.image import MAX_LIMIT, read_point_limits
from goldsmith.compat.scale_v1.task_types.labels import Label, leaves, read_labels
from goldsmith.compat.scale_v1.task_types.objects import Links, Objects, object_ids, requests_of
from goldsmith.compat.scale_v1.task_types.prelabels import with_prelabel
from goldsmith.compat.scale_v1.task_types.reading import Place
from goldsmith.compat.scale_v1.task_types.shapes import GEOMETRIES, read_shape, shape_fields
from goldsmith.compat.scale_v1.task_types.types import CheckedTask, ItemFacts, Params, PartRequest
from goldsmith.core.annotations import Annotation, Labelling
from goldsmith.core.geometry import Cuboid

_GEOMETRY_OF: Final = {
    "annotation": "box",
    "polygonannotation": "polygon",
    "lineannotation": "line",
    "pointannotation": "point",
    "cuboidannotation": "cuboid",
}


@dataclass(frozen=True)
class LegacyDetail:
    """What is needed to read and write responses."""

    labels: tuple[Label, ...]
    objects: Objects
    with_labels: bool
    with_attributes: bool
    limits: dict[str, int]


@dataclass(frozen=True)
class LegacyAnnotation:
    """A task type with one geometry.

    Attributes:
        name: Of the task type.
        geometry: Of ``imageannotation``.
    """

    name: str
    geometry: str

    def check(self, params: Params) -> CheckedTask:
        """Read the parameters."""
        task = check_common(params)
        part = image_attachment(task)
        labels = read_labels(task.at("objects_to_annotate"))
        found = leaves(labels)
        asked = read_attributes(task.at("annotation_attributes"), [str(label.value) for label in found])
        kinds = GEOMETRIES[self.geometry]
        objects = Objects(requests_of((label, kinds) for label in found), Attributes(asked))
        limits = self._limits(task)
        detail = LegacyDetail(tuple(found), objects, task.at("with_labels").truth(True), bool(asked), limits)
        checked = CheckedTask(
            task_type=self.name,
            parts=(part,),
            context=(*context_of(task, (part,)), *_examples(task.at("examples"))),
            item_kind="image",
            ontology=objects.ontology(),
            class_ids=objects.class_ids,
            limits={kind: dict(limits) for kind in kinds} if limits else {},
            instructions=instructions_of(task, notes_of(entry for entry in asked if entry.is_linked)),
            detail=detail,
        )
        return with_prelabel(self, checked, task.at("hypothesis").value)

    def response(self, labelling: Labelling, checked: CheckedTask, item: ItemFacts) -> dict[str, Any]:  # noqa: ARG002
        """Return ``annotations``."""
        detail: LegacyDetail = checked.detail
        links = detail.objects.links_of(labelling)
        return {
            "annotations": [
                _told(annotation, links, detail)
                for annotation in labelling.annotations
                if annotation.class_id in detail.objects.label_by_class
            ]
        }

    def labelling_from(
        self,
        response: Any,
        checked: CheckedTask,
        item: ItemFacts,  # noqa: ARG002
        *,
        where: str = "response",
    ) -> Labelling:
        """Read a response."""
        detail: LegacyDetail = checked.detail
        places = Place(response, where).at("annotations").required().items()
        ids = object_ids(places)
        annotations = [self._read(place, id_, detail) for place, id_ in zip(places, ids, strict=True)]
        links = [(id_, place.at("attributes")) for place, id_ in zip(places, ids, strict=True)]
        return Labelling(annotations=annotations, relations=detail.objects.read_relations(links))

    def canned(self, checked: CheckedTask, item: ItemFacts) -> Labelling:
        """Return as many objects of the first label as are needed, at least one."""
        detail: LegacyDetail = checked.detail
        label_class = checked.ontology.find_class(detail.objects.class_ids[0])
        shape = canned_shape(GEOMETRIES[self.geometry][0], detail.limits, item)
        return Labelling(
            annotations=[
                Annotation(
                    annotation_id=made_uuid("canned", self.name, number),
                    class_id=detail.objects.class_ids[0],
                    geometry=shape,
                    attributes=canned_values(label_class.attributes if label_class else []),
                )
                for number in range(max(detail.limits.get("min_count", 0), 1))
            ]
        )

    def _limits(self, task: Place) -> dict[str, int]:
        limits: dict[str, int] = {}
        if self.geometry in ("box", "cuboid"):
            for key in ("min_width", "min_height"):
                size = task.at(key).maybe(lambda entry: entry.whole(least=0, most=MAX_LIMIT))
                limits.update({f"{key}_px": size} if size else {})
        if self.geometry in ("polygon", "line"):
            limits.update(read_point_limits(task))
        task.at("splines").truth()
        least = task.at("min_annotations").maybe(lambda entry: entry.whole(least=0, most=MAX_LIMIT)) or 0
        most = task.at("max_annotations").maybe(lambda entry: entry.whole(least=0, most=MAX_LIMIT)) or 0
        if most and most < least:
            raise task.at("max_annotations").fault(f"must be larger than or equal to {least}")
        limits.update({"min_count": least} if least else {})
        limits.update({"max_count": most} if most else {})
        return limits

    def _read(self, place: Place, annotation_id: str, detail: LegacyDetail) -> Annotation:
        label = place.at("label")
        if not label.is_given and len(detail.labels) == 1:
            label = Place(str(detail.labels[0].value), label.path)
        shape = read_shape(self.geometry, place)
        class_id = detail.objects.class_of(label.value, shape.kind)
        if class_id is None:
            label.one_of([str(entry.value) for entry in detail.labels])
            raise place.at("rotation").fault("is not allowed")
        return Annotation(
            annotation_id=annotation_id,
            class_id=class_id,
            geometry=shape,
            attributes=detail.objects.attributes.read_values(place.at("attributes")),
        )


def _told(annotation: Annotation, links: Links, detail: LegacyDetail) -> dict[str, Any]:
    shape = annotation.geometry
    body: dict[str, Any]
    if isinstance(shape, Cuboid):
        body = {"vertices": six_vertices(shape), "edges": edges_of(shape)}
    else:
        body = shape_fields(shape)
    if detail.with_labels:
        body["label"] = detail.objects.label_by_class[annotation.class_id]
    if detail.with_attributes:
        body["attributes"] = detail.objects.told_values(annotation, links)
    return body


def _examples(place: Place) -> tuple[PartRequest, ...]:
    """Return the examples of good and bad labels as context."""
    found = []
    for entry in place.items(most=100):
        url = read_url(entry.at("image").required())
        explanation = entry.at("explanation").text_or("").strip()
        title = "Well labelled" if entry.at("correct").truth() else "Poorly labelled"
        title = f"{title}: {explanation}" if explanation else title
        found.append(PartRequest(kind_by_ending(url, "image"), url=url, title=title))
    return tuple(found)


LEGACY_TYPES: Final = tuple(LegacyAnnotation(name, geometry) for name, geometry in _GEOMETRY_OF.items())
