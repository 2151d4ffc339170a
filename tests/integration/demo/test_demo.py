"""The whole loop as the demonstration runs it, as small as it goes."""

from __future__ import annotations

import io
import json
from pathlib import Path

import pytest
from rich.console import Console

from goldsmith.core.errors import ConflictError
from goldsmith.demo.loop import Plan
from goldsmith.demo.run import MARKER, run_demo
from goldsmith.demo.sources import Material
from goldsmith.platform.settings import Settings
from goldsmith.training.api import Recipe
from tests.integration.quality.installation import ONTOLOGY, picture


@pytest.mark.train
def test_the_loop_goes_round_twice(tmp_path: Path) -> None:
    pool = [picture(n, group=f"g{n // 2}", kind="night" if n % 3 else "day") for n in range(24)]
    test = [picture(n, group=f"t{n}") for n in range(100, 108)]
    material = Material("small pictures", ONTOLOGY, pool, test)
    recipe = Recipe(model_size="small", steps=5, input_size_px=96, crop_size_px=64, batch_size=4)
    plan = Plan(first=8, second=4, recipe=recipe)
    settings = Settings(data_dir=tmp_path / "demo", port=0, engine_workers=1)
    console = Console(file=io.StringIO(), width=120)
    told = tmp_path / "figures.json"
    outcome = run_demo(
        settings,
        material=material,
        plan=plan,
        console=console,
        json_file=told,
        serves=False,
        opens_browser=False,
    )
    assert json.loads(told.read_text()) == json.loads(json.dumps(outcome.as_json()))
    assert [row["name"] for row in outcome.models] == ["round 1", "round 2, by random", "round 2, by gain"]
    assert len(outcome.comparisons) == 3
    assert {row["verdict"] for row in outcome.comparisons} <= {"better", "worse", "inconclusive"}
    best = max(row["f1"] for row in outcome.annotators)
    assert outcome.consensus["f1"] > min(row["f1"] for row in outcome.annotators)
    assert outcome.consensus["f1"] > best - 0.1
    assert outcome.consensus["pictures"] >= 12
    assert outcome.lineage["up"]["member"] >= 5
    assert outcome.lineage["down"]["model_version"] >= 1
    assert outcome.audit["fault"] is None
    assert (settings.data_dir / MARKER).exists()
    with pytest.raises(ConflictError):
        run_demo(
            settings, material=material, plan=plan, console=console, json_file=None, serves=False, opens_browser=False
        )  # fmt: skip
