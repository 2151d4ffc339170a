"""Batches: goldsmith's own, with the callback, the metadata and the kind that Scale knows."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any, Final

from goldsmith.accounts.api import KeyAccess
from goldsmith.compat.scale_v1.callbacks import CallbackWish
from goldsmith.compat.scale_v1.service.foundation import Foundation, in_project, space_of
from goldsmith.compat.scale_v1.store import batches as store
from goldsmith.compat.scale_v1.store.batches import BatchFilter
from goldsmith.compat.scale_v1.task_types.types import ParameterFault
from goldsmith.compat.scale_v1.types import BatchRow, BatchStatus
from goldsmith.compat.scale_v1.views import batch_body, first_version_status
from goldsmith.compat.scale_v1.words import read_boolean, read_name, read_object
from goldsmith.core.errors import ConflictError, MalformedRequestError
from goldsmith.platform.database import Transaction
from goldsmith.projects.api import BatchState

_SHOWN_AS: Final = {
    BatchState.STAGING: BatchStatus.STAGING,
    BatchState.OPEN: BatchStatus.IN_PROGRESS,
    BatchState.PAUSED: BatchStatus.PAUSED,
    BatchState.CANCELLED: BatchStatus.CANCELLED,
}


class Batches(Foundation):
    """The part of the service that keeps batches."""

    def create_batch(self, tx: Transaction, key: KeyAccess, body: Mapping[str, Any]) -> dict[str, Any]:
        """Make a batch; its tasks wait until it is finalized.

        Raises:
            ParameterFault: A parameter does not hold.
            NotFoundError: There is no such project.
            ConflictError: The name is taken.
        """
        name, project_name = read_name(body, "name"), read_name(body, "project")
        metadata = read_object(body, "metadata")
        is_calibration = read_boolean(body, "calibration_batch")
        is_self_label = read_boolean(body, "self_label_batch")
        if is_calibration and is_self_label:
            raise ParameterFault('"calibration_batch" conflicts with "self_label_batch"')
        batch = self.make_batch(
            tx,
            key,
            project_name=project_name,
            name=name,
            callback=self.steps.callbacks.checked_url(_read_callback(body)),
            metadata=metadata,
            is_calibration=is_calibration,
            is_self_label=is_self_label,
        )
        return batch_body(batch)

    def make_batch(
        self,
        tx: Transaction,
        key: KeyAccess,
        *,
        project_name: str,
        name: str,
        callback: str,
        metadata: Mapping[str, Any],
        is_calibration: bool = False,
        is_self_label: bool = False,
        is_staged: bool = True,
    ) -> BatchRow:
        """Make a batch of a project; see ``create_batch``."""
        space, now_ms = space_of(key), self._now_ms()
        project = self._project(tx, space, project_name)
        if store.find_by_name(tx, space, name) is not None:
            raise ConflictError("Batch with that name already exists.")
        state = BatchState.STAGING if is_staged else BatchState.OPEN
        if key.is_test:
            batch_id = self.machine.ids.new("bat")
        else:
            kind = "calibration" if is_calibration else "self_label" if is_self_label else "production"
            made = self.steps.projects.create_batch(
                tx,
                in_project(key.access, project.project_id),
                project.project_id,
                name=name,
                origin={"kind": "scale_v1", "batch": kind},
                state=state,
            )
            batch_id = made.batch_id
        batch = BatchRow(
            batch_id=batch_id,
            space=space,
            project_id=project.project_id,
            project_name=project.name,
            name=name,
            callback=callback,
            metadata=metadata,
            is_calibration=is_calibration,
            is_self_label=is_self_label,
            state=state.value,
            status=_SHOWN_AS[state],
            priority=0,
            created_ms=now_ms,
            finalized_ms=None if is_staged else now_ms,
            completed_ms=None,
        )
        store.insert_batch(tx, batch)
        return batch

    def get_batch(self, tx: Transaction, key: KeyAccess, name: str) -> dict[str, Any]:
        """Return a batch; NotFoundError when there is none."""
        return batch_body(self._batch(tx, space_of(key), name))

    def list_batches(
        self, tx: Transaction, key: KeyAccess, wanted: BatchFilter, *, limit: int, offset: int
    ) -> dict[str, Any]:
        """Return a page of batches, newest first."""
        found, total = store.list_batches(tx, space_of(key), wanted, limit=limit, offset=offset)
        return {
            "docs": [batch_body(batch) for batch in found],
            "totalDocs": total,
            "limit": limit,
            "offset": offset,
            "has_more": offset + len(found) < total,
        }

    def batch_status(self, tx: Transaction, key: KeyAccess, name: str) -> dict[str, Any]:
        """Return where a batch and its tasks stand; statuses without tasks are absent."""
        batch = self._batch(tx, space_of(key), name)
        counts = store.count_tasks(tx, [batch.batch_id])[batch.batch_id]
        return {"status": first_version_status(batch.status).value, **counts}

    def finalize_batch(self, tx: Transaction, key: KeyAccess, name: str) -> dict[str, Any]:
        """Hand the tasks of a batch out.

        Raises:
            NotFoundError: There is no such batch.
            MalformedRequestError: It was finalized before.
        """
        return batch_body(self.open_batch(tx, key, self._batch(tx, space_of(key), name)))

    def open_batch(self, tx: Transaction, key: KeyAccess, batch: BatchRow) -> BatchRow:
        """Hand the tasks of a staged batch out; see ``finalize_batch``."""
        if batch.status is not BatchStatus.STAGING:
            raise MalformedRequestError("The batch has been finalized already.")
        self.change_state(tx, key, batch, BatchState.OPEN)
        store.change_batch(tx, batch.batch_id, finalized_ms=self._now_ms())
        self.tell_finished(tx, [batch.batch_id])
        return self._batch(tx, batch.space, batch.name)

    def change_state(self, tx: Transaction, key: KeyAccess, batch: BatchRow, state: BatchState) -> None:
        """Open, pause, resume or cancel a batch.

        Raises:
            ConflictError: It does not go from its state to the other.
        """
        if state is BatchState.CANCELLED:
            store.cancel_pending(tx, batch.batch_id, now_ms=self._now_ms())
        if not key.is_test:
            access = in_project(key.access, batch.project_id)
            self.steps.projects.change_batch(tx, access, batch.batch_id, state=state)
        elif batch.state == BatchState.CANCELLED and state is not BatchState.CANCELLED:
            raise ConflictError("a cancelled batch stays cancelled; send the tasks again in a new batch")
        elif batch.state == BatchState.STAGING and state is BatchState.PAUSED:
            raise ConflictError("a staged batch waits already; finalize it before you pause it")
        else:
            store.change_batch(tx, batch.batch_id, test_state=state.value)

    def set_batch_metadata(
        self, tx: Transaction, key: KeyAccess, name: str, metadata: Mapping[str, Any]
    ) -> dict[str, Any]:
        """Replace the metadata of a batch; NotFoundError when there is none."""
        batch = self._batch(tx, space_of(key), name)
        self.keep_batch_metadata(tx, batch, metadata)
        return batch_body(self._batch(tx, batch.space, name))

    def keep_batch_metadata(self, tx: Transaction, batch: BatchRow, metadata: Mapping[str, Any]) -> None:
        """Store the metadata of a batch."""
        store.change_batch(tx, batch.batch_id, metadata=_dump(metadata))

    def tell_finished(self, tx: Transaction, batch_ids: list[str]) -> None:
        """Queue the callbacks of those batches that are completed now, each once."""
        for batch_id in store.finished_of(tx, batch_ids):
            batch = store.find_any(tx, batch_id)
            if batch is None:
                continue
            store.change_batch(tx, batch_id, completed_ms=self._now_ms())
            wish = CallbackWish(
                workspace_id=batch.space.workspace_id,
                kind="batch",
                subject_id=batch_id,
                event="completed",
                url=batch.callback,
                is_test=batch.space.is_test,
            )
            self.steps.callbacks.queue(tx, [wish])


def _read_callback(body: Mapping[str, Any]) -> str | None:
    callback = body.get("callback")
    if not isinstance(callback, str | None):
        raise ParameterFault('"callback" must be a string')
    return callback


def _dump(metadata: Mapping[str, Any]) -> str:
    return json.dumps(dict(metadata), ensure_ascii=False)
