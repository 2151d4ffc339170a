"""What quality steers by and has done: whom to ask, how much was asked, and reviews of finished tasks."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from goldsmith.labeling import policy
from goldsmith.labeling.service.foundation import Foundation, Move
from goldsmith.labeling.store import asking, tasks
from goldsmith.labeling.types import (
    AuditableTask,
    ReviewFact,
    TaskState,
    TimeSpent,
    Worker,
    WorkTotals,
)
from goldsmith.platform.database import Transaction


class Asking(Foundation):
    """The part of the service that quality uses to decide who is asked what."""

    def list_workers(self, tx: Transaction, project_id: str, *, known: Collection[str] = ()) -> list[Worker]:
        """Return who can be asked to label in a project, by id.

        Args:
            tx: The transaction.
            project_id: Where.
            known: Members who worked there; they count also where they were not added to the project.
        """
        return asking.list_workers(tx, project_id, known=known)

    def who_met(self, tx: Transaction, task_ids: Sequence[str]) -> dict[str, set[str]]:
        """Return, by task, who holds or held a judgement of it."""
        return asking.who_met(tx, task_ids)

    def keep_tiers(self, tx: Transaction, *, project_id: str, skilled: Collection[str]) -> None:
        """Make these members, and nobody else, the skilled ones of a project."""
        asking.keep_tiers(tx, project_id=project_id, skilled=skilled, now_ms=self._now_ms())

    def totals(self, tx: Transaction, project_id: str, *, target: float | None = None) -> WorkTotals:
        """Return what the tasks of a project add up to, by one statement; ``doubtful`` is 0 without a target."""
        return asking.add_up(tx, project_id, may_be_wrong=1e9 if target is None else 1.0 - target)

    def time_spent(self, tx: Transaction, project_id: str) -> TimeSpent:
        """Return what the work of a project took so far."""
        return asking.time_spent(tx, project_id)

    def handed_in_since(self, tx: Transaction, project_id: str, *, since_ms: int, most: int) -> int:
        """Return how many submissions of people came at or after a moment, revised ones too, up to ``most``."""
        return asking.handed_in_since(tx, project_id, since_ms=since_ms, most=most)

    def list_auditable(self, tx: Transaction, project_id: str) -> list[AuditableTask]:
        """Return the finished tasks of a project that have labels in force, by id."""
        return asking.list_auditable(tx, project_id)

    def reviews_of(self, tx: Transaction, task_ids: Sequence[str]) -> list[ReviewFact]:
        """Return the verdicts on tasks, oldest first."""
        return asking.reviews_of(tx, task_ids)

    def items_of_tasks(self, tx: Transaction, task_ids: Sequence[str]) -> dict[str, tuple[str, str]]:
        """Return (item_id, name) of the item of each task."""
        return asking.items_of(tx, task_ids)

    def ask_audit_reviews(
        self, tx: Transaction, *, project_id: str, task_ids: Sequence[str]
    ) -> dict[str, bool]:
        """Ask a reviewer about finished tasks.

        Returns:
            The tasks that a reviewer is asked about, each with whether that is so from now on; False where it was so
            already. Tasks that are being worked on are not among them.
        """
        locked = tasks.lock_tasks(tx, task_ids, now_ms=self._now_ms())
        moves = [Move(task, policy.after_audit_draw(task.facts)) for task in locked]
        asked = [move for move in moves if move.step.ask_review]
        self._carry_out(tx, project_id, asked)
        self._record(
            tx,
            project_id,
            [self._event(move.task.task_id, "drawn_for_audit", member_id=None) for move in asked],
        )
        return {
            move.task.task_id: move.step.ask_review for move in moves if move.step.state is TaskState.REVIEW
        }

    def drop_audit_reviews(self, tx: Transaction, *, project_id: str, task_ids: Sequence[str]) -> None:
        """Finish tasks again about which only an audit asked; whoever is looking at one already may end it."""
        held = asking.in_review_now(tx, task_ids, now_ms=self._now_ms())
        free = [task_id for task_id in task_ids if task_id not in held]
        locked = tasks.lock_tasks(tx, free, now_ms=self._now_ms())
        moves = [Move(task, policy.after_audit_end(task.facts)) for task in locked]
        self._carry_out(tx, project_id, [move for move in moves if move.step.withdraw])
