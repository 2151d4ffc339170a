"""The parts that a document item is made of, and that a task may show beside its item."""

from __future__ import annotations

from collections.abc import Sequence
from enum import StrEnum
from typing import Annotated, Final, Self

from pydantic import Field, TypeAdapter, model_validator

from goldsmith.core.model import Model

MAX_PARTS: Final = 200
"""Cap on the parts of one document, and on what one task shows beside its item."""
MAX_PART_CHARS: Final = 500_000
"""Cap on a text that a part carries itself; longer ones are files."""
MAX_PAGE_SIDE_PX: Final = 65_500
"""Cap on a side of a page."""


class PartKind(StrEnum):
    """What a part is, and so how it is shown."""

    TEXT = "text"
    MARKDOWN = "markdown"
    IMAGE = "image"
    PDF = "pdf"
    AUDIO = "audio"
    VIDEO = "video"
    WEBSITE = "website"


TEXT_KINDS: Final = frozenset({PartKind.TEXT, PartKind.MARKDOWN})


class Part(Model):
    """One part, as it is stored: it carries its text, or names a file of the workspace, or a page of the web.

    Attributes:
        text: Of a text or of Markdown.
        sha256: Of a file that the workspace has among its blobs; hex.
        media_type: Of that file.
        url: Of a website alone; it is shown as a link and never fetched.
        title: Shown above it.
        width_px: Of a picture that is drawn on, upright, in pixels; likewise ``height_px``. A document of nothing but
            such pictures is worked on page by page: its objects lie in the plane of the pages, one under the other.
    """

    kind: PartKind
    text: Annotated[str, Field(min_length=1, max_length=MAX_PART_CHARS, pattern=r"^[^\x00]*$")] | None = None
    sha256: Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")] | None = None
    media_type: Annotated[str, Field(max_length=200, pattern=r"^[\w.+-]+/[\w.+-]+$")] | None = None
    url: Annotated[str, Field(max_length=4096, pattern=r"^https?://[^\s/]\S*$")] | None = None
    title: Annotated[str, Field(max_length=1000)] = ""
    width_px: Annotated[int, Field(ge=1, le=MAX_PAGE_SIDE_PX)] | None = None
    height_px: Annotated[int, Field(ge=1, le=MAX_PAGE_SIDE_PX)] | None = None

    @model_validator(mode="after")
    def _carries_one_thing(self) -> Self:
        given = [name for name in ("text", "sha256", "url") if getattr(self, name) is not None]
        if self.kind is PartKind.WEBSITE:
            allowed = ["url"]
        else:
            allowed = ["text", "sha256"] if self.kind in TEXT_KINDS else ["sha256"]
        if len(given) != 1 or given[0] not in allowed:
            raise ValueError(
                f"a part of the kind {self.kind} carries {' or '.join(allowed)} and nothing else"
            )
        if self.media_type is not None and self.sha256 is None:
            raise ValueError("media_type is said of files alone, which are named by their sha256")
        if (self.width_px is None) != (self.height_px is None):
            raise ValueError("a size is both width_px and height_px")
        if self.width_px is not None and self.kind is not PartKind.IMAGE:
            raise ValueError("width_px and height_px are said of pictures alone")
        return self


class PageArea(Model):
    """Where a page lies in the plane of its document: at its left edge, in pixels.

    Attributes:
        top: Of its upper edge; what is drawn on the page is that much lower in the plane.
    """

    top: int
    width: int
    height: int


class PartView(Model):
    """One part, as the wire shows it.

    Attributes:
        text: The text itself, where the part carries it.
        url: Where the bytes are, on this server; of a website, its own address.
        media_type: Of those bytes.
        page: Of a document that is drawn on, where this page lies; its number is that of the part.
    """

    kind: PartKind
    title: str = ""
    text: str | None = None
    url: str | None = None
    media_type: str | None = None
    page: PageArea | None = None


class SourceFile(Model):
    """The file that the pages of a document were made of, such as a PDF; it is what is downloaded as the original."""

    sha256: Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]
    media_type: str


class DocumentBody(Model):
    """What a document item is made of, in the order in which it is read."""

    parts: Annotated[list[Part], Field(min_length=1, max_length=MAX_PARTS)]
    source: SourceFile | None = None


PARTS: Final = TypeAdapter(Annotated[list[Part], Field(min_length=1, max_length=MAX_PARTS)])
"""Reads the parts of a document from JSON."""


def part_views(parts: list[Part], *, base_url: str, pages: Sequence[PageArea] = ()) -> list[PartView]:
    """Return parts as the wire shows them.

    Args:
        parts: In their order.
        base_url: The bytes of the n-th (from 0) are at ``base_url/n``.
        pages: Where each lies, if the document is drawn on.
    """
    return [
        PartView(
            kind=part.kind,
            title=part.title,
            text=part.text,
            url=part.url if part.sha256 is None else f"{base_url}/{number}",
            media_type=part.media_type,
            page=pages[number] if pages else None,
        )
        for number, part in enumerate(parts)
    ]
