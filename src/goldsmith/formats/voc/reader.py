"""Reads Pascal VOC files.

Convention: ``xmin`` to ``ymax`` count pixels from 1 and name the first and the last pixel inside, so that the whole of
an image 640 wide is 1 to 640; a box here is therefore ``[xmin - 1, ymin - 1, xmax, ymax]``. Many tools write corners
counted from 0 instead; ``ReadOptions(voc_is_one_based=False)`` takes them as they stand. Fractions are taken.

``occluded`` and ``truncated`` become flags, ``difficult`` and ``pose`` attributes where they say something, and
``<attributes><attribute><name/><value/></attribute></attributes>`` of an object attributes. XML with a DTD, entities
or references to other files is refused.
"""

from __future__ import annotations

import contextlib
import re
from collections.abc import Iterator
from typing import Final
from xml.etree.ElementTree import Element

from pydantic import ValidationError

from goldsmith.core.annotations import Annotation, AttributeValue, Labelling
from goldsmith.core.errors import GoldsmithError, InvalidInputError
from goldsmith.formats.images import ImageIndex, read_each, split_of_word, upright_size
from goldsmith.formats.markup import parse_xml
from goldsmith.formats.names import declared_name, split_extension
from goldsmith.formats.shapes import box_from_corners
from goldsmith.formats.sources import FileSource, read_file, read_start
from goldsmith.formats.types import ReadOptions, ReadProblem, Sample

MAX_XML_BYTES: Final = 8 * 2**20
MAX_LIST_BYTES: Final = 64 * 2**20
MAX_OBJECTS: Final = 20_000
_SNIFF: Final = 8
_OUTERMOST: Final = re.compile(rb"<annotation[\s>/]")


def looks_like_voc(source: FileSource) -> bool:
    """Say whether one of the first XML files holds a VOC annotation."""
    names = [name for name in source.names() if name.lower().endswith(".xml")]
    for name in names[:_SNIFF]:
        with contextlib.suppress(InvalidInputError):
            if _OUTERMOST.search(read_start(source, name, max_bytes=4096)):
                return True
    return False


def read_voc(source: FileSource, *, options: ReadOptions) -> Iterator[Sample | ReadProblem]:
    """Yield samples and problems, file by file.

    Raises:
        InvalidInputError: There are no XML files.
    """
    index = ImageIndex(source)
    splits: dict[str, str] = {}
    yield from _load_splits(source, splits)
    yield from read_each(
        (name for name in source.names() if name.lower().endswith(".xml")),
        lambda name: _read_file(source, index, name, splits, options),
        nothing="there are no XML files here; Pascal VOC has one for each image",
    )


def _read_file(
    source: FileSource, index: ImageIndex, name: str, splits: dict[str, str], options: ReadOptions
) -> Iterator[Sample | ReadProblem]:
    try:
        root = parse_xml(read_file(source, name, max_bytes=MAX_XML_BYTES))
        if root.tag != "annotation":
            raise InvalidInputError(f"its outermost element is <{root.tag[:50]}>, not <annotation>")
        stem = split_extension(name.rsplit("/", 1)[-1])[0]
        declared = declared_name(_text(root, "filename") or stem)
        media_name = _find_image(index, declared, stem, name)
        width, height = _size(root, source, media_name)
    except GoldsmithError as error:
        yield ReadProblem(name, error.detail)
        return
    annotations: list[Annotation] = []
    for number, element in enumerate(root.findall("object")[:MAX_OBJECTS], start=1):
        where = f"{name}: object {number}"
        try:
            annotations.append(_annotation(element, number, width, height, options))
        except InvalidInputError as error:
            yield ReadProblem(where, error.detail)
        except ValidationError as error:
            fault = error.errors()[0]
            yield ReadProblem(where, f"{'.'.join(str(part) for part in fault['loc'])}: {fault['msg']}")
    image_name = (
        declared if split_extension(declared)[1] or media_name is None else media_name.rsplit("/", 1)[-1]
    )
    yield Sample(
        name=image_name,
        width=width,
        height=height,
        labelling=Labelling(annotations=annotations),
        split=splits.get(stem, ""),
        media_name=media_name,
    )


def _find_image(index: ImageIndex, declared: str, stem: str, beside: str) -> str | None:
    found = index.find(declared, beside=beside, folders=("JPEGImages", "images"))
    return found if found is not None else index.find_stem(stem, beside=beside)


def _size(root: Element, source: FileSource, media_name: str | None) -> tuple[int, int]:
    try:
        width, height = int(float(_text(root, "size/width"))), int(float(_text(root, "size/height")))
    except (ValueError, OverflowError):
        width = height = 0
    if 0 < width < 1_000_000 and 0 < height < 1_000_000:
        return width, height
    if media_name is None:
        raise InvalidInputError("there is no <size> and the image is not there; the boxes cannot be checked")
    return upright_size(source, media_name)


def _annotation(element: Element, number: int, width: int, height: int, options: ReadOptions) -> Annotation:
    class_id = _text(element, "name")[:200]
    if not class_id:
        raise InvalidInputError("it has no <name>")
    corners = [_number(element, f"bndbox/{key}") for key in ("xmin", "ymin", "xmax", "ymax")]
    shift = 1.0 if options.voc_is_one_based else 0.0
    left, top, right, bottom = corners[0] - shift, corners[1] - shift, corners[2], corners[3]
    return Annotation(
        annotation_id=f"object-{number}",
        class_id=class_id,
        geometry=box_from_corners((left, top, right, bottom), width=width, height=height),
        attributes=_attributes(element),
        is_occluded=_flag(element, "occluded"),
        is_truncated=_flag(element, "truncated"),
    )


def _attributes(element: Element) -> dict[str, AttributeValue]:
    attributes: dict[str, AttributeValue] = {}
    if _flag(element, "difficult"):
        attributes["difficult"] = True
    pose = _text(element, "pose")
    if pose and pose.lower() not in ("unspecified", "unknown"):
        attributes["pose"] = pose
    for entry in element.findall("attributes/attribute"):
        name = _text(entry, "name")[:200]
        if name:
            attributes[name] = _value(entry)
    return attributes


def _value(entry: Element) -> AttributeValue:
    """Return an attribute's value in the kind that goldsmith noted; others are texts, but for true and false."""
    values = [(value.text or "").strip() for value in entry.findall("value")]
    text = values[0] if values else ""
    kind = entry.get("kind", "")
    if kind == "list":
        return values
    if kind == "number":
        try:
            return float(text)
        except ValueError as error:
            raise InvalidInputError(f"the attribute value {text[:50]!r} is not a number") from error
    if kind != "text" and text.lower() in ("true", "false"):
        return text.lower() == "true"
    return text


def _text(element: Element, path: str) -> str:
    return (element.findtext(path) or "").strip()


def _number(element: Element, path: str) -> float:
    text = _text(element, path)
    try:
        return float(text)
    except ValueError as error:
        raise InvalidInputError(f"<{path}> is not a number: {text[:50]!r}") from error


def _flag(element: Element, path: str) -> bool:
    return _text(element, path).lower() in ("1", "true", "yes")


def _load_splits(source: FileSource, splits: dict[str, str]) -> Iterator[ReadProblem]:
    """Note the split of each image stem that ``ImageSets/Main/{train,val,test}.txt`` names."""
    for name in source.names():
        parts = name.split("/")
        if "ImageSets" not in parts or not name.endswith(".txt"):
            continue
        stem = split_extension(parts[-1])[0]
        split = split_of_word(stem)
        if not split or stem == "trainval":
            continue
        try:
            text = read_file(source, name, max_bytes=MAX_LIST_BYTES).decode("utf-8", "replace")
        except GoldsmithError as error:
            yield ReadProblem(name, error.detail)
            continue
        for line in text.splitlines():
            if fields := line.split():
                splits.setdefault(fields[0], split)
