"""The words of items."""

from __future__ import annotations

from enum import StrEnum


class ItemKind(StrEnum):
    """The kinds of data an item may be; a document is some parts, each a text, a picture or another file, in order."""

    IMAGE = "image"
    TEXT = "text"
    DOCUMENT = "document"


class LabelsAs(StrEnum):
    """What labels that come with items count as.

    ``gold`` is a hidden known answer, ``prelabels`` is a start for annotators and never a vote, ``accepted`` is a
    finished label, ``none`` leaves them out.
    """

    GOLD = "gold"
    PRELABELS = "prelabels"
    ACCEPTED = "accepted"
    NONE = "none"


class OnDuplicate(StrEnum):
    """What happens to bytes that the project has an item of already."""

    KEEP = "keep"
    REFUSE = "refuse"


class MediaVariant(StrEnum):
    """The forms of an item's media that are served."""

    ORIGINAL = "original"
    PREVIEW = "preview"
    THUMBNAIL = "thumbnail"
