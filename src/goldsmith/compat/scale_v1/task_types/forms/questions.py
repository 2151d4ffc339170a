"""Fields as questions.

The mapping onto item-level questions: each field is a question; one that may be answered several times is as many
numbered questions (at most ``MAX_REPEATS``), and a set of fields that may be filled several times has its fields asked
for each row. A range of time is two questions, its start and its end in seconds. What lies within a set that is not
required is never required, for questions cannot be required only where their neighbours are answered.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, Final

from goldsmith.compat.scale_v1.task_types.attributes import MAX_DESCRIPTION, options_of
from goldsmith.compat.scale_v1.task_types.canned import canned_values
from goldsmith.compat.scale_v1.task_types.forms.conditions import condition_of, named_fields
from goldsmith.compat.scale_v1.task_types.forms.fields import Field
from goldsmith.compat.scale_v1.task_types.identity import key_of, shown
from goldsmith.compat.scale_v1.task_types.reading import Place
from goldsmith.core.annotations import AttributeValue
from goldsmith.core.ontology import Attribute, AttributeKind

MAX_QUESTIONS: Final = 1000
_KINDS: Final = {
    "text": AttributeKind.TEXT,
    "boolean": AttributeKind.BOOLEAN,
    "number": AttributeKind.NUMBER,
    "date": AttributeKind.DATE,
    "time_range": AttributeKind.NUMBER,
    "ranking": AttributeKind.RANKING,
}
RANGE_PARTS: Final = ("start", "end")
Row = tuple[tuple[str, int], ...]
"""The sets that a field lies in, and which repeat of each."""


@dataclass(frozen=True)
class Unit:
    """A single field in one row: for each repeat the ids of its questions (two for a range of time)."""

    field: Field
    slots: tuple[tuple[str, ...], ...]


@dataclass(frozen=True)
class Group:
    """A set of fields in one row: for each repeat the nodes within."""

    field: Field
    rows: tuple[tuple[Node, ...], ...]


Node = Unit | Group


@dataclass(frozen=True)
class Form:
    """Fields and the questions that they become.

    Attributes:
        fields: As they were read.
        place: Where, for faults.
    """

    fields: tuple[Field, ...]
    place: Place
    _above: dict[str, tuple[Field, ...]] = field(init=False)

    def __post_init__(self) -> None:
        above: dict[str, tuple[Field, ...]] = {}

        def note(fields: Sequence[Field], path: tuple[Field, ...]) -> None:
            for entry in fields:
                above[entry.field_id] = (*path, entry)
                note(entry.fields, (*path, entry))

        note(self.fields, ())
        object.__setattr__(self, "_above", above)
        count = _count(self.fields)
        if count > MAX_QUESTIONS:
            raise self.place.fault(f"asks {count} questions with all repeats; at most {MAX_QUESTIONS}")

    @cached_property
    def nodes(self) -> tuple[Node, ...]:
        """The fields with the ids of their questions."""
        return self._nodes(self.fields, ())

    @cached_property
    def questions(self) -> list[Attribute]:
        """The questions, in order.

        Raises:
            ParameterFault: Conditions do not hold together.
        """
        made = list(self._questions(self.nodes, ()))
        _refuse_cycles(made, self.place)
        return made

    def canned(self) -> dict[str, AttributeValue]:
        """Return an answer for as many repeats of each field as are needed, at least one."""
        asked = set(_first(self.nodes))
        values = canned_values(entry for entry in self.questions if entry.attribute_id in asked)
        for unit in units_of(self.nodes):
            for slot in unit.slots:
                if unit.field.max_choices > 1 and slot[0] in values:
                    options = [option.option_id for option in options_of(unit.field.leaves)]
                    values[slot[0]] = options[: max(unit.field.min_choices, 1)]
        return values

    def slots_of(self, field_id: str, row: Row) -> list[str]:
        """Return the questions of a field as seen from a row: of the same repeats where it shares sets with it."""
        found = []
        for unit, unit_row in _placed(self.nodes, ()):
            shared = dict(row)
            if unit.field.field_id == field_id and all(
                shared.get(set_id, number) == number for set_id, number in unit_row
            ):
                found += [slot[0] for slot in unit.slots]
        return found

    def field_of(self, field_id: str) -> Field | None:
        """Return a field by its id, or None."""
        path = self._above.get(field_id)
        return path[-1] if path else None

    def _nodes(self, fields: Sequence[Field], row: Row) -> tuple[Node, ...]:
        nodes: list[Node] = []
        for entry in fields:
            if entry.is_group:
                rows = tuple(
                    self._nodes(entry.fields, (*row, (entry.field_id, number)))
                    for number in range(entry.most)
                )
                nodes.append(Group(entry, rows))
            else:
                parts = RANGE_PARTS if entry.kind == "time_range" else ("",)
                slots = tuple(
                    tuple(self._id_of(entry, row, number, part) for part in parts)
                    for number in range(entry.most)
                )
                nodes.append(Unit(entry, slots))
        return tuple(nodes)

    def _id_of(self, entry: Field, row: Row, number: int, part: str) -> str:
        said = {
            field_id: [above.definition for above in self._above[field_id]]
            for field_id in sorted(self._reached(entry.field_id))
            if field_id in self._above
        }
        return key_of(
            "question", entry.field_id, [said, entry.field_id, [list(pair) for pair in row], number, part]
        )

    def _reached(self, field_id: str) -> set[str]:
        """Return a field and all that its conditions look at, directly or not."""
        found, waiting = {field_id}, [field_id]
        while waiting:
            for above in self._above.get(waiting.pop(), ()):
                for other in named_fields(above.conditions) - found:
                    found.add(other)
                    waiting.append(other)
        return found

    def _questions(self, nodes: Sequence[Node], row: Row) -> Iterator[Attribute]:
        for node in nodes:
            if isinstance(node, Group):
                for number, within in enumerate(node.rows):
                    yield from self._questions(within, (*row, (node.field.field_id, number)))
            else:
                for number, slot in enumerate(node.slots):
                    for part, question_id in enumerate(slot):
                        yield self._question(
                            node.field, row, number, question_id, part if len(slot) > 1 else None
                        )

    def _question(self, entry: Field, row: Row, number: int, question_id: str, part: int | None) -> Attribute:
        is_choice = entry.kind == "category"
        several = AttributeKind.MULTI_CHOICE if entry.max_choices > 1 else AttributeKind.CHOICE
        return Attribute.model_validate(
            {
                "attribute_id": question_id,
                "name": shown(self._title(entry, row, number, part)),
                "description": entry.description[:MAX_DESCRIPTION],
                "kind": several if is_choice else _KINDS[entry.kind],
                "options": options_of(entry.leaves),
                "is_required": self._is_required(entry, row, number),
                "minimum": 0.0 if part is not None else entry.minimum,
                "maximum": entry.maximum,
                "condition": self._condition(entry, row),
            }
        )

    def _title(self, entry: Field, row: Row, number: int, part: int | None) -> str:
        pieces = []
        for set_id, repeat in row:
            above = self._above[set_id][-1]
            pieces.append(f"{above.title} ({repeat + 1})" if above.most > 1 else above.title)
        title = f"{entry.title} ({number + 1})" if entry.most > 1 else entry.title
        ending = "" if part is None else f", {RANGE_PARTS[part]} in seconds"
        return " › ".join(piece for piece in [*pieces, title] if piece) + ending

    def _is_required(self, entry: Field, row: Row, number: int) -> bool:
        for set_id, repeat in row:
            above = self._above[set_id][-1]
            is_needed = above.is_required or above.stated_type == "form"
            if not is_needed or repeat >= above.least:
                return False
        return (
            entry.is_required and number < entry.least and (entry.kind != "category" or entry.min_choices > 0)
        )

    def _condition(self, entry: Field, row: Row) -> dict[str, Any] | None:
        trees = [
            condition_of(above.conditions, self, row)
            for above in self._above[entry.field_id]
            if above.conditions is not None
        ]
        found = [tree for tree in trees if tree is not None]
        return {"all": found} if len(found) > 1 else (found[0] if found else None)


def _count(fields: Sequence[Field]) -> int:
    """Return how many questions fields become."""
    single = {"time_range": len(RANGE_PARTS)}
    return sum(
        entry.most * (_count(entry.fields) if entry.is_group else single.get(entry.kind, 1))
        for entry in fields
    )


def units_of(nodes: Sequence[Node]) -> Iterator[Unit]:
    """Give the single fields of all rows."""
    for unit, _ in _placed(nodes, ()):
        yield unit


def _placed(nodes: Sequence[Node], row: Row) -> Iterator[tuple[Unit, Row]]:
    for node in nodes:
        if isinstance(node, Unit):
            yield node, row
        else:
            for number, within in enumerate(node.rows):
                yield from _placed(within, (*row, (node.field.field_id, number)))


def _first(nodes: Sequence[Node]) -> Iterator[str]:
    for node in nodes:
        if isinstance(node, Unit):
            for slot in node.slots[: node.field.least]:
                yield from slot
        else:
            for within in node.rows[: node.field.least]:
                yield from _first(within)


def _refuse_cycles(questions: Sequence[Attribute], place: Place) -> None:
    looks_at: Mapping[str, frozenset[str]] = {
        entry.attribute_id: entry.condition.attribute_ids() if entry.condition else frozenset()
        for entry in questions
    }
    done: set[str] = set()
    for start in looks_at:
        path: list[tuple[str, Iterator[str]]] = [(start, iter(looks_at[start]))]
        on_path = {start}
        while path:
            current, rest = path[-1]
            following = next((other for other in rest if other not in done), None)
            if following is None:
                done.add(current)
                on_path.discard(current)
                path.pop()
            elif following in on_path:
                raise place.fault("has conditions that depend on each other in a circle")
            else:
                path.append((following, iter(looks_at[following])))
                on_path.add(following)
