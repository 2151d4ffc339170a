"""Writes COCO detection files.

One ``annotations.json``, and ``images/`` when media are given. Image ids count from 1 in the order of the samples,
annotation ids from 1 in the order of the objects, category ids from 1 in the order of the ontology: the same samples
give the same file. A polygon is written as one segmentation and its bounds as ``bbox``; a box has an empty
segmentation. Beside the keys of COCO there are ``attributes``, ``score``, ``is_occluded``, ``is_truncated``,
``annotation_id`` and ``origin`` on annotations and ``split``, ``group``, ``metadata`` and ``answers`` on images, which
other tools pass over.
"""

from __future__ import annotations

import tempfile
from collections.abc import Iterable
from typing import Any, BinaryIO, Final, cast

import msgspec

from goldsmith.core.annotations import Annotation
from goldsmith.core.geometry import Polygon
from goldsmith.core.ontology import Ontology
from goldsmith.formats.classes import ClassNumbers
from goldsmith.formats.coco.reader import CROWD_KEY
from goldsmith.formats.media import copy_media
from goldsmith.formats.names import NameAllotter
from goldsmith.formats.targets import FileTarget
from goldsmith.formats.types import LossReport, MediaReader, Sample

ANNOTATIONS_FILE: Final = "annotations.json"
_SPOOL_BYTES: Final = 8 * 2**20


def write_coco(
    samples: Iterable[Sample], target: FileTarget, *, ontology: Ontology | None, media: MediaReader | None
) -> LossReport:
    """Write samples as COCO; see the module for the conventions."""
    report = LossReport()
    classes = ClassNumbers(ontology)
    names = NameAllotter()
    with _spool() as images, _spool() as annotations:
        for image_id, sample in enumerate(samples, start=1):
            file_name = names.allot(sample.name)
            if sample.width <= 0 or sample.height <= 0:
                report.add("unknown_size", sample.name)
            if file_name != sample.name:
                report.add("renamed_files", sample.name)
            _append(images, _image_record(image_id, file_name, sample), is_first=image_id == 1)
            crowd = set(sample.metadata.get(CROWD_KEY, ()))
            for annotation in sample.labelling.annotations:
                report.annotations += 1
                record = _annotation_record(
                    report.annotations, image_id, classes, annotation, report, sample.name
                )
                record["iscrowd"] = int(annotation.annotation_id in crowd)
                _append(annotations, record, is_first=report.annotations == 1)
            copy_media(sample, f"images/{file_name}", target, media, report)
            report.samples += 1
        with _spool() as document:
            _join(document, images, annotations, classes, ontology)
            target.put(ANNOTATIONS_FILE, cast(BinaryIO, document))
    return report


def _spool() -> tempfile.SpooledTemporaryFile[bytes]:
    return tempfile.SpooledTemporaryFile(max_size=_SPOOL_BYTES)


def _append(file: tempfile.SpooledTemporaryFile[bytes], record: dict[str, Any], *, is_first: bool) -> None:
    file.write(b"\n" if is_first else b",\n")
    file.write(msgspec.json.encode(record))


def _image_record(image_id: int, file_name: str, sample: Sample) -> dict[str, Any]:
    metadata = {key: value for key, value in sample.metadata.items() if key != CROWD_KEY}
    record: dict[str, Any] = {
        "id": image_id,
        "file_name": file_name,
        "width": sample.width,
        "height": sample.height,
        "split": sample.split,
        "group": sample.group,
        "metadata": metadata,
    }
    if sample.labelling.answers:
        record["answers"] = sample.labelling.answers
    return record


def _annotation_record(
    number: int, image_id: int, classes: ClassNumbers, annotation: Annotation, report: LossReport, where: str
) -> dict[str, Any]:
    left, top, right, bottom = annotation.geometry.bounds_xyxy()
    segmentation: list[list[float]] = []
    area = annotation.geometry.area_px()
    if isinstance(annotation.geometry, Polygon):
        outer, *holes = annotation.geometry.rings
        segmentation = [[value for point in outer for value in point]]
        if holes:
            report.add("polygon_holes", where)
    record: dict[str, Any] = {
        "id": number,
        "image_id": image_id,
        "category_id": classes.number_of(annotation.class_id) + 1,
        "bbox": [left, top, right - left, bottom - top],
        "area": area,
        "segmentation": segmentation,
        "attributes": annotation.attributes,
        "is_occluded": annotation.is_occluded,
        "is_truncated": annotation.is_truncated,
        "annotation_id": annotation.annotation_id,
    }
    if not segmentation:
        # left + width does not give the right edge back for every float; readers of goldsmith take the corners
        record["box_xyxy"] = annotation.geometry.bounds_xyxy()
    if annotation.score is not None:
        record["score"] = annotation.score
    if annotation.origin is not None:
        record["origin"] = annotation.origin
    return record


def _join(
    document: tempfile.SpooledTemporaryFile[bytes],
    images: tempfile.SpooledTemporaryFile[bytes],
    annotations: tempfile.SpooledTemporaryFile[bytes],
    classes: ClassNumbers,
    ontology: Ontology | None,
) -> None:
    parents = {entry.class_id: entry.parent_id for entry in ontology.classes} if ontology else {}
    categories = [
        {"id": number, "name": class_id, "supercategory": parents.get(class_id) or ""}
        for number, class_id in enumerate(classes.class_ids(), start=1)
    ]
    document.write(
        b'{"info":{"description":"exported by goldsmith","version":"1.0"},"licenses":[],\n"categories":'
    )
    document.write(msgspec.json.encode(categories))
    for key, part in ((b"images", images), (b"annotations", annotations)):
        document.write(b',\n"' + key + b'":[')
        part.seek(0)
        while chunk := part.read(2**20):
            document.write(chunk)
        document.write(b"]")
    document.write(b"}\n")
    document.seek(0)
