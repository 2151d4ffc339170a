"""What a training says while it runs and when it ends."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class TrainingProgress:
    """State after some steps.

    Attributes:
        step: Steps done, 1 to `steps`.
        steps: Steps of the whole run.
        epoch: Epoch the step belongs to, from 1.
        epochs: Epochs of the whole run.
        losses: Mean loss parts since the last message: ``heat``, ``box`` and ``total``.
        learning_rate: Learning rate of the step.
        validation_ap50: AP at IoU 0.5 on the validation samples (0 to 1) when this message ends a validated epoch.
        seconds_cpu: CPU seconds of this process spent on the run, earlier attempts included.
        eta_s: Expected seconds (wall clock) to the end, or None before it can be told.
    """

    step: int
    steps: int
    epoch: int
    epochs: int
    losses: dict[str, float]
    learning_rate: float
    validation_ap50: float | None
    seconds_cpu: float
    eta_s: float | None


@dataclass(frozen=True, slots=True)
class CurvePoint:
    """One epoch of the curves: mean losses, learning rate at its end, validation AP50 where it was measured."""

    epoch: int
    step: int
    losses: dict[str, float]
    learning_rate: float
    validation_ap50: float | None


@dataclass(frozen=True, slots=True)
class TrainedDetector:
    """What a finished training leaves.

    Attributes:
        weights_path: The averaged weights (torch state dict).
        onnx_path: The detector as ONNX, ready for `goldsmith.training.detector.serve.OnnxDetector`.
        weights_sha256: Hash over names, shapes and bytes of all weights; equal for equal runs.
        curves: One point an epoch.
        seconds_cpu: CPU seconds of the run over all attempts.
        epochs: Epochs done.
        device: ``cpu`` or the name of the CUDA device.
        precision: ``float32`` or ``bfloat16``, as used.
        validation_ap50: AP50 of the exported weights on the validation samples, None without validation samples.
    """

    weights_path: Path
    onnx_path: Path
    weights_sha256: str
    curves: tuple[CurvePoint, ...]
    seconds_cpu: float
    epochs: int
    device: str
    precision: str
    validation_ap50: float | None


class TrainingStoppedError(Exception):
    """Raised when `should_stop` answered yes; the last checkpoint stays and `resume=True` goes on from it."""
