"""Pascal VOC: one XML file for each image."""

from __future__ import annotations

from typing import Final

from goldsmith.formats.types import Format
from goldsmith.formats.voc.reader import looks_like_voc, read_voc
from goldsmith.formats.voc.writer import HELD, write_voc

__all__ = ["VOC"]

VOC: Final = Format(
    name="voc",
    title="Pascal VOC",
    capabilities=HELD,
    recognises=looks_like_voc,
    reader=read_voc,
    writer=write_voc,
)
