"""The real server in a process of its own, to be used, killed and started again."""

from __future__ import annotations

import os
import queue
import re
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Final, NamedTuple, TypeVar

from goldsmith.app import App, open_app
from goldsmith.client import Client
from goldsmith.platform.database import Transaction
from goldsmith.platform.settings import Settings

T = TypeVar("T")
_START_S: Final = 90.0
_STOP_S: Final = 30.0
_SERVES: Final = re.compile(r"serves on (http://\S+)")
_SETUP: Final = re.compile(r"(http://\S+/setup#token=\S+)")


class Founded(NamedTuple):
    """What a test needs to act as the owner."""

    workspace_id: str
    key: str


class Served:
    """An installation and its server.

    Args:
        folder: Of the installation.
        database_url: Empty for SQLite in the folder.
        environment: Further ``GOLDSMITH_*`` variables.
    """

    def __init__(
        self, folder: Path, *, database_url: str = "", environment: Mapping[str, str] | None = None
    ) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self.settings = Settings(data_dir=folder, database_url=database_url)
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self._setup_link = ""
        self._has_link = threading.Event()
        self._environment = dict(environment or {})
        self._process: subprocess.Popen[str] | None = None
        self._said: list[str] = []

    def found(self) -> Founded:
        """Make the owner without a server, with a key; before the first start."""

        def make(app: App, tx: Transaction) -> Founded:
            made = app.accounts.bootstrap_owner(
                tx, email="owner@example.org", name="Owner", password=None, workspace_name="Tests"
            )
            key = app.accounts.create_key(tx, made.workspace_id, "owner@example.org", name="tests")
            return Founded(made.workspace_id, key.secret)

        return self.inside(lambda app: app.machine.database.write_sync(lambda tx: make(app, tx)))

    def inside(self, use: Callable[[App], T]) -> T:
        """Use the installation from this process while no server runs on it."""
        assert self._process is None, "the server runs"
        app = open_app(self.settings)
        try:
            return use(app)
        finally:
            app.close()

    def client(self, key: str, *, timeout_s: float = 60.0) -> Client:
        """Return a client of the running server."""
        return Client(self.url, key, timeout_s=timeout_s)

    def start(self) -> None:
        """Start and wait until requests are taken."""
        assert self._process is None, "the server runs"
        command = [sys.executable, "-m", "goldsmith", "up", "--data", str(self.settings.data_dir)]
        self._process = process = subprocess.Popen(
            [*command, "--port", str(self.port)],
            env=plain_environment() | self._variables(),
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        heard: queue.Queue[bool] = queue.Queue()
        threading.Thread(target=self._listen, args=(process, heard), daemon=True).start()
        assert heard.get(timeout=_START_S), f"the server ended:\n{self.said}"

    def kill(self) -> None:
        """End the server's process with SIGKILL, as a power cut or the system's memory guard would."""
        process = self._running()
        process.send_signal(signal.SIGKILL)
        process.wait()
        self._process = None

    def stop(self) -> None:
        """End the server politely; nothing happens when it does not run."""
        if self._process is None:
            return
        self._process.terminate()
        try:
            self._process.wait(_STOP_S)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        self._process = None

    @property
    def setup_link(self) -> str:
        """The link by which the first owner is made, as the server printed it."""
        assert self._has_link.wait(_START_S), f"no link was printed:\n{self.said}"
        return self._setup_link

    @property
    def said(self) -> str:
        """What the server has printed since the first start."""
        return "".join(self._said)

    def _running(self) -> subprocess.Popen[str]:
        assert self._process is not None, "the server does not run"
        assert self._process.poll() is None, f"the server ended by itself:\n{self.said}"
        return self._process

    def _variables(self) -> dict[str, str]:
        url = self.settings.database_url
        return self._environment | ({"GOLDSMITH_DATABASE_URL": url} if url else {})

    def _listen(self, process: subprocess.Popen[str], heard: queue.Queue[bool]) -> None:
        for line in process.stdout or ():
            self._said.append(line)
            if found := _SETUP.search(line):
                self._setup_link = found[1]
                self._has_link.set()
            if _SERVES.search(line):
                heard.put(True)
        heard.put(False)


def plain_environment(*, without: Sequence[str] = ("GOLDSMITH_",)) -> dict[str, str]:
    """Return this process's environment for a child that writes at once and takes one core."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(tuple(without))}
    return kept | {"PYTHONUNBUFFERED": "1", "COLUMNS": "200", "OMP_NUM_THREADS": "1"}


def free_port() -> int:
    """Return a port of loopback that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
