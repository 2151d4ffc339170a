"""What stands for an item in a list of many: its thumbnail, the first page of a document, the first words of a text."""

from __future__ import annotations

import json
import re
from typing import Final, NamedTuple

from goldsmith.items.types.parts import PartKind
from goldsmith.items.types.words import ItemKind

HEAD_CHARS: Final = 1200
"""How much of a text, or of the JSON of a document, is looked at."""
MAX_WORDS_CHARS: Final = 160
# quotes within texts are escaped in JSON, so this is where a part begins and nothing else
_PART: Final = re.compile(r'\{"kind":"(\w+)"')
_TEXT: Final = re.compile(r'"text":("(?:[^"\\]|\\.)*"?)')
_MARKUP: Final = re.compile(r"^\s{0,3}#+\s+|[*_`>]+", re.MULTILINE)


class Look(NamedTuple):
    """What stands for an item.

    Attributes:
        cover: Where its picture is; None for images, whose thumbnail it is, and where there is none.
        words: Its first words; empty where there is a picture.
    """

    cover: str | None = None
    words: str = ""


def look_of(kind: ItemKind, *, item_id: str, head: str | None, has_thumbnail: bool) -> Look:
    """Return what stands for an item.

    Args:
        kind: Of the item.
        item_id: Of the item.
        head: The first ``HEAD_CHARS`` of what it is itself; None for an image.
        has_thumbnail: Whether its first page is at hand as a small picture.
    """
    if kind is ItemKind.IMAGE or head is None:
        return Look()
    if kind is ItemKind.TEXT:
        return Look(words=_first_words(head))
    if has_thumbnail:
        return Look(cover=f"/api/v1/items/{item_id}/media?variant=thumbnail")
    parts = [match.group(1) for match in _PART.finditer(head)]
    if PartKind.IMAGE in parts:
        return Look(cover=f"/api/v1/items/{item_id}/parts/{parts.index(PartKind.IMAGE)}?variant=thumbnail")
    text = _TEXT.search(head)
    if text is None:
        return Look()
    said = _unquoted(text.group(1))
    is_markdown = _PART.findall(head, 0, text.start())[-1:] == [PartKind.MARKDOWN]
    return Look(words=_first_words(_MARKUP.sub("", said) if is_markdown else said))


def _first_words(text: str) -> str:
    words = " ".join(text.split())
    return words if len(words) <= MAX_WORDS_CHARS else words[:MAX_WORDS_CHARS].rstrip() + "…"


def _unquoted(text: str) -> str:
    """Return what a text of JSON says that may be cut off at its end."""
    closed = text if len(text) > 1 and text.endswith('"') else text.rstrip("\\") + '"'
    for end in (closed, *(closed[: -1 - cut] + '"' for cut in range(1, 7))):  # an escape may be cut within
        try:
            said = json.loads(end)
        except ValueError:
            continue
        return said if isinstance(said, str) else ""
    return ""
