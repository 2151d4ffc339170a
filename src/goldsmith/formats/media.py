"""Copies images into an export."""

from __future__ import annotations

from goldsmith.formats.targets import FileTarget
from goldsmith.formats.types import LossReport, MediaReader, Sample


def copy_media(
    sample: Sample, name: str, target: FileTarget, media: MediaReader | None, report: LossReport
) -> None:
    """Write a sample's image under ``name``; a missing one is counted as ``missing_media``."""
    if media is None:
        return
    content = media(sample)
    if content is None:
        report.add("missing_media", sample.name)
    elif isinstance(content, bytes):
        target.put(name, content)
    else:
        with content:
            target.put(name, content)
