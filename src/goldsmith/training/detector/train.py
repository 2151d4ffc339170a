"""The training loop. Needs torch; reach it through `goldsmith.training.detector.load_trainer`."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from goldsmith.core.errors import InvalidInputError
from goldsmith.training.detector import checkpoint as checkpoints
from goldsmith.training.detector.batches import KEEP_LARGER, BatchMaker
from goldsmith.training.detector.data import ImageCache, TrainingSample, fingerprint
from goldsmith.training.detector.export import export_onnx
from goldsmith.training.detector.letterbox import input_shape
from goldsmith.training.detector.progress import (
    CurvePoint,
    TrainedDetector,
    TrainingProgress,
    TrainingStoppedError,
)
from goldsmith.training.detector.run import Run, torch_settings
from goldsmith.training.detector.schedule import Plan
from goldsmith.training.detector.validation import ap50, detect_all
from goldsmith.training.recipes import Recipe, recipe_hash

EMIT_EVERY_STEPS = 10
WEIGHTS_NAME = "weights.pt"
ONNX_NAME = "detector.onnx"


def train_detector(
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
    clock: Callable[[], float] = time.monotonic,
) -> TrainedDetector:
    """Trains a detector and exports it.

    The same samples, recipe and seed give the same weights, bit for bit, on one kind of CPU with `recipe.threads` 1,
    also when the run was killed and resumed: a checkpoint is written after each epoch.

    Args:
        samples: Pictures to learn from; at least one label of positive weight among them.
        validation: Pictures the curves are measured on; never learnt from. May be empty.
        class_names: Names of the classes, in the order of the class indices.
        recipe: Settings.
        seed: Seed of weights, crops and order, 0 to 2**31 - 1.
        out_dir: Folder of checkpoint, weights and ONNX file; made if absent.
        emit: Told about progress, every few steps and after each epoch.
        should_stop: Asked before every step.
        resume: Whether to go on from the checkpoint in `out_dir`, if there is one.
        clock: Seconds on a clock that never goes back, for the expected end.

    Raises:
        InvalidInputError: If there is nothing to learn.
        ConflictError: If the checkpoint belongs to another run.
        CorruptMediaError: If a picture cannot be decoded.
        TrainingDivergedError: If the loss became infinite.
        TrainingStoppedError: If `should_stop` said so.
    """
    _check(samples, validation, class_names)
    out_dir.mkdir(parents=True, exist_ok=True)
    plan = Plan.of(sample_count=len(samples), steps=recipe.total_steps, batch_size=recipe.batch_size)
    input_wh = input_shape([(s.width, s.height) for s in samples], input_size_px=recipe.input_size_px)
    identity = {
        "recipe": recipe_hash(recipe),
        "seed": str(seed),
        "data": fingerprint([*samples, *validation], class_names=class_names),
    }
    with torch_settings(recipe.threads):
        run = Run(recipe=recipe, seed=seed, class_count=len(class_names), steps=plan.steps, identity=identity)
        if not resume:
            checkpoints.discard(folder=out_dir)
        saved = checkpoints.load(folder=out_dir, identity=identity)
        if saved is not None:
            run.restore(saved)
        batches = BatchMaker.of(
            samples, recipe=recipe, plan=plan, input_wh=input_wh, class_count=len(class_names), seed=seed
        )
        validator = Validator(validation, input_wh, len(class_names))
        course = _Course(run, plan, batches, validator, emit, should_stop, clock)
        while run.epoch < plan.epochs:
            course.epoch()
            run.save(out_dir)
        return _finish(run, out_dir=out_dir, class_names=class_names, input_wh=input_wh, seed=seed)


def _check(
    samples: Sequence[TrainingSample], validation: Sequence[TrainingSample], class_names: Sequence[str]
) -> None:
    if not class_names:
        raise InvalidInputError("there are no classes to learn; the dataset version must hold boxes")
    for sample in (*samples, *validation):
        if len(sample.class_index) and not 0 <= sample.class_index.min() <= sample.class_index.max() < len(
            class_names
        ):
            last = len(class_names) - 1
            raise InvalidInputError(f"{sample.name or 'a sample'} has a class index outside 0..{last}")
    if not any(bool((sample.weight > 0).any()) for sample in samples):
        raise InvalidInputError("no training picture has a label; label some pictures first")


@dataclass(slots=True)
class Validator:
    """Measures weights on the validation pictures."""

    samples: Sequence[TrainingSample]
    input_wh: tuple[int, int]
    class_count: int
    _cache: ImageCache | None = None

    def measure(self, run: Run) -> float | None:
        """AP50 of the averaged weights, None without labelled validation pictures."""
        if not any(len(sample.boxes_xyxy) for sample in self.samples):
            return None
        if self._cache is None:
            self._cache = ImageCache(self.samples, longest_px=int(max(self.input_wh) * KEEP_LARGER))
        found = detect_all(run.average, self._cache, input_wh=self.input_wh, device=run.device)
        return ap50(self.samples, found, class_count=self.class_count)


@dataclass(slots=True)
class _Course:
    """Drives a run, epoch by epoch, and tells about it."""

    run: Run
    plan: Plan
    batches: BatchMaker
    validator: Validator
    emit: Callable[[TrainingProgress], None]
    should_stop: Callable[[], bool]
    clock: Callable[[], float]
    _first_step: int = -1
    _started_s: float = 0.0

    def epoch(self) -> None:
        """One epoch: its steps, its validation, its point on the curves."""
        run = self.run
        if self._first_step < 0:
            self._first_step, self._started_s = run.step, self.clock()
        seen: list[dict[str, float]] = []
        last = self.plan.last_step(run.epoch + 1)
        while run.step < last:
            if self.should_stop():
                raise TrainingStoppedError(f"stopped after {run.step} of {run.steps} steps")
            seen.append(run.learn(*self.batches.make(run.step)))
            if run.step % EMIT_EVERY_STEPS == 0 and run.step < last:
                self._tell(_mean(seen[-EMIT_EVERY_STEPS:]), None)
        run.epoch += 1
        due = run.epoch % run.recipe.validate_every == 0 or run.epoch == self.plan.epochs
        measured = self.validator.measure(run) if due else None
        losses = _mean(seen)
        run.curves.append(CurvePoint(run.epoch, run.step, losses, run.learning_rate, measured))
        self._tell(losses, measured)

    def _tell(self, losses: dict[str, float], measured: float | None) -> None:
        run = self.run
        done = run.step - self._first_step
        elapsed_s = self.clock() - self._started_s
        self.emit(
            TrainingProgress(
                step=run.step,
                steps=run.steps,
                epoch=-(-run.step // self.plan.steps_per_epoch),
                epochs=self.plan.epochs,
                losses=losses,
                learning_rate=run.learning_rate,
                validation_ap50=measured,
                seconds_cpu=run.seconds_cpu,
                eta_s=elapsed_s / done * (run.steps - run.step) if done else None,
            )
        )


def _mean(seen: Sequence[dict[str, float]]) -> dict[str, float]:
    return {name: float(np.mean([values[name] for values in seen])) for name in seen[0]} if seen else {}


def _finish(
    run: Run, *, out_dir: Path, class_names: Sequence[str], input_wh: tuple[int, int], seed: int
) -> TrainedDetector:
    state = {name: value.cpu() for name, value in run.average.state_dict().items()}
    checkpoints.write_atomically(out_dir / WEIGHTS_NAME, state)
    export_onnx(
        state,
        path=out_dir / ONNX_NAME,
        class_names=class_names,
        input_wh=input_wh,
        recipe=run.recipe,
        seed=seed,
    )
    return TrainedDetector(
        weights_path=out_dir / WEIGHTS_NAME,
        onnx_path=out_dir / ONNX_NAME,
        weights_sha256=checkpoints.weights_sha256(state),
        curves=tuple(run.curves),
        seconds_cpu=run.seconds_cpu,
        epochs=run.epoch,
        device=run.device.type,
        precision=run.precision,
        validation_ap50=run.curves[-1].validation_ap50 if run.curves else None,
    )
