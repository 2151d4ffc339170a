"""Values of attributes in CVAT: texts, whose kind the label says.

CVAT has no lists; goldsmith writes one as JSON. A value that its label does not explain carries its kind in an
attribute of its own: ``kind="number"``, ``"text"`` or ``"list"``.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from xml.etree.ElementTree import Element

import msgspec

from goldsmith.core.annotations import AttributeValue
from goldsmith.core.errors import InvalidInputError
from goldsmith.core.ontology import AttributeKind
from goldsmith.formats.markup import holdable


def attributes_of(element: Element, kinds: Mapping[str, AttributeKind]) -> dict[str, AttributeValue]:
    """Return the values of an element's ``attribute`` children.

    Args:
        element: A shape or a tag.
        kinds: What the label says of its attributes.

    Raises:
        InvalidInputError: A value does not hold.
    """
    found: dict[str, AttributeValue] = {}
    for entry in element.findall("attribute"):
        name = entry.get("name", "")[:200]
        if name:
            found[name] = _value(entry, kinds.get(name))
    return found


def value_text(value: AttributeValue) -> tuple[str, str]:
    """Return a value as a text, and its kind where the text alone would be read otherwise."""
    if isinstance(value, bool):
        return ("true" if value else "false"), ""
    if isinstance(value, list):
        return msgspec.json.encode([holdable(entry) for entry in value]).decode(), "list"
    if isinstance(value, str):
        return holdable(value), "text"
    return repr(float(value)), "number"


def _value(entry: Element, kind: AttributeKind | None) -> AttributeValue:
    text = entry.text or ""
    stated = entry.get("kind", "")
    if stated == "list":
        return _list(text)
    if stated == "number" or (not stated and kind is AttributeKind.NUMBER):
        return _number(text)
    if stated == "text" or (not stated and kind in (AttributeKind.TEXT, AttributeKind.CHOICE)):
        return text
    return text.lower() == "true" if text.lower() in ("true", "false") else text


def _list(text: str) -> list[str]:
    try:
        return msgspec.json.decode(text, type=list[str])
    except (msgspec.MsgspecError, RecursionError) as error:
        raise InvalidInputError(f"the attribute value {text[:50]!r} is not a list of texts") from error


def _number(text: str) -> float:
    try:
        value = float(text)
    except ValueError as error:
        raise InvalidInputError(f"the attribute value {text[:50]!r} is not a number") from error
    if not math.isfinite(value):
        raise InvalidInputError(f"the attribute value {text[:50]!r} is not finite")
    return value
