"""Reads predictions in COCO results form: ``[{"image_id", "category_id", "bbox", "score"}, ...]``."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import NamedTuple, Self

import msgspec

from goldsmith.core.annotations import Annotation, Labelling
from goldsmith.core.errors import InvalidInputError
from goldsmith.core.geometry import Box
from goldsmith.formats.classes import ClassNumbers
from goldsmith.formats.coco.documents import CocoCategory, CocoImage, CocoResult, Identifier, decode_document
from goldsmith.formats.coco.shapes import box_of_xywh
from goldsmith.formats.types import ReadProblem


class ImageRef(NamedTuple):
    """An image as results refer to it."""

    name: str
    width: int
    """Pixels; 0 when not known, then boxes are not cut to the image."""
    height: int


class Prediction(NamedTuple):
    """One predicted box."""

    image_name: str
    class_id: str
    box_xyxy: tuple[float, float, float, float]
    score: float


@dataclass(frozen=True, slots=True)
class CocoImages:
    """What the ids in a results file mean.

    Attributes:
        images: Image by id; ids as written in the COCO file, and also image names.
        categories: Class id by category id, and also by itself.
    """

    images: Mapping[Identifier, ImageRef]
    categories: Mapping[Identifier, str]

    @classmethod
    def of_export(cls, images: Iterable[ImageRef], *, class_ids: Iterable[str]) -> Self:
        """Return the ids that the writer gives to these images and classes, in this order.

        ``class_ids`` are those of the ontology the export was written with, in its order.
        """
        refs = list(images)
        by_id: dict[Identifier, ImageRef] = {ref.name: ref for ref in refs}
        by_id.update(enumerate(refs, start=1))
        numbers = ClassNumbers()
        for class_id in class_ids:
            numbers.number_of(class_id)
        names = numbers.class_ids()
        categories: dict[Identifier, str] = {name: name for name in names}
        categories.update(enumerate(names, start=1))
        return cls(by_id, categories)

    @classmethod
    def of_document(cls, data: bytes) -> Self:
        """Return the ids of a COCO file given by its bytes; records that cannot be read are passed over.

        Raises:
            InvalidInputError: It is no COCO file.
        """
        document = decode_document(data, where="the COCO file")
        if document is None:
            raise InvalidInputError("not a COCO file: it needs images, annotations and categories")
        images: dict[Identifier, ImageRef] = {}
        for raw in document.images or ():
            try:
                image = msgspec.json.decode(raw, type=CocoImage, strict=False)
            except msgspec.MsgspecError:
                continue
            images[image.id] = ImageRef(image.file_name, int(image.width or 0), int(image.height or 0))
        categories: dict[Identifier, str] = {}
        for raw in document.categories or ():
            try:
                category = msgspec.json.decode(raw, type=CocoCategory, strict=False)
            except msgspec.MsgspecError:
                continue
            categories[category.id] = category.name
        return cls(images, categories)


def read_results(data: bytes, *, images: CocoImages) -> Iterator[Prediction | ReadProblem]:
    """Yield the predictions of a results file, in its order, with the records that could not be taken.

    Args:
        data: The file.
        images: What its ids mean.

    Raises:
        InvalidInputError: It is no JSON list.
    """
    raw = data[3:] if data.startswith(b"\xef\xbb\xbf") else data
    try:
        records = msgspec.json.decode(raw, type=list[msgspec.Raw])
    except (msgspec.MsgspecError, RecursionError) as error:
        raise InvalidInputError(f"not a COCO results file (a JSON list): {error}") from error
    decode = msgspec.json.Decoder(CocoResult, strict=False).decode
    for number, record in enumerate(records):
        try:
            yield _prediction(decode(record), images)
        except (msgspec.MsgspecError, InvalidInputError, RecursionError, UnicodeDecodeError) as error:
            yield ReadProblem(f"results[{number}]", str(error))


def _prediction(result: CocoResult, images: CocoImages) -> Prediction:
    image = images.images.get(result.image_id)
    if image is None:
        raise InvalidInputError(f"its image_id {result.image_id!r} is not known")
    class_id = images.categories.get(result.category_id)
    if class_id is None:
        raise InvalidInputError(f"its category_id {result.category_id!r} is not known")
    if not 0.0 <= result.score <= 1.0:
        raise InvalidInputError(f"its score {result.score!r} is not between 0 and 1")
    box = box_of_xywh(result.bbox, width=image.width, height=image.height)
    return Prediction(image.name, class_id, box.box_xyxy, result.score)


def labellings_of_results(predictions: Iterable[Prediction | ReadProblem]) -> dict[str, Labelling]:
    """Return one labelling for each image that has predictions, by image name; problems are passed over."""
    by_image: dict[str, list[Annotation]] = {}
    for prediction in predictions:
        if isinstance(prediction, Prediction):
            found = by_image.setdefault(prediction.image_name, [])
            found.append(
                Annotation(
                    annotation_id=f"result-{len(found) + 1}",
                    class_id=prediction.class_id,
                    geometry=Box(box_xyxy=prediction.box_xyxy),
                    score=prediction.score,
                )
            )
    return {name: Labelling(annotations=annotations) for name, annotations in by_image.items()}
