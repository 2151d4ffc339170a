"""Changing tasks: canceled, named, tagged, audited."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any, Final

from goldsmith.accounts.api import KeyAccess
from goldsmith.compat.scale_v1.service.foundation import Foundation, in_project, space_of
from goldsmith.compat.scale_v1.service.projects import CUSTOMER_REASON
from goldsmith.compat.scale_v1.store import tasks as store
from goldsmith.compat.scale_v1.types import ReviewStatus, TaskRow, TaskStatus
from goldsmith.compat.scale_v1.words import read_name
from goldsmith.core.errors import ConflictError, MalformedRequestError
from goldsmith.labeling.api import Verdict
from goldsmith.platform.database import Transaction

_TAKEN: Final = "Task with that unique_id already exists."
_MAX_COMMENT: Final = 4000


class Changing(Foundation):
    """The part of the service that changes tasks."""

    def cancel_task(self, tx: Transaction, key: KeyAccess, scale_id: str, *, clear_unique_id: bool) -> None:
        """Cancel a task that nobody began.

        Raises:
            NotFoundError: There is no such task.
            MalformedRequestError: It is not pending any more, or somebody began it.
        """
        task = self._task(tx, space_of(key), scale_id, is_held=True)
        if task.status is not TaskStatus.PENDING:
            raise MalformedRequestError(f"The task is {task.status.value} and cannot be canceled.")
        if task.task_id is not None and self.steps.labeling.has_begun(tx, [task.task_id]):
            raise MalformedRequestError("Work on the task has begun, so it cannot be canceled.")
        values: dict[str, Any] = {"canceled_ms": self._now_ms(), "updated_ms": self._now_ms()}
        if clear_unique_id:
            values["unique_id"] = None
        store.change_task(tx, scale_id, **values)
        if task.task_id is not None:
            self.steps.labeling.cancel_tasks(
                tx, [task.task_id], by=key.access.member_id, why="canceled through the task API"
            )

    def set_unique_id(self, tx: Transaction, key: KeyAccess, scale_id: str, body: Mapping[str, Any]) -> None:
        """Give a task another key of the customer's.

        Raises:
            NotFoundError: There is no such task.
            ConflictError: Another task has it.
        """
        unique_id = read_name(body, "unique_id")
        task = self._task(tx, space_of(key), scale_id)
        if task.unique_id == unique_id:
            return
        if store.is_unique_id_taken(tx, task.space, unique_id):
            raise ConflictError(_TAKEN)
        self._change(tx, task, unique_id=unique_id)

    def clear_unique_id(self, tx: Transaction, key: KeyAccess, scale_id: str) -> None:
        """Take the customer's key from a task; NotFoundError when there is none."""
        self._change(tx, self._task(tx, space_of(key), scale_id), unique_id=None)

    def set_task_metadata(
        self, tx: Transaction, key: KeyAccess, scale_id: str, metadata: Mapping[str, Any]
    ) -> None:
        """Replace the metadata of a task; NotFoundError when there is none."""
        task = self._task(tx, space_of(key), scale_id)
        self._change(tx, task, metadata=json.dumps(dict(metadata), ensure_ascii=False))

    def set_tags(self, tx: Transaction, key: KeyAccess, scale_id: str, tags: Sequence[str]) -> None:
        """Make these the tags of a task; NotFoundError when there is none."""
        self._put_tags(tx, self._task(tx, space_of(key), scale_id, is_held=True), tags)

    def add_tags(self, tx: Transaction, key: KeyAccess, scale_id: str, tags: Sequence[str]) -> None:
        """Add tags to a task; those it has stay as they are."""
        task = self._task(tx, space_of(key), scale_id, is_held=True)
        self._put_tags(tx, task, list(dict.fromkeys([*task.tags, *tags])))

    def delete_tags(self, tx: Transaction, key: KeyAccess, scale_id: str, tags: Sequence[str]) -> None:
        """Take tags from a task; those it does not have are passed over."""
        task = self._task(tx, space_of(key), scale_id, is_held=True)
        self._put_tags(tx, task, [tag for tag in task.tags if tag not in tags])

    def audit_task(
        self, tx: Transaction, key: KeyAccess, scale_id: str, *, is_accepted: bool, comments: str
    ) -> None:
        """Accept or reject a completed task: a review by the key's member; a rejected one is worked on again.

        Raises:
            NotFoundError: There is no such task.
            MalformedRequestError: It is not completed.
        """
        task = self._task(tx, space_of(key), scale_id, is_held=True)
        if task.status is not TaskStatus.COMPLETED:
            raise MalformedRequestError(
                f"The task is {task.status.value}; only completed tasks can be audited."
            )
        status = ReviewStatus.ACCEPTED if is_accepted else ReviewStatus.REJECTED
        if task.task_id is None:
            self._change(tx, task, told_review=status.value)
            return
        self.steps.labeling.review_outright(
            tx,
            in_project(key.access, task.project_id),
            project_id=task.project_id,
            task_id=task.task_id,
            verdict=Verdict.ACCEPT if is_accepted else Verdict.REJECT,
            reason=CUSTOMER_REASON,
            text=comments[:_MAX_COMMENT],
        )
        self._change(tx, task)

    # --- parts

    def _put_tags(self, tx: Transaction, task: TaskRow, tags: Sequence[str]) -> None:
        if list(tags) != task.tags:
            store.put_tags(tx, task.scale_id, list(tags))
            self._change(tx, task)

    def _change(self, tx: Transaction, task: TaskRow, **values: Any) -> None:
        store.change_task(tx, task.scale_id, updated_ms=self._now_ms(), **values)
