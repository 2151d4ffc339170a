"""Policies tried on crowds that mark objects, before anybody is paid: cost against what comes out right.

A task has true objects. Whoever looks marks each of them with the chance of his skill, and now and then marks what is
not there. What is decided is what the marks tell by Bayes' rule with the skills known, and what nobody marked is
reckoned with, as in consensus: by capture and recapture.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from goldsmith.core.errors import InvalidInputError
from goldsmith.science.arrays import BoolArray, FloatArray, IntArray, as_floats
from goldsmith.science.distributions import beta_quantile
from goldsmith.science.stopping.objects import allowed_share, gain_of_looks, task_risk, worth_asking

_FALSE_MARKS = 0.5
"""False marks of somebody, per object of the task and chance to err."""
_MOST_CERTAIN = 0.999
_CONFIDENCE = 0.95
_EASINGS = 6


@dataclass(frozen=True, slots=True)
class ObjectPolicy:
    """How many looks a task gets.

    Attributes:
        least: Looks that every task gets, at least 1.
        most: Looks that it gets at most; the same number asks by number.
        target: Share of objects that is to be right, in (0, 1); used where ``most`` is above ``least``.
    """

    least: int
    most: int
    target: float = 0.95


@dataclass(frozen=True, slots=True)
class ObjectOutcome:
    """What a policy came to.

    Attributes:
        looks: Mean per task.
        seconds: Of work, in all.
        value: Share of objects that came out right; with its 95 % interval.
    """

    looks: float
    seconds: float
    value: float
    low: float
    high: float


@dataclass(frozen=True, slots=True)
class ObjectWorld:
    """Tasks, and what each of some people would mark there, one look after the other.

    Attributes:
        task: ``[candidates]`` task of each object, true or imagined.
        is_true: ``[candidates]``.
        marked: ``[candidates, looks]`` whether the n-th who looks at the task marks it.
        skill: ``[tasks, looks]`` chance that he marks a true object.
        seconds: ``[tasks, looks]`` that he takes.
        objects_per_task: Mean number of true objects.
    """

    task: IntArray
    is_true: BoolArray
    marked: BoolArray
    skill: FloatArray
    seconds: FloatArray
    objects_per_task: float

    @classmethod
    def of(
        cls,
        rng: np.random.Generator,
        *,
        skill: ArrayLike,
        seconds: ArrayLike,
        tasks: int,
        looks: int,
        objects_per_task: float,
    ) -> ObjectWorld:
        """Make a world.

        Args:
            rng: Source of everything random.
            skill: ``[people]`` chance that each marks a true object, in (0, 1).
            seconds: ``[people]`` that each takes for a task.
            tasks: Number of tasks, at least 1.
            looks: People who look at each in turn, drawn at random; at most as many as there are.
            objects_per_task: Mean number of true objects, above 0.

        Raises:
            InvalidInputError: A number is out of range.
        """
        people = np.clip(as_floats("skill", skill, lowest=0.0, highest=1.0), 0.01, 0.995)
        takes = as_floats("seconds", seconds, length=people.size, lowest=0.0)
        if not 1 <= looks <= people.size or tasks < 1 or not objects_per_task > 0.0:
            raise InvalidInputError("looks must lie in 1..people, and tasks and objects_per_task be above 0")
        who = np.argsort(rng.random((tasks, people.size)), axis=1)[:, :looks]
        counts = rng.poisson(objects_per_task, tasks)
        true_task = np.repeat(np.arange(tasks), counts)
        seen = rng.random((true_task.size, looks)) < people[who[true_task]]
        strays = rng.poisson((1.0 - people[who]) * objects_per_task * _FALSE_MARKS)
        stray_task = np.repeat(np.repeat(np.arange(tasks), looks), strays.ravel())
        stray_look = np.repeat(np.tile(np.arange(looks), tasks), strays.ravel())
        stray = np.zeros((stray_task.size, looks), dtype=np.bool_)
        stray[np.arange(stray_task.size), stray_look] = True
        return cls(
            np.concatenate([true_task, stray_task]),
            np.repeat([True, False], [true_task.size, stray_task.size]),
            np.concatenate([seen, stray]),
            people[who],
            takes[who],
            objects_per_task,
        )

    @property
    def task_count(self) -> int:
        """Number of tasks."""
        return len(self.skill)

    def believed(self, looks: int) -> tuple[FloatArray, BoolArray]:
        """Posterior of each candidate once so many have looked, and whether anybody marked it by then."""
        marks = self.marked[:, :looks]
        found = marks.sum(axis=1)
        of = self.task
        skill = self.skill[of, :looks]
        # of marks that only one person made: true ones that the others missed, against that person's false ones
        alone = np.where(marks, skill, 1.0 - skill).prod(axis=1) * self.objects_per_task
        invented = ((1.0 - skill) * marks).sum(axis=1) * self.objects_per_task * _FALSE_MARKS
        posterior = np.where(found > 1, _MOST_CERTAIN, alone / np.maximum(alone + invented, 1e-12))
        return np.minimum(posterior, _MOST_CERTAIN), found > 0

    def unseen(self, looks: int) -> FloatArray:
        """Expected objects of each task that nobody marked once so many have looked."""
        return np.asarray((1.0 - self.skill[:, :looks]).prod(axis=1) * self.objects_per_task)


def try_policy(world: ObjectWorld, policy: ObjectPolicy) -> ObjectOutcome:
    """Let people look at the tasks of a world as a policy says.

    Args:
        world: With at least as many looks as the policy asks for at most.
        policy: To try.

    Raises:
        InvalidInputError: The world has fewer looks.

    >>> rng = np.random.default_rng(0)
    >>> world = ObjectWorld.of(rng, skill=[0.9] * 6, seconds=[30.0] * 6, tasks=300, looks=5, objects_per_task=6.0)
    >>> three = try_policy(world, ObjectPolicy(3, 3))
    >>> as_needed = try_policy(world, ObjectPolicy(2, 5, target=0.95))
    >>> three.looks, as_needed.looks < 3.0, as_needed.value > 0.95
    (3.0, True, True)
    """
    if not 1 <= policy.least <= policy.most <= world.skill.shape[1]:
        raise InvalidInputError(
            "the policy asks for more looks than the world has, or for fewer at most than at least"
        )
    looks = np.full(world.task_count, policy.least)
    usual = float(world.skill.mean())
    finished = (0.0, 0.0)
    for number in range(policy.least, policy.most):
        active = looks == number
        posterior, is_marked = world.believed(number)
        risk = task_risk(
            posterior[is_marked],
            world.task[is_marked],
            task_count=world.task_count,
            missed=world.unseen(number),
        )
        gain = gain_of_looks(
            posterior[is_marked],
            world.task[is_marked],
            task_count=world.task_count,
            skill=min(usual, 0.98),
            looks=np.full(world.task_count, policy.most - number),
            missed=world.unseen(number),
        )
        allowed, asked, (objects, wrong) = 1.0 - policy.target, active, finished
        for _ in range(_EASINGS):  # as finished tasks ease it one after the other
            asked = active & worth_asking(risk, gain, target=1.0 - allowed)
            over = active & ~asked
            objects, wrong = finished[0] + risk.objects[over].sum(), finished[1] + risk.wrong[over].sum()
            allowed = (allowed + allowed_share(policy.target, objects=objects, wrong=wrong)) / 2.0
        finished = (objects, wrong)
        looks = np.where(asked, number + 1, looks)
    return _outcome(world, looks)


def _outcome(world: ObjectWorld, looks: IntArray) -> ObjectOutcome:
    right = wrong = 0
    for number in np.unique(looks).tolist():
        chosen = looks[world.task] == number
        posterior, is_marked = world.believed(number)
        kept = (posterior >= 0.5) & is_marked
        right += int((chosen & kept & world.is_true).sum())
        wrong += int((chosen & (kept != world.is_true)).sum())
    taken = np.arange(world.skill.shape[1]) < looks[:, None]
    edge = (1.0 - _CONFIDENCE) / 2.0
    low, high = beta_quantile([edge, 1.0 - edge], right + 0.5, wrong + 0.5).tolist()
    return ObjectOutcome(
        float(looks.mean()),
        float(world.seconds[taken].sum()),
        right / max(right + wrong, 1),
        low,
        high,
    )
