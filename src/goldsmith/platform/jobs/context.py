"""What a running job's handler is given."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final, TypeVar

from goldsmith.core.ids import Clock
from goldsmith.platform.database import Database, Transaction
from goldsmith.platform.jobs import store
from goldsmith.platform.jobs.policy import smoothed_rate
from goldsmith.platform.jobs.types import Claimed, JobCancelled, JobInterrupted

T = TypeVar("T")
Handler = Callable[["JobContext"], Any]
"""Runs one job and returns a JSON-able result."""
_PROGRESS_INTERVAL_MS: Final = 500


class JobContext:
    """The running job: its arguments, its kept steps, its progress.

    Attributes:
        job_id: Its id.
        workspace_id: The workspace it belongs to.
        subject: Id of what it is about, such as a project.
        args: What it was queued with.
        attempt: Which run this is, from 1.
        created_by: Who queued it.
    """

    def __init__(self, claimed: Claimed, *, database: Database, clock: Clock, scratch_root: Path) -> None:
        self.job_id = claimed.job_id
        self.workspace_id = claimed.workspace_id
        self.subject = claimed.subject
        self.args: dict[str, Any] = claimed.args
        self.attempt = claimed.attempt
        self.created_by = claimed.created_by
        self._token = claimed.token
        self._database = database
        self._clock = clock
        self._scratch_root = scratch_root
        self._cancel = threading.Event()
        self._interrupt = threading.Event()
        self._written_done = 0
        self._written_ms: int | None = None
        self._rate_per_s: float | None = None
        if claimed.is_cancel_requested:
            self._cancel.set()

    @property
    def scratch_dir(self) -> Path:
        """A folder of this job's own on this machine, kept over attempts and removed at its end; for checkpoints."""
        folder = self._scratch_root / self.job_id
        folder.mkdir(parents=True, exist_ok=True)
        return folder

    def step(self, name: str, fn: Callable[[], T]) -> T:
        """Run ``fn`` and keep its result; after a crash the kept result is returned instead.

        ``fn`` runs at least once: a crash between its end and the keeping runs it again.

        Args:
            name: Unique within the job, such as ``"decode:17"``.
            fn: Returns a JSON-able result.
        """
        self.raise_if_cancelled()
        kept = self._find_kept(name)
        if kept is None:
            result = store.dump(fn())
            self._database.write_sync(lambda tx: self._keep(tx, name, result))
            kept = result
        decoded: T = json.loads(kept)
        return decoded

    def step_in_transaction(self, name: str, fn: Callable[[Transaction], T]) -> T:
        """Run ``fn(tx)`` and keep its result in the same transaction: its effect happens exactly once.

        Keep ``fn`` short (tens of milliseconds): on SQLite all writers wait for it.
        """
        self.raise_if_cancelled()

        def run(tx: Transaction) -> str:
            kept = store.find_step(tx, job_id=self.job_id, name=name)
            if kept is None:
                self._require_lease(tx)
                kept = store.dump(fn(tx))
                store.keep_step(tx, job_id=self.job_id, name=name, result=kept, now_ms=self._clock.now_ms())
            return kept

        decoded: T = json.loads(self._database.write_sync(run))
        return decoded

    def progress(self, done: int, total: int | None = None, message: str = "") -> None:
        """Tell readers how far it is; written at most twice a second.

        Args:
            done: Units done so far.
            total: Units in all, when known.
            message: What it does at the moment, for people.

        Raises:
            JobCancelled: Somebody asked for the job to end.
        """
        self.raise_if_cancelled()
        now_ms = self._clock.now_ms()
        if (
            self._written_ms is not None
            and now_ms - self._written_ms < _PROGRESS_INTERVAL_MS
            and done != total
        ):
            return
        if self._written_ms is not None:
            elapsed_s = (now_ms - self._written_ms) / 1000
            self._rate_per_s = smoothed_rate(
                self._rate_per_s, done_delta=done - self._written_done, elapsed_s=elapsed_s
            )
        self._written_done, self._written_ms = done, now_ms
        values = {
            "job_id": self.job_id,
            "token": self._token,
            "done": done,
            "total": total,
            "message": message,
        }
        values |= {"now_ms": now_ms, "rate_per_s": self._rate_per_s}
        is_cancel_requested = self._database.write_sync(lambda tx: store.write_progress(tx, values))
        if is_cancel_requested is None:
            self._interrupt.set()
        elif is_cancel_requested:
            self._cancel.set()
        self.raise_if_cancelled()

    def raise_if_cancelled(self) -> None:
        """End the handler when somebody asked for it, or this worker goes down.

        Raises:
            JobCancelled: Somebody asked for the job to end.
            JobInterrupted: The worker goes down, or lost the lease; the job is run again.
        """
        if self._interrupt.is_set():
            raise JobInterrupted
        if self._cancel.is_set():
            raise JobCancelled

    @contextmanager
    def telling_end(self, tell: Callable[[Transaction, str], object]) -> Iterator[None]:
        """Tell what the job is about that it ended ``cancelled`` or ``failed``; not where a worker going down ends it.

        A failure is told also where the job is tried again, which then tells of itself as at the first time.

        Args:
            tell: Notes the state, in a transaction of its own.
        """
        try:
            yield
        except JobInterrupted:
            raise
        except BaseException as error:
            state = "cancelled" if isinstance(error, JobCancelled) else "failed"
            self._database.write_sync(lambda tx: tell(tx, state))
            raise

    def should_stop(self) -> bool:
        """Say whether the handler should save what it has and call ``raise_if_cancelled``."""
        return self._interrupt.is_set() or self._cancel.is_set()

    def ask_to_cancel(self) -> None:
        """For the runner: somebody asked for the job to end."""
        self._cancel.set()

    def interrupt(self) -> None:
        """For the runner: this worker goes down, or lost the lease."""
        self._interrupt.set()

    def _find_kept(self, name: str) -> str | None:
        return self._database.read_sync(lambda tx: store.find_step(tx, job_id=self.job_id, name=name))

    def _keep(self, tx: Transaction, name: str, result: str) -> None:
        self._require_lease(tx)
        store.keep_step(tx, job_id=self.job_id, name=name, result=result, now_ms=self._clock.now_ms())

    def _require_lease(self, tx: Transaction) -> None:
        if not store.is_held(tx, job_id=self.job_id, token=self._token):
            self._interrupt.set()
            raise JobInterrupted
