"""What to label next: which unlabelled images promise to mend the failures that an evaluation found. Pure.

The gain of an image is the number of objects one may expect on it (the sum of its detections' scores, the low ones
included), each weighted by how badly its class does, raised where the image belongs to a slice that does badly.
Images are then taken one by one, and each taken image lowers what further images of the same group and class can add
(diminishing returns), so that a batch does not fill with near-copies of one scene, or with one class.

Doubt (the entropy of a detection) in place of the expected count was tried: of street images it chose a tenth fewer of
the objects that the model had missed, as a lone unsure mark is more often nothing than something.
"""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import Final, NamedTuple

from goldsmith.evaluation.types import Metrics

_BASE_NEED: Final = 0.1
_SAME_GROUP: Final = 0.5
_SAME_CLASS_HALF: Final = 0.25
"""Once this share of what all candidates hold of a class is taken, further objects of it count half."""
_UNSEEN_CLASS_NEED: Final = 1.0


class Candidate(NamedTuple):
    """An image that could be labelled, with what a model sees on it.

    Attributes:
        detections: (class id, score), low scores included.
        metadata: JSON text of the item.
    """

    item_id: str
    group_key: str
    metadata: str
    detections: Sequence[tuple[str, float]]


class Ranked(NamedTuple):
    """A chosen image with the gain it was chosen for."""

    item_id: str
    gain: float


def class_need(metrics: Metrics) -> dict[str, float]:
    """How badly each class does, in (0, 1.1]: one less AP50 and a little; 1.1 where it was not measured."""
    return {
        result.class_id: _BASE_NEED
        + (_UNSEEN_CLASS_NEED if result.ap50.value is None else 1.0 - result.ap50.value)
        for result in metrics.classes
    }


def slice_need(metrics: Metrics) -> dict[str, float]:
    """How much worse than the whole each metadata slice does: a factor of at least 1."""
    whole = metrics.numbers["ap50"].value or 0.0
    return {
        part.name: 1.0 + max(whole - part.ap50.value, 0.0) / max(whole, 0.05)
        for part in metrics.slices
        if part.kind == "metadata" and part.ap50.value is not None
    }


def rank_by_gain(candidates: Sequence[Candidate], *, metrics: Metrics, count: int) -> list[Ranked]:
    """Choose images one by one by what each adds.

    Args:
        candidates: Of which at most ``count`` are taken.
        metrics: Of the evaluation whose failures are to be mended.
        count: How many to take.

    Returns:
        The chosen images, highest gain first; of equals the lower item id.
    """
    needs, slices = class_need(metrics), slice_need(metrics)
    by_class = [_need_by_class(candidate, needs, slices) for candidate in candidates]
    half: dict[str, float] = defaultdict(float)
    for held in by_class:
        for class_id, need in held.items():
            half[class_id] += _SAME_CLASS_HALF * need
    taken_of_class: dict[str, float] = defaultdict(float)
    taken_of_group: dict[str, int] = defaultdict(int)
    left = sorted(
        range(len(candidates)), key=lambda index: (-sum(by_class[index].values()), candidates[index].item_id)
    )
    bound = {index: sum(by_class[index].values()) for index in left}
    chosen: list[Ranked] = []

    def gain_now(index: int) -> float:
        group = candidates[index].group_key
        repeated = _SAME_GROUP ** taken_of_group[group] if group else 1.0
        return repeated * sum(
            need * half[class_id] / (half[class_id] + taken_of_class[class_id])
            for class_id, need in by_class[index].items()
        )

    while left and len(chosen) < count:
        # gains only fall, so the order of their last known values tells how far one must look (lazy greedy)
        best, best_gain = left[0], -1.0
        for index in left:
            if bound[index] <= best_gain:
                break
            bound[index] = gain_now(index)
            if bound[index] > best_gain:
                best, best_gain = index, bound[index]
        chosen.append(Ranked(candidates[best].item_id, best_gain))
        for class_id, need in by_class[best].items():
            taken_of_class[class_id] += need
        taken_of_group[candidates[best].group_key] += 1
        left.remove(best)
        left.sort(key=lambda index: (-bound[index], candidates[index].item_id))
    return chosen


def _need_by_class(
    candidate: Candidate, needs: Mapping[str, float], slices: Mapping[str, float]
) -> dict[str, float]:
    factor = 1.0
    for key, value in json.loads(candidate.metadata).items():
        factor = max(factor, slices.get(f"{key} = {value}", 1.0))
    totals: dict[str, float] = defaultdict(float)
    for class_id, score in candidate.detections:
        totals[class_id] += factor * needs.get(class_id, _BASE_NEED) * score
    return dict(totals)
