"""One seam for batch compute: a function over many inputs, on this machine's processes or on a Ray cluster."""

from __future__ import annotations

import multiprocessing
import pickle  # own functions to own processes only  # noqa: S403
from abc import ABC, abstractmethod
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
from concurrent.futures.process import BrokenProcessPool
from typing import Any, Final, TypeVar

from goldsmith.core.errors import MissingExtraError, WorkerLostError
from goldsmith.platform.settings import Settings

I = TypeVar("I")  # noqa: E741
R = TypeVar("R")
Initializer = Callable[[], object]
_WINDOW_PER_WORKER: Final = 4


class Engine(ABC):
    """Runs a picklable top-level function over inputs; results do not depend on the engine."""

    @abstractmethod
    def map(
        self,
        function: Callable[[I], R],
        inputs: Iterable[I],
        *,
        initializer: Initializer | None = None,
        ordered: bool = True,
    ) -> Iterator[R]:
        """Yield ``function(item)`` for each of ``inputs``, which are consumed as results leave.

        Args:
            function: A top-level function, or a ``functools.partial`` of one.
            inputs: Picklable values.
            initializer: Run once in each process before its first item, such as loading a model.
            ordered: Yield in the order of the inputs; False yields as they finish.

        Raises:
            WorkerLostError: A process died.
        """

    def close(self) -> None:
        """Release processes."""


class SerialEngine(Engine):
    """Everything in the calling thread; for tests and tiny work."""

    def map(
        self,
        function: Callable[[I], R],
        inputs: Iterable[I],
        *,
        initializer: Initializer | None = None,
        ordered: bool = True,  # noqa: ARG002
    ) -> Iterator[R]:
        """Yield ``function(item)`` for each of ``inputs``."""
        if initializer is not None:
            initializer()
        for item in inputs:
            yield function(item)


class ProcessPoolEngine(Engine):
    """Processes of this machine, started at the first use and again after one of them was killed.

    Args:
        workers: Processes.
    """

    def __init__(self, workers: int) -> None:
        self._workers = workers
        self._pool: ProcessPoolExecutor | None = None

    def map(
        self,
        function: Callable[[I], R],
        inputs: Iterable[I],
        *,
        initializer: Initializer | None = None,
        ordered: bool = True,
    ) -> Iterator[R]:
        """Yield ``function(item)`` for each of ``inputs``."""
        if self._pool is None:
            self._pool = ProcessPoolExecutor(self._workers, mp_context=multiprocessing.get_context("spawn"))
        pool = self._pool
        task = pickle.dumps((function, initializer))
        window: deque[Future[R]] = deque()
        source = iter(inputs)
        try:
            while True:
                while len(window) < self._workers * _WINDOW_PER_WORKER:
                    try:
                        item = next(source)
                    except StopIteration:
                        break
                    window.append(pool.submit(_run, task, item))
                if not window:
                    return
                if not ordered:
                    wait(window, return_when=FIRST_COMPLETED)
                    window = deque(sorted(window, key=lambda future: not future.done()))
                yield window.popleft().result()
        except BrokenProcessPool as error:
            self._pool = None
            raise WorkerLostError("a worker process died; the work can be run again") from error
        finally:
            for future in window:
                future.cancel()

    def close(self) -> None:
        """End the processes."""
        if self._pool is not None:
            self._pool.shutdown(wait=True, cancel_futures=True)
            self._pool = None


class RayEngine(Engine):
    """An existing Ray cluster, or a local one.

    Args:
        address: The cluster; empty starts a local one.
    """

    def __init__(self, address: str) -> None:
        raise MissingExtraError("ray", extra="ray")

    def map(
        self,
        function: Callable[[I], R],
        inputs: Iterable[I],
        *,
        initializer: Initializer | None = None,
        ordered: bool = True,
    ) -> Iterator[R]:
        """Yield ``function(item)`` for each of ``inputs``."""
        raise MissingExtraError("ray", extra="ray")


def open_engine(settings: Settings) -> Engine:
    """Return the engine that the settings name."""
    return (
        RayEngine(settings.ray_address)
        if settings.engine == "ray"
        else ProcessPoolEngine(settings.engine_workers)
    )


_initialized: set[bytes] = set()


def _run(task: bytes, item: Any) -> Any:
    function, initializer = pickle.loads(task)  # noqa: S301
    if initializer is not None and task not in _initialized:
        initializer()
        _initialized.add(task)
    return function(item)
