"""What crosses the wire of a project's course: lessons and an exam out of tasks whose answer is known."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated, NamedTuple

from pydantic import Field

from goldsmith.core.annotations import Labelling
from goldsmith.core.model import Model
from goldsmith.quality.types.people import CourseState


class Lesson(Model):
    """A task to practise on, and what is to be learnt from it; the text is shown after the answer."""

    task_id: str
    text: Annotated[str, Field(max_length=4000)] = ""


class Course(Model):
    """The course of a project.

    Attributes:
        lessons: In order; each is answered and then explained.
        exam: Tasks that exams are drawn from; more than one exam needs lets a second try ask others.
    """

    lessons: Annotated[list[Lesson], Field(max_length=200)] = []
    exam: Annotated[list[str], Field(max_length=1000)] = []


class StepKind(StrEnum):
    """Which part of the course a task belongs to."""

    LESSON = "lesson"
    EXAM = "exam"


class CourseStep(Model):
    """Which task of the course this is, counted from 1."""

    kind: StepKind
    number: int
    of: int


class FindingKind(StrEnum):
    """How an object, or a relation, of an answer compares with the known answer.

    ``right``: same class, same place. ``class``: same place, another class. ``shape``: about the place, but loose.
    ``extra``: nothing is there. ``missed``: nobody marked it. ``relation``: between the same objects, but of another
    type or direction. ``answer``: a question answered differently.
    """

    RIGHT = "right"
    CLASS = "class"
    SHAPE = "shape"
    EXTRA = "extra"
    MISSED = "missed"
    RELATION = "relation"
    ANSWER = "answer"


class Finding(Model):
    """One object, relation or question of an answer beside the known answer.

    Attributes:
        annotation_id: Of the answer; None for what was missed.
        known_annotation_id: Of the known answer; None for what is not there.
        relation_id: Of the answer, where it is of a relation; likewise ``known_relation_id``.
        sentence: What to learn from it.
    """

    kind: FindingKind
    annotation_id: str | None
    known_annotation_id: str | None
    relation_id: str | None = None
    known_relation_id: str | None = None
    sentence: str


class CourseResult(StrEnum):
    """How an exam ended."""

    PASSED = "passed"
    FAILED = "failed"


class Feedback(Model):
    """What is told after an answer in the course.

    Attributes:
        known: The known answer; None in an exam, whose tasks may be asked again.
        right: Objects, relations and questions that are right; likewise ``wrong`` and ``missed``.
        findings: Each of them; empty in an exam.
        text: The lesson's explanation; empty in an exam.
        result: Set with the last answer of an exam.
    """

    known: Labelling | None
    right: int
    wrong: int
    missed: int
    findings: list[Finding]
    text: str
    result: CourseResult | None


class Enrolment(NamedTuple):
    """Where a member is in the course; without anything stored, nothing was begun.

    Attributes:
        round: Grows with each requalification; from 1.
        tries: Exams of this round that were finished.
        exam: Tasks of the exam at hand; empty while none is.
    """

    round: int = 1
    state: CourseState = CourseState.REQUIRED
    tries: int = 0
    exam: tuple[str, ...] = ()


class CourseAnswer(NamedTuple):
    """A task that was asked in the course, and how it was answered; the counts are None while it was not.

    Attributes:
        exam_try: 1, 2, ...; 0 for lessons.
    """

    judgement_id: str
    task_id: str
    round: int
    kind: StepKind
    exam_try: int
    right: int | None
    wrong: int | None
    missed: int | None

    @property
    def is_right(self) -> bool:
        """Whether the whole task is right."""
        return self.right is not None and not self.wrong and not self.missed
