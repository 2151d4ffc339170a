"""The box detector: data, network, training, export and serving.

Importing this package does not import torch; `load_trainer` does. Serving (`serve.OnnxDetector`) never does.
"""

from __future__ import annotations

import importlib
import importlib.util
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Protocol, cast

from goldsmith.core.errors import MissingExtraError
from goldsmith.training.detector.data import TrainingSample
from goldsmith.training.detector.progress import TrainedDetector, TrainingProgress
from goldsmith.training.recipes import Recipe


class Trainer(Protocol):
    """The signature of `goldsmith.training.detector.train.train_detector`, which see."""

    def __call__(
        self,
        samples: Sequence[TrainingSample],
        *,
        validation: Sequence[TrainingSample],
        class_names: Sequence[str],
        recipe: Recipe,
        seed: int,
        out_dir: Path,
        emit: Callable[[TrainingProgress], None],
        should_stop: Callable[[], bool],
        resume: bool,
    ) -> TrainedDetector:
        """Trains and exports a detector."""
        ...


def load_trainer() -> Trainer:
    """The training function; the one place that imports torch.

    Raises:
        MissingExtraError: If torch or the ONNX packages are not installed; the extra is ``goldsmith[train]``.
    """
    for package in ("torch", "onnx", "onnxruntime"):
        if importlib.util.find_spec(package) is None:
            raise MissingExtraError(package, extra="train")
    return cast("Trainer", importlib.import_module("goldsmith.training.detector.train").train_detector)
