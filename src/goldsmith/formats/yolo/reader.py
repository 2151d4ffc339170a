"""Reads YOLO data sets.

A label line is ``class x y w h`` (a box: middle and size), ``class x y w h score`` (a prediction), or
``class x0 y0 x1 y1 x2 y2 ...`` (a segment, with an odd number at the end being its score); all coordinates are shares
of the upright image. An image without a label file is an image without objects.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from pydantic import ValidationError

from goldsmith.core.annotations import Annotation, Labelling
from goldsmith.core.errors import GoldsmithError, InvalidInputError, TooLargeError
from goldsmith.core.geometry import Box, Polygon
from goldsmith.formats.images import upright_size
from goldsmith.formats.shapes import box_from_corners, polygon_from_flat
from goldsmith.formats.sources import FileSource, read_file
from goldsmith.formats.types import ReadOptions, ReadProblem, Sample
from goldsmith.formats.yolo.layout import (
    Layout,
    image_files,
    label_files,
    label_name_of,
    load_layout,
    sample_name_of,
)

MAX_LABEL_BYTES: Final = 64 * 2**20
TOLERANCE: Final = 2e-3
"""Shares may overshoot 0 and 1 by so much through rounding; they are cut to the image."""


def read_yolo(source: FileSource, *, options: ReadOptions) -> Iterator[Sample | ReadProblem]:
    """Yield samples and problems, image by image.

    Raises:
        InvalidInputError: There are no images.
    """
    layout = load_layout(source)
    images = image_files(source)
    if not images:
        raise InvalidInputError(
            "there are no images here; YOLO labels need them, as they count in shares of the image"
        )
    yield from layout.problems
    if not layout.classes:
        what = "there is no data.yaml with names and no classes.txt; classes are called class_0, class_1, ..."
        yield ReadProblem("data.yaml", what, "warning")
    labels = label_files(source)
    used: set[str] = set()
    taken: set[str] = set()
    for image_name in images:
        label = next((name for name in label_name_of(image_name) if name in labels), None)
        if label is not None:
            used.add(label)
        yield from _read_image(source, layout, image_name, label, taken, options)
    for label in sorted(labels - used):
        yield ReadProblem(label, "there is no image for these labels")


def _read_image(
    source: FileSource,
    layout: Layout,
    image_name: str,
    label: str | None,
    taken: set[str],
    options: ReadOptions,
) -> Iterator[Sample | ReadProblem]:
    split = layout.split_of(image_name)
    annotations: list[Annotation] = []
    try:
        width, height = upright_size(source, image_name)
        text = read_file(source, label, max_bytes=MAX_LABEL_BYTES).decode("utf-8-sig") if label else ""
    except (GoldsmithError, UnicodeDecodeError) as error:
        yield ReadProblem(label or image_name, str(error))
        return
    for number, line in enumerate(text.splitlines(), start=1):
        fields = line.split()
        if not fields:
            continue
        try:
            annotations.append(_annotation(fields, number, width, height, layout.classes, options))
        except (InvalidInputError, TooLargeError) as error:
            yield ReadProblem(f"{label}: line {number}", error.detail)
        except ValidationError as error:
            yield ReadProblem(f"{label}: line {number}", error.errors()[0]["msg"])
    try:
        labelling = Labelling(annotations=annotations)
    except ValidationError as error:
        yield ReadProblem(label or image_name, error.errors()[0]["msg"])
        return
    name = sample_name_of(image_name, split)
    name = image_name if name in taken else name
    taken.add(name)
    yield Sample(
        name=name, width=width, height=height, labelling=labelling, split=split, media_name=image_name
    )


def _annotation(
    fields: list[str], number: int, width: int, height: int, classes: dict[int, str], options: ReadOptions
) -> Annotation:
    class_id = _class_of(fields[0], classes)
    try:
        shares = [float(field) for field in fields[1:]]
    except ValueError as error:
        raise InvalidInputError(f"holds something that is no number: {str(error)[:80]}") from error
    score: float | None = None
    if len(shares) % 2 and len(shares) >= 5:
        score = shares.pop()
        if not 0.0 <= score <= 1.0:
            raise InvalidInputError(f"the score {score:g} is not between 0 and 1")
    if len(shares) < 4:
        raise InvalidInputError("a box needs 'class x y w h', a segment 'class x y x y x y ...'")
    geometry = _box(shares, width, height) if len(shares) == 4 else _polygon(shares, width, height)
    if options.prefer == "box" and isinstance(geometry, Polygon):
        geometry = Box(box_xyxy=geometry.bounds_xyxy())
    return Annotation(annotation_id=f"line-{number}", class_id=class_id, geometry=geometry, score=score)


def _class_of(text: str, classes: dict[int, str]) -> str:
    if not text.isdecimal() or len(text) > 9:
        raise InvalidInputError(f"the class {text[:20]!r} is not a whole number from 0")
    number = int(text)
    if not classes:
        return f"class_{number}"
    if number not in classes:
        raise InvalidInputError(f"the class {number} has no name in the data set's description")
    return classes[number]


def _box(shares: list[float], width: int, height: int) -> Box:
    x, y, across, down = shares
    if across < 0 or down < 0:
        raise InvalidInputError("the box has a negative size")
    corners = (x - across / 2, y - down / 2, x + across / 2, y + down / 2)
    _check_shares(corners)
    left, top, right, bottom = corners
    return box_from_corners(
        (left * width, top * height, right * width, bottom * height), width=width, height=height
    )


def _polygon(shares: list[float], width: int, height: int) -> Polygon:
    _check_shares(shares)
    numbers = [share * (height if index % 2 else width) for index, share in enumerate(shares)]
    return polygon_from_flat(numbers, width=width, height=height)


def _check_shares(shares: tuple[float, ...] | list[float]) -> None:
    if not all(-TOLERANCE <= share <= 1.0 + TOLERANCE for share in shares):
        raise InvalidInputError("coordinates must be shares of the image between 0 and 1, not pixels")
