"""Writes YOLO data sets for Ultralytics: ``data.yaml``, ``labels/<split>/``, and ``images/<split>/`` with media.

Samples without a split go to ``train``. Class numbers follow the ontology's order. Shares are written with nine
decimals, less than a thousandth of a pixel at any usual size. A data set is of one variant, as trainers take no mix:
``variants`` tells which, ``lines`` how a line is written.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Final

import yaml

from goldsmith.core.ontology import SkeletonTemplate
from goldsmith.formats.classes import ClassNumbers
from goldsmith.formats.losses import count_object_losses, count_sample_losses
from goldsmith.formats.media import copy_media
from goldsmith.formats.names import NameAllotter, safe_name, split_extension
from goldsmith.formats.own import OWN_KEY
from goldsmith.formats.targets import FileTarget
from goldsmith.formats.types import Capabilities, LossReport, Sample, WriteContext
from goldsmith.formats.yolo.keypoints import describe, own_templates
from goldsmith.formats.yolo.lines import LineWriter
from goldsmith.formats.yolo.variants import plan_of

_FIRST_SPLITS: Final = ("train", "val", "test")


HELD: Final = Capabilities(
    geometry_kinds=frozenset({"box", "polygon", "rotated_box", "skeleton"}), has_splits=True
)


def write_yolo(samples: Iterable[Sample], target: FileTarget, context: WriteContext) -> LossReport:
    """Write samples as YOLO; see the module for the conventions. Samples of unknown size are left out and counted.

    Raises:
        InvalidInputError: Keypoints are asked for where there are no skeletons.
    """
    report = LossReport()
    classes = ClassNumbers(context.ontology)
    samples, variant, templates = plan_of(samples, context.ontology, context.options)
    lines = LineWriter(variant, templates, report)
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
        text = "".join(_lines(sample, classes, lines, report))
        count_sample_losses(sample, report)
        stem = split_extension(file_name)[0]
        target.put(f"labels/{split}/{stem}.txt", text.encode())
        copy_media(sample, f"images/{split}/{file_name}", target, context.media, report)
        report.samples += 1
    target.put("data.yaml", _description(classes, list(allotters), lines, templates))
    return report


def _lines(sample: Sample, classes: ClassNumbers, lines: LineWriter, report: LossReport) -> Iterator[str]:
    for annotation in sample.labelling.annotations:
        numbers = lines.numbers_of(annotation, sample)
        if numbers is not None:
            report.annotations += 1
            count_object_losses(annotation, HELD, report, where=sample.name)
            yield f"{classes.number_of(annotation.class_id)} {numbers}\n"


def _description(
    classes: ClassNumbers, splits: list[str], lines: LineWriter, templates: Mapping[str, SkeletonTemplate]
) -> bytes:
    ordered = [split for split in _FIRST_SPLITS if split in splits] + sorted(set(splits) - set(_FIRST_SPLITS))
    content: dict[str, Any] = {"path": "."}
    content.update({split: f"images/{split}" for split in ordered})
    content["names"] = dict(enumerate(classes.class_ids()))
    if lines.variant == "pose":
        content |= describe(templates, classes.class_ids())
    if lines.variant != "detect":
        content[OWN_KEY] = {"variant": lines.variant}
    if templates:
        content[OWN_KEY]["skeletons"] = own_templates(templates)
    return yaml.safe_dump(content, sort_keys=False, allow_unicode=True).encode()
