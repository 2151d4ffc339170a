"""Conditions of fields: objects are AND, arrays are OR, ``not`` is NOT.

A test names a field and what it must have: a value, a list of values of which one is enough, or an object with them
under ``value``, ``values`` or ``choices``. Goldsmith's conditions have no NOT: a negated test on a field with one
choice, or on a boolean, becomes a test for the other answers; on any other field it is refused.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final, Protocol

from goldsmith.compat.scale_v1.task_types.attributes import read_choice
from goldsmith.compat.scale_v1.task_types.forms.fields import Field
from goldsmith.compat.scale_v1.task_types.reading import Place

_NOT: Final = "not"
_VALUE_KEYS: Final = ("value", "values", "choices", "equals", "in")
MAX_DEPTH: Final = 3
MAX_PARTS: Final = 100


class Questions(Protocol):
    """What conditions need to know of a form."""

    def slots_of(self, field_id: str, row: tuple[tuple[str, int], ...]) -> list[str]:
        """Return the questions of a field as seen from a row."""
        ...

    def field_of(self, field_id: str) -> Field | None:
        """Return a field, or None."""
        ...


def named_fields(place: Place | None) -> set[str]:
    """Return the ids of the fields that conditions name."""
    if place is None or not place.is_given:
        return set()
    if isinstance(place.value, list):
        return set().union(*(named_fields(entry) for entry in place.items())) if place.value else set()
    found: set[str] = set()
    for key, entry in place.entries():
        found |= named_fields(entry) if key == _NOT else {key}
    return found


def condition_of(
    place: Place | None, questions: Questions, row: tuple[tuple[str, int], ...]
) -> dict[str, Any] | None:
    """Return conditions as a tree for goldsmith's attributes; None where there are none.

    Raises:
        ParameterFault: They name unknown fields or answers, or are too deep.
    """
    if place is None or not place.is_given or not place.value:
        return None
    return _tree(place, questions, row, is_negated=False, depth=0)


def _tree(
    place: Place, questions: Questions, row: tuple[tuple[str, int], ...], *, is_negated: bool, depth: int
) -> dict[str, Any]:
    if depth > MAX_DEPTH:
        raise place.fault(f"is nested deeper than {MAX_DEPTH} levels")
    if isinstance(place.value, list):
        items = place.items(least=1, most=MAX_PARTS)
        parts = [_tree(entry, questions, row, is_negated=is_negated, depth=depth + 1) for entry in items]
        return _joined(parts, "all" if is_negated else "any")
    parts = []
    entries = place.entries(least=1)
    if len(entries) > MAX_PARTS:
        raise place.fault(f"must have less than or equal to {MAX_PARTS} keys")
    for key, entry in entries:
        if key == _NOT:
            parts.append(_tree(entry, questions, row, is_negated=not is_negated, depth=depth + 1))
        else:
            parts.append(_test(key, entry, questions, row, is_negated))
    return _joined(parts, "any" if is_negated else "all")


def _joined(parts: Sequence[dict[str, Any]], how: str) -> dict[str, Any]:
    if len(parts) == 1:
        return parts[0]
    if len(parts) <= MAX_PARTS:
        return {how: list(parts)}
    chunks = range(0, len(parts), MAX_PARTS)
    return {how: [{how: list(parts[start : start + MAX_PARTS])} for start in chunks]}


def _test(
    field_id: str, place: Place, questions: Questions, row: tuple[tuple[str, int], ...], is_negated: bool
) -> dict[str, Any]:
    field = questions.field_of(field_id)
    if field is None:
        raise place.fault("is not a field")
    if field.is_group or field.kind in ("time_range", "ranking"):
        raise place.fault(f"is a {field.stated_type}, which conditions cannot look at")
    values, is_turned = _values(place, is_negated)
    equals = [_value(field, entry) for entry in values]
    if is_turned:
        equals = _others(field, equals, place)
    tests = [{"attribute_id": slot, "equals": equals} for slot in questions.slots_of(field_id, row)]
    if not tests:
        raise place.fault("is asked nowhere that this field could look")
    return _joined(tests, "all" if is_turned else "any")


def _values(place: Place, is_negated: bool) -> tuple[list[Place], bool]:
    """Return the values of a test, and whether it is negated."""
    place.required()
    if isinstance(place.value, dict):
        if set(place.value) == {_NOT}:
            return _values(place.at(_NOT), not is_negated)
        key = next((name for name in _VALUE_KEYS if name in place.value), None)
        if key is None or len(place.value) > 1:
            raise place.fault(f"must have one key out of [{', '.join((*_VALUE_KEYS, _NOT))}]")
        return _values(place.at(key), is_negated)
    return (place.items(least=1) if isinstance(place.value, list) else [place]), is_negated


def _value(field: Field, place: Place) -> Any:
    match field.kind:
        case "category":
            return read_choice(place, field.values)
        case "boolean":
            return place.truth()
        case "number":
            return float(place.number())
        case _:
            return place.text()


def _others(field: Field, equals: Sequence[Any], place: Place) -> list[Any]:
    """Return the answers that are not listed."""
    everything: list[Any]
    if field.kind == "boolean":
        everything = [True, False]
    elif field.kind == "category" and field.max_choices == 1:
        everything = list(field.values)
    else:
        raise place.fault("can only be negated for a field with one choice, or a boolean")
    others = [value for value in everything if value not in equals]
    if not others:
        raise place.fault("leaves no answer")
    return others
