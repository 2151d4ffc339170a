"""Writes Pascal VOC files: ``Annotations/``, ``ImageSets/Main/``, and ``JPEGImages/`` with media.

Pixels count from 1 and both ends are inside (see ``reader``): a box here ``[left, top, right, bottom]`` is written as
``left + 1, top + 1, right, bottom``, rounded to whole pixels and at least one pixel large. Folders in names are joined
by ``__``, as VOC has flat folders.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final
from xml.etree.ElementTree import Element, SubElement, indent, tostring

from goldsmith.core.annotations import Annotation, AttributeValue
from goldsmith.core.geometry.measures import Bounds
from goldsmith.formats.losses import count_object_losses, count_sample_losses, count_shape_loss
from goldsmith.formats.markup import holdable
from goldsmith.formats.media import copy_media
from goldsmith.formats.names import NameAllotter, safe_name, split_extension
from goldsmith.formats.shapes import bounds_in_image
from goldsmith.formats.targets import FileTarget
from goldsmith.formats.types import Capabilities, LossReport, Sample, WriteContext

HELD: Final = Capabilities(
    geometry_kinds=frozenset({"box"}), has_attributes=True, has_flags=True, has_splits=True
)


def write_voc(samples: Iterable[Sample], target: FileTarget, context: WriteContext) -> LossReport:
    """Write samples as Pascal VOC; see the module for the conventions. The classes are in the files by name."""
    report = LossReport()
    names = NameAllotter(is_flat=True)
    splits: dict[str, list[str]] = {}
    for sample in samples:
        file_name = names.allot(sample.name)
        if file_name != sample.name:
            report.add("renamed_files", sample.name)
        if sample.width <= 0 or sample.height <= 0:
            report.add("unknown_size", sample.name)
        stem = split_extension(file_name)[0]
        target.put(f"Annotations/{stem}.xml", _document(sample, file_name, report))
        copy_media(sample, f"JPEGImages/{file_name}", target, context.media, report)
        count_sample_losses(sample, report)
        if sample.split:
            splits.setdefault(safe_name(sample.split).replace("/", "_"), []).append(stem)
        report.samples += 1
    for split, stems in sorted(splits.items()):
        target.put(f"ImageSets/Main/{split}.txt", "".join(f"{stem}\n" for stem in stems).encode())
    return report


def _document(sample: Sample, file_name: str, report: LossReport) -> bytes:
    root = Element("annotation")
    _add(root, "folder", "JPEGImages")
    _add(root, "filename", file_name)
    _add(SubElement(root, "source"), "annotation", "goldsmith")
    size = SubElement(root, "size")
    _add(size, "width", str(sample.width))
    _add(size, "height", str(sample.height))
    _add(size, "depth", "3")
    _add(root, "segmented", "0")
    for annotation in sample.labelling.annotations:
        corners = bounds_in_image(annotation.geometry, width=sample.width, height=sample.height)
        kind = annotation.geometry.kind
        if kind != "box" or corners is None:
            count_shape_loss(kind, report, where=sample.name, stand_in=None if corners is None else "box")
        if corners is not None:
            _add_object(root, annotation, corners, sample, report)
            report.annotations += 1
    indent(root)
    document: bytes = tostring(root, encoding="utf-8", xml_declaration=True)
    return document + b"\n"


def _add_object(
    root: Element, annotation: Annotation, corners: Bounds, sample: Sample, report: LossReport
) -> None:
    element = SubElement(root, "object")
    _add(element, "name", _clean(annotation.class_id, sample, report))
    attributes = dict(annotation.attributes)
    pose = attributes.get("pose")
    if isinstance(pose, str) and pose == pose.strip() and pose.lower() not in ("", "unspecified", "unknown"):
        _add(element, "pose", _clean(pose, sample, report))
        del attributes["pose"]
    else:
        _add(element, "pose", "Unspecified")
    _add(element, "truncated", str(int(annotation.is_truncated)))
    _add(element, "difficult", "1" if attributes.get("difficult") is True else "0")
    if attributes.get("difficult") is True:
        del attributes["difficult"]
    _add(element, "occluded", str(int(annotation.is_occluded)))
    _add_box(element, corners, sample, report)
    if attributes:
        holder = SubElement(element, "attributes")
        for name, value in sorted(attributes.items()):
            _add_attribute(holder, name, value, sample, report)
    count_object_losses(annotation, HELD, report, where=sample.name)


def _add_box(element: Element, corners: Bounds, sample: Sample, report: LossReport) -> None:
    left, top, right, bottom = (round(value) for value in corners)
    right, bottom = max(right, left + 1), max(bottom, top + 1)
    if (left, top, right, bottom) != corners:
        report.add("rounded_boxes", sample.name)
    box = SubElement(element, "bndbox")
    for key, value in (("xmin", left + 1), ("ymin", top + 1), ("xmax", right), ("ymax", bottom)):
        _add(box, key, str(value))


def _add_attribute(
    holder: Element, name: str, value: AttributeValue, sample: Sample, report: LossReport
) -> None:
    entry = SubElement(holder, "attribute")
    _add(entry, "name", _clean(name, sample, report))
    if isinstance(value, bool):
        _add(entry, "value", "true" if value else "false")
    elif isinstance(value, list):
        entry.set("kind", "list")
        for word in value:
            _add(entry, "value", _clean(word, sample, report))
    elif isinstance(value, str):
        entry.set("kind", "text")
        _add(entry, "value", _clean(value, sample, report))
    else:
        entry.set("kind", "number")
        _add(entry, "value", repr(float(value)))


def _add(parent: Element, tag: str, text: str) -> None:
    SubElement(parent, tag).text = text


def _clean(text: str, sample: Sample, report: LossReport) -> str:
    """Return a text that XML can hold and that reading gives back; what is lost is counted."""
    kept = holdable(text).replace("\r", "").strip()
    if kept != text:
        report.add("trimmed_texts", sample.name)
    return kept or "_"
