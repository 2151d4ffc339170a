"""Examples: real labels with the reason why they are good or bad."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated, NamedTuple

from pydantic import Field

from goldsmith.core.annotations import Labelling
from goldsmith.core.model import Model

Pixel = Annotated[int, Field(ge=0, le=1_000_000)]
Crop = tuple[Pixel, Pixel, Pixel, Pixel]


class ExampleVerdict(StrEnum):
    """Whether the labels of an example are as they should be."""

    GOOD = "good"
    BAD = "bad"


class NewExample(Model):
    """An example to be made of an item.

    Attributes:
        why: What is good or bad about it, in Markdown.
        crop: The part of the upright image that is shown: x0, y0, x1, y1 in whole pixels.
        labelling: The labels that are shown; kept as they are, whatever becomes of the item's own.
        ontology_version: Whose classes they speak of.
    """

    item_id: str
    verdict: ExampleVerdict
    why: Annotated[str, Field(min_length=1, max_length=4000)]
    crop: Crop
    labelling: Labelling
    ontology_version: Annotated[int, Field(ge=1, le=2**31 - 1)]


class ExampleView(Model):
    """An example; it never changes.

    Attributes:
        item_name: Of the item it was made of.
        picture: Where the part of the image is, relative to the server.
        width: Of the item's upright image in pixels; likewise ``height``.
    """

    example_id: str
    project_id: str
    item_id: str
    item_name: str
    width: int
    height: int
    verdict: ExampleVerdict
    why: str
    crop: Crop
    labelling: Labelling
    ontology_version: int
    picture: str
    created_by: str
    created_ms: int


class ExamplePicture(NamedTuple):
    """The part of the image that an example shows."""

    sha256: str
    media_type: str
    is_deleted: bool
    """The item was deleted; nothing of it is shown any more."""
