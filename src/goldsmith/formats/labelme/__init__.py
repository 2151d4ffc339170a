"""LabelMe: one JSON file beside each image."""

from __future__ import annotations

from typing import Final

from goldsmith.formats.labelme.reader import looks_like_labelme, read_labelme
from goldsmith.formats.labelme.writer import write_labelme
from goldsmith.formats.types import ALL_OF_IMAGES, Format

__all__ = ["LABELME"]

LABELME: Final = Format(
    name="labelme",
    title="LabelMe",
    capabilities=ALL_OF_IMAGES,
    recognises=looks_like_labelme,
    reader=read_labelme,
    writer=write_labelme,
)
