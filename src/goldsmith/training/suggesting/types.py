"""What crosses the wire of the assistants."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from goldsmith.core.annotations import Labelling
from goldsmith.core.geometry.masks import Mask
from goldsmith.core.model import Model

MAX_CLICKS = 64
_Place = Annotated[float, Field(ge=0.0, le=1e6)]


class AssistantModel(Model):
    """A model that can help in a project."""

    model_version_id: str
    model_id: str
    model_name: str
    number: int


class AssistantChoice(Model):
    """The lines of models that help in a project; None leaves it to the newest."""

    detector_model_id: str | None = None
    segmenter_model_id: str | None = None


class Assistants(Model):
    """The models that can help in a project, the newest version of each; what its lead chose stands first.

    Attributes:
        detectors: Draw suggestions for classes of the project.
        segmenters: Find the outline of what is clicked.
        chosen: What the project's lead chose.
    """

    detectors: list[AssistantModel]
    segmenters: list[AssistantModel]
    chosen: AssistantChoice


class SuggestBody(Model):
    """Which model is to look at an item.

    Attributes:
        model_version_id: None for the project's choice.
        score_threshold: What it is less sure of is left out.
    """

    model_version_id: str | None = None
    score_threshold: Annotated[float, Field(ge=0.0, le=1.0)] = 0.3


class SuggestAnswer(Model):
    """What a model sees; each object carries its score."""

    model_version_id: str
    labelling: Labelling


class ClickBody(Model):
    """A place in pixels of the upright picture, and whether it is part of the object."""

    x: _Place
    y: _Place
    is_object: bool = True


class SegmentBody(Model):
    """What was clicked.

    Attributes:
        model_version_id: None for the project's choice.
        points: In the order of the clicks.
        box_xyxy: Around the object. Without points and box the model only looks at the picture, ahead of the first
            click.
    """

    model_version_id: str | None = None
    points: Annotated[list[ClickBody], Field(max_length=MAX_CLICKS)] = []
    box_xyxy: tuple[_Place, _Place, _Place, _Place] | None = None


class SegmentAnswer(Model):
    """What was found.

    Attributes:
        mask: None where nothing was found, or nothing was clicked.
        score: How good the model thinks it is, in [0, 1]; None where it does not say.
    """

    model_version_id: str
    mask: Mask | None
    score: float | None
