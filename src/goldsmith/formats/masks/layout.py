"""How PNG masks lie on disk.

- ``classes.json``: ``{"format": "goldsmith-masks", "version", "classes": [{"index", "class_id", "name", "color"}]}``;
  index 0 is the background.
- ``semantic/<name>.png``: the class index of each pixel; 8 bit with a palette of the classes' colours, 16 bit grey with
  more than 255 classes.
- ``instances/<name>.png``: the object number of each pixel, 16 bit grey; 0 is the background. Objects are numbered from
  1 in their order, later ones lie above.
- ``annotations.json``: ``{"format", "version", "samples": [{"name", "file_name", "width", "height", "split", "group",
  "metadata", "answers", "semantic", "instances", "objects": [{"id", "class_id", ...}]}]}``.
- ``images/<name>`` with media.

Without ``annotations.json``, each PNG below ``semantic/`` is read as the classes of the image of the same name.
"""

from __future__ import annotations

from typing import Any, Final

import msgspec

from goldsmith.core.errors import InvalidInputError, TooLargeError
from goldsmith.formats.sources import FileSource, read_file

MAGIC: Final = "goldsmith-masks"
VERSION: Final = 1
CLASSES_FILE: Final = "classes.json"
ANNOTATIONS_FILE: Final = "annotations.json"
SEMANTIC: Final = "semantic"
INSTANCES: Final = "instances"
IMAGES: Final = "images"
MAX_IMAGE_PX: Final = 2**28
MAX_CLASSES: Final = 65_535
MAX_8_BIT: Final = 255
_MAX_CLASSES_BYTES: Final = 32 * 2**20
_MAX_ANNOTATIONS_BYTES: Final = 2 * 2**30


class MaskClass(msgspec.Struct):
    """One entry of ``classes``."""

    index: int
    class_id: str = ""
    name: str = ""
    color: str = ""


class ClassesFile(msgspec.Struct):
    """``classes.json``."""

    classes: list[MaskClass]
    format: str = ""
    version: int = VERSION


class MaskObject(msgspec.Struct, omit_defaults=True):
    """One entry of ``objects``."""

    id: int
    class_id: str
    annotation_id: str = ""
    attributes: dict[str, Any] = {}
    is_occluded: bool = False
    is_truncated: bool = False
    score: float | None = None
    origin: str | None = None
    group_id: str | None = None


class MaskSample(msgspec.Struct):
    """One entry of ``samples``."""

    name: str
    file_name: str
    width: int
    height: int
    instances: str
    semantic: str = ""
    split: str = ""
    group: str = ""
    metadata: dict[str, Any] = {}
    answers: dict[str, Any] = {}
    objects: list[MaskObject] = []


class AnnotationsFile(msgspec.Struct):
    """``annotations.json``; its records stay undecoded slices of it."""

    format: str
    version: int
    samples: list[msgspec.Raw]


def load_classes(source: FileSource, name: str) -> dict[int, MaskClass]:
    """Return the classes of a ``classes.json`` by index.

    Raises:
        InvalidInputError: It is something else, or does not hold.
    """
    try:
        found = msgspec.json.decode(read_file(source, name, max_bytes=_MAX_CLASSES_BYTES), type=ClassesFile)
    except (msgspec.MsgspecError, RecursionError, UnicodeDecodeError, TooLargeError) as error:
        raise InvalidInputError(f"not a list of numbered classes: {error}") from error
    classes: dict[int, MaskClass] = {}
    for entry in found.classes[:MAX_CLASSES]:
        entry.class_id = (entry.class_id or entry.name).strip()[:200]
        if not 0 < entry.index <= MAX_CLASSES or not entry.class_id or entry.index in classes:
            raise InvalidInputError(
                f"the class {entry.class_id!r} needs a name and an index of its own from 1 to {MAX_CLASSES}"
            )
        classes[entry.index] = entry
    return classes


def load_annotations(source: FileSource, name: str) -> AnnotationsFile | None:
    """Return an ``annotations.json`` of this format; None when it is of another.

    Raises:
        InvalidInputError: It is too large, or written by a newer goldsmith.
    """
    try:
        found = msgspec.json.decode(
            read_file(source, name, max_bytes=_MAX_ANNOTATIONS_BYTES), type=AnnotationsFile
        )
    except TooLargeError as error:
        raise InvalidInputError(error.detail) from error
    except (msgspec.MsgspecError, RecursionError, UnicodeDecodeError):
        return None
    if found.format != MAGIC:
        return None
    if found.version != VERSION:
        raise InvalidInputError(f"written by a newer goldsmith; this one reads version {VERSION}")
    return found
