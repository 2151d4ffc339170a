"""What the steps see of jobs: registering kinds, queueing, looking, cancelling, running."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Final, TypeVar

from goldsmith.core.errors import BugError, ConflictError, NotFoundError
from goldsmith.core.ids import Clock, Ids
from goldsmith.platform.database import Database, Transaction
from goldsmith.platform.jobs import store
from goldsmith.platform.jobs.context import Handler
from goldsmith.platform.jobs.policy import Backoff, exponential_backoff
from goldsmith.platform.jobs.presence import Presence
from goldsmith.platform.jobs.types import JobPage, JobState, JobView, JobWork
from goldsmith.platform.jobs.worker import Kind, Observe, Worker

W = TypeVar("W", bound=JobWork)
_RETENTION_MS: Final = 30 * 86_400_000


class Jobs:
    """Queues jobs and runs them.

    Args:
        database: Where they are kept.
        clock: Times of leases and delays.
        ids: Makes job ids.
        folder: For scratch folders and locks of this machine's workers.
        observe: Told of every run's end.
        retention_ms: How long closed jobs are kept.
    """

    def __init__(
        self,
        database: Database,
        clock: Clock,
        ids: Ids,
        *,
        folder: Path,
        observe: Observe | None = None,
        retention_ms: int = _RETENTION_MS,
    ) -> None:
        self._clock = clock
        self._ids = ids
        self._kinds: dict[str, Kind] = {}
        self._worker = Worker(
            database,
            clock,
            kinds=self._kinds,
            folder=folder,
            presence=Presence(folder / "workers", suffix=ids.new("wrk")),
            observe=observe,
            retention_ms=retention_ms,
        )

    def register(
        self,
        kind: str,
        handler: Handler,
        *,
        max_attempts: int = 3,
        lease_s: int = 60,
        backoff: Backoff = exponential_backoff,
        max_running: int | None = None,
        is_quick: bool = False,
        own_threads: int = 0,
    ) -> None:
        """Say how jobs of ``kind`` are run.

        Args:
            kind: Such as ``items.import``.
            handler: Runs one job and returns a JSON-able result.
            max_attempts: Failures until it is given up; a worker that vanishes is not a failure of the job.
            lease_s: Seconds after which the job of a worker that vanished with its machine is taken over.
            backoff: Milliseconds to wait after the n-th failure.
            max_running: At most so many at once in a process; None for no limit but the threads.
            is_quick: Takes a moment; has a thread of its own beside the others, so that it never waits behind long
                work.
            own_threads: Runs on so many threads of its own and on no others: for work that waits for machines that
                are not ours, so that whoever hangs there keeps nothing else waiting.

        Raises:
            BugError: The kind is registered already.
        """
        if kind in self._kinds:
            raise BugError(f"job kind {kind!r} is registered twice")
        self._kinds[kind] = Kind(
            handler, max_attempts, lease_s * 1000, backoff, max_running, is_quick, own_threads
        )

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
            unique_key: At most one job with it waits, whose id is returned instead of queueing another, and at most
                one runs. The job that waits sees what this transaction writes.
            delay_ms: Not before this time from now.
            priority: Higher runs first.
            created_by: Who asked.

        Raises:
            BugError: The kind is not registered.
            InvalidInputError: ``args`` are no JSON values.
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
        if job_id == values["job_id"]:
            tx.after_commit(self._worker.notify)
        return job_id

    def find(self, tx: Transaction, job_id: str, *, workspace_id: str | None = None) -> JobView | None:
        """Return the job, or None when it is not there or another workspace's."""
        row = store.find(tx, job_id)
        if row is None or workspace_id not in (None, row["workspace_id"]):
            return None
        return store.to_view(row, now_ms=self._clock.now_ms())

    def stand_of(self, tx: Transaction, work: W) -> W:
        """Return what a job makes as it stands; where its step could not write how it ended, the job tells."""
        job = None if work.state == "done" else self.find(tx, work.job_id)
        if job is None or job.state == "done":
            return work
        reason = None if job.error is None else job.error.detail
        ended_ms = None if job.state.is_open else work.finished_ms or job.finished_ms
        return work.model_copy(update={"state": job.state.value, "error": reason, "finished_ms": ended_ms})

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
        """Return a page of a workspace's jobs, newest first, older than ``cursor``."""
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

    def count_open(self, tx: Transaction) -> dict[str, int]:
        """Return how many jobs are queued and running, in all workspaces; for metrics."""
        return store.count_open(tx)

    def request_cancel(self, tx: Transaction, job_id: str, *, workspace_id: str | None = None) -> JobView:
        """Cancel a waiting job; ask a running one to end, which it does within about a second.

        Raises:
            NotFoundError: It is not there, or another workspace's.
            ConflictError: It has ended.
        """
        self.get(tx, job_id, workspace_id=workspace_id)
        if not store.cancel(tx, job_id=job_id, now_ms=self._clock.now_ms()):
            raise ConflictError(f"job {job_id} has ended; there is nothing to cancel")
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
        tx.after_commit(self._worker.notify)
        return self.get(tx, job_id)

    def put_off(self, tx: Transaction, kind: str, *, workspace_id: str, subject: str, delay_ms: int) -> int:
        """Let the waiting jobs of a kind and subject that are due now wait longer; returns how many.

        For whoever learnt that they would fail at this moment: what they depend on does not answer.

        Args:
            tx: The transaction that puts them off.
            kind: Of the jobs.
            workspace_id: Whose they are.
            subject: What they are about.
            delay_ms: How long they wait from now.
        """
        values = {"kind": kind, "workspace_id": workspace_id, "subject": subject}
        now_ms = self._clock.now_ms()
        return store.put_off(tx, {**values, "now_ms": now_ms, "until_ms": now_ms + delay_ms})

    def prune(self, tx: Transaction, *, before_ms: int) -> int:
        """Delete jobs that ended before ``before_ms``; returns how many."""
        return store.prune(tx, before_ms=before_ms)

    def start(self, threads: int) -> None:
        """Run jobs on ``threads`` threads, and quick ones on one more, until ``stop``; 0 runs none."""
        self._worker.start(threads)

    def stop(self, *, grace_s: float = 10.0) -> None:
        """Interrupt running jobs, which go back to the queue, and end the threads.

        Args:
            grace_s: How long to wait for handlers to notice. One that does not is run again by the next worker.
        """
        self._worker.stop(grace_s=grace_s)

    def run_until_idle(self) -> int:
        """Run queued jobs in this thread until none may run now; returns how many runs that took."""
        return self._worker.run_until_idle()
