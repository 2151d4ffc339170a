"""Which workers of this machine are alive, told by file locks that the system releases when a process dies.

A lease tells the same, but only when it ends. With the lock a server that was killed and started again takes its own
jobs up at once. A worker without a lock file in this folder (on another machine) is never taken for dead.
"""

from __future__ import annotations

import os
import socket
from contextlib import suppress
from pathlib import Path

try:
    import fcntl
except ImportError:  # pragma: no cover - Windows: leases alone tell
    fcntl = None  # type: ignore[assignment]


class Presence:
    """This worker's own lock, and a look at the others'.

    Args:
        folder: Folder of locks, shared by the workers of one data folder.
        suffix: Makes the worker's name unique.
    """

    def __init__(self, folder: Path, *, suffix: str) -> None:
        self._folder = folder
        self.worker = f"{socket.gethostname()}-{os.getpid()}-{suffix}".replace("/", "-")
        self._handle: int | None = None

    def show(self) -> None:
        """Take the lock; it is held until ``hide`` or the process's death."""
        if fcntl is None or self._handle is not None:
            return
        self._folder.mkdir(parents=True, exist_ok=True)
        unfinished = self._folder / f"{self.worker}.new"
        handle = os.open(unfinished, os.O_CREAT | os.O_RDWR | getattr(os, "O_CLOEXEC", 0), 0o600)
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        unfinished.rename(self._path(self.worker))  # it appears locked, never free
        self._handle = handle

    def hide(self) -> None:
        """Give the lock up."""
        if self._handle is not None:
            self._path(self.worker).unlink(missing_ok=True)
            os.close(self._handle)
            self._handle = None

    def is_gone(self, worker: str) -> bool:
        """Say whether ``worker`` is known to have died on this machine."""
        if fcntl is None or worker == self.worker:
            return False
        try:
            handle = os.open(self._path(worker), os.O_RDWR)
        except OSError:
            return False
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            return False
        finally:
            os.close(handle)
        return True

    def gone_workers(self) -> list[str]:
        """Return the workers of this machine that died and were not forgotten yet."""
        workers = [path.name.removesuffix(".lock") for path in self._folder.glob("*.lock")]
        return [worker for worker in workers if self.is_gone(worker)]

    def forget(self, worker: str) -> None:
        """Remove the lock file of a worker that is gone."""
        with suppress(OSError):
            self._path(worker).unlink()

    def _path(self, worker: str) -> Path:
        return self._folder / f"{Path(worker).name}.lock"
