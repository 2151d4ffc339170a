"""CVAT for images 1.1: one XML file for all images, with every kind of shape that CVAT draws."""

from __future__ import annotations

from typing import Final

from goldsmith.formats.cvat.reader import looks_like_cvat, read_cvat, read_cvat_ontology
from goldsmith.formats.cvat.writer import write_cvat
from goldsmith.formats.types import ALL_OF_IMAGES, Format

__all__ = ["CVAT"]

CVAT: Final = Format(
    name="cvat",
    title="CVAT for images",
    capabilities=ALL_OF_IMAGES,
    recognises=looks_like_cvat,
    reader=read_cvat,
    read_ontology=read_cvat_ontology,
    writer=write_cvat,
)
