"""``annotation_attributes``: what is asked about objects, or about the whole task, and where it is asked.

Each becomes an attribute of the classes whose labels its conditions allow; what its conditions say of other
attributes becomes a tree of conditions. An attribute of type ``linked`` becomes a type of relation, which has no
conditions on other attributes: where it has some, or is required, the task's instructions say so. A number's ``step``
is told to labelers and not enforced.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Final

from goldsmith.compat.scale_v1.task_types.identity import key_of, option_key, shown
from goldsmith.compat.scale_v1.task_types.labels import Label, leaves, read_labels
from goldsmith.compat.scale_v1.task_types.reading import Place
from goldsmith.core.annotations import AttributeValue
from goldsmith.core.ontology import Attribute, AttributeKind, Option

TYPES: Final = (
    "category",
    "number",
    "angle",
    "text",
    "x_offset",
    "y_offset",
    "x_line",
    "y_line",
    "linked",
    "global",
    "boolean",
)
_OFFSETS: Final = frozenset(("x_offset", "y_offset", "x_line", "y_line"))
_OFFSET_KINDS: Final = frozenset(("box", "rotated_box", "cuboid"))
MAX_ATTRIBUTES: Final = 500
MAX_DESCRIPTION: Final = 2000
MAX_TESTS: Final = 100
Test = tuple[str, tuple[Any, ...]]
"""A key and the values of which it must have one."""


@dataclass(frozen=True)
class Allowed:
    """One of the sets of conditions under which an attribute is asked.

    Attributes:
        labels: Leaf labels, None for all.
        tests: All of them must hold.
    """

    labels: frozenset[str] | None
    tests: tuple[Test, ...]


@dataclass(frozen=True)
class Asked:
    """An attribute as it was defined.

    Attributes:
        key: Its name in responses.
        type: One of ``TYPES``.
        is_global: Asked once for the task.
        labels: What can be chosen, folders included.
        link_labels: The labels a linked one may lead to, None for all.
        allowed: Any of these; always asked where there are none.
        definition: As it came, for its id.
    """

    key: str
    type: str
    description: str
    is_global: bool
    is_required: bool
    allow_multiple: bool
    labels: tuple[Label, ...]
    minimum: float | None
    maximum: float | None
    step: float | None
    link_labels: frozenset[str] | None
    allowed: tuple[Allowed, ...]
    definition: Any

    @property
    def is_linked(self) -> bool:
        """Say whether it leads from one object to another."""
        return self.type == "linked"

    @property
    def kind(self) -> AttributeKind:
        """The kind of attribute it becomes."""
        if self.type in ("category", "global") and self.labels:
            return AttributeKind.MULTI_CHOICE if self.allow_multiple else AttributeKind.CHOICE
        if self.type in ("text", "global"):
            return AttributeKind.TEXT
        return AttributeKind.BOOLEAN if self.type == "boolean" else AttributeKind.NUMBER

    @cached_property
    def choices(self) -> dict[str, Any]:
        """Values by option id."""
        return {option_key(label.value): label.value for label in leaves(list(self.labels))}


def read_attributes(place: Place, labels: Iterable[str], *, linked: Place | None = None) -> list[Asked]:
    """Read the definitions.

    Args:
        place: The object of definitions by key.
        labels: The leaf labels that conditions may name.
        linked: Further definitions, all of type ``linked`` (the parameter ``links``).
    """
    known = frozenset(labels)
    asked = [_read_one(key, entry, known) for key, entry in place.entries()]
    for key, entry in linked.entries() if linked is not None else []:
        entry.at("type").maybe(lambda kind: kind.one_of(("linked",)))
        asked.append(_read_one(key, Place({**entry.mapping(), "type": "linked"}, entry.path), known))
    if len(asked) > MAX_ATTRIBUTES:
        raise place.fault(f"must have less than or equal to {MAX_ATTRIBUTES} keys")
    by_key = {entry.key: entry for entry in asked}
    if len(by_key) < len(asked):
        raise (linked or place).fault("names an attribute that annotation_attributes has too")
    for one in asked:
        _check_tests(one, by_key, place.at(one.key).at("conditions"))
    _refuse_cycles(by_key, place)
    return asked


def _read_one(key: str, place: Place, labels: frozenset[str]) -> Asked:
    place.required().mapping()
    kind = place.at("type").one_of(TYPES) if place.at("type").is_given else "category"
    has_choices = kind == "category" or (kind == "global" and place.at("choices").is_given)
    least, most = (0.0, 360.0) if kind == "angle" else (None, None)
    if kind == "number":
        least = place.at("min").maybe(Place.number)
        most = place.at("max").maybe(lambda entry: entry.number(least=least))
    elif kind in _OFFSETS:
        least = 0.0
    return Asked(
        key=key,
        type=kind,
        description=place.at("description").text_or("").strip(),
        is_global=kind == "global" or place.at("global").truth(),
        is_required=place.at("required").truth(kind != "linked"),
        allow_multiple=place.at("allow_multiple").truth(),
        labels=tuple(read_labels(place.at("choices"), texts_only=False)) if has_choices else (),
        minimum=least,
        maximum=most,
        step=place.at("step").maybe(lambda entry: entry.number(least=0.0)) if kind == "number" else None,
        link_labels=_read_link_labels(place.at("allowed_labels"), labels),
        allowed=_read_conditions(place.at("conditions"), labels),
        definition=place.value,
    )


def _read_link_labels(place: Place, labels: frozenset[str]) -> frozenset[str] | None:
    return (
        frozenset(entry.one_of(sorted(labels)) for entry in place.items(least=1)) if place.is_given else None
    )


def _read_conditions(place: Place, labels: frozenset[str]) -> tuple[Allowed, ...]:
    if not place.is_given:
        return ()
    entries = place.items(least=1, most=MAX_TESTS) if isinstance(place.value, list) else [place]
    return tuple(_read_condition(entry, labels) for entry in entries)


def _read_condition(place: Place, labels: frozenset[str]) -> Allowed:
    for key, entry in place.entries():
        if key not in ("label_condition", "attribute_conditions"):
            raise entry.fault("is not allowed")
    label_place = place.at("label_condition")
    named: frozenset[str] | None = None
    if label_place.is_given:
        label = label_place.at("label").required()
        places = label.items(least=1) if isinstance(label.value, list) else [label]
        named = frozenset(entry.one_of(sorted(labels)) for entry in places)
    tests_place = place.at("attribute_conditions")
    is_list = isinstance(tests_place.value, list)
    objects = tests_place.items() if is_list or not tests_place.is_given else [tests_place]
    tests = [_read_test(key, entry) for test in objects for key, entry in test.entries(least=1)]
    if len(tests) > MAX_TESTS:
        raise tests_place.fault(f"must contain less than or equal to {MAX_TESTS} items")
    return Allowed(labels=named, tests=tuple(tests))


def _read_test(key: str, place: Place) -> Test:
    values = place.items(least=1) if isinstance(place.value, list) else [place.required()]
    for value in values:
        if not isinstance(value.value, str | bool | int | float):
            raise value.fault("must be a string")
    return key, tuple(value.value for value in values)


def _check_tests(asked: Asked, by_key: Mapping[str, Asked], place: Place) -> None:
    for allowed in asked.allowed:
        for key, values in allowed.tests:
            other = by_key.get(key)
            if other is None:
                raise place.fault(f'names the unknown attribute "{key}"')
            if other.is_linked or other.is_global != asked.is_global:
                raise place.fault(f'must not name "{key}": it is linked, or asked elsewhere')
            if other.labels and not set(map(_same, values)) <= set(map(_same, other.choices.values())):
                raise place.fault(f'must name choices of "{key}"')
        if asked.is_global and allowed.labels is not None:
            raise place.fault("must not have a label_condition: the attribute is global")


def _same(value: Any) -> tuple[bool, Any]:
    return isinstance(value, bool), value


def _refuse_cycles(by_key: Mapping[str, Asked], place: Place) -> None:
    for key in by_key:
        if key in _reached(key, by_key, inclusive=False):
            raise place.at(key).at("conditions").fault("must not depend on the attribute itself")


def _reached(key: str, by_key: Mapping[str, Asked], *, inclusive: bool = True) -> set[str]:
    """Return the attributes that the conditions of one look at, directly or not."""
    found, waiting = {key} if inclusive else set(), [key]
    while waiting:
        for allowed in by_key[waiting.pop()].allowed:
            for other, _ in allowed.tests:
                if other not in found:
                    found.add(other)
                    waiting.append(other)
    return found


class Attributes:
    """The attributes of a task, as goldsmith asks them and as responses tell them.

    Args:
        asked: As they were read.
    """

    def __init__(self, asked: Sequence[Asked]) -> None:
        self._by_key = {entry.key: entry for entry in asked}
        self._ids = {entry.key: self._id_of(entry) for entry in asked}
        self._keys = {attribute_id: key for key, attribute_id in self._ids.items()}

    @property
    def linked(self) -> list[Asked]:
        """Those that lead from one object to another."""
        return [entry for entry in self._by_key.values() if entry.is_linked]

    @property
    def has_globals(self) -> bool:
        """Say whether something is asked about the whole task."""
        return any(entry.is_global for entry in self._by_key.values())

    def of_label(self, label: str, kinds: Iterable[str]) -> list[Attribute]:
        """Return what is asked about objects of a label that are drawn with some kinds of shapes."""
        has_offsets = not _OFFSET_KINDS.isdisjoint(kinds)
        asked = [
            entry
            for entry in self._by_key.values()
            if not entry.is_global and not entry.is_linked and (has_offsets or entry.type not in _OFFSETS)
        ]
        return self._carried(asked, label)

    def questions(self) -> list[Attribute]:
        """Return what is asked about the whole task."""
        return self._carried([entry for entry in self._by_key.values() if entry.is_global], None)

    def values(self, attributes: Mapping[str, AttributeValue]) -> dict[str, Any]:
        """Return values as responses tell them, in the order of the definitions."""
        return {
            key: self._told(entry, attributes[self._ids[key]])
            for key, entry in self._by_key.items()
            if self._ids[key] in attributes
        }

    def read_values(self, place: Place, *, is_global: bool = False) -> dict[str, AttributeValue]:
        """Read values of a response; linked ones are left to ``read_links``."""
        found: dict[str, AttributeValue] = {}
        for key, entry in place.entries():
            asked = self._by_key.get(key)
            if asked is None or asked.is_global != is_global:
                raise entry.fault("is not allowed")
            if not asked.is_linked and entry.is_given:
                found[self._ids[key]] = self._read(asked, entry)
        return found

    def read_links(self, place: Place) -> list[tuple[str, str]]:
        """Read key and target of each link in the values of one object."""
        links: list[tuple[str, str]] = []
        for asked in self.linked:
            entry = place.at(asked.key)
            if entry.is_given:
                targets = entry.items() if isinstance(entry.value, list) else [entry]
                links += [(asked.key, target.text()) for target in targets]
        return links

    def _id_of(self, asked: Asked) -> str:
        definitions = {key: self._by_key[key].definition for key in _reached(asked.key, self._by_key)}
        return key_of("attribute", asked.key, [asked.type, definitions])

    def _carried(self, asked: Iterable[Asked], label: str | None) -> list[Attribute]:
        """Return those of the attributes that can ever be asked, with what is left of their conditions."""
        waiting = {entry.key: entry for entry in asked}
        carried: dict[str, Attribute | None] = {}

        def resolve(key: str) -> Attribute | None:
            if key not in carried:
                entry = waiting.get(key)
                carried[key] = None if entry is None else self._resolved(entry, label, resolve)
            return carried[key]

        return [attribute for key in waiting if (attribute := resolve(key)) is not None]

    def _resolved(self, asked: Asked, label: str | None, resolve: Any) -> Attribute | None:
        ways: list[list[dict[str, Any]]] = []
        for allowed in asked.allowed:
            is_here = allowed.labels is None or label is None or label in allowed.labels
            if is_here and all(resolve(key) is not None for key, _ in allowed.tests):
                ways.append([self._test(key, values) for key, values in allowed.tests])
        if asked.allowed and not ways:
            return None
        condition = None if any(not way for way in ways) or not ways else _tree(ways)
        return self._attribute(asked, condition)

    def _test(self, key: str, values: Sequence[Any]) -> dict[str, Any]:
        other = self._by_key[key]
        if other.labels:
            values = [option_key(value) for value in values]
        return {"attribute_id": self._ids[key], "equals": list(values)}

    def _attribute(self, asked: Asked, condition: dict[str, Any] | None) -> Attribute:
        step = f" (in steps of {asked.step:g})" if asked.step not in (None, 1.0) else ""
        return Attribute.model_validate(
            {
                "attribute_id": self._ids[asked.key],
                "name": shown(asked.key),
                "description": (asked.description + step)[:MAX_DESCRIPTION].strip(),
                "kind": asked.kind,
                "options": options_of(leaves(list(asked.labels))),
                "is_required": asked.is_required,
                "minimum": asked.minimum,
                "maximum": asked.maximum,
                "condition": condition,
            }
        )

    def _told(self, asked: Asked, value: AttributeValue) -> Any:
        if asked.labels:
            choices = asked.choices
            if isinstance(value, list):
                return [choices[entry] for entry in value if entry in choices]
            return choices.get(str(value), value)
        is_whole = isinstance(value, float) and value.is_integer() and asked.step in (None, 1.0)
        return int(value) if is_whole and isinstance(value, float) else value

    def _read(self, asked: Asked, place: Place) -> AttributeValue:
        match asked.kind:
            case AttributeKind.TEXT:
                return place.text(is_empty_fine=True)
            case AttributeKind.BOOLEAN:
                return place.truth()
            case AttributeKind.NUMBER:
                return float(place.number(least=asked.minimum, most=asked.maximum))
            case AttributeKind.CHOICE:
                single = place.items(least=1, most=1)[0] if isinstance(place.value, list) else place
                return read_choice(single, asked.choices)
            case _:
                several = place.items() if isinstance(place.value, list) else [place]
                return list(dict.fromkeys(read_choice(entry, asked.choices) for entry in several))


def options_of(labels: Iterable[Label]) -> list[Option]:
    """Return labels as options; what is in folders is named with them."""
    return [
        Option(
            option_id=option_key(label.value),
            name=shown(" / ".join([*(display for _, display in label.folders), label.display])),
        )
        for label in labels
    ]


def read_choice(place: Place, choices: Mapping[str, Any]) -> str:
    """Return the option id of a chosen value."""
    if isinstance(place.value, str | bool | int | float):
        for option_id, value in choices.items():
            if _same(value) == _same(place.value):
                return option_id
    raise place.fault(f"must be one of [{', '.join(str(value) for value in choices.values())}]")


def _tree(ways: Sequence[Sequence[dict[str, Any]]]) -> dict[str, Any]:
    """Return any of the ways, each of which is all of its tests."""
    branches = [way[0] if len(way) == 1 else {"all": list(way)} for way in ways]
    return branches[0] if len(branches) == 1 else {"any": branches}


def notes_of(asked: Iterable[Asked]) -> list[str]:
    """Return what labelers are to know of links that goldsmith does not hold them to."""
    notes = []
    for entry in asked:
        words = [entry.description] if entry.description else []
        words += ["Required."] if entry.is_required else []
        for allowed in entry.allowed:
            if allowed.tests:
                tests = [f"{key} is {' or '.join(map(str, values))}" for key, values in allowed.tests]
                words.append(f"Only where {' and '.join(tests)}.")
        if words:
            notes.append(f"**{entry.key}**: {' '.join(words)}")
    return notes
