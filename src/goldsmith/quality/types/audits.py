"""Audits: what share is right, proved from finished tasks that a reviewer looks at."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated, NamedTuple

from pydantic import Field

from goldsmith.core.model import Model

MOST_DRAWS = 10_000


class AuditState(StrEnum):
    """Where an audit stands; ``stopped`` ended without a verdict."""

    RUNNING = "running"
    PROVED = "proved"
    REFUTED = "refuted"
    STOPPED = "stopped"


class DrawState(StrEnum):
    """Where a draw stands; ``void`` can not be looked at any more."""

    WAITING = "waiting"
    ASKED = "asked"
    SCORED = "scored"
    VOID = "void"


class Draw(NamedTuple):
    """One task drawn for an audit.

    Attributes:
        number: From 0, in the order drawn.
        size: Objects when it was drawn, at least 1; draws are in proportion to it.
        after_review: The newest review of the task when it was asked; a later one answers. Empty for none.
        is_own: Whether the audit asked for the review; else the task was in review already.
        right: Objects that are right; ``wrong`` were kept and are not, ``missed`` should have been there.
    """

    number: int
    task_id: str
    state: DrawState
    after_review: str = ""
    is_own: bool = False
    review_id: str | None = None
    right: int = 0
    wrong: int = 0
    missed: int = 0
    size: int = 1

    @property
    def objects(self) -> int:
        """How many objects the labels hold or should hold."""
        return self.right + self.wrong + self.missed

    @property
    def score(self) -> float:
        """One less the faults for each object that was kept, which is what tasks are drawn in proportion to.

        The mean over draws is then one less all faults for all objects kept, which is a little below the share of
        objects that are right. A task that holds more faults than objects counts as wholly wrong.
        """
        return max(1.0 - (self.wrong + self.missed) / max(self.right + self.wrong, 1), 0.0)


class AuditBegin(Model):
    """What an audit is to prove.

    Attributes:
        target: Share of objects that is to be right; the project's own by default.
        confidence: With which it is proved, in [0.5, 0.999].
        most_tasks: Reviews at most, 1 to 10,000.
    """

    target: Annotated[float | None, Field(ge=0.5, le=0.9999)] = None
    confidence: Annotated[float, Field(ge=0.5, le=0.999)] = 0.95
    most_tasks: Annotated[int, Field(ge=1, le=MOST_DRAWS)] = 300


class AuditReading(Model):
    """What an audit said after so many reviews."""

    reviewed: int
    objects: int
    value: float
    low: float
    high: float


class AuditFinding(Model):
    """A task in which an audit found something that is not right."""

    task_id: str
    item_id: str
    item_name: str
    right: int
    wrong: int
    missed: int


class AuditView(Model):
    """An audit.

    Attributes:
        planned: Draws at most.
        drawn: Tasks that a reviewer was asked about so far.
        reviewed: Draws that were looked at, in the order drawn and without a gap.
        objects: In them; each task counted once. Likewise ``right``.
        value: Share that is right, over all objects of the project; with its bounds.
        sentence: What is proved by now, for people.
        findings: What was not right, the newest first.
    """

    audit_id: str
    project_id: str
    state: AuditState
    target: float
    confidence: float
    planned: int
    drawn: int
    reviewed: int
    objects: int
    right: int
    value: float | None
    low: float | None
    high: float | None
    curve: list[AuditReading]
    sentence: str
    created_by: str
    created_ms: int
    ended_ms: int | None
    findings: list[AuditFinding]


class AuditList(Model):
    """Audits of a project, newest first."""

    audits: list[AuditView]
