"""Labels: plain strings, and ``LabelDescription`` trees in which only the leaves can be chosen."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final

from goldsmith.compat.scale_v1.task_types.reading import Place, refuse_repeats

MAX_DEPTH: Final = 20
MAX_LABELS: Final = 4000


@dataclass(frozen=True)
class Label:
    """One label that can be chosen, or a folder of them.

    Attributes:
        value: The ``choice``, as responses and conditions name it: a text, for attributes also a number or a boolean.
        display: What labelers see.
        description: More about it.
        is_instance: Whether each object of it is told apart in a segmentation.
        folders: Choice and display of the folders above it, outermost first.
        children: The labels of a folder; none for a leaf.
    """

    value: Any
    display: str
    description: str = ""
    is_instance: bool = False
    folders: tuple[tuple[str, str], ...] = ()
    children: tuple[Label, ...] = ()

    @property
    def is_folder(self) -> bool:
        """Say whether it only holds others."""
        return bool(self.children)

    def walk(self) -> Iterator[Label]:
        """Give it and all below it, folders before what is in them."""
        yield self
        for child in self.children:
            yield from child.walk()

    def said(self) -> list[Any]:
        """Return what tells it from other labels."""
        return [
            self.value,
            self.display,
            self.description,
            self.is_instance,
            [list(pair) for pair in self.folders],
        ]


def read_labels(place: Place, *, texts_only: bool = True) -> list[Label]:
    """Read a list of strings and ``LabelDescription`` objects; at least one, no leaf twice.

    Args:
        place: The list.
        texts_only: Whether choices are texts; choices of attributes may be numbers and booleans.
    """
    labels = [_read_label(entry, (), texts_only) for entry in place.required().items(least=1)]
    found = leaves(labels)
    if len(found) > MAX_LABELS:
        raise place.fault(f"must contain less than or equal to {MAX_LABELS} items")
    refuse_repeats([place] * len(found), [f"{type(label.value).__name__}:{label.value}" for label in found])
    return labels


def leaves(labels: list[Label]) -> list[Label]:
    """Return the labels that can be chosen, in order."""
    return [label for top in labels for label in top.walk() if not label.is_folder]


def _read_label(place: Place, folders: tuple[tuple[str, str], ...], texts_only: bool) -> Label:
    if len(folders) > MAX_DEPTH:
        raise place.fault(f"is nested deeper than {MAX_DEPTH} levels")
    if not isinstance(place.value, dict):
        value = _choice(place, texts_only)
        return Label(value, _as_text(value), folders=folders)
    value = _choice(place.at("choice").required(), texts_only)
    display = place.at("display").text_or(_as_text(value)) or _as_text(value)
    below = (*folders, (_as_text(value), display))
    children = place.at("subchoices").items()
    return Label(
        value,
        display,
        description=place.at("description").text_or(""),
        is_instance=place.at("instance_label").truth(),
        folders=folders,
        children=tuple(_read_label(child, below, texts_only) for child in children),
    )


def _choice(place: Place, texts_only: bool) -> Any:
    if not texts_only and isinstance(place.value, bool | int | float):
        return place.value
    return place.text()


def _as_text(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    return value if isinstance(value, str) else f"{value:g}"
