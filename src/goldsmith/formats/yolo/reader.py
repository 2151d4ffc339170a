"""Reads YOLO data sets.

A label line is ``class x y w h`` (a box: middle and size), ``class x y w h score`` (a prediction), or
``class x0 y0 x1 y1 x2 y2 ...`` (a segment, with an odd number at the end being its score); all coordinates are shares
of the upright image. An image without a label file is an image without objects.

Where the description has ``kpt_shape``, a line is ``class x y w h`` and the keypoints, with a score at most after them:
a skeleton, and its box as a further object of the same group unless it is the one around the keypoints; a box alone
where no keypoint is labelled. Where all lines of the first files have four points at right angles, some of them turned,
they are the corners of rotated boxes. A segment whose holes hang on it by bridges gets its holes back.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Final

from pydantic import ValidationError

from goldsmith.core.annotations import Annotation, Labelling
from goldsmith.core.errors import GoldsmithError, InvalidInputError, TooLargeError
from goldsmith.core.ontology import Ontology
from goldsmith.formats.images import upright_size
from goldsmith.formats.sources import FileSource, read_file
from goldsmith.formats.types import ReadOptions, ReadProblem, Sample
from goldsmith.formats.yolo.keypoints import ontology_of
from goldsmith.formats.yolo.layout import (
    Layout,
    image_files,
    label_files,
    label_name_of,
    load_layout,
    sample_name_of,
)
from goldsmith.formats.yolo.line_reader import LineReader
from goldsmith.formats.yolo.variants import looks_like_corners

MAX_LABEL_BYTES: Final = 64 * 2**20


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
    label_of = {
        image: next((name for name in label_name_of(image) if name in labels), None) for image in images
    }
    lines = LineReader(layout, options, _variant(source, layout, label_of, options))
    taken: set[str] = set()
    for image_name, label in label_of.items():
        yield from _read_image(source, layout, image_name, label, taken, lines)
    for label in sorted(labels - set(label_of.values())):
        yield ReadProblem(label, "there is no image for these labels")


def read_yolo_ontology(source: FileSource) -> Ontology | None:
    """Return the classes with their skeletons where the description tells of keypoints."""
    layout = load_layout(source)
    return None if layout.keypoints is None else ontology_of(layout.keypoints, layout.classes)


def _variant(
    source: FileSource, layout: Layout, label_of: Mapping[str, str | None], options: ReadOptions
) -> str:
    if options.yolo_variant != "auto":
        return options.yolo_variant
    if layout.keypoints is not None:
        return "pose"
    if layout.variant:
        return layout.variant
    pairs = ((image, label) for image, label in label_of.items() if label is not None)
    return "obb" if looks_like_corners(source, pairs) else "segment"


def _read_image(
    source: FileSource,
    layout: Layout,
    image_name: str,
    label: str | None,
    taken: set[str],
    lines: LineReader,
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
            annotations.extend(lines.objects_of(fields, number, width, height))
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
