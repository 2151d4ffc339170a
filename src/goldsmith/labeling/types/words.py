"""The words of labelling, and its caps."""

from __future__ import annotations

from enum import StrEnum
from typing import Final

MAX_LEASES: Final = 50
"""Tasks one member may hold at once in one project; more would drain the queue for the others."""

MAX_DRAFT_BYTES: Final = 8 * 1024**2
"""Cap on a draft without its edit log."""

MAX_DRAFT_LOG: Final = 32 * 1024**2
"""Cap on the characters of the edit log of a draft; the workbench lets go of its oldest steps before that."""

MAX_BODY_BYTES: Final = 64 * 1024**2
"""Cap on a submitted labelling."""


class Stage(StrEnum):
    """What is asked of whoever takes the task."""

    LABEL = "label"
    REVIEW = "review"


class TaskState(StrEnum):
    """Where a task stands; see ``policy`` for the moves between them."""

    OPEN = "open"
    RESOLVING = "resolving"
    REVIEW = "review"
    DONE = "done"
    IDLE = "idle"
    CANCELLED = "cancelled"


class StandingState(StrEnum):
    """What a member may do in a project: work, nothing for now, or the course first."""

    ACTIVE = "active"
    PAUSED = "paused"
    COURSE = "course"


class Outcome(StrEnum):
    """How a judgement ended."""

    SUBMITTED = "submitted"
    SKIPPED = "skipped"
    REVIEWED = "reviewed"
    WITHDRAWN = "withdrawn"


class SubmissionKind(StrEnum):
    """Whose word a submission is."""

    HUMAN = "human"
    FIX = "fix"
    IMPORTED = "imported"
    PREDICTION = "prediction"
    GOLD = "gold"
    BULK = "bulk"
    COURSE = "course"


class Verdict(StrEnum):
    """What a reviewer says."""

    ACCEPT = "accept"
    FIX = "fix"
    REJECT = "reject"
