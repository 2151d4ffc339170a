"""Fields of a form, as they are defined: single ones, sets of fields, repeats and choices."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Final

from goldsmith.compat.scale_v1.task_types.identity import option_key
from goldsmith.compat.scale_v1.task_types.labels import MAX_DEPTH, Label, leaves
from goldsmith.compat.scale_v1.task_types.reading import Place, refuse_repeats

_TYPES: Final = {
    "text": "text",
    "boolean": "boolean",
    "number": "number",
    "unit": "number",
    "datetime": "date",
    "date": "date",
    "category": "category",
    "select": "category",
    "time_range": "time_range",
    "timerange": "time_range",
    "ranking": "ranking",
    "ranking_order": "ranking",
    "ranking-order": "ranking",
    "form": "group",
    "field_set": "group",
    "field_Set": "group",
    "fieldset": "group",
}
"""What each type that a definition may state is."""

MAX_FIELDS: Final = 500
MAX_REPEATS: Final = 20
"""How many times a field is asked at most; a definition that allows more is asked this often."""

_STATED_REPEATS: Final = 100


@dataclass(frozen=True)
class Field:
    """One field.

    Attributes:
        field_id: Unique in the whole form.
        stated_type: As it was defined.
        kind: text, boolean, number, date, category, time_range, ranking, or group.
        key: Its name in responses, where that is not the ``field_id``.
        least: Repeats that must be answered where it is required.
        most: Repeats that are asked.
        choices: Of a category or a ranking.
        fields: Of a group.
        conditions: Where it is asked, as it came.
        definition: All of it but the fields within, for ids.
    """

    field_id: str
    stated_type: str
    kind: str
    title: str
    key: str = ""
    description: str = ""
    is_required: bool = False
    least: int = 1
    most: int = 1
    choices: tuple[Label, ...] = ()
    min_choices: int = 1
    max_choices: int = 1
    minimum: float | None = None
    maximum: float | None = None
    fields: tuple[Field, ...] = ()
    conditions: Place | None = None
    definition: Any = None

    @property
    def told_as(self) -> str:
        """Its name in responses."""
        return self.key or self.field_id

    @property
    def is_group(self) -> bool:
        """Say whether it holds other fields."""
        return self.kind == "group"

    @cached_property
    def values(self) -> dict[str, Any]:
        """The values of choices by option id."""
        return {option_key(label.value): label.value for label in self.leaves}

    @property
    def leaves(self) -> list[Label]:
        """The choices that can be made."""
        return leaves(list(self.choices))

    def walk(self) -> Iterator[Field]:
        """Give it and all fields within."""
        yield self
        for field in self.fields:
            yield from field.walk()


def read_fields(place: Place) -> tuple[Field, ...]:
    """Read the fields of a form; at least one, no id twice."""
    fields = _read_some(place.required(), depth=0, least=1)
    ids = [field.field_id for top in fields for field in top.walk()]
    if len(ids) > MAX_FIELDS:
        raise place.fault(f"must contain less than or equal to {MAX_FIELDS} items")
    refuse_repeats([place] * len(ids), ids)
    return fields


def _read_some(place: Place, *, depth: int, least: int) -> tuple[Field, ...]:
    if depth > MAX_DEPTH:
        raise place.fault(f"is nested deeper than {MAX_DEPTH} levels")
    return tuple(_read_field(entry, depth) for entry in place.items(least=least))


def _read_field(place: Place, depth: int) -> Field:
    stated = place.at("type").one_of(tuple(_TYPES))
    kind = _TYPES[stated]
    least = place.at("min_responses_required").maybe(lambda entry: entry.whole(least=1)) or 1
    most_place = place.at("max_responses_required")
    most = most_place.maybe(lambda entry: entry.whole(least=least, most=_STATED_REPEATS)) or least
    is_number = kind == "number"
    minimum = place.at("min").maybe(Place.number) if is_number else None
    choices = _read_choices(place) if kind in ("category", "ranking") else ()
    min_choices, max_choices = _read_choice_counts(place, kind, len(leaves(list(choices))))
    return Field(
        field_id=place.at("field_id").text(most=200),
        stated_type=stated,
        kind=kind,
        title=place.at("title").text(),
        description=_described(place, kind, choices, (min_choices, max_choices), most),
        is_required=_is_required(place.at("required")),
        least=min(least, MAX_REPEATS),
        most=min(most, MAX_REPEATS),
        choices=choices,
        min_choices=min_choices,
        max_choices=max_choices,
        minimum=minimum,
        maximum=place.at("max").maybe(lambda entry: entry.number(least=minimum)) if is_number else None,
        fields=_read_some(place.at("fields").required(), depth=depth + 1, least=1) if kind == "group" else (),
        conditions=place.at("conditions") if place.at("conditions").is_given else None,
        definition={key: value for key, value in place.mapping().items() if key != "fields"},
    )


def _is_required(place: Place) -> bool:
    """Return a truth value; Scale's documentation calls some of them integers."""
    is_number = isinstance(place.value, int | float) and not isinstance(place.value, bool)
    return bool(place.value) if is_number else place.truth()


def _read_choice_counts(place: Place, kind: str, count: int) -> tuple[int, int]:
    if kind != "category":
        return 1, 1
    least = place.at("min_choices").maybe(lambda entry: entry.whole(least=0, most=count))
    most_place = place.at("max_choices")
    most = most_place.maybe(lambda entry: entry.whole(least=max(least or 0, 1)))
    return (1 if least is None else least), (max(least or 1, 1) if most is None else most)


def _read_choices(place: Place) -> tuple[Label, ...]:
    key = "choices" if place.at("choices").is_given or not place.at("options").is_given else "options"
    stated = place.at(key).required()
    labels = tuple(_read_choice(entry, ()) for entry in stated.items(least=1))
    found = leaves(list(labels))
    refuse_repeats([stated] * len(found), [f"{type(label.value).__name__}:{label.value}" for label in found])
    return labels


def _read_choice(place: Place, folders: tuple[tuple[str, str], ...]) -> Label:
    if len(folders) > MAX_DEPTH:
        raise place.fault(f"is nested deeper than {MAX_DEPTH} levels")
    if not isinstance(place.value, dict):
        return Label(_choice_value(place), str(place.value), folders=folders)
    display = place.at("label").text()
    value_place = place.at("value")
    children = place.at("subchoices").items()
    value = display if children and not value_place.is_given else _choice_value(value_place.required())
    below = (*folders, (str(value), display))
    return Label(
        value,
        display,
        description=place.at("hint").text_or(""),
        folders=folders,
        children=tuple(_read_choice(child, below) for child in children),
    )


def _choice_value(place: Place) -> Any:
    return place.value if isinstance(place.value, bool | int | float) else place.text()


def _described(place: Place, kind: str, choices: Sequence[Label], counts: tuple[int, int], most: int) -> str:
    """Return what is shown under the title: description, hint, and what goldsmith tells instead of enforcing."""
    pieces = [place.at("description").text_or("").strip(), place.at("hint").text_or("").strip()]
    pieces += [
        f"{label.display}: {label.description}" for label in leaves(list(choices)) if label.description
    ]
    if counts[1] > 1:
        pieces.append(f"Choose {counts[0]} to {counts[1]}.")
    for key, words in (("min_characters", "At least"), ("max_characters", "At most")):
        count = place.at(key).maybe(lambda entry: entry.whole(least=0)) if kind == "text" else None
        pieces += [f"{words} {count} characters."] if count else []
    for key in ("prefix", "suffix"):
        unit = place.at(key).text_or("").strip() if kind == "number" else ""
        pieces += [f"In {unit}."] if unit else []
    if most > MAX_REPEATS:
        pieces.append(f"Up to {MAX_REPEATS} answers.")
    return "\n".join(piece for piece in pieces if piece)
