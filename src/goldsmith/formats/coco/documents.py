"""COCO files as they lie on disk: typed records, decoded one at a time from the raw document."""

from __future__ import annotations

from typing import Any, Final

import msgspec

from goldsmith.core.errors import InvalidInputError, TooLargeError
from goldsmith.formats.names import printable
from goldsmith.formats.sources import FileSource, read_file

MAX_DOCUMENT_BYTES: Final = 2 * 2**30

Identifier = int | str
_NOTHING: Final = msgspec.Raw()


class Document(msgspec.Struct):
    """A whole file; its records stay undecoded slices of it."""

    images: list[msgspec.Raw] | None = None
    annotations: list[msgspec.Raw] | None = None
    categories: list[msgspec.Raw] | None = None
    goldsmith: msgspec.Raw = _NOTHING


class CocoCategory(msgspec.Struct):
    """One entry of ``categories``."""

    id: Identifier
    name: str
    keypoints: list[str] | None = None
    skeleton: msgspec.Raw = _NOTHING
    goldsmith: msgspec.Raw = _NOTHING


class CocoImage(msgspec.Struct):
    """One entry of ``images``, with the keys that goldsmith adds; unknown keys are looked up in the raw record."""

    id: Identifier
    file_name: str
    width: float | None = None
    height: float | None = None
    split: str | None = None
    group: str | None = None
    metadata: dict[str, Any] | None = None
    answers: dict[str, Any] | None = None
    relations: list[Any] | None = None


class AnnotationHead(msgspec.Struct):
    """What is needed to sort annotations by image."""

    image_id: Identifier


class CocoAnnotation(msgspec.Struct):
    """One entry of ``annotations``, with the keys that goldsmith adds."""

    category_id: Identifier
    id: Identifier | None = None
    bbox: list[float] | None = None
    segmentation: msgspec.Raw = _NOTHING
    keypoints: list[float] | None = None
    iscrowd: bool | int = 0
    box_xyxy: list[float] | None = None
    score: float | None = None
    attributes: dict[str, Any] | None = None
    annotation_id: str | None = None
    is_occluded: bool | None = None
    is_truncated: bool | None = None
    origin: str | None = None
    group_id: Identifier | None = None
    goldsmith: msgspec.Raw = _NOTHING


class CocoRle(msgspec.Struct):
    """A mask in ``segmentation``."""

    counts: str | list[int]
    size: tuple[int, int]
    """Height and width."""


class CocoResult(msgspec.Struct):
    """One entry of a results file."""

    image_id: Identifier
    category_id: Identifier
    bbox: list[float]
    score: float


def load_document(source: FileSource, name: str) -> Document | None:
    """Return a COCO file of a source, None when the JSON is something else.

    Raises:
        InvalidInputError: It is not JSON at all, or too large.
    """
    try:
        data = read_file(source, name, max_bytes=MAX_DOCUMENT_BYTES)
    except TooLargeError as error:
        raise InvalidInputError(error.detail) from error
    return decode_document(data, where=name)


def decode_document(data: bytes, *, where: str) -> Document | None:
    """Return a COCO file from its bytes, None when the JSON is something else.

    Raises:
        InvalidInputError: It is not JSON at all.
    """
    raw = data[3:] if data.startswith(b"\xef\xbb\xbf") else data
    if raw.lstrip()[:1] != b"{":
        return None
    try:
        document = msgspec.json.decode(raw, type=Document)
    except msgspec.ValidationError:
        return None
    except (msgspec.DecodeError, RecursionError) as error:
        raise InvalidInputError(f"{printable(where)} is not readable JSON: {error}") from error
    is_coco = document.images is not None and document.annotations is not None
    return document if is_coco else None
