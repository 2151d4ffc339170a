"""Worker processes on this machine."""

from __future__ import annotations

import multiprocessing
import multiprocessing.connection
import os
import signal
import threading
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
from concurrent.futures.process import BrokenProcessPool
from typing import Final

from goldsmith.core.errors import WorkerLostError
from goldsmith.platform.engine.seam import Engine, Initializer, Input, Result, pack, run_packed
from goldsmith.platform.settings import use_one_compute_thread

_WINDOW_PER_WORKER: Final = 3


class ProcessPoolEngine(Engine):
    """Fresh processes (spawn, so that threads of the server do no harm), started at the first use.

    They end with their parent, however it ends; they compute on one thread each, so that numbers do not depend on
    the machine and processes do not fight for its cores. After one died the next ``map`` starts new ones.

    Args:
        workers: How many.
    """

    def __init__(self, workers: int) -> None:
        self._workers = workers
        self._pool: ProcessPoolExecutor | None = None
        self._lock = threading.Lock()

    def map(
        self,
        function: Callable[[Input], Result],
        inputs: Iterable[Input],
        *,
        initializer: Initializer | None = None,
        ordered: bool = True,
    ) -> Iterator[Result]:
        """Yield ``function(item)`` for each of ``inputs``."""
        pool = self._started()
        packed = pack(function, initializer)
        window: deque[Future[Result]] = deque()
        try:
            for item in inputs:
                window.append(pool.submit(run_packed, packed, item))
                if len(window) >= self._workers * _WINDOW_PER_WORKER:
                    yield _take(window, ordered=ordered)
            while window:
                yield _take(window, ordered=ordered)
        except BrokenProcessPool as error:
            self._drop(pool)
            raise WorkerLostError(
                "a worker process died, perhaps for want of memory; the work is run again"
            ) from error
        finally:
            for future in window:
                future.cancel()

    def close(self) -> None:
        """End the processes; items that have begun are waited for."""
        with self._lock:
            pool, self._pool = self._pool, None
        if pool is not None:
            pool.shutdown(wait=True, cancel_futures=True)

    def _started(self) -> ProcessPoolExecutor:
        with self._lock:
            if self._pool is None:
                context = multiprocessing.get_context("spawn")
                self._pool = ProcessPoolExecutor(
                    self._workers, mp_context=context, initializer=_begin_process
                )
            return self._pool

    def _drop(self, pool: ProcessPoolExecutor) -> None:
        with self._lock:
            if self._pool is pool:
                self._pool = None
        pool.shutdown(wait=False, cancel_futures=True)


def _take(window: deque[Future[Result]], *, ordered: bool) -> Result:
    """Remove a future from the window, the first or any that is done, and return its result."""
    if not ordered:
        done = next(iter(wait(window, return_when=FIRST_COMPLETED).done))
        window.remove(done)
        return done.result()
    return window.popleft().result()


def _begin_process() -> None:
    """Prepare a worker process: it leaves Ctrl+C to its parent and ends when its parent ends."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    use_one_compute_thread()
    threading.Thread(target=_end_with_parent, daemon=True).start()


def _end_with_parent() -> None:
    parent = multiprocessing.parent_process()
    if parent is not None:
        multiprocessing.connection.wait([parent.sentinel])
        os._exit(1)
