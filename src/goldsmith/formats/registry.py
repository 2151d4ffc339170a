"""The one list of formats.

To add a format: make a ``types.Format`` of its reader and writer and add it here; its loss report and its round trip
are tested by the tests over this registry.
"""

from __future__ import annotations

from types import MappingProxyType
from typing import Final

from goldsmith.core.errors import UnsupportedError
from goldsmith.formats.coco import COCO
from goldsmith.formats.cvat import CVAT
from goldsmith.formats.jsonl import JSONL
from goldsmith.formats.labelme import LABELME
from goldsmith.formats.labelstudio import LABELSTUDIO
from goldsmith.formats.masks import MASKS
from goldsmith.formats.sources import FileSource
from goldsmith.formats.types import Format
from goldsmith.formats.voc import VOC
from goldsmith.formats.yolo import YOLO

_ALL: Final[tuple[Format, ...]] = (
    JSONL,
    MASKS,
    CVAT,
    LABELME,
    LABELSTUDIO,
    COCO,
    VOC,
    YOLO,
)

FORMATS: Final = MappingProxyType({entry.name: entry for entry in _ALL})
"""Format by name, the most telling first when one has to be guessed."""


def get_format(name: str) -> Format:
    """Return a format by its name.

    Raises:
        UnsupportedError: There is no such format.
    """
    found = FORMATS.get(name)
    if found is None:
        raise UnsupportedError(f"there is no format {name!r}; known are {', '.join(FORMATS)}")
    return found


def detect_format(source: FileSource) -> Format | None:
    """Return the format that a source looks like, None when it looks like none (plain images, say)."""
    return next((entry for entry in FORMATS.values() if entry.recognises(source)), None)
