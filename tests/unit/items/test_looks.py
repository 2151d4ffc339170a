"""What stands for a text or a document in a list of many."""

from __future__ import annotations

import json

import pytest

from goldsmith.items.policy.looks import HEAD_CHARS, MAX_WORDS_CHARS, look_of
from goldsmith.items.types import DocumentBody, ItemKind, Part, PartKind

SHA = "a" * 64


def head_of(*parts: Part) -> str:
    return DocumentBody(parts=list(parts)).model_dump_json(exclude_defaults=True)[:HEAD_CHARS]


def look(kind: ItemKind, head: str | None, *, has_thumbnail: bool = False) -> tuple[str | None, str]:
    return look_of(kind, item_id="itm_1", head=head, has_thumbnail=has_thumbnail)


def test_an_image_needs_nothing_and_a_text_has_its_words() -> None:
    assert look(ItemKind.IMAGE, None) == (None, "")
    assert look(ItemKind.TEXT, "  A  letter\nof two lines ") == (None, "A letter of two lines")
    assert look(ItemKind.TEXT, "# of __init__: 2 * 3 > 5")[1] == "# of __init__: 2 * 3 > 5"
    long = look(ItemKind.TEXT, "word " * 100)[1]
    assert len(long) <= MAX_WORDS_CHARS + 1
    assert long.endswith("…")


def test_a_document_has_its_first_page_or_picture_or_words() -> None:
    picture = Part(kind=PartKind.IMAGE, sha256=SHA)
    words = Part(kind=PartKind.MARKDOWN, text='# Which "kind": is **it**?\n\n{"kind":"image"}')
    assert look(ItemKind.DOCUMENT, head_of(picture), has_thumbnail=True) == (
        "/api/v1/items/itm_1/media?variant=thumbnail",
        "",
    )
    assert look(ItemKind.DOCUMENT, head_of(words, picture))[0] == (
        "/api/v1/items/itm_1/parts/1?variant=thumbnail"
    )
    assert look(ItemKind.DOCUMENT, head_of(words)) == (None, 'Which "kind": is it? {"kind":"image"}')
    plain = Part(kind=PartKind.TEXT, text="# of __init__: *args")
    site = Part(kind=PartKind.WEBSITE, url="https://example.org/")
    assert look(ItemKind.DOCUMENT, head_of(site, plain, words)) == (None, "# of __init__: *args")
    assert look(ItemKind.DOCUMENT, head_of(site, words, plain)) == (
        None,
        'Which "kind": is it? {"kind":"image"}',
    )
    assert look(ItemKind.DOCUMENT, head_of(site)) == (None, "")


@pytest.mark.parametrize("cut", range(1, 60, 7))
def test_words_that_are_cut_off_within_are_read_as_far_as_they_go(cut: int) -> None:
    text = 'a "b" \\ c \u00e4\u20ac "' * 20
    whole = json.dumps({"parts": [{"kind": "text", "text": text}]}, separators=(",", ":"))
    words = look(ItemKind.DOCUMENT, whole[: 60 + cut])[1]
    assert words
    assert " ".join(text.split()).startswith(words.rstrip("…"))
