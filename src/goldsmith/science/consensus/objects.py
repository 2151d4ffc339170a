"""Marked objects, what gold says about them, and who looked at them: between the marks and the models."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np

from goldsmith.science.arrays import FloatArray, IntArray, as_indices
from goldsmith.science.boxes import box_area
from goldsmith.science.consensus.existence import Sightings
from goldsmith.science.forms import Form, Pixels
from goldsmith.science.marks import Looks, Marks
from goldsmith.science.matching import cluster_marks
from goldsmith.science.segments import ragged_arange, run_starts

SIZE_BINS: Final = 5
_GOLD_IOU: Final = 0.5


@dataclass(frozen=True, slots=True)
class MarkedObjects:
    """Clusters of marks with their plain description.

    Attributes:
        marks: The marks.
        object_of_mark: ``[marks]``.
        image: ``[objects]``.
        class_index: ``[objects]`` most frequent class.
        box_xyxy: ``[objects, 4]`` plain mean of the boxes.
        support: ``[objects]`` number of marks.
    """

    marks: Marks
    object_of_mark: IntArray
    image: IntArray
    class_index: IntArray
    box_xyxy: FloatArray
    support: IntArray

    @classmethod
    def of(cls, marks: Marks, object_of_mark: IntArray, *, class_frequency: FloatArray) -> MarkedObjects:
        """Describe the clusters; ``class_frequency`` ``[classes]`` decides between equally frequent classes."""
        of_mark = as_indices("object_of_mark", object_of_mark, length=len(marks))
        count = int(of_mark.max(initial=-1)) + 1
        support = np.bincount(of_mark, minlength=count)
        image = np.zeros(count, dtype=np.int64)
        image[of_mark] = marks.image
        sums = [np.bincount(of_mark, weights=side, minlength=count) for side in marks.box_xyxy.T]
        box = np.stack(sums, axis=1) / np.maximum(support, 1)[:, None]
        label = _most_frequent(of_mark, marks.class_index, count, class_frequency)
        return cls(marks, of_mark, image, label, box, support)

    def __len__(self) -> int:
        return self.image.size


@dataclass(frozen=True, slots=True)
class GoldMatch:
    """What gold says: for the objects marked, followed by the gold objects that nobody marked.

    Attributes:
        images: Images with gold.
        known: ``[objects + missed]`` 1 is in gold, 0 is not in gold, -1 the image has no gold.
        gold_class: ``[objects + missed]`` true class, -1 where unknown or not in gold.
        missed_image: ``[missed]``.
        missed_class: ``[missed]``.
        missed_box: ``[missed, 4]``.
    """

    images: IntArray
    known: IntArray
    gold_class: IntArray
    missed_image: IntArray
    missed_class: IntArray
    missed_box: FloatArray


def _most_frequent(key: IntArray, label: IntArray, count: int, class_frequency: FloatArray) -> IntArray:
    """Most frequent label per key, of equals the one more usual everywhere; ``[count]``."""
    labels = class_frequency.size
    pair, votes = np.unique(key * labels + label, return_counts=True)
    order = np.lexsort((-class_frequency[pair % labels], -votes, pair // labels))
    first = order[run_starts(pair[order] // labels)]
    result = np.zeros(count, dtype=np.int64)
    result[pair[first] // labels] = pair[first] % labels
    return result


def match_gold(objects: MarkedObjects, gold: Marks | None, gold_images: IntArray) -> GoldMatch:
    """One-to-one by IoU on images that have gold; same class preferred."""
    count = len(objects)
    known = np.full(count, -1, dtype=np.int64)
    known[np.isin(objects.image, gold_images)] = 0
    gold_class = np.full(count, -1, dtype=np.int64)
    nothing = np.zeros(0, dtype=np.int64)
    if gold is None or not len(gold):
        return GoldMatch(gold_images, known, gold_class, nothing, nothing, np.zeros((0, 4)))
    told = np.isin(gold.image, gold_images)
    both = Marks(
        image=np.concatenate([objects.image, gold.image]),
        annotator=np.repeat(np.array([0, 1]), [count, len(gold)]),
        class_index=np.concatenate([objects.class_index, gold.class_index]),
        box_xyxy=np.concatenate([objects.box_xyxy, gold.box_xyxy]),
        forms=_forms_of_both(objects, gold),
    )
    cluster = cluster_marks(both, min_similarity=_GOLD_IOU * 0.8, other_class_factor=0.9)
    gold_of_cluster = np.full(int(cluster.max(initial=-1)) + 1, -1, dtype=np.int64)
    gold_of_cluster[cluster[count:][told]] = np.flatnonzero(told)
    found = gold_of_cluster[cluster[:count]]
    hit = found >= 0
    known[hit] = 1
    gold_class[hit] = gold.class_index[found[hit]]
    missed = np.setdiff1d(np.flatnonzero(told), found[hit])
    return GoldMatch(
        gold_images,
        np.concatenate([known, np.ones(missed.size, dtype=np.int64)]),
        np.concatenate([gold_class, gold.class_index[missed]]),
        gold.image[missed],
        gold.class_index[missed],
        gold.box_xyxy[missed],
    )


def _forms_of_both(objects: MarkedObjects, gold: Marks) -> tuple[Form | None, ...] | None:
    """Places and lines of both, which have no overlap to be known by; an object's are those nearest to its mean."""
    marks = objects.marks
    if marks.forms is None or gold.forms is None:
        return None
    gap = np.abs(marks.box_xyxy - objects.box_xyxy[objects.object_of_mark]).sum(axis=1).round(9)
    order = np.lexsort((*marks.box_xyxy.T[::-1], gap, objects.object_of_mark))
    nearest = order[run_starts(objects.object_of_mark[order])]
    forms = (*(marks.forms[row] for row in nearest.tolist()), *gold.forms)
    return tuple(None if isinstance(form, Pixels) else form for form in forms)


def size_edges_of(area: FloatArray) -> FloatArray:
    """Areas that part the objects into classes of equal frequency."""
    if not area.size:
        return np.geomspace(16.0, 160.0, SIZE_BINS - 1) ** 2
    return np.quantile(area, np.arange(1, SIZE_BINS) / SIZE_BINS)


def sightings_of(
    objects: MarkedObjects, looks: Looks, gold: GoldMatch, *, edges: FloatArray, people: int
) -> Sightings:
    """All objects, marked or only known from gold, with all onlookers of their images."""
    marks = objects.marks
    everybody = looks.with_marks(marks)
    image_of_look, annotator_of_look = everybody.image, everybody.annotator
    image = np.concatenate([objects.image, gold.missed_image])
    looked_at, looks_of_image = np.unique(image_of_look, return_counts=True)
    telling = np.union1d(looked_at[looks_of_image > 1], np.intersect1d(gold.images, looked_at))
    begin = np.searchsorted(image_of_look, image, side="left")
    counts = np.searchsorted(image_of_look, image, side="right") - begin
    of_object = np.repeat(np.arange(image.size), counts)
    annotator = annotator_of_look[np.repeat(begin, counts) + ragged_arange(counts)]
    marked_pairs = np.unique(objects.object_of_mark * people + marks.annotator)
    marked = np.isin(of_object * people + annotator, marked_pairs, assume_unique=True)
    area = np.concatenate([box_area(objects.box_xyxy), box_area(gold.missed_box)])
    label = np.concatenate([objects.class_index, gold.missed_class])
    return Sightings(
        object_index=of_object,
        annotator=annotator,
        marked=marked,
        stratum=label * SIZE_BINS + np.searchsorted(edges, area, side="right"),
        known=gold.known,
        informative=np.isin(image, telling),
        looked=np.bincount(annotator_of_look[np.isin(image_of_look, telling)], minlength=people).astype(
            np.float64
        ),
        informative_images=telling.size,
        all_looks=image_of_look.size,
    )
