"""The batch of any step of a run, made from nothing but the samples, the recipe, the seed and the step's number."""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field

import numpy as np
import torch
from torch import Tensor

from goldsmith.training.detector.crops import (
    Crop,
    CropSource,
    class_draw_weights,
    epoch_order,
    sample_draw_weights,
)
from goldsmith.training.detector.data import Float64, ImageCache, Int64, TrainingSample
from goldsmith.training.detector.loss import TargetTensors
from goldsmith.training.detector.schedule import Plan
from goldsmith.training.detector.targets import Targets, encode
from goldsmith.training.recipes import Recipe

KEEP_LARGER = 1.5
"""Pictures are kept at most this much larger than the network sees them, for crops that are scaled up."""


def to_tensors(targets: Targets) -> TargetTensors:
    """The arrays as tensors that share their memory."""
    return TargetTensors(
        heat=torch.from_numpy(targets.heat),
        peak_weight=torch.from_numpy(targets.peak_weight),
        learn_background=torch.from_numpy(targets.learn_background),
        boxes_xyxy=torch.from_numpy(targets.boxes_xyxy),
        box_weight=torch.from_numpy(targets.box_weight),
    )


@dataclass(slots=True)
class BatchMaker:
    """Makes the batch of any step.

    Attributes:
        source: Makes single crops.
        recipe: Settings of the run.
        plan: Length of the run.
        draw_weights: Probability of each sample, float64 [samples].
        class_count: Number of classes.
        pool: Threads that make the crops of a batch side by side; none makes them in turn, with the same result.
    """

    source: CropSource
    recipe: Recipe
    plan: Plan
    draw_weights: Float64
    class_count: int
    pool: ThreadPoolExecutor | None = None
    _epoch: int = -1
    _order: Int64 = field(default_factory=lambda: np.zeros(0, dtype=np.int64))

    @classmethod
    def of(
        cls,
        samples: Sequence[TrainingSample],
        *,
        recipe: Recipe,
        plan: Plan,
        input_wh: tuple[int, int],
        class_count: int,
        seed: int,
    ) -> BatchMaker:
        """The maker for a run's samples."""
        class_weights = class_draw_weights(samples, class_count=class_count, balance=recipe.augment.balance)
        return cls(
            source=CropSource(
                cache=ImageCache(samples, longest_px=int(recipe.input_size_px * KEEP_LARGER)),
                input_wh=input_wh,
                class_weights=class_weights,
                augment=recipe.augment,
                seed=seed,
            ),
            recipe=recipe,
            plan=plan,
            draw_weights=sample_draw_weights(samples, class_weights=class_weights),
            class_count=class_count,
        )

    def make(self, step: int) -> tuple[Tensor, TargetTensors]:
        """Pictures (uint8 [batch, height, width, 3]) and targets of `step` (from 0), on the CPU."""
        width, height = self._window(step)
        count = max(1, round(self.recipe.batch_size * self.recipe.crop_size_px**2 / (width * height)))
        indices = self._indices(step)[:count]

        def crop(slot: int) -> Crop:
            return self.source.crop(
                int(indices[slot]), width_px=width, height_px=height, step=step, slot=slot
            )

        slots = range(len(indices))
        crops = list(self.pool.map(crop, slots)) if self.pool is not None else [crop(slot) for slot in slots]
        pixels = torch.from_numpy(np.stack([one.pixels for one in crops]))
        return pixels, to_tensors(encode(crops, class_count=self.class_count))

    def _window(self, step: int) -> tuple[int, int]:
        draw = np.random.default_rng((self.source.seed, 2, step)).random()
        if draw < self.recipe.augment.whole_image_share:
            return self.source.input_wh
        return self.recipe.crop_size_px, self.recipe.crop_size_px

    def _indices(self, step: int) -> Int64:
        epoch, place = divmod(step, self.plan.steps_per_epoch)
        batch = self.recipe.batch_size
        if self._epoch != epoch:
            rng = np.random.default_rng((self.source.seed, 3, epoch))
            self._order = epoch_order(self.draw_weights, draws=self.plan.steps_per_epoch * batch, rng=rng)
            self._epoch = epoch
        return self._order[place * batch : (place + 1) * batch]
