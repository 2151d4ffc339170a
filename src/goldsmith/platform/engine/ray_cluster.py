"""Ray: the same work on an existing cluster. The only module that imports ray; comes with the extra ``ray``."""

from __future__ import annotations

import logging
import threading
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from typing import Any, Final

from goldsmith.core.errors import DependencyError, MissingExtraError, WorkerLostError
from goldsmith.platform.engine.seam import Engine, Initializer, Input, Result, pack, run_packed

_WINDOW_PER_CPU: Final = 3


class RayEngine(Engine):
    """A Ray cluster, joined at the first use.

    Its nodes need the same version of goldsmith installed. Ray's own usage reports are switched off before it is
    imported.

    Args:
        address: Such as ``ray://head:10001``; empty starts a local one.
        workers: Processes of a local one.

    Raises:
        MissingExtraError: Ray is not installed.
    """

    def __init__(self, address: str, *, workers: int) -> None:
        try:
            import ray
        except ImportError as error:
            raise MissingExtraError("ray", extra="ray") from error
        self._ray: Any = ray
        self._address = address
        self._workers = workers
        self._remote: Any = None
        self._window = 1
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
        remote = self._joined()
        packed = self._ray.put(pack(function, initializer))
        window: deque[Any] = deque()
        try:
            for item in inputs:
                window.append(remote.remote(packed, item))
                if len(window) >= self._window:
                    yield self._take(window, ordered=ordered)
            while window:
                yield self._take(window, ordered=ordered)
        finally:
            for waiting in window:
                self._ray.cancel(waiting, force=False)

    def close(self) -> None:
        """Leave the cluster; a local one ends."""
        with self._lock:
            if self._remote is not None:
                self._remote = None
                self._ray.shutdown()

    def _joined(self) -> Any:
        with self._lock:
            if self._remote is None:
                local = {"num_cpus": self._workers, "include_dashboard": False}
                try:
                    self._ray.init(
                        **({"address": self._address} if self._address else local),
                        namespace="goldsmith",
                        ignore_reinit_error=True,
                        log_to_driver=False,
                        logging_level=logging.WARNING,
                    )
                except (ConnectionError, RuntimeError, ValueError, TimeoutError) as error:
                    raise DependencyError(f"the Ray cluster could not be joined: {error}") from error
                self._window = _WINDOW_PER_CPU * max(1, int(self._ray.cluster_resources().get("CPU", 1)))
                self._remote = self._ray.remote(max_retries=0)(run_packed)
            return self._remote

    def _take(self, window: deque[Any], *, ordered: bool) -> Any:
        """Remove a reference from the window, the first or any that is done, and return its result."""
        if ordered:
            reference = window.popleft()
        else:
            reference = self._ray.wait(list(window), num_returns=1)[0][0]
            window.remove(reference)
        errors = self._ray.exceptions
        try:
            return self._ray.get(reference)
        except errors.RayTaskError as error:
            raise (error.cause or error) from None
        except errors.RayError as error:
            raise WorkerLostError(
                f"a Ray worker was lost ({type(error).__name__}); the work is run again"
            ) from error
