"""Training end to end on small pictures: it learns, it repeats, it survives a kill, it serves what it learnt."""

from __future__ import annotations

import importlib.util
import io
import os
import signal
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from goldsmith.core.errors import ConflictError, InvalidInputError, MissingExtraError
from goldsmith.training.detector import load_trainer
from goldsmith.training.detector.progress import TrainedDetector, TrainingProgress, TrainingStoppedError
from goldsmith.training.recipes import Augment, Recipe, recipe_hash
from tests.unit.training.detector.pictures import CLASS_NAMES, rectangles

pytestmark = [
    pytest.mark.train,
    pytest.mark.skipif(
        importlib.util.find_spec("torch") is None, reason="torch is not installed (goldsmith[train])"
    ),
]

RECIPE = Recipe(
    model_size="small",
    input_size_px=96,
    crop_size_px=64,
    steps=60,
    batch_size=8,
    ema_decay=0.9,
    precision="float32",
    validate_every=2,
    augment=Augment(colour=0.2, scale_jitter=0.2),
)
TRAIN = [rectangles(seed) for seed in range(40)]
VALIDATION = [rectangles(seed) for seed in range(1000, 1012)]
"""Pictures the network has not seen."""


def train(
    folder: Path,
    *,
    recipe: Recipe = RECIPE,
    seed: int = 3,
    stop_after: int | None = None,
    resume: bool = False,
    told: list[TrainingProgress] | None = None,
) -> TrainedDetector:
    """A training with defaults for everything."""
    heard = told if told is not None else []
    return load_trainer()(
        TRAIN,
        validation=VALIDATION,
        class_names=CLASS_NAMES,
        recipe=recipe,
        seed=seed,
        out_dir=folder,
        emit=heard.append,
        should_stop=lambda: stop_after is not None and bool(heard) and heard[-1].step >= stop_after,
        resume=resume,
    )


@pytest.fixture(scope="module")
def told() -> list[TrainingProgress]:
    return []


@pytest.fixture(scope="module")
def trained(tmp_path_factory: pytest.TempPathFactory, told: list[TrainingProgress]) -> TrainedDetector:
    return train(tmp_path_factory.mktemp("trained"), told=told)


def test_it_learns(trained: TrainedDetector, told: list[TrainingProgress]):
    assert trained.validation_ap50 is not None
    assert trained.validation_ap50 > 0.6
    assert [point.epoch for point in trained.curves] == [1, 2, 3]
    assert [point.validation_ap50 is not None for point in trained.curves] == [False, True, True]
    assert trained.curves[-1].losses["total"] < trained.curves[0].losses["total"] / 2
    assert told[-1].step == told[-1].steps == 60
    assert [message.step for message in told] == list(range(10, 61, 10))
    assert told[-1].eta_s == 0
    assert told[0].eta_s is not None


KILLED = """
import os, signal, sys
from pathlib import Path
from tests.unit.training.detector import test_train
class Killer(list):
    def append(self, message):
        if message.step >= 30:
            os.kill(os.getpid(), signal.SIGKILL)
test_train.train(Path(sys.argv[1]), told=Killer())
"""


def test_a_killed_run_goes_on_to_the_same_weights(trained: TrainedDetector, tmp_path: Path):
    root = Path(__file__).parents[4]
    path = os.pathsep.join([str(root), str(root / "src")])
    killed = subprocess.run(
        [sys.executable, "-c", KILLED, str(tmp_path)],
        cwd=root,
        env={**os.environ, "PYTHONPATH": path},
        check=False,
    )
    assert killed.returncode == -signal.SIGKILL
    assert not (tmp_path / "weights.pt").exists()
    resumed = train(tmp_path, resume=True)
    assert resumed.weights_sha256 == trained.weights_sha256
    assert resumed.curves == trained.curves
    assert resumed.onnx_path.read_bytes() == trained.onnx_path.read_bytes()


def test_a_stopped_run_keeps_its_checkpoint_and_refuses_that_of_another(tmp_path: Path):
    short = RECIPE.model_copy(update={"steps": 30})
    with pytest.raises(TrainingStoppedError, match="stopped after 20 of 30"):
        train(tmp_path, recipe=short, stop_after=20)
    with pytest.raises(ConflictError, match="another seed"):
        train(tmp_path, recipe=short, seed=4, resume=True)
    with pytest.raises(ConflictError, match="another recipe"):
        train(tmp_path, resume=True)


def test_nothing_to_learn_is_said(tmp_path: Path):
    with pytest.raises(InvalidInputError, match="no training picture has a label"):
        load_trainer()(
            [],
            validation=[],
            class_names=["car"],
            recipe=RECIPE,
            seed=0,
            out_dir=tmp_path,
            emit=lambda message: None,
            should_stop=lambda: False,
            resume=False,
        )


def test_it_is_served_without_torch(trained: TrainedDetector):
    from goldsmith.training.detector.serve import OnnxDetector

    detector = OnnxDetector(trained.onnx_path.read_bytes())
    assert detector.class_names == CLASS_NAMES
    assert detector.metadata["recipe_hash"] == recipe_hash(RECIPE)
    assert detector.metadata["seed"] == "3"
    sample = VALIDATION[0]
    image = Image.open(io.BytesIO(sample.read()))
    large = image.resize((image.width * 3, image.height * 3))
    first, second, none = detector.detect([image, np.asarray(large), Image.new("L", (50, 50))])
    assert len(first.scores) >= len(sample.boxes_xyxy)
    assert (np.diff(first.scores) <= 0).all()
    best = first.boxes_xyxy[0]
    assert min(np.abs(sample.boxes_xyxy - best).max(axis=1)) < 6
    assert np.abs(second.boxes_xyxy[0] / 3 - best).max() < 4
    assert none.boxes_xyxy.shape[1] == 4
    assert detector.detect([]) == []


def test_the_exported_file_knows_nothing_of_this_machine(trained: TrainedDetector):
    content = trained.onnx_path.read_bytes()
    assert b".py" not in content
    assert b"goldsmith/training" not in content


def test_serving_imports_no_torch():
    root = Path(__file__).parents[4]
    code = "import sys, goldsmith.training.detector.serve; assert 'torch' not in sys.modules"
    env = {**os.environ, "PYTHONPATH": str(root / "src")}
    subprocess.run([sys.executable, "-c", code], check=True, env=env)


def test_files_that_are_no_detector_are_refused():
    from goldsmith.training.detector.serve import OnnxDetector

    with pytest.raises(InvalidInputError, match="not an ONNX model"):
        OnnxDetector(b"nothing")
    assert MissingExtraError("torch", extra="train").detail.endswith("'goldsmith[train]'")
