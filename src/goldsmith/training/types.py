"""Runs and models as people see them."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import Field

from goldsmith.core.model import Model
from goldsmith.core.ontology import Name
from goldsmith.platform.jobs import JobWork
from goldsmith.training.recipes import Recipe


class NewRun(Model):
    """A training to be started.

    Attributes:
        recipe: Settings; the recipe list has starting points.
        dataset_version_id: What is learnt; its split ``train`` is learnt from, ``validation`` measured on.
        seed: Same recipe, version and seed give the same weights on the same kind of CPU.
        model_name: The line the result joins; made when it is new.
    """

    recipe: Recipe = Recipe()
    dataset_version_id: str
    seed: Annotated[int, Field(ge=0, lt=2**31)] = 0
    model_name: Name = "detector"


class CurveView(Model):
    """One epoch of a run."""

    epoch: int
    step: int
    losses: dict[str, float]
    learning_rate: float
    validation_ap50: float | None = None


class RunView(JobWork):
    """A training run.

    Attributes:
        environment: Packages, device, CPU seconds: what the numbers were made with.
        model_version_id: What it made, once done.
    """

    run_id: str
    workspace_id: str
    model_id: str
    model_name: str
    recipe: Recipe
    recipe_hash: str
    dataset_version_id: str
    seed: int
    environment: dict[str, Any]
    curves: list[CurveView]
    model_version_id: str | None
    created_by: str
    created_ms: int


class ModelVersionView(Model):
    """A version of a model.

    Attributes:
        source: Trained here, or imported as predictions made elsewhere.
        format: A detector, a click-segmentation model, or only what was predicted elsewhere.
        classes: Class ids in the order of the model's outputs.
    """

    model_version_id: str
    model_id: str
    model_name: str
    workspace_id: str
    number: int
    source: Literal["trained", "imported"]
    run_id: str | None
    format: Literal["onnx", "segmenter", "predictions"]
    weights_sha256: str | None
    classes: list[str]
    card: dict[str, Any]
    created_ms: int


class ModelView(Model):
    """A line of versions, newest first."""

    model_id: str
    workspace_id: str
    name: str
    created_ms: int
    versions: list[ModelVersionView]


class NewPrelabels(Model):
    """A request to pre-label a project's open tasks.

    Attributes:
        score_threshold: Detections less sure than this are left out.
    """

    model_version_id: str
    score_threshold: Annotated[float, Field(ge=0.0, le=1.0)] = 0.3


class StartedRun(Model):
    """A run and the job that does it."""

    run_id: str
    job_id: str


class QueuedJob(Model):
    """A job that was queued."""

    job_id: str
