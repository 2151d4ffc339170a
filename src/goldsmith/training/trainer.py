"""The training process: ``python -m goldsmith.training.trainer FOLDER``; see ``process`` for the other side."""

from __future__ import annotations

import dataclasses
import importlib.metadata
import json
import os
import platform
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from goldsmith.core.errors import GoldsmithError
from goldsmith.datasets.api import DatasetReader, open_folder
from goldsmith.training.detector import load_trainer
from goldsmith.training.detector.data import TrainingSample
from goldsmith.training.detector.progress import TrainingProgress, TrainingStoppedError
from goldsmith.training.process import RESULT_FILE, SPEC_FILE
from goldsmith.training.recipes import Recipe

try:
    import fcntl
except ImportError:  # pragma: no cover - Windows: a predecessor ends by itself within seconds
    fcntl = None  # type: ignore[assignment]

PACKAGES = ("goldsmith", "torch", "onnx", "numpy", "pillow")
LOCK_FILE = "trainer.lock"
STOPPED_EXIT_CODE = 75


def samples_of(reader: DatasetReader, folder: Path, *, split: str) -> list[TrainingSample]:
    """Return one split of an exported version as training samples; pictures are read when they are drawn."""
    samples = []
    for entry in reader.in_split(split):
        boxes, classes, weights = reader.targets(entry)
        path = folder / "media" / entry.sha256
        samples.append(
            TrainingSample(
                image=path.read_bytes,
                width=entry.width_px,
                height=entry.height_px,
                boxes_xyxy=boxes,
                class_index=classes,
                weight=weights,
                name=entry.name,
            )
        )
    return samples


def train(folder: Path, *, stop: threading.Event) -> dict[str, Any]:
    """Train on the folder's version and return what was made, as JSON."""
    spec = json.loads((folder / SPEC_FILE).read_text())
    recipe = Recipe.model_validate(spec["recipe"])
    reader = open_folder(folder)
    trained = load_trainer()(
        samples_of(reader, folder, split="train"),
        validation=samples_of(reader, folder, split="validation"),
        class_names=reader.class_ids,
        recipe=recipe,
        seed=int(spec["seed"]),
        out_dir=folder / "run",
        emit=_say,
        should_stop=stop.is_set,
        resume=True,
    )
    return {
        "onnx": str(trained.onnx_path.relative_to(folder)),
        "weights_sha256": trained.weights_sha256,
        "curves": [dataclasses.asdict(point) for point in trained.curves],
        "classes": reader.class_ids,
        "validation_ap50": trained.validation_ap50,
        "environment": {
            "device": trained.device,
            "precision": trained.precision,
            "seconds_cpu": round(trained.seconds_cpu, 1),
            "python": platform.python_version(),
            "machine": platform.machine(),
            "packages": {name: importlib.metadata.version(name) for name in PACKAGES if _is_there(name)},
        },
    }


def main() -> None:
    """Run as a child process."""
    folder = Path(sys.argv[1])
    stop = threading.Event()
    threading.Thread(target=_end_with_parent, args=(stop,), daemon=True).start()
    try:
        with alone_in(folder):
            result = train(folder, stop=stop)
    except TrainingStoppedError:
        sys.exit(STOPPED_EXIT_CODE)
    except GoldsmithError as error:
        result = {"error": error.detail, "error_code": error.code}
    partial = folder / (RESULT_FILE + ".part")
    partial.write_text(json.dumps(result))
    partial.replace(folder / RESULT_FILE)


@contextmanager
def alone_in(folder: Path) -> Iterator[None]:
    """Wait until the trainer of an attempt whose parent was killed has gone: both write the same checkpoint."""
    with (folder / LOCK_FILE).open("w") as lock:
        if fcntl is not None:
            fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def _say(progress: TrainingProgress) -> None:
    sys.stdout.write(json.dumps(dataclasses.asdict(progress)) + "\n")
    sys.stdout.flush()


def _end_with_parent(stop: threading.Event) -> None:
    """The parent holds our standard input open; its end is ours."""
    while os.read(0, 4096):
        pass
    stop.set()
    # a step is short; whoever has not stopped by then is stuck
    threading.Event().wait(25.0)
    os._exit(STOPPED_EXIT_CODE)


def _is_there(package: str) -> bool:
    try:
        importlib.metadata.version(package)
    except importlib.metadata.PackageNotFoundError:
        return False
    return True


if __name__ == "__main__":
    main()
