"""What policies would come to, on work and people that are made up. Pure and seeded."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final, NamedTuple

import numpy as np

from goldsmith.projects.api import Asking, QualityPolicy, Workflow, first_judgements
from goldsmith.quality.answers import AnswerSkill
from goldsmith.quality.policy.asking import rule_of
from goldsmith.quality.types import CrowdGroup, Interval, SimulatedPoint
from goldsmith.quality.types.targets import MOST_SIMULATED_PEOPLE
from goldsmith.science.stopping import (
    CrowdMember,
    ObjectPolicy,
    ObjectWorld,
    simulate,
    try_policy,
)

_OVERLAPS: Final = (1, 2, 3, 4, 5)
_TARGETS: Final = (0.85, 0.9, 0.95, 0.97, 0.99)
_SKILL_STEP: Final = 0.05
_DIGITS: Final = 4
_MOST_OBJECTS: Final = 40.0
"""Simulated in a task; what costs what hardly depends on more."""


class LabelCrowd(NamedTuple):
    """Who answers a question, and how common its answers are.

    Attributes:
        people: One each.
        prior: Of each answer; None for all the same.
    """

    people: list[CrowdMember]
    prior: list[float] | None = None


class _Choice(NamedTuple):
    """One way of asking; a fixed number has no target."""

    judgements: int
    target: float | None


def crowd_of(people: Sequence[tuple[float, float]]) -> list[CrowdGroup]:
    """Put people of about the same skill together.

    Args:
        people: (skill, seconds for a task) of each.
    """
    groups: dict[float, list[float]] = {}
    for skill, seconds in people[:MOST_SIMULATED_PEOPLE]:
        rounded = min(max(round(skill / _SKILL_STEP) * _SKILL_STEP, 0.3), 0.995)
        groups.setdefault(round(rounded, 3), []).append(seconds)
    return [
        CrowdGroup(skill=skill, seconds=round(sum(taken) / len(taken), 1), count=len(taken))
        for skill, taken in sorted(groups.items(), reverse=True)
    ]


def supposed(crowd: Sequence[CrowdGroup], *, label_count: int) -> LabelCrowd:
    """Return people as a lead supposes them, who err evenly."""
    return LabelCrowd(
        [
            CrowdMember.of_skill(group.skill, label_count=label_count, seconds=group.seconds)
            for group in crowd
            for _ in range(group.count)
        ]
    )


def learnt(skill: AnswerSkill, seconds: Sequence[float]) -> LabelCrowd:
    """Return people as they answer a question.

    Args:
        skill: How they do; the first of them where they are many.
        seconds: Of each for a task.
    """
    rows = list(skill.members.values())[:MOST_SIMULATED_PEOPLE]
    confusion = skill.confusion / skill.confusion.sum(axis=2, keepdims=True)
    people = [CrowdMember(confusion[row], taken) for row, taken in zip(rows, seconds, strict=False)]
    return LabelCrowd(people, skill.prior.tolist())


def simulated_objects(
    policy: QualityPolicy,
    workflow: Workflow,
    crowd: Sequence[CrowdGroup],
    *,
    tasks: int,
    objects_per_task: float,
    seed: int,
) -> list[SimulatedPoint]:
    """Try fixed overlaps, targets and the policy itself on the same tasks, in which people mark objects.

    Args:
        policy: Marked as chosen.
        workflow: Says the overlap where the policy asks by number.
        crowd: Who works.
        tasks: How many tasks to simulate.
        objects_per_task: Mean number of objects.
        seed: Of everything random.
    """
    skill = [group.skill for group in crowd for _ in range(group.count)]
    seconds = [group.seconds for group in crowd for _ in range(group.count)]
    looks = min(max(policy.most_judgements, workflow.overlap, *_OVERLAPS), len(skill))
    world = ObjectWorld.of(
        np.random.default_rng(seed),
        skill=skill,
        seconds=seconds,
        tasks=tasks,
        looks=looks,
        objects_per_task=min(max(objects_per_task, 0.1), _MOST_OBJECTS),
    )
    most = min(policy.most_judgements, looks)
    least = min(policy.least_judgements, most)
    chosen, points = _chosen(policy, workflow, people=looks), []
    for name, choice in _choices(chosen, people=looks):
        tried = (
            ObjectPolicy(choice.judgements, choice.judgements)
            if choice.target is None
            else ObjectPolicy(least, most, choice.target)
        )
        outcome = try_policy(world, tried)
        points.append(
            _point(
                name,
                choice.target,
                judgements=outcome.looks,
                accuracy=(outcome.value, outcome.low, outcome.high),
                hours=outcome.seconds / 3600.0,
                rate=policy.rate_per_hour,
                is_chosen=choice == chosen,
            )
        )
    return points


def simulated_votes(
    policy: QualityPolicy, workflow: Workflow, crowd: LabelCrowd, *, tasks: int, seed: int
) -> list[SimulatedPoint]:
    """Try the same on tasks that are votes on one label.

    Args:
        policy: Marked as chosen.
        workflow: Says the overlap where the policy asks by number.
        crowd: Who answers.
        tasks: How many tasks to simulate.
        seed: Of everything random.
    """
    people = len(crowd.people)
    chosen = _chosen(policy, workflow, people=people)
    choices = _choices(chosen, people=people)
    most = min(policy.most_judgements, people)
    rules = {
        target: rule_of(policy, target=target, most=most) for _, (_, target) in choices if target is not None
    }
    curve = simulate(
        crowd.people,
        next(iter(rules.values())),
        task_count=tasks,
        rng=np.random.default_rng(seed),
        class_prior=crowd.prior,
        thresholds=[rule.enough for rule in rules.values() if rule.enough is not None],
        overlaps=[number for _, (number, target) in choices if target is None],
    )
    fixed = {point.rule.least_votes: point for point in curve if not point.is_adaptive}
    adaptive = {point.rule.enough: point for point in curve if point.is_adaptive}
    found = []
    for name, choice in choices:
        number, target = choice
        point = fixed[number] if target is None else adaptive[rules[target].enough]
        found.append(
            _point(
                name,
                target,
                judgements=point.votes_per_task,
                accuracy=(point.accuracy, point.low, point.high),
                hours=point.seconds_per_task * tasks / 3600.0,
                rate=policy.rate_per_hour,
                is_chosen=choice == chosen,
            )
        )
    return found


def _chosen(policy: QualityPolicy, workflow: Workflow, *, people: int) -> _Choice:
    if policy.asking is Asking.ADAPTIVE:
        return _Choice(0, policy.target or _TARGETS[-1])
    return _Choice(min(first_judgements(workflow, policy), people), None)


def _choices(chosen: _Choice, *, people: int) -> list[tuple[str, _Choice]]:
    """Return the usual ways of asking by name, with the chosen one among them."""
    usual = [(f"{number} each", _Choice(number, None)) for number in _OVERLAPS if number <= people]
    usual += [(f"target {target:.0%}", _Choice(0, target)) for target in _TARGETS]
    return usual if any(choice == chosen for _, choice in usual) else [*usual, ("your policy", chosen)]


def _point(
    name: str,
    target: float | None,
    *,
    judgements: float,
    accuracy: tuple[float, float, float],
    hours: float,
    rate: float | None,
    is_chosen: bool,
) -> SimulatedPoint:
    value, low, high = (round(number, _DIGITS) for number in accuracy)
    return SimulatedPoint(
        name=name,
        is_adaptive=target is not None,
        threshold=target,
        judgements_per_task=round(judgements, 3),
        accuracy=Interval(value=value, low=low, high=high),
        cost=None if rate is None else round(hours * rate, 2),
        is_chosen=is_chosen,
    )
