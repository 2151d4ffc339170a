"""A goldsmith installation to measure: a database of either kind, people with keys, a project, a server process.

    python -m benchmarks.installation --data DIR --database URL --port N

serves the installation in DIR, as the benchmarks start it in a process of its own.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any, Final

import sqlalchemy as sa

from benchmarks.load import key_of
from goldsmith.accounts.api import Access, Role
from goldsmith.accounts.gate import hash_secret
from goldsmith.accounts.tables import api_keys, members, workspaces
from goldsmith.app import App, open_app
from goldsmith.core.ontology import LabelClass, Ontology
from goldsmith.items.api import NewTask
from goldsmith.items.tables import items
from goldsmith.platform.database import Transaction
from goldsmith.platform.settings import Settings
from goldsmith.projects.api import Workflow
from goldsmith.server.serving import serve

WORKSPACE: Final = "wsp_bench"
MANAGER_KEY: Final = "gsk_manager"
ONTOLOGY: Final = Ontology(
    classes=[
        LabelClass(class_id=name, name=name.title(), geometry_kinds=["box", "polygon"])
        for name in ("car", "person", "cyclist", "light", "sign")
    ]
)
_CHUNK: Final = 5000


# --- databases


@contextmanager
def postgresql_cluster(folder: Path) -> Iterator[tuple[str, int]]:
    """A throw-away PostgreSQL cluster with durable commits; yields the URL of a database and the server's pid."""
    binaries = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"), reverse=True)
    found = str(binaries[0]) if binaries else shutil.which("initdb")
    if found is None:
        raise SystemExit(
            "PostgreSQL is not installed; run make system-deps, or leave it out: --database sqlite"
        )
    bin_dir = Path(found).parent
    data = folder / "postgresql"
    sockets = Path(tempfile.mkdtemp(prefix="gsbench"))
    data.mkdir()
    prefix: list[str] = []
    if os.geteuid() == 0:  # PostgreSQL refuses to run as root
        prefix = ["runuser", "-u", "postgres", "--"]
        for path in (data, sockets):
            shutil.chown(path, "postgres")
        for parent in [data, *data.parents]:
            with suppress(PermissionError):
                parent.chmod(parent.stat().st_mode | 0o055)
    data.chmod(0o700)
    initdb = [str(bin_dir / "initdb"), "-D", str(data), "-U", "goldsmith", "-A", "trust", "-E", "UTF8"]
    subprocess.run([*prefix, *initdb], check=True, capture_output=True)
    options = f"-c listen_addresses='' -c unix_socket_directories={sockets} -c shared_buffers=128MB"
    control = [*prefix, str(bin_dir / "pg_ctl"), "-D", str(data), "-w"]
    start = [*control, "-l", str(data / "log"), "-o", options, "start"]
    subprocess.run(start, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        pid = int((data / "postmaster.pid").read_text().split()[0])
        yield f"postgresql://goldsmith@/postgres?host={sockets}", pid
    finally:
        subprocess.run([*control, "-m", "immediate", "stop"], check=False, capture_output=True)
        shutil.rmtree(sockets, ignore_errors=True)


@contextmanager
def database(kind: str, folder: Path) -> Iterator[tuple[str, int | None]]:
    """Yield the URL of a fresh database of a kind, and the pid of its server when it has one."""
    if kind == "sqlite":
        yield f"sqlite:///{folder / 'goldsmith.db'}", None
    else:
        with postgresql_cluster(folder) as (url, pid):
            yield url, pid


# --- contents


@dataclass(frozen=True)
class Contents:
    """What was put into an installation."""

    project_id: str
    batch_id: str


def settings_of(folder: Path, url: str, *, port: int = 0, job_threads: int = 0) -> Settings:
    """Return the settings of an installation."""
    return Settings(data_dir=folder / "data", database_url=url, port=port, job_threads=job_threads)


def make_people(tx: Transaction, count: int) -> Access:
    """Make a workspace with a manager and annotators, each with a key; returns the manager."""
    tx.run(sa.insert(workspaces), {"workspace_id": WORKSPACE, "name": "bench", "created_ms": 0})
    people = [("mem_manager", "manager", Role.MANAGER, MANAGER_KEY)]
    people += [
        (f"mem_{number}", f"annotator {number}", Role.ANNOTATOR, key_of(number)) for number in range(count)
    ]
    for member_id, name, role, key in people:
        owner = {"workspace_id": WORKSPACE, "member_id": member_id, "name": name, "created_ms": 0}
        tx.run(sa.insert(members), {**owner, "kind": "simulated", "role": role.value})
        tx.run(
            sa.insert(api_keys),
            {**owner, "key_id": f"key_{member_id}", "key_hash": hash_secret(key), "hint": "...."},
        )
    return Access(WORKSPACE, "mem_manager", None, "manager", Role.MANAGER, None)


def make_project(app: App, tx: Transaction, manager: Access, *, workflow: Workflow) -> Contents:
    """Make a project that all annotators were added to."""
    project = app.projects.create_project(tx, manager, name="bench", ontology=ONTOLOGY, workflow=workflow)
    batch = app.projects.ensure_batch(tx, project_id=project.project_id, created_by=manager.member_id)
    for row in tx.all(sa.select(members.c.member_id)):
        app.projects.add_member(tx, manager, project.project_id, row["member_id"])
    return Contents(project.project_id, batch.batch_id)


def make_tasks(app: App, contents: Contents, count: int) -> None:
    """Make items and their tasks, without media."""
    row = {"workspace_id": WORKSPACE, "kind": "image", "sha256": "0" * 64, "width_px": 1280, "height_px": 720}

    def make(numbers: range, tx: Transaction) -> None:
        item_ids = [app.machine.ids.new("itm") for _ in numbers]
        tx.many(
            sa.insert(items),
            [
                {**row, "item_id": item_id, "name": f"{number:06d}.jpg", "created_ms": 0}
                for number, item_id in zip(numbers, item_ids, strict=True)
            ],
        )
        entries = [NewTask(item_id) for item_id in item_ids]
        app.labeling.make_tasks(
            tx, project_id=contents.project_id, batch_id=contents.batch_id, entries=entries
        )

    for start in range(0, count, _CHUNK):
        numbers = range(start, min(start + _CHUNK, count))
        app.machine.database.write_sync(partial(make, numbers))


def fill(folder: Path, url: str, *, people: int, tasks: int, workflow: Workflow) -> Contents:
    """Make an installation with people, a project and tasks."""
    app = open_app(settings_of(folder, url))
    try:
        manager = app.machine.database.write_sync(lambda tx: make_people(tx, people))
        contents = app.machine.database.write_sync(
            lambda tx: make_project(app, tx, manager, workflow=workflow)
        )
        make_tasks(app, contents, tasks)
    finally:
        app.close()
    return contents


# --- the server


class Server:
    """A server process, and what it costs.

    Args:
        folder: The installation.
        url: Its database.
        database_pid: The database's own server process, when it has one; its children count too.
        job_threads: Jobs that run at once; 0 for none.
    """

    def __init__(
        self, folder: Path, url: str, *, database_pid: int | None = None, job_threads: int = 0
    ) -> None:
        self.port = _free_port()
        self._database_pid = database_pid
        command = [sys.executable, "-m", "benchmarks.installation"]
        command += [
            "--data",
            str(folder),
            "--database",
            url,
            "--port",
            str(self.port),
            "--jobs",
            str(job_threads),
        ]
        with (folder / "server.log").open("wb") as log:
            self._process = subprocess.Popen(command, stdout=log, stderr=log)
        self._wait_until_it_answers(folder)

    @property
    def address(self) -> str:
        """Where it listens."""
        return f"http://127.0.0.1:{self.port}"

    def cpu_s(self) -> float:
        """CPU seconds of the process so far."""
        return _cpu_s([self._process.pid])

    def database_cpu_s(self) -> float:
        """CPU seconds of the database's server and its children so far; 0 for SQLite, which has none."""
        return 0.0 if self._database_pid is None else _cpu_s(_family(self._database_pid))

    def memory_mib(self) -> float:
        """Resident memory now."""
        status = Path(f"/proc/{self._process.pid}/status").read_text()
        return int(_field(status, "VmRSS")) / 1024

    def stop(self) -> None:
        """End it and wait."""
        self._process.send_signal(signal.SIGTERM)
        try:
            self._process.wait(20)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()

    def _wait_until_it_answers(self, folder: Path) -> None:
        for _ in range(600):
            with suppress(OSError), urllib.request.urlopen(f"{self.address}/healthz", timeout=5):
                return
            if self._process.poll() is not None:
                raise SystemExit((folder / "server.log").read_text()[-4000:])
            time.sleep(0.05)
        raise SystemExit("the server did not answer within 30 s")


@contextmanager
def serving(
    folder: Path, url: str, *, database_pid: int | None = None, job_threads: int = 0
) -> Iterator[Server]:
    """Run a server around a measurement."""
    server = Server(folder, url, database_pid=database_pid, job_threads=job_threads)
    try:
        yield server
    finally:
        server.stop()


def machine_note() -> dict[str, Any]:
    """Return what to know of the machine beside the numbers."""
    with tempfile.TemporaryDirectory() as folder:
        flush_ms = _median_flush_ms(Path(folder) / "probe")
    model = next(
        (
            line.split(":", 1)[1].strip()
            for line in Path("/proc/cpuinfo").read_text().splitlines()
            if "model name" in line
        ),
        "unknown",
    )
    return {"cores": os.cpu_count(), "cpu": model, "load": os.getloadavg()[0], "fsync_ms": round(flush_ms, 3)}


def write_json(path: str | None, result: Any) -> None:
    """Write a result, when a file was named."""
    if path is not None:
        Path(path).write_text(json.dumps(result, indent=2) + "\n")


def _median_flush_ms(path: Path) -> float:
    taken = []
    with path.open("wb") as file:
        for _ in range(50):
            file.write(b"x" * 4096)
            file.flush()
            started = time.perf_counter()
            os.fsync(file.fileno())
            taken.append(time.perf_counter() - started)
    return sorted(taken)[len(taken) // 2] * 1000


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def family_cpu_s(pid: int) -> float:
    """CPU seconds of a process and its children so far."""
    return _cpu_s(_family(pid))


def _cpu_s(pids: Sequence[int]) -> float:
    ticks = 0
    for pid in pids:
        with suppress(OSError):
            fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
            ticks += int(fields[11]) + int(fields[12])
    return ticks / os.sysconf("SC_CLK_TCK")


def _family(parent: int) -> list[int]:
    pids = [parent]
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            with suppress(OSError):
                if int((entry / "stat").read_text().rpartition(")")[2].split()[1]) == parent:
                    pids.append(int(entry.name))
    return pids


def _field(status: str, name: str) -> str:
    return next(line.split()[1] for line in status.splitlines() if line.startswith(name))


def main() -> None:
    """Serve an installation until told to end."""
    parser = argparse.ArgumentParser(description="Serve an installation made by a benchmark.")
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--database", required=True)
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--jobs", type=int, default=0)
    given = parser.parse_args()
    settings = settings_of(given.data, given.database, port=given.port, job_threads=given.jobs)
    app = open_app(settings)
    try:
        serve(app.application(), settings, announce=print)
    finally:
        app.close()


if __name__ == "__main__":
    main()
