"""Measuring on a machine that others use too: what happened while they were quiet counts."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from statistics import median
from typing import Final

from benchmarks.workbench.browser import tree_cpu_s

_TICKS_S: Final = os.sysconf("SC_CLK_TCK")
_KEPT_SHARE: Final = 3


def measure_quietly(once: Callable[[], Mapping[str, float]], times: int) -> dict[str, float]:
    """Repeat a measurement and return the medians of the third in which others used the processors least.

    Args:
        once: Measures once; figures by name.
        times: Repetitions.

    Returns:
        The figures, and as ``others_cores`` how many processors others kept busy meanwhile.
    """
    rows = []
    for _ in range(times):
        started_s, busy_s, own_s = time.monotonic(), _busy_s(), _own_s()
        figures = once()
        elapsed_s = max(time.monotonic() - started_s, 1e-3)
        rows.append((max(0.0, (_busy_s() - busy_s) - (_own_s() - own_s)) / elapsed_s, figures))
    rows.sort(key=lambda row: row[0])
    kept = rows[: max(1, times // _KEPT_SHARE)]
    found = {name: round(median(figures[name] for _, figures in kept), 1) for name in kept[0][1]}
    return {**found, "others_cores": round(median(others for others, _ in kept), 2)}


def _busy_s() -> float:
    """Return the seconds all processors have worked since the start of the machine."""
    user, nice, system, _, _, irq, softirq = map(int, Path("/proc/stat").read_text().split(None, 8)[1:8])
    return (user + nice + system + irq + softirq) / _TICKS_S


def _own_s() -> float:
    own = time.process_time()
    return own + tree_cpu_s(os.getpid())
