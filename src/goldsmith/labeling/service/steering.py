"""Steering: requeues, orders, and what follows when a batch or a workflow changes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from goldsmith.core.errors import InvalidInputError
from goldsmith.items.api import NewTask
from goldsmith.labeling import policy
from goldsmith.labeling.service.foundation import Move
from goldsmith.labeling.service.making import Making
from goldsmith.labeling.store import queue, steering, tasks
from goldsmith.labeling.types import Requeued, Stage
from goldsmith.platform.database import Transaction
from goldsmith.projects.api import (
    Batch,
    BatchState,
    Project,
    QualityPolicy,
    TaskOrder,
    Workflow,
    first_judgements,
)


class Steering(Making):
    """The part of the service that steers work; implements ``WorkControl``."""

    def requeue(
        self,
        tx: Transaction,
        *,
        project_id: str,
        task_ids: Sequence[str] = (),
        item_ids: Sequence[str] = (),
        batch_id: str | None = None,
        priority: int | None = None,
        positions: Mapping[str, float] | None = None,
        extra_judgements: int = 1,
        by: str | None = None,
    ) -> Requeued:
        """Ask for more judgements of tasks, whatever their state; what was submitted goes on counting.

        Args:
            tx: The transaction at hand.
            project_id: Where.
            task_ids: Tasks of the project.
            item_ids: Items of the same workspace; a task is made for those without one (needs ``batch_id``).
            batch_id: The batch they move to; None leaves them in theirs.
            priority: Higher goes first; the batch's by default.
            positions: Order within the priority by task id or item id, lower first; the order given by default.
            extra_judgements: Opinions asked for on top of those that are open or in; an open task may take 0, others
                take at least one.
            by: The member who wants it, for the event log.

        Raises:
            InvalidInputError: An id is not of the project, or has no position.
        """
        if positions is None:
            positions = {key: float(number) for number, key in enumerate([*task_ids, *item_ids])}
        if not positions.keys() >= {*task_ids, *item_ids}:
            raise InvalidInputError("positions must have an entry for each task and item")
        known = tasks.tasks_of_items(tx, project_id=project_id, item_ids=item_ids) if item_ids else {}
        new_items = [item_id for item_id in item_ids if item_id not in known]
        batch = None if batch_id is None else self._place(tx, project_id, batch_id)
        if new_items:
            if batch is None:
                raise InvalidInputError(
                    "some items have no task in this project yet; say the batch to make them in"
                )
            steering.require_items(tx, project_id=project_id, item_ids=new_items)
            above_batch = 0 if priority is None else priority - batch.batch_priority
            entries = [
                NewTask(item_id, priority=above_batch, position=positions[item_id]) for item_id in new_items
            ]
            self.make_tasks(tx, project_id=project_id, batch_id=batch.batch_id, entries=entries)
        wanted = {task_id: positions[task_id] for task_id in task_ids}
        wanted |= {task_id: positions[item_id] for item_id, task_id in known.items()}
        locked = self._lock_all(tx, project_id, list(wanted))
        if batch is not None and priority is None:
            priority = batch.batch_priority
        moved = [
            task._replace(
                batch_id=task.batch_id if batch is None else batch.batch_id,
                priority=task.priority if priority is None else priority,
                position=wanted[task.task_id],
            )
            for task in locked
            if not task.facts.is_gold
        ]
        if batch is not None:
            steering.hold_tasks(tx, [task.task_id for task in moved], is_held=batch.is_held)
        self._put(
            tx, project_id, [(task.task_id, task.batch_id, task.priority, task.position) for task in moved]
        )
        moves = [
            Move(task, policy.after_requeue(task.facts, extra_judgements=extra_judgements)) for task in moved
        ]
        self._carry_out(tx, project_id, moves)
        detail = {"extra_judgements": extra_judgements}
        self._record(
            tx,
            project_id,
            [self._event(task.task_id, "requeued", member_id=by, detail=detail) for task in moved],
        )
        return Requeued(requeued=len(moved), created=len(new_items))

    def set_positions(self, tx: Transaction, *, project_id: str, positions: Mapping[str, float]) -> None:
        """Order open tasks within their priorities (by task id, lower first), such as by expected gain."""
        locked = tasks.lock_tasks(tx, list(positions), now_ms=self._now_ms())
        self._put(
            tx,
            project_id,
            [
                (task.task_id, task.batch_id, task.priority, positions[task.task_id])
                for task in locked
                if task.project_id == project_id
            ],
        )

    # --- WorkControl

    def on_batch_changed(self, tx: Transaction, *, batch: Batch) -> None:
        """Follow a changed batch: its tasks take its priority and are held back, handed out or cancelled."""
        now_ms = self._now_ms()
        steering.set_batch_priority(tx, batch_id=batch.batch_id, priority=batch.priority)
        if batch.state is BatchState.CANCELLED:
            locked = tasks.lock_tasks(tx, steering.unfinished_of_batch(tx, batch.batch_id), now_ms=now_ms)
            moves = [Move(task, policy.after_cancellation(task.facts)) for task in locked]
            self._carry_out(tx, batch.project_id, moves)
            self._record(
                tx,
                batch.project_id,
                [
                    self._event(task.task_id, "cancelled", member_id=None, detail={"why": "batch"})
                    for task in locked
                ],
            )
            return
        is_held = batch.state is not BatchState.OPEN
        steering.hold_batch(tx, batch_id=batch.batch_id, is_held=is_held, now_ms=now_ms)
        for stage, rank, position in steering.first_of_batch(tx, batch.batch_id):
            queue.lower_frontiers(
                tx, project_id=batch.project_id, stage=stage, rank=rank, position=position, now_ms=now_ms
            )

    def on_batch_members_changed(self, tx: Transaction, *, batch: Batch) -> None:
        """Follow a change of who may label a batch: the claim reads it, but walks may have passed its tasks."""
        queue.let_all_start_over(tx, project_id=batch.project_id, now_ms=self._now_ms())

    def on_project_changed(self, tx: Transaction, *, project: Project) -> None:  # noqa: ARG002  of the protocol
        """Follow a pause, a resume or the archiving of a project: the claim reads its state, so nothing is to do."""
        self._setups.pop(project.project_id, None)

    def on_workflow_changed(
        self, tx: Transaction, *, project_id: str, before: Workflow, after: Workflow
    ) -> None:
        """Follow a changed workflow: open tasks take the new overlap and order."""
        self._setups.pop(project_id, None)
        quality = self._fresh_setup(tx, project_id).quality
        self._change_overlap(
            tx, project_id, by=first_judgements(after, quality) - first_judgements(before, quality)
        )
        if after.order is not before.order and after.order is not TaskOrder.GAIN:
            rows = steering.open_tasks(tx, project_id)
            self._put(
                tx,
                project_id,
                [
                    (
                        row["task_id"],
                        row["batch_id"],
                        row["priority"],
                        self._position(after, row["item_id"], number),
                    )
                    for number, row in enumerate(rows)
                ],
            )

    def on_quality_changed(
        self, tx: Transaction, *, project_id: str, before: QualityPolicy, after: QualityPolicy
    ) -> None:
        """Follow a changed quality policy: open tasks begin with as many judgements as it says."""
        self._setups.pop(project_id, None)
        workflow = self._fresh_setup(tx, project_id).workflow
        self._change_overlap(
            tx, project_id, by=first_judgements(workflow, after) - first_judgements(workflow, before)
        )

    # --- parts

    def _put(
        self, tx: Transaction, project_id: str, rows: Sequence[tuple[str, str | None, int, float]]
    ) -> None:
        """Set (task_id, batch_id, priority, position) of tasks and of their open judgements."""
        if not rows:
            return
        tasks.place(tx, rows)
        steering.place_judgements(
            tx, [(task_id, -priority, position) for task_id, _, priority, position in rows]
        )
        rank, position = min((-priority, position) for _, _, priority, position in rows)
        for stage in Stage:
            queue.lower_frontiers(
                tx, project_id=project_id, stage=stage, rank=rank, position=position, now_ms=self._now_ms()
            )

    def _change_overlap(self, tx: Transaction, project_id: str, *, by: int) -> None:
        if by == 0:
            return
        now_ms = self._now_ms()
        rows = steering.open_tasks(tx, project_id)
        locked = tasks.lock_tasks(tx, [row["task_id"] for row in rows], now_ms=now_ms)
        withdrawn = steering.withdraw_surplus(tx, project_id, per_task=-by, now_ms=now_ms) if by < 0 else {}
        moves: list[Move] = []
        for task in locked:
            closed = withdrawn.get(task.task_id, 0)
            step = policy.after_overlap_change(task.facts, by=by, withdrawn=closed)
            moves.append(Move(task, step, closed=closed))
        self._carry_out(tx, project_id, moves)
