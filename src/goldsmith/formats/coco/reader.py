"""Reads COCO detection files.

Conventions: a box is ``[left, top, width, height]`` in pixels; a segmentation is a list of polygons, each a flat list
x0, y0, x1, y1, ... One polygon becomes a polygon. Several polygons (an object in parts) and RLE masks have no exact
form here: the object is kept as its box, with a warning. ``iscrowd`` objects are listed by annotation id in the
sample's metadata under ``coco_iscrowd``. Class ids are category names.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any, Final

import msgspec
from pydantic import ValidationError

from goldsmith.core.annotations import Annotation, AttributeValue, Labelling
from goldsmith.core.errors import GoldsmithError, InvalidInputError
from goldsmith.core.geometry import Box, Polygon
from goldsmith.formats.coco.documents import (
    AnnotationHead,
    CocoAnnotation,
    CocoCategory,
    CocoImage,
    Document,
    Identifier,
    load_document,
)
from goldsmith.formats.images import ImageIndex, split_of_parts, split_of_word, upright_size
from goldsmith.formats.names import declared_name, printable, split_extension
from goldsmith.formats.shapes import box_from_corners, polygon_from_flat
from goldsmith.formats.sources import FileSource, read_start
from goldsmith.formats.types import ReadOptions, ReadProblem, Sample

CROWD_KEY: Final = "coco_iscrowd"
_OWN_KEYS: Final = frozenset(CocoImage.__struct_fields__)
_SNIFF_LIMIT: Final = 64


def find_documents(source: FileSource) -> Iterator[str]:
    """Yield the names of JSON files that may be COCO, the likely ones first."""
    names = [name for name in source.names() if name.lower().endswith(".json")]
    names.sort(key=lambda name: ("person_keypoints" in name or "captions" in name, name.count("/"), name))
    for name in names[:_SNIFF_LIMIT]:
        try:
            head = read_start(source, name, max_bytes=4096).lstrip(b"\xef\xbb\xbf \t\r\n")
        except InvalidInputError:
            continue
        if head.startswith(b"{") and re.search(rb'"(images|annotations|categories|info|licenses)"', head):
            yield name


def read_coco(source: FileSource, *, options: ReadOptions) -> Iterator[Sample | ReadProblem]:
    """Yield samples and problems of every COCO file of a source, image by image.

    Raises:
        InvalidInputError: There is no COCO file.
    """
    index = ImageIndex(source)
    seen: dict[str, str] = {}
    found = False
    for name in find_documents(source):
        try:
            document = load_document(source, name)
        except InvalidInputError as error:
            found = True
            yield ReadProblem(name, error.detail)
            continue
        if document is None:
            continue
        found = True
        for entry in _Reading(source, index, name, document, options).samples():
            if isinstance(entry, Sample):
                if entry.name in seen:
                    where = f"{name}: {printable(entry.name)}"
                    yield ReadProblem(where, f"the image is described by {seen[entry.name]} already")
                    continue
                seen[entry.name] = name
            yield entry
    if not found:
        raise InvalidInputError("there is no COCO file here: a .json with images, annotations and categories")


class _Reading:
    """One COCO file being read."""

    def __init__(
        self, source: FileSource, index: ImageIndex, name: str, document: Document, options: ReadOptions
    ) -> None:
        self.source = source
        self.index = index
        self.name = name
        self.options = options
        self.images = document.images or []
        self.raw_annotations = document.annotations or []
        self.raw_categories = document.categories
        self.categories: dict[Identifier, str] = {}
        self.split = split_of_document(name)
        self._decode_annotation = msgspec.json.Decoder(CocoAnnotation, strict=False).decode
        self._decode_image = msgspec.json.Decoder(CocoImage, strict=False).decode

    def samples(self) -> Iterator[Sample | ReadProblem]:
        yield from self._load_categories()
        by_image: dict[Identifier, list[int]] = {}
        yield from self._sort_annotations(by_image)
        for number, raw in enumerate(self.images):
            where = f"{self.name}: images[{number}]"
            try:
                image = self._decode_image(raw)
                file_name = declared_name(image.file_name)
            except (msgspec.MsgspecError, InvalidInputError, RecursionError, UnicodeDecodeError) as error:
                yield ReadProblem(where, f"not a usable image record: {error}")
                continue
            yield from self._sample(image, file_name, raw, by_image.pop(image.id, []), where)
        for indices in by_image.values():
            for index in indices:
                yield ReadProblem(
                    f"{self.name}: annotations[{index}]", "its image_id is not among the images"
                )

    def _load_categories(self) -> Iterator[ReadProblem]:
        if self.raw_categories is None:
            yield ReadProblem(self.name, "there are no categories; add them, or objects have no class")
            return
        decode = msgspec.json.Decoder(CocoCategory, strict=False).decode
        for number, raw in enumerate(self.raw_categories):
            where = f"{self.name}: categories[{number}]"
            try:
                category = decode(raw)
            except (msgspec.MsgspecError, RecursionError, UnicodeDecodeError) as error:
                yield ReadProblem(where, f"not a usable category: {error}")
                continue
            name = category.name.strip()[:200]
            if not name:
                yield ReadProblem(where, "a category needs a name")
            elif category.id in self.categories:
                yield ReadProblem(where, f"the category id {category.id} is used twice; the first one counts")
            else:
                self.categories[category.id] = name

    def _sort_annotations(self, by_image: dict[Identifier, list[int]]) -> Iterator[ReadProblem]:
        decode = msgspec.json.Decoder(AnnotationHead, strict=False).decode
        for number, raw in enumerate(self.raw_annotations):
            try:
                by_image.setdefault(decode(raw).image_id, []).append(number)
            except (msgspec.MsgspecError, RecursionError, UnicodeDecodeError) as error:
                yield ReadProblem(f"{self.name}: annotations[{number}]", f"not a usable annotation: {error}")

    def _sample(
        self, image: CocoImage, file_name: str, raw: msgspec.Raw, indices: list[int], where: str
    ) -> Iterator[Sample | ReadProblem]:
        media_name = self.index.find(file_name, beside=self.name, folders=("images", self.split))
        try:
            width, height = self._size(image, media_name)
        except GoldsmithError as error:
            yield ReadProblem(where, error.detail)
            return
        annotations: list[Annotation] = []
        crowd: list[str] = []
        yield from self._annotations(indices, (width, height), annotations, crowd)
        try:
            labelling = Labelling(annotations=annotations, answers=image.answers or {})
        except ValidationError as error:
            yield ReadProblem(where, _first(error))
            return
        yield Sample(
            name=file_name,
            width=width,
            height=height,
            labelling=labelling,
            metadata=_metadata(image, raw, crowd),
            split=image.split
            if image.split is not None
            else (self.split or split_of_parts(file_name.split("/")[:-1])),
            group=image.group or "",
            media_name=media_name,
        )

    def _annotations(
        self, indices: list[int], size: tuple[int, int], annotations: list[Annotation], crowd: list[str]
    ) -> Iterator[ReadProblem]:
        """Decode an image's annotations into ``annotations``, and the ids of those marked as crowd into ``crowd``."""
        taken: set[str] = set()
        for index in indices:
            at = f"{self.name}: annotations[{index}]"
            try:
                annotation, warning, is_crowd = self._annotation(index, *size)
            except (msgspec.MsgspecError, InvalidInputError, RecursionError, UnicodeDecodeError) as error:
                yield ReadProblem(at, str(error))
                continue
            except ValidationError as error:
                yield ReadProblem(at, _first(error))
                continue
            if annotation.annotation_id in taken:
                yield ReadProblem(at, f"its id {annotation.annotation_id} is used twice within the image")
                continue
            if warning:
                yield ReadProblem(at, warning, "warning")
            if is_crowd:
                crowd.append(annotation.annotation_id)
            taken.add(annotation.annotation_id)
            annotations.append(annotation)

    def _size(self, image: CocoImage, media_name: str | None) -> tuple[int, int]:
        if image.width and image.height and 0 < image.width < 1e6 and 0 < image.height < 1e6:
            return int(image.width), int(image.height)
        if media_name is not None:
            return upright_size(self.source, media_name)
        raise InvalidInputError("the image has no width and height, and its file is not there")

    def _annotation(self, index: int, width: int, height: int) -> tuple[Annotation, str, bool]:
        """Return (annotation, warning or empty, is crowd)."""
        record = self._decode_annotation(self.raw_annotations[index])
        class_id = self.categories.get(record.category_id)
        if class_id is None:
            raise InvalidInputError(f"its category_id {record.category_id} is not among the categories")
        geometry, warning = self._geometry(record, width, height)
        attributes, dropped = plain_attributes(record.attributes or {})
        if dropped:
            warning = (
                warning or f"its attributes {dropped} are neither a text, number, boolean nor list of texts"
            )
        is_occluded = record.is_occluded
        if is_occluded is None:
            # other tools keep the flag among the attributes
            is_occluded = attributes.pop("occluded", False) is True
        annotation = Annotation(
            annotation_id=record.annotation_id or f"coco-{index if record.id is None else record.id}",
            class_id=class_id,
            geometry=geometry,
            attributes=attributes,
            is_occluded=is_occluded,
            is_truncated=bool(record.is_truncated),
            score=record.score,
            origin=record.origin,
        )
        return annotation, warning, bool(record.iscrowd)

    def _geometry(self, record: CocoAnnotation, width: int, height: int) -> tuple[Box | Polygon, str]:
        polygons, warning = _polygons(record.segmentation)
        if len(polygons) == 1 and (self.options.prefer == "polygon" or record.bbox is None):
            try:
                polygon = polygon_from_flat(polygons[0], width=width, height=height)
            except InvalidInputError:
                if record.bbox is None:
                    raise
                warning = "its outline is broken; it is kept as its box"
            else:
                if self.options.prefer == "polygon":
                    return polygon, ""
                return Box(box_xyxy=polygon.bounds_xyxy()), ""
        elif len(polygons) > 1:
            warning = "its outline is in several parts; it is kept as its box"
        if self.options.prefer == "box":
            warning = ""
        if record.bbox is not None:
            return _own_box(record) or box_of_xywh(record.bbox, width=width, height=height), warning
        if len(polygons) > 1:
            xs = [value for part in polygons for value in part[0::2]]
            ys = [value for part in polygons for value in part[1::2]]
            return box_from_corners((min(xs), min(ys), max(xs), max(ys)), width=width, height=height), warning
        raise InvalidInputError("it has neither a bbox nor a polygon that can be read")


def _polygons(raw: msgspec.Raw) -> tuple[list[list[float]], str]:
    """Return the non-empty polygons of a segmentation, and a warning when there is none but a mask or a broken one."""
    if bytes(raw) in (b"", b"null", b"[]", b"[[]]"):
        return [], ""
    if bytes(raw).lstrip().startswith(b"{"):
        return [], "its RLE mask is kept as its box"
    try:
        parts = msgspec.json.decode(raw, type=list[list[float]])
    except (msgspec.MsgspecError, RecursionError):
        return [], "its segmentation cannot be read; it is kept as its box"
    return [part for part in parts if part], ""


def _own_box(record: CocoAnnotation) -> Box | None:
    """Return the exact corners that goldsmith wrote, when they still say the same as the bbox."""
    corners, bbox = record.box_xyxy, record.bbox
    if corners is None or bbox is None or len(corners) != 4 or len(bbox) != 4:
        return None
    left, top, right, bottom = corners
    said = (left, top, right - left, bottom - top)
    is_same = all(abs(a - b) <= 1e-3 for a, b in zip(said, bbox, strict=True))
    return box_from_corners((left, top, right, bottom), width=0, height=0) if is_same else None


def box_of_xywh(box: list[float], *, width: int, height: int) -> Box:
    """Return the box of ``[left, top, width, height]``, cut to the image.

    Raises:
        InvalidInputError: It is none.
    """
    if len(box) != 4:
        raise InvalidInputError("a bbox needs four numbers: left, top, width, height")
    left, top, across, down = box
    return box_from_corners((left, top, left + across, top + down), width=width, height=height)


def plain_attributes(raw: dict[str, Any]) -> tuple[dict[str, AttributeValue], list[str]]:
    """Return the attributes that can be held, and the names of the others; empty values are left out."""
    kept: dict[str, AttributeValue] = {}
    dropped: list[str] = []
    for key, value in raw.items():
        if value is None:
            continue
        if isinstance(value, bool | str):
            kept[key] = value
        elif isinstance(value, int | float):
            kept[key] = float(value)
        elif isinstance(value, list) and all(isinstance(entry, str) for entry in value):
            kept[key] = value
        else:
            dropped.append(key)
    return kept, dropped


def split_of_document(name: str) -> str:
    """Return the split that a file's name or folder says, such as ``train`` for ``instances_train2017.json``."""
    *folders, last = name.split("/")
    words = re.split(r"[^A-Za-z]+", split_extension(last)[0])
    return next((split for word in words if (split := split_of_word(word))), "") or split_of_parts(
        folders[::-1]
    )


def _metadata(image: CocoImage, raw: msgspec.Raw, crowd: list[str]) -> dict[str, Any]:
    """Return the image's own metadata: what goldsmith wrote, or the plain values of other keys."""
    if image.metadata is not None:
        metadata = dict(image.metadata)
    else:
        extra: dict[str, Any] = msgspec.json.decode(raw)
        metadata = {
            key: value
            for key, value in extra.items()
            if key not in _OWN_KEYS and isinstance(value, str | int | float | bool)
        }
        metadata["coco_image_id"] = image.id
    if crowd:
        metadata[CROWD_KEY] = crowd
    return metadata


def _first(error: ValidationError) -> str:
    fault = error.errors()[0]
    return f"{'.'.join(str(part) for part in fault['loc'])}: {fault['msg']}"
