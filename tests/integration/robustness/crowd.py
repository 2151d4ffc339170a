"""Many clients that label at once, through the deaths of the server and their own, and keep what they were promised."""

from __future__ import annotations

import threading
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field

import httpx

from goldsmith.client import Client
from goldsmith.core.annotations import Annotation, Labelling
from goldsmith.core.geometry import Box
from goldsmith.labeling.types import TaskPayload
from tests.integration.robustness.served import Served


@dataclass
class Promise:
    """What a client knows of one submit: ``submission_ids`` holds each answer it got."""

    request_key: str
    task_id: str
    member_id: str
    submission_ids: set[str] = field(default_factory=set)


@dataclass
class Crowd:
    """Clients with a thread each.

    Every other client gives an unanswered submit up, as if it had died with the server; the rest send it again.
    One in eight answered submits is sent a second time, as an outbox does that has missed the answer.
    """

    served: Served
    project_id: str
    keys: list[str]
    class_id: str
    promises: list[Promise] = field(default_factory=list)
    faults: list[BaseException] = field(default_factory=list)

    def __post_init__(self) -> None:
        self._end = threading.Event()
        self._lock = threading.Lock()
        self._pool = ThreadPoolExecutor(len(self.keys))

    def start(self) -> None:
        """Begin to work."""
        for number, key in enumerate(self.keys):
            self._pool.submit(self._guarded, number, key)

    def stop(self) -> None:
        """Let everybody finish the task in hand; the server must run."""
        self._end.set()
        self._pool.shutdown()
        if self.faults:
            raise self.faults[0]

    def acknowledged(self) -> int:
        """Return how many submits were answered so far."""
        with self._lock:
            return sum(1 for promise in self.promises if promise.submission_ids)

    def wait_until(self, acknowledged: int, *, timeout_s: float = 60.0) -> None:
        """Wait until that many submits were answered in all."""
        deadline_s = time.monotonic() + timeout_s
        while self.acknowledged() < acknowledged:
            assert not self.faults, self.faults[0]
            assert time.monotonic() < deadline_s, f"only {self.acknowledged()} of {acknowledged} are in"
            time.sleep(0.005)

    def _guarded(self, number: int, key: str) -> None:
        try:
            self._work(number, key)
        except BaseException as fault:  # noqa: BLE001  told by stop
            self.faults.append(fault)

    def _work(self, number: int, key: str) -> None:
        client = self._connect(key)
        with client:
            done = 0
            while not self._end.is_set():
                try:
                    task = client.next_task(self.project_id)
                except httpx.TransportError:
                    time.sleep(0.05)
                    continue
                if task is None:
                    return
                done += 1
                self._submit(client, task, gives_up=number % 2 == 1, doubles=done % 8 == 0)

    def _connect(self, key: str) -> Client:
        while True:
            try:
                return self.served.client(key)
            except httpx.TransportError:
                time.sleep(0.05)

    def _submit(self, client: Client, task: TaskPayload, *, gives_up: bool, doubles: bool) -> None:
        promise = Promise(
            f"{task.lease.judgement_id}:{task.lease.token}", task.task.task_id, client.member_id
        )
        with self._lock:
            self.promises.append(promise)
        while True:
            try:
                answer = client.submit(task, self._labelling(), request_key=promise.request_key, active_ms=1)
            except httpx.TransportError:
                if gives_up:
                    return
                time.sleep(0.05)
                continue
            with self._lock:
                promise.submission_ids.add(answer.submission_id)
            if not doubles:
                return
            doubles = False

    def _labelling(self) -> Labelling:
        box = Box(box_xyxy=(1.0, 2.0, 30.0, 40.0))
        boxes = [
            Annotation(annotation_id=f"a{number}", class_id=self.class_id, geometry=box)
            for number in range(3)
        ]
        return Labelling(annotations=boxes)
