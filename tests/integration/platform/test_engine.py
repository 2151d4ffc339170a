"""Engines: the same results from all of them, and what happens when a worker dies."""

from __future__ import annotations

import functools
import importlib.util
import math
import operator
import os
import signal
import subprocess
import sys
import tempfile
import time
import zlib
from collections.abc import Iterator
from pathlib import Path

import pytest

from goldsmith.core.errors import MissingExtraError, WorkerLostError
from goldsmith.platform.engine import Engine, ProcessPoolEngine, SerialEngine, open_engine
from goldsmith.platform.settings import load_settings

HAS_RAY = importlib.util.find_spec("ray") is not None


@pytest.fixture(scope="module")
def pool() -> Iterator[Engine]:
    engine = ProcessPoolEngine(2)
    yield engine
    engine.close()


@pytest.fixture(scope="module")
def ray() -> Iterator[Engine]:
    if not HAS_RAY:
        pytest.skip("ray is not installed; pip install 'goldsmith[ray]'")
    engine = open_engine(load_settings(engine="ray", engine_workers=1))
    yield engine
    engine.close()


@pytest.fixture(params=["serial", "pool", "ray"])
def engine(request: pytest.FixtureRequest) -> Engine:
    return SerialEngine() if request.param == "serial" else request.getfixturevalue(request.param)


def test_all_give_the_same_bytes_in_order(engine: Engine) -> None:
    pieces = [bytes([number]) * number for number in range(40)]
    assert list(engine.map(zlib.compress, iter(pieces))) == [zlib.compress(piece) for piece in pieces]
    sines = list(engine.map(math.sin, [number / 7 for number in range(30)]))
    assert [value.hex() for value in sines] == [math.sin(number / 7).hex() for number in range(30)]


def test_unordered_gives_all(engine: Engine) -> None:
    double = functools.partial(operator.mul, 2)
    assert sorted(engine.map(double, range(30), ordered=False)) == list(range(0, 60, 2))
    assert list(engine.map(double, [])) == []


def test_errors_come_through(engine: Engine) -> None:
    results = engine.map(math.sqrt, [4.0, 9.0, -1.0, 16.0])
    assert next(results) == 2.0
    assert next(results) == 3.0
    with pytest.raises(ValueError, match="math domain error"):
        next(results)
    assert list(engine.map(math.sqrt, [1.0])) == [1.0]


def test_inputs_are_taken_as_results_leave(pool: Engine) -> None:
    taken: list[int] = []

    def inputs() -> Iterator[int]:
        for number in range(1000):
            taken.append(number)
            yield number

    results = pool.map(operator.neg, inputs())
    assert [next(results) for _ in range(5)] == [0, -1, -2, -3, -4]
    results.close()  # type: ignore[attr-defined]
    assert len(taken) < 20


def test_processes_compute_on_one_thread_and_are_initialised_once(pool: Engine, tmp_path: Path) -> None:
    assert set(pool.map(os.getenv, ["OMP_NUM_THREADS"] * 4)) == {"1"}
    leave_a_trace = functools.partial(tempfile.mkdtemp, dir=str(tmp_path))
    for _ in range(3):
        assert list(pool.map(abs, [-1] * 8, initializer=leave_a_trace)) == [1] * 8
    assert len(list(tmp_path.iterdir())) in (1, 2)


def test_a_killed_worker_is_told_and_replaced() -> None:
    engine = ProcessPoolEngine(2)
    process_ids = engine.map(os.path.realpath, ["/proc/self"] * 8)
    before = {int(path.rsplit("/", 1)[-1]) for path in process_ids}
    results = engine.map(time.sleep, [0.5] * 20)
    os.kill(before.pop(), signal.SIGKILL)
    with pytest.raises(WorkerLostError):
        list(results)
    assert list(engine.map(operator.neg, [1, 2])) == [-1, -2]
    engine.close()


def test_without_ray_the_error_names_the_extra() -> None:
    if HAS_RAY:
        pytest.skip("ray is installed")
    with pytest.raises(MissingExtraError, match=r"goldsmith\[ray\]"):
        open_engine(load_settings(engine="ray"))


def test_workers_end_with_a_killed_parent() -> None:
    code = (
        "import os, time\nfrom goldsmith.platform.engine import ProcessPoolEngine\n"
        "if __name__ == '__main__':\n"
        "    engine = ProcessPoolEngine(1)\n"
        "    list(engine.map(abs, [1]))\n"
        "    print(*engine._pool._processes, flush=True)\n"
        "    list(engine.map(time.sleep, [60]))\n"
    )
    parent = subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, text=True)
    assert parent.stdout is not None
    worker = int(parent.stdout.readline())
    parent.kill()
    parent.wait()
    parent.stdout.close()
    deadline_s = time.monotonic() + 10
    while _is_alive(worker):
        assert time.monotonic() < deadline_s, "the worker lives on"
        time.sleep(0.02)


def _is_alive(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0] not in "ZX"
    except OSError:
        return False
