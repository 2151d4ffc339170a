"""The names of slices: what an image or an object belongs to, in an evaluation as in any dataset version. Pure."""

from __future__ import annotations

import json
import math
from collections.abc import Iterator, Mapping
from typing import Final

from goldsmith.core.annotations import Annotation
from goldsmith.datasets.api import Entry

SIZES: Final = (("small", 0.0, 32.0**2), ("medium", 32.0**2, 96.0**2), ("large", 96.0**2, math.inf))
"""Name and range of area in square pixels, as COCO has them."""


def facts_of_image(metadata: str) -> Iterator[tuple[str, str]]:
    """Yield the keys and values of an item's metadata (JSON text) that can make a slice: text, numbers, yes and no."""
    for key, value in json.loads(metadata).items():
        if isinstance(value, str | bool | int):
            yield key, str(value)


def name_of_fact(key: str, value: str) -> str:
    """Return the slice's name, such as ``light = night``."""
    return f"{key} = {value}"


def traits_of_object(annotation: Annotation, *, class_names: Mapping[str, str]) -> Iterator[str]:
    """Yield the names of the slices an object is in by its flags and attributes, such as ``Car: colour = red``."""
    yield f"occluded = {str(annotation.is_occluded).lower()}"
    class_name = class_names.get(annotation.class_id)
    for key, value in annotation.attributes.items():
        if isinstance(value, str | bool) and class_name is not None:
            yield f"{class_name}: {key} = {value}"


def size_of(annotation: Annotation) -> str:
    """Return the name of the slice an object is in by the area of its box."""
    left, top, right, bottom = annotation.geometry.bounds_xyxy()
    area_px = (right - left) * (bottom - top)
    return next(name for name, low, high in SIZES if low <= area_px < high)


def is_in_slice(entry: Entry, name: str, *, class_names: Mapping[str, str]) -> bool:
    """Say whether an item is in a slice: by its metadata, or by any object it holds."""
    if any(name_of_fact(key, value) == name for key, value in facts_of_image(entry.metadata)):
        return True
    return any(
        size_of(annotation) == name or name in traits_of_object(annotation, class_names=class_names)
        for annotation in entry.labelling.annotations
    )
