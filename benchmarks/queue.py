# ruff: noqa: A005  run as a module of the package, never found instead of the standard library's
"""The queue under load: next + submit cycles a second, latency, CPU, statements, duplicates.

    python -m benchmarks.queue --json FILE [--clients 1,8,32,128] [--tasks 1000,10000,100000]
        [--database sqlite,postgresql] [--seconds 10]

A real server process and a load process on one machine. Every submission is durable before it is acknowledged
(SQLite ``synchronous=FULL``; PostgreSQL ``fsync`` and ``synchronous_commit`` on). A cycle is one claim and one
submission of ten boxes. On a machine that is busy with other things, read the CPU a cycle rather than the rate.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import subprocess
import sys
import tempfile
from collections import Counter
from pathlib import Path
from typing import Any, Final

from benchmarks.installation import (
    Contents,
    database,
    fill,
    machine_note,
    serving,
    settings_of,
    write_json,
)
from benchmarks.statements import count_statements
from goldsmith.platform.database import Sql, open_database
from goldsmith.projects.api import Workflow

PEER_CYCLES_PER_S: Final = {"sqlite": 2.0, "postgresql": 4.7}
PEER: Final = {
    "name": "Label Studio 1.23.2, measured on 2 cores",
    "cycles_per_s_32_clients_100k_tasks": PEER_CYCLES_PER_S,
    "statements": {"next": "36-38", "submit": 55, "list of 100": 126},
    "tasks_given_twice": {"sqlite": "16 % (47 % at 32 clients)", "postgresql": "0"},
}
GOAL: Final = "32 clients on 100k tasks: at least 1,000 cycles/s, p95 under 60 ms"
DYING_CLIENTS: Final = 32
DYING_TASKS: Final = 10_000
DYING_LEASE_S: Final = 30


def run_load(port: int, contents: Contents, folder: Path, **options: Any) -> dict[str, Any]:
    """Run the load process and return what its clients saw."""
    out = folder / "load.json"
    command = [sys.executable, "-m", "benchmarks.load", "--port", str(port), "--project", contents.project_id]
    command += ["--json", str(out)]
    for name, value in options.items():
        command += [f"--{name}", str(value)]
    subprocess.run(command, check=True)
    result: dict[str, Any] = json.loads(out.read_text())
    return result


def measure(kind: str, *, clients: int, tasks: int, seconds: float) -> dict[str, Any]:
    """Measure one combination on a fresh installation."""
    with tempfile.TemporaryDirectory(prefix="gsbench") as name, database(kind, Path(name)) as (url, pid):
        folder = Path(name)
        contents = fill(folder, url, people=clients, tasks=tasks, workflow=Workflow())
        with serving(folder, url, database_pid=pid) as server:
            cpu_before, database_before = server.cpu_s(), server.database_cpu_s()
            seen = run_load(server.port, contents, folder, clients=clients, seconds=seconds)
            cpu_s = server.cpu_s() - cpu_before
            database_cpu_s = server.database_cpu_s() - database_before
            memory_mib = server.memory_mib()
        cycles = max(seen["cycles"], 1)
        acknowledged = seen.pop("acknowledged")
        return {
            "database": kind,
            "clients": clients,
            "tasks": tasks,
            **seen,
            "server_cpu_ms_per_cycle": round(cpu_s / cycles * 1000, 3),
            "database_cpu_ms_per_cycle": round(database_cpu_s / cycles * 1000, 3),
            "server_memory_mib": round(memory_mib, 1),
            **check_submissions(url, acknowledged, overlap=1),
        }


def measure_deaths(kind: str, *, seconds: float) -> dict[str, Any]:
    """Let clients die with tasks in hand and leases end under others, until every task is labelled."""
    with tempfile.TemporaryDirectory(prefix="gsbench") as name, database(kind, Path(name)) as (url, pid):
        folder = Path(name)
        workflow = Workflow(lease_s=DYING_LEASE_S)
        contents = fill(folder, url, people=DYING_CLIENTS, tasks=DYING_TASKS, workflow=workflow)
        with serving(folder, url, database_pid=pid) as server:
            options = {"clients": DYING_CLIENTS, "seconds": seconds, "dying": 0.02, "late": 0.003}
            seen = run_load(server.port, contents, folder, **options)
        acknowledged = seen.pop("acknowledged")
        return {"database": kind, **seen, **check_submissions(url, acknowledged, overlap=1)}


def check_submissions(url: str, acknowledged: list[str], *, overlap: int) -> dict[str, Any]:
    """Compare what the clients were told with what is stored."""
    opened = open_database(url)
    try:
        rows = opened.read_sync(lambda tx: tx.all(Sql("SELECT submission_id, task_id FROM submissions")))
    finally:
        opened.close()
    stored = {row["submission_id"] for row in rows}
    by_task = Counter(row["task_id"] for row in rows)
    return {
        "duplicates": sum(count - overlap for count in by_task.values() if count > overlap),
        "acknowledged_but_missing": len(set(acknowledged) - stored),
        "labelled_tasks": len(by_task),
    }


def print_row(row: dict[str, Any]) -> None:
    """Print one measurement."""
    both = row["both_ms"]
    is_goal = (row["clients"], row["tasks"]) == (32, 100_000)
    peer = f"   Label Studio: {PEER_CYCLES_PER_S[row['database']]}/s" if is_goal else ""
    print(
        f"{row['database']:<10} {row['clients']:>4} clients {row['tasks']:>7} tasks "
        f"{row['cycles_per_s']:>8.0f} cycles/s  p50 {both['p50']:>6.1f}  p95 {both['p95']:>6.1f}  "
        f"p99 {both['p99']:>6.1f} ms  CPU {row['server_cpu_ms_per_cycle']:.2f} + "
        f"{row['database_cpu_ms_per_cycle']:.2f} ms  duplicates {row['duplicates']}{peer}",
        flush=True,
    )


def main() -> None:
    """Measure all that was asked for."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--json", help="write the numbers to this file")
    parser.add_argument("--clients", default="1,8,32,128")
    parser.add_argument("--tasks", default="1000,10000,100000")
    parser.add_argument("--database", default="sqlite,postgresql")
    parser.add_argument("--seconds", type=float, default=10.0, help="of each measurement")
    parser.add_argument(
        "--deaths-seconds", type=float, default=75.0, help="of the run with dying clients; 0 for none"
    )
    given = parser.parse_args()
    kinds = given.database.split(",")
    result: dict[str, Any] = {"goal": GOAL, "peer": PEER, "machine": machine_note(), "runs": [], "deaths": []}
    print(f"{GOAL}\nmachine: {result['machine']}")
    for kind in kinds:
        with tempfile.TemporaryDirectory(prefix="gsbench") as name, database(kind, Path(name)) as (url, _):
            contents = fill(Path(name), url, people=4, tasks=300, workflow=Workflow())
            counted = asyncio.run(count_statements(settings_of(Path(name), url), contents))
        result.setdefault("statements", {})[kind] = counted
        print(f"{kind}: SQL statements {counted}   Label Studio: {PEER['statements']}")
        for tasks in map(int, given.tasks.split(",")):
            for clients in map(int, given.clients.split(",")):
                row = measure(kind, clients=clients, tasks=tasks, seconds=given.seconds)
                result["runs"].append(row)
                print_row(row)
        if given.deaths_seconds:
            row = measure_deaths(kind, seconds=given.deaths_seconds)
            result["deaths"].append(row)
            print(
                f"{kind}: {row['deaths']} clients died, {row['statuses'].get('submit 409', 0)} came too late; "
                f"{row['labelled_tasks']} of {DYING_TASKS} tasks labelled, duplicates {row['duplicates']}, "
                f"acknowledged but missing {row['acknowledged_but_missing']}   "
                f"Label Studio: {PEER['tasks_given_twice']}"
            )
    write_json(given.json, result)


if __name__ == "__main__":
    main()
