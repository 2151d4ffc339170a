"""Reads parameters of JSON and says in Scale's words what does not hold.

Text that says a number or a truth value counts as one, as it does there: ``min_width="30"`` is 30.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from typing import Any, TypeVar

from goldsmith.compat.scale_v1.task_types.types import ParameterFault

Value = TypeVar("Value")


@dataclass(frozen=True)
class Place:
    """A value somewhere in the parameters.

    Attributes:
        value: As it came; None where it was left out.
        path: Where it is, such as ``geometries.box.min_width``.
    """

    value: Any
    path: str

    def fault(self, words: str) -> ParameterFault:
        """Return the fault of this value."""
        return ParameterFault(f'"{self.path}" {words}')

    @property
    def is_given(self) -> bool:
        """Say whether there is a value; null counts as none."""
        return self.value is not None

    def required(self) -> Place:
        """Return this place.

        Raises:
            ParameterFault: It was left out.
        """
        if self.value is None:
            raise self.fault("is required")
        return self

    def at(self, key: str) -> Place:
        """Return the place of a key of this object."""
        return Place(self.mapping().get(key), f"{self.path}.{key}" if self.path else key)

    def mapping(self) -> Mapping[str, Any]:
        """Return the object; an empty one where it was left out."""
        if self.value is None:
            return {}
        if not isinstance(self.value, Mapping):
            raise self.fault("must be an object")
        return self.value

    def entries(self, *, least: int = 0) -> list[tuple[str, Place]]:
        """Return the places of an object's values by their keys."""
        entries = [(str(key), self.at(key)) for key in self.mapping()]
        if len(entries) < least:
            raise self.fault(f"must have at least {least} key{'s' if least > 1 else ''}")
        return entries

    def items(self, *, least: int = 0, most: int | None = None) -> list[Place]:
        """Return the places of a list's entries; none where it was left out and none are needed."""
        if self.value is None and least == 0:
            return []
        if not isinstance(self.value, list | tuple):
            raise self.required().fault("must be an array")
        if len(self.value) < least:
            raise self.fault(f"must contain at least {least} items")
        if most is not None and len(self.value) > most:
            raise self.fault(f"must contain less than or equal to {most} items")
        return [Place(entry, f"{self.path}[{index}]") for index, entry in enumerate(self.value)]

    def text(self, *, is_empty_fine: bool = False, most: int | None = None) -> str:
        """Return a text."""
        value = self.required().value
        if not isinstance(value, str):
            raise self.fault("must be a string")
        if not _is_storable(value):
            raise self.fault("must not contain the character 0 or halves of characters")
        if not value.strip() and not is_empty_fine:
            raise self.fault("is not allowed to be empty")
        if most is not None and len(value) > most:
            raise self.fault(f"length must be less than or equal to {most} characters long")
        return value

    def text_or(self, fallback: str) -> str:
        """Return a text, or another one where it was left out."""
        return self.text(is_empty_fine=True) if self.is_given else fallback

    def number(self, *, least: float | None = None, most: float | None = None) -> float:
        """Return a finite number."""
        number = _as_number(self.required().value)
        if number is None:
            raise self.fault("must be a number")
        if least is not None and number < least:
            raise self.fault(f"must be larger than or equal to {least:g}")
        if most is not None and number > most:
            raise self.fault(f"must be less than or equal to {most:g}")
        return number

    def whole(self, *, least: int | None = None, most: int | None = None) -> int:
        """Return a whole number."""
        number = self.number(least=least, most=most)
        if not float(number).is_integer():
            raise self.fault("must be an integer")
        return int(number)

    def truth(self, fallback: bool = False) -> bool:
        """Return a truth value, or another one where it was left out."""
        value = self.value
        if value is None:
            return fallback
        if isinstance(value, str) and value.lower() in ("true", "false"):
            return value.lower() == "true"
        if not isinstance(value, bool):
            raise self.fault("must be a boolean")
        return value

    def one_of(self, allowed: Collection[str]) -> str:
        """Return one of some texts."""
        value = self.text()
        if value not in allowed:
            raise self.fault(f"must be one of [{', '.join(allowed)}]")
        return value

    def maybe(self, read: Callable[[Place], Value]) -> Value | None:
        """Read it where it is given."""
        return read(self) if self.is_given else None


def _is_storable(text: str) -> bool:
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return "\x00" not in text


def _as_number(value: Any) -> float | None:
    if isinstance(value, str):
        try:
            value = float(value)
        except ValueError:
            return None
    if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
        return None
    return value


def refuse_repeats(places: list[Place], keys: list[str]) -> None:
    """Refuse a list in which a key comes twice.

    Raises:
        ParameterFault: The place of the second one.
    """
    seen: set[str] = set()
    for place, key in zip(places, keys, strict=True):
        if key in seen:
            raise place.fault("contains a duplicate value")
        seen.add(key)
