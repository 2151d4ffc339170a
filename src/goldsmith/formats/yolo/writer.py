"""Writes YOLO data sets for Ultralytics: ``data.yaml``, ``labels/<split>/``, and ``images/<split>/`` with media.

Samples without a split go to ``train``. Class numbers follow the ontology's order. Shares are written with nine
decimals, less than a thousandth of a pixel at any usual size.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Final

import yaml

from goldsmith.core.annotations import Annotation
from goldsmith.core.geometry import Polygon
from goldsmith.core.ontology import Ontology
from goldsmith.formats.classes import ClassNumbers
from goldsmith.formats.losses import count_sample_losses
from goldsmith.formats.media import copy_media
from goldsmith.formats.names import NameAllotter, safe_name, split_extension
from goldsmith.formats.targets import FileTarget
from goldsmith.formats.types import LossReport, MediaReader, Sample

_FIRST_SPLITS: Final = ("train", "val", "test")


def write_yolo(
    samples: Iterable[Sample], target: FileTarget, *, ontology: Ontology | None, media: MediaReader | None
) -> LossReport:
    """Write samples as YOLO; see the module for the conventions. Samples of unknown size are left out and counted."""
    report = LossReport()
    classes = ClassNumbers(ontology)
    allotters: dict[str, NameAllotter] = {}
    for sample in samples:
        if sample.width <= 0 or sample.height <= 0:
            report.add("unknown_size", sample.name)
            continue
        split = safe_name(sample.split or "train").replace("/", "_")
        if not sample.split:
            report.add("no_split", sample.name)
        file_name = allotters.setdefault(split, NameAllotter()).allot(sample.name)
        if file_name != sample.name:
            report.add("renamed_files", sample.name)
        lines = [_line(annotation, sample, classes, report) for annotation in sample.labelling.annotations]
        _count_losses(sample, report)
        stem = split_extension(file_name)[0]
        target.put(f"labels/{split}/{stem}.txt", "".join(f"{line}\n" for line in lines).encode())
        copy_media(sample, f"images/{split}/{file_name}", target, media, report)
        report.samples += 1
        report.annotations += len(lines)
    target.put("data.yaml", _description(classes, list(allotters)))
    return report


def _line(annotation: Annotation, sample: Sample, classes: ClassNumbers, report: LossReport) -> str:
    width, height = sample.width, sample.height
    if isinstance(annotation.geometry, Polygon):
        outer, *holes = annotation.geometry.rings
        if holes:
            report.add("polygon_holes", sample.name)
        shares = [share for x, y in outer for share in (x / width, y / height)]
    else:
        left, top, right, bottom = annotation.geometry.box_xyxy
        middle = ((left + right) / 2 / width, (top + bottom) / 2 / height)
        shares = [*middle, (right - left) / width, (bottom - top) / height]
    numbers = " ".join(_short(share) for share in shares)
    return f"{classes.number_of(annotation.class_id)} {numbers}"


def _short(share: float) -> str:
    return f"{share:.9f}".rstrip("0").rstrip(".") if abs(share) >= 5e-10 else "0"


def _count_losses(sample: Sample, report: LossReport) -> None:
    for annotation in sample.labelling.annotations:
        if annotation.attributes:
            report.add("attributes", sample.name)
        if annotation.is_occluded or annotation.is_truncated:
            report.add("flags", sample.name)
        if annotation.score is not None:
            report.add("scores", sample.name)
    count_sample_losses(sample, report)


def _description(classes: ClassNumbers, splits: list[str]) -> bytes:
    ordered = [split for split in _FIRST_SPLITS if split in splits] + sorted(set(splits) - set(_FIRST_SPLITS))
    content: dict[str, Any] = {"path": "."}
    content.update({split: f"images/{split}" for split in ordered})
    content["names"] = dict(enumerate(classes.class_ids()))
    return yaml.safe_dump(content, sort_keys=False, allow_unicode=True).encode()
