"""A hundred thousand items in and out: import by API, export with labels, and the server's memory after it.

    python -m benchmarks.bulk --json FILE [--items 100000] [--database sqlite,postgresql] [--boxes 10]

Items are sent as newline-delimited JSON to ``POST /projects/{p}/items/bulk``, first without labels, then (another
project) with labels that count as accepted; these are exported as JSON lines and as COCO. One uploaded original stands
for all pictures, as pictures themselves are stored by their content.
"""

from __future__ import annotations

import argparse
import hashlib
import http.client
import io
import json
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

from PIL import Image

from benchmarks.installation import (
    MANAGER_KEY,
    ONTOLOGY,
    WORKSPACE,
    Server,
    database,
    fill,
    machine_note,
    serving,
    write_json,
)
from benchmarks.load import labelling_json
from goldsmith.projects.api import Workflow

PEER: Final = {
    "name": "Label Studio 1.23.2, measured on 2 cores",
    "import_s": "25-42",
    "export_s": "173-286",
    "server_memory_mb": "620-830",
}
GOAL: Final = (
    "100k items imported in under 10 s, exported with labels in under 10 s, server memory under 200 MB"
)
_LINES_PER_CHUNK: Final = 1000
_HEADERS: Final = {"Authorization": f"Bearer {MANAGER_KEY}", "Content-Type": "application/json"}


def call(server: Server, method: str, path: str, body: Any = None) -> Any:
    """Send a small request and return the JSON answer."""
    connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=120)
    raw = body if isinstance(body, bytes) else json.dumps(body).encode() if body is not None else None
    connection.request(method, f"/api/v1{path}", raw, _HEADERS)
    answer = connection.getresponse()
    text = answer.read()
    connection.close()
    if answer.status >= 300:
        raise SystemExit(f"{method} {path} answered {answer.status}: {text[:400]!r}")
    return json.loads(text) if text else None


def upload_original(server: Server) -> str:
    """Upload a picture and return its hash."""
    file = io.BytesIO()
    Image.new("RGB", (1280, 720), "gray").save(file, "JPEG")
    call(server, "POST", f"/workspaces/{WORKSPACE}/blobs", file.getvalue())
    return hashlib.sha256(file.getvalue()).hexdigest()


def make_project(server: Server, name: str) -> str:
    """Make a project and return its id."""
    body = {"name": name, "ontology": ONTOLOGY.model_dump(mode="json")}
    project = call(server, "POST", f"/workspaces/{WORKSPACE}/projects", body)
    return str(project["project_id"])


def records(count: int, sha256: str, labels: bytes | None) -> Iterator[bytes]:
    """Yield chunks of newline-delimited records."""
    tail = b"}\n" if labels is None else b',"labelling":' + labels + b"}\n"
    for start in range(0, count, _LINES_PER_CHUNK):
        yield b"".join(
            b'{"name":"street/%06d.jpg","sha256":"%s","metadata":{"frame":%d,"weather":"rain"}'
            % (number, sha256.encode(), number)
            + tail
            for number in range(start, min(start + _LINES_PER_CHUNK, count))
        )


def import_items(server: Server, project_id: str, count: int, sha256: str, labels: bytes | None) -> float:
    """Stream records to the bulk route and return the seconds it took."""
    labels_as = "prelabels" if labels is None else "accepted"
    connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=600)
    headers = {**_HEADERS, "Content-Type": "application/x-ndjson"}
    path = f"/api/v1/projects/{project_id}/items/bulk?labels_as={labels_as}"
    started = time.perf_counter()
    connection.request("POST", path, records(count, sha256, labels), headers, encode_chunked=True)
    answer = connection.getresponse()
    told = json.loads(answer.read())
    taken_s = time.perf_counter() - started
    connection.close()
    if answer.status != 200 or told["created"] != count:
        raise SystemExit(f"the import answered {answer.status}: {str(told)[:400]}")
    return taken_s


def export_items(server: Server, project_id: str, form: str) -> dict[str, Any]:
    """Read an export to its end; returns seconds, bytes and lines."""
    connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=600)
    started = time.perf_counter()
    connection.request("GET", f"/api/v1/projects/{project_id}/export?format={form}", headers=_HEADERS)
    answer = connection.getresponse()
    size_bytes = lines = 0
    while chunk := answer.read(1 << 20):
        size_bytes += len(chunk)
        lines += chunk.count(b"\n")
    taken_s = time.perf_counter() - started
    connection.close()
    if answer.status != 200:
        raise SystemExit(f"the export answered {answer.status}")
    return {"seconds": round(taken_s, 2), "mb": round(size_bytes / 1e6, 1), "lines": lines}


def measure(kind: str, *, items: int, boxes: int) -> dict[str, Any]:
    """Measure one database."""
    with tempfile.TemporaryDirectory(prefix="gsbench") as name, database(kind, Path(name)) as (url, pid):
        folder = Path(name)
        fill(folder, url, people=1, tasks=0, workflow=Workflow())
        with serving(folder, url, database_pid=pid) as server:
            row: dict[str, Any] = {"database": kind, "items": items, "boxes": boxes}
            row["memory_before_mib"] = round(server.memory_mib(), 1)
            sha256 = upload_original(server)
            row["import_s"] = round(
                import_items(server, make_project(server, "plain"), items, sha256, None), 2
            )
            labelled = make_project(server, "labelled")
            labels = labelling_json(boxes, seed=1)
            row["import_labelled_s"] = round(import_items(server, labelled, items, sha256, labels), 2)
            for form in ("jsonl", "coco"):
                row[f"export_{form}"] = export_items(server, labelled, form)
            row["memory_after_mib"] = round(server.memory_mib(), 1)
            row["server_cpu_s"] = round(server.cpu_s(), 1)
            row["database_cpu_s"] = round(server.database_cpu_s(), 1)
        return row


def main() -> None:
    """Measure all that was asked for."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--json", help="write the numbers to this file")
    parser.add_argument("--items", type=int, default=100_000)
    parser.add_argument("--boxes", type=int, default=10)
    parser.add_argument("--database", default="sqlite,postgresql")
    given = parser.parse_args()
    result: dict[str, Any] = {"goal": GOAL, "peer": PEER, "machine": machine_note(), "runs": []}
    print(f"{GOAL}\nmachine: {result['machine']}")
    for kind in given.database.split(","):
        row = measure(kind, items=given.items, boxes=given.boxes)
        result["runs"].append(row)
        print(
            f"{kind}: {given.items} items imported in {row['import_s']} s, with {given.boxes} boxes each in "
            f"{row['import_labelled_s']} s   Label Studio: {PEER['import_s']} s\n"
            f"{kind}: exported as jsonl in {row['export_jsonl']['seconds']} s ({row['export_jsonl']['mb']} MB), "
            f"as COCO in {row['export_coco']['seconds']} s   Label Studio: {PEER['export_s']} s\n"
            f"{kind}: server memory {row['memory_before_mib']} MiB before, {row['memory_after_mib']} MiB after"
            f"   Label Studio: {PEER['server_memory_mb']} MB",
            flush=True,
        )
    write_json(given.json, result)


if __name__ == "__main__":
    main()
