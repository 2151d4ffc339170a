"""Simulated annotators of stated skill on given gold, for tests of consensus and skill."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from goldsmith.science.boxes import box_area, box_iou
from goldsmith.science.consensus.detection import Looks
from goldsmith.science.marks import Marks


@dataclass(frozen=True)
class Person:
    """Chance to miss, false marks per image, chance of a wrong class, shakiness as a share of the size."""

    miss: float
    false_alarms: float
    wrong: float
    shake: float


GOOD = Person(0.05, 0.08, 0.02, 0.03)
FAIR = Person(0.12, 0.2, 0.05, 0.06)
HASTY = Person(0.28, 0.3, 0.08, 0.09)
POOR = Person(0.2, 0.8, 0.2, 0.1)
SPAMMER = Person(0.7, 2.0, 0.6, 0.2)


def street(rng: np.random.Generator, *, images: int, classes: int = 4, per_image: float = 5.0) -> Marks:
    """Gold of objects that seldom overlap much."""
    image = np.repeat(np.arange(images), rng.poisson(per_image, images))
    size = np.exp(rng.normal(3.4, 0.7, (image.size, 2))).clip(8, 250)
    corner = rng.random((image.size, 2)) * (np.array([960, 600]) - size)
    return Marks.of(
        image=image,
        annotator=np.zeros(image.size, dtype=int),
        class_index=rng.integers(0, classes, image.size),
        box_xyxy=np.concatenate([corner, corner + size], axis=1),
    )


def annotate(
    rng: np.random.Generator,
    gold: Marks,
    people: list[Person],
    *,
    images: int,
    overlap: int,
    classes: int = 4,
) -> tuple[Marks, Looks]:
    """Each image goes to ``overlap`` people; small objects are missed more often."""
    assigned = np.stack([rng.permutation(len(people))[:overlap] for _ in range(images)])
    area = box_area(gold.box_xyxy)
    harder = np.where(area < np.quantile(area, 0.3), 1.8, 1.0)
    columns: list[tuple[np.ndarray, ...]] = []
    for who, person in enumerate(people):
        mine = np.flatnonzero((assigned == who).any(axis=1))
        seen = np.isin(gold.image, mine) & (rng.random(len(gold)) >= np.clip(person.miss * harder, 0, 0.95))
        box = gold.box_xyxy[seen]
        side = np.tile(box[:, 2:] - box[:, :2], 2)
        box = box + rng.normal(0, 1, box.shape) * (side * person.shake + 0.4)
        label = gold.class_index[seen].copy()
        wrong = rng.random(label.size) < person.wrong
        label[wrong] = rng.integers(0, classes, int(wrong.sum()))
        at = np.repeat(mine, rng.poisson(person.false_alarms, mine.size))
        like = rng.integers(0, len(gold), at.size)
        size = gold.box_xyxy[like, 2:] - gold.box_xyxy[like, :2]
        corner = rng.random((at.size, 2)) * (np.array([960, 600]) - size).clip(1)
        boxes = np.concatenate([box, np.concatenate([corner, corner + size], axis=1)])
        low, high = np.minimum(boxes[:, :2], boxes[:, 2:]), np.maximum(boxes[:, :2], boxes[:, 2:])
        columns.append(
            (
                np.concatenate([gold.image[seen], at]),
                np.full(len(boxes), who),
                np.concatenate([label, gold.class_index[like]]),
                np.concatenate([low, np.maximum(high, low + 1.0)], axis=1),
            )
        )
    image, annotator, label, box = (np.concatenate([column[k] for column in columns]) for k in range(4))
    looks = Looks.of(image=np.repeat(np.arange(images), overlap), annotator=assigned.ravel())
    return Marks.of(image=image, annotator=annotator, class_index=label, box_xyxy=box), looks


def is_right(
    gold: Marks, *, image: np.ndarray, class_index: np.ndarray, box_xyxy: np.ndarray, score: np.ndarray
) -> np.ndarray:
    """Whether each object finds a gold object of its class at IoU 0.5, surest first."""
    right, free = np.zeros(image.size, dtype=bool), np.ones(len(gold), dtype=bool)
    for k in np.argsort(-score, kind="stable"):
        at = np.flatnonzero((gold.image == image[k]) & (gold.class_index == class_index[k]) & free)
        if at.size:
            iou = box_iou(box_xyxy[k : k + 1], gold.box_xyxy[at])[0]
            if iou.max() >= 0.5:
                right[k], free[at[iou.argmax()]] = True, False
    return right


def f1(right: np.ndarray, gold_count: int) -> float:
    """Of what was found, given which of it is right."""
    return 2.0 * float(right.sum()) / max(right.size + gold_count, 1)


def calibration_error(probability: np.ndarray, right: np.ndarray, *, bins: int = 10) -> float:
    """Expected calibration error."""
    slot = np.minimum((probability * bins).astype(int), bins - 1)
    gaps = [
        abs(probability[slot == b].mean() - right[slot == b].mean()) * (slot == b).mean()
        for b in np.unique(slot)
    ]
    return float(sum(gaps))
