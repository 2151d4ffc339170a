"""Starting: from an empty disk, and again; until the first answer of ``/healthz``, with CPU and memory.

    python -m benchmarks.startup --json FILE [--times 5]

The command a person types, ``goldsmith up``, as a process of its own. The first start makes the data folder, the
database and its tables; the restart finds them. The first start after an installation also compiles Python's bytecode,
once; it is reported apart as ``coldest``. On a machine that is busy with other things, read the CPU seconds.
"""

from __future__ import annotations

import argparse
import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import urllib.request
from contextlib import suppress
from pathlib import Path
from statistics import median
from typing import Any, Final

from benchmarks.installation import machine_note, write_json

PEER: Final = {
    "name": "Label Studio 1.23.2, measured on 2 cores",
    "first_start_s": "36-105",
    "restart_s": "2.7-7",
    "memory_mb": "620-830",
}
GOAL: Final = "first start under 3 s, restart under 1.5 s, memory under 200 MB"
NEEDLESS: Final = ("torch", "onnxruntime", "pyarrow", "scipy", "alembic", "ray", "matplotlib")
"""What a start must not import: each would cost every start for what few requests need."""
_SERVES: Final = re.compile(r"serves on (http\S+)")
_NOT_OURS: Final = ("GOLDSMITH_", "PYTHONDONTWRITEBYTECODE")
_POLL_S: Final = 0.005
_PATIENCE_S: Final = 120.0


def start_once(folder: Path, *, bytecode: Path) -> dict[str, float]:
    """Start the server on a data folder, wait for its first answer, end it.

    Args:
        folder: Data folder; may be absent.
        bytecode: Folder for compiled bytecode instead of the installed one; empty to see the very first start. So
            that an environment which keeps Python from writing any does not make each start the first.

    Returns:
        Wall and CPU seconds to the first answer, and resident memory in MB then.
    """
    port_file = folder.parent / "url"
    environment = {name: value for name, value in os.environ.items() if not name.startswith(_NOT_OURS)}
    environment["PYTHONPYCACHEPREFIX"] = str(bytecode)
    command = [sys.executable, "-m", "goldsmith", "up", "--port", "0", "--data", str(folder)]
    with port_file.open("wb") as out:
        started = time.perf_counter()
        process = subprocess.Popen(command, stdout=out, stderr=subprocess.STDOUT, env=environment)
        try:
            url = _wait_for_url(process, port_file)
            with urllib.request.urlopen(f"{url}/healthz", timeout=_PATIENCE_S) as answer:
                assert answer.status == 200
            wall_s = time.perf_counter() - started
            return {"wall_s": wall_s, "cpu_s": _cpu_s(process.pid), "memory_mb": _memory_mb(process.pid)}
        finally:
            process.send_signal(signal.SIGTERM)
            with suppress(subprocess.TimeoutExpired):
                process.wait(20)
            process.kill()
            process.wait()


def measure(times: int) -> dict[str, Any]:
    """Start from nothing and again, several times each."""
    first, again = [], []
    with tempfile.TemporaryDirectory(prefix="gsbench") as name:
        root = Path(name)
        bytecode = root / "bytecode"
        coldest = start_once(root / "coldest", bytecode=bytecode)
        for _ in range(times):
            shutil.rmtree(root / "data", ignore_errors=True)
            first.append(start_once(root / "data", bytecode=bytecode))
            again.append(start_once(root / "data", bytecode=bytecode))
    return {
        "first": _middle(first),
        "restart": _middle(again),
        "coldest": _middle([coldest]),
        "needless_imports": needless_imports(),
    }


def needless_imports() -> list[str]:
    """Return the heavy packages that the command imports before it serves; none is the aim."""
    code = "import sys, goldsmith.cli.main; print(*sys.modules)"
    names = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True).stdout
    return sorted({module.partition(".")[0] for module in names.split()} & set(NEEDLESS))


def slow_imports(count: int) -> list[tuple[float, str]]:
    """Return the packages whose own modules took longest to import: (ms, name), the slowest first."""
    command = [sys.executable, "-X", "importtime", "-c", "import goldsmith.cli.main"]
    lines = subprocess.run(command, check=True, capture_output=True, text=True).stderr.splitlines()
    spent: dict[str, float] = {}
    for line in lines:
        own, _, module = line.removeprefix("import time:").replace("|", " | ", 2).partition("|")
        name = module.partition("|")[2].strip()
        if own.strip().isdigit() and name:
            parts = name.split(".")
            package = ".".join(parts[: 2 if parts[0] == "goldsmith" else 1])
            spent[package] = spent.get(package, 0.0) + int(own) / 1000
    return sorted(((round(ms, 1), name) for name, ms in spent.items()), reverse=True)[:count]


def _middle(runs: list[dict[str, float]]) -> dict[str, float]:
    return {name: round(median(run[name] for run in runs), 2) for name in runs[0]}


def _wait_for_url(process: subprocess.Popen[bytes], file: Path) -> str:
    deadline = time.monotonic() + _PATIENCE_S
    while time.monotonic() < deadline:
        if (found := _SERVES.search(file.read_text())) is not None:
            return found[1]
        if process.poll() is not None:
            raise SystemExit(file.read_text()[-4000:])
        time.sleep(_POLL_S)
    raise SystemExit("the server did not say where it listens")


def _cpu_s(pid: int) -> float:
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def _memory_mb(pid: int) -> float:
    line = next(
        row for row in Path(f"/proc/{pid}/status").read_text().splitlines() if row.startswith("VmRSS")
    )
    return int(line.split()[1]) * 1024 / 1e6


def main() -> None:
    """Measure, print and write."""
    parser = argparse.ArgumentParser(description="How long goldsmith takes to start.")
    parser.add_argument("--json", help="write the figures to this file")
    parser.add_argument("--times", type=int, default=5, help="starts of each kind; the median counts")
    given = parser.parse_args()
    ours, slow = measure(given.times), slow_imports(12)
    print(f"{'':16}{'wall s':>8}{'CPU s':>8}{'MB':>7}   Label Studio 1.23.2")
    for label, key, peer in (
        ("first start", "first", f"{PEER['first_start_s']} s"),
        ("restart", "restart", f"{PEER['restart_s']} s, {PEER['memory_mb']} MB"),
        ("without bytecode", "coldest", ""),
    ):
        row = ours[key]
        print(f"{label:16}{row['wall_s']:8.2f}{row['cpu_s']:8.2f}{row['memory_mb']:7.0f}   {peer}")
    print(f"goal: {GOAL}")
    print("imported although not needed: " + (", ".join(ours["needless_imports"]) or "nothing"))
    print("slowest imports: " + ", ".join(f"{name} {ms:.0f} ms" for ms, name in slow))
    write_json(
        given.json, {"ours": ours, "peer": PEER, "goal": GOAL, "imports_ms": slow, "machine": machine_note()}
    )


if __name__ == "__main__":
    main()
