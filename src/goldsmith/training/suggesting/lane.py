"""Threads of their own for models, with a bound: the server answers everybody else meanwhile."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from typing import TypeVar

from goldsmith.core.errors import LimitExceededError

R = TypeVar("R")


class Lane:
    """Runs functions one after the other on a few threads.

    Args:
        name: Of the threads.
        threads: How many run at once.
        most_waiting: More than this many at work or waiting are refused.
    """

    def __init__(self, name: str, *, threads: int, most_waiting: int) -> None:
        self._name = name
        self._threads = threads
        self._most = most_waiting
        self._count = 0
        self._lock = threading.Lock()
        self._pool: ThreadPoolExecutor | None = None

    async def run(self, work: Callable[[], R]) -> R:
        """Run ``work`` on a thread of the lane.

        Raises:
            LimitExceededError: Too many wait already.
        """
        with self._lock:
            if self._count >= self._most:
                raise LimitExceededError(
                    "the models are busy with other people's pictures; try again in a moment"
                )
            self._count += 1
            if self._pool is None:
                self._pool = ThreadPoolExecutor(self._threads, thread_name_prefix=self._name)
            future = self._pool.submit(work)
        # whoever stops waiting takes what has not begun along; what runs counts until it is through
        future.add_done_callback(self._done)
        return await asyncio.wrap_future(future)

    def _done(self, _future: Future[R]) -> None:
        with self._lock:
            self._count -= 1

    def close(self) -> None:
        """Let what runs finish and drop what waits."""
        if self._pool is not None:
            self._pool.shutdown(wait=True, cancel_futures=True)
            self._pool = None
