"""Reads PNG masks; see ``layout``."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any, Final

import msgspec
import numpy as np
from numpy.typing import NDArray
from PIL import Image
from pydantic import ValidationError

from goldsmith.core.annotations import Annotation, Labelling
from goldsmith.core.errors import GoldsmithError, InvalidInputError
from goldsmith.core.geometry import AnyShape, Box, Mask
from goldsmith.core.ontology import LabelClass, Ontology
from goldsmith.formats.classes import class_color
from goldsmith.formats.images import ImageIndex, split_of_parts
from goldsmith.formats.masks.layout import (
    ANNOTATIONS_FILE,
    CLASSES_FILE,
    IMAGES,
    INSTANCES,
    MAX_IMAGE_PX,
    SEMANTIC,
    MaskClass,
    MaskObject,
    MaskSample,
    load_annotations,
    load_classes,
)
from goldsmith.formats.names import declared_name, printable, split_extension
from goldsmith.formats.runs import masks_of_numbers
from goldsmith.formats.sources import UNPACK_ERRORS, FileSource
from goldsmith.formats.types import ReadOptions, ReadProblem, Sample

_MODES: Final = ("P", "L", "1", "I", "I;16", "I;16B")
_COLOR: Final = re.compile(r"^#[0-9a-fA-F]{6}$")


def looks_like_masks(source: FileSource) -> bool:
    """Say whether numbered classes and pictures of them are there."""
    return _home(source) is not None


def read_masks_ontology(source: FileSource) -> Ontology | None:
    """Return the classes with their names and colours; None where they do not hold."""
    home = _home(source)
    if home is None:
        return None
    try:
        classes = load_classes(source, home + CLASSES_FILE)
        return Ontology(
            classes=[
                LabelClass(
                    class_id=entry.class_id,
                    name=entry.name.strip()[:200] or entry.class_id,
                    color=entry.color if _COLOR.match(entry.color) else class_color(number),
                    geometry_kinds=["mask"],
                )
                for number, entry in enumerate(classes.values())
            ]
        )
    except (InvalidInputError, ValidationError):
        return None


def read_masks(source: FileSource, *, options: ReadOptions) -> Iterator[Sample | ReadProblem]:
    """Yield samples and problems, image by image.

    Raises:
        InvalidInputError: There are no numbered classes with pictures.
    """
    home = _home(source)
    if home is None:
        raise InvalidInputError(f"there is no {CLASSES_FILE} here with PNG masks in {SEMANTIC}/ beside it")
    reading = _Reading(source, home, options)
    try:
        reading.classes = load_classes(source, home + CLASSES_FILE)
    except InvalidInputError as error:
        yield ReadProblem(home + CLASSES_FILE, error.detail)
        return
    if home + ANNOTATIONS_FILE in reading.names:
        yield from reading.listed()
    else:
        yield from reading.found()


def _home(source: FileSource) -> str | None:
    """Return the folder with ``classes.json`` and PNG masks, with its slash; None without one."""
    names = source.names()
    for name in names:
        folder, slash, last = name.rpartition("/")
        if last == CLASSES_FILE:
            home = folder + slash
            if any(
                entry.startswith((f"{home}{SEMANTIC}/", f"{home}{INSTANCES}/"))
                or entry == home + ANNOTATIONS_FILE
                for entry in names
            ):
                try:
                    load_classes(source, name)
                except InvalidInputError:
                    continue
                return home
    return None


class _Reading:
    """One data set being read."""

    def __init__(self, source: FileSource, home: str, options: ReadOptions) -> None:
        self.source = source
        self.home = home
        self.prefers_box = options.prefer == "box"
        self.classes: dict[int, MaskClass] = {}
        self.names = frozenset(source.names())
        self._index = ImageIndex(source)

    def listed(self) -> Iterator[Sample | ReadProblem]:
        """Yield what ``annotations.json`` lists."""
        where = self.home + ANNOTATIONS_FILE
        try:
            document = load_annotations(self.source, where)
        except InvalidInputError as error:
            yield ReadProblem(where, error.detail)
            return
        if document is None:
            yield ReadProblem(
                where,
                "not a list of samples with their objects; the PNG masks are read without it",
                "warning",
            )
            yield from self.found()
            return
        decode = msgspec.json.Decoder(MaskSample, strict=False).decode
        taken: set[str] = set()
        for number, raw in enumerate(document.samples):
            at = f"{where}: samples[{number}]"
            try:
                record = decode(raw)
                name = declared_name(record.name)
                if name in taken:
                    raise InvalidInputError(f"the name {printable(name)} is used twice")
                taken.add(name)
                yield from self._sample(record, name, at)
            except ValidationError as error:
                yield ReadProblem(at, error.errors()[0]["msg"])
            except (msgspec.MsgspecError, GoldsmithError, RecursionError, UnicodeDecodeError) as error:
                yield ReadProblem(at, str(error))

    def found(self) -> Iterator[Sample | ReadProblem]:
        """Yield the classes of each PNG below ``semantic/``, one mask for each."""
        prefix = f"{self.home}{SEMANTIC}/"
        for name in sorted(self.names):
            if not (name.startswith(prefix) and name.lower().endswith(".png")):
                continue
            stem = split_extension(name[len(prefix) :])[0]
            media_name = self._image_of_stem(stem)
            try:
                numbers = self._numbers(name)
                masks = masks_of_numbers(numbers)
            except GoldsmithError as error:
                yield ReadProblem(name, error.detail)
                continue
            annotations = []
            for index, mask in masks.items():
                known = self.classes.get(index)
                if known is None:
                    yield ReadProblem(
                        name,
                        f"the index {index} is not among the classes; its pixels are left out",
                        "warning",
                    )
                    continue
                shape = self._shape(mask)
                annotations.append(
                    Annotation(annotation_id=f"class-{index}", class_id=known.class_id, geometry=shape)
                )
            yield Sample(
                name=stem + split_extension(media_name)[1] if media_name else f"{stem}.png",
                width=numbers.shape[1],
                height=numbers.shape[0],
                labelling=Labelling(annotations=annotations),
                split=split_of_parts(stem.split("/")[:-1]),
                media_name=media_name,
                label_names=(name,),
            )

    def _sample(self, record: MaskSample, name: str, where: str) -> Iterator[Sample | ReadProblem]:
        instances = self.home + declared_name(record.instances)
        if instances not in self.names:
            raise InvalidInputError(f"the picture {printable(instances)} is not there")
        numbers = self._numbers(instances)
        height, width = numbers.shape
        if (record.width, record.height) != (width, height):
            raise InvalidInputError(
                f"it says {record.width} x {record.height} pixels; {printable(instances)} has {width} x {height}"
            )
        masks = masks_of_numbers(numbers)
        annotations: list[Annotation] = []
        for entry in record.objects:
            at = f"{where}: object {entry.id}"
            mask = masks.pop(entry.id, None)
            if mask is None:
                yield ReadProblem(at, f"no pixel of {printable(instances)} is its own; it is left out")
                continue
            try:
                annotations.append(self._annotation(entry, mask))
            except ValidationError as error:
                yield ReadProblem(at, error.errors()[0]["msg"])
        for number in masks:
            yield ReadProblem(where, f"object {number} of {printable(instances)} is not listed", "warning")
        label_names = [instances]
        if record.semantic:
            label_names.append(self.home + declared_name(record.semantic))
        yield Sample(
            name=name,
            width=width,
            height=height,
            labelling=Labelling(annotations=annotations, answers=record.answers),
            metadata=record.metadata,
            split=record.split,
            group=record.group,
            media_name=self._image(record.file_name),
            label_names=tuple(label_names),
        )

    def _annotation(self, entry: MaskObject, mask: Mask) -> Annotation:
        return Annotation(
            annotation_id=entry.annotation_id or f"object-{entry.id}",
            class_id=entry.class_id,
            geometry=self._shape(mask),
            attributes=entry.attributes,
            is_occluded=entry.is_occluded,
            is_truncated=entry.is_truncated,
            score=entry.score,
            origin=entry.origin,
            group_id=entry.group_id,
        )

    def _shape(self, mask: Mask) -> AnyShape:
        return Box(box_xyxy=mask.bounds_xyxy()) if self.prefers_box else mask

    def _image(self, file_name: str) -> str | None:
        declared = declared_name(file_name)
        beside = f"{self.home}{IMAGES}/{declared}"
        return beside if beside in self.names else None

    def _image_of_stem(self, stem: str) -> str | None:
        prefix = f"{self.home}{IMAGES}/{stem}."
        found = [name for name in self._index.names if name.startswith(prefix)]
        return found[0] if len(found) == 1 else None

    def _numbers(self, name: str) -> NDArray[Any]:
        """Return the numbers of a picture.

        Raises:
            InvalidInputError: It is no picture of numbers, or has too many pixels.
        """
        try:
            with self.source.open(name) as file, Image.open(file, formats=("PNG",)) as picture:
                _check_picture(picture, name)
                numbers = np.asarray(picture)
        except (*UNPACK_ERRORS, ValueError, SyntaxError, Image.DecompressionBombError) as error:
            raise InvalidInputError(f"{printable(name)} cannot be read: {error}") from error
        if numbers.dtype.kind == "i" and int(numbers.min(initial=0)) < 0:
            raise InvalidInputError(f"{printable(name)} holds a negative number")
        return numbers.astype(np.uint8) if numbers.dtype == np.bool_ else numbers


def _check_picture(picture: Image.Image, name: str) -> None:
    width, height = picture.size
    if width * height > MAX_IMAGE_PX:
        raise InvalidInputError(f"{printable(name)} has more than {MAX_IMAGE_PX} pixels")
    if picture.mode not in _MODES:
        raise InvalidInputError(
            f"the pixels of {printable(name)} are colours ({picture.mode}), not numbers; "
            "save it as 8 or 16 bit grey, or with a palette"
        )
