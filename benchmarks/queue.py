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
PEER: Final[dict[str, Any]] = {
    "name": "Label Studio 1.23.2, measured on 2 cores",
    "cycles_per_s_32_clients_100k_tasks": PEER_CYCLES_PER_S,
    "statements": {"next": "36-38", "submit": 55, "list of 100": 126},
    "tasks_given_twice": {"sqlite": "16 % (47 % at 32 clients)", "postgresql": "0"},
}
GOAL_AT: Final = (32, 100_000)
"""Clients and tasks at which the goal is set and the peer was measured."""
GOAL: Final[dict[str, Any]] = {
    "cycles_per_s_32_clients_100k_tasks": 1000,
    "p95_ms": 60,
    "statements": {"next": "1-3", "submit": "<= 6", "list of 100": "1-2"},
    "duplicates": 0,
    "acknowledged_but_missing": 0,
}
HEADER: Final = (
    "database   clients   tasks  cycles/s  p50 ms  p95 ms  p99 ms   CPU ms a cycle: server  database  load"
    "   duplicates  lost   goal"
)
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
            "load_cpu_ms_per_cycle": round(seen["load_cpu_s"] / cycles * 1000, 3),
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


def print_statements(kind: str, counted: dict[str, int]) -> None:
    """Print how many statements requests take, beside goal and peer."""
    ours, goal, theirs = (
        ", ".join(f"{what} {number}" for what, number in each.items())
        for each in (counted, GOAL["statements"], PEER["statements"])
    )
    print(f"\n{kind}, SQL statements: {ours}\n  goal: {goal}\n  Label Studio: {theirs}\n{HEADER}", flush=True)


def print_row(row: dict[str, Any]) -> None:
    """Print one measurement, with goal and peer where they are set."""
    both = row["both_ms"]
    beside = ""
    if (row["clients"], row["tasks"]) == GOAL_AT:
        is_met = row["cycles_per_s"] >= GOAL["cycles_per_s_32_clients_100k_tasks"]
        is_met = is_met and both["p95"] < GOAL["p95_ms"]
        beside = (
            f"   {'met' if is_met else 'MISSED'}: >= 1000/s, p95 < 60 ms"
            f" (Label Studio: {PEER_CYCLES_PER_S[row['database']]}/s)"
        )
    print(
        f"{row['database']:<10} {row['clients']:>7} {row['tasks']:>7} {row['cycles_per_s']:>9.0f} {both['p50']:>7.1f} "
        f"{both['p95']:>7.1f} {both['p99']:>7.1f} {row['server_cpu_ms_per_cycle']:>24.2f} "
        f"{row['database_cpu_ms_per_cycle']:>9.2f} {row['load_cpu_ms_per_cycle']:>5.2f} {row['duplicates']:>12} "
        f"{row['acknowledged_but_missing']:>5}{beside}",
        flush=True,
    )


def print_deaths(row: dict[str, Any]) -> None:
    """Print what came of the run with dying clients, beside the peer."""
    print(
        f"{row['database']}, clients die: {row['deaths']} died, {row['statuses'].get('submit 409', 0)} came too late; "
        f"{row['labelled_tasks']} of {DYING_TASKS} tasks labelled, duplicates {row['duplicates']}, "
        f"lost {row['acknowledged_but_missing']}\n"
        f"  goal: duplicates 0, lost 0\n"
        f"  Label Studio, tasks given to two: {PEER['tasks_given_twice'][row['database']]}",
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
    print(f"machine: {result['machine']}\npeer: {PEER['name']}; lost: acknowledged, but not stored")
    for kind in kinds:
        with tempfile.TemporaryDirectory(prefix="gsbench") as name, database(kind, Path(name)) as (url, _):
            contents = fill(Path(name), url, people=4, tasks=300, workflow=Workflow())
            counted = asyncio.run(count_statements(settings_of(Path(name), url), contents))
        result.setdefault("statements", {})[kind] = counted
        print_statements(kind, counted)
        for tasks in map(int, given.tasks.split(",")):
            for clients in map(int, given.clients.split(",")):
                row = measure(kind, clients=clients, tasks=tasks, seconds=given.seconds)
                result["runs"].append(row)
                print_row(row)
        if given.deaths_seconds:
            row = measure_deaths(kind, seconds=given.deaths_seconds)
            result["deaths"].append(row)
            print_deaths(row)
    write_json(given.json, result)


if __name__ == "__main__":
    main()
