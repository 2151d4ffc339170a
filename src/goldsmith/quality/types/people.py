"""What crosses the wire of people's quality: consequences with their evidence, and the own page."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated, NamedTuple

from pydantic import Field

from goldsmith.core.model import Model
from goldsmith.labeling.api import StandingState
from goldsmith.quality.types.report import MemberSkill

Sentence = Annotated[str, Field(min_length=1, max_length=4000)]


class ConsequenceKind(StrEnum):
    """What follows for a member, from the mildest to the harshest."""

    TELL = "tell"
    MORE_GOLD = "more_gold"
    REQUALIFY = "requalify"
    PAUSE = "pause"


class Signal(StrEnum):
    """What speaks against somebody's work; ``manual`` is a manager's word."""

    SPAM = "spam"
    COPYING = "copying"
    STRAIGHT_LINING = "straight_lining"
    TOO_FAST = "too_fast"
    DRIFT = "drift"
    GOLD = "gold"
    MANUAL = "manual"


class ConsequenceState(StrEnum):
    """Where a consequence stands; all but ``lifted`` are in force."""

    ACTIVE = "active"
    APPEALED = "appealed"
    LIFTED = "lifted"
    UPHELD = "upheld"


class ConsequenceEventKind(StrEnum):
    """What happened to a consequence."""

    RAISED = "raised"
    APPEALED = "appealed"
    GRANTED = "granted"
    UPHELD = "upheld"
    LIFTED = "lifted"


class Verdict(StrEnum):
    """A manager's answer to an appeal: the consequence is lifted, or it stands."""

    GRANTED = "granted"
    UPHELD = "upheld"


class EvidenceNumber(Model):
    """One number that a consequence rests on, beside what is usual among the others; text where it is no number."""

    name: str
    value: float | str | None
    usual: float | str | None


class Evidence(Model):
    """What a consequence rests on.

    Attributes:
        sentence: For the member to read.
        task_ids: Tasks that show it, a few.
        other_member_id: The other one, where two are concerned; told to reviewers only.
    """

    sentence: str
    numbers: list[EvidenceNumber] = []
    task_ids: list[str] = []
    other_member_id: str | None = None


class Appeal(Model):
    """What the member says to a consequence, and the answer; the answer's parts are None until it is given."""

    text: str
    at_ms: int
    verdict: Verdict | None = None
    answer: str | None = None
    answered_by: str | None = None
    answered_ms: int | None = None


class ConsequenceEvent(Model):
    """One entry of a consequence's history.

    Attributes:
        by: Name of who did it; None for the project's policy.
    """

    kind: ConsequenceEventKind
    by: str | None
    text: str
    at_ms: int


class Consequence(Model):
    """What followed for a member from how they work; every one can be lifted, and appealed by the member.

    Attributes:
        name: The member's.
        created_by: Name of the manager; None when the project's policy raised it.
        history: Everything that happened to it, oldest first.
    """

    consequence_id: str
    project_id: str
    member_id: str
    name: str
    kind: ConsequenceKind
    signal: Signal
    state: ConsequenceState
    evidence: Evidence
    created_ms: int
    created_by: str | None
    appeal: Appeal | None
    history: list[ConsequenceEvent] = []


class ConsequenceList(Model):
    """Consequences, newest first."""

    consequences: list[Consequence]


class ImposeBody(Model):
    """A consequence by a manager's word."""

    member_id: str
    kind: ConsequenceKind
    text: Sentence


class TextBody(Model):
    """What somebody says."""

    text: Sentence


class AnswerBody(Model):
    """The answer to an appeal."""

    verdict: Verdict
    text: Sentence


class DayOfQuality(Model):
    """How a member did on one day (UTC).

    Attributes:
        decisions: Objects marked or passed over that could be compared with what was decided in the end.
        agreement: Share of them that agree; None without any.
        gold_right: Decisions on hidden known answers that were right; likewise ``gold_total``.
    """

    day: str
    decisions: int
    agreement: float | None
    gold_right: int
    gold_total: int


class StandingView(Model):
    """What a member may do in the project."""

    state: StandingState
    reason: str
    tier: int


class CourseState(StrEnum):
    """Where a member is in the course of a project; ``none`` where there is nothing to take."""

    NONE = "none"
    REQUIRED = "required"
    RUNNING = "running"
    PASSED = "passed"
    FAILED = "failed"


class CourseStanding(Model):
    """How far a member is in the course.

    Attributes:
        tries_left: Exams that may still be sat.
        exam_right: Tasks of the exam at hand, or of the last one, that were right; of ``exam_total``.
    """

    state: CourseState
    tries_left: int
    lessons_done: int
    lessons: int
    exam_right: int
    exam_total: int


class OwnQuality(Model):
    """A member's own page: what is known of their work, and what followed from it.

    Attributes:
        skill: None until something was learnt of them.
        median_ms: Time spent on a task; ``project_median_ms`` is everybody's.
    """

    skill: MemberSkill | None
    series: list[DayOfQuality]
    submissions: int
    active_ms: int
    skips: int
    median_ms: int | None
    project_median_ms: int | None
    standing: StandingView
    consequences: list[Consequence]
    course: CourseStanding


class StoredConsequence(NamedTuple):
    """A consequence as it is stored.

    Attributes:
        created_by: Member id; None for the project's policy.
        ended_ms: When it was lifted.
    """

    consequence_id: str
    project_id: str
    member_id: str
    kind: ConsequenceKind
    signal: Signal
    state: ConsequenceState
    evidence: Evidence
    appeal: Appeal | None
    created_ms: int
    created_by: str | None
    ended_ms: int | None
