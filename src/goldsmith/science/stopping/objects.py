"""Whether a task with many objects has been looked at often enough.

A task holds decisions: objects that are kept, marks that are left out, questions that were answered, and objects that
nobody marked. Each may be wrong with a known probability, so that a task has an expected number of wrong decisions.
Another look is worth it where that number is above what the target allows, and looks would bring it down by enough. A
single look rarely overturns a decision, so what counts is the best number of looks, per look (the value of information
of Heckerman, Horvitz & Middleton 1993, looked ahead instead of one step; stopping by risk is Van Horn et al. 2018).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from goldsmith.core.errors import InvalidInputError
from goldsmith.science.arrays import BoolArray, FloatArray, IntArray, as_floats, as_indices

_LEAST_OBJECTS = 1.0
"""A task is judged as if it held at least so many: one that is empty is not right or wrong as a whole."""
_GAIN_OF_PRICE = 0.1
"""Share of the faults that the target allows of one object; looks that remove less of them each are not worth it."""

_AIMED_AT = 0.6
"""Share of the allowed faults that finished tasks are expected to come to. The rest is for what the expectation does
not know (at 0.8, in four simulated projects of 250 to 300 tasks, from 0.3 points fewer to 1.9 points more of the
objects were wrong than expected), as an audit has to see the target met all the same."""
_EASING = 2.5
_MOST_EASED = 3.0


@dataclass(frozen=True, slots=True)
class TaskRisk:
    """What is expected of the labels of tasks.

    Attributes:
        objects: ``[tasks]`` expected number of objects that the labels hold or should hold.
        wrong: ``[tasks]`` expected number of them that are not right: kept without being right, left out, or missed.
    """

    objects: FloatArray
    wrong: FloatArray

    @property
    def share(self) -> FloatArray:
        """``[tasks]`` expected share that is wrong, in [0, 1]; of fewer than one object as if it were one."""
        return np.minimum(self.wrong / np.maximum(self.objects, _LEAST_OBJECTS), 1.0)


def task_risk(
    posterior: ArrayLike,
    task: ArrayLike,
    *,
    task_count: int,
    missed: ArrayLike | None = None,
    answers: ArrayLike = (),
    answer_task: ArrayLike = (),
) -> TaskRisk:
    """Expected objects and expected wrong ones of each task.

    Args:
        posterior: ``[marks]`` probability in [0, 1] that a marked object is there as it is given; from one half on it
            is kept.
        task: ``[marks]``.
        task_count: Number of tasks.
        missed: ``[tasks]`` expected number of objects that nobody marked, at least 0; None for none.
        answers: ``[answers]`` probability that an answer to a question is right; each counts as one object.
        answer_task: ``[answers]``.

    Raises:
        InvalidInputError: Columns of unequal length, or a number out of range.

    >>> risk = task_risk([0.9, 0.2, 0.99], [0, 0, 1], task_count=2, missed=[0.1, 0.0])
    >>> risk.objects.round(2).tolist(), risk.wrong.round(2).tolist()
    ([1.3, 1.0], [0.4, 0.01])
    """
    p, of = _columns("posterior", posterior, task, task_count)
    right, of_answer = _columns("answers", answers, answer_task, task_count)
    unseen = np.zeros(task_count) if missed is None else as_floats("missed", missed, lowest=0.0)
    if unseen.size != task_count:
        raise InvalidInputError(f"missed must have one number for each of the {task_count} tasks")
    kept = p >= 0.5
    objects: FloatArray = np.bincount(of, weights=np.where(kept, 1.0, p), minlength=task_count) + unseen
    wrong: FloatArray = np.bincount(of, weights=np.where(kept, 1.0 - p, p), minlength=task_count) + unseen
    objects = objects + np.bincount(of_answer, weights=np.ones(right.size), minlength=task_count)
    wrong = wrong + np.bincount(of_answer, weights=1.0 - right, minlength=task_count)
    return TaskRisk(objects, wrong)


def gain_of_looks(
    posterior: ArrayLike,
    task: ArrayLike,
    *,
    task_count: int,
    skill: float,
    looks: ArrayLike,
    missed: ArrayLike | None = None,
) -> FloatArray:
    """Wrong decisions that another look at each task is expected to put right, when it is the first of the best many.

    Args:
        posterior: ``[decisions]`` probability in [0, 1] that what a decision is about is so; answers too.
        task: ``[decisions]``.
        task_count: Number of tasks.
        skill: Probability in (0, 1) that one decision of whoever looks is right.
        looks: ``[tasks]`` looks that may still be asked for.
        missed: ``[tasks]`` expected number of objects that nobody marked; None for none.

    Returns:
        ``[tasks]`` per look, at least 0; 0 where no looks are left.

    >>> gain_of_looks([0.6, 0.999], [0, 1], task_count=2, skill=0.9, looks=[2, 2]).round(2).tolist()
    [0.3, 0.0]
    """
    p, of = _columns("posterior", posterior, task, task_count)
    if not 0.0 < skill < 1.0:
        raise InvalidInputError(f"skill must lie in (0, 1), not {skill}")
    left = np.broadcast_to(np.asarray(looks, dtype=np.int64), (task_count,))
    unseen = np.zeros(task_count) if missed is None else as_floats("missed", missed, lowest=0.0)
    now = np.bincount(of, weights=np.minimum(p, 1.0 - p), minlength=task_count) + unseen
    best = np.zeros(task_count)
    for count in range(1, int(left.max(initial=0)) + 1):
        seen = np.bincount(of, weights=_wrong_after(p, skill, count), minlength=task_count)
        after = seen + unseen * (1.0 - skill) ** count
        best = np.where(left >= count, np.maximum(best, (now - after) / count), best)
    return best


def worth_asking(risk: TaskRisk, gain: FloatArray, *, target: float) -> BoolArray:
    """Say of which tasks another look is worth it.

    Args:
        risk: Of the tasks.
        gain: ``[tasks]`` from ``gain_of_looks``.
        target: Share of objects that is to be right, in (0, 1).

    Returns:
        ``[tasks]``: more is expected to be wrong than the target allows, and looking brings it down by enough.

    >>> worth_asking(task_risk([0.7, 0.99], [0, 1], task_count=2), np.array([0.1, 0.1]), target=0.95).tolist()
    [True, False]
    """
    return is_doubtful(risk, target=target) & (gain >= _GAIN_OF_PRICE * (1.0 - target))


def allowed_share(target: float, *, objects: float = 0.0, wrong: float = 0.0) -> float:
    """Share of a task that may be wrong before another look is worth a thought.

    The target is that of all tasks together. Where every task is held to it, all together are far better, as most are
    easy; so what a hard one may hold grows while the finished ones are better than they need to be, and shrinks again.

    Args:
        target: Share of objects that is to be right, in (0, 1).
        objects: Expected objects of finished tasks.
        wrong: How many of them are expected not to be right.

    Returns:
        At least what the target allows, at most three times that, below one half.

    >>> round(allowed_share(0.95), 3), round(allowed_share(0.95, objects=1000, wrong=20), 3)
    (0.05, 0.075)
    """
    allowed = 1.0 - target
    if objects <= 0.0:
        return allowed
    eased = 1.0 + _EASING * (_AIMED_AT - wrong / objects / allowed)
    return min(allowed * min(max(eased, 1.0), _MOST_EASED), 0.499)


def is_doubtful(risk: TaskRisk, *, target: float) -> BoolArray:
    """Say of which tasks more is expected to be wrong than the target, a share in (0, 1), allows.

    >>> is_doubtful(task_risk([0.9, 0.99], [0, 1], task_count=2), target=0.95).tolist()
    [True, False]
    """
    if not 0.0 < target < 1.0:
        raise InvalidInputError(f"target must lie in (0, 1), not {target}")
    return np.asarray(risk.share > 1.0 - target)


def _wrong_after(p: FloatArray, skill: float, count: int) -> FloatArray:
    """Expected chance of a wrong decision once ``count`` more people of equal skill have looked."""
    votes = np.arange(count + 1)
    ways = np.array(
        [float(np.prod(np.arange(count - k + 1, count + 1) / np.arange(1, k + 1))) for k in votes]
    )
    so = p[:, None] * ways * skill**votes * (1.0 - skill) ** (count - votes)
    not_so = (1.0 - p)[:, None] * ways * (1.0 - skill) ** votes * skill ** (count - votes)
    return np.asarray(np.minimum(so, not_so).sum(axis=1))


def _columns(name: str, values: ArrayLike, task: ArrayLike, task_count: int) -> tuple[FloatArray, IntArray]:
    probability = as_floats(name, values, lowest=0.0, highest=1.0)
    return probability, as_indices("task", task, below=task_count, length=probability.size)
