"""What the labels of a task hold, as facts that a grid can be filtered by. Pure.

A fact is a key and a value: ``("class", "car")``, ``("kind", "box")``, ``("flag", "occluded")``, an attribute's value
on objects of a class, or the answer to a question about the whole item. Beside it stands how many objects say so.
"""

from __future__ import annotations

import hashlib
import json
import struct
from collections import Counter
from typing import Final, NamedTuple

from goldsmith.core.annotations import AttributeValue
from goldsmith.core.plain import AnyLabelling

CLASS_KEY: Final = "class"
KIND_KEY: Final = "kind"
FLAG_KEY: Final = "flag"
KEPT_FROM: Final = 0.5
"""An object of a consensus is kept from this posterior on."""
MAX_VALUE_CHARS: Final = 200
_MAX_KEY_BYTES: Final = 250
_HALF: Final = 1 << 63
_ALL: Final = (1 << 64) - 1


class Facet(NamedTuple):
    """One fact.

    Attributes:
        object_count: Objects that say so; 1 for answers.
    """

    key: str
    value: str
    object_count: int


def facets_of(labelling: AnyLabelling) -> list[Facet]:
    """Return the facts of a labelling; objects of a consensus that are more likely not there are left out."""
    counts: Counter[tuple[str, str]] = Counter()
    for annotation in labelling.annotations:
        if annotation.score is not None and annotation.score < KEPT_FROM:
            continue
        counts[CLASS_KEY, annotation.class_id] += 1
        counts[KIND_KEY, annotation.geometry.kind] += 1
        if annotation.is_occluded:
            counts[FLAG_KEY, "occluded"] += 1
        if annotation.is_truncated:
            counts[FLAG_KEY, "truncated"] += 1
        for attribute_id, value in annotation.attributes.items():
            key = attribute_key(annotation.class_id, attribute_id)
            counts.update((key, text) for text in values_of(value))
    for question_id, value in labelling.answers.items():
        counts.update((answer_key(question_id), text) for text in values_of(value))
    return [Facet(key, value, count) for (key, value), count in counts.items()]


def attribute_key(class_id: str, attribute_id: str) -> str:
    """Return the key of an attribute of the objects of a class."""
    return _key("attribute", class_id, attribute_id)


def answer_key(question_id: str) -> str:
    """Return the key of a question about the whole item."""
    return _key("answer", question_id)


def values_of(value: AttributeValue) -> list[str]:
    """Return what a value is found by: each chosen option by itself, numbers in an order of texts."""
    if isinstance(value, list):
        return sorted({text[:MAX_VALUE_CHARS] for text in value})
    if isinstance(value, bool):
        return ["true" if value else "false"]
    if isinstance(value, int | float):
        return [number_text(value)]
    return [value[:MAX_VALUE_CHARS]]


def number_text(number: float) -> str:
    """Return 16 hexadecimal digits that sort as the numbers do, below zero as well."""
    (bits,) = struct.unpack(">Q", struct.pack(">d", float(number) or 0.0))
    return f"{bits ^ (_ALL if bits & _HALF else _HALF):016x}"


def _key(*parts: str) -> str:
    text = json.dumps(parts, ensure_ascii=False, separators=(",", ":"))
    if len(text.encode()) <= _MAX_KEY_BYTES:
        return text
    return "#" + hashlib.blake2b(text.encode(), digest_size=16).hexdigest()
