"""Writes COCO detection files.

One ``annotations.json``, and ``images/`` when media are given. Image ids count from 1 in the order of the samples,
annotation ids from 1 in the order of the objects, category ids from 1 in the order of the ontology: the same samples
give the same file. How a shape is written is told in ``segments``. Beside the keys of COCO there are ``attributes``,
``score``, ``is_occluded``, ``is_truncated``, ``annotation_id``, ``origin``, ``group_id`` and ``goldsmith`` (the exact
shape, where COCO's keys do not say all of it) on annotations and ``split``, ``group``, ``metadata``, ``answers``,
``item_id`` and ``relations`` (between the objects of the image, by their ``annotation_id``) on images, which other
tools pass over. Annotations come before the images, which are far fewer and wait meanwhile. The document ends with
``goldsmith`` where there is something to tell: ``relation_types`` of the ontology, and ``losses`` with ``examples``,
what the document could not hold.
"""

from __future__ import annotations

import tempfile
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, BinaryIO, Final, Self, cast

import msgspec

from goldsmith.core.annotations import AttributeValue, RelationForm
from goldsmith.core.geometry.boxes import BoxForm
from goldsmith.core.geometry.points import SkeletonForm
from goldsmith.core.geometry.spans import SpanForm
from goldsmith.core.ontology import Ontology
from goldsmith.core.plain import AnyAnnotation, AnyLabelling
from goldsmith.formats.classes import ClassNumbers
from goldsmith.formats.coco.categories import category_json
from goldsmith.formats.coco.reader import CROWD_KEY
from goldsmith.formats.coco.segments import Segment, Segmentation, segment_of
from goldsmith.formats.media import copy_media
from goldsmith.formats.names import NameAllotter
from goldsmith.formats.skeletons import template_of_ids
from goldsmith.formats.targets import FileTarget
from goldsmith.formats.types import LossReport, Sample, WriteContext

ANNOTATIONS_FILE: Final = "annotations.json"
_SPOOL_BYTES: Final = 8 * 2**20
_CHUNK_BYTES: Final = 256 * 1024


class _Relation(msgspec.Struct, gc=False):
    relation_id: str
    relation_type_id: str
    from_id: str
    to_id: str
    score: float | msgspec.UnsetType


class _Image(msgspec.Struct, gc=False):
    id: int
    file_name: str
    width: int
    height: int
    split: str
    group: str
    metadata: Mapping[str, Any]
    answers: dict[str, AttributeValue] | msgspec.UnsetType
    item_id: str | msgspec.UnsetType
    relations: list[_Relation] | msgspec.UnsetType


class _Object(msgspec.Struct, gc=False):
    id: int
    image_id: int
    category_id: int
    bbox: tuple[float, float, float, float]
    area: float
    segmentation: Segmentation
    iscrowd: int
    attributes: dict[str, AttributeValue]
    is_occluded: bool
    is_truncated: bool
    annotation_id: str
    # left + width does not give the right edge back for every float; readers of goldsmith take the corners
    box_xyxy: tuple[float, float, float, float] | msgspec.UnsetType
    score: float | msgspec.UnsetType
    origin: str | msgspec.UnsetType
    group_id: str | msgspec.UnsetType
    keypoints: list[float] | msgspec.UnsetType = msgspec.UNSET
    num_keypoints: int | msgspec.UnsetType = msgspec.UNSET
    goldsmith: msgspec.Raw | msgspec.UnsetType = msgspec.UNSET


class CocoDocument:
    """One document, put together image by image in flat memory; see the module for the conventions.

    Args:
        ontology: Gives the first categories and what is above them, and the types of relations.

    Attributes:
        report: What was written, and what could not be held.
    """

    def __init__(self, ontology: Ontology | None) -> None:
        self.report = LossReport()
        self._classes = ClassNumbers(ontology)
        self._relation_types = ontology.relation_types if ontology else []
        known = ontology.classes if ontology else []
        self._parents = {entry.class_id: entry.parent_id for entry in known}
        self._templates = {entry.class_id: entry.skeleton for entry in known if entry.skeleton is not None}
        self._images = tempfile.SpooledTemporaryFile(max_size=_SPOOL_BYTES)  # noqa: SIM115  closed by ``with``
        self._encode = msgspec.json.Encoder().encode

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._images.close()

    def head(self) -> bytes:
        """Return the start of the document."""
        return (
            b'{"info":{"description":"exported by goldsmith","version":"1.0"},"licenses":[],\n"annotations":['
        )

    def add(
        self,
        file_name: str,
        labelling: AnyLabelling,
        *,
        width_px: int,
        height_px: int,
        metadata: Mapping[str, Any],
        split: str = "",
        group: str = "",
        item_id: str | None = None,
    ) -> bytes:
        """Take the next image and return the part of the document that its objects are."""
        if width_px <= 0 or height_px <= 0:
            self.report.add("unknown_size", file_name)
        crowd = metadata.get(CROWD_KEY)
        if isinstance(crowd, list):
            metadata = {key: value for key, value in metadata.items() if key != CROWD_KEY}
        else:
            crowd = []
        self.report.samples += 1
        image_id = self.report.samples
        every: Sequence[AnyAnnotation] = labelling.annotations
        annotations = [entry for entry in every if not isinstance(entry.geometry, SpanForm)]
        for _ in range(len(every) - len(annotations)):
            self.report.add("spans_left_out", file_name)
        answers, known_id = labelling.answers or msgspec.UNSET, item_id or msgspec.UNSET
        relations = self._relations(labelling.relations, annotations, file_name) or msgspec.UNSET
        image = _Image(
            image_id, file_name, width_px, height_px, split, group, metadata, answers, known_id, relations
        )
        self._images.write((b",\n" if image_id > 1 else b"\n") + self._encode(image))
        if not annotations:
            return b""
        first_id = self.report.annotations + 1
        self.report.annotations += len(annotations)
        size = width_px, height_px
        objects = [
            self._object(
                number, image_id, annotation, int(annotation.annotation_id in crowd), file_name, size
            )
            for number, annotation in enumerate(annotations, start=first_id)
        ]
        return (b",\n" if first_id > 1 else b"\n") + self._encode(objects)[1:-1]

    def tail(self) -> Iterator[bytes]:
        """Yield the rest of the document: images, categories, and what else is to tell."""
        yield b'],\n"images":['
        self._images.seek(0)
        while chunk := self._images.read(_CHUNK_BYTES):
            yield chunk
        categories = [
            category_json(
                number,
                class_id,
                parent_id=self._parents.get(class_id),
                template=self._templates.get(class_id),
            )
            for number, class_id in enumerate(self._classes.class_ids(), start=1)
        ]
        yield b'],\n"categories":' + self._encode(categories)
        own = self._own()
        yield (b',\n"goldsmith":' + self._encode(own) if own else b"") + b"}\n"

    def _own(self) -> dict[str, Any]:
        """Return what COCO has no word for, and what was lost."""
        own: dict[str, Any] = {}
        if self._relation_types:
            own["relation_types"] = [entry.model_dump(mode="json") for entry in self._relation_types]
        if not self.report.is_lossless:
            told = self.report.as_json()
            own |= {"losses": told["losses"], "examples": told["examples"]}
        return own

    def _relations(
        self, relations: Sequence[RelationForm], annotations: Sequence[AnyAnnotation], where: str
    ) -> list[_Relation]:
        """Return the relations between objects that the document holds."""
        if not relations:
            return []
        ids = {entry.annotation_id for entry in annotations}
        kept = [
            _Relation(
                entry.relation_id,
                entry.relation_type_id,
                entry.from_id,
                entry.to_id,
                msgspec.UNSET if entry.score is None else entry.score,
            )
            for entry in relations
            if entry.from_id in ids and entry.to_id in ids
        ]
        if len(kept) < len(relations):
            self.report.add("relations", where)
        return kept

    def _object(
        self,
        number: int,
        image_id: int,
        annotation: AnyAnnotation,
        is_crowd: int,
        where: str,
        size: tuple[int, int],
    ) -> _Object:
        geometry = annotation.geometry
        bounds = left, top, right, bottom = geometry.bounds_xyxy()
        is_box = isinstance(geometry, BoxForm)
        segment = Segment([], geometry.area_px()) if is_box else self._segment(annotation, size, where)
        return _Object(
            number,
            image_id,
            self._classes.number_of(annotation.class_id) + 1,
            (left, top, right - left, bottom - top),
            segment.area_px,
            segment.segmentation,
            is_crowd,
            annotation.attributes,
            annotation.is_occluded,
            annotation.is_truncated,
            annotation.annotation_id,
            bounds if is_box else msgspec.UNSET,
            msgspec.UNSET if annotation.score is None else annotation.score,
            msgspec.UNSET if annotation.origin is None else annotation.origin,
            msgspec.UNSET if annotation.group_id is None else annotation.group_id,
            segment.keypoints,
            segment.labelled,
            segment.own,
        )

    def _segment(self, annotation: AnyAnnotation, size: tuple[int, int], where: str) -> Segment:
        geometry, node_ids = annotation.geometry, []
        if isinstance(geometry, SkeletonForm):
            template = self._templates.get(annotation.class_id)
            if template is None:
                template = template_of_ids([node.node_id for node in geometry.nodes])
                self._templates[annotation.class_id] = template
            node_ids = [node.node_id for node in template.nodes]
        segment = segment_of(geometry, width_px=size[0], height_px=size[1], node_ids=node_ids)
        if segment.loss:
            self.report.add(segment.loss, where)
        return segment


def write_coco(samples: Iterable[Sample], target: FileTarget, context: WriteContext) -> LossReport:
    """Write samples as COCO; see the module for the conventions."""
    names = NameAllotter()
    with (
        CocoDocument(context.ontology) as document,
        tempfile.SpooledTemporaryFile(max_size=_SPOOL_BYTES) as file,
    ):
        report = document.report
        file.write(document.head())
        for sample in samples:
            file_name = names.allot(sample.name)
            if file_name != sample.name:
                report.add("renamed_files", sample.name)
            part = document.add(
                file_name,
                sample.labelling,
                width_px=sample.width,
                height_px=sample.height,
                metadata=sample.metadata,
                split=sample.split,
                group=sample.group,
            )
            file.write(part)
            copy_media(sample, f"images/{file_name}", target, context.media, report)
        for part in document.tail():
            file.write(part)
        file.seek(0)
        target.put(ANNOTATIONS_FILE, cast(BinaryIO, file))
    return report
