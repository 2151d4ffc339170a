"""Where a project stands, and what other policies would come to. Pure and seeded."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import numpy as np

from goldsmith.labeling.api import TimeSpent, WorkTotals
from goldsmith.projects.api import Asking, QualityPolicy, Workflow, first_judgements
from goldsmith.quality.types import (
    Cost,
    CrowdGroup,
    Forecast,
    Interval,
    SimulatedPoint,
    TargetView,
)
from goldsmith.quality.types.targets import MOST_SIMULATED_PEOPLE
from goldsmith.science.distributions import beta_quantile
from goldsmith.science.stopping import ObjectOutcome, ObjectPolicy, ObjectWorld, try_policy

_EDGES: Final = (0.025, 0.975)
_MS_PER_HOUR: Final = 3_600_000
_OVERLAPS: Final = (1, 2, 3, 4, 5)
_TARGETS: Final = (0.85, 0.9, 0.95, 0.97, 0.99)
_SKILL_STEP: Final = 0.05
_DIGITS: Final = 4
_USUAL_OBJECTS: Final = 5.0
_MOST_OBJECTS: Final = 40.0
"""Simulated in a task; what costs what hardly depends on more."""


def target_view(
    policy: QualityPolicy, workflow: Workflow, totals: WorkTotals, spent: TimeSpent
) -> TargetView:
    """Put together where a project stands."""
    judged = totals.submissions
    return TargetView(
        policy=policy,
        tasks=totals.tasks,
        done=totals.done,
        judgements=judged,
        judgements_per_task=round(judged / totals.resolved, 3) if totals.resolved else None,
        reviews=spent.reviews,
        expected=_expected(totals),
        ambiguous=totals.doubtful,
        budget_left=(
            None
            if policy.budget_judgements is None
            else max(policy.budget_judgements - judged - totals.open_judgements, 0)
        ),
        forecast=_forecast(policy, workflow, totals, spent),
        cost=_cost(policy, totals, spent),
    )


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


def simulated(
    policy: QualityPolicy,
    workflow: Workflow,
    crowd: Sequence[CrowdGroup],
    *,
    tasks: int,
    objects_per_task: float,
    seed: int,
) -> list[SimulatedPoint]:
    """Try fixed overlaps, targets and the policy itself on the same simulated work.

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
    first = min(first_judgements(workflow, policy), looks)
    most = min(policy.most_judgements, looks)
    least = min(policy.least_judgements, most)
    is_adaptive = policy.asking is Asking.ADAPTIVE
    chosen = (
        ObjectPolicy(least, most, policy.target or _TARGETS[-1])
        if is_adaptive
        else ObjectPolicy(first, first)
    )
    wanted = [(f"{number} each", ObjectPolicy(number, number)) for number in _OVERLAPS if number <= looks]
    wanted += [(f"target {target:.0%}", ObjectPolicy(least, most, target)) for target in _TARGETS]
    if all(entry != chosen for _, entry in wanted):
        wanted.append(("your policy", chosen))
    rate = policy.rate_per_hour
    return [
        _point(name, entry, try_policy(world, entry), rate, is_chosen=entry == chosen)
        for name, entry in wanted
    ]


def _point(
    name: str, policy: ObjectPolicy, outcome: ObjectOutcome, rate: float | None, *, is_chosen: bool
) -> SimulatedPoint:
    is_adaptive = policy.most > policy.least
    return SimulatedPoint(
        name=name,
        is_adaptive=is_adaptive,
        threshold=policy.target if is_adaptive else None,
        judgements_per_task=round(outcome.looks, 3),
        accuracy=Interval(
            value=round(outcome.value, _DIGITS),
            low=round(outcome.low, _DIGITS),
            high=round(outcome.high, _DIGITS),
        ),
        cost=None if rate is None else round(outcome.seconds / 3600.0 * rate, 2),
        is_chosen=is_chosen,
    )


def _expected(totals: WorkTotals) -> Interval | None:
    if totals.expected_objects <= 0.0:
        return None
    wrong = min(totals.expected_wrong, totals.expected_objects)
    right = totals.expected_objects - wrong
    low, high = beta_quantile(_EDGES, right + 0.5, wrong + 0.5).tolist()
    return Interval(
        value=round(right / totals.expected_objects, _DIGITS),
        low=round(low, _DIGITS),
        high=round(high, _DIGITS),
    )


def _forecast(
    policy: QualityPolicy, workflow: Workflow, totals: WorkTotals, spent: TimeSpent
) -> Forecast | None:
    left = totals.tasks - totals.done
    if left <= 0 or not spent.judgements:
        return None
    # finished tasks took so many each; what others had by now is taken off
    of_done = max(totals.submissions, 1) / max(totals.resolved, 1)
    each = max(of_done, float(first_judgements(workflow, policy)))
    judgements = max(round(each * totals.tasks) - totals.submissions, totals.open_judgements)
    if policy.budget_judgements is not None:
        judgements = min(
            judgements, max(policy.budget_judgements - totals.submissions, totals.open_judgements)
        )
    hours = judgements * spent.label_ms / spent.judgements / _MS_PER_HOUR
    cost = None if policy.rate_per_hour is None else round(hours * policy.rate_per_hour, 2)
    return Forecast(judgements=judgements, hours=round(hours, 3), cost=cost)


def _cost(policy: QualityPolicy, totals: WorkTotals, spent: TimeSpent) -> Cost | None:
    if not spent.judgements and not spent.reviews:
        return None
    hours = (spent.label_ms + spent.review_ms) / _MS_PER_HOUR
    total = None if policy.rate_per_hour is None else hours * policy.rate_per_hour
    per_label = None if total is None or not totals.objects else round(total / totals.objects, 4)
    return Cost(
        total=None if total is None else round(total, 2),
        per_label=per_label,
        hours=round(hours, 3),
        currency=policy.currency,
    )


def objects_per_task(totals: WorkTotals) -> float:
    """Return how many objects a task of a project holds; some by default while nothing is known."""
    return totals.expected_objects / totals.done if totals.done else _USUAL_OBJECTS
