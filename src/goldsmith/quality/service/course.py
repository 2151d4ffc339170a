"""The course: lessons and an exam out of tasks whose answer is known, with feedback on each answer."""

from __future__ import annotations

from typing import Any

from goldsmith.accounts.api import Access, audit
from goldsmith.core.annotations import Labelling
from goldsmith.core.errors import ConflictError, FieldFault, InvalidInputError, NotFoundError
from goldsmith.labeling.api import Handout, StandingState
from goldsmith.platform.database import Transaction
from goldsmith.quality.comparing import Comparison, compare, findings_of
from goldsmith.quality.policy.course import after_answer, draw_exam, next_asked, still_known
from goldsmith.quality.service.standing import Standing
from goldsmith.quality.store import course as store
from goldsmith.quality.store import people
from goldsmith.quality.types import (
    ConsequenceEventKind,
    ConsequenceKind,
    ConsequenceState,
    Course,
    CourseAnswer,
    CourseResult,
    CourseState,
    CourseStep,
    Enrolment,
    Feedback,
    StepKind,
)


class Teaching(Standing):
    """The part of the service that teaches; what is answered here is never a vote."""

    def get_course(self, tx: Transaction, project_id: str) -> Course:
        """Return the course of a project; empty when it has none."""
        return store.newest_course(tx, project_id) or Course()

    def set_course(self, tx: Transaction, access: Access, *, project_id: str, course: Course) -> Course:
        """Store another course; who is in the middle goes on with what is left of the old one.

        Raises:
            InvalidInputError: A task is named twice, is not of the project, or its answer is not known.
        """
        wanted = [lesson.task_id for lesson in course.lessons] + course.exam
        known = self.labeling.known_answers(tx, project_id=project_id, task_ids=wanted)
        names = [f"lessons[{number}].task_id" for number in range(len(course.lessons))]
        names += [f"exam[{number}]" for number in range(len(course.exam))]
        faults = []
        seen: set[str] = set()
        for where, task_id in zip(names, wanted, strict=True):
            if task_id in seen:
                faults.append(FieldFault(where, "the task is in the course already; name each once"))
            elif task_id not in known:
                faults.append(
                    FieldFault(where, "no known answer; choose gold, or a task that a reviewer decided")
                )
            seen.add(task_id)
        if faults:
            raise InvalidInputError("a course is made of tasks whose answer is known", faults=faults)
        version = store.insert_course(
            tx,
            course,
            project_id=project_id,
            created_by=access.member_id,
            now_ms=self.machine.clock.now_ms(),
        )
        audit(
            tx,
            at_ms=self.machine.clock.now_ms(),
            action="course.changed",
            target=project_id,
            access=access,
            detail={"version": version, "lessons": len(course.lessons), "exam": len(course.exam)},
        )
        return course

    def next_of_course(self, tx: Transaction, access: Access, project_id: str) -> Handout | None:
        """Return the next task of the course for a member; None when there is nothing (more) to take.

        The same task comes again until it is answered.

        Raises:
            PausedError: The member's work is paused.
        """
        course = self._course_in_force(tx, project_id)
        if not course.lessons and not course.exam:
            return None
        member_id = access.member_id
        self.labeling.exclude_own_claims(tx, project_id=project_id, member_id=member_id)
        self._grade_answered(tx, access, project_id)
        enrolment = self._enrolment(tx, project_id=project_id, member_id=member_id)
        every = store.answers_of(tx, project_id=project_id, member_id=member_id)
        answers = [answer for answer in every if answer.round == enrolment.round]
        policy = self.projects.get_setup(tx, project_id).quality.course
        exam = tuple(task_id for task_id in enrolment.exam if task_id in course.exam)
        if not exam:
            seed = f"{member_id}:{enrolment.round}:{enrolment.tries}"
            exam = draw_exam(course, policy, every, seed=seed)
        asked = next_asked(course, enrolment, answers, exam=exam)
        if asked is None:
            if enrolment.exam:  # what was left of it is gone from the course
                self._keep(tx, enrolment._replace(exam=exam), project_id=project_id, member_id=member_id)
                self._conclude(tx, access, project_id)
            return None
        enrolment = enrolment._replace(
            state=CourseState.RUNNING, exam=exam if asked.kind is StepKind.EXAM else enrolment.exam
        )
        self._keep(tx, enrolment, project_id=project_id, member_id=member_id)
        step = CourseStep(kind=asked.kind, number=asked.number, of=asked.of).model_dump(mode="json")
        for answer in answers:
            if answer.task_id == asked.task_id and answer.exam_try == asked.exam_try and answer.right is None:
                held = self.labeling.asked_known(tx, access, judgement_id=answer.judgement_id, course=step)
                if held is not None:
                    return held
        return self._ask(tx, access, project_id, asked.task_id, asked.kind, asked.exam_try, enrolment, step)

    def feedback(self, tx: Transaction, access: Access, judgement_id: str) -> Feedback:
        """Return how an answer of the course compares with the known answer; the same again says the same.

        Of exam tasks only the counts are told, since they may be asked again.

        Raises:
            NotFoundError: It is no task of the course that the member was asked.
            ConflictError: It was not answered yet, or its answer is not known any more.
        """
        project_id = access.project_id or ""
        asked = self._asked(tx, access, project_id, judgement_id)
        comparison, known = self._compared(tx, access, asked)
        result = self._grade(tx, access, project_id, asked, comparison)
        setup = self.projects.get_setup(tx, project_id)
        is_lesson = asked.kind is StepKind.LESSON
        findings = findings_of(comparison, ontology=setup.ontology)
        texts = {lesson.task_id: lesson.text for lesson in self.get_course(tx, project_id).lessons}
        return Feedback(
            known=known if is_lesson else None,
            right=comparison.right,
            wrong=comparison.wrong,
            missed=comparison.missed,
            findings=findings if is_lesson else [],
            text=texts.get(asked.task_id, "") if is_lesson else "",
            result=result,
        )

    # --- parts

    def _course_in_force(self, tx: Transaction, project_id: str) -> Course:
        course = self.get_course(tx, project_id)
        wanted = [lesson.task_id for lesson in course.lessons] + course.exam
        return still_known(course, self.labeling.known_answers(tx, project_id=project_id, task_ids=wanted))

    def _enrolment(self, tx: Transaction, *, project_id: str, member_id: str) -> Enrolment:
        return store.find_enrolment(tx, project_id=project_id, member_id=member_id) or Enrolment()

    def _keep(self, tx: Transaction, enrolment: Enrolment, *, project_id: str, member_id: str) -> None:
        now_ms = self.machine.clock.now_ms()
        store.keep_enrolment(tx, enrolment, project_id=project_id, member_id=member_id, now_ms=now_ms)

    def _ask(
        self,
        tx: Transaction,
        access: Access,
        project_id: str,
        task_id: str,
        kind: StepKind,
        exam_try: int,
        enrolment: Enrolment,
        step: dict[str, Any],
    ) -> Handout:
        handout = self.labeling.ask_known(tx, access, project_id=project_id, task_id=task_id, course=step)
        asked = CourseAnswer(handout.judgement_id, task_id, enrolment.round, kind, exam_try, None, None, None)
        now_ms = self.machine.clock.now_ms()
        store.insert_asked(tx, asked, project_id=project_id, member_id=access.member_id, now_ms=now_ms)
        return handout

    def _asked(self, tx: Transaction, access: Access, project_id: str, judgement_id: str) -> CourseAnswer:
        for answer in store.answers_of(tx, project_id=project_id, member_id=access.member_id):
            if answer.judgement_id == judgement_id:
                return answer
        raise NotFoundError("you were not asked this in the course")

    def _compared(self, tx: Transaction, access: Access, asked: CourseAnswer) -> tuple[Comparison, Labelling]:
        given = self.labeling.answer_in_course(
            tx, judgement_id=asked.judgement_id, member_id=access.member_id
        )
        if given is None:
            raise ConflictError("answer the task first; the feedback comes after it")
        project_id = given.project_id
        known = self.labeling.known_answers(tx, project_id=project_id, task_ids=[asked.task_id])
        if asked.task_id not in known:
            raise ConflictError("the answer to this task is not known any more; go on with the next")
        labelling = Labelling.model_validate_json(given.labelling)
        upgrader = self.projects.get_upgrader(tx, project_id)
        if given.ontology_version != upgrader.newest_version:
            labelling = upgrader.upgrade(labelling, from_version=given.ontology_version).labelling
        answer = known[asked.task_id]
        return compare(labelling, answer, relation_types=upgrader.relation_types), answer

    def _grade_answered(self, tx: Transaction, access: Access, project_id: str) -> None:
        """Grade what was answered and whose feedback nobody asked for."""
        for answer in store.answers_of(tx, project_id=project_id, member_id=access.member_id):
            if answer.right is None:
                try:
                    comparison, _ = self._compared(tx, access, answer)
                except ConflictError:
                    continue
                self._grade(tx, access, project_id, answer, comparison)

    def _grade(
        self,
        tx: Transaction,
        access: Access,
        project_id: str,
        asked: CourseAnswer,
        comparison: Comparison,
    ) -> CourseResult | None:
        """Note how a task was answered, and what follows for the exam; again it only tells what followed."""
        member_id, now_ms = access.member_id, self.machine.clock.now_ms()
        is_new = store.grade(
            tx,
            asked.judgement_id,
            right=comparison.right,
            wrong=comparison.wrong,
            missed=comparison.missed,
            now_ms=now_ms,
        )
        if is_new:
            return self._conclude(tx, access, project_id)
        return _result_again(self._enrolment(tx, project_id=project_id, member_id=member_id), asked)

    def _conclude(self, tx: Transaction, access: Access, project_id: str) -> CourseResult | None:
        """Carry out what follows from the answers that are graded."""
        member_id = access.member_id
        enrolment = self._enrolment(tx, project_id=project_id, member_id=member_id)
        answers = [
            answer
            for answer in store.answers_of(tx, project_id=project_id, member_id=member_id)
            if answer.round == enrolment.round
        ]
        policy = self.projects.get_setup(tx, project_id).quality.course
        after, result = after_answer(enrolment, answers, policy)
        self._keep(tx, after, project_id=project_id, member_id=member_id)
        if result is CourseResult.PASSED:
            self._note_passed(tx, access, project_id)
        elif after.state is CourseState.FAILED:
            self._note_failed(tx, access, project_id, is_required=policy.is_required)
        if result is not None:
            audit(
                tx,
                at_ms=self.machine.clock.now_ms(),
                action=f"course.{result.value}",
                target=member_id,
                access=access,
                detail={"project_id": project_id, "try": enrolment.tries + 1, "round": enrolment.round},
            )
        return result

    def _note_failed(self, tx: Transaction, access: Access, project_id: str, *, is_required: bool) -> None:
        """Tell a member who has to pass that there is no try left; who took the course freely goes on working."""
        standing = self.labeling.standing_of(tx, project_id=project_id, member_id=access.member_id)
        if standing.state is StandingState.COURSE or (is_required and standing.passed_ms is None):
            self.labeling.note_course_failed(tx, project_id=project_id, member_id=access.member_id)

    def _note_passed(self, tx: Transaction, access: Access, project_id: str) -> None:
        """Let the member work; what asked for the exam is fulfilled by it."""
        self.labeling.note_course_passed(tx, project_id=project_id, member_id=access.member_id)
        for entry in people.list_consequences(tx, project_id, member_id=access.member_id):
            if entry.kind is ConsequenceKind.REQUALIFY and entry.state is not ConsequenceState.LIFTED:
                lifted = entry._replace(state=ConsequenceState.LIFTED, ended_ms=self.machine.clock.now_ms())
                text = "passed the exam again"
                self._change(tx, access, entry, lifted, event=ConsequenceEventKind.LIFTED, text=text)


def _result_again(enrolment: Enrolment, asked: CourseAnswer) -> CourseResult | None:
    """Return how the exam of a task ended that was graded before; None while it goes on."""
    is_over = (
        asked.kind is StepKind.EXAM
        and asked.round == enrolment.round
        and asked.exam_try == enrolment.tries
        and not enrolment.exam
    )
    if not is_over:
        return None
    return CourseResult.PASSED if enrolment.state is CourseState.PASSED else CourseResult.FAILED
