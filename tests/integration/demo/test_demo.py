"""The whole loop as the demonstration runs it, as small as it goes, where there is no network to speak to."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from goldsmith.demo.run import MARKER
from tests.integration.robustness.test_no_network import namespace, run_offline

pytestmark = pytest.mark.xdist_group("demo")  # one worker runs the demonstration


class Round(NamedTuple):
    """What a run of the demonstration told, and how often it tried a way out; None where that cannot be counted."""

    figures: dict[str, Any]
    refused: int | None
    folder: Path


def command(folder: Path, figures: Path, *options: str) -> list[str]:
    return [
        sys.executable, "-m", "goldsmith", "demo", "--no-serve", "--pictures", "20", "--steps", "2", "--port", "0",
        "--folder", str(folder), "--json", str(figures), *options,
    ]  # fmt: skip


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Round:
    pytest.importorskip("torch")
    place = tmp_path_factory.mktemp("demo")
    folder, figures = place / "data", place / "figures.json"
    refused: int | None = None
    if namespace() is None:
        subprocess.run(command(folder, figures), cwd=place, check=True, capture_output=True)
    else:
        refused = run_offline(*command(folder, figures), folder=place)["refused"]
    return Round(json.loads(figures.read_text()), refused, folder)


@pytest.mark.train
def test_the_loop_goes_round_twice(demo: Round) -> None:
    figures = demo.figures
    assert [row["name"] for row in figures["models"]] == ["round 1", "round 2, by random", "round 2, by gain"]
    assert len(figures["comparisons"]) == 3
    assert {row["verdict"] for row in figures["comparisons"]} <= {"better", "worse", "inconclusive"}
    found = [row["f1"] for row in figures["annotators"]]
    assert figures["consensus"]["f1"] > min(found)
    assert figures["consensus"]["f1"] > max(found) - 0.1
    assert figures["consensus"]["pictures"] >= 10
    assert figures["lineage"]["up"]["member"] >= 5
    assert figures["lineage"]["down"]["model_version"] >= 1
    assert figures["audit"]["fault"] is None
    assert (demo.folder / MARKER).exists()


@pytest.mark.train
def test_it_speaks_to_nobody(demo: Round) -> None:
    if demo.refused is None:
        pytest.skip("this system lets nobody make a network namespace (unshare --net)")
    assert demo.refused == 0


@pytest.mark.train
def test_it_touches_no_installation_that_is_there(demo: Round, tmp_path: Path) -> None:
    again = subprocess.run(
        command(demo.folder, tmp_path / "figures.json", "--keep"), capture_output=True, text=True, check=False
    )
    assert again.returncode != 0
    assert not (tmp_path / "figures.json").exists()
