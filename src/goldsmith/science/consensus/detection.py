"""Objects of several annotators on the same images made one: existence, class and geometry, each with its doubt.

Marks are matched into objects (``science.matching``); whether an object exists is judged by capture and recapture
(``existence``), its class by annotators' confusion (``votes``), its shape by annotators' precision
(``box_merge``, ``polygon_merge``, ``shape_choice``). Skill is fitted over all images at once, with gold as evidence,
and can be kept to resolve single images as they come.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from goldsmith.science.arrays import FloatArray, IntArray, as_indices
from goldsmith.science.boxes import box_area
from goldsmith.science.consensus.box_merge import fit_corner_skill, merge_boxes
from goldsmith.science.consensus.existence import ExistencePriors, existence_posterior, fit_existence
from goldsmith.science.consensus.objects import (
    SIZE_BINS,
    MarkedObjects,
    match_gold,
    sightings_of,
    size_edges_of,
)
from goldsmith.science.consensus.shape_choice import choose_shapes, learn_masks
from goldsmith.science.consensus.types import DetectionConsensus, DetectionSkill
from goldsmith.science.forms import Pixels
from goldsmith.science.marks import Looks, Marks
from goldsmith.science.matching import cluster_marks
from goldsmith.science.votes import MOST_CERTAIN, Votes, never_certain, resolve_labels, smoothed_confusion

__all__ = [
    "DetectionConsensus",
    "DetectionSkill",
    "Looks",
    "expected_missing",
    "fit_detection_skill",
    "resolve_detections",
]


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

    Returns:
        The skill; annotators without evidence are like the crowd, the crowd without evidence like the priors.

    Raises:
        InvalidInputError: An index is out of range.

    >>> from goldsmith.science.marks import Looks, Marks
    >>> marks = Marks.of(image=[0, 0, 0], annotator=[0, 1, 0], class_index=[0, 0, 1],
    ...                  box_xyxy=[[0, 0, 20, 20], [1, 0, 20, 21], [50, 50, 60, 60]])
    >>> looks = Looks.of(image=[0, 0], annotator=[0, 1])
    >>> fit_detection_skill(marks, looks, annotator_count=2, class_count=2).confusion.shape
    (3, 2, 2)
    """
    _check(marks, looks, annotator_count=annotator_count, class_count=class_count)
    frequency = np.bincount(marks.class_index, minlength=class_count).astype(np.float64)
    clusters = MarkedObjects.of(
        marks, cluster_marks(marks) if object_of_mark is None else object_of_mark, class_frequency=frequency
    )
    matched = match_gold(clusters, gold, as_indices("gold_images", gold_images))
    edges = size_edges_of(box_area(clusters.box_xyxy))
    sightings = sightings_of(clusters, looks, matched, edges=edges, people=annotator_count)
    rates, existence = fit_existence(sightings, stratum_count=class_count * SIZE_BINS, priors=priors)
    count = len(clusters)
    known = matched.known[:count]
    exists = np.where(known >= 0, known, existence[:count])
    labels = smoothed_confusion(
        Votes.of(
            clusters.object_of_mark,
            marks.annotator,
            marks.class_index,
            task_count=count,
            annotator_count=annotator_count + 1,
            label_count=class_count,
        ),
        gold=matched.gold_class[:count],
        task_weight=exists,
    )
    drawn = _with_outlines(marks)
    corners = fit_corner_skill(
        clusters.object_of_mark[drawn],
        marks.annotator[drawn],
        marks.box_xyxy[drawn],
        object_count=count,
        annotator_count=annotator_count,
        weight=exists,
    )
    masks = learn_masks(clusters, annotator_count=annotator_count)
    return DetectionSkill(rates, labels.confusion, labels.class_prior, corners, edges, masks)


def resolve_detections(
    marks: Marks,
    looks: Looks,
    *,
    skill: DetectionSkill,
    object_of_mark: IntArray | None = None,
    with_shapes: bool = True,
) -> DetectionConsensus:
    """Resolve images with skill from a previous fit: one pass, no iteration; for one image or all.

    Args:
        marks: What was marked.
        looks: Who looked at which image; those who marked something are added.
        skill: From ``fit_detection_skill``; annotators it does not know are judged like its crowd.
        object_of_mark: From ``cluster_marks``, when already made.
        with_shapes: Merge or choose other shapes than boxes too, which takes some milliseconds an object; without,
            every object is a box.

    Returns:
        One object per cluster of marks, also improbable ones: the caller's policy draws the line.

    Raises:
        InvalidInputError: A class is out of range.

    >>> from goldsmith.science.marks import Looks, Marks
    >>> marks = Marks.of(image=[0, 0, 0], annotator=[0, 1, 0], class_index=[0, 0, 1],
    ...                  box_xyxy=[[0, 0, 20, 20], [1, 0, 20, 21], [50, 50, 60, 60]])
    >>> looks = Looks.of(image=[0, 0], annotator=[0, 1])
    >>> skill = fit_detection_skill(marks, looks, annotator_count=2, class_count=2)
    >>> resolve_detections(marks, looks, skill=skill).support.tolist()
    [2, 1]
    """
    people = max(skill.annotator_count, int(marks.annotator.max(initial=-1)) + 1)
    _check(marks, None, annotator_count=people, class_count=skill.class_count)
    if not len(marks):  # of a question about each item nobody marks anything
        return DetectionConsensus.of_nothing(skill.class_count)
    clusters = MarkedObjects.of(
        marks,
        cluster_marks(marks) if object_of_mark is None else object_of_mark,
        class_frequency=skill.class_prior,
    )
    matched = match_gold(clusters, None, np.zeros(0, dtype=np.int64))
    people = max(people, int(looks.annotator.max(initial=-1)) + 1)
    sightings = sightings_of(clusters, looks, matched, edges=skill.size_edges, people=people)
    existence = np.clip(existence_posterior(sightings, skill.rates), 1.0 - MOST_CERTAIN, MOST_CERTAIN)
    votes = Votes.of(
        clusters.object_of_mark,
        np.minimum(marks.annotator, skill.annotator_count),
        marks.class_index,
        task_count=len(clusters),
        annotator_count=skill.annotator_count + 1,
        label_count=skill.class_count,
    )
    class_posterior = never_certain(
        resolve_labels(votes, confusion=skill.confusion, class_prior=skill.class_prior)
    )
    box, precision = merge_boxes(
        clusters.object_of_mark,
        marks.annotator,
        marks.box_xyxy,
        object_count=len(clusters),
        skill=skill.corners,
    )
    best = class_posterior.argmax(axis=1)
    shapes = None
    if with_shapes:
        trust = skill.corners.noise[np.minimum(marks.annotator, skill.annotator_count)] ** -2.0
        shapes = choose_shapes(clusters, class_index=best, trust=trust, box_xyxy=box, mask_skill=skill.masks)
    right = existence * class_posterior[np.arange(len(clusters)), best]
    return DetectionConsensus(
        image=clusters.image,
        class_index=best.astype(np.int64),
        box_xyxy=box if shapes is None else shapes.box_xyxy,
        rings=None if shapes is None else shapes.rings,
        posterior=np.clip(right, 1.0 - MOST_CERTAIN, MOST_CERTAIN),
        existence=existence,
        class_posterior=class_posterior,
        side_sd=1.0 / np.sqrt(np.maximum(precision, 1e-12)),
        support=clusters.support,
        onlookers=np.bincount(sightings.object_index, minlength=len(clusters)),
        object_of_mark=clusters.object_of_mark,
        forms=None if shapes is None else shapes.forms,
        mark_of_shape=None if shapes is None else shapes.mark,
    )


def expected_missing(
    consensus: DetectionConsensus, looks: Looks, *, skill: DetectionSkill, image_count: int
) -> FloatArray:
    """Objects of each image that nobody marked: what one more look might find.

    Args:
        consensus: Resolved objects of these images.
        looks: Who looked.
        skill: What the consensus was made with.
        image_count: Number of images.

    Returns:
        ``[images]`` at least 0: the usual number of objects of each stratum, times the chance that all onlookers miss
        one, scaled by how full this image is compared with what its onlookers usually find.

    >>> from goldsmith.science.marks import Looks, Marks
    >>> marks = Marks.of(image=[0, 0, 0], annotator=[0, 1, 0], class_index=[0, 0, 1],
    ...                  box_xyxy=[[0, 0, 20, 20], [1, 0, 20, 21], [50, 50, 60, 60]])
    >>> looks = Looks.of(image=[0, 0], annotator=[0, 1])
    >>> skill = fit_detection_skill(marks, looks, annotator_count=2, class_count=2)
    >>> consensus = resolve_detections(marks, looks, skill=skill)
    >>> bool(expected_missing(consensus, looks, skill=skill, image_count=1)[0] > 0)
    True
    """
    row = np.minimum(looks.annotator, skill.annotator_count)
    log_missed = np.zeros((image_count, skill.rates.objects.size))
    np.add.at(log_missed, looks.image, np.log1p(-skill.rates.detection[row]))
    usually_missed = np.exp(log_missed) @ skill.rates.objects
    usually_found = float(skill.rates.objects.sum()) - usually_missed
    found = np.bincount(consensus.image, weights=consensus.existence, minlength=image_count)
    return np.asarray(usually_missed * (found + 1.0) / (usually_found + 1.0))


def _with_outlines(marks: Marks) -> IntArray:
    """Rows whose bounds tell how exactly somebody draws an outline; places and lines have none."""
    if marks.forms is None:
        return np.arange(len(marks))
    return np.flatnonzero([form is None or isinstance(form, Pixels) for form in marks.forms])


def _check(marks: Marks, looks: Looks | None, *, annotator_count: int, class_count: int) -> None:
    as_indices("marks.annotator", marks.annotator, below=annotator_count)
    as_indices("marks.class_index", marks.class_index, below=class_count)
    if looks is not None:
        as_indices("looks.annotator", looks.annotator, below=annotator_count)
