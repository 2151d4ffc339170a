"""Asking more: once a task is resolved, whether somebody else is asked about it, and who."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import NamedTuple

from goldsmith.labeling.api import ConsensusOutcome
from goldsmith.projects.api import Asking, QualityPolicy
from goldsmith.quality import answers
from goldsmith.quality.policy.asking import (
    Asked,
    Budget,
    Crowd,
    Stand,
    allowed_of,
    budget_of,
    skilled_of,
    told_by,
    who_is_asked,
)
from goldsmith.quality.service.fitting import Fit, Fitting
from goldsmith.quality.types import MemberSkill, ResolvedTask


class AskingPlan(NamedTuple):
    """What holds for all tasks that a job resolves."""

    policy: QualityPolicy
    crowd: Crowd
    is_votes: bool


class AskingMore(Fitting):
    """The part of the service that decides on further judgements; only where the project's policy is adaptive."""

    def _asking_plan(self, project_id: str, fit: Fit) -> AskingPlan | None:
        """Return who can be asked, and make the better ones skilled; None where judgements are asked by number."""
        policy = self._read(lambda tx: self.projects.get_quality_policy(tx, project_id))
        if policy.asking is not Asking.ADAPTIVE:
            return None
        skills = {member: MemberSkill.model_validate(body) for member, body in fit.numbers.items()}
        workers = self._read(lambda tx: self.labeling.list_workers(tx, project_id, known=list(skills)))
        active = frozenset(worker.member_id for worker in workers)
        skilled = skilled_of({member: entry for member, entry in skills.items() if member in active})
        if skilled != {worker.member_id for worker in workers if worker.tier > 0}:
            self.machine.database.write_sync(
                lambda tx: self.labeling.keep_tiers(tx, project_id=project_id, skilled=skilled)
            )
        crowd = Crowd(active, skilled, fit.skill_of, _told(fit, active))
        return AskingPlan(policy, crowd, answers.are_all(fit.ontology))

    def _who_is_asked(
        self,
        project_id: str,
        plan: AskingPlan,
        resolved: Sequence[ResolvedTask],
        counted: Mapping[str, Collection[str]],
    ) -> dict[str, Asked]:
        """Decide on tasks whose judgements are all in; ``counted`` are the submissions of each."""
        if not resolved:
            return {}
        task_ids = [entry.task_id for entry in resolved]
        met = self._read(lambda tx: self.labeling.who_met(tx, task_ids))
        budget, allowed = self._limits(project_id, plan)
        stands = [
            Stand(entry, len(counted.get(entry.task_id, ())), met.get(entry.task_id, ()))
            for entry in resolved
        ]
        asked = who_is_asked(
            stands,
            policy=plan.policy,
            crowd=plan.crowd,
            budget=budget,
            allowed=allowed,
            is_votes=plan.is_votes,
        )
        return {entry.task_id: answer for entry, answer in zip(resolved, asked, strict=True)}

    def _limits(self, project_id: str, plan: AskingPlan) -> tuple[Budget, float]:
        """Return what may be spent, and the share that may be wrong.

        Both take adding up all tasks of the project, which votes without a budget do not need.
        """
        if plan.is_votes and plan.policy.budget_judgements is None:
            return Budget(), 0.0
        totals = self._read(lambda tx: self.labeling.totals(tx, project_id))
        return budget_of(plan.policy, totals), allowed_of(plan.policy, totals)

    def _with_asked(
        self, outcome: ConsensusOutcome, asked: Asked | None, policy: QualityPolicy
    ) -> ConsensusOutcome:
        if asked is None:
            return outcome
        until_ms = self.machine.clock.now_ms() + policy.reserve_s * 1000
        return outcome._replace(
            ask_more=asked.ask_more,
            reserved_until_ms=until_ms if asked.is_reserved else 0,
            is_doubtful=asked.is_doubtful,
        )


def _told(fit: Fit, active: Collection[str]) -> dict[str, float]:
    """Return what an answer of each tells to the question with the most options, where such questions are all."""
    question = answers.largest(fit.ontology)
    skill = None if question is None else fit.answers.get(question.attribute_id)
    if skill is None:
        return {}
    right = answers.right_shares(skill)
    known = {member: right[row] for member, row in skill.members.items() if member in active}
    return told_by(known, options=len(skill.options))
