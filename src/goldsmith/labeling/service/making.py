"""Making: tasks of new items, with the labels they came with, and predictions."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from collections.abc import Set as AbstractSet
from typing import Final, NamedTuple

from goldsmith.core.annotations import Labelling
from goldsmith.core.errors import NotFoundError
from goldsmith.core.plain import AnyLabelling
from goldsmith.items.api import LabelsAs, NewTask
from goldsmith.labeling import policy
from goldsmith.labeling.service.foundation import Foundation, Move
from goldsmith.labeling.store import queue, submissions, tasks
from goldsmith.labeling.store.queue import NewJudgement
from goldsmith.labeling.store.submissions import NewSubmission
from goldsmith.labeling.store.tasks import NewTaskRow
from goldsmith.labeling.types import (
    ConsensusOutcome,
    Decision,
    NewPrediction,
    Stage,
    SubmissionKind,
    TaskState,
)
from goldsmith.platform.database import Transaction
from goldsmith.projects.api import BatchState, ProjectSetup, TaskOrder, Workflow

_TICKS_PER_MS: Final = 4096
"""Positions within a millisecond; 2^53 leaves that many beside the time in ms."""
_KIND_OF: Final = {
    LabelsAs.GOLD: SubmissionKind.GOLD,
    LabelsAs.PRELABELS: SubmissionKind.PREDICTION,
    LabelsAs.ACCEPTED: SubmissionKind.IMPORTED,
}


class _Place(NamedTuple):
    """Where new tasks go."""

    setup: ProjectSetup
    batch_id: str
    batch_priority: int
    is_held: bool


class _Label(NamedTuple):
    """Labels that came with an item, and the task they go to; ``text`` is the labelling's JSON."""

    task_id: str
    labelling: AnyLabelling
    text: str
    kind: SubmissionKind


class Making(Foundation):
    """The part of the service that makes tasks; implements ``TaskMaker``."""

    def make_tasks(
        self, tx: Transaction, *, project_id: str, batch_id: str, entries: Sequence[NewTask]
    ) -> list[str]:
        """Make one task for each entry and return their ids in order; set-based, for thousands at once.

        An item that has a task in the project keeps it and only its labels are added.

        Raises:
            NotFoundError: The project has no such batch.
        """
        if not entries:
            return []
        place = self._place(tx, project_id, batch_id)
        known = tasks.tasks_of_items(tx, project_id=project_id, item_ids=[entry.item_id for entry in entries])
        fresh = [entry for entry in entries if entry.item_id not in known]
        made = self._insert_tasks(tx, place, fresh)
        task_of = {**known, **made}
        task_ids = [task_of[entry.item_id] for entry in entries]
        labels = [
            _Label(task_id, entry.labelling, entry.labelling.as_json(), _KIND_OF[entry.labels_as])
            for task_id, entry in zip(task_ids, entries, strict=True)
            if entry.labelling is not None and entry.labels_as is not LabelsAs.NONE
        ]
        self._take_labels(tx, place.setup, labels, made=set(made.values()))
        return task_ids

    def store_predictions(
        self,
        tx: Transaction,
        *,
        project_id: str,
        entries: Sequence[NewPrediction],
        model_version_id: str | None,
    ) -> list[str]:
        """Store a model's labellings as versions of their own and return the submission ids in order.

        The newest prediction of a task is what annotators start from. The labellings must fit the newest ontology.
        """
        setup = self._fresh_setup(tx, project_id)
        labels = [
            _Label(entry.task_id, entry.labelling, entry.labelling.as_json(), SubmissionKind.PREDICTION)
            for entry in entries
        ]
        return self._insert_labels(tx, setup, labels, model_version_id=model_version_id)

    def store_prediction(
        self,
        tx: Transaction,
        *,
        project_id: str,
        task_id: str,
        labelling: Labelling,
        model_version_id: str | None,
    ) -> str:
        """Store one prediction; see ``store_predictions``."""
        entry = NewPrediction(task_id, labelling)
        return self.store_predictions(
            tx, project_id=project_id, entries=[entry], model_version_id=model_version_id
        )[0]

    def mark_gold(
        self, tx: Transaction, *, project_id: str, answers: Mapping[str, Labelling], by: str | None = None
    ) -> list[str]:
        """Make tasks hidden gold with these known answers (by task id); return the submission ids in order.

        Raises:
            InvalidInputError: A task is not of the project, or an answer does not fit the ontology.
        """
        setup = self._fresh_setup(tx, project_id)
        version = setup.project.ontology_version
        for task in self._lock_all(tx, project_id, list(answers), with_scope=True):
            self._check_labelling(
                tx,
                answers[task.task_id],
                project_id=project_id,
                made_with=version,
                newest=version,
                scope=task.scope,
            )
        labels = [
            _Label(task_id, labelling, labelling.as_json(), SubmissionKind.GOLD)
            for task_id, labelling in answers.items()
        ]
        inserted = self._insert_labels(tx, setup, labels, model_version_id=None)
        tasks.mark_gold(tx, list(answers), now_ms=self._now_ms())
        self._record(
            tx, project_id, [self._event(task_id, "marked_gold", member_id=by) for task_id in answers]
        )
        self._tell_changed(tx, project_id, list(answers))
        return inserted

    # --- parts

    def _place(self, tx: Transaction, project_id: str, batch_id: str) -> _Place:
        setup = self._fresh_setup(tx, project_id)
        batch = tasks.find_batch(tx, batch_id)
        if batch is None or batch["project_id"] != project_id:
            raise NotFoundError("the project has no such batch")
        is_held = batch["state"] in (BatchState.PAUSED, BatchState.STAGING)
        return _Place(setup, batch_id, batch["priority"], is_held)

    @staticmethod
    def _position(workflow: Workflow, item_id: str, number: float) -> float:
        return policy.unit_hash(f"order:{item_id}") if workflow.order is TaskOrder.RANDOM else number

    def _insert_tasks(self, tx: Transaction, place: _Place, entries: Sequence[NewTask]) -> dict[str, str]:
        now_ms = self._now_ms()
        new_ids = self.machine.ids.new_many
        workflow, project_id = place.setup.workflow, place.setup.project.project_id
        unnamed = [entry.item_id for entry in entries if entry.name is None]
        names = tasks.names_of_items(tx, unnamed)
        made: dict[str, str] = {}
        rows: list[NewTaskRow] = []
        asked: list[tuple[str, int, float]] = []
        for number, (entry, task_id) in enumerate(zip(entries, new_ids("tsk", len(entries)), strict=True)):
            has_labels = entry.labelling is not None
            step = policy.after_creation(
                overlap=place.setup.first_judgements,
                is_gold=has_labels and entry.labels_as is LabelsAs.GOLD,
                is_accepted=has_labels and entry.labels_as is LabelsAs.ACCEPTED,
            )
            made[entry.item_id] = task_id
            priority = place.batch_priority + entry.priority
            position = entry.position
            if position is None:
                position = self._position(workflow, entry.item_id, now_ms + number / _TICKS_PER_MS)
            is_gold = int(has_labels and entry.labels_as is LabelsAs.GOLD)
            scope = None if entry.scope is None else entry.scope.model_dump_json(exclude_defaults=True)
            rows.append(
                NewTaskRow(
                    task_id, project_id, entry.item_id, place.batch_id, step.state.value, is_gold, priority, position,
                    step.ask_label, names.get(entry.item_id, "") if entry.name is None else entry.name, scope,
                    now_ms, now_ms, now_ms if step.state is TaskState.DONE else None,
                )
            )  # fmt: skip
            asked += [(task_id, -priority, position)] * step.ask_label
        tasks.insert_tasks(tx, rows)
        queue.add_judgements(
            tx,
            project_id=project_id,
            stage=Stage.LABEL,
            entries=[
                NewJudgement(judgement_id, *place_in_queue)
                for judgement_id, place_in_queue in zip(new_ids("jdg", len(asked)), asked, strict=True)
            ],
            is_held=place.is_held,
            now_ms=now_ms,
        )
        return made

    def _take_labels(
        self, tx: Transaction, setup: ProjectSetup, labels: Sequence[_Label], *, made: AbstractSet[str]
    ) -> None:
        """Store labels that came with items; ``made`` are tasks just made, whose state is right already."""
        submission_ids = self._insert_labels(tx, setup, labels, model_version_id=None, made=made)
        old_gold = [
            entry.task_id
            for entry in labels
            if entry.kind is SubmissionKind.GOLD and entry.task_id not in made
        ]
        if old_gold:
            tasks.mark_gold(tx, old_gold, now_ms=self._now_ms())
        accepted = [
            Decision(entry.task_id, submission_id, entry.text, "imported", entry.labelling)
            for entry, submission_id in zip(labels, submission_ids, strict=True)
            if entry.kind is SubmissionKind.IMPORTED
        ]
        are_new = len(made) > 0 and made >= {entry.task_id for entry in accepted}
        self._decide(tx, setup.project.project_id, accepted, are_new=are_new)
        old_accepted = [entry.task_id for entry in accepted if entry.task_id not in made]
        locked = tasks.lock_tasks(tx, old_accepted, now_ms=self._now_ms())
        moves = [
            Move(task, policy.Step(TaskState.DONE, withdraw=True))
            for task in locked
            if not task.facts.is_gold
        ]
        self._carry_out(tx, setup.project.project_id, moves, tells=False)
        told = [entry.task_id for entry in labels if entry.kind is not SubmissionKind.PREDICTION]
        self._tell_changed(tx, setup.project.project_id, told)

    def _decide(
        self, tx: Transaction, project_id: str, decisions: Sequence[Decision], *, are_new: bool = False
    ) -> Sequence[ConsensusOutcome]:
        if not decisions:
            return []
        outcomes = self._quality_hook().on_decided(tx, project_id=project_id, decisions=decisions)
        tasks.note_consensus(tx, outcomes, project_id=project_id, now_ms=self._now_ms(), is_first=are_new)
        return outcomes

    def _insert_labels(
        self,
        tx: Transaction,
        setup: ProjectSetup,
        labels: Sequence[_Label],
        *,
        model_version_id: str | None,
        made: Collection[str] = (),
    ) -> list[str]:
        """Add labels as the next versions; tasks in ``made`` are new, so that theirs are the first."""
        versions: dict[tuple[str, str], int] = {}
        for kind in {entry.kind for entry in labels}:
            task_ids = [entry.task_id for entry in labels if entry.kind is kind and entry.task_id not in made]
            if kind is SubmissionKind.PREDICTION:
                found = submissions.retire_predictions(
                    tx, task_ids=task_ids, model_version_id=model_version_id
                )
            else:
                found = submissions.retire_kind(tx, task_ids=task_ids, kind=kind)
            versions.update({(task_id, kind.value): version for task_id, version in found.items()})
        now_ms = self._now_ms()
        project = setup.project
        submission_ids = self.machine.ids.new_many("sub", len(labels))
        rows = [
            NewSubmission(
                submission_id=submission_id,
                task_id=entry.task_id,
                project_id=project.project_id,
                judgement_id=None,
                member_id=None,
                kind=entry.kind.value,
                version=versions.get((entry.task_id, entry.kind.value), 0) + 1,
                model_version_id=model_version_id,
                labelling=entry.text,
                annotation_count=len(entry.labelling.annotations),
                ontology_version=project.ontology_version,
                instructions_version=project.instructions_version,
                active_ms=0,
                request_key=None,
                created_ms=now_ms,
            )
            for entry, submission_id in zip(labels, submission_ids, strict=True)
        ]
        submissions.insert_submissions(tx, rows)
        known = [(entry.task_id, entry.labelling) for entry in labels if entry.kind is SubmissionKind.GOLD]
        if known:
            are_new = len(made) > 0 and all(task_id in made for task_id, _ in known)
            tasks.note_known(tx, known, project_id=project.project_id, is_first=are_new)
        return submission_ids
