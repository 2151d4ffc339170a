"""How near labels come to the truth: objects matched one-to-one at IoU 0.5, of the same class."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

import numpy as np

from goldsmith.core.annotations import Annotation, Labelling
from goldsmith.science.detection_metrics.single import found_objects
from goldsmith.science.detection_metrics.types import GoldBoxes, PredictedBoxes


class ObjectScore(NamedTuple):
    """Precision, recall and F1 of objects, and the mean overlap of those found."""

    precision: float
    recall: float
    f1: float
    mean_iou: float


def score_labels(
    labels: Mapping[str, Labelling], truth: Mapping[str, Labelling], *, least: float
) -> ObjectScore:
    """Score labels on the pictures they are of.

    Args:
        labels: By picture.
        truth: By picture; at least those labelled.
        least: Objects with a lower score are left out; those without a score stay.
    """
    names = sorted(labels)
    image = {name: number for number, name in enumerate(names)}
    gold = [(image[name], a) for name in names for a in truth[name].annotations]
    given = [
        (image[name], a)
        for name in names
        for a in labels[name].annotations
        if a.score is None or a.score >= least
    ]
    classes = {class_id: n for n, class_id in enumerate(sorted({a.class_id for _, a in [*gold, *given]}))}
    result = found_objects(
        GoldBoxes.from_xyxy(
            image=[n for n, _ in gold],
            class_index=[classes[a.class_id] for _, a in gold],
            box_xyxy=_boxes(gold),
        ),
        PredictedBoxes.from_xyxy(
            image=[n for n, _ in given],
            class_index=[classes[a.class_id] for _, a in given],
            box_xyxy=_boxes(given),
            score=[1.0 if a.score is None else a.score for _, a in given],
        ),
        image_count=max(len(names), 1),
        class_count=max(len(classes), 1),
    )
    return ObjectScore(result.precision, result.recall, result.f1, result.mean_iou)


def _boxes(rows: list[tuple[int, Annotation]]) -> np.ndarray[tuple[int, ...], np.dtype[np.float64]]:
    return np.array([a.geometry.bounds_xyxy() for _, a in rows], dtype=np.float64).reshape(-1, 4)
