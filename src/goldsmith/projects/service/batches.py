"""The batches of a project."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from goldsmith.accounts.api import Access
from goldsmith.core.errors import ConflictError, NotFoundError
from goldsmith.platform.database import Transaction
from goldsmith.projects import store
from goldsmith.projects.service.foundation import Foundation
from goldsmith.projects.types import DEFAULT_BATCH, Batch, BatchState, BatchView


class Batches(Foundation):
    """Makes, lists and steers batches."""

    def ensure_batch(
        self,
        tx: Transaction,
        *,
        project_id: str,
        name: str = DEFAULT_BATCH,
        created_by: str,
        priority: int = 0,
        origin: Mapping[str, Any] | None = None,
        must_be_new: bool = False,
        state: BatchState = BatchState.OPEN,
    ) -> Batch:
        """Return the batch of that name, made when the project has none.

        Args:
            tx: The transaction.
            project_id: The project.
            name: Unique within the project.
            created_by: A member id, or ``system``.
            priority: Higher is handed out first; of a new batch.
            origin: Why it was made; of a new batch.
            must_be_new: Refuse a name that is taken, by ConflictError.
            state: Of a new batch; its tasks wait where that is ``staging`` or ``paused``.
        """
        batch = Batch(
            batch_id=self.machine.ids.new("bat"),
            project_id=project_id,
            name=name,
            priority=priority,
            state=state,
            origin=dict(origin or {}),
            created_by=created_by,
            created_ms=self.machine.clock.now_ms(),
        )
        stands = store.ensure_batch(tx, batch)
        if must_be_new and stands.batch_id != batch.batch_id:
            raise ConflictError(f"this project has a batch named {name!r}; choose another name")
        return stands

    def get_batch(self, tx: Transaction, batch_id: str) -> Batch:
        """Return the batch; NotFoundError when there is none."""
        batch = store.find_batch(tx, batch_id)
        if batch is None:
            raise NotFoundError("there is no such batch")
        return batch

    def list_batches(
        self, tx: Transaction, project_id: str, *, before: str | None, limit: int
    ) -> list[BatchView]:
        """Return batches with their tasks counted by state, newest first."""
        return store.list_batches(tx, project_id=project_id, before=before, limit=limit)

    def create_batch(
        self,
        tx: Transaction,
        access: Access,
        project_id: str,
        *,
        name: str,
        priority: int = 0,
        origin: Mapping[str, Any] | None = None,
        state: BatchState = BatchState.OPEN,
    ) -> Batch:
        """Make a batch; ConflictError when the project has one of that name."""
        batch = self.ensure_batch(
            tx,
            project_id=project_id,
            name=name,
            created_by=access.member_id,
            priority=priority,
            origin=origin,
            must_be_new=True,
            state=state,
        )
        detail = {"project_id": project_id, "name": name}
        self._record(tx, access, action="batch.created", target=batch.batch_id, detail=detail)
        return batch

    def change_batch(
        self,
        tx: Transaction,
        access: Access,
        batch_id: str,
        *,
        name: str | None = None,
        priority: int | None = None,
        state: BatchState | None = None,
    ) -> Batch:
        """Rename, reorder, open, pause, resume or cancel a batch; None leaves a value as it is.

        Raises:
            NotFoundError: There is no such batch.
            ConflictError: The name is taken, or the batch does not go from its state to the other: a cancelled one
                stays so, and a staged one is opened once, before it can be paused.
        """
        before = self.get_batch(tx, batch_id)
        after = before.model_copy(
            update={
                "name": name or before.name,
                "priority": before.priority if priority is None else priority,
                "state": state or before.state,
            }
        )
        if after == before:
            return before
        _check_states(before.state, after.state)
        try:
            store.change_batch(tx, after)
        except ConflictError as error:
            raise ConflictError(f"this project has a batch named {name!r}; choose another name") from error
        changed = {
            field: [getattr(before, field), getattr(after, field)]
            for field in ("name", "priority", "state")
            if getattr(before, field) != getattr(after, field)
        }
        self._record(tx, access, action="batch.changed", target=batch_id, detail=changed)
        if {"priority", "state"} & set(changed):
            self._work_control().on_batch_changed(tx, batch=after)
        return after

    def let_label(
        self, tx: Transaction, access: Access | None, batch_id: str, member_ids: Sequence[str] | None
    ) -> None:
        """Let only these members be given the tasks of a batch to label; None lets all members of its project.

        Args:
            tx: The transaction.
            access: Who wants it; None when it follows from something that is on record.
            batch_id: The batch.
            member_ids: Members of its workspace.

        Raises:
            NotFoundError: There is no such batch.
        """
        batch = self.get_batch(tx, batch_id)
        store.put_batch_members(tx, batch_id, member_ids)
        if access is not None:
            detail = {"member_ids": None if member_ids is None else sorted(set(member_ids))}
            self._record(tx, access, action="batch.members_changed", target=batch_id, detail=detail)
        self._work_control().on_batch_members_changed(tx, batch=batch)


def _check_states(before: BatchState, after: BatchState) -> None:
    if before is after:
        return
    if before is BatchState.CANCELLED:
        raise ConflictError("a cancelled batch stays cancelled; send the items again in a new batch")
    if before is BatchState.STAGING and after is BatchState.PAUSED:
        raise ConflictError("a staged batch waits already; open it before you pause it")
    if after is BatchState.STAGING:
        raise ConflictError("a batch that was opened is not staged any more; pause it instead")
