"""Reads LabelMe files.

Flags of a shape and its description become attributes, flags of an image answers. What an image carries within its JSON
file (``imageData``) is passed over: the image must lie beside it.
"""

from __future__ import annotations

import contextlib
import re
from collections.abc import Iterator
from typing import Any, Final

import msgspec
from pydantic import ValidationError

from goldsmith.core.annotations import Annotation, AttributeValue, Labelling
from goldsmith.core.errors import GoldsmithError, InvalidInputError, TooLargeError
from goldsmith.formats.coco.reader import plain_attributes
from goldsmith.formats.images import ImageIndex, read_each, split_of_parts, upright_size
from goldsmith.formats.labelme.shapes import LabelmeShape, shapes_of
from goldsmith.formats.names import declared_name, split_extension
from goldsmith.formats.shapes import box_from_corners
from goldsmith.formats.sources import FileSource, read_file, read_start
from goldsmith.formats.types import ReadOptions, ReadProblem, Sample

DESCRIPTION: Final = "description"
MAX_FILE_BYTES: Final = 512 * 2**20
MAX_SHAPES: Final = 20_000
_SNIFF: Final = 8
_SHAPES: Final = re.compile(rb'"shapes"\s*:\s*\[')
_BESIDE: Final = re.compile(rb'"(version|flags|imagePath|imageData|imageHeight|lineColor)"\s*:')


class OwnSample(msgspec.Struct, omit_defaults=True):
    """What goldsmith adds to a file."""

    name: str = ""
    split: str = ""
    group: str = ""
    metadata: dict[str, Any] = {}
    answers: dict[str, Any] = {}


class LabelmeFile(msgspec.Struct, rename="camel"):
    """A file; its shapes stay undecoded slices of it."""

    shapes: list[msgspec.Raw]
    image_path: str = ""
    image_height: float | None = None
    image_width: float | None = None
    flags: dict[str, Any] | None = None
    goldsmith: OwnSample | None = None


def looks_like_labelme(source: FileSource) -> bool:
    """Say whether one of the first JSON files is of LabelMe."""
    names = [name for name in source.names() if name.lower().endswith(".json")]
    for name in names[:_SNIFF]:
        with contextlib.suppress(InvalidInputError):
            head = read_start(source, name, max_bytes=65_536)
            if _SHAPES.search(head) and _BESIDE.search(head):
                return True
    return False


def read_labelme(source: FileSource, *, options: ReadOptions) -> Iterator[Sample | ReadProblem]:
    """Yield samples and problems, file by file; JSON that is something else is passed over.

    Raises:
        InvalidInputError: There is no LabelMe file.
    """
    index = ImageIndex(source)

    def read(name: str) -> Iterator[Sample | ReadProblem] | None:
        document = _load(source, name)
        return None if document is None else _read_file(source, index, name, document, options)

    return read_each(
        (name for name in source.names() if name.lower().endswith(".json")),
        read,
        nothing="there is no LabelMe file here: a .json with shapes and imagePath",
    )


def _load(source: FileSource, name: str) -> LabelmeFile | None:
    """Return a LabelMe file; None when the JSON is something else.

    Raises:
        InvalidInputError: It is not JSON at all, or too large.
    """
    try:
        data = read_file(source, name, max_bytes=MAX_FILE_BYTES)
    except TooLargeError as error:
        raise InvalidInputError(error.detail) from error
    try:
        return msgspec.json.decode(data.removeprefix(b"\xef\xbb\xbf"), type=LabelmeFile, strict=False)
    except msgspec.ValidationError as error:
        if _SHAPES.search(data) and _BESIDE.search(data):
            raise InvalidInputError(f"not a usable LabelMe file: {error}") from error
        return None
    except (msgspec.DecodeError, RecursionError, UnicodeDecodeError) as error:
        raise InvalidInputError(f"not readable JSON: {error}") from error


def _read_file(
    source: FileSource, index: ImageIndex, name: str, document: LabelmeFile, options: ReadOptions
) -> Iterator[Sample | ReadProblem]:
    own = document.goldsmith or OwnSample()
    stem = split_extension(name)[0]
    try:
        declared = declared_name(_last(document.image_path) or f"{_last(stem)}.jpg")
        media_name = index.find(declared, beside=name) or index.find_stem(stem, beside=name)
        width, height = _size(document, source, media_name)
        folder = name.rpartition("/")[0]
        image_name = declared_name(own.name or (f"{folder}/{declared}" if folder else declared))
    except GoldsmithError as error:
        yield ReadProblem(name, error.detail)
        return
    annotations: list[Annotation] = []
    for number, raw in enumerate(document.shapes[:MAX_SHAPES], start=1):
        where = f"{name}: shapes[{number - 1}]"
        try:
            annotations += _objects(raw, number, (width, height), options)
        except (msgspec.MsgspecError, RecursionError, UnicodeDecodeError) as error:
            yield ReadProblem(where, f"not a usable shape: {error}")
        except InvalidInputError as error:
            yield ReadProblem(where, error.detail)
        except ValidationError as error:
            fault = error.errors()[0]
            yield ReadProblem(where, f"{'.'.join(str(part) for part in fault['loc'])}: {fault['msg']}")
    if len(document.shapes) > MAX_SHAPES:
        yield ReadProblem(name, f"more than {MAX_SHAPES} shapes; the rest is left out", "warning")
    answers, _ = plain_attributes(own.answers | _flags(document.flags))
    try:
        labelling = Labelling(annotations=annotations, answers=answers)
    except ValidationError as error:
        yield ReadProblem(name, error.errors()[0]["msg"])
        return
    yield Sample(
        name=image_name,
        width=width,
        height=height,
        labelling=labelling,
        metadata=own.metadata,
        split=own.split or split_of_parts(name.split("/")[:-1]),
        group=own.group,
        media_name=media_name,
    )


def _last(path: str) -> str:
    """Return the file's own name; LabelMe keeps paths of the machine it ran on."""
    return path.replace("\\", "/").rsplit("/", 1)[-1].strip()


def _size(document: LabelmeFile, source: FileSource, media_name: str | None) -> tuple[int, int]:
    width, height = document.image_width or 0, document.image_height or 0
    if 0 < width < 1_000_000 and 0 < height < 1_000_000:
        return int(width), int(height)
    if media_name is None:
        raise InvalidInputError("there is no imageWidth and imageHeight, and the image is not there")
    return upright_size(source, media_name)


def _objects(raw: msgspec.Raw, number: int, size: tuple[int, int], options: ReadOptions) -> list[Annotation]:
    record = msgspec.json.decode(raw, type=LabelmeShape)
    label = record.label.strip()[:200]
    if not label:
        raise InvalidInputError("it has no label")
    shapes = shapes_of(record, size=size)
    if options.prefer == "box":
        bounds = [shape.bounds_xyxy() for shape in shapes]
        shapes = [box_from_corners(entry, width=size[0], height=size[1]) for entry in bounds]
    name = record.annotation_id or f"shape-{number}"
    group_id = _group(record) or (name if len(shapes) > 1 else None)
    return [
        Annotation(
            annotation_id=name if place == 1 else f"{name}-{place}",
            class_id=record.label if record.annotation_id else label,
            geometry=shape,
            attributes=_attributes(record),
            is_occluded=record.is_occluded,
            is_truncated=record.is_truncated,
            score=record.score,
            origin=record.origin,
            group_id=group_id,
        )
        for place, shape in enumerate(shapes, start=1)
    ]


def _attributes(record: LabelmeShape) -> dict[str, AttributeValue]:
    attributes, _ = plain_attributes(record.attributes or {})
    for name, value in _flags(record.flags).items():
        attributes[name] = value
    if record.description:
        attributes[DESCRIPTION] = record.description
    return attributes


def _flags(flags: dict[str, Any] | None) -> dict[str, bool]:
    return {name[:200]: value for name, value in (flags or {}).items() if name and isinstance(value, bool)}


def _group(record: LabelmeShape) -> str | None:
    if record.group_id is None:
        return None
    own = record.goldsmith_group
    return own[1] if own is not None and own[0] == record.group_id else str(record.group_id)
