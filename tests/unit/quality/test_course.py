"""The course leads everybody to an end, whatever is answered."""

from __future__ import annotations

from collections.abc import Iterator

from hypothesis import given
from hypothesis import strategies as st

from goldsmith.projects.api import CoursePolicy
from goldsmith.quality.policy.course import (
    after_answer,
    begun_again,
    draw_exam,
    needed_right,
    next_asked,
    standing_in_course,
    still_known,
)
from goldsmith.quality.types import (
    Course,
    CourseAnswer,
    CourseResult,
    CourseState,
    Enrolment,
    Lesson,
    StepKind,
)

LESSONS = [f"lesson{n}" for n in range(3)]
POOL = [f"exam{n}" for n in range(5)]
policies = st.builds(
    CoursePolicy,
    exam_tasks=st.integers(1, 6),
    pass_share=st.floats(0.1, 1.0),
    tries=st.integers(1, 4),
)
courses = st.builds(
    lambda lessons, exam: Course(
        lessons=[Lesson(task_id=task_id) for task_id in LESSONS[:lessons]], exam=POOL[:exam]
    ),
    st.integers(0, 3),
    st.integers(1, 5),
)


def walk(
    course: Course, policy: CoursePolicy, verdicts: Iterator[bool]
) -> tuple[Enrolment, list[CourseAnswer], list[CourseResult]]:
    """Take the course as the service does, answer by answer."""
    enrolment, answers, results = Enrolment(), [], []  # type: ignore[var-annotated]
    for number in range(1_000):
        exam = enrolment.exam or draw_exam(course, policy, answers, seed=str(enrolment.tries))
        asked = next_asked(course, enrolment, answers, exam=exam)
        if asked is None:
            return enrolment, answers, results
        assert 1 <= asked.number <= asked.of
        if asked.kind is StepKind.EXAM:
            enrolment = enrolment._replace(exam=exam)
        is_right = next(verdicts)
        answers.append(
            CourseAnswer(
                f"jdg{number}", asked.task_id, enrolment.round, asked.kind, asked.exam_try,
                int(is_right), int(not is_right), 0,
            )
        )  # fmt: skip
        enrolment, result = after_answer(enrolment, answers, policy)
        results += [] if result is None else [result]
    raise AssertionError("the course never ends")


@given(course=courses, policy=policies, data=st.data())
def test_every_way_through_ends(course: Course, policy: CoursePolicy, data: st.DataObject) -> None:
    def verdicts() -> Iterator[bool]:
        while True:
            yield data.draw(st.booleans())

    enrolment, answers, results = walk(course, policy, verdicts())
    exam_size = min(policy.exam_tasks, len(course.exam))
    is_passed = enrolment.state is CourseState.PASSED
    assert enrolment.state in (CourseState.PASSED, CourseState.FAILED)
    assert (results[-1] is CourseResult.PASSED) is is_passed
    assert all(result is CourseResult.FAILED for result in results[:-1])
    assert len(results) == enrolment.tries <= policy.tries
    assert is_passed or enrolment.tries == policy.tries
    lessons = [answer for answer in answers if answer.kind is StepKind.LESSON]
    assert [answer.task_id for answer in lessons] == [lesson.task_id for lesson in course.lessons]
    assert answers[: len(lessons)] == lessons  # lessons come first, once each
    for exam_try in range(1, enrolment.tries + 1):
        of_try = [answer for answer in answers if answer.exam_try == exam_try]
        assert len({answer.task_id for answer in of_try}) == len(of_try) == exam_size
        is_enough = sum(answer.is_right for answer in of_try) >= needed_right(exam_size, policy)
        assert is_enough is (is_passed and exam_try == enrolment.tries)
    standing = standing_in_course(course, enrolment, answers, policy, is_required=True)
    assert standing.lessons_done == standing.lessons
    assert standing.exam_total == exam_size
    assert 0 <= standing.exam_right <= exam_size
    assert (standing.tries_left == 0) is (is_passed or enrolment.tries == policy.tries)


@given(course=courses, policy=policies)
def test_a_second_try_asks_what_was_not_asked_before(course: Course, policy: CoursePolicy) -> None:
    first = draw_exam(course, policy, [], seed="a")
    met = [CourseAnswer(f"j{n}", task_id, 1, StepKind.EXAM, 1, 1, 0, 0) for n, task_id in enumerate(first)]
    second = draw_exam(course, policy, met, seed="b")
    fresh = set(course.exam) - set(first)
    assert len(second) == len(first)
    assert set(second) & fresh == fresh or len(set(second) & fresh) == len(second)


def test_the_same_seed_gives_the_same_exam() -> None:
    course, policy = Course(exam=POOL), CoursePolicy(exam_tasks=3)
    assert draw_exam(course, policy, [], seed="x") == draw_exam(course, policy, [], seed="x")


def test_all_right_passes_and_tasks_that_left_the_course_are_not_asked() -> None:
    course = Course(lessons=[Lesson(task_id="a"), Lesson(task_id="b")], exam=["c", "d"])
    known = still_known(course, {"b", "d"})
    assert ([lesson.task_id for lesson in known.lessons], known.exam) == (["b"], ["d"])
    enrolment, answers, _ = walk(known, CoursePolicy(exam_tasks=10), iter([True, True]))
    assert enrolment.state is CourseState.PASSED
    assert [answer.task_id for answer in answers] == ["b", "d"]


def test_a_new_round_has_all_tries_again() -> None:
    failed = Enrolment(2, CourseState.FAILED, 3, ())
    assert begun_again(failed) == Enrolment(3, CourseState.REQUIRED, 0, ())
    assert begun_again(None).round == 1
    assert next_asked(Course(exam=["a"]), failed, [], exam=["a"]) is None


def test_what_was_asked_and_not_answered_is_asked_again() -> None:
    course = Course(lessons=[Lesson(task_id="a")])
    open_answer = CourseAnswer("j", "a", 1, StepKind.LESSON, 0, None, None, None)
    asked = next_asked(course, Enrolment(), [open_answer], exam=[])
    assert asked is not None
    assert asked.task_id == "a"


def test_without_a_course_there_is_nothing_to_take() -> None:
    standing = standing_in_course(None, None, [], CoursePolicy(), is_required=True)
    assert (standing.state, standing.tries_left) == (CourseState.NONE, 0)
    voluntary = standing_in_course(Course(exam=["a"]), None, [], CoursePolicy(), is_required=False)
    assert (voluntary.state, voluntary.tries_left, voluntary.exam_total) == (CourseState.NONE, 3, 1)
