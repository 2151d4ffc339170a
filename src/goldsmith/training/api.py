"""What other steps may use of training."""

from goldsmith.training.inference import Found, to_labelling
from goldsmith.training.policy import require_images
from goldsmith.training.recipes import RECIPES, Recipe
from goldsmith.training.service import TrainingService
from goldsmith.training.store import runs_on, versions_of
from goldsmith.training.suggesting.service import SuggestingService
from goldsmith.training.suggesting.signature import pixels_named
from goldsmith.training.types import ModelVersionView, ModelView, NewPrelabels, NewRun, RunView, StartedRun

__all__ = [
    "RECIPES",
    "Found",
    "ModelVersionView",
    "ModelView",
    "NewPrelabels",
    "NewRun",
    "Recipe",
    "RunView",
    "StartedRun",
    "SuggestingService",
    "TrainingService",
    "pixels_named",
    "require_images",
    "runs_on",
    "to_labelling",
    "versions_of",
]
