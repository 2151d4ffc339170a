"""Objects of several annotators on the same images made one: existence, class and geometry, each with its doubt.

Marks are matched into objects (``science.matching``); whether an object exists is judged by capture and recapture
(``existence``), its class by annotators' confusion (``dawid_skene``), its shape by annotators' precision
(``box_merge``, ``polygon_merge``). Skill is fitted over all images at once, with gold as evidence, and can
be kept to resolve single images as they come.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from goldsmith.science.arrays import FloatArray, IntArray, as_indices
from goldsmith.science.boxes import box_area
from goldsmith.science.consensus.box_merge import CornerSkill, fit_corner_skill, merge_boxes
from goldsmith.science.consensus.dawid_skene import MOST_CERTAIN, Smoothing, dawid_skene, resolve_labels
from goldsmith.science.consensus.existence import (
    ExistencePriors,
    ExistenceRates,
    Sightings,
    existence_posterior,
    fit_existence,
)
from goldsmith.science.consensus.polygon_merge import merge_polygons
from goldsmith.science.marks import Marks
from goldsmith.science.matching import cluster_marks
from goldsmith.science.polygons import Rings
from goldsmith.science.segments import ragged_arange, run_starts

_SIZE_BINS = 5
_GOLD_IOU = 0.5
_LABEL_SWEEPS = 10


@dataclass(frozen=True, slots=True)
class Looks:
    """Who looked at which image, also those who found nothing: their silence is evidence.

    Attributes:
        image: ``[m]``.
        annotator: ``[m]``.
    """

    image: IntArray
    annotator: IntArray

    @classmethod
    def of(cls, *, image: ArrayLike, annotator: ArrayLike) -> Looks:
        """Check the columns.

        Raises:
            InvalidInputError: Not indices, or of unequal length.
        """
        images = as_indices("image", image)
        return cls(images, as_indices("annotator", annotator, length=images.size))


@dataclass(frozen=True, slots=True)
class DetectionSkill:
    """What is known about the annotators of a project; plain arrays, to be kept with a consensus version.

    Attributes:
        rates: Detection rates, false alarms and object density by stratum (class x size).
        confusion: ``[annotators + 1, classes, classes]`` class given (last axis) by true class.
        class_prior: ``[classes]``.
        corners: Bias and noise of outlines.
        size_edges: ``[4]`` square pixels between five sizes of equal frequency.
    """

    rates: ExistenceRates
    confusion: FloatArray
    class_prior: FloatArray
    corners: CornerSkill
    size_edges: FloatArray

    @property
    def class_count(self) -> int:
        """Number of classes."""
        return self.class_prior.size

    @property
    def annotator_count(self) -> int:
        """Number of known annotators."""
        return len(self.confusion) - 1


@dataclass(frozen=True, slots=True)
class DetectionConsensus:
    """Resolved objects, ordered by image.

    Attributes:
        image: ``[objects]``.
        class_index: ``[objects]`` most probable class.
        box_xyxy: ``[objects, 4]`` merged box; of a polygon, its bounds.
        rings: ``[objects]`` merged polygon, None where the object is a box; None when all are boxes.
        posterior: ``[objects]`` probability that the object exists and has this class, within [0.001, 0.999].
        existence: ``[objects]`` probability that it exists.
        class_posterior: ``[objects, classes]`` given that it exists.
        side_sd: ``[objects]`` standard error of the merged sides as a share of width and height.
        support: ``[objects]`` how many marked it.
        onlookers: ``[objects]`` how many looked at its image.
        object_of_mark: ``[marks]`` the object that each mark supports.
    """

    image: IntArray
    class_index: IntArray
    box_xyxy: FloatArray
    rings: tuple[Rings | None, ...] | None
    posterior: FloatArray
    existence: FloatArray
    class_posterior: FloatArray
    side_sd: FloatArray
    support: IntArray
    onlookers: IntArray
    object_of_mark: IntArray

    def __len__(self) -> int:
        return self.image.size


def fit_detection_skill(
    marks: Marks,
    looks: Looks,
    *,
    annotator_count: int,
    class_count: int,
    gold: Marks | None = None,
    gold_images: ArrayLike = (),
    object_of_mark: IntArray | None = None,
    priors: ExistencePriors | None = None,
    smoothing: Smoothing | None = None,
) -> DetectionSkill:
    """Skill of all annotators from all images.

    Args:
        marks: What was marked.
        looks: Who looked at which image; those who marked something are added.
        annotator_count: Number of annotators.
        class_count: Number of classes.
        gold: True objects of some images; their ``annotator`` plays no part.
        gold_images: ``[k]`` images whose true objects are all in ``gold``, also those that have none.
        object_of_mark: From ``cluster_marks``, when already made.
        priors: Of existence.
        smoothing: Of classes.

    Returns:
        The skill; annotators without evidence are like the crowd, the crowd without evidence like the priors.

    Raises:
        InvalidInputError: An index is out of range.
    """
    _check(marks, looks, annotator_count=annotator_count, class_count=class_count)
    frequency = np.bincount(marks.class_index, minlength=class_count).astype(np.float64)
    clusters = _Objects.of(
        marks, cluster_marks(marks) if object_of_mark is None else object_of_mark, class_frequency=frequency
    )
    matched = _match_gold(clusters, gold, as_indices("gold_images", gold_images))
    edges = _size_edges(box_area(clusters.box_xyxy))
    sightings = _sightings(clusters, looks, matched, edges=edges, people=annotator_count)
    rates, existence = fit_existence(sightings, stratum_count=class_count * _SIZE_BINS, priors=priors)
    count = len(clusters)
    known = matched.known[:count]
    exists = np.where(known >= 0, known, existence[:count])
    labels = dawid_skene(
        clusters.object_of_mark,
        marks.annotator,
        marks.class_index,
        task_count=count,
        annotator_count=annotator_count + 1,
        label_count=class_count,
        gold=matched.gold_class[:count],
        task_weight=exists,
        smoothing=smoothing,
        max_iterations=_LABEL_SWEEPS,
    )
    corners = fit_corner_skill(
        clusters.object_of_mark,
        marks.annotator,
        marks.box_xyxy,
        object_count=count,
        annotator_count=annotator_count,
        weight=exists,
    )
    return DetectionSkill(rates, labels.confusion, labels.class_prior, corners, edges)


def resolve_detections(
    marks: Marks, looks: Looks, *, skill: DetectionSkill, object_of_mark: IntArray | None = None
) -> DetectionConsensus:
    """Resolve images with skill from a previous fit: one pass, no iteration; for one image or all.

    Args:
        marks: What was marked.
        looks: Who looked at which image; those who marked something are added.
        skill: From ``fit_detection_skill``; annotators it does not know are judged like its crowd.
        object_of_mark: From ``cluster_marks``, when already made.

    Returns:
        One object per cluster of marks, also improbable ones: the caller's policy draws the line.

    Raises:
        InvalidInputError: A class is out of range.
    """
    people = max(skill.annotator_count, int(marks.annotator.max(initial=-1)) + 1)
    _check(marks, None, annotator_count=people, class_count=skill.class_count)
    clusters = _Objects.of(
        marks,
        cluster_marks(marks) if object_of_mark is None else object_of_mark,
        class_frequency=skill.class_prior,
    )
    matched = _match_gold(clusters, None, np.zeros(0, dtype=np.int64))
    people = max(people, int(looks.annotator.max(initial=-1)) + 1)
    sightings = _sightings(clusters, looks, matched, edges=skill.size_edges, people=people)
    existence = np.clip(existence_posterior(sightings, skill.rates), 1.0 - MOST_CERTAIN, MOST_CERTAIN)
    class_posterior = resolve_labels(
        clusters.object_of_mark,
        np.minimum(marks.annotator, skill.annotator_count),
        marks.class_index,
        task_count=len(clusters),
        confusion=skill.confusion,
        class_prior=skill.class_prior,
    )
    box, precision = merge_boxes(
        clusters.object_of_mark,
        marks.annotator,
        marks.box_xyxy,
        object_count=len(clusters),
        skill=skill.corners,
    )
    rings = _merged_rings(clusters, skill, box)
    best = class_posterior.argmax(axis=1)
    right = existence * class_posterior[np.arange(len(clusters)), best]
    return DetectionConsensus(
        image=clusters.image,
        class_index=best.astype(np.int64),
        box_xyxy=box,
        rings=rings,
        posterior=np.clip(right, 1.0 - MOST_CERTAIN, MOST_CERTAIN),
        existence=existence,
        class_posterior=class_posterior,
        side_sd=1.0 / np.sqrt(np.maximum(precision, 1e-12)),
        support=clusters.support,
        onlookers=np.bincount(sightings.object_index, minlength=len(clusters)),
        object_of_mark=clusters.object_of_mark,
    )


def expected_missing(
    consensus: DetectionConsensus, looks: Looks, *, skill: DetectionSkill, image_count: int
) -> FloatArray:
    """Objects of each image that nobody marked, expected from the onlookers' detection rates.

    Args:
        consensus: Resolved objects of these images.
        looks: Who looked.
        skill: What the consensus was made with.
        image_count: Number of images.

    Returns:
        ``[images]`` for what is marked: each object marked stands for ``1 / chance to be marked`` objects like it,
        averaged over the looks at all images of the same onlookers' strength; never below 0.
    """
    stratum = np.arange(skill.rates.objects.size)
    row = np.minimum(looks.annotator, skill.annotator_count)
    missed = np.zeros((image_count, stratum.size))
    np.add.at(missed, looks.image, np.log1p(-skill.rates.detection[row]))
    real = np.bincount(consensus.image, weights=consensus.existence, minlength=image_count)
    usual = float((skill.rates.objects).sum())
    chance = 1.0 - (np.exp(missed) @ skill.rates.objects) / max(usual, 1e-12)
    looked = np.bincount(looks.image, minlength=image_count) > 0
    density = (real + 1.0) / (usual * np.where(looked, chance, 0.0) + 1.0)
    return np.asarray(density * (np.exp(missed) @ skill.rates.objects))


@dataclass(frozen=True, slots=True)
class _Objects:
    """Clusters of marks with their plain description."""

    marks: Marks
    object_of_mark: IntArray
    image: IntArray
    class_index: IntArray
    box_xyxy: FloatArray
    support: IntArray

    @classmethod
    def of(cls, marks: Marks, object_of_mark: IntArray, *, class_frequency: FloatArray) -> _Objects:
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
class _GoldMatch:
    """What gold says: for the objects marked, followed by the gold objects that nobody marked."""

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


def _match_gold(objects: _Objects, gold: Marks | None, gold_images: IntArray) -> _GoldMatch:
    """One-to-one by IoU on images that have gold; same class preferred."""
    count = len(objects)
    known = np.full(count, -1, dtype=np.int64)
    known[np.isin(objects.image, gold_images)] = 0
    gold_class = np.full(count, -1, dtype=np.int64)
    nothing = np.zeros(0, dtype=np.int64)
    if gold is None or not len(gold):
        return _GoldMatch(gold_images, known, gold_class, nothing, nothing, np.zeros((0, 4)))
    told = np.isin(gold.image, gold_images)
    both = Marks(
        image=np.concatenate([objects.image, gold.image]),
        annotator=np.repeat(np.array([0, 1]), [count, len(gold)]),
        class_index=np.concatenate([objects.class_index, gold.class_index]),
        box_xyxy=np.concatenate([objects.box_xyxy, gold.box_xyxy]),
    )
    cluster = cluster_marks(both, min_similarity=_GOLD_IOU * 0.8, other_class_factor=0.9)
    gold_of_cluster = np.full(int(cluster.max(initial=-1)) + 1, -1, dtype=np.int64)
    gold_of_cluster[cluster[count:][told]] = np.flatnonzero(told)
    found = gold_of_cluster[cluster[:count]]
    hit = found >= 0
    known[hit] = 1
    gold_class[hit] = gold.class_index[found[hit]]
    missed = np.setdiff1d(np.flatnonzero(told), found[hit])
    return _GoldMatch(
        gold_images,
        np.concatenate([known, np.ones(missed.size, dtype=np.int64)]),
        np.concatenate([gold_class, gold.class_index[missed]]),
        gold.image[missed],
        gold.class_index[missed],
        gold.box_xyxy[missed],
    )


def _size_edges(area: FloatArray) -> FloatArray:
    """Areas that part the objects into classes of equal frequency."""
    if not area.size:
        return np.geomspace(16.0, 160.0, _SIZE_BINS - 1) ** 2
    return np.quantile(area, np.arange(1, _SIZE_BINS) / _SIZE_BINS)


def _sightings(
    objects: _Objects, looks: Looks, gold: _GoldMatch, *, edges: FloatArray, people: int
) -> Sightings:
    """All objects, marked or only known from gold, with all onlookers of their images."""
    marks = objects.marks
    pair = np.unique(
        np.concatenate([looks.image * people + looks.annotator, marks.image * people + marks.annotator])
    )
    image_of_look, annotator_of_look = (pair // people, pair % people) if people else (pair, pair)
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
        stratum=label * _SIZE_BINS + np.searchsorted(edges, area, side="right"),
        known=gold.known,
        informative=np.isin(image, telling),
        looked=np.bincount(annotator_of_look[np.isin(image_of_look, telling)], minlength=people).astype(
            np.float64
        ),
        informative_images=telling.size,
        all_looks=image_of_look.size,
    )


def _merged_rings(
    objects: _Objects, skill: DetectionSkill, box: FloatArray
) -> tuple[Rings | None, ...] | None:
    """Polygons of objects that are polygons by weight of their members; writes their bounds into ``box``."""
    marks = objects.marks
    if marks.rings is None:
        return None
    trust = skill.corners.noise[np.minimum(marks.annotator, skill.annotator_count)] ** -2.0
    order = np.argsort(objects.object_of_mark, kind="stable")
    merged: list[Rings | None] = [None] * len(objects)
    for members in np.split(order, run_starts(objects.object_of_mark[order])[1:]):
        drawn = [m for m in members.tolist() if marks.rings[m] is not None]
        if not drawn or trust[drawn].sum() * 2.0 < trust[members].sum():
            continue
        shapes = [shape for m in drawn if (shape := marks.rings[m]) is not None]
        rings = merge_polygons(shapes, trust[drawn])
        which = int(objects.object_of_mark[members[0]])
        merged[which] = rings
        box[which, :2], box[which, 2:] = rings[0].min(axis=0), rings[0].max(axis=0)
    return tuple(merged)


def _check(marks: Marks, looks: Looks | None, *, annotator_count: int, class_count: int) -> None:
    as_indices("marks.annotator", marks.annotator, below=annotator_count)
    as_indices("marks.class_index", marks.class_index, below=class_count)
    if looks is not None:
        as_indices("looks.annotator", looks.annotator, below=annotator_count)
