"""What can be trained, and with which settings: a recipe is a value with a hash, so a run can name it for ever."""

from __future__ import annotations

import hashlib
import json
from types import MappingProxyType
from typing import Final, Literal, NamedTuple

from pydantic import Field

from goldsmith.core.model import Model

Budget = Literal["quick", "demo", "standard", "long"]
ModelSize = Literal["small", "base", "large"]
Precision = Literal["auto", "float32", "bfloat16"]

BUDGET_STEPS: Final = MappingProxyType({"quick": 60, "demo": 500, "standard": 1100, "long": 4000})
"""Optimiser steps of each budget, of ``batch_size`` crops each: a count, not a time, so that runs can be repeated."""


class Augment(Model):
    """How strongly training crops are varied.

    Attributes:
        flip_probability: Share of crops mirrored left to right, 0 to 1.
        scale_jitter: Crops are scaled by a factor drawn log-uniformly from ``1 / (1 + jitter)`` to ``1 + jitter``.
        colour: Strength of brightness, contrast, saturation, hue and gamma changes, 0 (none) to 1.
        object_crop_share: Share of crops placed so that they show a drawn object, 0 to 1; the others fall anywhere.
        balance: Power by which rare classes are drawn more often, 0 (as they come) to 1 (all classes equally often).
        whole_image_share: Share of steps that show whole images (letterboxed) and not crops, 0 to 1.
    """

    flip_probability: float = Field(default=0.5, ge=0.0, le=1.0)
    scale_jitter: float = Field(default=0.5, ge=0.0, le=3.0)
    colour: float = Field(default=0.6, ge=0.0, le=1.0)
    object_crop_share: float = Field(default=0.8, ge=0.0, le=1.0)
    balance: float = Field(default=0.5, ge=0.0, le=1.0)
    whole_image_share: float = Field(default=0.2, ge=0.0, le=1.0)


class Recipe(Model):
    """Settings of one training; the seed is given apart, so that two seeds of one recipe can be compared.

    Attributes:
        name: The trainer; ``detect`` is the box detector.
        model_size: Width of the network: ``small`` 0.6, ``base`` 1.3, ``large`` 4 million weights (about).
        input_size_px: Longer side of the picture the network sees, in pixels, a multiple of 32.
        crop_size_px: Side of the square training crops cut from that picture, in pixels, a multiple of 32.
        budget: Named number of optimiser steps, see `BUDGET_STEPS`.
        steps: Number of optimiser steps; overrides `budget` when given.
        batch_size: Crops a step.
        learning_rate: Peak of the one-cycle schedule, for Muon; AdamW gets a twentieth of it.
        weight_decay: Decoupled weight decay of convolution weights.
        ema_decay: Decay of the running average of the weights that is validated and exported.
        augment: How crops are varied.
        validate_every: Epochs between two validations; the last epoch is always validated.
        precision: ``auto`` takes bfloat16 where the device multiplies it natively (CUDA, CPUs with AMX), else float32.
        threads: CPU threads of torch; one thread is the only setting that repeats bit for bit everywhere.
    """

    name: Literal["detect"] = "detect"
    model_size: ModelSize = "base"
    input_size_px: int = Field(default=640, ge=64, le=2048, multiple_of=32)
    crop_size_px: int = Field(default=256, ge=64, le=2048, multiple_of=32)
    budget: Budget = "standard"
    steps: int | None = Field(default=None, ge=1, le=1_000_000)
    batch_size: int = Field(default=16, ge=1, le=512)
    learning_rate: float = Field(default=0.08, gt=0.0, le=1.0)
    weight_decay: float = Field(default=0.02, ge=0.0, le=1.0)
    ema_decay: float = Field(default=0.998, ge=0.0, lt=1.0)
    augment: Augment = Augment()
    validate_every: int = Field(default=4, ge=1)
    precision: Precision = "auto"
    threads: int = Field(default=1, ge=1, le=256)

    @property
    def total_steps(self) -> int:
        """Optimiser steps of the whole run."""
        return self.steps if self.steps is not None else BUDGET_STEPS[self.budget]


class RecipeCard(NamedTuple):
    """One entry of the recipe list."""

    name: str
    description: str
    recipe: Recipe


def recipe_hash(recipe: Recipe) -> str:
    """SHA-256 (hex, 64 characters) of the recipe as canonical JSON: sorted keys, no spaces, defaults written out."""
    canonical = json.dumps(
        recipe.model_dump(mode="json"), sort_keys=True, separators=(",", ":"), ensure_ascii=True
    )
    return hashlib.sha256(canonical.encode("ascii")).hexdigest()


RECIPES: Final[tuple[RecipeCard, ...]] = (
    RecipeCard(
        name="detect",
        description="Box detector for some hundred images: minutes on one CPU core, seconds on a GPU.",
        recipe=Recipe(),
    ),
    RecipeCard(
        name="detect-demo",
        description="The same detector on half the steps, for demonstrations and first looks.",
        recipe=Recipe(budget="demo"),
    ),
    RecipeCard(
        name="detect-quick",
        description="A small detector trained for seconds, to check that data and wiring are right.",
        recipe=Recipe(model_size="small", budget="quick", input_size_px=320, crop_size_px=160, batch_size=8),
    ),
)
"""The recipes offered to users; each is a starting point and every setting may be changed."""
