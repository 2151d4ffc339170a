"""The state of a training between two epochs, on disk: written whole or not at all."""

from __future__ import annotations

import dataclasses
import hashlib
import os
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from goldsmith.core.errors import ConflictError
from goldsmith.training.detector.progress import CurvePoint

CHECKPOINT_NAME = "checkpoint.pt"


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """Everything a run needs to go on as if it had never stopped.

    Random numbers are drawn from generators seeded by (seed, step, place in the batch), so `step` is all their state.

    Attributes:
        identity: Recipe hash, seed, data fingerprint: what makes two runs the same run.
        step: Steps done.
        epoch: Epochs done.
        precision: ``float32`` or ``bfloat16``, kept by a resumed run whatever its device prefers.
        model: State of the network.
        average: State of the averaged network.
        optimiser: State of the optimiser.
        curves: One point per epoch done.
        seconds_cpu: CPU seconds spent.
    """

    identity: dict[str, str]
    step: int
    epoch: int
    precision: str
    model: dict[str, Tensor]
    average: dict[str, Tensor]
    optimiser: dict[str, Any]
    curves: tuple[CurvePoint, ...]
    seconds_cpu: float


def write_atomically(path: Path, content: Any) -> None:
    """`torch.save` to a neighbour file, synced and renamed over `path`."""
    beside = path.with_suffix(path.suffix + ".part")
    with beside.open("wb") as file:
        torch.save(content, file)
        file.flush()
        os.fsync(file.fileno())
    beside.replace(path)


def save(checkpoint: Checkpoint, *, folder: Path) -> None:
    """Replaces the folder's checkpoint."""
    content = {field.name: getattr(checkpoint, field.name) for field in dataclasses.fields(checkpoint)}
    content["curves"] = [dataclasses.asdict(point) for point in checkpoint.curves]
    write_atomically(folder / CHECKPOINT_NAME, content)


def discard(*, folder: Path) -> None:
    """Removes the folder's checkpoint, if there is one."""
    (folder / CHECKPOINT_NAME).unlink(missing_ok=True)


def load(*, folder: Path, identity: dict[str, str]) -> Checkpoint | None:
    """The folder's checkpoint, or None where there is none.

    Raises:
        ConflictError: If it belongs to a run with another recipe, seed or data.
    """
    path = folder / CHECKPOINT_NAME
    if not path.exists():
        return None
    content = torch.load(path, map_location="cpu", weights_only=True)
    differs = [key for key, value in identity.items() if content["identity"].get(key) != value]
    if differs:
        raise ConflictError(
            f"the checkpoint belongs to a run with another {' and '.join(differs)}; "
            "train into an empty folder or without resuming"
        )
    content["curves"] = tuple(CurvePoint(**point) for point in content["curves"])
    return Checkpoint(**content)


def weights_sha256(state: dict[str, Tensor]) -> str:
    """SHA-256 (hex) over names, types, shapes and bytes of a state dict, in the order of names."""
    digest = hashlib.sha256()
    for name in sorted(state):
        array = state[name].detach().cpu().contiguous().numpy()
        digest.update(f"{name}\x00{array.dtype.str}\x00{array.shape}\x00".encode())
        digest.update(array.tobytes())
    return digest.hexdigest()
