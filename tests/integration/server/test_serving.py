"""A real server process on a real port."""

from __future__ import annotations

import shutil
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

import httpx
import pytest

PROGRAM = """
import sys, time
from typing import Annotated
from pathlib import Path
from fastapi import APIRouter, Depends
from goldsmith.accounts import jobs, routes
from goldsmith.accounts.api import AccountsService, Gate
from goldsmith.platform.machine import open_machine
from goldsmith.platform.settings import load_settings
from goldsmith.server.application import create_application
from goldsmith.server.serving import serve
import asyncio

machine = open_machine(load_settings(data_dir=Path(sys.argv[1]), database_url=sys.argv[2], port=0))
accounts, gate = AccountsService(machine), Gate(machine.database, machine.clock)
jobs.register(machine.jobs, accounts)
slow = APIRouter()

@slow.get("/api/v1/slow", dependencies=[Depends(gate.public())])
async def answer_late() -> str:
    await asyncio.sleep(1.5)
    return "late"

application = create_application(machine, [routes.router(accounts, gate), slow], gate)
try:
    serve(application, machine.settings, announce=lambda url: print(url, flush=True))
finally:
    machine.close()
    print("closed", flush=True)
"""


@contextmanager
def started(template: Path, folder: Path) -> Iterator[tuple[subprocess.Popen[str], str]]:
    """A server process on a copy of a migrated database, and the URL it announced."""
    program = folder / "program.py"
    program.write_text(PROGRAM)
    shutil.copy(template, folder / "goldsmith.db")
    process = subprocess.Popen(
        [sys.executable, str(program), str(folder / "data"), f"sqlite:///{folder / 'goldsmith.db'}"],
        stdout=subprocess.PIPE,
        text=True,
    )
    assert process.stdout is not None
    try:
        yield process, process.stdout.readline().strip()
    finally:
        if process.poll() is None:
            process.kill()
        process.wait()
        process.stdout.close()


@pytest.fixture(scope="module")
def migrated(request: pytest.FixtureRequest) -> Path:
    """A migrated SQLite database to copy from."""
    return Path(request.getfixturevalue("_sqlite_template"))


@pytest.fixture(scope="module")
def url(migrated: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The URL of a server that serves the tests of this file."""
    with started(migrated, tmp_path_factory.mktemp("server")) as (_, announced):
        yield announced


def rest_of(stream: IO[str] | None) -> str:
    assert stream is not None
    return stream.read()


def test_it_announces_its_url_and_answers(url: str) -> None:
    assert url.startswith("http://127.0.0.1:")
    assert httpx.get(url + "/healthz", trust_env=False).json()["status"] == "ok"
    refused = httpx.get(url + "/healthz", headers={"Host": "evil.example"}, trust_env=False)
    assert refused.status_code == 400
    assert "server" not in refused.headers
    forwarded = httpx.get(url + "/metrics", headers={"X-Forwarded-For": "10.0.0.9"}, trust_env=False)
    assert forwarded.status_code == 200  # no proxy is configured, so nobody is believed


def test_running_requests_are_finished_before_it_ends(migrated: Path, tmp_path: Path) -> None:
    with started(migrated, tmp_path) as (process, url), httpx.Client(trust_env=False) as client:
        client.get(url + "/healthz")
        answers: list[httpx.Response] = []
        asking = threading.Thread(target=lambda: answers.append(client.get(url + "/api/v1/slow")))
        asking.start()
        time.sleep(0.4)
        process.send_signal(signal.SIGTERM)
        asking.join(10)
        assert [answer.json() for answer in answers] == ["late"]
        assert process.wait(10) == 0
        assert rest_of(process.stdout) == "closed\n"


def test_a_client_that_sends_less_than_it_said_is_let_go(url: str) -> None:
    host, port = url.removeprefix("http://").split(":")
    with socket.create_connection((host, int(port))) as raw:
        raw.sendall(b"POST /api/v1/auth/login HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: 50\r\n\r\n{")
    assert httpx.get(url + "/healthz", trust_env=False).status_code == 200


@pytest.mark.parametrize(
    "request_bytes",
    [
        b"GET / HTTP/1.1\r\n\r\n",  # no Host
        b"GET http://evil.example/ HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n",
        b"POST / HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
        b"GET /\x00 HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n",
        b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03",
        b"GET / HTTP/1.1\r\nHost: 127.0.0.1\r\nX: " + b"a" * 200_000 + b"\r\n\r\n",
    ],
)
def test_broken_requests_do_not_hurt(url: str, request_bytes: bytes) -> None:
    host, port = url.removeprefix("http://").split(":")
    with socket.create_connection((host, int(port)), timeout=5) as raw:
        try:
            raw.sendall(request_bytes)
            raw.shutdown(socket.SHUT_WR)
            received = raw.recv(65_536)
        except OSError:
            received = b""
    assert b"Traceback" not in received
    assert httpx.get(url + "/healthz", trust_env=False).status_code == 200
