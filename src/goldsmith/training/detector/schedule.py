"""How long a run is, and how its rates move. Pure numbers."""

from __future__ import annotations

import math
from dataclasses import dataclass

LEAST_STEPS_PER_EPOCH = 20
"""An epoch is one pass over the samples, or this many steps where the pass is shorter."""

WARM_UP_SHARE = 0.05
LAST_RATE_SHARE = 0.02


@dataclass(frozen=True, slots=True)
class Plan:
    """How long a run is.

    Attributes:
        steps: Steps of the run.
        steps_per_epoch: Steps of each epoch but the last, which may be shorter.
    """

    steps: int
    steps_per_epoch: int

    @classmethod
    def of(cls, *, sample_count: int, steps: int, batch_size: int) -> Plan:
        """The plan for `sample_count` samples."""
        return cls(steps=steps, steps_per_epoch=max(LEAST_STEPS_PER_EPOCH, -(-sample_count // batch_size)))

    @property
    def epochs(self) -> int:
        """Epochs of the run."""
        return -(-self.steps // self.steps_per_epoch)

    def last_step(self, epoch: int) -> int:
        """Steps done when `epoch` (from 1) ends."""
        return min(self.steps, epoch * self.steps_per_epoch)


def learning_rate_at(step: int, *, steps: int, peak: float) -> float:
    """One-cycle schedule: linear warm-up, then half a cosine down to a fiftieth of the peak. `step` counts from 0."""
    warm_up = max(1, round(steps * WARM_UP_SHARE))
    if step < warm_up:
        return peak * (step + 1) / warm_up
    done = (step - warm_up) / max(1, steps - warm_up)
    return peak * (LAST_RATE_SHARE + (1 - LAST_RATE_SHARE) * 0.5 * (1 + math.cos(math.pi * done)))


def average_decay_at(step: int, *, decay: float) -> float:
    """Decay of the running average after `step` steps; short memory at the beginning."""
    return min(decay, (1 + step) / (10 + step))
