"""What became of tasks, and what whoever ordered them may still change; for the steps above."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from goldsmith.labeling import policy
from goldsmith.labeling.service.foundation import Move
from goldsmith.labeling.service.steering import Steering
from goldsmith.labeling.store import outcomes, tasks
from goldsmith.labeling.store.tasks import LockedTask
from goldsmith.labeling.types import TaskResult
from goldsmith.platform.database import Transaction


class Outcomes(Steering):
    """The part of the service that whoever ordered tasks uses."""

    def result_of(
        self, tx: Transaction, task_ids: Sequence[str], *, with_labels: bool = True
    ) -> list[TaskResult]:
        """Return what became of tasks, in the order given, by one statement; unknown ids are left out.

        Without labels, ``labelling`` is None throughout.
        """
        return outcomes.results_of(tx, task_ids, with_labels=with_labels)

    def has_begun(self, tx: Transaction, task_ids: Sequence[str]) -> set[str]:
        """Return those of the tasks that somebody holds, held or answered, by one statement."""
        return outcomes.begun(tx, task_ids)

    def cancel_tasks(
        self, tx: Transaction, task_ids: Sequence[str], *, by: str | None = None, why: str = "asked"
    ) -> list[str]:
        """Cancel tasks of any projects that are no longer wanted; return which were.

        What is done stays done, and hidden gold stays. Whoever holds one of them keeps the work as a draft.
        """
        cancelled: list[str] = []
        for project_id, locked in self._by_project(tx, task_ids):
            moves = [Move(task, policy.after_cancellation(task.facts)) for task in locked]
            moves = [move for move in moves if move.step.state is not move.task.facts.state]
            self._carry_out(tx, project_id, moves)
            ids = [move.task.task_id for move in moves]
            detail = {"why": why}
            self._record(
                tx,
                project_id,
                [self._event(task_id, "cancelled", member_id=by, detail=detail) for task_id in ids],
            )
            cancelled += ids
        return cancelled

    def set_priority(
        self, tx: Transaction, task_ids: Sequence[str], priority: int, *, by: str | None = None
    ) -> None:
        """Give tasks of any projects a priority; higher is handed out first. Their batches stay as they are."""
        for project_id, locked in self._by_project(tx, task_ids):
            changed = [task for task in locked if task.priority != priority]
            self._put(
                tx, project_id, [(task.task_id, task.batch_id, priority, task.position) for task in changed]
            )
            self._record(
                tx, project_id, [self._event(task.task_id, "moved", member_id=by) for task in changed]
            )

    def _by_project(self, tx: Transaction, task_ids: Sequence[str]) -> Iterator[tuple[str, list[LockedTask]]]:
        found: dict[str, list[LockedTask]] = {}
        for task in tasks.lock_tasks(tx, task_ids, now_ms=self._now_ms()):
            found.setdefault(task.project_id, []).append(task)
        yield from found.items()
