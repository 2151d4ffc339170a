"""What crosses the wire of talk about a task: comments, who is looking at it, and who drew what."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated, Final

from pydantic import Field, model_validator

from goldsmith.core.model import Model
from goldsmith.labeling.types.wire import Key

MAX_REPLIES: Final = 200
"""Cap on the replies of one thread."""

MAX_THREADS: Final = 1000
"""Cap on the threads of one task."""

Text = Annotated[str, Field(min_length=1, max_length=4000, pattern=r"\S")]
Device = Annotated[str, Field(min_length=1, max_length=64, pattern=r"^[\w-]+$")]


# --- comments


class CommentBody(Model):
    """A comment that begins a thread.

    Attributes:
        request_key: Made by the client; the same again returns the first answer.
        x: The place it is pinned to, in pixels of the image, together with ``y``; None for the whole item.
        annotation_id: The object it is about.
    """

    request_key: Key
    text: Text
    x: Annotated[float, Field(allow_inf_nan=False)] | None = None
    y: Annotated[float, Field(allow_inf_nan=False)] | None = None
    annotation_id: Key | None = None

    @model_validator(mode="after")
    def _has_a_whole_place(self) -> CommentBody:
        if (self.x is None) != (self.y is None):
            raise ValueError("x and y come together")
        return self


class ReplyBody(Model):
    """An answer in a thread; ``request_key`` as in ``CommentBody``."""

    request_key: Key
    text: Text


class ResolveBody(Model):
    """Whether a thread is settled."""

    is_resolved: bool


class ReplyView(Model):
    """An answer in a thread; ``author`` as in ``ThreadView``."""

    comment_id: str
    author: str
    is_mine: bool
    text: str
    created_ms: int


class ThreadView(Model):
    """A comment with what was answered to it.

    Attributes:
        author: The name; a letter or a role for those who may not know.
        review_id: The verdict it came with.
        resolved_by: Who settled it, as ``author``.
        replies: Oldest first.
    """

    comment_id: str
    author: str
    is_mine: bool
    x: float | None
    y: float | None
    annotation_id: str | None
    text: str
    review_id: str | None
    created_ms: int
    resolved_ms: int | None
    resolved_by: str | None
    replies: list[ReplyView]


class ThreadList(Model):
    """Threads in the order they were begun."""

    items: list[ThreadView]
    next_cursor: str | None


# --- presence


class Doing(StrEnum):
    """What somebody does with a task; ``away`` says that the page was left."""

    LABEL = "label"
    REVIEW = "review"
    REVISE = "revise"
    LOOK = "look"
    AWAY = "away"


class PresenceBody(Model):
    """A sign of life of one open page.

    Attributes:
        device: Made by the page, its own as long as it is open.
    """

    device: Device
    doing: Doing


class PresentView(Model):
    """Somebody who is at the task now.

    Attributes:
        who: The name; a letter or a role for those who may not know.
        is_me: The reader on another device.
        has_lease: Whether the task is in their hands; they may still have no page open.
        seen_ms: The last sign of life.
    """

    who: str
    is_me: bool
    doing: Doing
    has_lease: bool
    since_ms: int
    seen_ms: int


class Presence(Model):
    """Who else is at the task."""

    others: list[PresentView]


# --- blame


class BlameSource(StrEnum):
    """Whose word made or changed an object."""

    HUMAN = "human"
    FIX = "fix"
    IMPORTED = "imported"
    PREDICTION = "prediction"
    GOLD = "gold"
    BULK = "bulk"
    CONSENSUS = "consensus"


class BlameMark(Model):
    """One moment in the life of an object.

    Attributes:
        who: The name; a letter for those who may not know; the kind of source where no member gave it.
        is_mine: Whether the reader did it.
        version: Of the author's submission.
    """

    who: str
    is_mine: bool
    source: BlameSource
    submission_id: str | None
    version: int
    model_version_id: str | None
    at_ms: int


class BlameOfObject(Model):
    """Where one object comes from.

    Attributes:
        created: When it first stood in a submission (or prediction).
        changed: When it was last changed; None when it is as it was created.
        origin: The pre-label it came from.
        supporters: Of a consensus object: whose submissions hold it.
    """

    created: BlameMark
    changed: BlameMark | None
    origin: BlameMark | None
    supporters: list[BlameMark]


class Blame(Model):
    """Where each object of a task comes from, by annotation id, deleted ones included."""

    objects: dict[str, BlameOfObject]
