"""What the pages' examples run on: a set-up installation, a few pictures with labels, a served application."""

from __future__ import annotations

import io
import os
import shutil
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
import uvicorn
from PIL import Image

from goldsmith.app import open_app
from goldsmith.core.annotations import Annotation, Labelling
from goldsmith.core.geometry import Box
from goldsmith.core.ontology import LabelClass, Ontology
from goldsmith.formats.registry import get_format
from goldsmith.formats.targets import FolderTarget, ZipTarget
from goldsmith.formats.types import Sample
from goldsmith.platform.settings import Settings
from goldsmith.server.serving import listen, make_config, url_of

ROOT = Path(__file__).resolve().parents[2]
OWNER = "you@example.org"
PICTURES = 6


def _png(number: int) -> bytes:
    """A picture unlike the others, so that no two count as near-duplicates."""
    size = (64, 48)
    noise = Image.frombytes(
        "L", (8, 6), bytes((number * 37 + place * place * 11) % 256 for place in range(48))
    )
    out = io.BytesIO()
    noise.resize(size, Image.Resampling.NEAREST).convert("RGB").save(out, "PNG")
    return out.getvalue()


@pytest.fixture(scope="session")
def _prepared(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An installation in ``.goldsmith`` with an owner, and labelled pictures in ``streets``."""
    folder = tmp_path_factory.mktemp("docs")
    app = open_app(Settings(data_dir=folder / ".goldsmith", job_threads=0))
    app.machine.database.write_sync(
        lambda tx: app.accounts.bootstrap_owner(
            tx, email=OWNER, name="You", password=None, workspace_name="Acme"
        )
    )
    app.close()
    ontology = Ontology(classes=[LabelClass(class_id="car", name="Car", geometry_kinds=["box"])])
    box = Annotation(annotation_id="a", class_id="car", geometry=Box(box_xyxy=(4, 4, 30, 24)))
    samples = [
        Sample(f"{number}.png", 64, 48, Labelling(annotations=[box]), media_name=f"{number}.png")
        for number in range(PICTURES)
    ]
    pictures = {sample.name: _png(number) for number, sample in enumerate(samples)}
    get_format("coco").write(
        samples,
        FolderTarget(folder / "streets"),
        ontology=ontology,
        media=lambda sample: pictures[sample.name],
    )
    with (folder / "streets.zip").open("wb") as file, ZipTarget(file) as archive:
        for name, data in list(pictures.items())[:2]:
            archive.put(name, data)
    return folder


@pytest.fixture
def workplace(_prepared: Path, tmp_path: Path) -> Path:
    """A folder to run a page's examples in."""
    folder = tmp_path / "work"
    shutil.copytree(_prepared, folder)
    return folder


@pytest.fixture
def environment() -> dict[str, str]:
    """As somebody's shell with goldsmith installed, without settings."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("GOLDSMITH_")}
    return {
        **kept,
        "PATH": f"{Path(sys.executable).parent}:{kept['PATH']}",
        "COLUMNS": "200",
        "NO_COLOR": "1",
    }


@pytest.fixture
def served(workplace: Path) -> Iterator[tuple[str, str]]:
    """URL and owner's key of a server on the installation."""
    settings = Settings(data_dir=workplace / ".goldsmith", port=0, job_threads=1)
    app = open_app(settings)
    key = app.machine.database.write_sync(lambda tx: app.accounts.create_key(tx, "Acme", OWNER, name="docs"))
    listening = listen(settings.host, 0)
    server = uvicorn.Server(make_config(app.application(), settings))
    thread = threading.Thread(target=lambda: server.run(sockets=[listening]), daemon=True)
    thread.start()
    while not server.started and thread.is_alive():
        time.sleep(0.01)
    yield url_of(listening, settings), key.secret
    server.should_exit = True
    thread.join()
    listening.close()
    app.close()
