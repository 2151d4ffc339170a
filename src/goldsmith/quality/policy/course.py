r"""The course of a project, as pure decisions.

::

       required --first task--> running --exam done, enough right--> passed
          ^                      |   ^
          | requalification      |   | exam done, too few right, tries left: another exam
          `----------------------+---'
                                 `--exam done, too few right, no tries left--> failed

Lessons come first, in order; then the exam, whose tasks are drawn anew for each try, those asked least first.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Collection, Sequence
from typing import NamedTuple

from goldsmith.labeling.api import unit_hash
from goldsmith.projects.api import CoursePolicy
from goldsmith.quality.types import (
    Course,
    CourseAnswer,
    CourseResult,
    CourseStanding,
    CourseState,
    Enrolment,
    StepKind,
)


class Asked(NamedTuple):
    """The next task of the course."""

    kind: StepKind
    task_id: str
    number: int
    of: int
    exam_try: int


def still_known(course: Course, known: Collection[str]) -> Course:
    """Return the course without tasks whose answer is not known any more."""
    return Course(
        lessons=[lesson for lesson in course.lessons if lesson.task_id in known],
        exam=[task_id for task_id in course.exam if task_id in known],
    )


def draw_exam(
    course: Course, policy: CoursePolicy, answers: Sequence[CourseAnswer], *, seed: str
) -> tuple[str, ...]:
    """Draw the tasks of an exam: those that the member met least often in exams first, else by chance.

    Args:
        course: What is drawn from.
        policy: How many.
        answers: Of the member, in all rounds.
        seed: The same gives the same exam.
    """
    met = Counter(answer.task_id for answer in answers if answer.kind is StepKind.EXAM)
    order = sorted(course.exam, key=lambda task_id: (met[task_id], unit_hash(f"{seed}:{task_id}")))
    return tuple(order[: policy.exam_tasks])


def next_asked(
    course: Course, enrolment: Enrolment, answers: Sequence[CourseAnswer], *, exam: Sequence[str]
) -> Asked | None:
    """Return what is asked next; None when the course is over.

    Args:
        course: As it is.
        enrolment: Where the member is.
        answers: Of this round; what was asked and not answered does not count.
        exam: Tasks of the exam at hand, or of the one that would begin.
    """
    if enrolment.state in (CourseState.PASSED, CourseState.FAILED, CourseState.NONE):
        return None
    done = {
        answer.task_id for answer in answers if answer.kind is StepKind.LESSON and answer.right is not None
    }
    for number, lesson in enumerate(course.lessons, start=1):
        if lesson.task_id not in done:
            return Asked(StepKind.LESSON, lesson.task_id, number, len(course.lessons), 0)
    this_try = enrolment.tries + 1
    done = {answer.task_id for answer in of_try(answers, this_try) if answer.right is not None}
    for number, task_id in enumerate(exam, start=1):
        if task_id not in done:
            return Asked(StepKind.EXAM, task_id, number, len(exam), this_try)
    return None


def after_answer(
    enrolment: Enrolment, answers: Sequence[CourseAnswer], policy: CoursePolicy
) -> tuple[Enrolment, CourseResult | None]:
    """Return where the member is once an answer was graded, and how the exam ended if it did.

    Args:
        enrolment: Before.
        answers: Of this round, the new one among them.
        policy: How much has to be right, and how often an exam may be sat.
    """
    if enrolment.state not in (CourseState.REQUIRED, CourseState.RUNNING):
        return enrolment, None
    running = enrolment._replace(state=CourseState.RUNNING)
    done = [answer for answer in of_try(answers, enrolment.tries + 1) if answer.right is not None]
    if not enrolment.exam or {answer.task_id for answer in done} < set(enrolment.exam):
        return running, None
    right = sum(answer.is_right for answer in done)
    ended = running._replace(tries=enrolment.tries + 1, exam=())
    if right >= needed_right(len(enrolment.exam), policy):
        return ended._replace(state=CourseState.PASSED), CourseResult.PASSED
    is_over = ended.tries >= policy.tries
    return ended._replace(state=CourseState.FAILED if is_over else CourseState.RUNNING), CourseResult.FAILED


def needed_right(count: int, policy: CoursePolicy) -> int:
    """Return how many of so many exam tasks have to be right; at least one."""
    return max(1, math.ceil(policy.pass_share * count - 1e-9))


def begun_again(enrolment: Enrolment | None) -> Enrolment:
    """Return where a member is who has to qualify again: a new round, with all tries."""
    return Enrolment(round=1 if enrolment is None else enrolment.round + 1)


def of_try(answers: Sequence[CourseAnswer], exam_try: int) -> list[CourseAnswer]:
    """Return the answers of one exam."""
    return [answer for answer in answers if answer.kind is StepKind.EXAM and answer.exam_try == exam_try]


def standing_in_course(
    course: Course | None,
    enrolment: Enrolment | None,
    answers: Sequence[CourseAnswer],
    policy: CoursePolicy,
    *,
    is_required: bool,
) -> CourseStanding:
    """Return how far a member is, as the own page shows it.

    Args:
        course: None where the project has none.
        enrolment: None where nothing was begun.
        answers: Of this round.
        policy: The project's.
        is_required: Whether the member has to pass before working.
    """
    if course is None or not (course.lessons or course.exam):
        return CourseStanding(
            state=CourseState.NONE, tries_left=0, lessons_done=0, lessons=0, exam_right=0, exam_total=0
        )
    at = enrolment or Enrolment(state=CourseState.REQUIRED if is_required else CourseState.NONE)
    lessons = {lesson.task_id for lesson in course.lessons}
    done = {a.task_id for a in answers if a.kind is StepKind.LESSON and a.right is not None} & lessons
    shown = of_try(answers, at.tries + 1) or of_try(answers, at.tries)
    total = len(at.exam) or len(shown) or min(policy.exam_tasks, len(course.exam))
    return CourseStanding(
        state=at.state,
        tries_left=max(policy.tries - at.tries, 0) if at.state is not CourseState.PASSED else 0,
        lessons_done=len(done),
        lessons=len(lessons),
        exam_right=sum(answer.is_right for answer in shown),
        exam_total=total,
    )
