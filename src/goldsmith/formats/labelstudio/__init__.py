"""Label Studio: one JSON file of tasks with the results of their annotations."""

from __future__ import annotations

import dataclasses
from typing import Final

from goldsmith.formats.labelstudio.reader import looks_like_labelstudio, read_labelstudio
from goldsmith.formats.labelstudio.writer import write_labelstudio
from goldsmith.formats.types import ALL_OF_IMAGES, Format

__all__ = ["LABELSTUDIO"]

LABELSTUDIO: Final = Format(
    name="labelstudio",
    title="Label Studio",
    capabilities=dataclasses.replace(ALL_OF_IMAGES, has_relations=True),
    recognises=looks_like_labelstudio,
    reader=read_labelstudio,
    writer=write_labelstudio,
)
