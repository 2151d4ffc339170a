"""Changing: what a lead does to many tasks at once; implements ``TaskHand`` of items."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any, Final

from goldsmith.core.annotations import AttributeValue, Labelling
from goldsmith.core.errors import FieldFault, InvalidInputError
from goldsmith.items.api import (
    KEPT_FROM,
    AnswerChange,
    ChangeContext,
    MoveChange,
    RequeueChange,
)
from goldsmith.labeling import policy
from goldsmith.labeling.service.foundation import Move, faults_of
from goldsmith.labeling.service.steering import Steering
from goldsmith.labeling.store import bulk_answers, facets, steering, submissions, tasks
from goldsmith.labeling.store.submissions import NewSubmission
from goldsmith.labeling.store.tasks import LockedTask
from goldsmith.labeling.types import Answered, Decision, SaidAnswers, SubmissionKind, TaskState
from goldsmith.platform.database import Transaction
from goldsmith.projects.api import LabelUpgrader

BULK_METHOD: Final = "bulk"
"""Method of a consensus that holds nothing but what a lead answered."""
Answers = dict[str, AttributeValue]


class Changing(Steering):
    """The part of the service that changes many tasks at once."""

    # --- answers

    def check_answer(self, tx: Transaction, *, project_id: str, change: AnswerChange) -> None:
        """Refuse an answer that does not fit the newest ontology.

        Raises:
            InvalidInputError: There is no such question, or the value does not fit it.
        """
        ontology = self._fresh_setup(tx, project_id).ontology
        question = next((q for q in ontology.questions if q.attribute_id == change.question_id), None)
        fault = "there is no such question" if question is None else question.fault_of(change.value)
        if fault is not None:
            raise InvalidInputError(
                "the answer does not fit the ontology", faults=[FieldFault(change.question_id, fault)]
            )

    def answer_tasks(
        self, tx: Transaction, context: ChangeContext, *, task_ids: Sequence[str], change: AnswerChange
    ) -> dict[str, dict[str, Any]]:
        """Answer a question for tasks as a submission of its own; return what stood before, by changed task.

        Known answers of gold and cancelled tasks stay. What people submitted is not touched; the answer goes before
        theirs, now and whenever the labels are resolved.
        """
        locked = [
            task
            for task in tasks.lock_tasks(tx, task_ids, now_ms=self._now_ms())
            if not task.facts.is_gold and task.facts.state is not TaskState.CANCELLED
        ]
        ids = [task.task_id for task in locked]
        said = self._said(tx, context.project_id, ids)
        standing = bulk_answers.answers_standing(tx, ids)
        before: dict[str, dict[str, Any]] = {}
        changed: list[LockedTask] = []
        for task in locked:
            stood = {**standing.get(task.task_id, {}), **said.get(task.task_id, _NOTHING).answers}
            old = stood.get(change.question_id)
            is_over = not change.is_final or task.facts.state is TaskState.DONE
            if old == change.value and type(old) is type(change.value) and is_over:
                continue
            before[task.task_id] = {"answer": old, "state": task.facts.state.value}
            changed.append(task)
        ids_by_task = self._store_answers(tx, context, changed, change)
        self._put_in_force(tx, context.project_id, changed, ids_by_task, {change.question_id: change.value})
        if change.is_final:
            self._finish_answered(tx, context.project_id, changed)
        detail = {"change_id": context.change_id, "question_id": change.question_id, "value": change.value}
        self._record(
            tx,
            context.project_id,
            [self._event(task.task_id, "answered", member_id=context.by, detail=detail) for task in changed],
        )
        return before

    def take_answers_back(
        self,
        tx: Transaction,
        context: ChangeContext,
        *,
        change: AnswerChange,
        before: Mapping[str, Any],
    ) -> set[str]:
        """Take answers back where they are still the newest of their author; return for which tasks."""
        locked = tasks.lock_tasks(tx, list(before), now_ms=self._now_ms())
        ids = [task.task_id for task in locked]
        undone = set(bulk_answers.withdraw(tx, ids, member_id=context.by, change_id=context.change_id))
        chosen = [task for task in locked if task.task_id in undone]
        by_answer: dict[str, list[LockedTask]] = {}
        for task in chosen:
            by_answer.setdefault(json.dumps(before[task.task_id]["answer"]), []).append(task)
        for text, group in by_answer.items():
            self._put_in_force(tx, context.project_id, group, {}, {change.question_id: json.loads(text)})
        if change.is_final:
            self._reopen_answered(tx, context.project_id, chosen, before)
        detail = {"change_id": context.change_id, "question_id": change.question_id}
        self._record(
            tx,
            context.project_id,
            [
                self._event(task.task_id, "answer_taken_back", member_id=None, detail=detail)
                for task in chosen
            ],
        )
        return undone

    def answers_said(
        self, tx: Transaction, project_id: str, task_ids: Sequence[str]
    ) -> dict[str, SaidAnswers]:
        """Return what leads answered for tasks, which goes before what people answered; for quality."""
        return self._said(tx, project_id, task_ids)

    # --- work

    def requeue_tasks(
        self,
        tx: Transaction,
        context: ChangeContext,
        *,
        task_ids: Sequence[str],
        first: int,
        change: RequeueChange,
    ) -> dict[str, bool]:
        """Ask for more judgements of tasks; gold is left as it is. See ``requeue``."""
        ordinary = self._not_gold(tx, context.project_id, task_ids)
        positions = {task_id: float(first + number) for number, task_id in enumerate(ordinary)}
        self.requeue(
            tx,
            project_id=context.project_id,
            task_ids=ordinary,
            positions=positions,
            batch_id=change.batch_id,
            priority=change.priority,
            extra_judgements=change.extra_judgements,
            by=context.by,
        )
        return dict.fromkeys(ordinary, True)

    def move_tasks(
        self, tx: Transaction, context: ChangeContext, *, task_ids: Sequence[str], change: MoveChange
    ) -> dict[str, dict[str, Any]]:
        """Move tasks to another batch or priority; those that ask for work are handed out as their new place says."""
        place = None if change.batch_id is None else self._place(tx, context.project_id, change.batch_id)
        priority = change.priority if change.priority is not None or place is None else place.batch_priority
        locked = self._lock_all(tx, context.project_id, list(task_ids))
        moved = {
            task.task_id: (
                task.task_id,
                task.batch_id if place is None else place.batch_id,
                task.priority if priority is None else priority,
                task.position,
            )
            for task in locked
        }
        changed = [task for task in locked if moved[task.task_id][1:3] != (task.batch_id, task.priority)]
        if place is not None:
            steering.hold_tasks(tx, [task.task_id for task in changed], is_held=place.is_held)
        self._put(tx, context.project_id, [moved[task.task_id] for task in changed])
        self._record(
            tx,
            context.project_id,
            [self._event(task.task_id, "moved", member_id=context.by) for task in changed],
        )
        return {task.task_id: {"batch_id": task.batch_id, "priority": task.priority} for task in changed}

    def make_gold(
        self, tx: Transaction, context: ChangeContext, *, task_ids: Sequence[str]
    ) -> dict[str, bool]:
        """Make the labels in force of tasks known answers; those without labels that fit the ontology are left."""
        ordinary = self._not_gold(tx, context.project_id, task_ids)
        setup = self._fresh_setup(tx, context.project_id)
        upgrader: LabelUpgrader | None = None
        answers: dict[str, Labelling] = {}
        scopes = tasks.scopes_of(tx, ordinary)
        for entry in bulk_answers.labels_in_force(tx, ordinary):
            labelling = Labelling.model_validate_json(entry.labelling)
            if entry.ontology_version != setup.project.ontology_version:
                upgrader = upgrader or self.projects.get_upgrader(tx, context.project_id)
                labelling = upgrader.upgrade(labelling, from_version=entry.ontology_version).labelling
            known = as_known(labelling)
            if not faults_of(known, setup.ontology, scopes.get(entry.task_id)):
                answers[entry.task_id] = known
        if answers:
            self.mark_gold(tx, project_id=context.project_id, answers=answers, by=context.by)
        return dict.fromkeys(answers, True)

    # --- ItemFollower

    def on_items_deleted(self, tx: Transaction, *, item_ids: Sequence[str]) -> None:
        """Cancel the tasks of deleted items in all projects; what is done stays done."""
        now_ms = self._now_ms()
        for project_id, locked in self._tasks_of_items(tx, item_ids).items():
            tasks.hide_item(tx, [task.task_id for task in locked], deleted_ms=now_ms)
            moves = [Move(task, policy.after_deletion(task.facts)) for task in locked]
            self._carry_out(tx, project_id, moves)
            detail = {"why": "item deleted"}
            self._record(
                tx,
                project_id,
                [self._event(task.task_id, "cancelled", member_id=None, detail=detail) for task in locked],
            )

    def on_items_restored(self, tx: Transaction, *, item_ids: Sequence[str]) -> None:
        """Take up the tasks of items that are there again, but for those of cancelled batches."""
        for project_id, locked in self._tasks_of_items(tx, item_ids).items():
            overlap = self._fresh_setup(tx, project_id).first_judgements
            cancelled = bulk_answers.cancelled_batches(tx, project_id)
            tasks.hide_item(tx, [task.task_id for task in locked], deleted_ms=None)
            moves = [
                Move(task, policy.after_restoration(task.facts, overlap=overlap))
                for task in locked
                if task.batch_id not in cancelled
            ]
            self._carry_out(tx, project_id, moves)
            self._record(
                tx,
                project_id,
                [self._event(task.task_id, "restored", member_id=None) for task in locked],
            )

    # --- parts

    def _tasks_of_items(self, tx: Transaction, item_ids: Sequence[str]) -> dict[str, list[LockedTask]]:
        found: dict[str, list[LockedTask]] = {}
        task_ids = tasks.all_of_items(tx, item_ids)
        for task in tasks.lock_tasks(tx, task_ids, now_ms=self._now_ms()):
            found.setdefault(task.project_id, []).append(task)
        return found

    def _not_gold(self, tx: Transaction, project_id: str, task_ids: Sequence[str]) -> list[str]:
        gold = {task.task_id for task in self._lock_all(tx, project_id, list(task_ids)) if task.facts.is_gold}
        return [task_id for task_id in task_ids if task_id not in gold]

    def _said(self, tx: Transaction, project_id: str, task_ids: Sequence[str]) -> dict[str, SaidAnswers]:
        found = bulk_answers.said_of(tx, task_ids)
        if not found:
            return {}
        newest = self._fresh_setup(tx, project_id).project.ontology_version
        upgrader: LabelUpgrader | None = None
        merged: dict[str, SaidAnswers] = {}
        for task_id, entries in found.items():
            answers: Answers = {}
            for entry in entries:
                labelling = Labelling.model_validate_json(entry.labelling)
                if entry.ontology_version != newest:
                    upgrader = upgrader or self.projects.get_upgrader(tx, project_id)
                    labelling = upgrader.upgrade(labelling, from_version=entry.ontology_version).labelling
                answers |= labelling.answers
            merged[task_id] = SaidAnswers(answers, [entry.submission_id for entry in entries])
        return merged

    def _store_answers(
        self, tx: Transaction, context: ChangeContext, changed: Sequence[LockedTask], change: AnswerChange
    ) -> dict[str, str]:
        """Add the submissions; return their ids by task."""
        ids = [task.task_id for task in changed]
        own = {
            task_id: json.loads(entry.labelling)["answers"]
            for task_id, entries in bulk_answers.said_of(tx, ids).items()
            for entry in entries
            if entry.member_id == context.by
        }
        versions = bulk_answers.make_room(tx, ids, member_id=context.by)
        project = self._fresh_setup(tx, context.project_id).project
        submission_ids = self.machine.ids.new_many("sub", len(changed))
        submissions.insert_submissions(
            tx,
            [
                NewSubmission(
                    submission_id=submission_id,
                    task_id=task_id,
                    project_id=context.project_id,
                    judgement_id=None,
                    member_id=context.by,
                    kind=SubmissionKind.BULK.value,
                    version=versions.get(task_id, 0) + 1,
                    model_version_id=None,
                    labelling=_text({**own.get(task_id, {}), change.question_id: change.value}),
                    annotation_count=0,
                    ontology_version=project.ontology_version,
                    instructions_version=project.instructions_version,
                    active_ms=0,
                    request_key=f"{context.change_id}:{task_id}",
                    created_ms=self._now_ms(),
                )
                for task_id, submission_id in zip(ids, submission_ids, strict=True)
            ],
        )
        return dict(zip(ids, submission_ids, strict=True))

    def _put_in_force(
        self,
        tx: Transaction,
        project_id: str,
        chosen: Sequence[LockedTask],
        submission_ids: Mapping[str, str],
        answers: Mapping[str, AttributeValue | None],
    ) -> None:
        """Let answers show: in a new consensus version where there is one, else in what the grid knows alone."""
        resolved = [task.task_id for task in chosen if task.consensus_version > 0]
        entries = [Answered(task_id, submission_ids.get(task_id), answers) for task_id in resolved]
        outcomes = self._quality_hook().on_answered(tx, project_id=project_id, entries=entries)
        tasks.note_consensus(tx, outcomes, project_id=project_id, now_ms=self._now_ms())
        done = {task.task_id for task in chosen if task.facts.state is TaskState.DONE}
        self._tell_changed(tx, project_id, [task_id for task_id in resolved if task_id in done])
        waiting = [task.task_id for task in chosen if task.consensus_version == 0]
        facets.note_answers(tx, project_id=project_id, task_ids=waiting, answers=answers)

    def _finish_answered(self, tx: Transaction, project_id: str, changed: Sequence[LockedTask]) -> None:
        """Let nobody be asked any more; what people have handed in so far is resolved, and is not lost."""
        bare = [task for task in changed if task.consensus_version == 0 and task.facts.submission_count == 0]
        said = self._said(tx, project_id, [task.task_id for task in bare])
        decisions = [
            Decision(task_id, entry.submission_ids[-1], _text(entry.answers), BULK_METHOD)
            for task_id, entry in said.items()
        ]
        self._decide(tx, project_id, decisions)
        moves = [
            Move(task, policy.after_final_answer(task.facts, has_labels=task.consensus_version > 0))
            for task in changed
        ]
        self._carry_out(tx, project_id, moves)

    def _reopen_answered(
        self,
        tx: Transaction,
        project_id: str,
        chosen: Sequence[LockedTask],
        before: Mapping[str, Any],
    ) -> None:
        """Put tasks back to work that an answer had finished."""
        overlap = self._fresh_setup(tx, project_id).first_judgements
        moves, bare = [], []
        for task in chosen:
            was = TaskState(before[task.task_id]["state"])
            if task.facts.state is not TaskState.DONE or was is TaskState.DONE:
                continue
            moves.append(Move(task, policy.after_reopening(task.facts, was=was, overlap=overlap)))
            if task.facts.submission_count == 0:
                bare.append(task.task_id)
        bulk_answers.forget_answered(tx, bare, method=BULK_METHOD)
        self._carry_out(tx, project_id, moves)


_NOTHING: Final = SaidAnswers({}, [])


def as_known(labelling: Labelling) -> Labelling:
    """Return labels in force as a known answer: what is kept of them, certain, and from nobody's prediction."""
    kept = labelling.sure_from(KEPT_FROM)
    return kept.model_copy(
        update={
            "annotations": [a.model_copy(update={"score": None, "origin": None}) for a in kept.annotations],
            "relations": [relation.model_copy(update={"score": None}) for relation in kept.relations],
        }
    )


def _text(answers: Mapping[str, AttributeValue]) -> str:
    return Labelling(answers=dict(answers)).as_json()
