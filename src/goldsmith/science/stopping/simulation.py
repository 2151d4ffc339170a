"""What rules would cost and bring with a crowd that is made up, before anybody is paid."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import ArrayLike

from goldsmith.core.errors import InvalidInputError
from goldsmith.science.arrays import FloatArray, IntArray, as_floats
from goldsmith.science.sampling import wilson_interval
from goldsmith.science.stopping.replaying import replay
from goldsmith.science.stopping.rules import StoppingRule
from goldsmith.science.votes import Votes, auto

_THRESHOLDS = (0.6, 0.7, 0.75, 0.8, 0.85, 0.9)


@dataclass(frozen=True, slots=True)
class CrowdMember:
    """Somebody made up.

    Attributes:
        confusion: ``[labels, labels]`` probability of each answer (last axis) given the truth; rows sum to 1.
        seconds: Mean time of a judgement, at least 0.
    """

    confusion: FloatArray
    seconds: float

    @classmethod
    def of_skill(cls, skill: float, *, label_count: int, seconds: float = 10.0) -> CrowdMember:
        """Make one who is right with probability ``skill`` and errs evenly.

        Raises:
            InvalidInputError: A skill outside [0, 1].

        >>> CrowdMember.of_skill(0.8, label_count=3).confusion.round(2).tolist()[0]
        [0.8, 0.1, 0.1]
        """
        if not 0.0 <= skill <= 1.0 or label_count < 1:
            raise InvalidInputError("skill must lie in [0, 1] and label_count be at least 1")
        eye = np.eye(label_count)
        wrong = (1.0 - skill) / max(label_count - 1, 1)
        return cls(eye if label_count == 1 else skill * eye + wrong * (1.0 - eye), seconds)


@dataclass(frozen=True, slots=True)
class CurvePoint:
    """One way of asking, and what came of it.

    Attributes:
        name: Such as "3 votes each" or "enough at 0.75".
        rule: What was followed; of a fixed overlap, least and most are equal.
        is_adaptive: Whether tasks could get different numbers of votes.
        votes_per_task: Mean.
        accuracy: Share of tasks with the right label.
        low: Lower end of its 95 % interval.
        high: Upper end.
        seconds_per_task: Mean time spent on a task by all who judged it.
    """

    name: str
    rule: StoppingRule
    is_adaptive: bool
    votes_per_task: float
    accuracy: float
    low: float
    high: float
    seconds_per_task: float


def simulate(
    crowd: Sequence[CrowdMember],
    rule: StoppingRule,
    *,
    task_count: int,
    rng: np.random.Generator,
    class_prior: ArrayLike | None = None,
    hard_share: float = 0.1,
    thresholds: Sequence[float] = _THRESHOLDS,
    overlaps: Sequence[int] | None = None,
) -> list[CurvePoint]:
    """Let a crowd judge made-up tasks, fixed overlaps beside adaptive rules, and aggregate with ``auto``.

    All points see the same votes, so that differences are of the rules. Real people err together: on hard tasks
    everybody answers half at random, between the truth and one wrong label that all are drawn to.

    Args:
        crowd: Who judges; a task is judged by different ones, drawn evenly.
        rule: Its bounds, patience and budget hold for the adaptive points; its own ``enough`` is one of them.
        task_count: At least 1; a thousand give intervals of about two points.
        rng: Source of everything random.
        class_prior: ``[labels]`` how common each label is; all the same when None.
        hard_share: In [0, 1] of the tasks.
        thresholds: Further values of ``enough``.
        overlaps: Fixed numbers of votes, each from 1 to as many people as there are; 1 to ``most_votes`` when None.

    Returns:
        Fixed overlaps, then adaptive points by rising ``enough``.

    Raises:
        InvalidInputError: Fewer people than ``most_votes``, people with other labels, or numbers that cannot be.

    >>> crowd = [CrowdMember.of_skill(0.8, label_count=2) for _ in range(6)]
    >>> points = simulate(crowd, StoppingRule(most_votes=3), task_count=50, rng=np.random.default_rng(0))
    >>> [point.name for point in points][:4]
    ['1 vote each', '2 votes each', '3 votes each', 'enough at 0.60']
    """
    confusion, seconds = _checked(crowd, rule, task_count=task_count, hard_share=hard_share)
    labels = confusion.shape[1]
    prior = (
        np.full(labels, 1.0)
        if class_prior is None
        else as_floats("class_prior", class_prior, length=labels, lowest=0.0)
    )
    if prior.sum() <= 0.0:
        raise InvalidInputError("class_prior must not be all zero")
    truth = rng.choice(labels, size=task_count, p=prior / prior.sum())
    fixed_ones = range(1, rule.most_votes + 1) if overlaps is None else overlaps
    most = max([rule.most_votes, *fixed_ones])
    if min(fixed_ones, default=1) < 1 or most > len(crowd):
        raise InvalidInputError(f"overlaps must lie in 1 to {len(crowd)}, the number of people")
    votes, level = _judged(confusion, truth, overlap=most, hard_share=hard_share, rng=rng)
    points = []
    for overlap in fixed_ones:
        fixed = StoppingRule(least_votes=overlap, most_votes=overlap, enough=None)
        name = "1 vote each" if overlap == 1 else f"{overlap} votes each"
        points.append(_point(name, fixed, votes.only(level < overlap), truth, seconds, is_adaptive=False))
    own = [] if rule.enough is None else [rule.enough]
    order = int(rng.integers(2**32))
    for enough in sorted({*thresholds, *own}):
        tried = replace(rule, enough=enough)
        asked = replay(votes, tried, np.random.default_rng(order))
        points.append(
            _point(f"enough at {enough:.2f}", tried, votes.only(asked.kept), truth, seconds, is_adaptive=True)
        )
    return points


def _checked(
    crowd: Sequence[CrowdMember], rule: StoppingRule, *, task_count: int, hard_share: float
) -> tuple[FloatArray, FloatArray]:
    if len(crowd) < rule.most_votes:
        raise InvalidInputError(f"{rule.most_votes} votes a task need as many people, not {len(crowd)}")
    if task_count < 1 or not 0.0 <= hard_share <= 1.0:
        raise InvalidInputError("task_count must be at least 1 and hard_share lie in [0, 1]")
    shape = crowd[0].confusion.shape
    if len(shape) != 2 or shape[0] != shape[1] or any(member.confusion.shape != shape for member in crowd):
        raise InvalidInputError("every confusion must be square and over the same labels")
    confusion = np.stack([member.confusion for member in crowd])
    if (confusion < 0.0).any() or not np.allclose(confusion.sum(axis=2), 1.0, atol=1e-6):
        raise InvalidInputError("rows of a confusion must be probabilities that sum to 1")
    return confusion, as_floats("seconds", [member.seconds for member in crowd], lowest=0.0)


def _judged(
    confusion: FloatArray, truth: IntArray, *, overlap: int, hard_share: float, rng: np.random.Generator
) -> tuple[Votes, IntArray]:
    """All the votes that could be asked for, and ``[votes]`` the how-manieth of its task each is."""
    people, labels = confusion.shape[:2]
    who = np.argsort(rng.random((truth.size, people)), axis=1)[:, :overlap]
    chance = confusion[who, truth[:, None]]
    lure = (truth + rng.integers(1, max(labels, 2), truth.size)) % labels
    is_hard = rng.random(truth.size) < hard_share
    eye = np.eye(labels)
    torn = 0.25 * (eye[truth] + eye[lure])
    chance = np.where(is_hard[:, None, None], 0.5 * chance + torn[:, None, :], chance)
    answer = (rng.random((*who.shape, 1)) > np.cumsum(chance, axis=2)[:, :, :-1]).sum(axis=2)
    task = np.repeat(np.arange(truth.size), overlap)
    votes = Votes.of(
        task,
        who.ravel(),
        answer.ravel(),
        task_count=truth.size,
        annotator_count=people,
        label_count=labels,
    )
    return votes, np.tile(np.arange(overlap), truth.size)


def _point(
    name: str,
    rule: StoppingRule,
    votes: Votes,
    truth: IntArray,
    seconds: FloatArray,
    *,
    is_adaptive: bool,
) -> CurvePoint:
    right = int((auto(votes, np.random.default_rng(0)).label == truth).sum())
    low, high = wilson_interval(right, truth.size)
    return CurvePoint(
        name=name,
        rule=rule,
        is_adaptive=is_adaptive,
        votes_per_task=votes.vote_count / truth.size,
        accuracy=right / truth.size,
        low=float(low),
        high=float(high),
        seconds_per_task=float(seconds[votes.annotator].sum()) / truth.size,
    )
