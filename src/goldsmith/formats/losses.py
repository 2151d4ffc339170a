"""Losses that several formats have in common, named alike everywhere.

A shape that a format cannot hold is told as ``masks_as_polygons``, ``ellipses_as_boxes`` and so on where something
stands for it, and as ``polylines_left_out`` where nothing does.
"""

from __future__ import annotations

from typing import Final

from goldsmith.core.plain import AnyAnnotation
from goldsmith.formats.types import Capabilities, LossReport, Sample

_PLURALS: Final = {"box": "boxes", "rotated_box": "rotated_boxes"}


def count_sample_losses(sample: Sample, report: LossReport) -> None:
    """Count what a format without metadata, groups and answers cannot hold of a sample."""
    if sample.labelling.answers:
        report.add("answers", sample.name)
    if sample.metadata:
        report.add("metadata", sample.name)
    if sample.group:
        report.add("groups", sample.name)


def count_object_losses(
    annotation: AnyAnnotation, held: Capabilities, report: LossReport, *, where: str
) -> None:
    """Count what a format cannot hold of an object beside its shape."""
    if annotation.attributes and not held.has_attributes:
        report.add("attributes", where)
    if (annotation.is_occluded or annotation.is_truncated) and not held.has_flags:
        report.add("flags", where)
    if annotation.score is not None and not held.has_scores:
        report.add("scores", where)
    if annotation.group_id is not None and not held.has_object_groups:
        report.add("object_groups", where)


def count_shape_loss(kind: str, report: LossReport, *, where: str, stand_in: str | None) -> None:
    """Count a shape that becomes another kind, or is left out.

    Args:
        kind: Of the shape.
        report: To count in.
        where: Name of the sample.
        stand_in: Kind that stands for it; None where nothing does.
    """
    told = "left_out" if stand_in is None else f"as_{plural(stand_in)}"
    report.add(f"{plural(kind)}_{told}", where)


def plural(kind: str) -> str:
    """Return the name of several shapes of a kind."""
    return _PLURALS.get(kind, f"{kind}s")
