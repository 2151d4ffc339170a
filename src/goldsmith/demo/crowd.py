"""Simulated annotators, clearly marked as such: each sees the gold and errs in a way of its own.

They miss objects (small and hidden ones more), confuse classes, draw loosely with a bias, and mark what is not there.
Each answer is a function of the seed, the person and the picture alone, so the order of work does not change it.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from typing import Final, NamedTuple

import numpy as np

from goldsmith.core.annotations import Annotation, AttributeValue, Labelling
from goldsmith.core.geometry import Box
from goldsmith.core.ontology import Ontology

_SMALL_SIDE_PX: Final = 18.0
_SMALLEST_BOX_PX: Final = 2.0


class Habit(NamedTuple):
    """How somebody errs.

    Attributes:
        name: As it appears in the members list.
        miss: Chance to miss a large, free object; small or hidden ones are missed more.
        confuse: Chance to give another class.
        jitter: Standard deviation of each side, as a share of the box's size.
        lean: Constant offset of the box, as a share of its size.
        invent: False marks per picture.
        slack: Chance to leave an attribute wrong.
    """

    name: str
    miss: float
    confuse: float
    jitter: float
    lean: float
    invent: float
    slack: float


HABITS: Final[tuple[Habit, ...]] = (
    Habit("Ada (simulated)", miss=0.04, confuse=0.02, jitter=0.03, lean=0.00, invent=0.04, slack=0.02),
    Habit("Ben (simulated)", miss=0.08, confuse=0.04, jitter=0.05, lean=0.02, invent=0.10, slack=0.05),
    Habit("Cleo (simulated)", miss=0.12, confuse=0.05, jitter=0.05, lean=-0.02, invent=0.10, slack=0.05),
    Habit("Dan (simulated)", miss=0.18, confuse=0.10, jitter=0.08, lean=0.03, invent=0.25, slack=0.10),
    Habit("Eve (simulated)", miss=0.30, confuse=0.15, jitter=0.10, lean=-0.04, invent=0.50, slack=0.20),
)


def answer(
    gold: Labelling, *, habit: Habit, ontology: Ontology, name: str, width: int, height: int, seed: int
) -> Labelling:
    """Return what somebody with this habit would say about a picture.

    Args:
        gold: The truth.
        habit: How the person errs.
        ontology: Of the project.
        name: Of the picture; part of the seed.
        width: Of the picture, in pixels.
        height: Of the picture, in pixels.
        seed: Of the crowd.
    """
    digest = hashlib.sha256(f"{seed}:{habit.name}:{name}".encode()).digest()
    rng = np.random.default_rng(int.from_bytes(digest[:8], "big"))
    marks = [
        _seen(annotation, habit, ontology, rng, width, height)
        for annotation in gold.annotations
        if rng.random() >= _chance_to_miss(annotation, habit)
    ]
    marks += [_invented(ontology, rng, width, height) for _ in range(int(rng.poisson(habit.invent)))]
    kept = [mark for mark in marks if mark is not None]
    return Labelling(
        annotations=[
            mark.model_copy(update={"annotation_id": f"a{number}"}) for number, mark in enumerate(kept)
        ],
        answers=gold.answers,
    )


def _chance_to_miss(annotation: Annotation, habit: Habit) -> float:
    left, top, right, bottom = annotation.geometry.bounds_xyxy()
    smallness = max(0.0, 1.0 - min(right - left, bottom - top) / _SMALL_SIDE_PX)
    chance = habit.miss * (1.0 + 2.0 * smallness + (0.7 if annotation.is_occluded else 0.0))
    return min(chance, 0.9)


def _seen(
    annotation: Annotation,
    habit: Habit,
    ontology: Ontology,
    rng: np.random.Generator,
    width: int,
    height: int,
) -> Annotation | None:
    class_id = annotation.class_id
    attributes = dict(annotation.attributes)
    if rng.random() < habit.confuse:
        others = [entry.class_id for entry in ontology.classes if entry.class_id != class_id]
        if others:
            class_id = others[int(rng.integers(len(others)))]
            attributes = _defaults(ontology, class_id, rng)
    elif attributes and rng.random() < habit.slack:
        attributes = _defaults(ontology, class_id, rng)
    box = _drawn(annotation.geometry.bounds_xyxy(), habit, rng, width, height)
    if box is None:
        return None
    return Annotation(
        annotation_id="a",
        class_id=class_id,
        geometry=box,
        attributes=attributes,
        is_occluded=annotation.is_occluded,
        is_truncated=annotation.is_truncated,
    )


def _drawn(
    bounds: tuple[float, float, float, float], habit: Habit, rng: np.random.Generator, width: int, height: int
) -> Box | None:
    left, top, right, bottom = bounds
    size = np.array([right - left, bottom - top, right - left, bottom - top])
    # nobody draws better than about a pixel, however small the object
    noise = rng.normal(0.0, habit.jitter, 4) * size + rng.normal(0.0, 0.5, 4)
    x0, y0, x1, y1 = np.array(bounds) + noise + habit.lean * size
    x0, x1 = max(float(x0), 0.0), min(float(x1), float(width))
    y0, y1 = max(float(y0), 0.0), min(float(y1), float(height))
    if x1 - x0 < _SMALLEST_BOX_PX or y1 - y0 < _SMALLEST_BOX_PX:
        return None
    return Box(box_xyxy=(round(x0, 2), round(y0, 2), round(x1, 2), round(y1, 2)))


def _invented(ontology: Ontology, rng: np.random.Generator, width: int, height: int) -> Annotation | None:
    boxed = [entry.class_id for entry in ontology.classes if "box" in entry.geometry_kinds]
    if not boxed:
        return None
    class_id = boxed[int(rng.integers(len(boxed)))]
    size_x, size_y = rng.uniform(10.0, 60.0, 2)
    x0, y0 = (
        float(rng.uniform(0, width - size_x)),
        float(rng.uniform(height * 0.3, max(height - size_y, height * 0.31))),
    )
    box = Box(
        box_xyxy=(x0, y0, min(x0 + float(size_x), float(width)), min(y0 + float(size_y), float(height)))
    )
    attributes = _defaults(ontology, class_id, rng)
    return Annotation(annotation_id="a", class_id=class_id, geometry=box, attributes=attributes)


def _defaults(ontology: Ontology, class_id: str, rng: np.random.Generator) -> dict[str, AttributeValue]:
    """Give required attributes any value that is allowed."""
    found = ontology.find_class(class_id)
    values: dict[str, AttributeValue] = {}
    for attribute in found.attributes if found is not None else ():
        options: Sequence[str] = [option.option_id for option in attribute.options]
        if attribute.is_required and attribute.kind == "choice":
            values[attribute.attribute_id] = options[int(rng.integers(len(options)))]
    return values
