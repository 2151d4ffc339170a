"""Reads CVAT for images 1.1, image by image in flat memory.

``occluded``, ``z_order``, ``group_id`` and attributes are kept; the order of objects is that of ``z_order``. Tracks,
which belong to videos, are left out and told. XML with a DTD or entities is refused.
"""

from __future__ import annotations

import contextlib
import re
from collections.abc import Iterator
from typing import Any, Final
from xml.etree.ElementTree import Element

import msgspec
from pydantic import ValidationError

from goldsmith.core.annotations import MAX_ANNOTATIONS, Annotation, Labelling
from goldsmith.core.errors import GoldsmithError, InvalidInputError
from goldsmith.core.ontology import Ontology
from goldsmith.formats.cvat.attributes import attributes_of
from goldsmith.formats.cvat.labels import Labels, read_labels
from goldsmith.formats.cvat.shapes import SHAPE_TAGS, shapes_of
from goldsmith.formats.cvat.tags import Tag, answers_of, tags_of
from goldsmith.formats.images import ImageIndex, read_each, split_of_word, upright_size
from goldsmith.formats.markup import iterate_xml
from goldsmith.formats.names import declared_name
from goldsmith.formats.own import OWN_KEY
from goldsmith.formats.shapes import box_from_corners
from goldsmith.formats.sources import UNPACK_ERRORS, FileSource, read_start
from goldsmith.formats.types import ReadOptions, ReadProblem, Sample

_OUTERMOST: Final = re.compile(rb"<annotations[\s>/]")
_INSIDE: Final = re.compile(rb"<(meta|image|version|track)[\s>/]")
MAX_ELEMENTS: Final = 300_000
"""Cap on the elements of one image."""

_SNIFF: Final = 8
_NO_SPLIT: Final = "default"


def looks_like_cvat(source: FileSource) -> bool:
    """Say whether one of the first XML files is of CVAT."""
    return next(_cvat_files(source, limit=_SNIFF), None) is not None


def read_cvat(source: FileSource, *, options: ReadOptions) -> Iterator[Sample | ReadProblem]:
    """Yield samples and problems of every CVAT file of a source.

    Raises:
        InvalidInputError: There is no CVAT file.
    """
    index = ImageIndex(source)
    return read_each(
        _cvat_files(source),
        lambda name: _Reading(source, index, name, options).entries(),
        nothing="there is no CVAT file here: XML whose outermost element is <annotations>",
    )


def read_cvat_ontology(source: FileSource) -> Ontology | None:
    """Return the labels of the first CVAT file that tells of any."""
    for name in _cvat_files(source):
        with contextlib.suppress(InvalidInputError, *UNPACK_ERRORS), source.open(name) as file:
            for event, element in iterate_xml(file):
                if event == "end" and element.tag == "meta":
                    found = read_labels(element).ontology()
                    if found is not None:
                        return found
                if event == "start" and element.tag in ("image", "track"):
                    break
    return None


def _cvat_files(source: FileSource, *, limit: int | None = None) -> Iterator[str]:
    names = [name for name in source.names() if name.lower().endswith(".xml")]
    for name in names[:limit]:
        with contextlib.suppress(InvalidInputError):
            head = read_start(source, name, max_bytes=4096)
            if _OUTERMOST.search(head) and (_INSIDE.search(head) or b"<?xml" in head or len(head) < 4096):
                yield name


class _Reading:
    """One file being read."""

    def __init__(self, source: FileSource, index: ImageIndex, name: str, options: ReadOptions) -> None:
        self.source = source
        self.index = index
        self.name = name
        self.prefers_box = options.prefer == "box"
        self.labels = Labels()
        self.tracks = 0

    def entries(self) -> Iterator[Sample | ReadProblem]:
        try:
            with self.source.open(self.name) as file:
                yield from self._elements(iterate_xml(file))
        except InvalidInputError as error:
            yield ReadProblem(self.name, f"{error.detail}; what comes before is read")
        except UNPACK_ERRORS as error:
            yield ReadProblem(self.name, f"cannot be unpacked to its end: {error}")
        if self.tracks:
            what = (
                f"{self.tracks} tracks are left out, as they belong to a video; "
                "export from CVAT as 'CVAT for images 1.1'"
            )
            yield ReadProblem(self.name, what)

    def _elements(self, events: Iterator[tuple[str, Element]]) -> Iterator[Sample | ReadProblem]:
        root: Element | None = None
        number = depth = held = 0
        for event, element in events:
            if root is None:
                root = element
            if event == "start":
                depth += 1
                held += 1
                if held > MAX_ELEMENTS:
                    raise InvalidInputError(f"one of its elements has more than {MAX_ELEMENTS} inside it")
                continue
            depth -= 1
            if depth != 1:
                continue
            if element.tag == "meta":
                self.labels = read_labels(element)
            elif element.tag == "track":
                self.tracks += 1
            elif element.tag == "image":
                number += 1
                yield from self._image(element, f"{self.name}: image {number}")
            root.clear()  # what was read is not needed any more
            held = 0

    def _image(self, element: Element, where: str) -> Iterator[Sample | ReadProblem]:
        subset = element.get("subset", "").strip()
        try:
            name = declared_name(element.get("name", ""))
            folders = ("images", *((f"images/{subset}", subset) if subset else ()))
            media_name = self.index.find(name, beside=self.name, folders=folders)
            size = self._size(element, media_name)
        except GoldsmithError as error:
            yield ReadProblem(where, error.detail)
            return
        where = f"{where} ({name})"
        own = _own_values(element)
        annotations: list[tuple[int, list[Annotation]]] = []
        tags: list[Tag] = []
        for number, child in enumerate(element, start=1):
            try:
                if child.tag == "tag":
                    tags.append((_label(child), attributes_of(child, self.labels.kinds_of(_label(child)))))
                elif child.tag in SHAPE_TAGS:
                    annotations.append((_whole(child, "z_order"), self._objects(child, number, size)))
                else:
                    yield ReadProblem(
                        f"{where}: element {number}", f"<{child.tag[:50]}> is not known; it is left out"
                    )
            except InvalidInputError as error:
                yield ReadProblem(f"{where}: <{child.tag}> {number}", error.detail)
            except ValidationError as error:
                fault = error.errors()[0]
                what = f"{'.'.join(str(part) for part in fault['loc'])}: {fault['msg']}"
                yield ReadProblem(f"{where}: <{child.tag}> {number}", what)
        annotations.sort(key=lambda entry: entry[0])
        objects = [entry for _, entries in annotations for entry in entries]
        if len(objects) > MAX_ANNOTATIONS:
            yield ReadProblem(where, f"more than {MAX_ANNOTATIONS} objects; the rest is left out", "warning")
        answers = answers_of(tags)
        said = own.get("answers")
        if isinstance(said, dict) and answers_of(tags_of(said)) == answers:
            answers = said
        try:
            labelling = Labelling(annotations=objects[:MAX_ANNOTATIONS], answers=answers)
        except ValidationError as error:
            yield ReadProblem(where, error.errors()[0]["msg"])
            return
        metadata, group = own.get("metadata"), own.get("group")
        yield Sample(
            name=name,
            width=size[0],
            height=size[1],
            labelling=labelling,
            metadata=metadata if isinstance(metadata, dict) else {},
            split=_split(subset),
            group=group if isinstance(group, str) else "",
            media_name=media_name,
        )

    def _size(self, element: Element, media_name: str | None) -> tuple[int, int]:
        width, height = _whole(element, "width"), _whole(element, "height")
        if 0 < width < 1_000_000 and 0 < height < 1_000_000:
            return width, height
        if media_name is None:
            raise InvalidInputError("the image has no width and height, and its file is not there")
        return upright_size(self.source, media_name)

    def _objects(self, element: Element, number: int, size: tuple[int, int]) -> list[Annotation]:
        label = _label(element)
        shapes = shapes_of(element, size=size, template=self.labels.template_of(label))
        if self.prefers_box:
            bounds = [shape.bounds_xyxy() for shape in shapes]
            shapes = [box_from_corners(entry, width=size[0], height=size[1]) for entry in bounds]
        name = element.get("goldsmith_id") or f"cvat-{number}"
        group_id = element.get("goldsmith_group") or _group(element) or (name if len(shapes) > 1 else None)
        score = element.get("score")
        attributes = attributes_of(element, self.labels.kinds_of(label))
        return [
            Annotation(
                annotation_id=name if place == 1 else f"{name}-{place}",
                class_id=label,
                geometry=shape,
                attributes=attributes,
                is_occluded=element.get("occluded") == "1",
                is_truncated=element.get("truncated") == "1",
                score=None if score is None else float(score),
                origin=element.get("origin"),
                group_id=group_id,
            )
            for place, shape in enumerate(shapes, start=1)
        ]


def _label(element: Element) -> str:
    label = element.get("label", "")[:200]
    if not label:
        raise InvalidInputError("it has no label")
    return label


def _group(element: Element) -> str:
    """Return the group that CVAT numbers; 0 is none."""
    group = element.get("group_id", "").strip()
    return "" if group == "0" else group


def _whole(element: Element, key: str) -> int:
    text = element.get(key, "0")
    try:
        return int(float(text))
    except (ValueError, OverflowError) as error:
        raise InvalidInputError(f"{key} is not a number: {text[:50]!r}") from error


def _split(subset: str) -> str:
    """Return the split a subset says; CVAT calls them Train, Validation and Test, and ``default`` what is in none."""
    if not subset or subset.lower() == _NO_SPLIT:
        return ""
    return subset if subset.islower() else split_of_word(subset) or subset


def _own_values(element: Element) -> dict[str, Any]:
    try:
        return msgspec.json.decode(element.get(OWN_KEY, "{}"), type=dict[str, Any])
    except (msgspec.MsgspecError, RecursionError):
        return {}
