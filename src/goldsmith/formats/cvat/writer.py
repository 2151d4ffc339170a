"""Writes CVAT for images 1.1: ``annotations.xml``, and ``images/`` when media are given.

What CVAT has no word for stands in attributes that it passes over: ``goldsmith_id``, ``goldsmith_group``,
``truncated``, ``score`` and ``origin`` of shapes, and group, metadata and answers of an image under ``goldsmith``.
Labels come before the images, and are known only after them; the images wait in a file meanwhile.
"""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterable, Iterator
from typing import BinaryIO, Final, cast
from xml.sax.saxutils import escape, quoteattr

import msgspec

from goldsmith.core.annotations import Annotation, AttributeValue
from goldsmith.core.geometry import NodeState, Polygon, Skeleton
from goldsmith.formats.bridges import joined, parted
from goldsmith.formats.classes import ClassNumbers
from goldsmith.formats.cvat.attributes import value_text
from goldsmith.formats.cvat.labels import meta_of
from goldsmith.formats.cvat.shapes import points_text, shape_attributes
from goldsmith.formats.cvat.tags import tags_of
from goldsmith.formats.markup import holdable
from goldsmith.formats.media import copy_media
from goldsmith.formats.names import NameAllotter
from goldsmith.formats.own import OWN_KEY
from goldsmith.formats.targets import FileTarget
from goldsmith.formats.types import LossReport, Sample, WriteContext

ANNOTATIONS_FILE: Final = "annotations.xml"
_SPOOL_BYTES: Final = 8 * 2**20
_HEAD: Final = b'<?xml version="1.0" encoding="utf-8"?>\n<annotations>\n  <version>1.1</version>\n  '


def write_cvat(samples: Iterable[Sample], target: FileTarget, context: WriteContext) -> LossReport:
    """Write samples as CVAT for images; see the module for the conventions."""
    report = LossReport()
    classes = ClassNumbers(context.ontology)
    names = NameAllotter()
    with (
        tempfile.SpooledTemporaryFile(max_size=_SPOOL_BYTES) as images,
        tempfile.SpooledTemporaryFile(max_size=_SPOOL_BYTES) as file,
    ):
        for sample in samples:
            file_name = names.allot(sample.name)
            if file_name != sample.name:
                report.add("renamed_files", sample.name)
            if sample.width <= 0 or sample.height <= 0:
                report.add("unknown_size", sample.name)
            for part in _ImageWriter(sample, report, classes).parts(file_name, report.samples):
                images.write(part.encode())
            copy_media(sample, f"images/{file_name}", target, context.media, report)
            report.samples += 1
            report.annotations += len(sample.labelling.annotations)
        file.write(_HEAD + meta_of(context.ontology, classes.class_ids()))
        images.seek(0)
        shutil.copyfileobj(images, file)
        file.write(b"</annotations>\n")
        file.seek(0)
        target.put(ANNOTATIONS_FILE, cast(BinaryIO, file))
    return report


class _ImageWriter:
    """Writes one image."""

    def __init__(self, sample: Sample, report: LossReport, classes: ClassNumbers) -> None:
        self._sample = sample
        self._report = report
        self._classes = classes
        self._groups: dict[str, str] = {}

    def parts(self, file_name: str, number: int) -> Iterator[str]:
        """Yield the text of the ``image`` element."""
        sample = self._sample
        values = {"id": str(number), "name": file_name}
        if sample.split:
            values["subset"] = sample.split
        values |= {"width": str(sample.width), "height": str(sample.height)}
        answers = dict(sample.labelling.answers)
        own = {"group": sample.group, "metadata": dict(sample.metadata), "answers": answers}
        kept = {key: value for key, value in own.items() if value}
        if kept:
            values[OWN_KEY] = msgspec.json.encode(kept).decode()
        yield f"  <image{self._values(values)}>\n"
        for place, annotation in enumerate(sample.labelling.annotations):
            yield from self._object(annotation, place)
        for label, attributes in tags_of(answers):
            yield f"    <tag{self._values({'label': label, 'source': 'file'})}>\n"
            yield from self._attributes(attributes)
            yield "    </tag>\n"
        yield "  </image>\n"

    def _object(self, annotation: Annotation, place: int) -> Iterator[str]:
        self._classes.number_of(annotation.class_id)
        shape = annotation.geometry
        tag, where = shape_attributes(shape)
        if isinstance(shape, Polygon) and len(parted(joined([shape.rings]))) != len(shape.rings):
            self._report.add("polygon_holes", self._sample.name)
        values = {"label": annotation.class_id, "source": "file"}
        values["occluded"] = str(int(annotation.is_occluded))
        values |= where
        values["z_order"] = str(place)
        if annotation.group_id is not None:
            values["group_id"] = self._groups.setdefault(annotation.group_id, str(len(self._groups) + 1))
            values["goldsmith_group"] = annotation.group_id
        values["goldsmith_id"] = annotation.annotation_id
        if annotation.is_truncated:
            values["truncated"] = "1"
        if annotation.score is not None:
            values["score"] = repr(annotation.score)
        if annotation.origin is not None:
            values["origin"] = annotation.origin
        yield f"    <{tag}{self._values(values)}>\n"
        if isinstance(shape, Skeleton):
            yield from self._nodes(shape)
        yield from self._attributes(annotation.attributes)
        yield f"    </{tag}>\n"

    def _nodes(self, skeleton: Skeleton) -> Iterator[str]:
        for node in skeleton.nodes:
            values = {
                "label": node.node_id,
                "source": "file",
                "outside": str(int(node.state is NodeState.OUTSIDE)),
                "occluded": str(int(node.state is NodeState.OCCLUDED)),
                "points": points_text([node.at]),
            }
            yield f"      <points{self._values(values)}>\n      </points>\n"

    def _attributes(self, attributes: dict[str, AttributeValue]) -> Iterator[str]:
        for name, value in attributes.items():
            text, kind = value_text(value)
            self._check(value)
            values = {"name": name} | ({"kind": kind} if kind else {})
            inside = escape(text, {"\r": "&#13;"})
            yield f"      <attribute{self._values(values)}>{inside}</attribute>\n"

    def _check(self, value: AttributeValue) -> None:
        texts = value if isinstance(value, list) else [value] if isinstance(value, str) else []
        if any(holdable(text) != text for text in texts):
            self._report.add("trimmed_texts", self._sample.name)

    def _values(self, values: dict[str, str]) -> str:
        kept = {key: holdable(value) for key, value in values.items()}
        if kept != values:
            self._report.add("trimmed_texts", self._sample.name)
        return "".join(f" {key}={quoteattr(value)}" for key, value in kept.items())
