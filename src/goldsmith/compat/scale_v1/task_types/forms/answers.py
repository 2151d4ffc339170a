"""Answers of a form as responses tell them, and back.

Two ways of telling are read, and one is written for each task type. Full, for ``textcollection``: ``{field_id: {"type",
"field_id", "response": [[value, ..], ..]}}``, an inner list for each repeat; of a set of fields, an object for each
repeat. Plain, for transcriptions: ``{field_id: value}``, a list where a field may repeat. Repeats without an answer are
left out, so that those behind them move up.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

from goldsmith.compat.scale_v1.task_types.attributes import read_choice
from goldsmith.compat.scale_v1.task_types.forms.fields import Field
from goldsmith.compat.scale_v1.task_types.forms.questions import RANGE_PARTS, Group, Node, Unit
from goldsmith.compat.scale_v1.task_types.reading import Place
from goldsmith.core.annotations import AttributeValue

Answers = Mapping[str, AttributeValue]
_DATE: Final = re.compile(r"^\d{4}-\d{2}-\d{2}")


def told_answers(nodes: Sequence[Node], answers: Answers, *, is_plain: bool = False) -> dict[str, Any]:
    """Return the answers by field id; fields without one are left out."""
    told: dict[str, Any] = {}
    for node in nodes:
        entries = _entries(node, answers, is_plain)
        if not entries:
            continue
        if is_plain:
            values = [entry[0] if isinstance(entry, list) and len(entry) == 1 else entry for entry in entries]
            told[node.field.told_as] = values if node.field.most > 1 else values[0]
        else:
            told[node.field.told_as] = {
                "type": node.field.stated_type,
                "field_id": node.field.told_as,
                "response": entries,
            }
    return told


def _entries(node: Node, answers: Answers, is_plain: bool) -> list[Any]:
    if isinstance(node, Group):
        rows = (told_answers(within, answers, is_plain=is_plain) for within in node.rows)
        return [row for row in rows if row]
    return [_values(node.field, slot, answers) for slot in node.slots if any(id_ in answers for id_ in slot)]


def _values(field: Field, slot: Sequence[str], answers: Answers) -> list[Any]:
    if field.kind == "time_range":
        pairs = zip(RANGE_PARTS, slot, strict=True)
        return [{part: _number(answers[id_]) for part, id_ in pairs if id_ in answers}]
    value = answers[slot[0]]
    if field.choices:
        chosen = value if isinstance(value, list) else [str(value)]
        return [field.values[entry] for entry in chosen if entry in field.values]
    return [_number(value) if field.kind == "number" else value]


def _number(value: AttributeValue) -> AttributeValue:
    return int(value) if isinstance(value, float) and value.is_integer() else value


def read_answers(nodes: Sequence[Node], place: Place) -> dict[str, AttributeValue]:
    """Read answers by field id, told in full or plainly.

    Raises:
        ParameterFault: A field is unknown, an answer does not fit it, or there are more repeats than are asked.
    """
    by_key = {node.field.told_as: node for node in nodes}
    answers: dict[str, AttributeValue] = {}
    for key, entry in place.entries():
        node = by_key.get(key)
        if node is None:
            raise entry.fault("is not allowed")
        if entry.is_given:
            answers.update(_read_node(node, entry))
    return answers


def _read_node(node: Node, place: Place) -> Iterator[tuple[str, AttributeValue]]:
    if isinstance(node, Group):
        rows = [row for row in _repeats(node.field, place) if row.is_given]
        _check_count(node.field, len(rows), place)
        for within, row in zip(node.rows, rows, strict=False):
            yield from read_answers(within, row).items()
        return
    entries = [entry for entry in _repeats(node.field, place) if entry.is_given]
    _check_count(node.field, len(entries), place)
    for slot, entry in zip(node.slots, entries, strict=False):
        yield from _read_slot(node, slot, entry)


def _check_count(field: Field, count: int, place: Place) -> None:
    if count > field.most:
        raise place.fault(f"must contain less than or equal to {field.most} items")


def _repeats(field: Field, place: Place) -> list[Place]:
    """Return the place of each repeat."""
    is_full = isinstance(place.value, dict) and "response" in place.value and "field_id" in place.value
    if is_full:
        response = place.at("response")
        return response.items() if isinstance(response.value, list) else [response]
    is_list = isinstance(place.value, list)
    if is_list and (field.most > 1 or (field.is_group and len(place.value) == 1)):
        return place.items()
    return [place]


def _read_slot(node: Unit, slot: Sequence[str], place: Place) -> Iterator[tuple[str, AttributeValue]]:
    field = node.field
    values = place.items() if isinstance(place.value, list) else [place]
    if field.choices:
        chosen = list(dict.fromkeys(read_choice(value, field.values) for value in values))
        if field.kind == "ranking":
            if set(chosen) != set(field.values):
                raise place.fault(f"must contain each of the {len(field.values)} choices once")
            yield slot[0], chosen
            return
        if len(chosen) > field.max_choices or len(chosen) < field.min_choices:
            raise place.fault(f"must contain {field.min_choices} to {field.max_choices} choices")
        if field.max_choices > 1:
            yield slot[0], chosen
        elif chosen:
            yield slot[0], chosen[0]
        return
    if len(values) != 1:
        raise place.fault("must contain 1 items")
    if field.kind == "time_range":
        for part, id_ in zip(RANGE_PARTS, slot, strict=True):
            moment = values[0].at(part)
            if moment.is_given:
                yield id_, float(moment.number(least=0.0))
    else:
        yield slot[0], _read_value(field, values[0])


def _read_value(field: Field, place: Place) -> AttributeValue:
    match field.kind:
        case "boolean":
            return place.required().truth()
        case "number":
            return float(place.number(least=field.minimum, most=field.maximum))
        case "date":
            text = place.text()
            if not _DATE.match(text):
                raise place.fault("must be a date, as 2020-12-31")
            return text[:10]
        case _:
            return place.text(is_empty_fine=True)
