"""An installation to look at: a project of streets full of objects, one of 12-megapixel photos, one huge scan.

    python -m benchmarks.workbench.site --data DIR --port N [--ui DIR]

serves the installation in DIR, as the benchmark starts it in a process of its own.
"""

from __future__ import annotations

import argparse
import io
import json
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any, Final, NamedTuple

import numpy as np
from PIL import Image, ImageDraw

from goldsmith.app import open_app
from goldsmith.client import Client
from goldsmith.core.annotations import Annotation, Labelling
from goldsmith.core.geometry import Polygon
from goldsmith.core.ontology import LabelClass, Ontology
from goldsmith.platform.database import Transaction
from goldsmith.platform.settings import Settings
from goldsmith.projects.api import Workflow
from goldsmith.server.application import create_application
from goldsmith.server.serving import serve
from goldsmith.server.web_ui import STATIC_FOLDER

EMAIL: Final = "lead@example.org"
PASSWORD: Final = "correct horse battery"
SHAPES: Final = 1000
STREETS: Final = 40
PHOTOS: Final = 8
PHOTO_PX: Final = (4000, 3000)
SCAN_PX: Final = (16_000, 16_000)
_STREET_PX: Final = (1920, 1080)
_START_S: Final = 90.0


class Projects(NamedTuple):
    """Ids of what was made."""

    streets: str
    photos: str
    scans: str


class Site(NamedTuple):
    """A running installation."""

    url: str
    projects: Projects


@contextmanager
def site(folder: Path, *, ui: Path | None = None, with_scan: bool = True) -> Iterator[Site]:
    """Make an installation, serve it around a measurement, and end it."""
    folder.mkdir(parents=True, exist_ok=True)
    workspace_id, key = _found(folder)
    port = _free_port()
    command = [sys.executable, "-m", "benchmarks.workbench.site", "--data", str(folder), "--port", str(port)]
    command += [] if ui is None else ["--ui", str(ui)]
    with (folder / "server.log").open("wb") as log:
        process = subprocess.Popen(command, stdout=log, stderr=log)
    try:
        url = f"http://127.0.0.1:{port}"
        _wait_for(url, process, folder / "server.log")
        with Client(url, key, timeout_s=300) as client:
            projects = _fill(
                client, f"{url}/api/v1/workspaces/{workspace_id}/blobs", key, with_scan=with_scan
            )
        yield Site(url, projects)
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(30)


def _found(folder: Path) -> tuple[str, str]:
    """Make the owner with a key; returns the workspace and the key."""
    app = open_app(_settings(folder, 0))
    try:

        def make(tx: Transaction) -> tuple[str, str]:
            made = app.accounts.bootstrap_owner(
                tx, email=EMAIL, name="Lead", password=PASSWORD, workspace_name="Bench"
            )
            return made.workspace_id, app.accounts.create_key(
                tx, made.workspace_id, EMAIL, name="bench"
            ).secret

        return app.machine.database.write_sync(make)
    finally:
        app.close()


def _fill(client: Client, blobs_url: str, key: str, *, with_scan: bool) -> Projects:
    """Make the projects and their items."""

    def upload(data: bytes) -> str:
        request = urllib.request.Request(blobs_url, data, {"Authorization": f"Bearer {key}"})
        with urllib.request.urlopen(request, timeout=300) as answer:
            return str(json.load(answer)["sha256"])

    def make(name: str, pictures: list[tuple[bytes, Labelling | None]]) -> str:
        ontology = Ontology(
            classes=[
                LabelClass(class_id=f"c{n}", name=f"Class {n}", geometry_kinds=["box", "polygon"])
                for n in range(6)
            ]
        )
        project = client.create_project(name=name, ontology=ontology, workflow=Workflow(overlap=1))
        records: list[dict[str, Any]] = []
        for number, (data, labelling) in enumerate(pictures):
            record: dict[str, Any] = {"name": f"{name.lower()}-{number}", "sha256": upload(data)}
            if labelling is not None:
                record |= {"labelling": labelling.model_dump(mode="json"), "labels_as": "prelabels"}
            records.append(record)
        client.bulk_items(project.project_id, records)
        return project.project_id

    return Projects(
        streets=make("Streets", [(_street(seed), _labels(seed)) for seed in range(STREETS)]),
        photos=make("Photos", [(photo(seed), None) for seed in range(PHOTOS)]),
        scans=make("Scans", [(scan(), None)] if with_scan else []),
    )


def photo(seed: int) -> bytes:
    """Return a 12-megapixel JPEG with as much detail as a camera's."""
    rng = np.random.default_rng(seed)
    coarse = Image.fromarray(rng.integers(0, 255, (30, 40, 3), dtype=np.uint8)).resize(
        PHOTO_PX, Image.Resampling.BICUBIC
    )
    grain = rng.normal(0, 9, (PHOTO_PX[1], PHOTO_PX[0], 1)).astype(np.int16)
    pixels = np.clip(np.asarray(coarse, dtype=np.int16) + grain, 0, 255).astype(np.uint8)
    return _encoded(Image.fromarray(pixels), "JPEG", quality=88)


def scan() -> bytes:
    """Return a 16,000 x 16,000 PNG of few megabytes: flat fields with numbers in them."""
    image = Image.new("RGB", SCAN_PX, (90, 110, 130))
    draw = ImageDraw.Draw(image)
    rng = np.random.default_rng(1)
    for _ in range(900):
        x, y = (int(n) for n in rng.integers(0, SCAN_PX[0], 2))
        width, height = (int(n) for n in rng.integers(50, 900, 2))
        red, green, blue = (int(n) for n in rng.integers(0, 255, 3))
        draw.rectangle((x, y, x + width, y + height), fill=(red, green, blue))
        draw.text((x + 5, y + 5), f"{x}, {y}", fill=(255, 255, 255))
    return _encoded(image, "PNG", compress_level=3)


def _street(seed: int) -> bytes:
    rng = np.random.default_rng(100 + seed)
    pixels = rng.integers(0, 255, (27, 48, 3), dtype=np.uint8)
    return _encoded(Image.fromarray(pixels).resize(_STREET_PX, Image.Resampling.BICUBIC), "JPEG", quality=85)


def _labels(seed: int) -> Labelling:
    rng = np.random.default_rng(200 + seed)
    angles = np.linspace(0, 2 * np.pi, 20, endpoint=False)
    annotations = []
    for number in range(SHAPES):
        radius = rng.uniform(8, 30)
        centre = rng.uniform((radius, radius), (_STREET_PX[0] - radius, _STREET_PX[1] - radius))
        reach = radius * rng.uniform(0.7, 1, 20)
        points = centre + np.stack([np.cos(angles), np.sin(angles)], axis=1) * reach[:, None]
        ring = [(round(float(x), 2), round(float(y), 2)) for x, y in points]
        annotations.append(
            Annotation(
                annotation_id=f"a{number:04d}", class_id=f"c{number % 6}", geometry=Polygon(rings=[ring])
            )
        )
    return Labelling(annotations=annotations, answers={})


def _encoded(image: Image.Image, kind: str, **options: Any) -> bytes:
    out = io.BytesIO()
    image.save(out, kind, **options)
    return out.getvalue()


def _settings(folder: Path, port: int) -> Settings:
    return Settings(data_dir=folder / "data", port=port)


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _wait_for(url: str, process: subprocess.Popen[bytes], log: Path) -> None:
    deadline_s = time.monotonic() + _START_S
    while time.monotonic() < deadline_s:
        with suppress(OSError), urllib.request.urlopen(f"{url}/healthz", timeout=5):
            return
        if process.poll() is not None:
            raise SystemExit(log.read_text()[-4000:])
        time.sleep(0.05)
    raise SystemExit("the server did not answer")


def main() -> None:
    """Serve an installation until told to end."""
    parser = argparse.ArgumentParser(description="Serve an installation made by the benchmark.")
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--ui", type=Path, default=STATIC_FOLDER)
    given = parser.parse_args()
    settings = _settings(given.data, given.port)
    app = open_app(settings)
    try:
        serve(
            create_application(app.machine, app.routers, app.gate, static_folder=given.ui),
            settings,
            announce=print,
        )
    finally:
        app.close()


if __name__ == "__main__":
    main()
