"""Claiming jobs, running them, keeping their leases."""

from __future__ import annotations

import shutil
import threading
import time
from collections import Counter
from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path
from typing import Final, NamedTuple, Protocol

import structlog

from goldsmith.core.errors import ConflictError, GoldsmithError
from goldsmith.core.ids import Clock
from goldsmith.platform.database import Database, Transaction
from goldsmith.platform.jobs import store
from goldsmith.platform.jobs.context import Handler, JobContext
from goldsmith.platform.jobs.policy import MAX_LOSSES, Backoff, fault_of, is_retryable, spread
from goldsmith.platform.jobs.presence import Presence
from goldsmith.platform.jobs.types import Claimed, JobCancelled, JobFault, JobInterrupted, JobState

_log = structlog.get_logger()
_POLL_S: Final = 0.5
_BEAT_S: Final = 0.5
_LOOK_AROUND_S: Final = 5.0
_TIDY_S: Final = 3600.0
_RENEWALS_A_LEASE: Final = 3


class Observe(Protocol):
    """Told of every run's end."""

    def __call__(self, *, kind: str, state: str, duration_s: float) -> None:
        """Count it."""


class Kind(NamedTuple):
    """How jobs of a kind are run."""

    handler: Handler
    max_attempts: int
    lease_ms: int
    backoff: Backoff
    max_running: int | None
    is_quick: bool
    own_threads: int = 0


class _Running(NamedTuple):
    context: JobContext
    claimed: Claimed
    lease_ms: int


class Worker:
    """Runs jobs in this process, on threads or in the caller's.

    Args:
        database: Where jobs are kept.
        clock: Times of leases and delays.
        kinds: What this worker can run; may grow until it starts.
        folder: For scratch folders and locks on this machine.
        presence: This worker's name and lock.
        observe: Told of every run's end.
        retention_ms: How long closed jobs are kept.
    """

    def __init__(
        self,
        database: Database,
        clock: Clock,
        *,
        kinds: Mapping[str, Kind],
        folder: Path,
        presence: Presence,
        observe: Observe | None,
        retention_ms: int,
    ) -> None:
        self._database = database
        self._clock = clock
        self._kinds = kinds
        self._scratch_root = folder / "scratch"
        self._presence = presence
        self._observe = observe
        self._retention_ms = retention_ms
        self._statements: dict[tuple[str, ...], store.ClaimStatements] = {}
        self._claiming = threading.Lock()
        self._running: dict[tuple[str, int], _Running] = {}  # by job and token: a lost job may come again
        self._wake = threading.Condition()
        self._wakes = 0
        self._stopping = threading.Event()
        self._threads: list[threading.Thread] = []
        self._beating: threading.Thread | None = None

    def start(self, threads: int) -> None:
        """Run jobs on ``threads`` threads, quick ones on one more, and those with own threads there, until ``stop``."""
        if self._threads or threads == 0:
            return
        self._begin()
        shared = [name for name, kind in self._kinds.items() if not kind.own_threads]
        quick = [name for name, kind in self._kinds.items() if kind.is_quick]
        works: list[tuple[str, Callable[[], None]]] = [
            (f"jobs-{number}", partial(self._work, shared)) for number in range(threads)
        ]
        if quick:
            works.append(("jobs-quick", partial(self._work, quick)))
        works += [
            (f"{name}-{number}", partial(self._work, [name]))
            for name, kind in self._kinds.items()
            for number in range(kind.own_threads)
        ]
        self._threads = [threading.Thread(target=work, name=name, daemon=True) for name, work in works]
        for thread in self._threads:
            thread.start()

    def stop(self, *, grace_s: float) -> None:
        """Interrupt running jobs, which go back to the queue, and end the threads."""
        self._stopping.set()
        for running in list(self._running.values()):
            running.context.interrupt()
        self.notify()
        deadline_s = time.monotonic() + grace_s
        for thread in [*self._threads, *([self._beating] if self._beating else [])]:
            thread.join(max(0.0, deadline_s - time.monotonic()))
        if not self._running:
            self._presence.hide()  # else whoever looks around shall see that they are still running
        self._threads, self._beating = [], None

    def run_until_idle(self) -> int:
        """Run jobs in this thread until none may run now; returns how many runs that took."""
        self._begin()
        runs = 0
        while (claimed := self._claim(list(self._kinds))) is not None:
            self._run(claimed)
            runs += 1
        return runs

    def notify(self) -> None:
        """Look at the queue now."""
        with self._wake:
            self._wakes += 1
            self._wake.notify_all()

    def _begin(self) -> None:
        self._stopping.clear()
        self._presence.show()
        if self._beating is None:
            self._take_over()
            self._tidy()
            self._beating = threading.Thread(target=self._beat, name="jobs-beat", daemon=True)
            self._beating.start()

    def _work(self, kinds: list[str]) -> None:
        while not self._stopping.is_set():
            seen = self._wakes
            try:
                claimed = self._claim(kinds)
                if claimed is not None:
                    self._run(claimed)
                    continue
            except GoldsmithError as error:
                _log.warning("job queue not reached", reason=error.detail)
            except Exception:  # noqa: BLE001  the thread must live on
                _log.exception("job thread failed")
            with self._wake:
                self._wake.wait_for(partial(self._is_due, seen), _POLL_S)

    def _is_due(self, seen: int) -> bool:
        return self._stopping.is_set() or self._wakes != seen

    def _claim(self, kinds: list[str]) -> Claimed | None:
        """Take a job of one of ``kinds`` that are not at their limit in this process."""
        with self._claiming:
            counts = Counter(running.claimed.kind for running in self._running.values())
            free = tuple(kind for kind in kinds if counts[kind] < (self._kinds[kind].max_running or 1 << 30))
            if not free:
                return None
            statements = self._statements.get(free)
            if statements is None:
                leases_ms = {kind: self._kinds[kind].lease_ms for kind in free}
                statements = self._statements[free] = store.ClaimStatements(leases_ms)
            now_ms = self._clock.now_ms()
            if not self._database.read_sync(partial(statements.is_any_due, now_ms=now_ms)):
                return None
            claim = partial(statements.claim, worker=self._presence.worker, now_ms=now_ms)
            try:
                claimed = self._database.write_sync(claim)
            except ConflictError:  # at this moment another worker took a job with the same key
                return None
            if claimed is not None:
                context = JobContext(
                    claimed, database=self._database, clock=self._clock, scratch_root=self._scratch_root
                )
                lease_ms = self._kinds[claimed.kind].lease_ms
                self._running[claimed.job_id, claimed.token] = _Running(context, claimed, lease_ms)
            return claimed

    def _run(self, claimed: Claimed) -> None:
        began_s = time.monotonic()
        state = "lost"
        try:
            close = self._outcome(claimed, self._running[claimed.job_id, claimed.token].context)
            state = self._database.write_sync(close)
            if state in (JobState.DONE, JobState.FAILED, JobState.CANCELLED):
                shutil.rmtree(self._scratch_root / claimed.job_id, ignore_errors=True)
        finally:
            del self._running[claimed.job_id, claimed.token]
            if self._observe is not None:
                self._observe(kind=claimed.kind, state=state, duration_s=time.monotonic() - began_s)
            self.notify()  # a kind at its limit may run again

    def _outcome(self, claimed: Claimed, context: JobContext) -> Callable[[Transaction], str]:
        """Run the handler and return what is to be written."""
        kind = self._kinds[claimed.kind]
        if claimed.losses > MAX_LOSSES:
            detail = "the process that ran it ended abruptly again and again; it may need more memory"
            return self._closing(claimed, JobState.FAILED, error=JobFault(code="worker_lost", detail=detail))
        try:
            self._await_enqueuers(claimed)
            context.raise_if_cancelled()
            return self._closing(claimed, JobState.DONE, result=store.dump(kind.handler(context)))
        except JobCancelled:
            return self._closing(claimed, JobState.CANCELLED)
        except JobInterrupted:
            return self._requeueing(claimed, failures=claimed.failures, delay_ms=0, error=None)
        except Exception as error:  # noqa: BLE001  a job's failure is kept with the job
            return self._failing(claimed, kind, error)
        except BaseException:
            self._database.write_sync(
                self._requeueing(claimed, failures=claimed.failures, delay_ms=0, error=None)
            )
            raise

    def _await_enqueuers(self, claimed: Claimed) -> None:
        if claimed.unique_key is not None and self._database.dialect == "postgresql":
            key = claimed.unique_key
            self._database.write_sync(lambda tx: store.await_enqueuers(tx, key))

    def _failing(self, claimed: Claimed, kind: Kind, error: Exception) -> Callable[[Transaction], str]:
        fault = fault_of(error)
        failures = claimed.failures + 1
        is_final = not is_retryable(error) or failures >= claimed.max_attempts
        _log.warning(
            "job failed",
            job_id=claimed.job_id,
            kind=claimed.kind,
            code=fault.code,
            detail=fault.detail,
            is_final=is_final,
            exc_info=error if fault.code == "internal" else None,
        )
        if is_final:
            return self._closing(claimed, JobState.FAILED, error=fault)
        delay_ms = spread(kind.backoff(failures), job_id=claimed.job_id)
        return self._requeueing(claimed, failures=failures, delay_ms=delay_ms, error=fault)

    def _closing(
        self, claimed: Claimed, state: JobState, *, result: str | None = None, error: JobFault | None = None
    ) -> Callable[[Transaction], str]:
        fault = None if error is None else error.model_dump_json()

        def close(tx: Transaction) -> str:
            held = store.finish(
                tx,
                job_id=claimed.job_id,
                token=claimed.token,
                state=state,
                result=result,
                error=fault,
                now_ms=self._clock.now_ms(),
            )
            return state.value if held else "lost"

        return close

    def _requeueing(
        self, claimed: Claimed, *, failures: int, delay_ms: int, error: JobFault | None
    ) -> Callable[[Transaction], str]:
        fault = None if error is None else error.model_dump_json()

        def put_back(tx: Transaction) -> str:
            held = store.requeue(
                tx,
                job_id=claimed.job_id,
                token=claimed.token,
                available_ms=self._clock.now_ms() + delay_ms,
                failures=failures,
                error=fault,
            )
            return "requeued" if held else "lost"

        return put_back

    def _beat(self) -> None:
        """Renew leases, notice cancelled jobs and dead workers, prune."""
        looked_s = tidied_s = time.monotonic()
        renewed_ms: dict[tuple[str, int], int] = {}
        while not self._stopping.wait(_BEAT_S):
            now_s = time.monotonic()
            try:
                if self._running:
                    renewed_ms = self._renew(renewed_ms)
                    self._look_for_cancels()
                if now_s - looked_s >= _LOOK_AROUND_S:
                    looked_s = now_s
                    self._take_over()
                if now_s - tidied_s >= _TIDY_S:
                    tidied_s = now_s
                    self._tidy()
            except GoldsmithError as error:
                _log.warning("leases not renewed", reason=error.detail)
            except Exception:  # noqa: BLE001  the thread must live on
                _log.exception("lease thread failed")

    def _renew(self, renewed_ms: dict[tuple[str, int], int]) -> dict[tuple[str, int], int]:
        """Renew the leases that are a third used up; takes and returns when each was renewed last."""
        after: dict[tuple[str, int], int] = {}
        for key, running in list(self._running.items()):
            now_ms = self._clock.now_ms()
            after[key] = renewed_ms.get(key, now_ms)
            if now_ms - after[key] < running.lease_ms / _RENEWALS_A_LEASE:
                continue
            until_ms = now_ms + running.lease_ms
            if not self._database.write_sync(
                partial(store.renew, job_id=key[0], token=key[1], until_ms=until_ms)
            ):
                running.context.interrupt()
            after[key] = now_ms
        return after

    def _look_for_cancels(self) -> None:
        worker = self._presence.worker
        for row in self._database.read_sync(lambda tx: store.running_of(tx, worker)):
            running = self._running.get((row["job_id"], row["token"]))
            if running is not None and row["is_cancel_requested"]:
                running.context.ask_to_cancel()

    def _take_over(self) -> None:
        """Free the jobs of this machine's workers that died."""
        for worker in self._presence.gone_workers():
            now_ms = self._clock.now_ms()
            freed = self._database.write_sync(partial(store.free_jobs_of, worker=worker, now_ms=now_ms))
            self._presence.forget(worker)
            if freed:
                _log.info("jobs of a dead worker taken over", worker=worker, jobs=freed)
                self.notify()

    def _tidy(self) -> None:
        """Forget closed jobs after a while, and remove what jobs that ended elsewhere left on this machine's disk."""
        before_ms = self._clock.now_ms() - self._retention_ms
        self._database.write_sync(partial(store.prune, before_ms=before_ms))
        if not self._scratch_root.is_dir():
            return
        for folder in self._scratch_root.iterdir():
            row = self._database.read_sync(partial(store.find, job_id=folder.name))
            if row is None or not row["is_open"]:
                shutil.rmtree(folder, ignore_errors=True)
