"""Writes PNG masks; see ``layout``.

What covers an area becomes the pixels whose centres are inside; where objects overlap, the later one shows. Objects of
which nothing shows, points, lines and skeletons have no pixels and are left out.
"""

from __future__ import annotations

import io
import tempfile
from collections.abc import Iterable, Mapping
from typing import Any, BinaryIO, Final, cast

import msgspec
import numpy as np
from numpy.typing import NDArray
from PIL import Image

from goldsmith.core.annotations import Annotation
from goldsmith.core.errors import InvalidInputError
from goldsmith.core.geometry import Mask
from goldsmith.core.geometry.raster import mask_of_shape, pixels_of_mask
from goldsmith.core.ontology import LabelClass, Ontology
from goldsmith.formats.classes import ClassNumbers, class_color
from goldsmith.formats.losses import count_shape_loss
from goldsmith.formats.masks.layout import (
    ANNOTATIONS_FILE,
    CLASSES_FILE,
    IMAGES,
    INSTANCES,
    MAGIC,
    MAX_8_BIT,
    MAX_CLASSES,
    MAX_IMAGE_PX,
    SEMANTIC,
    VERSION,
    MaskObject,
    MaskSample,
)
from goldsmith.formats.media import copy_media
from goldsmith.formats.names import NameAllotter, split_extension
from goldsmith.formats.targets import FileTarget
from goldsmith.formats.types import Capabilities, LossReport, Sample, WriteContext

HELD: Final = Capabilities(
    geometry_kinds=frozenset({"mask"}),
    has_attributes=True,
    has_flags=True,
    has_scores=True,
    has_splits=True,
    has_metadata=True,
    has_answers=True,
    has_object_groups=True,
)
_SPOOL_BYTES: Final = 8 * 2**20


def write_masks(samples: Iterable[Sample], target: FileTarget, context: WriteContext) -> LossReport:
    """Write samples as PNG masks. Samples of unknown size, or of too many pixels, are left out and counted."""
    report = LossReport()
    classes = ClassNumbers(context.ontology)
    palette = _palette(context.ontology)
    names = NameAllotter()
    encode = msgspec.json.Encoder().encode
    with tempfile.SpooledTemporaryFile(max_size=_SPOOL_BYTES) as file:
        file.write(encode({"format": MAGIC, "version": VERSION})[:-1] + b',"samples":[')
        for sample in samples:
            if sample.width <= 0 or sample.height <= 0:
                report.add("unknown_size", sample.name)
                continue
            if sample.width * sample.height > MAX_IMAGE_PX:
                report.add("too_large_images", sample.name)
                continue
            file_name = names.allot(sample.name)
            stem = split_extension(file_name)[0]
            record = _write_sample(sample, stem, file_name, target, classes, palette, report)
            file.write((b",\n" if report.samples else b"\n") + encode(record))
            copy_media(sample, f"{IMAGES}/{file_name}", target, context.media, report)
            report.samples += 1
        file.write(b"]}\n")
        file.seek(0)
        target.put(ANNOTATIONS_FILE, cast(BinaryIO, file))
    target.put(CLASSES_FILE, _classes(classes, context.ontology))
    return report


def _write_sample(
    sample: Sample,
    stem: str,
    file_name: str,
    target: FileTarget,
    classes: ClassNumbers,
    palette: bytes,
    report: LossReport,
) -> MaskSample:
    numbers, kept = _drawn(sample, report)
    seen = np.bincount(numbers.reshape(-1), minlength=len(kept) + 1)
    indices = np.zeros(len(kept) + 1, dtype=np.uint16)
    objects: list[MaskObject] = []
    for number, (annotation, area_px) in enumerate(kept, start=1):
        if seen[number] < area_px:
            report.add("covered_objects" if seen[number] else "hidden_objects", sample.name)
        if not seen[number]:
            continue
        index = classes.number_of(annotation.class_id) + 1
        if index > MAX_CLASSES:
            raise InvalidInputError(f"PNG masks number at most {MAX_CLASSES} classes; take another format")
        indices[number] = index
        objects.append(_object(number, annotation))
    report.annotations += len(objects)
    target.put(f"{INSTANCES}/{stem}.png", _png(numbers, b""))
    target.put(f"{SEMANTIC}/{stem}.png", _png(indices[numbers], palette))
    return MaskSample(
        name=sample.name,
        file_name=file_name,
        width=sample.width,
        height=sample.height,
        instances=f"{INSTANCES}/{stem}.png",
        semantic=f"{SEMANTIC}/{stem}.png",
        split=sample.split,
        group=sample.group,
        metadata=dict(sample.metadata),
        answers=dict(sample.labelling.answers),
        objects=objects,
    )


def _drawn(sample: Sample, report: LossReport) -> tuple[NDArray[np.uint16], list[tuple[Annotation, float]]]:
    """Return the object number of each pixel, and (object, its own pixels) by number from 1."""
    numbers = np.zeros((sample.height, sample.width), dtype=np.uint16)
    kept: list[tuple[Annotation, float]] = []
    for annotation in sample.labelling.annotations:
        shape = annotation.geometry
        if isinstance(shape, Mask):
            mask = shape.clipped(width_px=sample.width, height_px=sample.height)
        else:
            mask = mask_of_shape(shape, width_px=sample.width, height_px=sample.height)
        if mask is None or not isinstance(shape, Mask):
            stand_in = None if mask is None else "mask"
            count_shape_loss(shape.kind, report, where=sample.name, stand_in=stand_in)
        if mask is None:
            continue
        kept.append((annotation, mask.area_px()))
        (x, y), (across, down) = mask.origin_xy, mask.size_wh
        numbers[y : y + down, x : x + across][pixels_of_mask(mask)] = len(kept)
    return numbers, kept


def _object(number: int, annotation: Annotation) -> MaskObject:
    return MaskObject(
        id=number,
        class_id=annotation.class_id,
        annotation_id=annotation.annotation_id,
        attributes=dict(annotation.attributes),
        is_occluded=annotation.is_occluded,
        is_truncated=annotation.is_truncated,
        score=annotation.score,
        origin=annotation.origin,
        group_id=annotation.group_id,
    )


def _png(numbers: NDArray[np.uint16], palette: bytes) -> bytes:
    """Return a picture of numbers: 8 bit with a palette where one is given and they fit, 16 bit grey otherwise."""
    is_small = bool(palette) and int(numbers.max()) <= MAX_8_BIT
    picture = Image.fromarray(numbers.astype(np.uint8) if is_small else numbers)
    if is_small:
        picture.putpalette(palette)
    buffer = io.BytesIO()
    picture.save(buffer, format="PNG")
    return buffer.getvalue()


def _palette(ontology: Ontology | None) -> bytes:
    """Return red, green and blue of each index; black for the background."""
    known = list(ontology.classes) if ontology else []
    colors = ["#000000", *(entry.color for entry in known[:MAX_8_BIT])]
    colors += [class_color(number) for number in range(len(colors) - 1, MAX_8_BIT)]
    return b"".join(bytes.fromhex(color[1:]) for color in colors)


def _classes(classes: ClassNumbers, ontology: Ontology | None) -> bytes:
    known: Mapping[str, LabelClass] = (
        {entry.class_id: entry for entry in ontology.classes} if ontology else {}
    )
    entries: list[dict[str, Any]] = []
    for number, class_id in enumerate(classes.class_ids()):
        entry = known.get(class_id)
        color = entry.color if entry else class_color(number)
        name = entry.name if entry else class_id
        entries.append({"index": number + 1, "class_id": class_id, "name": name, "color": color})
    return msgspec.json.encode({"format": MAGIC, "version": VERSION, "background": 0, "classes": entries})
