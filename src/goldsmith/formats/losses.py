"""Losses that several formats have in common."""

from __future__ import annotations

from goldsmith.formats.types import LossReport, Sample


def count_sample_losses(sample: Sample, report: LossReport) -> None:
    """Count what a format without metadata, groups and answers cannot hold of a sample."""
    if sample.labelling.answers:
        report.add("answers", sample.name)
    if sample.metadata:
        report.add("metadata", sample.name)
    if sample.group:
        report.add("groups", sample.name)
