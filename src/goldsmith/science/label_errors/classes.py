"""Labels that are probably wrong, by what a model says that has not seen them: confident learning.

Northcutt, Jiang & Chuang 2021 (doi 10.1613/jair.1.12125). A model is sure of a class where it gives it at least the
mean probability that it gives to items so labelled; which labels lie where it is sure of another class gives the joint
table of given and true labels, and that table says how many of each kind to look for.

With a weak model every score is weak, and a second annotator beats any of them.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike

from goldsmith.core.errors import InvalidInputError
from goldsmith.science.arrays import BoolArray, FloatArray, IntArray, as_indices

Measure = Literal["self_confidence", "margin", "adjusted"]
"""How labels are ranked: by the probability of the given label, by how far it lies behind the best other one, or by the
probability corrected for how sure the model is of each class, which is best where the model is weak."""


@dataclass(frozen=True, slots=True)
class ClassErrors:
    """What a model says about labels.

    Attributes:
        suspect: ``[items]`` whether the label is probably wrong.
        suggested: ``[items]`` the most probable class; where suspect, the one it is suspected to be.
        self_confidence: ``[items]`` probability of the given label.
        margin: ``[items]`` in [0, 1]: one half where the label and the best other class are as probable.
        adjusted: ``[items]`` in [0, 1], as ``self_confidence``, but relative to what is usual for each class.
        threshold: ``[classes]`` from which probability on the model is sure of a class; 1 where nothing has it.
        joint: ``[classes, classes]`` estimated share of items by given (first) and true label; sums to 1, or 0 without
            items.
        order: ``[items]`` items, the most doubtful first.
    """

    suspect: BoolArray
    suggested: IntArray
    self_confidence: FloatArray
    margin: FloatArray
    adjusted: FloatArray
    threshold: FloatArray
    joint: FloatArray
    order: IntArray

    @property
    def noise(self) -> float:
        """Estimated share of wrong labels."""
        return float(self.joint.sum() - np.trace(self.joint))


def class_label_errors(
    label: ArrayLike, probability: ArrayLike, *, rank_by: Measure = "self_confidence"
) -> ClassErrors:
    """Find labels that are probably wrong.

    Args:
        label: ``[items]`` as given.
        probability: ``[items, classes]`` by a model that was not trained on the item; rows sum to 1.
        rank_by: What ``order`` follows; suspects come first in any case.

    Returns:
        Doubt about every label. A lone class, or a model that never differs, has no suspects.

    Raises:
        InvalidInputError: A label out of range, or rows that are no probabilities.

    >>> says = [[0.9, 0.1], [0.8, 0.2], [0.85, 0.15], [0.1, 0.9], [0.2, 0.8], [0.95, 0.05]]
    >>> found = class_label_errors([0, 0, 0, 1, 1, 1], says)
    >>> found.suspect.nonzero()[0].tolist(), int(found.suggested[5])
    ([5], 0)
    """
    told = _probabilities(probability)
    n, k = told.shape
    given = as_indices("label", label, below=k, length=n)
    rows = np.arange(n)
    count = np.bincount(given, minlength=k).astype(np.float64)
    own = told[rows, given]
    sums = np.bincount(given, weights=own, minlength=k)
    threshold = np.where(count > 0, sums / np.maximum(count, 1.0), 1.0)
    joint = _joint(told, given, threshold, count)
    others = told.copy()
    others[rows, given] = -1.0
    best_other = others.max(axis=1, initial=-1.0)
    margin = np.clip((own - np.maximum(best_other, 0.0) + 1.0) / 2.0, 0.0, 1.0)
    adjusted = _adjusted(told, threshold)[rows, given]
    suspect, suggested = _pruned(told, given, joint)
    suggested = np.where(suggested < 0, told.argmax(axis=1), suggested)
    score = {"self_confidence": own, "margin": margin, "adjusted": adjusted}[rank_by]
    return ClassErrors(
        suspect=suspect,
        suggested=suggested,
        self_confidence=own,
        margin=margin,
        adjusted=adjusted,
        threshold=threshold,
        joint=joint,
        order=np.lexsort((rows, own.round(12), score.round(12), ~suspect)),
    )


def _probabilities(probability: ArrayLike) -> FloatArray:
    told = np.asarray(probability, dtype=np.float64)
    if told.ndim != 2 or told.shape[1] < 1:
        raise InvalidInputError("probability must have the shape [items, classes]")
    if told.size and not (np.isfinite(told).all() and told.min() >= 0.0):
        raise InvalidInputError("probability holds a number that is no probability")
    total = told.sum(axis=1, keepdims=True)
    if told.size and np.abs(total - 1.0).max() > 1e-3:
        raise InvalidInputError("every row of probability must sum to 1")
    return np.asarray(told / total)


def _joint(told: FloatArray, given: IntArray, threshold: FloatArray, count: FloatArray) -> FloatArray:
    """Shares of items by given and confidently told class, set to the counts of the given labels."""
    k = threshold.size
    is_sure = told >= threshold - 1e-12
    sure = np.where(is_sure, told, -1.0)
    sure[np.arange(given.size), given] += 1e-9  # of equals the label itself
    sure_of = sure.argmax(axis=1)
    some = is_sure.any(axis=1)
    counts = np.bincount(given[some] * k + sure_of[some], minlength=k * k).reshape(k, k).astype(np.float64)
    # a class of which the model is never sure keeps its labels
    counts += np.diag(((counts.sum(axis=1) == 0) & (count > 0)).astype(np.float64))
    rows = counts.sum(axis=1, keepdims=True)
    table = counts / np.maximum(rows, 1.0) * count[:, None]
    return np.asarray(table / max(float(table.sum()), 1.0))


def _pruned(told: FloatArray, given: IntArray, joint: FloatArray) -> tuple[BoolArray, IntArray]:
    """As many of each given and true label as the joint table says, those with the widest margin ("noise rate")."""
    n = len(told)
    suspect = np.zeros(n, dtype=np.bool_)
    widest = np.zeros(n)
    suggested = np.full(n, -1, dtype=np.int64)
    for i, j in zip(*np.nonzero(joint), strict=True):
        if i == j:
            continue
        rows = np.flatnonzero(given == i)
        lead = told[rows, j] - told[rows, i]
        # at least one of a class stays, and nobody is suspect of a class less probable than the given one
        many = min(round(float(joint[i, j]) * n), rows.size - 1)
        first = np.argsort(-lead, kind="stable")[: max(many, 0)]
        first = first[lead[first] > 0.0]
        better = first[lead[first] > widest[rows[first]]]
        suspect[rows[first]] = True
        widest[rows[better]] = lead[better]
        suggested[rows[better]] = j
    return suspect, suggested


def _adjusted(told: FloatArray, threshold: FloatArray) -> FloatArray:
    """Probabilities with the usual one of each class taken off, moved back to [0, 1]."""
    highest = float(threshold.max(initial=0.0))
    shifted = told - threshold + highest
    shifted = np.maximum(shifted, 1e-12)
    return np.asarray(shifted / shifted.sum(axis=1, keepdims=True))
