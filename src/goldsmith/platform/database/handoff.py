"""From the event loop to database threads and back, with as few wake-ups as possible.

``loop.run_in_executor`` costs about 60 us of CPU a call under load: two futures, a lock and a write to the loop's
wake-up pipe for each. Here results that finish while the loop is busy share one wake-up.
"""

from __future__ import annotations

import asyncio
import queue
import threading
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future
from typing import Any

import structlog

from goldsmith.core.errors import DatabaseBusyError
from goldsmith.platform.database.seam import Operation

_log = structlog.get_logger()
NextPending = Callable[[], "Pending | None"]
"""Takes the next queued operation without waiting; None when there is none."""


class Pending:
    """An operation on its way to a database thread; exactly one of ``result`` and ``error`` counts when delivered."""

    __slots__ = ("deliver", "error", "future", "operation", "result")

    def __init__(
        self,
        operation: Operation[Any],
        future: asyncio.Future[Any] | Future[Any],
        deliver: Callable[[Pending], None],
    ) -> None:
        self.operation = operation
        self.future = future
        self.deliver = deliver
        self.result: Any = None
        self.error: BaseException | None = None

    def settle(self) -> None:
        """Hand the outcome to the waiting future; a cancelled one wants it no more."""
        if self.future.done():
            return
        if self.error is not None:
            self.future.set_exception(self.error)
        else:
            self.future.set_result(self.result)


def run_callbacks(callbacks: Iterable[Callable[[], None]]) -> None:
    """Tell those who waited for the commit; their errors are logged, for the commit stands."""
    for callback in callbacks:
        try:
            callback()
        except Exception:  # noqa: BLE001  see above
            _log.exception("callback after a commit failed")


class Mailbox:
    """Brings outcomes into one event loop."""

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self.loop = loop
        self._outcomes: deque[Pending] = deque()
        self._is_scheduled = False

    def post(self, pending: Pending) -> None:
        """Deliver from any thread; an outcome for a loop that has ended is dropped, for nobody waits there."""
        self._outcomes.append(pending)
        if not self._is_scheduled:
            self._is_scheduled = True
            try:
                self.loop.call_soon_threadsafe(self._empty)
            except RuntimeError:
                self._outcomes.clear()

    def _empty(self) -> None:
        self._is_scheduled = (
            False  # before taking: whoever posts from now on schedules again or is taken below
        )
        while self._outcomes:
            self._outcomes.popleft().settle()


class Mailboxes:
    """The mailbox of each event loop that uses a database; in a server there is one."""

    def __init__(self) -> None:
        self._latest: Mailbox | None = None
        self._others: list[Mailbox] = []

    def of_running_loop(self) -> Mailbox:
        """Return the mailbox of the running loop."""
        loop = asyncio.get_running_loop()
        latest = self._latest
        if latest is not None and latest.loop is loop:
            return latest
        known = [box for box in [*self._others, *([latest] if latest else [])] if not box.loop.is_closed()]
        found = next((box for box in known if box.loop is loop), None) or Mailbox(loop)
        self._others = [box for box in known if box is not found]
        self._latest = found
        return found


class ThreadTeam:
    """Threads, started by the first operations, that take operations from one queue.

    Args:
        name: Name of the threads.
        size: How many at most.
        run_all: Given the first operation and a way to get further ones without waiting, runs and delivers each.
    """

    def __init__(self, name: str, size: int, run_all: Callable[[Pending, NextPending], None]) -> None:
        self._name = name
        self._size = size
        self._run_all = run_all
        self._queue: queue.SimpleQueue[Pending | None] = queue.SimpleQueue()
        self._threads: list[threading.Thread] = []
        self._lock = threading.Lock()
        self._is_closed = False

    def submit(self, pending: Pending) -> None:
        """Queue an operation.

        Raises:
            DatabaseBusyError: The database is being closed.
        """
        with self._lock:
            if self._is_closed:
                raise DatabaseBusyError("the database is closed; the server is going down")
            self._queue.put(pending)
            if len(self._threads) < self._size:
                name = f"{self._name}-{len(self._threads)}"
                thread = threading.Thread(target=self._work, name=name, daemon=True)
                self._threads.append(thread)
                thread.start()

    def take_all(self) -> Iterator[Pending]:
        """Take what waits for a thread away again."""
        while (pending := self._next()) is not None:
            yield pending

    def contains_current_thread(self) -> bool:
        """Say whether the caller is one of the threads."""
        return threading.current_thread() in self._threads

    def close(self) -> None:
        """Finish what was queued and end the threads."""
        with self._lock:
            self._is_closed = True
            threads = list(self._threads)
        for _ in threads:
            self._queue.put(None)
        for thread in threads:
            thread.join()

    def _work(self) -> None:
        while True:
            pending = self._queue.get()
            if pending is None:
                return
            try:
                self._run_all(pending, self._next)
            except Exception:  # noqa: BLE001  the thread must live on; operations' own errors never come here
                _log.exception("database thread failed", thread=threading.current_thread().name)

    def _next(self) -> Pending | None:
        try:
            pending = self._queue.get_nowait()
        except queue.Empty:
            return None
        if pending is None:
            self._queue.put(None)
        return pending
