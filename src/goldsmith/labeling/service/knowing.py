"""Known answers: hidden gold and its upkeep, and tasks that are asked in a course and never count as votes."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

from goldsmith.accounts.api import Access
from goldsmith.core.annotations import Labelling
from goldsmith.core.errors import NotFoundError
from goldsmith.labeling.service.changing import as_known
from goldsmith.labeling.service.foundation import faults_of
from goldsmith.labeling.service.handing_out import HandingOut, Handout, HandoutLabels
from goldsmith.labeling.service.standing import paused
from goldsmith.labeling.store import claims, drafts, known, queue, tasks
from goldsmith.labeling.types import (
    CourseSubmission,
    GoldTaskFact,
    NewsKind,
    StandingState,
    TaskState,
)
from goldsmith.platform.database import Transaction

_UNENDING_MS: Final = 100 * 365 * 86_400_000
"""A task of the course waits for its one holder."""
_RECENT: Final = 5_000
_FAILED: Final = (
    "You did not pass the exam of the course and have no try left; ask who leads the project for another."
)


class Knowing(HandingOut):
    """The part of the service for tasks whose answer is known."""

    def known_answers(
        self, tx: Transaction, *, project_id: str, task_ids: Sequence[str]
    ) -> dict[str, Labelling]:
        """Return the known answers of tasks in the newest ontology: of gold, and of reviewed tasks that are done.

        Tasks without one, and those whose answer does not fit the ontology any more, are absent.
        """
        if not task_ids:
            return {}
        setup = self._fresh_setup(tx, project_id)
        upgrader = self.projects.get_upgrader(tx, project_id)
        answers = {}
        scopes = tasks.scopes_of(tx, sorted(set(task_ids)))
        for entry in known.known_labels(tx, sorted(set(task_ids)), project_id=project_id):
            labelling = Labelling.model_validate_json(entry.labelling)
            if entry.ontology_version != setup.project.ontology_version:
                labelling = upgrader.upgrade(labelling, from_version=entry.ontology_version).labelling
            answer = as_known(labelling)
            if not faults_of(answer, setup.ontology, scopes.get(entry.task_id)):
                answers[entry.task_id] = answer
        return answers

    def recent_times(self, tx: Transaction, project_id: str) -> list[tuple[str, int]]:
        """Return (member_id, active_ms) of the newest submissions of a project, some thousands."""
        return known.recent_times(tx, project_id, limit=_RECENT)

    # --- gold

    def gold_tasks(self, tx: Transaction, project_id: str) -> list[GoldTaskFact]:
        """Return the hidden gold of a project, the least used first."""
        return known.gold_tasks(tx, project_id)

    def rest_gold(
        self, tx: Transaction, *, project_id: str, task_id: str, is_retired: bool, by: str | None, why: str
    ) -> bool:
        """Take a gold task out of the stream, or put it back; its known answer stays in force. False: nothing changed.

        Raises:
            NotFoundError: The project has no such gold.
        """
        idle, done = TaskState.IDLE.value, TaskState.DONE.value
        was, state = (idle, done) if is_retired else (done, idle)
        is_changed = known.rest_gold(
            tx, project_id=project_id, task_id=task_id, was=was, state=state, now_ms=self._now_ms()
        )
        if is_changed:
            kind = "gold_retired" if is_retired else "gold_restored"
            self._record(tx, project_id, [self._event(task_id, kind, member_id=by, detail={"why": why})])
            self._tell_changed(tx, project_id, [task_id])
        elif all(entry.task_id != task_id for entry in known.gold_tasks(tx, project_id)):
            raise NotFoundError("the project has no such gold task")
        return is_changed

    # --- the course

    def exclude_own_claims(self, tx: Transaction, *, project_id: str, member_id: str) -> None:
        """Let what else this member asks for of the course wait until this transaction ends."""
        claims.exclude_own_claims(tx, project_id=project_id, member_id=member_id)

    def ask_known(
        self, tx: Transaction, access: Access, *, project_id: str, task_id: str, course: dict[str, Any]
    ) -> Handout:
        """Ask a task of a member in the course, whatever its state; nobody else is concerned by it.

        Args:
            tx: The transaction at hand.
            access: Who is asked.
            project_id: Of the task.
            task_id: A task whose answer is known.
            course: What the payload says of the course.

        Raises:
            PausedError: The member's work is paused.
            ConflictError: The project is paused or archived.
        """
        standing = self.standing_of(tx, project_id=project_id, member_id=access.member_id)
        if standing.state is StandingState.PAUSED:
            raise paused(standing)
        judgement_id, now_ms = self.machine.ids.new("jdg"), self._now_ms()
        known.insert_course_judgement(
            tx,
            judgement_id=judgement_id,
            task_id=task_id,
            member_id=access.member_id,
            now_ms=now_ms,
            until_ms=now_ms + _UNENDING_MS,
        )
        handout = self.asked_known(tx, access, judgement_id=judgement_id, course=course)
        if handout is None:
            raise NotFoundError("there is no such task")
        return handout

    def asked_known(
        self, tx: Transaction, access: Access, *, judgement_id: str, course: dict[str, Any]
    ) -> Handout | None:
        """Return a task of the course that the member was asked and did not answer yet; None when it is not so."""
        judgement = queue.find_judgement(tx, judgement_id)
        if (
            judgement is None
            or judgement["is_open"] != known.COURSE_OPEN
            or judgement["member_id"] != access.member_id
        ):
            return None
        rows = claims.show(tx, judgement_id=judgement_id, now_ms=self._now_ms())
        if not rows or rows[0]["deleted_ms"] is not None:
            return None
        self._check_handout(rows[0], self._fresh_setup(tx, judgement["project_id"]))
        lines = rows[0]["draft_lines"]
        log = drafts.read_log(tx, task_id=judgement["task_id"], member_id=access.member_id) if lines else []
        return Handout(rows, HandoutLabels(draft_log=log), course=course)

    def answer_in_course(
        self, tx: Transaction, *, judgement_id: str, member_id: str
    ) -> CourseSubmission | None:
        """Return what a member answered to a task of the course; None while it was not answered."""
        return known.find_course_answer(tx, judgement_id=judgement_id, member_id=member_id)

    def tell_of_consequence(
        self, tx: Transaction, *, project_id: str, member_id: str, task_ids: Sequence[str]
    ) -> bool:
        """Leave news of a consequence for a member, at a task that shows it; False when there is no own task."""
        return known.tell_member(
            tx,
            project_id=project_id,
            member_id=member_id,
            task_ids=task_ids,
            kind=NewsKind.CONSEQUENCE.value,
            now_ms=self._now_ms(),
        )

    def note_course_failed(self, tx: Transaction, *, project_id: str, member_id: str) -> None:
        """Note that a member has no try of the exam left; nothing is handed out until a manager helps."""
        standing = self.standing_of(tx, project_id=project_id, member_id=member_id)
        if standing.state is not StandingState.PAUSED:
            failed = standing._replace(state=StandingState.COURSE, reason=_FAILED)
            self.change_standing(tx, project_id=project_id, member_id=member_id, standing=failed)

    def note_course_passed(self, tx: Transaction, *, project_id: str, member_id: str) -> None:
        """Note that a member passed the exam now; a standing that waited for it is active again."""
        standing = self.standing_of(tx, project_id=project_id, member_id=member_id)
        if standing.state is StandingState.COURSE:
            standing = standing._replace(state=StandingState.ACTIVE, reason="")
        passed = standing._replace(passed_ms=self._now_ms())
        self.change_standing(tx, project_id=project_id, member_id=member_id, standing=passed)
