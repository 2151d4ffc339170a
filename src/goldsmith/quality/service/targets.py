"""Targets: where a project stands to its own, what that costs, and what other policies would."""

from __future__ import annotations

from typing import Final, NamedTuple

from goldsmith.core.errors import InvalidInputError
from goldsmith.platform.database import Transaction
from goldsmith.projects.api import ProjectSetup
from goldsmith.quality import answers
from goldsmith.quality.policy.simulating import (
    LabelCrowd,
    crowd_of,
    learnt,
    simulated_objects,
    simulated_votes,
    supposed,
)
from goldsmith.quality.policy.targets import objects_per_task, target_view
from goldsmith.quality.service.foundation import Foundation
from goldsmith.quality.store import fits
from goldsmith.quality.types import CrowdGroup, SimulationBody, SimulationView, TargetView
from goldsmith.quality.types.targets import MOST_SIMULATED_PEOPLE

_USUAL_CROWD: Final = (
    CrowdGroup(skill=0.95, seconds=60.0, count=2),
    CrowdGroup(skill=0.9, seconds=60.0, count=3),
    CrowdGroup(skill=0.8, seconds=45.0, count=2),
    CrowdGroup(skill=0.6, seconds=30.0, count=1),
)
_USUAL_SECONDS: Final = 60.0


class _Setting(NamedTuple):
    """What is simulated; ``voters`` answer one question where a task is nothing but that."""

    setup: ProjectSetup
    crowd: list[CrowdGroup]
    objects_per_task: float
    voters: LabelCrowd | None
    note: str


class Targets(Foundation):
    """The part of the service that says what quality costs."""

    def target(self, tx: Transaction, project_id: str) -> TargetView:
        """Return where a project stands to its target."""
        setup = self.projects.get_setup(tx, project_id)
        totals = self.labeling.totals(tx, project_id, target=setup.quality.target)
        return target_view(setup.quality, setup.workflow, totals, self.labeling.time_spent(tx, project_id))

    def simulate(self, project_id: str, body: SimulationBody) -> SimulationView:
        """Try policies on simulated work; takes up to some seconds, so not on the event loop.

        Raises:
            InvalidInputError: The crowd is too large.
        """
        setting = self._read(lambda tx: self._setting(tx, project_id, body))
        policy = body.policy or setting.setup.quality
        if sum(group.count for group in setting.crowd) > MOST_SIMULATED_PEOPLE:
            raise InvalidInputError(f"a simulated crowd has at most {MOST_SIMULATED_PEOPLE} people")
        workflow, size = setting.setup.workflow, {"tasks": body.tasks, "seed": body.seed}
        if setting.voters is None:
            points = simulated_objects(
                policy, workflow, setting.crowd, objects_per_task=setting.objects_per_task, **size
            )
        else:
            points = simulated_votes(policy, workflow, setting.voters, **size)
        return SimulationView(points=points, crowd=setting.crowd, note=setting.note)

    def _setting(self, tx: Transaction, project_id: str, body: SimulationBody) -> _Setting:
        setup = self.projects.get_setup(tx, project_id)
        if (question := answers.largest(setup.ontology)) is None:
            labels, objects = 0, objects_per_task(self.labeling.totals(tx, project_id))
            on = f"{body.tasks} tasks with {objects:.1f} objects each on average"
            people, voters = self._learnt_people(tx, project_id), None
        else:
            labels, objects = len(answers.options_of([question])[question.attribute_id]), 1.0
            on = f"{body.tasks} tasks with one answer of {labels} each, as to “{question.name}”"
            people, voters = self._learnt_voters(tx, project_id, question.attribute_id)
        if body.crowd is None and len(people) >= 2:
            crowd, whose = crowd_of(people), f"the skill and speed of this project's {len(people)} people"
        elif body.crowd is None:
            crowd = list(_USUAL_CROWD)
            whose = "a usual crowd: not enough is known of this project's people yet"
        else:
            crowd, whose = body.crowd, "the crowd given"
        if question is not None and (voters is None or body.crowd is not None):
            voters = supposed(crowd, label_count=labels)
        return _Setting(setup, crowd, objects, voters, f"Simulated on {on}, with {whose}.")

    def _learnt_people(self, tx: Transaction, project_id: str) -> list[tuple[float, float]]:
        """Return (skill, seconds for a task) of everybody of whom something was learnt."""
        skills = fits.newest_skills(tx, project_id)
        seconds = self._seconds(tx, project_id)
        return [
            (skill, seconds.get(member_id, _USUAL_SECONDS)) for member_id, skill in sorted(skills.items())
        ]

    def _learnt_voters(
        self, tx: Transaction, project_id: str, question_id: str
    ) -> tuple[list[tuple[float, float]], LabelCrowd | None]:
        """Return the same of everybody who answered a question, and how they answer it; None for too few."""
        fit = fits.newest_fit(tx, project_id)
        skill = None if fit is None else answers.from_json(fit.answers).get(question_id)
        if skill is None:
            return [], None
        seconds = self._seconds(tx, project_id)
        taken = [seconds.get(member_id, _USUAL_SECONDS) for member_id in skill.members]
        return list(zip(answers.right_shares(skill), taken, strict=True)), learnt(skill, taken)

    def _seconds(self, tx: Transaction, project_id: str) -> dict[str, float]:
        return {
            entry.member_id: min(entry.active_ms / entry.submissions / 1000.0, 86_400.0)
            for entry in self.labeling.activity(tx, project_id)
            if entry.submissions and entry.active_ms
        }
