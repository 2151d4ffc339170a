"""Writes Label Studio's JSON: ``tasks.json``, ``interface.xml`` (the labelling interface) and ``images/`` with media.

Images are named as Label Studio serves local files. What it has no word for stands under ``meta`` of a region and under
``goldsmith`` in the data of a task.
"""

from __future__ import annotations

import itertools
import tempfile
from collections.abc import Iterable, Mapping
from typing import Any, BinaryIO, Final, cast
from urllib.parse import quote
from xml.etree.ElementTree import Element, SubElement, indent, tostring

import msgspec

from goldsmith.core.annotations import Annotation
from goldsmith.core.geometry import Polygon, Skeleton
from goldsmith.core.ontology import Ontology, RelationType
from goldsmith.formats.bridges import joined, parted
from goldsmith.formats.classes import ClassNumbers, class_color
from goldsmith.formats.labelstudio.answers import result_of
from goldsmith.formats.labelstudio.regions import region_of
from goldsmith.formats.labelstudio.relations import relation_json
from goldsmith.formats.losses import count_shape_loss
from goldsmith.formats.markup import holdable
from goldsmith.formats.media import copy_media
from goldsmith.formats.names import NameAllotter
from goldsmith.formats.own import OWN_KEY
from goldsmith.formats.targets import FileTarget
from goldsmith.formats.types import LossReport, Sample, WriteContext, without_spans

TASKS_FILE: Final = "tasks.json"
INTERFACE_FILE: Final = "interface.xml"
_SPOOL_BYTES: Final = 8 * 2**20
_TAGS: Final = {
    "rectangle": "RectangleLabels", "ellipse": "EllipseLabels", "polygon": "PolygonLabels",
    "keypoint": "KeyPointLabels", "brush": "BrushLabels",
}  # fmt: skip


def write_labelstudio(samples: Iterable[Sample], target: FileTarget, context: WriteContext) -> LossReport:
    """Write samples as tasks. Those of unknown size are left out and counted, as shapes are shares of the image."""
    report = LossReport()
    names = NameAllotter()
    classes = ClassNumbers(context.ontology)
    related = context.ontology.relation_types if context.ontology else []
    types = {entry.relation_type_id: entry for entry in related}
    used: set[str] = set()
    encode = msgspec.json.Encoder().encode
    with tempfile.SpooledTemporaryFile(max_size=_SPOOL_BYTES) as file:
        file.write(b"[")
        for given in samples:
            sample = without_spans(given, report)
            if sample.width <= 0 or sample.height <= 0:
                report.add("unknown_size", sample.name)
                continue
            file_name = names.allot(sample.name)
            for annotation in sample.labelling.annotations:
                classes.number_of(annotation.class_id)
            task = _task(sample, file_name, report.samples + 1, used, types, report)
            file.write((b",\n" if report.samples else b"\n") + encode(task))
            copy_media(sample, f"images/{file_name}", target, context.media, report)
            report.samples += 1
            report.annotations += len(sample.labelling.annotations)
        file.write(b"]\n")
        file.seek(0)
        target.put(TASKS_FILE, cast(BinaryIO, file))
    target.put(INTERFACE_FILE, _interface(classes, used, context.ontology))
    return report


def _task(
    sample: Sample,
    file_name: str,
    number: int,
    used: set[str],
    types: Mapping[str, RelationType],
    report: LossReport,
) -> dict[str, Any]:
    results: list[dict[str, Any]] = []
    for annotation in sample.labelling.annotations:
        results += _region(annotation, sample, used, report)
    results += [relation_json(relation, types) for relation in sample.labelling.relations]
    answers = dict(sample.labelling.answers)
    regions = {annotation.annotation_id for annotation in sample.labelling.annotations}
    free = (name for number in itertools.count(1) if (name := f"answer-{number}") not in regions)
    for result_id, (name, value) in zip(free, answers.items(), strict=False):
        control, said = result_of(value)
        results.append(_result(result_id, name, control, said, sample))
    own = {
        "name": sample.name,
        "split": sample.split,
        "group": sample.group,
        "metadata": dict(sample.metadata),
        "answers": answers,
    }
    image = f"/data/local-files/?d={quote(f'images/{file_name}')}"
    return {
        "id": number,
        "data": {"image": image, OWN_KEY: own},
        "annotations": [{"id": number, "was_cancelled": False, "ground_truth": False, "result": results}],
    }


def _region(
    annotation: Annotation, sample: Sample, used: set[str], report: LossReport
) -> list[dict[str, Any]]:
    shape = annotation.geometry
    region = region_of(shape, size=(sample.width, sample.height))
    if isinstance(shape, Skeleton):
        count_shape_loss("skeleton", report, where=sample.name, stand_in="polyline")
    if isinstance(shape, Polygon) and len(parted(joined([shape.rings]))) != len(shape.rings):
        report.add("polygon_holes", sample.name)
    used.add(region.kind)
    kind = f"{region.kind}labels"
    first = _result(
        annotation.annotation_id, region.kind, kind, region.value | {kind: [annotation.class_id]}, sample
    )
    own = {
        "geometry": region.own,
        "annotation_id": annotation.annotation_id,
        "attributes": annotation.attributes or None,
        "is_occluded": annotation.is_occluded or None,
        "is_truncated": annotation.is_truncated or None,
        "score": annotation.score,
        "origin": annotation.origin,
        "group_id": annotation.group_id,
    }
    first["meta"] = {OWN_KEY: {key: value for key, value in own.items() if value is not None}}
    results = [first]
    for name, value in annotation.attributes.items():
        control, said = result_of(value)
        results.append(_result(annotation.annotation_id, name, control, said, sample))
    return results


def _result(region_id: str, name: str, kind: str, value: dict[str, Any], sample: Sample) -> dict[str, Any]:
    return {
        "id": region_id,
        "type": kind,
        "from_name": name,
        "to_name": "image",
        "original_width": sample.width,
        "original_height": sample.height,
        "image_rotation": 0,
        "value": value,
    }


def _interface(classes: ClassNumbers, used: set[str], ontology: Ontology | None) -> bytes:
    """Return the labelling interface that shows the tasks."""
    colors = {entry.class_id: entry.color for entry in ontology.classes} if ontology else {}
    view = Element("View")
    SubElement(view, "Image", {"name": "image", "value": "$image"})
    for kind in sorted(used or {"rectangle"}):
        labels = SubElement(view, _TAGS[kind], {"name": kind, "toName": "image"})
        for number, class_id in enumerate(classes.class_ids()):
            color = colors.get(class_id) or class_color(number)
            SubElement(labels, "Label", {"value": holdable(class_id), "background": color})
    indent(view)
    text: str = tostring(view, encoding="unicode")
    return text.encode() + b"\n"
