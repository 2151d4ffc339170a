"""One labelled object, how objects are related, and all that one labelling says about an item."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Sequence
from itertools import islice
from typing import Annotated, Self

from pydantic import Field, model_validator

from goldsmith.core.geometry.registry import AnyShape, Geometry
from goldsmith.core.model import Model

MAX_ANNOTATIONS = 20_000
"""Cap on the objects of one labelling."""

MAX_RELATIONS = 20_000
"""Cap on the relations of one labelling."""

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


class RelationForm:
    """What a relation can tell, whichever way it was read."""

    __slots__ = ()
    relation_id: str
    relation_type_id: str
    from_id: str
    to_id: str
    score: float | None


class Relation(RelationForm, Model):
    """How one object is related to another of the same labelling.

    Attributes:
        relation_id: Made by the client, stable across the versions of a submission.
        relation_type_id: A relation type of the ontology.
        from_id: The annotation id of the object it starts from; of an undirected one, that of either.
        to_id: The annotation id of the object it leads to.
        score: Probability in [0, 1]; only predictions and consensus carry one.
    """

    relation_id: Key
    relation_type_id: Key
    from_id: Key
    to_id: Key
    score: Annotated[float, Field(ge=0.0, le=1.0)] | None = None


def relations_fault(relations: Iterable[RelationForm], annotation_ids: Collection[str]) -> str | None:
    """Return what keeps relations from holding between some objects, or None."""
    ids: set[str] = set()
    ends: set[tuple[str, str, str]] = set()
    for relation in relations:
        for end in (relation.from_id, relation.to_id):
            if end not in annotation_ids:
                return f"relation {relation.relation_id!r} names the unknown annotation {end!r}"
        if relation.from_id == relation.to_id:
            return f"relation {relation.relation_id!r} joins {relation.from_id!r} with itself"
        if relation.relation_id in ids:
            return f"relation_id {relation.relation_id!r} is used twice"
        said = (relation.relation_type_id, relation.from_id, relation.to_id)
        if said in ends:
            return f"relation {relation.relation_id!r} says what another one says"
        ids.add(relation.relation_id)
        ends.add(said)
    return None


class Labelling(Model):
    """What one author says about one item: its objects, their relations, and the answers to the item-level questions.

    Attributes:
        annotations: In the order in which they lie on each other: later ones above.
        answers: Values by question id.
        relations: Between the objects; no two say the same.
    """

    annotations: Annotated[list[Annotation], Field(max_length=MAX_ANNOTATIONS)] = []
    answers: dict[str, AttributeValue] = {}
    relations: Annotated[list[Relation], Field(max_length=MAX_RELATIONS)] = []

    def with_annotations(self, annotations: Sequence[Annotation]) -> Labelling:
        """Return the labelling with other objects, and those of its relations whose both ends are among them."""
        ids = {annotation.annotation_id for annotation in annotations}
        relations = [entry for entry in self.relations if entry.from_id in ids and entry.to_id in ids]
        return self.model_copy(update={"annotations": list(annotations), "relations": relations})

    def sure_from(self, least: float) -> Labelling:
        """Return the labelling without objects and relations that are less likely; what has no score is certain.

        Args:
            least: Score from which on something is kept.
        """
        left = self.with_annotations([a for a in self.annotations if a.score is None or a.score >= least])
        relations = [entry for entry in left.relations if entry.score is None or entry.score >= least]
        return left.model_copy(update={"relations": relations})

    def as_json(self) -> str:
        """Return its JSON text, as it is stored."""
        return self.model_dump_json()

    @model_validator(mode="after")
    def _ids_are_unique_and_known(self) -> Self:
        seen: set[str] = set()
        for annotation in self.annotations:
            if annotation.annotation_id in seen:
                raise ValueError(f"annotation_id {annotation.annotation_id!r} is used twice")
            seen.add(annotation.annotation_id)
        fault = relations_fault(self.relations, seen)
        if fault is not None:
            raise ValueError(fault)
        return self
