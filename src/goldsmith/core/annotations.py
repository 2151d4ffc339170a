"""One labelled object, and all that one labelling says about an item."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from itertools import islice
from typing import Annotated, Self

from pydantic import Field, model_validator

from goldsmith.core.geometry.registry import AnyShape, Geometry
from goldsmith.core.model import Model

MAX_ANNOTATIONS = 20_000
"""Cap on the objects of one labelling."""

AttributeValue = bool | float | str | list[str]
MAX_KEY_LENGTH = 200
Key = Annotated[str, Field(min_length=1, max_length=MAX_KEY_LENGTH)]


class Annotation(Model):
    """One labelled object.

    Attributes:
        annotation_id: Made by the client, stable across the versions of a submission.
        class_id: A class of the ontology.
        geometry: Where it is.
        attributes: Values by attribute id; an option id, a list of option ids, a number, a text or a boolean.
        is_occluded: Partly hidden behind something.
        is_truncated: Cut by the border of the image.
        score: Confidence in [0, 1]; only predictions and consensus carry one.
        origin: The annotation id of the pre-label that it came from, or who suggested it, such as ``assist:wand`` or
            ``model:<model_version_id>``; None for what was drawn by hand.
        group_id: Objects of one group share it; None for an object of its own.
    """

    annotation_id: Key
    class_id: Key
    geometry: Geometry
    attributes: dict[str, AttributeValue] = {}
    is_occluded: bool = False
    is_truncated: bool = False
    score: Annotated[float, Field(ge=0.0, le=1.0)] | None = None
    origin: str | None = None
    group_id: Key | None = None

    def with_shapes(self, shapes: Sequence[AnyShape]) -> list[Annotation]:
        """Return the object with another shape; with several shapes, one object each, all in one group.

        They all have the id of this one; ``fit_for_labelling`` makes ids unique.
        """
        is_split = len(shapes) > 1 and self.group_id is None
        group_id = self.annotation_id if is_split else self.group_id
        return [self.model_copy(update={"geometry": shape, "group_id": group_id}) for shape in shapes]


def _part_id(annotation_id: str, number: int) -> str:
    suffix = f"/{number}"
    return annotation_id[: MAX_KEY_LENGTH - len(suffix)] + suffix


def fit_for_labelling(annotations: Iterable[Annotation]) -> list[Annotation]:
    """Return objects of which some were split so that they make a labelling: ids unique, and not too many."""
    taken: set[str] = set()
    uses: Counter[str] = Counter()
    fit: list[Annotation] = []
    for annotation in islice(annotations, MAX_ANNOTATIONS):
        annotation_id = annotation.annotation_id
        while annotation_id in taken:
            uses[annotation.annotation_id] += 1
            annotation_id = _part_id(annotation.annotation_id, uses[annotation.annotation_id] + 1)
        taken.add(annotation_id)
        is_same = annotation_id == annotation.annotation_id
        fit.append(annotation if is_same else annotation.model_copy(update={"annotation_id": annotation_id}))
    return fit


class Labelling(Model):
    """What one author says about one item: its objects and the answers to the item-level questions.

    Attributes:
        annotations: In the order in which they lie on each other: later ones above.
        answers: Values by question id.
    """

    annotations: Annotated[list[Annotation], Field(max_length=MAX_ANNOTATIONS)] = []
    answers: dict[str, AttributeValue] = {}

    def as_json(self) -> str:
        """Return its JSON text, as it is stored."""
        return self.model_dump_json()

    @model_validator(mode="after")
    def _ids_are_unique(self) -> Self:
        seen: set[str] = set()
        for annotation in self.annotations:
            if annotation.annotation_id in seen:
                raise ValueError(f"annotation_id {annotation.annotation_id!r} is used twice")
            seen.add(annotation.annotation_id)
        return self
