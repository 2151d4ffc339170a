"""The task type.

A label without ``instance_label`` is one region: several objects of it are told, and read back, as one, with the
attributes of the first. Regions above each other are told as they are seen. Ids of objects are not in the format and
follow from label and index. Files stand in the body as ``ResponseFile``; a file of a label is there where it has a
pixel, as on Scale's wire. Attributes are told with their index in the ``labelMapping``. A ``hypothesis`` needs
``labelMapping`` and an indexed image.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any, Final

import numpy as np

from goldsmith.compat.scale_v1.task_types.attributes import Attributes, notes_of, read_attributes
from goldsmith.compat.scale_v1.task_types.base import (
    check_common,
    context_of,
    image_attachment,
    instructions_of,
    read_url,
)
from goldsmith.compat.scale_v1.task_types.canned import canned_values
from goldsmith.compat.scale_v1.task_types.identity import made_uuid
from goldsmith.compat.scale_v1.task_types.labels import Label, read_labels
from goldsmith.compat.scale_v1.task_types.objects import Objects, requests_of
from goldsmith.compat.scale_v1.task_types.prelabels import with_prelabel
from goldsmith.compat.scale_v1.task_types.reading import Place, refuse_repeats
from goldsmith.compat.scale_v1.task_types.segment.encodings import (
    IndexMap,
    color_image,
    extended_indexed_image,
    indexed_image,
    read_index_map,
)
from goldsmith.compat.scale_v1.task_types.segment.mapping import (
    Segmentation,
    mapping_of,
    segmentation_of,
)
from goldsmith.compat.scale_v1.task_types.types import CheckedTask, ItemFacts, Params, ResponseFile
from goldsmith.core.annotations import Annotation, Labelling
from goldsmith.core.geometry import Mask
from goldsmith.core.geometry.raster import mask_of_pixels

KINDS: Final = ("mask", "polygon")
UNLABELED_COLOR: Final = "#000000"


@dataclass(frozen=True)
class SegmentDetail:
    """What is needed to read and write responses.

    Attributes:
        labels: Whether each tells objects apart, in the order of the task.
    """

    labels: dict[str, bool]
    objects: Objects


class SegmentAnnotation:
    """The task type."""

    name = "segmentannotation"

    def check(self, params: Params) -> CheckedTask:
        """Read the parameters."""
        task = check_common(params)
        part = image_attachment(task)
        labels = _read_all_labels(task)
        allow_unlabeled = task.at("allow_unlabeled").truth()
        asked = read_attributes(task.at("annotation_attributes"), [str(label.value) for label in labels])
        objects = Objects(requests_of((label, KINDS) for label in labels), Attributes(asked))
        notes = notes_of(entry for entry in asked if entry.is_linked)
        if not allow_unlabeled:
            notes.append("Label every pixel.")
        checked = CheckedTask(
            task_type=self.name,
            parts=(part,),
            context=context_of(task, (part,)),
            item_kind="image",
            ontology=objects.ontology(),
            class_ids=objects.class_ids,
            limits={},
            instructions=instructions_of(task, notes),
            detail=SegmentDetail({str(label.value): label.is_instance for label in labels}, objects),
        )
        hypothesis = task.at("hypothesis")
        if not hypothesis.is_given:
            return checked
        hypothesis.at("labelMapping").required().mapping()
        return with_prelabel(self, checked, hypothesis.value, files=(read_url(_file_place(hypothesis)),))

    def response(self, labelling: Labelling, checked: CheckedTask, item: ItemFacts) -> dict[str, Any]:
        """Return ``annotations`` with their files, and ``labelMapping``."""
        detail: SegmentDetail = checked.detail
        label_by_class = detail.objects.label_by_class
        drawn = [
            (label_by_class[annotation.class_id], annotation)
            for annotation in labelling.annotations
            if annotation.class_id in label_by_class
        ]
        found = segmentation_of(drawn, detail.labels, item)
        links = detail.objects.links_of(labelling)
        told = {
            entry.index: detail.objects.told_values(entry.annotation, links)
            for entry in found.entries
            if entry.annotation is not None
        }
        body: dict[str, Any] = {
            "annotations": {
                "combined": _combined(found),
                "labeled": _labeled(found),
                "unlabeled": _file("unlabeled", color_image(found.index_map, {0: UNLABELED_COLOR})),
            },
            "labelMapping": mapping_of(found, told),
        }
        if detail.objects.attributes.has_globals:
            body["global_attributes"] = detail.objects.attributes.values(labelling.answers)
        return body

    def labelling_from(
        self, response: Any, checked: CheckedTask, item: ItemFacts, *, where: str = "response"
    ) -> Labelling:
        """Read a response; the bytes of its index image are in ``item.files`` where it names a URL.

        Raises:
            ParameterFault: It does not hold, or the image has another size than the item.
        """
        detail: SegmentDetail = checked.detail
        whole = Place(response, where)
        index_map = _read_image(_file_place(whole), item)
        annotations: list[Annotation] = []
        taken: set[int] = set()
        for label, place in _mapped(whole.at("labelMapping").required(), detail):
            index = place.at("index").whole(least=1)
            if index in taken:
                raise place.at("index").fault("contains a duplicate value")
            taken.add(index)
            mask = _mask(index_map, index)
            if mask is not None:
                annotations.append(
                    Annotation(
                        annotation_id=made_uuid("segment", label, index),
                        class_id=detail.objects.class_of(label, "mask") or "",
                        geometry=mask,
                        attributes=detail.objects.attributes.read_values(place.at("attributes")),
                    )
                )
        answers = detail.objects.attributes.read_values(whole.at("global_attributes"), is_global=True)
        return Labelling(annotations=annotations, answers=answers)

    def canned(self, checked: CheckedTask, item: ItemFacts) -> Labelling:
        """Return the picture in upright stripes, one for each label."""
        detail: SegmentDetail = checked.detail
        count = min(len(detail.objects.class_ids), item.width_px)
        annotations = []
        for number, class_id in enumerate(detail.objects.class_ids[:count]):
            left, right = item.width_px * number // count, item.width_px * (number + 1) // count
            label_class = checked.ontology.find_class(class_id)
            annotations.append(
                Annotation(
                    annotation_id=made_uuid("canned", class_id),
                    class_id=class_id,
                    geometry=Mask(
                        origin_xy=(left, 0),
                        size_wh=(right - left, item.height_px),
                        runs=[0, (right - left) * item.height_px],
                    ),
                    attributes=canned_values(label_class.attributes if label_class else []),
                )
            )
        return Labelling(annotations=annotations, answers=canned_values(checked.ontology.questions))


def _read_all_labels(task: Place) -> list[Label]:
    """Return the labels that may be used: leaves, and folders too where ``allow_parent_labels`` says so."""
    place, instances = task.at("labels"), task.at("instance_labels")
    tops = read_labels(place) if place.is_given or not instances.is_given else []
    older = read_labels(instances) if instances.is_given else []
    with_parents = task.at("allow_parent_labels").truth()
    found = [
        replace(label, children=()) if label.is_folder else label
        for top in tops
        for label in top.walk()
        if with_parents or not label.is_folder
    ]
    found += [
        replace(label, is_instance=True) for top in older for label in top.walk() if not label.is_folder
    ]
    refuse_repeats([place] * len(found), [str(label.value) for label in found])
    return found


def _file(name: str, data: bytes) -> ResponseFile:
    return ResponseFile(f"{name}.png", data)


def _combined(found: Segmentation) -> dict[str, ResponseFile]:
    colors = {entry.index: entry.color for entry in found.entries}
    return {
        "image": _file("image", color_image(found.index_map, colors)),
        "indexedImage": _file("indexed-image", indexed_image(found.index_map)),
        "extendedIndexedImage": _file("extended-indexed-image", extended_indexed_image(found.index_map)),
    }


def _labeled(found: Segmentation) -> dict[str, Any]:
    counts = found.counts()
    told: dict[str, Any] = {}
    for entry in found.entries:
        if counts[entry.index] == 0:
            continue
        file = _file(f"label-{entry.index}", color_image(found.index_map, {entry.index: entry.color}))
        if entry.is_instance:
            told.setdefault(entry.label, []).append(file)
        else:
            told[entry.label] = file
    return told


def _file_place(whole: Place) -> Place:
    """Return the place of the image that is read: the indexed one, or else the extended one."""
    combined = whole.at("annotations").required().at("combined").required()
    indexed, extended = combined.at("indexedImage"), combined.at("extendedIndexedImage")
    return extended if extended.is_given and not indexed.is_given else indexed.required()


def _read_image(place: Place, item: ItemFacts) -> IndexMap:
    is_extended = place.path.endswith("extendedIndexedImage")
    data = place.value.data if isinstance(place.value, ResponseFile) else item.files.get(place.text())
    if data is None:
        raise place.fault("could not be fetched")
    try:
        index_map = read_index_map(data, is_extended=is_extended)
    except ValueError as error:
        raise place.fault(f"is not an index image: {error}") from error
    if index_map.shape != (item.height_px, item.width_px):
        raise place.fault(f"must be {item.width_px} pixels wide and {item.height_px} high, as the image is")
    return index_map


def _mapped(place: Place, detail: SegmentDetail) -> Iterator[tuple[str, Place]]:
    for label, entry in place.entries():
        if label not in detail.labels:
            raise entry.fault("is not allowed")
        yield from ((label, one) for one in (entry.items() if isinstance(entry.value, list) else [entry]))


def _mask(index_map: IndexMap, index: int) -> Mask | None:
    return mask_of_pixels(np.equal(index_map, index))
