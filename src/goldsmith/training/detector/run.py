"""The state of one training: network, average, optimiser, and one step of learning."""

from __future__ import annotations

import math
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import torch
from torch import Tensor

from goldsmith.core.errors import GoldsmithError
from goldsmith.training.detector import checkpoint as checkpoints
from goldsmith.training.detector.loss import TargetTensors, detection_loss
from goldsmith.training.detector.network import Detector, normalise
from goldsmith.training.detector.optimiser import Optimiser
from goldsmith.training.detector.progress import CurvePoint
from goldsmith.training.detector.schedule import average_decay_at, learning_rate_at
from goldsmith.training.recipes import Precision, Recipe


class TrainingDivergedError(GoldsmithError):
    """The loss became infinite or undefined."""

    code = "training_diverged"
    title = "The training diverged"


@contextmanager
def torch_settings(threads: int) -> Iterator[None]:
    """Thread count and deterministic algorithms for the time of a run."""
    threads_before, deterministic = torch.get_num_threads(), torch.are_deterministic_algorithms_enabled()
    torch.set_num_threads(threads)
    torch.use_deterministic_algorithms(True, warn_only=True)
    try:
        yield
    finally:
        torch.set_num_threads(threads_before)
        torch.use_deterministic_algorithms(deterministic)


def choose_device() -> torch.device:
    """CUDA where there is one."""
    return torch.device("cuda" if torch.cuda.is_available() else "cpu")


def choose_precision(wish: Precision, device: torch.device) -> str:
    """``float32`` or ``bfloat16``: what was asked for, or what the device multiplies fastest."""
    if wish != "auto":
        return wish
    if device.type == "cuda":
        return "bfloat16" if torch.cuda.is_bf16_supported() else "float32"
    capabilities: dict[str, object] = getattr(torch.cpu, "get_capabilities", dict)()
    return "bfloat16" if capabilities.get("amx_bf16") else "float32"


def make_optimiser(model: Detector, recipe: Recipe, *, precision: str) -> Optimiser:
    """Muon on the convolutions between the first and the last ones, AdamW on the rest."""
    ends = {id(layer.weight) for layer in (model.stem.conv, model.heat, model.box)}
    weights = list(model.parameters())
    hidden = [weight for weight in weights if weight.ndim > 1 and id(weight) not in ends]
    chosen = {id(weight) for weight in hidden}
    return Optimiser(
        hidden=hidden,
        others=[weight for weight in weights if id(weight) not in chosen],
        weight_decay=recipe.weight_decay,
        dtype=torch.bfloat16 if precision == "bfloat16" else torch.float32,
    )


class Run:
    """One training.

    Args:
        recipe: Settings.
        seed: Seed of the first weights.
        class_count: Number of classes.
        steps: Steps of the whole run.
        identity: What makes two runs the same run; kept in checkpoints.
    """

    def __init__(
        self, *, recipe: Recipe, seed: int, class_count: int, steps: int, identity: dict[str, str]
    ) -> None:
        self.recipe, self.steps, self.identity = recipe, steps, identity
        self.device = choose_device()
        self.precision = choose_precision(recipe.precision, self.device)
        with torch.random.fork_rng():
            torch.manual_seed(seed)
            self.model = Detector(class_count=class_count, size=recipe.model_size)
        self.average = Detector(class_count=class_count, size=recipe.model_size)
        self.average.load_state_dict(self.model.state_dict())
        self.average.requires_grad_(False).eval()
        for network in (self.model, self.average):
            network.to(self.device).to(memory_format=torch.channels_last)  # type: ignore[call-overload]
        self.optimiser = make_optimiser(self.model, recipe, precision=self.precision)
        self.step, self.epoch, self.seconds_before = 0, 0, 0.0
        self.curves: list[CurvePoint] = []
        self._started_cpu = time.process_time()

    @property
    def seconds_cpu(self) -> float:
        """CPU seconds over all attempts."""
        return self.seconds_before + time.process_time() - self._started_cpu

    @property
    def learning_rate(self) -> float:
        """Learning rate of the next step."""
        return learning_rate_at(self.step, steps=self.steps, peak=self.recipe.learning_rate)

    def restore(self, saved: checkpoints.Checkpoint) -> None:
        """Takes over the state of a checkpoint."""
        self.model.load_state_dict(saved.model)
        self.average.load_state_dict(saved.average)
        self.step, self.epoch, self.precision = saved.step, saved.epoch, saved.precision
        self.optimiser = make_optimiser(self.model, self.recipe, precision=self.precision)
        self.optimiser.load_state_dict(saved.optimiser)
        self.curves, self.seconds_before = list(saved.curves), saved.seconds_cpu

    def save(self, folder: Path) -> None:
        """Writes a checkpoint."""
        state = checkpoints.Checkpoint(
            identity=self.identity,
            step=self.step,
            epoch=self.epoch,
            precision=self.precision,
            model=self.model.state_dict(),
            average=self.average.state_dict(),
            optimiser=self.optimiser.state_dict(),
            curves=tuple(self.curves),
            seconds_cpu=self.seconds_cpu,
        )
        checkpoints.save(state, folder=folder)

    def learn(self, pixels: Tensor, targets: TargetTensors) -> dict[str, float]:
        """One optimiser step; returns the loss parts.

        Raises:
            TrainingDivergedError: If the loss is not finite.
        """
        pictures = normalise(pixels.to(self.device))
        targets = TargetTensors(*(target.to(self.device) for target in targets))
        self.model.train()
        with torch.autocast(self.device.type, dtype=torch.bfloat16, enabled=self.precision == "bfloat16"):
            logits, raw = self.model(pictures)
        loss = detection_loss(logits, raw, targets)
        values = {"total": float(loss.total.detach()), "heat": float(loss.heat), "box": float(loss.box)}
        if not math.isfinite(values["total"]):
            raise TrainingDivergedError(
                f"the loss is {values['total']} at step {self.step + 1}; lower learning_rate"
            )
        loss.total.backward()  # type: ignore[no-untyped-call]
        self.optimiser.step(learning_rate=self.learning_rate)
        self.step += 1
        self._follow()
        return values

    @torch.no_grad()
    def _follow(self) -> None:
        """Moves the average towards the network."""
        decay = average_decay_at(self.step, decay=self.recipe.ema_decay)
        for ours, theirs in zip(
            self.average.state_dict().values(), self.model.state_dict().values(), strict=True
        ):
            if ours.is_floating_point():
                ours.lerp_(theirs, 1.0 - decay)
            else:
                ours.copy_(theirs)
