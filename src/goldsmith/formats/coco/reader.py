"""Reads COCO detection files.

Conventions: a box is ``[left, top, width, height]`` in pixels; what segmentations and keypoints become is told in
``shapes``. An annotation that means several shapes (a skeleton and an outline, say) becomes a group of objects, the
further ones named ``<id>-2`` and so on. ``iscrowd`` objects are listed by annotation id in the sample's metadata under
``coco_iscrowd``. Class ids are category names.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any, Final

import msgspec
from pydantic import ValidationError

from goldsmith.core.annotations import (
    MAX_RELATIONS,
    Annotation,
    AttributeValue,
    Labelling,
    Relation,
    relations_fault,
)
from goldsmith.core.errors import GoldsmithError, InvalidInputError
from goldsmith.core.ontology import Ontology
from goldsmith.formats.coco.categories import Category, ontology_of, read_categories
from goldsmith.formats.coco.documents import (
    AnnotationHead,
    CocoAnnotation,
    CocoImage,
    Document,
    Identifier,
    load_document,
)
from goldsmith.formats.coco.shapes import shapes_of
from goldsmith.formats.images import ImageIndex, read_each, split_of_parts, split_of_word, upright_size
from goldsmith.formats.names import declared_name, split_extension
from goldsmith.formats.sources import FileSource, read_start
from goldsmith.formats.types import ReadOptions, ReadProblem, Sample

CROWD_KEY: Final = "coco_iscrowd"
_OWN_KEYS: Final = frozenset(CocoImage.__struct_fields__)
_SNIFF_LIMIT: Final = 64
_HEAD: Final = re.compile(rb'"(images|annotations|categories|licenses)"\s*:\s*\[|"info"\s*:')
"""Lists, not numbers: a report beside a set of another format counts its annotations."""


def find_documents(source: FileSource) -> Iterator[str]:
    """Yield the names of JSON files that may be COCO, the likely ones first."""
    names = [name for name in source.names() if name.lower().endswith(".json")]
    names.sort(key=lambda name: ("person_keypoints" in name or "captions" in name, name.count("/"), name))
    for name in names[:_SNIFF_LIMIT]:
        try:
            head = read_start(source, name, max_bytes=4096).lstrip(b"\xef\xbb\xbf \t\r\n")
        except InvalidInputError:
            continue
        if head.startswith(b"{") and _HEAD.search(head):
            yield name


def looks_like_coco(source: FileSource) -> bool:
    """Say whether a JSON file with images and annotations is there."""
    return next(find_documents(source), None) is not None


def read_coco(source: FileSource, *, options: ReadOptions) -> Iterator[Sample | ReadProblem]:
    """Yield samples and problems of every COCO file of a source, image by image.

    Raises:
        InvalidInputError: There is no COCO file.
    """
    index = ImageIndex(source)

    def read(name: str) -> Iterator[Sample | ReadProblem] | None:
        document = load_document(source, name)
        return None if document is None else _Reading(source, index, name, document, options).samples()

    return read_each(
        find_documents(source),
        read,
        nothing="there is no COCO file here: a .json with images, annotations and categories",
    )


def read_coco_ontology(source: FileSource) -> Ontology | None:
    """Return the classes that have skeletons and the types of relations, of the first file that tells of any."""
    for name in find_documents(source):
        try:
            document = load_document(source, name)
        except InvalidInputError:
            continue
        found = None if document is None else ontology_of(document)
        if found is not None:
            return found
    return None


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
        self.categories: dict[Identifier, Category] = {}
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
        for entry in read_categories(self.raw_categories, where=self.name):
            if isinstance(entry, ReadProblem):
                yield entry
            else:
                self.categories[entry.category_id] = entry

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
        relations: list[Relation] = []
        yield from self._relations(image.relations or [], annotations, relations, where)
        try:
            labelling = Labelling(annotations=annotations, answers=image.answers or {}, relations=relations)
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
                objects, warning, is_crowd = self._objects(index, size)
            except (msgspec.MsgspecError, InvalidInputError, RecursionError, UnicodeDecodeError) as error:
                yield ReadProblem(at, str(error))
                continue
            except ValidationError as error:
                yield ReadProblem(at, _first(error))
                continue
            if any(entry.annotation_id in taken for entry in objects):
                yield ReadProblem(at, f"its id {objects[0].annotation_id} is used twice within the image")
                continue
            if warning:
                yield ReadProblem(at, warning, "warning")
            if is_crowd:
                crowd.extend(entry.annotation_id for entry in objects)
            taken.update(entry.annotation_id for entry in objects)
            annotations.extend(objects)

    def _relations(
        self, raws: list[Any], annotations: list[Annotation], relations: list[Relation], where: str
    ) -> Iterator[ReadProblem]:
        """Read an image's relations, which goldsmith wrote, into ``relations``."""
        ids = {entry.annotation_id for entry in annotations}
        for number, raw in enumerate(raws):
            at = f"{where}: relations[{number}]"
            try:
                relation = Relation.model_validate(raw)
            except ValidationError as error:
                yield ReadProblem(at, _first(error))
                continue
            if {relation.from_id, relation.to_id} <= ids:
                relations.append(relation)
            else:
                yield ReadProblem(at, "an object that it joins is not among those of the image")
        fault = relations_fault(relations, ids)
        if len(relations) > MAX_RELATIONS:
            fault = f"there are {len(relations):,}, and one image may have {MAX_RELATIONS:,}"
        if fault is not None:
            relations.clear()
            yield ReadProblem(where, f"its relations are left out: {fault}")

    def _size(self, image: CocoImage, media_name: str | None) -> tuple[int, int]:
        if image.width and image.height and 0 < image.width < 1e6 and 0 < image.height < 1e6:
            return int(image.width), int(image.height)
        if media_name is not None:
            return upright_size(self.source, media_name)
        raise InvalidInputError("the image has no width and height, and its file is not there")

    def _objects(self, index: int, size: tuple[int, int]) -> tuple[list[Annotation], str, bool]:
        """Return (the objects of an annotation, warning or empty, is crowd); several are a group."""
        record = self._decode_annotation(self.raw_annotations[index])
        category = self.categories.get(record.category_id)
        if category is None:
            raise InvalidInputError(f"its category_id {record.category_id} is not among the categories")
        shapes, warning = shapes_of(record, node_ids=category.node_ids, size=size, options=self.options)
        attributes, dropped = plain_attributes(record.attributes or {})
        if dropped:
            warning = (
                warning or f"its attributes {dropped} are neither a text, number, boolean nor list of texts"
            )
        is_occluded = record.is_occluded
        if is_occluded is None:
            # other tools keep the flag among the attributes
            is_occluded = attributes.pop("occluded", False) is True
        name = record.annotation_id or f"coco-{index if record.id is None else record.id}"
        group_id = None if record.group_id is None else str(record.group_id)
        objects = [
            Annotation(
                annotation_id=name if number == 1 else f"{name}-{number}",
                class_id=category.class_id,
                geometry=shape,
                attributes=attributes,
                is_occluded=is_occluded,
                is_truncated=bool(record.is_truncated),
                score=record.score,
                origin=record.origin,
                group_id=group_id or (name if len(shapes) > 1 else None),
            )
            for number, shape in enumerate(shapes, start=1)
        ]
        return objects, warning, bool(record.iscrowd)


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
