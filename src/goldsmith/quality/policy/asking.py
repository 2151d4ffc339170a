"""How many judgements a task gets, and of whom. Pure.

A task that has all its judgements is finished, unless more is expected to be wrong than the target allows and somebody
is there who would put enough of it right.
"""

from __future__ import annotations

import math
from collections.abc import Collection, Mapping, Sequence
from typing import Final, NamedTuple

import numpy as np

from goldsmith.core.annotations import RelationForm
from goldsmith.labeling.api import WorkTotals
from goldsmith.projects.api import Asking, QualityPolicy
from goldsmith.quality.types import MemberSkill, ResolvedTask
from goldsmith.science.arrays import BoolArray, FloatArray
from goldsmith.science.stopping import (
    StoppingRule,
    TaskRisk,
    allowed_share,
    gain_of_looks,
    is_doubtful,
    task_risk,
    vote_information,
    worth_asking,
)

_USUAL_SKILL: Final = 0.85
"""Of people of whom nothing is known."""
_LEAST_SUBMISSIONS: Final = 10
"""Before that nobody counts as skilled."""
_LEAST_SKILL: Final = 0.55
_MOST_SKILL: Final = 0.98
_TARGET_OF_BUDGET: Final = 0.9999
"""Where a budget is all that is said, it buys the best labels it can."""


class Crowd(NamedTuple):
    """Who can be asked.

    Attributes:
        workers: Everybody.
        skilled: Those of them who are asked first about what is doubtful.
        skill: Of each of whom something is known, the probability that a decision is right.
        told: Of each of whom something is known, what an answer tells beside a usual one, in [0, 1]; see ``told_by``.
    """

    workers: frozenset[str]
    skilled: frozenset[str]
    skill: Mapping[str, float]
    told: Mapping[str, float] = {}


class Budget(NamedTuple):
    """What a project may still spend.

    Attributes:
        left: Judgements beyond those that are in or asked for; None for no limit.
        least_wrong: Tasks of which less is expected to be wrong do not get one, so that it lasts to the end.
    """

    left: int | None = None
    least_wrong: float = 0.0


class Stand(NamedTuple):
    """A task whose judgements are all in.

    Attributes:
        judgements: That it has.
        met: Who holds or held one, and is not asked again.
    """

    resolved: ResolvedTask
    judgements: int
    met: Collection[str]


class Asked(NamedTuple):
    """What follows for a task; see ``ConsensusOutcome``."""

    ask_more: int
    is_reserved: bool
    is_doubtful: bool


def risk_of(resolved: Sequence[ResolvedTask]) -> TaskRisk:
    """Return what is expected to be wrong in resolved tasks, in order."""
    marks = [
        (number, _score(a.score)) for number, task in enumerate(resolved) for a in task.labelling.annotations
    ]
    answers = [(number, share) for number, task in enumerate(resolved) for share in _decisions(task)]
    return task_risk(
        [score for _, score in marks],
        np.array([number for number, _ in marks], dtype=np.int64),
        task_count=len(resolved),
        missed=[task.missed for task in resolved],
        answers=[share for _, share in answers],
        answer_task=np.array([number for number, _ in answers], dtype=np.int64),
    )


def allowed_of(policy: QualityPolicy, totals: WorkTotals) -> float:
    """Return the share that may be wrong in a task before another judgement is worth a thought."""
    target = policy.target if policy.target is not None else _TARGET_OF_BUDGET
    return allowed_share(target, objects=totals.expected_objects, wrong=totals.expected_wrong)


def budget_of(policy: QualityPolicy, totals: WorkTotals) -> Budget:
    """Return what may still be spent, dealt out evenly over the tasks to come.

    How much is wrong in a task is taken to be spread as waiting times are (exponentially): with judgements left for a
    share of the tasks to come, those get one that are among the worst of that share.
    """
    if policy.budget_judgements is None:
        return Budget()
    left = max(policy.budget_judgements - totals.submissions - totals.open_judgements, 0)
    to_come = max(totals.tasks - totals.done, 1)
    share = left / to_come
    usual = totals.expected_wrong / totals.done if totals.done else 0.0
    return Budget(left, -usual * math.log(share) if 0.0 < share < 1.0 else 0.0)


def skilled_of(skills: Mapping[str, MemberSkill]) -> frozenset[str]:
    """Return the better half of those who did some work: by how good they are at least.

    Nobody stands out where fewer than two are known.
    """
    known = sorted(
        (member for member, entry in skills.items() if entry.submissions >= _LEAST_SUBMISSIONS),
        key=lambda member: (-skills[member].skill.low, member),
    )
    return frozenset(known[: (len(known) + 1) // 2]) if len(known) > 1 else frozenset()


def rule_of(policy: QualityPolicy, *, target: float | None = None, most: int | None = None) -> StoppingRule:
    """Return the rule for tasks that are votes on labels alone.

    Args:
        policy: Of the project.
        target: Instead of the policy's.
        most: Judgements of a task at most, instead of the policy's.
    """
    wanted = target or policy.target or _TARGET_OF_BUDGET
    limit = policy.most_judgements if most is None else most
    least = min(policy.least_judgements, limit)
    return StoppingRule.of_target(wanted, least_votes=least, most_votes=limit)


def told_by(right: Mapping[str, float], *, options: int) -> dict[str, float]:
    """Return what an answer of each tells beside a usual one of this crowd, and no more than that.

    Args:
        right: How often each answers rightly.
        options: Number of answers there are.
    """
    told = vote_information(list(right.values()), options)
    usual = float(told.mean()) if told.size else 0.0
    return {} if usual == 0.0 else dict(zip(right, np.minimum(told / usual, 1.0).tolist(), strict=True))


def who_is_asked(
    stands: Sequence[Stand],
    *,
    policy: QualityPolicy,
    crowd: Crowd,
    budget: Budget,
    allowed: float,
    is_votes: bool = False,
) -> list[Asked]:
    """Say of which tasks another judgement is asked for, and of whom.

    Args:
        stands: Tasks whose judgements are all in.
        policy: Of the project.
        crowd: Who can be asked.
        budget: What may be spent; where it does not reach for all, the tasks with the most to gain are asked.
        allowed: Share that may be wrong; see ``allowed_of``.
        is_votes: Whether tasks are votes on labels alone: their own rule decides (``rule_of``).
    """
    if policy.asking is not Asking.ADAPTIVE or not stands:
        return [Asked(0, is_reserved=False, is_doubtful=False) for _ in stands]
    risk = risk_of([stand.resolved for stand in stands])
    free = [crowd.workers - frozenset(stand.met) for stand in stands]
    looks = [
        min(max(policy.most_judgements - stand.judgements, 0), len(people))
        for stand, people in zip(stands, free, strict=True)
    ]
    first = [_first_asked(people, crowd) for people in free]
    if is_votes:
        told = [max((crowd.told.get(member, 1.0) for member in people), default=0.0) for people in free]
        doubtful, is_worth, gain = _of_votes(stands, rule_of(policy), told)
    else:
        doubtful = is_doubtful(risk, target=1.0 - allowed)
        gain = np.array(
            [
                _gain(stand.resolved, skill=_mean_skill(people, crowd), looks=left)
                for stand, people, left in zip(stands, first, looks, strict=True)
            ]
        )
        is_worth = worth_asking(risk, gain, target=1.0 - allowed)
    is_worth &= (risk.wrong >= budget.least_wrong) & (np.array(looks) > 0)
    chosen = sorted(np.flatnonzero(is_worth).tolist(), key=lambda number: (-gain[number], number))
    asked = frozenset(chosen if budget.left is None else chosen[: budget.left])
    return [
        Asked(
            int(number in asked),
            is_reserved=number in asked and bool(first[number] & crowd.skilled),
            is_doubtful=bool(doubtful[number]),
        )
        for number in range(len(stands))
    ]


def _of_votes(
    stands: Sequence[Stand], rule: StoppingRule, told: Sequence[float]
) -> tuple[BoolArray, BoolArray, FloatArray]:
    """Of each task whether it is doubtful, whether another vote is worth it, and how badly it wants one.

    A task is left where those who could be asked know no better: ``told`` is what the best of them would tell.
    """
    sure = np.array([min(stand.resolved.certain.values(), default=1.0) for stand in stands])
    votes = [stand.judgements for stand in stands]
    is_worth = rule.asks_more(sure, votes, gain=told) & (sure < 1.0)
    return sure < (rule.enough or 1.0), is_worth, rule.need(sure, votes, gain=told)


def _first_asked(people: frozenset[str], crowd: Crowd) -> frozenset[str]:
    return people & crowd.skilled or people


def _mean_skill(people: frozenset[str], crowd: Crowd) -> float:
    if not people:
        return _USUAL_SKILL
    known = [crowd.skill.get(member, _USUAL_SKILL) for member in sorted(people)]
    return min(max(sum(known) / len(known), _LEAST_SKILL), _MOST_SKILL)


def _gain(resolved: ResolvedTask, *, skill: float, looks: int) -> float:
    posteriors = [_score(a.score) for a in resolved.labelling.annotations]
    posteriors += _decisions(resolved)
    tasks = np.zeros(len(posteriors), dtype=np.int64)
    gain = gain_of_looks(
        posteriors, tasks, task_count=1, skill=skill, looks=[looks], missed=[resolved.missed]
    )
    return float(gain[0])


def _decisions(task: ResolvedTask) -> list[float]:
    """How likely each decision beside the objects is right: answers, and relations held or not.

    An answer of which that is not known was decided.
    """
    relations: Sequence[RelationForm] = task.labelling.relations
    held = [max(_score(relation.score), 1.0 - _score(relation.score)) for relation in relations]
    decided = [1.0 for key in task.labelling.answers if key not in task.answers]
    return [max(shares.values()) for shares in task.answers.values()] + decided + held


def _score(score: float | None) -> float:
    return 1.0 if score is None else score
