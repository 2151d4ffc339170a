"""Tags of images in CVAT: answers to item-level questions here.

A tag without attributes is one of the answer ``tags``, a list of labels. A tag with the single attribute ``value`` is
the answer of that name. Any other attribute ``kind`` of a tag ``weather`` is the answer ``weather.kind``, and the tag
is listed too. Written, the answer ``tags`` becomes plain tags, each other one a tag with the attribute ``value``.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from goldsmith.core.annotations import AttributeValue

TAGS: Final = "tags"
VALUE: Final = "value"
Tag = tuple[str, dict[str, AttributeValue]]
"""Label, and the values of its attributes."""


def answers_of(tags: list[Tag]) -> dict[str, AttributeValue]:
    """Return the answers that tags mean."""
    listed: list[str] = []
    answers: dict[str, AttributeValue] = {}
    for label, values in tags:
        if set(values) == {VALUE}:
            answers[label] = values[VALUE]
            continue
        if label not in listed:
            listed.append(label)
        answers |= {f"{label}.{name}"[:200]: value for name, value in values.items()}
    return answers | ({TAGS: listed} if listed else {})


def tags_of(answers: Mapping[str, AttributeValue]) -> list[Tag]:
    """Return the tags that say answers."""
    tags: list[Tag] = []
    for key, value in answers.items():
        if key == TAGS and isinstance(value, list):
            tags += [(label, {}) for label in value if label]
        else:
            tags.append((key, {VALUE: value}))
    return tags
