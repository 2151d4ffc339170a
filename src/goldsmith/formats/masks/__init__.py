"""Masks as pictures: a PNG of class numbers and a PNG of object numbers for each image, with what the numbers mean."""

from __future__ import annotations

from typing import Final

from goldsmith.formats.masks.reader import looks_like_masks, read_masks, read_masks_ontology
from goldsmith.formats.masks.writer import HELD, write_masks
from goldsmith.formats.types import Format

__all__ = ["MASKS"]

MASKS: Final = Format(
    name="masks",
    title="PNG masks",
    capabilities=HELD,
    recognises=looks_like_masks,
    reader=read_masks,
    read_ontology=read_masks_ontology,
    writer=write_masks,
)
