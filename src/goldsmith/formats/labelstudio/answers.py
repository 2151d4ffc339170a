"""Label Studio's controls that take no shape: choices, texts, numbers, ratings, taxonomies.

They answer for a region (attributes here) or for the whole task (answers here), under the name of their control.
Whether one choice can be made or several is known only from the labelling interface; a control with two choices
anywhere in the file takes several.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from goldsmith.core.annotations import AttributeValue

CONTROLS: Final = ("choices", "textarea", "number", "rating", "taxonomy", "datetime")


def value_of(control: str, value: Mapping[str, Any], *, is_multiple: bool) -> AttributeValue | None:
    """Return what a control says; None when it says nothing that can be held."""
    found = value.get("text" if control == "textarea" else control)
    if control in ("number", "rating"):
        return float(found) if isinstance(found, int | float) and not isinstance(found, bool) else None
    if control == "taxonomy":
        return _paths(found)
    texts = [entry for entry in found if isinstance(entry, str)] if isinstance(found, list) else []
    if isinstance(found, str):
        texts = [found]
    if not texts:
        return None
    if control == "choices":
        return texts if is_multiple else texts[0]
    return "\n".join(texts)


def result_of(value: AttributeValue) -> tuple[str, dict[str, Any]]:
    """Return the control, and its value, that say an answer."""
    if isinstance(value, bool):
        return "choices", {"choices": ["true" if value else "false"]}
    if isinstance(value, list):
        return "choices", {"choices": value}
    if isinstance(value, str):
        return ("choices", {"choices": [value]}) if value else ("textarea", {"text": [value]})
    return "number", {"number": value}


def said_again(values: Mapping[str, AttributeValue], multiple: frozenset[str]) -> dict[str, AttributeValue]:
    """Return values as reading gives them back from Label Studio's own words."""
    again: dict[str, AttributeValue] = {}
    for name, value in values.items():
        control, said = result_of(value)
        found = value_of(control, said, is_multiple=name in multiple)
        if found is not None:
            again[name] = found
    return again


def _paths(found: Any) -> list[str] | None:
    if not isinstance(found, list):
        return None
    paths = [
        " > ".join(part for part in path if isinstance(part, str)) for path in found if isinstance(path, list)
    ]
    return [path for path in paths if path] or None
