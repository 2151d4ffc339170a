"""Ten thousand polygons in one frame: goldsmith's engine beside the same scene as SVG and in Konva.

The page in ``page/`` is built with the workbench's own Vite, Konva is fetched by npm into a temporary folder, and
headless Chromium without a GPU performs the same gestures on each. Frames a second say what a person sees; script time
and CPU time a frame say what it costs, also when the machine is busy with other things.
"""

from __future__ import annotations

import functools
import http.server
import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final, NamedTuple

from benchmarks.workbench.browser import ROOT, Chromium, npm, tree_cpu_s, vite

KONVA: Final = "konva@10"
CONTENDERS: Final = ("goldsmith", "SVG", "Konva")
GESTURES: Final = ("pan", "zoom", "hover", "drag")
VIEWPORT: Final = {"width": 1600, "height": 900}
_PAGE: Final = ROOT / "benchmarks" / "workbench" / "page"


class Cost(NamedTuple):
    """What a frame of one gesture costs.

    Attributes:
        fps: Median frames a second.
        frame_p95_ms: Time between frames that 95 in 100 stay under.
        script_ms: Median time of all script in a frame.
        script_p95_ms: The same, 95 in 100.
        cpu_ms: CPU time of all of the browser's processes, divided by the frames.
    """

    fps: float
    frame_p95_ms: float
    script_ms: float
    script_p95_ms: float
    cpu_ms: float


@contextmanager
def built_page(folder: Path) -> Iterator[str]:
    """Build the page and serve it on loopback; yields its address."""
    konva, out = folder / "konva", folder / "page"
    konva.mkdir()
    npm(["install", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error", KONVA], konva)
    vite(
        ["build", "--config", str(_PAGE / "vite.config.mjs")], {"KONVA_DIR": str(konva), "PAGE_OUT": str(out)}
    )
    handler = functools.partial(_Quiet, directory=str(out))
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        try:
            yield f"http://127.0.0.1:{server.server_address[1]}/"
        finally:
            server.shutdown()


def measure(
    browser: Chromium,
    address: str,
    *,
    polygons: int,
    frames: int,
    rounds: int,
    contenders: tuple[str, ...] = CONTENDERS,
) -> dict[str, dict[str, Any]]:
    """Perform all gestures on each contender, several rounds in turn; the quietest round of each gesture counts.

    Returns:
        By contender: ``ready_ms`` until the scene stands, and a ``Cost`` as a mapping for each gesture.
    """
    best: dict[str, dict[str, Any]] = {name: {} for name in contenders}
    for _ in range(rounds):
        for name in contenders:
            page = browser.new_page(VIEWPORT)
            page.goto(address)
            ready_ms = page.evaluate("([name, count]) => prepare(name, count)", [name, polygons])
            kept = best[name]
            kept["ready_ms"] = round(min(ready_ms, kept.get("ready_ms", ready_ms)), 1)
            for gesture in GESTURES:
                cost = _perform(page, gesture, frames if name == "goldsmith" else frames // 2)
                if gesture not in kept or cost.cpu_ms < kept[gesture]["cpu_ms"]:
                    kept[gesture] = cost._asdict()
            page.context.close()
    return best


def _perform(page: Any, gesture: str, frames: int) -> Cost:
    before_s = tree_cpu_s(os.getpid())
    found = page.evaluate("([name, frames]) => gesture(name, frames)", [gesture, frames])
    spent_s = tree_cpu_s(os.getpid()) - before_s
    return Cost(
        fps=round(found["fps"], 1),
        frame_p95_ms=round(found["frameP95Ms"], 1),
        script_ms=round(found["scriptP50Ms"], 2),
        script_p95_ms=round(found["scriptP95Ms"], 2),
        cpu_ms=round(spent_s / frames * 1000, 1),
    )


class _Quiet(http.server.SimpleHTTPRequestHandler):
    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002  named so by the base class
        """Say nothing."""
