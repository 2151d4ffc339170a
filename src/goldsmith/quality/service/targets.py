"""Targets: where a project stands to its own, what that costs, and what other policies would."""

from __future__ import annotations

from typing import Final

from goldsmith.core.errors import InvalidInputError
from goldsmith.platform.database import Transaction
from goldsmith.projects.api import QualityPolicy, Workflow
from goldsmith.quality.policy.targets import crowd_of, objects_per_task, simulated, target_view
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
        policy, workflow, crowd, size, note = self._read(lambda tx: self._setting(tx, project_id, body))
        if sum(group.count for group in crowd) > MOST_SIMULATED_PEOPLE:
            raise InvalidInputError(f"a simulated crowd has at most {MOST_SIMULATED_PEOPLE} people")
        points = simulated(policy, workflow, crowd, tasks=body.tasks, objects_per_task=size, seed=body.seed)
        return SimulationView(points=points, crowd=crowd, note=note)

    def _setting(
        self, tx: Transaction, project_id: str, body: SimulationBody
    ) -> tuple[QualityPolicy, Workflow, list[CrowdGroup], float, str]:
        setup = self.projects.get_setup(tx, project_id)
        size = objects_per_task(self.labeling.totals(tx, project_id))
        policy = body.policy or setup.quality
        on = f"{body.tasks} tasks with {size:.1f} objects each on average"
        if body.crowd is not None:
            return policy, setup.workflow, body.crowd, size, f"Simulated on {on}, with the crowd given."
        people = self._learnt_people(tx, project_id)
        if len(people) < 2:
            note = f"Simulated on {on}, with a usual crowd: not enough is known of this project's people yet."
            return policy, setup.workflow, list(_USUAL_CROWD), size, note
        note = f"Simulated on {on}, with the skill and speed of this project's {len(people)} people."
        return policy, setup.workflow, crowd_of(people), size, note

    def _learnt_people(self, tx: Transaction, project_id: str) -> list[tuple[float, float]]:
        """Return (skill, seconds for a task) of everybody of whom something was learnt."""
        skills = fits.newest_skills(tx, project_id)
        seconds = {
            entry.member_id: entry.active_ms / entry.submissions / 1000.0
            for entry in self.labeling.activity(tx, project_id)
            if entry.submissions and entry.active_ms
        }
        return [
            (skill, min(seconds.get(member_id, _USUAL_SECONDS), 86_400.0))
            for member_id, skill in sorted(skills.items())
        ]
