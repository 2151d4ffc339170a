"""Stretches of a line: time intervals, and words of a text, which may overlap and nest.

A stretch is a box in one dimension, and the same questions are asked of it: which stretches of different annotators
mean the same, one of each at most, "not there" being an answer too; whether it exists (capture and recapture); which
class it has (votes, by everybody's confusion); and where its borders lie (median, weighted by precision).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import ArrayLike

from goldsmith.core.errors import InvalidInputError
from goldsmith.science.arrays import FloatArray, IntArray, as_floats, as_indices
from goldsmith.science.consensus import (
    DetectionSkill,
    ExistencePriors,
    fit_detection_skill,
    resolve_detections,
)
from goldsmith.science.marks import Looks, Marks
from goldsmith.science.matching import MIN_SIMILARITY, OTHER_CLASS_FACTOR, cluster_marks
from goldsmith.science.medians import weighted_median

_USUAL_PX: Final = 100.0
"""A stretch of usual length is made a square of this side, so that the tremor of a hand is a hundredth of it."""


@dataclass(frozen=True, slots=True)
class Spans:
    """One row per stretch that somebody marked.

    Attributes:
        item: ``[n]`` recording or text.
        annotator: ``[n]``.
        class_index: ``[n]``.
        start: ``[n]`` in any unit: milliseconds, characters.
        end: ``[n]`` at least ``start``; of text, the character after the last one.
        is_whole: Borders are whole numbers, such as places in a text.
    """

    item: IntArray
    annotator: IntArray
    class_index: IntArray
    start: FloatArray
    end: FloatArray
    is_whole: bool = False

    @classmethod
    def of(
        cls,
        *,
        item: ArrayLike,
        annotator: ArrayLike,
        class_index: ArrayLike,
        start: ArrayLike,
        end: ArrayLike,
        is_whole: bool = False,
    ) -> Spans:
        """Check the columns.

        Raises:
            InvalidInputError: Columns of unequal length, a border that is not finite or, where borders are whole, not
                whole, or an end before its start.
        """
        items = as_indices("item", item)
        begins = as_floats("start", start, length=items.size)
        ends = as_floats("end", end, length=items.size)
        if (ends < begins).any():
            raise InvalidInputError("spans must not end before they start")
        if is_whole and ((begins % 1.0).any() or (ends % 1.0).any()):
            raise InvalidInputError("start and end must be whole numbers, as is_whole says")
        return cls(
            items,
            as_indices("annotator", annotator, length=items.size),
            as_indices("class_index", class_index, length=items.size),
            begins,
            ends,
            is_whole,
        )

    def as_marks(self, unit: float) -> Marks:
        """Boxes of one height, of which ``unit`` is as long as it is high."""
        x0, x1 = self.start / unit * _USUAL_PX, self.end / unit * _USUAL_PX
        low, high = np.zeros(len(self)), np.full(len(self), _USUAL_PX)
        return Marks.of(
            image=self.item,
            annotator=self.annotator,
            class_index=self.class_index,
            box_xyxy=np.stack([x0, low, x1, high], axis=1),
        )

    @property
    def usual_length(self) -> float:
        """Median length of those that have any; 1 without any."""
        length = self.end - self.start
        some = length[length > 0.0]
        return float(np.median(some)) if some.size else 1.0

    def __len__(self) -> int:
        return self.item.size


@dataclass(frozen=True, slots=True)
class SpanSkill:
    """What is known about the annotators.

    Attributes:
        detection: Rates of finding and of false alarms, confusion of classes, exactness of borders.
        unit: The usual length of a stretch, in which exactness is told.
    """

    detection: DetectionSkill
    unit: float


@dataclass(frozen=True, slots=True)
class SpanConsensus:
    """Resolved stretches, ordered by item.

    Attributes:
        item: ``[k]``.
        class_index: ``[k]`` most probable class.
        start: ``[k]``; whole where the given borders are.
        end: ``[k]``.
        posterior: ``[k]`` probability that the stretch exists and has this class, within [0.001, 0.999].
        existence: ``[k]`` probability that it exists.
        class_posterior: ``[k, classes]`` given that it exists.
        support: ``[k]`` how many marked it.
        onlookers: ``[k]`` how many looked at its item.
        resolved: ``[n]`` the stretch that each given one supports.
    """

    item: IntArray
    class_index: IntArray
    start: FloatArray
    end: FloatArray
    posterior: FloatArray
    existence: FloatArray
    class_posterior: FloatArray
    support: IntArray
    onlookers: IntArray
    resolved: IntArray

    def __len__(self) -> int:
        return self.item.size


def cluster_spans(
    spans: Spans,
    *,
    unit: float | None = None,
    min_similarity: float = MIN_SIMILARITY,
    other_class_factor: float = OTHER_CLASS_FACTOR,
) -> IntArray:
    """Which stretch of the truth each given one means, by overlap over union.

    Args:
        spans: What was marked.
        unit: Usual length of a stretch; that of these spans when None.
        min_similarity: Clusters whose mean similarity is lower stay apart.
        other_class_factor: The similarity of two of different class is multiplied by this.

    Returns:
        ``[n]`` numbered from 0, ascending by item.

    >>> spans = Spans.of(item=[0, 0, 0], annotator=[0, 1, 1], class_index=[0, 0, 0], start=[3, 4, 20], end=[9, 9, 30])
    >>> cluster_spans(spans).tolist()
    [0, 0, 1]
    """
    marks = spans.as_marks(spans.usual_length if unit is None else unit)
    return cluster_marks(marks, min_similarity=min_similarity, other_class_factor=other_class_factor)


def fit_span_skill(
    spans: Spans,
    looks: Looks,
    *,
    annotator_count: int,
    class_count: int,
    gold: Spans | None = None,
    gold_items: ArrayLike = (),
    priors: ExistencePriors | None = None,
) -> SpanSkill:
    """Skill of all annotators from all items.

    Args:
        spans: What was marked.
        looks: Who looked at which item (its ``image``); those who marked something are added.
        annotator_count: Number of annotators.
        class_count: Number of classes.
        gold: True stretches of some items; their ``annotator`` plays no part.
        gold_items: ``[k]`` items whose true stretches are all in ``gold``, also those that have none.
        priors: Of existence.

    Returns:
        The skill; annotators without evidence are like the crowd, the crowd without evidence like the priors.

    Raises:
        InvalidInputError: An index is out of range.

    >>> spans = Spans.of(item=[0, 0], annotator=[0, 1], class_index=[0, 0], start=[3, 4], end=[9, 9])
    >>> nobody_else = Looks.of(image=[], annotator=[])
    >>> fit_span_skill(spans, nobody_else, annotator_count=2, class_count=1).unit
    5.5
    """
    unit = spans.usual_length
    detection = fit_detection_skill(
        spans.as_marks(unit),
        looks,
        annotator_count=annotator_count,
        class_count=class_count,
        gold=None if gold is None else gold.as_marks(unit),
        gold_images=gold_items,
        priors=priors,
    )
    return SpanSkill(detection, unit)


def resolve_spans(spans: Spans, looks: Looks, *, skill: SpanSkill) -> SpanConsensus:
    """Resolve items with skill from a previous fit: one pass; for one item or all.

    Args:
        spans: What was marked.
        looks: Who looked at which item (its ``image``); those who marked something are added.
        skill: From ``fit_span_skill``; annotators it does not know are judged like its crowd.

    Returns:
        One stretch per cluster, also improbable ones: the caller's policy draws the line.

    Raises:
        InvalidInputError: A class is out of range.

    >>> spans = Spans.of(item=[0, 0, 0], annotator=[0, 1, 2], class_index=[0, 0, 0], start=[3, 4, 4], end=[9, 9, 8])
    >>> looks = Looks.of(image=[0, 0, 0], annotator=[0, 1, 2])
    >>> skill = fit_span_skill(spans, looks, annotator_count=3, class_count=1)
    >>> found = resolve_spans(spans, looks, skill=skill)
    >>> found.start.tolist(), found.end.tolist(), bool(found.existence[0] > 0.95)
    ([4.0], [9.0], True)
    """
    marks = spans.as_marks(skill.unit)
    found = resolve_detections(marks, looks, skill=skill.detection, with_shapes=False)
    of_span, count = found.object_of_mark, len(found)
    noise = skill.detection.corners.noise
    trust = noise[np.minimum(spans.annotator, noise.size - 1)] ** -2.0
    start, end = (
        weighted_median(of_span, border, group_count=count, weight=trust, is_given=spans.is_whole)
        for border in (spans.start, spans.end)
    )
    return SpanConsensus(
        item=found.image,
        class_index=found.class_index,
        start=start,
        end=np.maximum(end, start),
        posterior=found.posterior,
        existence=found.existence,
        class_posterior=found.class_posterior,
        support=found.support,
        onlookers=found.onlookers,
        resolved=of_span,
    )
