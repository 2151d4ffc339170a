"""Tasks made through the v1 task API by many threads: rate, latency, CPU, and that no ``unique_id`` is there twice.

    python -m benchmarks.scale_tasks --json FILE [--tasks 10000] [--threads 16] [--database sqlite,postgresql] [--sdk]

Every task is sent with a ``unique_id``; each twentieth is sent twice, by two threads at about the same time: one of
the two must be told 409. Afterwards all tasks are read back page by page. A new connection is opened for each request,
as the vendor's client does it; ``--sdk`` sends them by that client itself, whose own CPU then is most of the time.
There is no peer to run beside it: the service it stands in for cannot be installed.
"""

from __future__ import annotations

import argparse
import base64
import http.client
import json
import os
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, Final, NamedTuple
from urllib.parse import urlencode

from benchmarks.installation import MANAGER_KEY, database, fill, machine_note, serving, write_json
from goldsmith.projects.api import Workflow

PROJECT: Final = "bulk"
TWICE_EVERY: Final = 20
_PAGE: Final = 100
Send = Callable[[str, str, dict[str, Any] | None], tuple[int, Any]]


class Sent(NamedTuple):
    """One request as its thread saw it."""

    unique_id: str
    status: int
    ms: float


def task(unique_id: str) -> dict[str, Any]:
    """Return the body of one task, which needs nothing fetched."""
    return {
        "project": PROJECT,
        "instruction": "Which animal is it about?",
        "attachment_type": "text",
        "attachment": f"A short note, number {unique_id}, about a cat that would not come down from the roof.",
        "categories": ["cat", "dog", "bird", "none of them"],
        "unique_id": unique_id,
        "metadata": {"batch": unique_id[-2:]},
        "tags": ["bulk"],
    }


def sender(port: int, key: str) -> Send:
    """Return a function that sends one request on a connection of its own."""
    token = base64.b64encode(f"{key}:".encode()).decode()
    headers = {"Authorization": f"Basic {token}", "Content-Type": "application/json"}

    def send(method: str, path: str, body: dict[str, Any] | None = None) -> tuple[int, Any]:
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=120)
        try:
            connection.request(method, f"/v1{path}", None if body is None else json.dumps(body), headers)
            answer = connection.getresponse()
            return answer.status, json.loads(answer.read())
        finally:
            connection.close()

    return send


def sdk_sender(port: int, key: str) -> Send:
    """Return the same for making tasks, by the vendor's own client."""
    import scaleapi
    from scaleapi.exceptions import ScaleException
    from scaleapi.tasks import TaskType

    client = scaleapi.ScaleClient(key, api_instance_url=f"http://127.0.0.1:{port}/v1")

    def send(_method: str, _path: str, body: dict[str, Any] | None = None) -> tuple[int, Any]:
        try:
            return 200, client.create_task(TaskType.Categorization, **(body or {})).as_dict()
        except ScaleException as error:
            return int(error.code or 500), str(error)

    return send


def make_all(send: Send, *, tasks: int, threads: int) -> tuple[list[Sent], float]:
    """Send every task once, and each twentieth twice; return what was answered, and the seconds it took."""
    width = len(str(tasks))
    wanted = [f"t{number:0{width}}" for number in range(tasks)]
    order = [name for number, name in enumerate(wanted) for _ in range(1 + (number % TWICE_EVERY == 0))]
    todo = iter(order)
    lock = threading.Lock()
    done: list[Sent] = []

    def work() -> None:
        mine: list[Sent] = []
        while True:
            with lock:
                unique_id = next(todo, None)
            if unique_id is None:
                break
            started = time.perf_counter()
            status, _ = send("POST", "/task/categorization", task(unique_id))
            mine.append(Sent(unique_id, status, (time.perf_counter() - started) * 1000))
        with lock:
            done.extend(mine)

    workers = [threading.Thread(target=work) for _ in range(threads)]
    started = time.perf_counter()
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    return done, time.perf_counter() - started


def pages(send: Send) -> Iterator[dict[str, Any]]:
    """Yield all tasks of the project, page by page."""
    token = ""
    while True:
        query = {"project": PROJECT, "limit": _PAGE, **({"next_token": token} if token else {})}
        status, page = send("GET", f"/tasks?{urlencode(query)}", None)
        if status != 200:
            raise SystemExit(f"listing was refused: {status} {page}")
        yield from page["docs"]
        if not page["has_more"]:
            return
        token = page["next_token"]


def measure(kind: str, *, tasks: int, threads: int, with_sdk: bool) -> dict[str, Any]:
    """Measure on a fresh installation."""
    with tempfile.TemporaryDirectory(prefix="gsbench") as name, database(kind, Path(name)) as (url, pid):
        folder = Path(name)
        fill(folder, url, people=1, tasks=0, workflow=Workflow())
        with serving(folder, url, database_pid=pid) as server:
            send = sender(server.port, MANAGER_KEY)
            status, told = send(
                "POST", "/projects", {"type": "categorization", "name": PROJECT, "params": {}}
            )
            if status != 200:
                raise SystemExit(f"the project was refused: {status} {told}")
            send("POST", "/task/categorization", task("first"))
            cpu_s, own_s = server.cpu_s(), time.process_time()
            make = sdk_sender(server.port, MANAGER_KEY) if with_sdk else send
            sent, seconds = make_all(make, tasks=tasks, threads=threads)
            cpu_s, own_s = server.cpu_s() - cpu_s, time.process_time() - own_s
            started = time.perf_counter()
            there = Counter(doc["unique_id"] for doc in pages(send))
            listing_s = time.perf_counter() - started
        latencies = sorted(row.ms for row in sent)
        made = Counter(row.unique_id for row in sent if row.status == 200)
        return {
            "database": kind,
            "client": "scaleapi" if with_sdk else "http",
            "tasks": tasks,
            "threads": threads,
            "requests_per_s": round(len(sent) / seconds, 1),
            "p50_ms": round(latencies[len(latencies) // 2], 1),
            "p95_ms": round(latencies[int(len(latencies) * 0.95)], 1),
            "server_cpu_ms": round(cpu_s / len(sent) * 1000, 2),
            "client_cpu_ms": round(own_s / len(sent) * 1000, 2),
            "statuses": dict(Counter(row.status for row in sent)),
            "made_twice": sum(count > 1 for count in made.values()),
            "there": len(there) - 1,
            "there_twice": sum(count > 1 for count in there.values()),
            "listing_s": round(listing_s, 2),
        }


def print_row(row: dict[str, Any]) -> None:
    """Print one measurement."""
    print(
        f"{row['database']:<11}{row['client']:<9}{row['tasks']:>7} tasks, {row['threads']} threads: "
        f"{row['requests_per_s']:.0f} requests/s, p50 {row['p50_ms']} ms, "
        f"p95 {row['p95_ms']} ms, CPU a request: server "
        f"{row['server_cpu_ms']} ms, client {row['client_cpu_ms']} ms; answers {row['statuses']}; "
        f"{row['there']} there, {row['there_twice'] + row['made_twice']} twice; listed in {row['listing_s']} s",
        flush=True,
    )


def main() -> None:
    """Measure, print and write."""
    parser = argparse.ArgumentParser(description="Tasks made through the v1 task API.")
    parser.add_argument("--json", help="write the figures to this file")
    parser.add_argument("--tasks", type=int, default=10_000)
    parser.add_argument("--threads", type=int, default=16)
    parser.add_argument("--database", default="sqlite", help="sqlite, postgresql or both with a comma")
    parser.add_argument("--sdk", action="store_true", help="send by the vendor's own client")
    given = parser.parse_args()
    rows = []
    for kind in given.database.split(","):
        rows.append(measure(kind, tasks=given.tasks, threads=given.threads, with_sdk=given.sdk))
        print_row(rows[-1])
    load = f"{os.getloadavg()[0]:.1f} on {os.cpu_count()} cores"
    print(f"load of the machine at the end: {load}")
    write_json(given.json, {"rows": rows, "load": load, "machine": machine_note()})


if __name__ == "__main__":
    main()
