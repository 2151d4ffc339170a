"""Tasks with many objects: how many decisions are expected to be wrong, and whether another look pays."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from goldsmith.core.errors import InvalidInputError
from goldsmith.science.arrays import BoolArray, FloatArray, as_floats, as_indices

_KEPT = 0.5


@dataclass(frozen=True, slots=True)
class ObjectRisk:
    """What is expected to be wrong.

    Attributes:
        wrong: ``[tasks]`` expected number of wrong decisions.
        objects: ``[tasks]`` expected number of objects that are there, found or not.
        decisions: ``[tasks]`` objects kept, and those expected to be missing: what ``wrong`` is a part of.
    """

    wrong: FloatArray
    objects: FloatArray
    decisions: FloatArray

    @property
    def risk(self) -> FloatArray:
        """``[tasks]`` share of the decisions expected to be wrong, in [0, 1]; 0 where there is nothing to decide."""
        return np.where(self.decisions > 0.0, self.wrong / np.maximum(self.decisions, 1e-12), 0.0)

    @property
    def accuracy(self) -> float:
        """Expected share of right decisions over all tasks; 1 where there is nothing to decide."""
        total = float(self.decisions.sum())
        return 1.0 - float(self.wrong.sum()) / total if total > 0.0 else 1.0


def expected_wrong(
    task: ArrayLike,
    existence: ArrayLike,
    class_certainty: ArrayLike,
    *,
    task_count: int,
    missed: ArrayLike | None = None,
) -> ObjectRisk:
    """Add up what may be wrong about the objects of each task.

    An object that is kept (existence at least one half) is wrong unless it is there and of its class; one that is left
    out is wrong where it is there; and so is every object nobody marked. The expected loss by which Van Horn, Branson
    et al. 2018 (CVPR, "Lean multiclass crowdsourcing"; Branson et al. 2017 for boxes) stop asking.

    Args:
        task: ``[objects]`` the task of each.
        existence: ``[objects]`` probability in [0, 1] that it is there.
        class_certainty: ``[objects]`` probability in [0, 1] that its class is right, given that it is there.
        task_count: Number of tasks, also those without objects.
        missed: ``[tasks]`` expected number of objects nobody marked, at least 0; 0 when None.

    Raises:
        InvalidInputError: Columns of another length or out of range.

    >>> found = expected_wrong([0, 0], [0.9, 0.2], [1.0, 1.0], task_count=2, missed=[0.0, 0.5])
    >>> found.wrong.round(2).tolist(), found.objects.round(2).tolist()
    ([0.3, 0.5], [1.1, 0.5])
    """
    tasks = as_indices("task", task, below=task_count)
    there = as_floats("existence", existence, length=tasks.size, lowest=0.0, highest=1.0)
    sure = as_floats("class_certainty", class_certainty, length=tasks.size, lowest=0.0, highest=1.0)
    unseen = (
        np.zeros(task_count) if missed is None else as_floats("missed", missed, length=task_count, lowest=0.0)
    )
    is_kept = there >= _KEPT
    loss = np.where(is_kept, 1.0 - there * sure, there)
    counted = np.where(is_kept, 1.0, there)

    def added(values: FloatArray) -> FloatArray:
        return np.asarray(np.bincount(tasks, weights=values, minlength=task_count) + unseen)

    return ObjectRisk(wrong=added(loss), objects=added(there), decisions=added(counted))


@dataclass(frozen=True, slots=True)
class Worth:
    """What another judgement of each task brings.

    Attributes:
        gain: ``[tasks]`` wrong decisions it is expected to put right.
        per_cost: ``[tasks]`` the gain over the cost: the order in which a budget is best spent.
        is_worth: ``[tasks]`` whether the gain exceeds the cost.
    """

    gain: FloatArray
    per_cost: FloatArray
    is_worth: BoolArray


def worth_asking(
    wrong: ArrayLike,
    judgements: ArrayLike,
    *,
    cost: ArrayLike | float = 1.0,
    value: float = 1.0,
    skill: float = 1.0,
) -> Worth:
    """Weigh another judgement of each task against its cost.

    What is doubtful after n judgements is taken to fall as 1/n does: one more removes the part ``skill / (n + 1)``. An
    approximation: honest about the order of magnitude and monotone in doubt, where the exact gain of one vote is zero
    whenever it cannot turn a decision alone, though two could.

    Args:
        wrong: ``[tasks]`` expected wrong decisions, at least 0; of one label, ``1 - certainty``.
        judgements: ``[tasks]`` how many there are.
        cost: Of one more, above 0, of each task or of all.
        value: Of one decision put right, in the unit of the cost.
        skill: In [0, 1] how much better than guessing the next annotator is.

    Raises:
        InvalidInputError: Out of range.

    >>> found = worth_asking([0.6, 0.6, 0.0], [1, 5, 1], cost=0.2)
    >>> found.gain.round(2).tolist(), found.is_worth.tolist()
    ([0.3, 0.1, 0.0], [True, False, False])
    """
    loss = as_floats("wrong", wrong, lowest=0.0)
    seen = as_indices("judgements", judgements, length=loss.size)
    price = as_floats("cost", np.broadcast_to(np.asarray(cost, dtype=np.float64), loss.shape), lowest=0.0)
    if not 0.0 <= skill <= 1.0 or value < 0.0 or (price <= 0.0).any():
        raise InvalidInputError("cost must be above 0, value at least 0 and skill in [0, 1]")
    gain = loss * skill / (seen + 1.0)
    return Worth(gain=gain, per_cost=gain * value / price, is_worth=gain * value > price)
