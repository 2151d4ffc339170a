"""Labels that an evaluation speaks against: found when it is measured, looked at, and labelled again."""

from __future__ import annotations

import json
from collections import defaultdict
from typing import Final

from goldsmith.accounts.api import Access, audit
from goldsmith.core.errors import ConflictError, InvalidInputError, NotFoundError
from goldsmith.datasets.api import DatasetsService
from goldsmith.evaluation import suspicion_store
from goldsmith.evaluation.measure import Columns
from goldsmith.evaluation.suspicions import Doubts, find_suspicions, is_learnt
from goldsmith.evaluation.types import (
    DoubtKind,
    EvaluationView,
    LabelError,
    LabelErrors,
    RelabelBatch,
    RelabelBody,
    Relabelled,
)
from goldsmith.items.api import records_by_id
from goldsmith.labeling.api import LabelingService, TaskFact, TaskState, tasks_by_id
from goldsmith.platform.database import Row, Transaction
from goldsmith.platform.edges import Edge, add_edges
from goldsmith.platform.machine import Machine
from goldsmith.projects.api import ProjectsService
from goldsmith.training.api import TrainingService

_PRIORITY: Final = 10
_ALL_LEARNT: Final = (
    "The model learnt from all of these pictures, so it says nothing about their labels: a model repeats what it has "
    "learnt. Measure a model that was trained without them, or another split."
)
_UNKNOWN_ORIGIN: Final = (
    "It is not known here what this model learnt from. If it learnt from these pictures it repeats their labels, and "
    "says little about them."
)


class Relabelling:
    """Suspicious labels and what follows from them.

    Args:
        machine: What the service runs on.
        datasets: What models learnt from.
        training: Tells what a model came from.
        labeling: Asks for tasks again.
        projects: Makes the batches for them.
    """

    def __init__(
        self,
        machine: Machine,
        datasets: DatasetsService,
        training: TrainingService,
        labeling: LabelingService,
        projects: ProjectsService,
    ) -> None:
        self.machine = machine
        self.datasets = datasets
        self.training = training
        self.labeling = labeling
        self.projects = projects

    def look(self, view: EvaluationView, data: Columns) -> tuple[Doubts, str]:
        """Find what an evaluation says against labels, and what should be known of it; reads by itself."""
        read = self.machine.database.read_sync
        model = read(lambda tx: self.training.get_model_version(tx, view.model_version_id))
        items: set[str] = set()
        media: set[str] = set()
        if model.run_id is not None:
            run_id = model.run_id
            run = read(lambda tx: self.training.get_run(tx, run_id))
            version = read(lambda tx: self.datasets.get_version(tx, run.dataset_version_id))
            for entry in self.datasets.read_entries(version, split="train"):
                items.add(entry.item_id)
                media.add(entry.sha256)
        learnt = [is_learnt(entry, item_ids=items, media=media) for entry in data.entries]
        doubts = find_suspicions(data, learnt=learnt)
        return doubts, _note(doubts, is_origin_known=model.run_id is not None)

    def page(
        self, tx: Transaction, *, evaluation_id: str, kind: DoubtKind | None, after: int, limit: int
    ) -> LabelErrors:
        """Return suspicions, the strongest first.

        Raises:
            ConflictError: The evaluation is not done.
        """
        doubts = suspicion_store.doubts_of(tx, evaluation_id)
        if not doubts:
            raise ConflictError(
                "the evaluation is not done yet; its suspicious labels are found with its numbers"
            )
        rows = suspicion_store.list_suspicions(tx, evaluation_id, kind=kind, after=after, limit=limit + 1)
        shown = rows[:limit]
        tasks = {fact.task_id: fact for fact in tasks_by_id(tx, sorted({row["task_id"] for row in shown}))}
        return LabelErrors(
            items=[_to_error(row, tasks.get(row["task_id"])) for row in shown],
            next_cursor=str(shown[-1]["suspicion"]) if len(rows) > limit else None,
            **doubts,
        )

    def relabel(
        self, tx: Transaction, access: Access, *, view: EvaluationView, body: RelabelBody
    ) -> Relabelled:
        """Ask for the tasks behind suspicions once more, each in its own project; what was submitted goes on counting.

        Raises:
            InvalidInputError: Nothing is chosen.
            NotFoundError: A suspicion or task is not of this evaluation.
        """
        wanted = self._wanted(tx, view.evaluation_id, body)
        facts = {fact.task_id: fact for fact in tasks_by_id(tx, wanted)}
        there = records_by_id(tx, sorted({fact.item_id for fact in facts.values()}))
        askable = [
            task_id
            for task_id in wanted
            if (fact := facts.get(task_id)) is not None
            and not fact.is_gold
            and fact.state != TaskState.CANCELLED
            and fact.item_id in there
            and there[fact.item_id].workspace_id == access.workspace_id
        ]
        now_ms = self.machine.clock.now_ms()
        fresh = suspicion_store.mark_asked(tx, view.evaluation_id, task_ids=askable, at_ms=now_ms)
        by_project: dict[str, list[str]] = defaultdict(list)
        for task_id in askable:
            if task_id in fresh:
                by_project[facts[task_id].project_id].append(task_id)
        batches = [
            self._ask(
                tx, access, view, project_id=project_id, task_ids=task_ids, name=body.name, at_ms=now_ms
            )
            for project_id, task_ids in sorted(by_project.items())
        ]
        done = Relabelled(
            tasks=sum(batch.tasks for batch in batches),
            already=len(askable) - len(fresh),
            left_out=len(wanted) - len(askable),
            batches=batches,
        )
        audit(
            tx,
            access=access,
            action="evaluation.labels_asked_again",
            target=view.evaluation_id,
            at_ms=now_ms,
            detail={"name": body.name, **done.model_dump(mode="json")},
        )
        return done

    # --- parts

    @staticmethod
    def _wanted(tx: Transaction, evaluation_id: str, body: RelabelBody) -> list[str]:
        """Return the tasks that are meant, the most suspicious first."""
        if not body.suspicions and not body.task_ids:
            raise InvalidInputError("choose at least one suspicion or task to be labelled again")
        of_number, of_task = suspicion_store.tasks_behind(
            tx, evaluation_id, suspicions=body.suspicions, task_ids=body.task_ids
        )
        if not of_number.keys() >= set(body.suspicions) or not of_task.keys() >= set(body.task_ids):
            raise NotFoundError("the evaluation has no such suspicion; read its list again")
        ranked = sorted([*of_number.items(), *((number, task) for task, number in of_task.items())])
        return list(dict.fromkeys(task_id for _, task_id in ranked if task_id))

    def _ask(
        self,
        tx: Transaction,
        access: Access,
        view: EvaluationView,
        *,
        project_id: str,
        task_ids: list[str],
        name: str,
        at_ms: int,
    ) -> RelabelBatch:
        batch = self.projects.ensure_batch(
            tx,
            project_id=project_id,
            name=name,
            created_by=access.member_id,
            priority=_PRIORITY,
            origin={"kind": "evaluation", "evaluation_id": view.evaluation_id, "policy": "suspicious labels"},
        )
        asked = self.labeling.requeue(
            tx, project_id=project_id, task_ids=task_ids, batch_id=batch.batch_id, by=access.member_id
        )
        edge = Edge("evaluation", view.evaluation_id, "batch", batch.batch_id, "suspicious labels")
        add_edges(tx, workspace_id=view.workspace_id, at_ms=at_ms, edges=[edge])
        return RelabelBatch(project_id=project_id, batch_id=batch.batch_id, tasks=asked.requeued)


def _note(doubts: Doubts, *, is_origin_known: bool) -> str:
    if not is_origin_known:
        return _UNKNOWN_ORIGIN
    if not doubts.learnt:
        return ""
    if not doubts.looked_at:
        return _ALL_LEARNT
    return (
        f"{doubts.learnt} of {doubts.learnt + doubts.looked_at} pictures are left out: the model learnt from them, "
        "and repeats their labels."
    )


def _to_error(row: Row, task: TaskFact | None) -> LabelError:
    body = json.loads(row["body"])
    path = f"/api/v1/items/{body['item_id']}/media?variant="
    return LabelError.model_validate(
        {
            **body,
            "suspicion": row["suspicion"],
            "task_id": None if task is None else task.task_id,
            "project_id": None if task is None else task.project_id,
            "is_gold": task is not None and bool(task.is_gold),
            "asked_ms": row["asked_ms"],
            "media": {variant: path + variant for variant in ("original", "preview", "thumbnail")},
        }
    )
