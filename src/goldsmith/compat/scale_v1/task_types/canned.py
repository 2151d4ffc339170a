"""Answers for test mode: the first choice, the least number, ``test response``."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from goldsmith.core.annotations import AttributeValue
from goldsmith.core.ontology import Attribute, AttributeKind

CANNED_TEXT: Final = "test response"
CANNED_DATE: Final = "2020-01-01"


def canned_values(attributes: Iterable[Attribute]) -> dict[str, AttributeValue]:
    """Return a value for everything that is asked, conditions met or not met as the values make them."""
    values: dict[str, AttributeValue] = {}
    waiting = list(attributes)
    is_moving = True
    while is_moving:
        asked = [entry for entry in waiting if entry.condition is None or entry.condition.holds(values)]
        is_moving = bool(asked)
        for entry in asked:
            values[entry.attribute_id] = canned_value(entry)
        waiting = [entry for entry in waiting if entry.attribute_id not in values]
    return values


def canned_value(attribute: Attribute) -> AttributeValue:
    """Return a value that fits."""
    match attribute.kind:
        case AttributeKind.CHOICE:
            return attribute.options[0].option_id
        case AttributeKind.MULTI_CHOICE:
            return [attribute.options[0].option_id]
        case AttributeKind.RANKING:
            return [option.option_id for option in attribute.options]
        case AttributeKind.NUMBER:
            if attribute.minimum is not None:
                return float(attribute.minimum)
            return float(min(0.0, attribute.maximum if attribute.maximum is not None else 0.0))
        case AttributeKind.BOOLEAN:
            return True
        case AttributeKind.DATE:
            return CANNED_DATE
        case _:
            return CANNED_TEXT
