"""Which index stands for which label or object: the label mapping of a response.

Labels that tell no objects apart come first, in the order of the task, used or not; then the objects, in the order in
which they were drawn.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from goldsmith.compat.scale_v1.task_types.identity import color_of
from goldsmith.compat.scale_v1.task_types.segment.encodings import MAX_INDEX, IndexMap
from goldsmith.compat.scale_v1.task_types.types import ItemFacts, ParameterFault
from goldsmith.core.annotations import Annotation
from goldsmith.core.geometry.masks import MaskForm
from goldsmith.core.geometry.raster import mask_of_shape, pixels_in_image


@dataclass(frozen=True)
class Entry:
    """One index of a segmentation.

    Attributes:
        annotation: The object, where the label tells objects apart or attributes are told of it.
        is_instance: Whether the label tells objects apart.
    """

    index: int
    label: str
    color: str
    is_instance: bool
    annotation: Annotation | None = None


@dataclass(frozen=True)
class Segmentation:
    """A picture with an index for each pixel, and what the indexes stand for."""

    index_map: IndexMap
    entries: tuple[Entry, ...]

    def counts(self) -> dict[int, int]:
        """Return how many pixels have each index."""
        counts = np.bincount(self.index_map.ravel(), minlength=len(self.entries) + 1)
        return {entry.index: int(counts[entry.index]) for entry in self.entries}


def segmentation_of(
    annotations: Sequence[tuple[str, Annotation]], labels: Mapping[str, bool], item: ItemFacts
) -> Segmentation:
    """Paint objects in their order, later ones above.

    Args:
        annotations: Label and object.
        labels: Of the task, and whether each tells objects apart.
        item: Its size is the picture's.
    """
    index_map: IndexMap = np.zeros((item.height_px, item.width_px), dtype=np.int32)
    fixed = {label: index for index, label in enumerate((name for name, one in labels.items() if not one), 1)}
    shared: dict[str, Annotation] = {}
    instances: list[Entry] = []
    for label, annotation in annotations:
        if labels[label]:
            index = len(fixed) + len(instances) + 1
            color = color_of(f"{label}#{len(instances)}")
            instances.append(Entry(index, label, color, True, annotation))
        else:
            index = fixed[label]
            shared.setdefault(label, annotation)
        _paint(index_map, annotation, index)
    if len(fixed) + len(instances) > MAX_INDEX:
        raise ParameterFault(f'"annotations" must contain less than or equal to {MAX_INDEX} items')
    entries = [
        Entry(index, label, color_of(label), False, shared.get(label)) for label, index in fixed.items()
    ]
    return Segmentation(index_map, (*entries, *instances))


def _paint(index_map: IndexMap, annotation: Annotation, index: int) -> None:
    height, width = index_map.shape
    shape = annotation.geometry
    mask = shape if isinstance(shape, MaskForm) else mask_of_shape(shape, width_px=width, height_px=height)
    if mask is None:
        return
    (left, top), (wide, high) = mask.origin_xy, mask.size_wh
    x0, y0, x1, y1 = max(left, 0), max(top, 0), min(left + wide, width), min(top + high, height)
    if x0 >= x1 or y0 >= y1:
        return
    local = pixels_in_image(mask.translate(-x0, -y0), width_px=x1 - x0, height_px=y1 - y0)
    index_map[y0:y1, x0:x1][local] = index


def mapping_of(segmentation: Segmentation, attributes: Mapping[int, dict[str, Any]]) -> dict[str, Any]:
    """Return the label mapping of the response: an object for a label, a list of them where it tells objects apart.

    Args:
        segmentation: What was painted.
        attributes: What is told of an index, by index.
    """
    counts = segmentation.counts()
    told: dict[str, Any] = {}
    for entry in segmentation.entries:
        body: dict[str, Any] = {"index": entry.index, "color": entry.color}
        if entry.is_instance:
            body["numPixels"] = counts[entry.index]
        if attributes.get(entry.index):
            body["attributes"] = attributes[entry.index]
        if entry.is_instance:
            told.setdefault(entry.label, []).append(body)
        else:
            told[entry.label] = body
    return told
