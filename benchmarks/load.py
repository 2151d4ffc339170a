"""Annotators at work: many clients that ask for the next task and submit it, in a process of their own.

    python -m benchmarks.load --port N --project ID --clients 32 --seconds 10 --json FILE

Each client is one member with one kept-alive connection and no thinking time. Raw sockets and no HTTP library, so
that the load takes little of the CPU it is there to measure.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import random
import time
from collections import Counter
from pathlib import Path
from typing import Any, Final, cast

import msgspec
import uvloop

_IDLE_ROUNDS: Final = 3
_POLL_S: Final = 0.5
_LOST: Final = 409
_EMPTY: Final = 204


def key_of(number: int) -> str:
    """Return the API key of an annotator."""
    return f"gsk_annotator_{number}"


class _Lease(msgspec.Struct):
    judgement_id: str
    token: int
    expires_ms: int


class _Task(msgspec.Struct):
    task_id: str


class _Payload(msgspec.Struct):
    lease: _Lease
    task: _Task
    ontology_version: int
    instructions_version: int


_PAYLOAD: Final = msgspec.json.Decoder(_Payload)


class Connection(asyncio.Protocol):
    """One kept-alive HTTP/1.1 connection; one request at a time."""

    def __init__(self) -> None:
        self._buffer = bytearray()
        self._answer: asyncio.Future[tuple[int, bytes]] | None = None
        self._transport: asyncio.Transport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Keep the transport."""
        self._transport = cast(asyncio.Transport, transport)  # uvloop's are not of its class

    def connection_lost(self, exc: Exception | None) -> None:
        """Tell whoever waits."""
        if self._answer is not None and not self._answer.done():
            self._answer.set_exception(exc or ConnectionResetError("the server closed the connection"))

    def data_received(self, data: bytes) -> None:
        """Take bytes; once an answer is whole, hand it over."""
        self._buffer += data
        head_end = self._buffer.find(b"\r\n\r\n")
        if head_end < 0:
            return
        head = bytes(self._buffer[:head_end]).lower()
        length = 0
        found = head.find(b"content-length:")
        if found >= 0:
            length = int(
                head[found + 15 : head.find(b"\r\n", found) if head.find(b"\r\n", found) > 0 else None]
            )
        if len(self._buffer) < head_end + 4 + length:
            return
        body = bytes(self._buffer[head_end + 4 : head_end + 4 + length])
        del self._buffer[: head_end + 4 + length]
        assert self._answer is not None
        self._answer.set_result((int(head[9:12]), body))

    def send(self, request: bytes) -> asyncio.Future[tuple[int, bytes]]:
        """Send a request; the future gives status and body."""
        assert self._transport is not None
        self._answer = asyncio.get_running_loop().create_future()
        self._transport.write(request)
        return self._answer

    def close(self) -> None:
        """Drop the connection, as a dying client does; an answer on its way is wanted no more."""
        if self._answer is not None:
            self._answer.cancel()
        if self._transport is not None:
            self._transport.abort()


class Crowd:
    """Clients at one project, and what they saw."""

    def __init__(self, given: argparse.Namespace) -> None:
        self.given = given
        self.rng = random.Random(given.seed)
        self.labelling = labelling_json(given.boxes, seed=given.seed)
        self.next_s: list[float] = []
        self.submit_s: list[float] = []
        self.acknowledged: list[str] = []
        self.statuses: Counter[str] = Counter()
        self.deaths = 0
        self.ends_at = 0.0
        self.last_cycle_at = 0.0

    async def run(self) -> dict[str, Any]:
        """Let all clients work until the time is over or nothing is left."""
        started, cpu_before_s = time.perf_counter(), time.process_time()
        self.ends_at = started + self.given.seconds
        await asyncio.gather(*(self._work(number) for number in range(self.given.clients)))
        took_s = max(self.last_cycle_at - started, 1e-9)
        cycles = len(self.submit_s)
        return {
            "cycles": cycles,
            "seconds": took_s,
            "cycles_per_s": cycles / took_s,
            "next_ms": percentiles(self.next_s),
            "submit_ms": percentiles(self.submit_s),
            "both_ms": percentiles(self.next_s + self.submit_s),
            "statuses": dict(self.statuses),
            "deaths": self.deaths,
            "load_cpu_s": time.process_time() - cpu_before_s,
            "acknowledged": self.acknowledged,
        }

    async def _connect(self) -> Connection:
        loop = asyncio.get_running_loop()
        _, connection = await loop.create_connection(Connection, "127.0.0.1", self.given.port)
        return connection

    async def _work(self, number: int) -> None:
        head = f"Host: 127.0.0.1:{self.given.port}\r\nAuthorization: Bearer {key_of(number)}\r\n"
        ask = _request(f"/api/v1/projects/{self.given.project}/tasks/next", head, b'{"stage":"label"}')
        connection = await self._connect()
        idle = 0
        while time.perf_counter() < self.ends_at:
            if (
                self.rng.random() < self.given.dying
            ):  # goes while the answer is on its way, or with a task in hand
                self.deaths += 1
                if self.rng.random() < 0.5:
                    await connection.send(ask)
                else:
                    _ = connection.send(ask)
                connection.close()
                connection = await self._connect()
            began = time.perf_counter()
            status, body = await connection.send(ask)
            self.statuses[f"next {status}"] += 1
            if status == _EMPTY:
                idle += 1
                if not self.given.dying and idle >= _IDLE_ROUNDS:
                    break
                await asyncio.sleep(_POLL_S if self.given.dying else 0.02)
                continue
            if status != 200:
                raise SystemExit(f"next answered {status}: {body[:400]!r}")
            idle = 0
            self.next_s.append(time.perf_counter() - began)
            await self._submit(connection, head, _PAYLOAD.decode(body))
        connection.close()

    async def _submit(self, connection: Connection, head: str, task: _Payload) -> None:
        if self.rng.random() < self.given.late:  # so slow that the lease ends
            await asyncio.sleep(max(task.lease.expires_ms / 1000 - time.time(), 0) + 0.5)
        fields = (
            f'{{"token":{task.lease.token},"request_key":"{task.lease.judgement_id}-{task.lease.token}",'
            f'"active_ms":4000,"ontology_version":{task.ontology_version},'
            f'"instructions_version":{task.instructions_version},"labelling":'
        )
        body = fields.encode() + self.labelling + b"}"
        request = _request(f"/api/v1/leases/{task.lease.judgement_id}/submit", head, body)
        began = time.perf_counter()
        status, answer = await connection.send(request)
        ended = time.perf_counter()
        self.statuses[f"submit {status}"] += 1
        if status == 200:
            self.submit_s.append(ended - began)
            self.acknowledged.append(json.loads(answer)["submission_id"])
            self.last_cycle_at = ended
        elif status != _LOST:
            raise SystemExit(f"submit answered {status}: {answer[:400]!r}")


def labelling_json(boxes: int, *, seed: int) -> bytes:
    """Return a labelling of some boxes as the workbench would send it."""
    rng = random.Random(seed)
    annotations = []
    for number in range(boxes):
        left, top = rng.uniform(0, 1100), rng.uniform(0, 600)
        box = [left, top, left + rng.uniform(10, 150), top + rng.uniform(10, 100)]
        annotations.append(
            {
                "annotation_id": f"ann_{number:020d}",
                "class_id": rng.choice(["car", "person", "cyclist", "light", "sign"]),
                "geometry": {"kind": "box", "box_xyxy": [round(value, 2) for value in box]},
                "attributes": {},
                "is_occluded": rng.random() < 0.3,
                "is_truncated": False,
                "score": None,
                "origin": None,
            }
        )
    return json.dumps({"annotations": annotations, "answers": {}}, separators=(",", ":")).encode()


def percentiles(taken_s: list[float]) -> dict[str, float]:
    """Return p50, p95, p99 and the largest in ms; empty for no values."""
    if not taken_s:
        return {}
    ordered = sorted(taken_s)
    picks = {"p50": 0.5, "p95": 0.95, "p99": 0.99, "max": 1.0}
    return {
        name: round(ordered[min(int(len(ordered) * share), len(ordered) - 1)] * 1000, 3)
        for name, share in picks.items()
    }


def _request(path: str, head: str, body: bytes) -> bytes:
    line = (
        f"POST {path} HTTP/1.1\r\n{head}Content-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n"
    )
    return line.encode() + body


def main() -> None:
    """Run the crowd and write what it saw."""
    parser = argparse.ArgumentParser(description="Annotators at work.")
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--project", required=True)
    parser.add_argument("--clients", type=int, default=32)
    parser.add_argument("--seconds", type=float, default=10.0)
    parser.add_argument("--boxes", type=int, default=10)
    parser.add_argument("--dying", type=float, default=0.0, help="share of cycles in which a client dies")
    parser.add_argument("--late", type=float, default=0.0, help="share of cycles in which a lease ends first")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--json", type=Path, required=True)
    given = parser.parse_args()
    result = uvloop.run(Crowd(given).run())
    given.json.write_text(json.dumps(result))


if __name__ == "__main__":
    main()
