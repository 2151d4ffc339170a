"""The workbench in a browser, beside the same scene as SVG and in Konva.

    python -m benchmarks.workbench --json FILE

Everything runs in headless Chromium without a GPU. The machine's other work shows in frames a second and waiting times,
hardly in CPU time: look at the load beside the numbers.
"""

from __future__ import annotations

import argparse
import os
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final, NamedTuple

from hatch_build import build_ui

from benchmarks.installation import machine_note, write_json
from benchmarks.workbench import canvas
from benchmarks.workbench.browser import ROOT, chromium
from benchmarks.workbench.product import Product
from benchmarks.workbench.site import PHOTO_PX, SCAN_PX, SHAPES, site

POLYGONS: Final = 10_000
_FRAMES: Final = 120


class Goal(NamedTuple):
    """A target of the product."""

    name: str
    key: str
    limit: float
    unit: str
    is_least: bool = False


GOALS: Final = (
    *(
        Goal(f"{gesture}, 10,000 polygons", f"fps.{gesture}", 50, "frames/s", is_least=True)
        for gesture in canvas.GESTURES
    ),
    Goal(f"open a task of {SHAPES} shapes, from its picture", "opening.from_picture_ms", 150, "ms"),
    Goal("switch to the prefetched next task", "switching.ms", 50, "ms"),
    Goal(f"open a {PHOTO_PX[0] * PHOTO_PX[1] // 1_000_000}-megapixel JPEG", "photo.shown_ms", 300, "ms"),
    Goal(f"pan a {SCAN_PX[0]:,} x {SCAN_PX[1]:,} image", "scan.pan_fps", 50, "frames/s", is_least=True),
    Goal("script and style of the labelling page", "weight.gzip_kb", 250, "KB gzip"),
)


def measure(*, rounds: int, with_peers: bool, ui: Path | None) -> dict[str, Any]:
    """Measure all there is to measure."""
    contenders = canvas.CONTENDERS if with_peers else canvas.CONTENDERS[:1]
    with tempfile.TemporaryDirectory() as name, chromium() as browser:
        folder = Path(name)
        with canvas.built_page(folder) as address:
            scenes = canvas.measure(
                browser, address, polygons=POLYGONS, frames=_FRAMES, rounds=rounds, contenders=contenders
            )
        with site(folder / "site", ui=ui) as running:
            product = Product(browser, running)
            product.sign_in()
            return {
                "scenes": scenes,
                "fps": {gesture: scenes["goldsmith"][gesture]["fps"] for gesture in canvas.GESTURES},
                "weight": product.weight(),
                "opening": product.opening(5 * rounds),
                "switching": product.switching(6 * rounds),
                "photo": product.photo(3 * rounds),
                "scan": product.scan(_FRAMES),
            }


def table(found: dict[str, Any]) -> Iterator[str]:
    """Yield the lines of the report."""
    yield f"{POLYGONS:,} polygons of 20 points, {canvas.VIEWPORT['width']} x {canvas.VIEWPORT['height']}"
    yield f"{'':12}{'':8}{'frames/s':>10}{'script ms':>11}{'CPU ms':>9}{'95 % ms':>9}"
    for name, costs in found["scenes"].items():
        for gesture in canvas.GESTURES:
            cost = costs[gesture]
            yield (
                f"{name if gesture == canvas.GESTURES[0] else '':12}{gesture:8}{cost['fps']:10.1f}"
                f"{cost['script_ms']:11.2f}{cost['cpu_ms']:9.1f}{cost['frame_p95_ms']:9.1f}"
            )
    yield ""
    yield f"{'':52}{'ours':>9}  goal"
    for goal in GOALS:
        value = _at(found, goal.key)
        is_met = value >= goal.limit if goal.is_least else value <= goal.limit
        sign = ">=" if goal.is_least else "<="
        yield f"{goal.name:52}{value:9.1f}  {sign} {goal.limit:g} {goal.unit}{'' if is_met else '   missed'}"


def _at(found: dict[str, Any], key: str) -> float:
    value: Any = found
    for part in key.split("."):
        value = value[part]
    return float(value)


def main() -> None:
    """Measure, print and write."""
    parser = argparse.ArgumentParser(description="The workbench in a browser, beside SVG and Konva.")
    parser.add_argument("--json", help="write the figures to this file")
    parser.add_argument("--rounds", type=int, default=2, help="repetitions; the quietest counts")
    parser.add_argument("--no-peers", action="store_true", help="leave SVG and Konva out")
    parser.add_argument("--ui", type=Path, help="a workbench built elsewhere")
    given = parser.parse_args()
    if given.ui is None:
        build_ui(ROOT)
    before = os.getloadavg()[0]
    found = measure(rounds=given.rounds, with_peers=not given.no_peers, ui=given.ui)
    for line in table(found):
        print(line)
    load = f"{before:.1f} before, {os.getloadavg()[0]:.1f} after"
    print(f"load of the machine: {load}, on {os.cpu_count()} cores")
    write_json(given.json, {**found, "load": load, "machine": machine_note()})


if __name__ == "__main__":
    main()
