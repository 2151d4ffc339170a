"""Following: what becomes of tasks in goldsmith is noted and told."""

from __future__ import annotations

import random
from collections.abc import Mapping, Sequence
from typing import Any, Final

from goldsmith.accounts.api import KeyAccess
from goldsmith.compat.scale_v1.callbacks.types import SubjectKind
from goldsmith.compat.scale_v1.service.arriving import Arriving
from goldsmith.compat.scale_v1.service.batches import Batches
from goldsmith.compat.scale_v1.service.foundation import Steps, space_of
from goldsmith.compat.scale_v1.store import batches as batch_rows
from goldsmith.compat.scale_v1.store import projects as project_rows
from goldsmith.compat.scale_v1.store import tasks as store
from goldsmith.compat.scale_v1.types import Purpose, TaskRow, TaskStatus
from goldsmith.compat.scale_v1.views import batch_body
from goldsmith.core.errors import MalformedRequestError
from goldsmith.labeling.api import TaskResult, TaskState
from goldsmith.platform.database import Transaction
from goldsmith.platform.machine import Machine

_OTHERS_KEPT: Final = 10_000


class Following(Arriving, Batches):
    """The part of the service that labelling and callbacks call: ``TaskFollower`` and ``CallbackSource``."""

    def __init__(self, machine: Machine, steps: Steps, *, rng: random.Random | None = None) -> None:
        super().__init__(machine, steps, rng=rng)
        # a project that was not made through the protocol never comes into it, so this is never wrong
        self._others: set[str] = set()

    def on_tasks_changed(self, tx: Transaction, *, project_id: str, task_ids: Sequence[str]) -> None:
        """Note what became of tasks, and queue the callbacks of those that are completed with other labels now."""
        if project_id in self._others:
            return
        if not project_rows.is_known(tx, project_id):
            if len(self._others) >= _OTHERS_KEPT:
                self._others.clear()
            self._others.add(project_id)
            return
        tasks = store.find_by_tasks(tx, task_ids)
        if not tasks:
            return
        found = self.steps.labeling.result_of(
            tx, [task.task_id for task in tasks if task.task_id is not None], with_labels=False
        )
        results = {result.task_id: result for result in found}
        store.note_changed(tx, [task.scale_id for task in tasks], now_ms=self._now_ms())
        for task in tasks:
            result = results.get(task.task_id or "")
            if result is not None and task.purpose is Purpose.PRODUCTION:
                self._follow(tx, task, result)
        self.tell_finished(tx, sorted({task.batch_id for task in tasks if task.batch_id is not None}))

    def send_callback(self, tx: Transaction, key: KeyAccess, scale_id: str) -> dict[str, Any]:
        """Tell of a task that ended once more, as it is now.

        Raises:
            NotFoundError: There is no such task.
            MalformedRequestError: It is pending, or there is no address to tell.
        """
        task = self._task(tx, space_of(key), scale_id)
        if task.status is TaskStatus.PENDING:
            raise MalformedRequestError("The task is pending; there is nothing to tell yet.")
        if not self.tell_task(tx, task, event=task.status.value):
            raise MalformedRequestError("The task has no callback_url, and there is no default one.")
        return {"success": True}

    def batch_body(self, batch_id: str) -> Mapping[str, Any] | None:
        """Return a whole batch as it is now, for its callback; None when it is gone. For threads of jobs."""
        batch = self.machine.database.read_sync(lambda tx: batch_rows.find_any(tx, batch_id))
        return None if batch is None else batch_body(batch)

    def keep_callback_state(
        self, tx: Transaction, *, kind: SubjectKind, subject_id: str, has_succeeded: bool
    ) -> None:
        """Keep whether the callback of a task was told or given up."""
        if kind == "task":
            store.change_task(tx, subject_id, callback_succeeded=int(has_succeeded))

    def _follow(self, tx: Transaction, task: TaskRow, result: TaskResult) -> None:
        if result.state is TaskState.DONE:
            if store.note_done(tx, task.scale_id, version=result.consensus_version, now_ms=self._now_ms()):
                self.tell_task(tx, task, event="completed")
        elif result.state is TaskState.CANCELLED and not task.is_canceled:
            self.tell_task(tx, task, event=TaskStatus.CANCELED.value)
