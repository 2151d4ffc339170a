"""The course of a project, and where its members are in it."""

from __future__ import annotations

import json
from typing import Final

import sqlalchemy as sa

from goldsmith.platform.database import Row, Sql, Transaction, prepared
from goldsmith.quality.policy.course import begun_again
from goldsmith.quality.tables import course_answers, courses
from goldsmith.quality.types import Course, CourseAnswer, CourseState, Enrolment, StepKind

_NEWEST: Final = Sql(
    "SELECT version, body FROM courses WHERE project_id = :project_id ORDER BY version DESC LIMIT 1"
)
_INSERT: Final = prepared(sa.insert(courses))
_INSERT_ANSWER: Final = prepared(sa.insert(course_answers))
_ENROLMENT: Final = Sql(
    """
    SELECT round, state, tries, exam FROM course_members
    WHERE project_id = :project_id AND member_id = :member_id
    """
)
_KEEP: Final = Sql(
    """
    INSERT INTO course_members (project_id, member_id, round, state, tries, exam, changed_ms)
    VALUES (:project_id, :member_id, :round, :state, :tries, :exam, :changed_ms)
    ON CONFLICT (project_id, member_id) DO UPDATE
    SET round = excluded.round, state = excluded.state, tries = excluded.tries, exam = excluded.exam,
        changed_ms = excluded.changed_ms
    """
)
_ANSWERS: Final = Sql(
    """
    SELECT judgement_id, task_id, round, kind, exam_try, right_count, wrong_count, missed_count
    FROM course_answers WHERE project_id = :project_id AND member_id = :member_id ORDER BY judgement_id
    """
)
_GRADE: Final = Sql(
    """
    UPDATE course_answers SET right_count = :right, wrong_count = :wrong, missed_count = :missed,
                              graded_ms = :now_ms
    WHERE judgement_id = :judgement_id AND graded_ms IS NULL
    """
)


def newest_course(tx: Transaction, project_id: str) -> Course | None:
    """Return the course of a project; None when it never had one."""
    row = tx.first(_NEWEST, {"project_id": project_id})
    return None if row is None else Course.model_validate_json(row["body"])


def insert_course(tx: Transaction, course: Course, *, project_id: str, created_by: str, now_ms: int) -> int:
    """Store the next version of a project's course; return its number.

    Raises:
        ConflictError: Another was stored meanwhile.
    """
    row = tx.first(_NEWEST, {"project_id": project_id})
    version = 1 if row is None else int(row["version"]) + 1
    tx.run(
        _INSERT,
        {
            "project_id": project_id,
            "version": version,
            "body": course.model_dump_json(),
            "created_by": created_by,
            "created_ms": now_ms,
        },
    )
    return version


def find_enrolment(tx: Transaction, *, project_id: str, member_id: str) -> Enrolment | None:
    """Return where a member is in the course; None when nothing was begun."""
    row = tx.first(_ENROLMENT, {"project_id": project_id, "member_id": member_id})
    if row is None:
        return None
    return Enrolment(row["round"], CourseState(row["state"]), row["tries"], tuple(json.loads(row["exam"])))


def keep_enrolment(
    tx: Transaction, enrolment: Enrolment, *, project_id: str, member_id: str, now_ms: int
) -> None:
    """Store where a member is."""
    tx.run(
        _KEEP,
        {
            "project_id": project_id,
            "member_id": member_id,
            "round": enrolment.round,
            "state": enrolment.state.value,
            "tries": enrolment.tries,
            "exam": json.dumps(enrolment.exam),
            "changed_ms": now_ms,
        },
    )


def begin_round(tx: Transaction, *, project_id: str, member_id: str, now_ms: int) -> None:
    """Let a member begin the course anew."""
    before = find_enrolment(tx, project_id=project_id, member_id=member_id)
    keep_enrolment(tx, begun_again(before), project_id=project_id, member_id=member_id, now_ms=now_ms)


def answers_of(tx: Transaction, *, project_id: str, member_id: str) -> list[CourseAnswer]:
    """Return what a member was asked in the course, in all rounds, oldest first."""
    return [_answer(row) for row in tx.all(_ANSWERS, {"project_id": project_id, "member_id": member_id})]


def insert_asked(
    tx: Transaction, answer: CourseAnswer, *, project_id: str, member_id: str, now_ms: int
) -> None:
    """Note that a task was asked."""
    tx.run(
        _INSERT_ANSWER,
        {
            "judgement_id": answer.judgement_id,
            "project_id": project_id,
            "member_id": member_id,
            "task_id": answer.task_id,
            "round": answer.round,
            "kind": answer.kind.value,
            "exam_try": answer.exam_try,
            "right_count": None,
            "wrong_count": None,
            "missed_count": None,
            "asked_ms": now_ms,
            "graded_ms": None,
        },
    )


def grade(tx: Transaction, judgement_id: str, *, right: int, wrong: int, missed: int, now_ms: int) -> bool:
    """Note how a task was answered; False when it was graded before."""
    params = {
        "judgement_id": judgement_id,
        "right": right,
        "wrong": wrong,
        "missed": missed,
        "now_ms": now_ms,
    }
    return tx.run(_GRADE, params) == 1


def _answer(row: Row) -> CourseAnswer:
    return CourseAnswer(
        row["judgement_id"],
        row["task_id"],
        row["round"],
        StepKind(row["kind"]),
        row["exam_try"],
        row["right_count"],
        row["wrong_count"],
        row["missed_count"],
    )
