"""``imageannotation``: boxes, polygons, lines, points, cuboids and ellipses on one picture.

An upright box of a task with ``can_rotate`` is told with the rotation 0, and a rotation of 0 reads back as an upright
box. ``base_annotations`` are pre-labels like the ``hypothesis``; where both have an object, the hypothesis decides.
``links`` are read like ``annotation_attributes`` of type ``linked``. Camera parameters of cuboids are kept with the
task; no points in space are computed from them.
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
)
from goldsmith.compat.scale_v1.task_types.canned import canned_values
from goldsmith.compat.scale_v1.task_types.drawn import canned_shape
from goldsmith.compat.scale_v1.task_types.identity import made_uuid
from goldsmith.compat.scale_v1.task_types.labels import Label, leaves, read_labels
from goldsmith.compat.scale_v1.task_types.objects import Links, Objects, object_ids, requests_of
from goldsmith.compat.scale_v1.task_types.prelabels import with_prelabel
from goldsmith.compat.scale_v1.task_types.reading import Place
from goldsmith.compat.scale_v1.task_types.shapes import GEOMETRIES, TYPE_OF_KIND, read_shape, shape_fields
from goldsmith.compat.scale_v1.task_types.types import CheckedTask, ItemFacts, Limits, Params
from goldsmith.core.annotations import Annotation, Labelling

_SIZED: Final = ("box", "cuboid")
_POINTED: Final = ("polygon", "line")
MAX_LIMIT: Final = 20_000
"""Cap on stated limits of sizes and counts."""


@dataclass(frozen=True)
class Geometry:
    """What is asked of one geometry.

    Attributes:
        name: As in Scale's API.
        labels: What is drawn with it.
        kinds: The kinds of goldsmith's shapes.
        limits: For each of the kinds.
    """

    name: str
    labels: tuple[Label, ...]
    kinds: tuple[str, ...]
    limits: dict[str, int]
    integer_pixels: bool = False

    @property
    def can_rotate(self) -> bool:
        """Say whether boxes may be turned."""
        return "rotated_box" in self.kinds


@dataclass(frozen=True)
class ImageDetail:
    """What is needed to read and write responses."""

    geometries: dict[str, Geometry]
    objects: Objects


class ImageAnnotation:
    """The task type."""

    name = "imageannotation"

    def check(self, params: Params) -> CheckedTask:
        """Read the parameters."""
        task = check_common(params)
        part = image_attachment(task)
        geometries = _read_geometries(task.at("geometries").required())
        labels = [str(label.value) for entry in geometries.values() for label in leaves(list(entry.labels))]
        asked = read_attributes(task.at("annotation_attributes"), labels, linked=task.at("links"))
        drawn = [
            (label, entry.kinds) for entry in geometries.values() for label in leaves(list(entry.labels))
        ]
        objects = Objects(requests_of(drawn), Attributes(asked))
        checked = CheckedTask(
            task_type=self.name,
            parts=(part,),
            context=context_of(task, (part,)),
            item_kind="image",
            ontology=objects.ontology(),
            class_ids=objects.class_ids,
            limits=_limits_of(geometries),
            instructions=instructions_of(task, notes_of(entry for entry in asked if entry.is_linked)),
            detail=ImageDetail(geometries, objects),
        )
        return with_prelabel(self, checked, _given_labels(task))

    def response(self, labelling: Labelling, checked: CheckedTask, item: ItemFacts) -> dict[str, Any]:  # noqa: ARG002
        """Return ``annotations``, and ``global_attributes`` where some are asked."""
        detail: ImageDetail = checked.detail
        links = detail.objects.links_of(labelling)
        told = [
            _told(annotation, links, detail)
            for annotation in labelling.annotations
            if annotation.class_id in detail.objects.label_by_class
        ]
        body: dict[str, Any] = {"annotations": told}
        if detail.objects.attributes.has_globals:
            body["global_attributes"] = detail.objects.attributes.values(labelling.answers)
        return body

    def labelling_from(
        self,
        response: Any,
        checked: CheckedTask,
        item: ItemFacts,  # noqa: ARG002
        *,
        where: str = "response",
    ) -> Labelling:
        """Read a response."""
        detail: ImageDetail = checked.detail
        whole = Place(response, where)
        places = whole.at("annotations").required().items()
        ids = object_ids(places)
        annotations = [_read(place, id_, detail) for place, id_ in zip(places, ids, strict=True)]
        links = [(id_, place.at("attributes")) for place, id_ in zip(places, ids, strict=True)]
        return Labelling(
            annotations=annotations,
            answers=detail.objects.attributes.read_values(whole.at("global_attributes"), is_global=True),
            relations=detail.objects.read_relations(links),
        )

    def canned(self, checked: CheckedTask, item: ItemFacts) -> Labelling:
        """Return one object of the first label of each geometry."""
        detail: ImageDetail = checked.detail
        annotations = []
        for geometry in detail.geometries.values():
            kind = geometry.kinds[0]
            class_id = detail.objects.class_of(str(leaves(list(geometry.labels))[0].value), kind) or ""
            label_class = checked.ontology.find_class(class_id)
            annotations.append(
                Annotation(
                    annotation_id=made_uuid("canned", geometry.name, class_id),
                    class_id=class_id,
                    geometry=canned_shape(kind, geometry.limits, item),
                    attributes=canned_values(label_class.attributes if label_class else []),
                )
            )
        return Labelling(annotations=annotations, answers=canned_values(checked.ontology.questions))


def _read_geometries(place: Place) -> dict[str, Geometry]:
    found = {}
    for name, entry in place.entries(least=1):
        if name not in GEOMETRIES:
            raise entry.fault("is not allowed")
        found[name] = _read_geometry(name, entry.required())
    return found


def _read_geometry(name: str, place: Place) -> Geometry:
    labels = tuple(read_labels(place.at("objects_to_annotate")))
    limits: dict[str, int] = {}
    if name in _SIZED:
        for key in ("min_width", "min_height"):
            size = place.at(key).maybe(lambda entry: entry.whole(least=0, most=MAX_LIMIT))
            if size:
                limits[f"{key}_px"] = size
    if name in _POINTED:
        limits.update(read_point_limits(place))
    if name == "cuboid":
        for key in ("camera_intrinsics", "camera_rotation_quaternion"):
            for _, number in place.at(key).entries():
                number.number()
        place.at("camera_height").maybe(Place.number)
    if name == "point":
        place.at("x_only").truth()
        place.at("y_only").truth()
    can_rotate = name == "box" and place.at("can_rotate").truth()
    return Geometry(
        name,
        labels,
        kinds=(*GEOMETRIES[name], "rotated_box") if can_rotate else GEOMETRIES[name],
        limits=limits,
        integer_pixels=name == "box" and place.at("integer_pixels").truth(),
    )


def read_point_limits(place: Place) -> dict[str, int]:
    """Read how many vertices a polygon or line has; the least is 1, the most 0 or left out for no limit."""
    least = place.at("min_vertices").maybe(lambda entry: entry.whole(least=0, most=MAX_LIMIT)) or 0
    most = place.at("max_vertices").maybe(lambda entry: entry.whole(least=0, most=MAX_LIMIT)) or 0
    if most and most < least:
        raise place.at("max_vertices").fault(f"must be larger than or equal to {least}")
    limits = {"min_points": least} if least > 1 else {}
    return {**limits, "max_points": most} if most else limits


def _limits_of(geometries: dict[str, Geometry]) -> Limits:
    return {kind: dict(entry.limits) for entry in geometries.values() if entry.limits for kind in entry.kinds}


def _given_labels(task: Place) -> dict[str, Any] | None:
    """Return hypothesis and base annotations as one response; None where there are neither."""
    hypothesis, base = task.at("hypothesis"), task.at("base_annotations")
    if not base.is_given:
        return dict(hypothesis.mapping()) if hypothesis.is_given else None
    under = base.value if isinstance(base.value, list) else base.at("annotations").required().value
    entries = Place(under, "base_annotations").items()
    over = [entry.value for entry in hypothesis.at("annotations").items()]
    known = {entry.get("uuid") for entry in over if isinstance(entry, dict) and entry.get("uuid")}
    kept = [entry.value for entry in entries if entry.at("uuid").value not in known or not known]
    return {**hypothesis.mapping(), "annotations": [*kept, *over]}


def _told(annotation: Annotation, links: Links, detail: ImageDetail) -> dict[str, Any]:
    kind = annotation.geometry.kind
    geometry = detail.geometries[TYPE_OF_KIND[kind]]
    fields = shape_fields(
        annotation.geometry, can_rotate=geometry.can_rotate, integer_pixels=geometry.integer_pixels
    )
    return {
        "uuid": annotation.annotation_id,
        "type": geometry.name,
        "label": detail.objects.label_by_class[annotation.class_id],
        "attributes": detail.objects.told_values(annotation, links),
        **fields,
    }


def _read(place: Place, annotation_id: str, detail: ImageDetail) -> Annotation:
    kind_place = place.at("type")
    if not kind_place.is_given and len(detail.geometries) == 1:
        name = next(iter(detail.geometries))
    else:
        name = kind_place.one_of(tuple(detail.geometries))
    shape = read_shape(name, place)
    label = place.at("label")
    class_id = detail.objects.class_of(label.value, shape.kind)
    if class_id is None:
        label.one_of([str(entry.value) for entry in leaves(list(detail.geometries[name].labels))])
        raise place.at("rotation").fault("is not allowed")
    return Annotation(
        annotation_id=annotation_id,
        class_id=class_id,
        geometry=shape,
        attributes=detail.objects.attributes.read_values(place.at("attributes")),
    )
