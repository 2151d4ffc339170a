"""The job runner: queueing, claiming, running, renewing leases."""

from __future__ import annotations

import os
import shutil
import socket
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final, NamedTuple, Protocol

import structlog

from goldsmith.core.errors import BugError, ConflictError, NotFoundError
from goldsmith.core.ids import Clock, Ids
from goldsmith.platform.database import Database, Transaction
from goldsmith.platform.jobs import store
from goldsmith.platform.jobs.context import Handler, JobContext
from goldsmith.platform.jobs.policy import (
    MAX_LOSSES,
    Backoff,
    exponential_backoff,
    fault_of,
    is_retryable,
    spread,
)
from goldsmith.platform.jobs.types import (
    Claimed,
    JobCancelled,
    JobFault,
    JobInterrupted,
    JobPage,
    JobState,
    JobView,
)

_log = structlog.get_logger()
_POLL_S: Final = 0.5
_BEAT_S: Final = 1.0


class Observe(Protocol):
    """Told of every run's end."""

    def __call__(self, *, kind: str, state: str, duration_s: float) -> None:
        """Count it."""


class _Kind(NamedTuple):
    handler: Handler
    max_attempts: int
    lease_ms: int
    backoff: Backoff


class Jobs:
    """Queues jobs and runs them.

    Args:
        database: Where they are kept.
        clock: Times of leases and delays.
        ids: Makes job ids.
        folder: Folder for scratch folders on this machine.
        observe: Told of every run's end.
    """

    def __init__(
        self, database: Database, clock: Clock, ids: Ids, *, folder: Path, observe: Observe | None = None
    ) -> None:
        self._database = database
        self._clock = clock
        self._ids = ids
        self._folder = folder
        self._observe = observe
        self._kinds: dict[str, _Kind] = {}
        self._worker = f"{socket.gethostname()}/{os.getpid()}/{ids.new('evt')}"
        self._wake = threading.Condition()
        self._wakes = 0
        self._is_stopping = False
        self._threads: list[threading.Thread] = []
        self._running: dict[str, tuple[JobContext, Claimed]] = {}

    def register(
        self,
        kind: str,
        handler: Handler,
        *,
        max_attempts: int = 3,
        lease_s: int = 60,
        backoff: Backoff = exponential_backoff,
    ) -> None:
        """Say how jobs of ``kind`` are run.

        Args:
            kind: Such as ``items.import``.
            handler: Runs one job and returns a JSON-able result.
            max_attempts: Failures until it is given up; a worker that vanishes is not a failure of the job.
            lease_s: Seconds after which the job of a vanished worker is taken over.
            backoff: Milliseconds to wait after the n-th failure.
        """
        if kind in self._kinds:
            raise BugError(f"job kind {kind!r} is registered twice")
        self._kinds[kind] = _Kind(handler, max_attempts, lease_s * 1000, backoff)

    def enqueue(
        self,
        tx: Transaction,
        kind: str,
        *,
        workspace_id: str,
        args: dict[str, Any],
        subject: str = "",
        unique_key: str | None = None,
        delay_ms: int = 0,
        priority: int = 0,
        created_by: str | None = None,
    ) -> str:
        """Queue a job inside the caller's transaction and return its id.

        Args:
            tx: The transaction whose commit queues it.
            kind: A registered kind.
            workspace_id: Whose it is.
            args: JSON-able arguments.
            subject: Id of what it is about.
            unique_key: At most one job with it waits; its id is returned instead of queueing another. That job sees
                what this transaction writes.
            delay_ms: Not before this time from now.
            priority: Higher runs first.
            created_by: Who asked.
        """
        if kind not in self._kinds:
            raise BugError(f"job kind {kind!r} is not registered")
        now_ms = self._clock.now_ms()
        values = {
            "job_id": self._ids.new("job"),
            "workspace_id": workspace_id,
            "kind": kind,
            "subject": subject,
            "unique_key": unique_key,
            "args": store.dump(args),
            "priority": priority,
            "available_ms": now_ms + delay_ms,
            "max_attempts": self._kinds[kind].max_attempts,
            "created_by": created_by,
            "created_ms": now_ms,
        }
        job_id = store.insert(tx, values)
        tx.after_commit(self._notify)
        return job_id

    def find(self, tx: Transaction, job_id: str, *, workspace_id: str | None = None) -> JobView | None:
        """Return the job, or None when it is not there or another workspace's."""
        row = store.find(tx, job_id)
        if row is None or workspace_id not in (None, row["workspace_id"]):
            return None
        return store.to_view(row, now_ms=self._clock.now_ms())

    def get(self, tx: Transaction, job_id: str, *, workspace_id: str | None = None) -> JobView:
        """Return the job.

        Raises:
            NotFoundError: It is not there, or another workspace's.
        """
        view = self.find(tx, job_id, workspace_id=workspace_id)
        if view is None:
            raise NotFoundError(f"job {job_id} is not there")
        return view

    def list_page(
        self,
        tx: Transaction,
        *,
        workspace_id: str,
        kind: str | None = None,
        subject: str | None = None,
        state: JobState | None = None,
        cursor: str | None = None,
        limit: int = 50,
    ) -> JobPage:
        """Return a page of a workspace's jobs, newest first."""
        rows = store.list_page(
            tx,
            workspace_id=workspace_id,
            kind=kind,
            subject=subject,
            state=state,
            cursor=cursor,
            limit=limit + 1,
        )
        now_ms = self._clock.now_ms()
        items = [store.to_view(row, now_ms=now_ms) for row in rows[:limit]]
        return JobPage(items=items, next_cursor=items[-1].job_id if len(rows) > limit else None)

    def request_cancel(self, tx: Transaction, job_id: str, *, workspace_id: str | None = None) -> JobView:
        """Cancel a waiting job; ask a running one to end.

        Raises:
            NotFoundError: It is not there, or another workspace's.
            ConflictError: It has ended.
        """
        self.get(tx, job_id, workspace_id=workspace_id)
        if not store.cancel(tx, job_id=job_id, now_ms=self._clock.now_ms()):
            raise ConflictError(f"job {job_id} has ended; there is nothing to cancel")
        tx.after_commit(self._notify)
        return self.get(tx, job_id)

    def retry(self, tx: Transaction, job_id: str, *, workspace_id: str | None = None) -> JobView:
        """Queue a failed or cancelled job again; its kept steps are not repeated.

        Raises:
            NotFoundError: It is not there, or another workspace's.
            ConflictError: It is neither failed nor cancelled.
        """
        self.get(tx, job_id, workspace_id=workspace_id)
        if not store.retry(tx, job_id=job_id, now_ms=self._clock.now_ms()):
            raise ConflictError(f"job {job_id} is neither failed nor cancelled; only such jobs are run again")
        tx.after_commit(self._notify)
        return self.get(tx, job_id)

    def prune(self, tx: Transaction, *, before_ms: int) -> int:
        """Delete jobs that ended before ``before_ms``; returns how many."""
        return store.prune(tx, before_ms=before_ms)

    def start(self, threads: int) -> None:
        """Run jobs on ``threads`` threads until ``stop``."""
        if self._threads or threads == 0:
            return
        self._is_stopping = False
        self._threads = [
            threading.Thread(target=self._work, name=f"jobs-{number}", daemon=True)
            for number in range(threads)
        ]
        self._threads.append(threading.Thread(target=self._beat, name="jobs-beat", daemon=True))
        for thread in self._threads:
            thread.start()

    def stop(self, *, grace_s: float = 10.0) -> None:
        """Interrupt running jobs, which go back to the queue, and end the threads."""
        self._is_stopping = True
        for context, _ in list(self._running.values()):
            context.interrupt()
        self._notify()
        deadline = time.monotonic() + grace_s
        for thread in self._threads:
            thread.join(max(0.0, deadline - time.monotonic()))
        self._threads = []

    def run_until_idle(self) -> int:
        """Run queued jobs in this thread until none may run now; returns how many runs that took."""
        runs = 0
        while (claimed := self._claim()) is not None:
            self._run(claimed)
            runs += 1
        return runs

    def _notify(self) -> None:
        with self._wake:
            self._wakes += 1
            self._wake.notify_all()

    def _work(self) -> None:
        while not self._is_stopping:
            seen = self._wakes
            claimed = self._claim()
            if claimed is not None:
                self._run(claimed)
                continue
            with self._wake:
                self._wake.wait_for(
                    lambda seen=seen: self._is_stopping or self._wakes != seen, timeout=_POLL_S
                )

    def _beat(self) -> None:
        while not self._is_stopping:
            time.sleep(_BEAT_S)
            for context, claimed in list(self._running.values()):
                until_ms = self._clock.now_ms() + self._kinds[claimed.kind].lease_ms
                held = self._database.write_sync(
                    lambda tx, claimed=claimed, until_ms=until_ms: store.renew(
                        tx, job_id=claimed.job_id, token=claimed.token, until_ms=until_ms
                    )
                )
                if not held:
                    context.interrupt()
            for row in self._database.read_sync(lambda tx: store.running_of(tx, self._worker)):
                entry = self._running.get(row["job_id"])
                if entry is not None and row["is_cancel_requested"]:
                    entry[0].ask_to_cancel()

    def _claim(self) -> Claimed | None:
        if not self._kinds:
            return None
        statements = store.ClaimStatements({kind: entry.lease_ms for kind, entry in self._kinds.items()})
        now_ms = self._clock.now_ms()
        available_ms = self._database.read_sync(statements.next_available_ms)
        if available_ms is None or available_ms > now_ms:
            return None
        return self._database.write_sync(lambda tx: statements.claim(tx, worker=self._worker, now_ms=now_ms))

    def _run(self, claimed: Claimed) -> None:
        kind = self._kinds[claimed.kind]
        context = JobContext(
            claimed, database=self._database, clock=self._clock, scratch_root=self._folder / "scratch"
        )
        self._running[claimed.job_id] = (context, claimed)
        began = time.monotonic()
        state = "lost"
        try:
            state = self._end(claimed, self._outcome(claimed, kind, context))
        finally:
            del self._running[claimed.job_id]
            if self._observe is not None:
                self._observe(kind=claimed.kind, state=state, duration_s=time.monotonic() - began)

    def _outcome(self, claimed: Claimed, kind: _Kind, context: JobContext) -> Callable[[Transaction], str]:
        if claimed.losses > MAX_LOSSES:
            fault = JobFault(
                code="worker_lost", detail="the process that ran it ended abruptly, again and again"
            )
            return self._closing(claimed, JobState.FAILED, error=fault)
        if claimed.unique_key is not None and self._database.dialect == "postgresql":
            key = claimed.unique_key
            self._database.write_sync(lambda tx: store.await_enqueuers(tx, key))
        try:
            context.raise_if_cancelled()
            result = kind.handler(context)
            return self._closing(claimed, JobState.DONE, result=store.dump(result))
        except JobCancelled:
            return self._closing(claimed, JobState.CANCELLED)
        except JobInterrupted:
            return self._requeueing(claimed, failures=claimed.failures, delay_ms=0, error=None)
        except Exception as error:  # noqa: BLE001  a job's failure is kept with the job
            fault = fault_of(error)
            failures = claimed.failures + 1
            _log.warning(
                "job failed", job_id=claimed.job_id, kind=claimed.kind, exc_info=fault.code == "internal"
            )
            if not is_retryable(error) or failures >= claimed.max_attempts:
                return self._closing(claimed, JobState.FAILED, error=fault)
            delay_ms = spread(kind.backoff(failures), job_id=claimed.job_id)
            return self._requeueing(claimed, failures=failures, delay_ms=delay_ms, error=fault)

    def _closing(
        self, claimed: Claimed, state: JobState, *, result: str | None = None, error: JobFault | None = None
    ) -> Callable[[Transaction], str]:
        def close(tx: Transaction) -> str:
            fault = None if error is None else error.model_dump_json()
            store.finish(
                tx,
                job_id=claimed.job_id,
                token=claimed.token,
                state=state,
                result=result,
                error=fault,
                now_ms=self._clock.now_ms(),
            )
            return state.value

        return close

    def _requeueing(
        self, claimed: Claimed, *, failures: int, delay_ms: int, error: JobFault | None
    ) -> Callable[[Transaction], str]:
        def put_back(tx: Transaction) -> str:
            fault = None if error is None else error.model_dump_json()
            store.requeue(
                tx,
                job_id=claimed.job_id,
                token=claimed.token,
                available_ms=self._clock.now_ms() + delay_ms,
                failures=failures,
                error=fault,
            )
            return "requeued"

        return put_back

    def _end(self, claimed: Claimed, closing: Callable[[Transaction], str]) -> str:
        state = self._database.write_sync(closing)
        if state != "requeued":
            shutil.rmtree(self._folder / "scratch" / claimed.job_id, ignore_errors=True)
        return state
