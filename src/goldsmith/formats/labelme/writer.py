"""Writes LabelMe files: below ``labelme/``, a JSON file for each image, and the image beside it when media are given.

Attributes that are true or false are flags of the shape, ``description`` is its description; all attributes, and what
LabelMe has no word for, stand under keys that it keeps. Groups are numbered, as LabelMe wants numbers.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Final

import msgspec

from goldsmith.core.annotations import Annotation
from goldsmith.core.geometry import Polygon
from goldsmith.formats.bridges import parted
from goldsmith.formats.labelme.reader import DESCRIPTION, OwnSample
from goldsmith.formats.labelme.shapes import stand_in_of
from goldsmith.formats.media import copy_media
from goldsmith.formats.names import NameAllotter, split_extension
from goldsmith.formats.targets import FileTarget
from goldsmith.formats.types import LossReport, Sample, WriteContext

FOLDER: Final = "labelme"
_VERSION: Final = "5.5.0"


def write_labelme(samples: Iterable[Sample], target: FileTarget, context: WriteContext) -> LossReport:
    """Write samples as LabelMe; see the module for the conventions."""
    report = LossReport()
    names = NameAllotter()
    for sample in samples:
        file_name = names.allot(sample.name)
        if sample.width <= 0 or sample.height <= 0:
            report.add("unknown_size", sample.name)
        stem = split_extension(file_name)[0]
        target.put(
            f"{FOLDER}/{stem}.json", msgspec.json.format(_document(sample, file_name, report), indent=1)
        )
        copy_media(sample, f"{FOLDER}/{file_name}", target, context.media, report)
        report.samples += 1
        report.annotations += len(sample.labelling.annotations)
    return report


def _document(sample: Sample, file_name: str, report: LossReport) -> bytes:
    answers = dict(sample.labelling.answers)
    groups = _numbered_groups(sample)
    own = OwnSample(sample.name, sample.split, sample.group, dict(sample.metadata), answers)
    document = {
        "version": _VERSION,
        "flags": {name: value for name, value in answers.items() if isinstance(value, bool)},
        "shapes": [_shape(entry, groups, sample, report) for entry in sample.labelling.annotations],
        "imagePath": file_name.rsplit("/", 1)[-1],
        "imageData": None,
        "imageHeight": sample.height,
        "imageWidth": sample.width,
        "goldsmith": own,
    }
    return msgspec.json.encode(document)


def _numbered_groups(sample: Sample) -> dict[str, int]:
    """Return a number for each group: its own where it is one, else one that no other has."""
    groups = dict.fromkeys(
        entry.group_id for entry in sample.labelling.annotations if entry.group_id is not None
    )
    numbered = {group: int(group) for group in groups if _is_number(group)}
    taken = set(numbered.values())
    free = (number for number in range(1, len(groups) + len(taken) + 2) if number not in taken)
    return numbered | {group: next(free) for group in groups if group not in numbered}


def _is_number(group: str) -> bool:
    return group.isascii() and group.isdecimal() and len(group) < 10 and str(int(group)) == group


def _shape(
    annotation: Annotation, groups: dict[str, int], sample: Sample, report: LossReport
) -> dict[str, Any]:
    shape, attributes = annotation.geometry, annotation.attributes
    stand_in = stand_in_of(shape)
    if isinstance(shape, Polygon) and len(parted(stand_in.points)) != len(shape.rings):
        report.add("polygon_holes", sample.name)
    description = attributes.get(DESCRIPTION)
    number = None if annotation.group_id is None else groups[annotation.group_id]
    record: dict[str, Any] = {
        "label": annotation.class_id,
        "points": stand_in.points,
        "group_id": number,
        "description": description if isinstance(description, str) else "",
        "shape_type": stand_in.shape_type,
        "flags": {name: value for name, value in attributes.items() if isinstance(value, bool)},
        "mask": stand_in.mask,
        "annotation_id": annotation.annotation_id,
    }
    if stand_in.own is not msgspec.UNSET:
        record["goldsmith"] = stand_in.own
    if annotation.group_id is not None and str(number) != annotation.group_id:
        record["goldsmith_group"] = [number, annotation.group_id]
    extra = {
        "attributes": attributes or None,
        "is_occluded": annotation.is_occluded or None,
        "is_truncated": annotation.is_truncated or None,
        "score": annotation.score,
        "origin": annotation.origin,
    }
    return record | {key: value for key, value in extra.items() if value is not None}
