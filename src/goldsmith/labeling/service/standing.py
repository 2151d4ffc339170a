"""Standings: what a member may do in a project, looked at as work is handed out."""

from __future__ import annotations

from typing import Final

from goldsmith.accounts.api import Access, Role
from goldsmith.core.errors import CourseRequiredError, PausedError
from goldsmith.labeling.service.foundation import Foundation
from goldsmith.labeling.store import standings
from goldsmith.labeling.types import MemberStanding, Stage, StandingState
from goldsmith.platform.database import Row, Transaction
from goldsmith.projects.api import ProjectSetup

_COURSE_FIRST: Final = "pass the course of this project first; it begins on your quality page"


class StandingKeeping(Foundation):
    """The part of the service that keeps standings, and holds members to theirs.

    A claim reads the standing with what it shows, so that those who have none cost no statement. The rate of hidden
    gold is drawn before the claim; a member's own is therefore the one that the last claim in this process read.
    """

    def standing_of(self, tx: Transaction, *, project_id: str, member_id: str) -> MemberStanding:
        """Return a member's standing."""
        return standings.find_standing(tx, project_id=project_id, member_id=member_id)

    def standings_of_project(self, tx: Transaction, project_id: str) -> dict[str, MemberStanding]:
        """Return the standings that are stored, by member; all others are as everybody's."""
        return standings.list_standings(tx, project_id)

    def change_standing(
        self, tx: Transaction, *, project_id: str, member_id: str, standing: MemberStanding
    ) -> None:
        """Store what a member may do from now on; the tier is left as it is, and the time is now."""
        kept = standing._replace(changed_ms=self._now_ms())
        standings.keep_standing(tx, project_id=project_id, member_id=member_id, standing=kept)
        tx.after_commit(lambda: self._note_gold_rate(project_id, member_id, standing.gold_rate))

    # --- parts

    def _gold_rate(self, setup: ProjectSetup, *, member_id: str) -> float:
        own = self._own_gold_rates.get((setup.project.project_id, member_id))
        return setup.workflow.gold_rate if own is None else own

    def _note_gold_rate(self, project_id: str, member_id: str, rate: float | None) -> None:
        if rate is None:
            self._own_gold_rates.pop((project_id, member_id), None)
        else:
            self._own_gold_rates[project_id, member_id] = rate

    def _follow_standing(self, tx: Transaction, access: Access, row: Row, setup: ProjectSetup) -> None:
        """Hold a member to the standing that was read with what was claimed."""
        self._note_gold_rate(setup.project.project_id, access.member_id, row["own_gold_rate"])
        state = StandingState(row["standing"] or StandingState.ACTIVE)
        standing = MemberStanding(
            state=state, reason=row["standing_reason"] or "", passed_ms=row["passed_ms"]
        )
        self._check_standing(tx, access, setup, stage=Stage(row["stage"]), standing=standing)

    def _check_standing_of(
        self, tx: Transaction, access: Access, setup: ProjectSetup, *, stage: Stage
    ) -> None:
        """Tell why there is nothing for a member, where the standing is why."""
        standing = self.standing_of(tx, project_id=setup.project.project_id, member_id=access.member_id)
        self._check_standing(tx, access, setup, stage=stage, standing=standing)

    def _check_standing(
        self,
        tx: Transaction,
        access: Access,
        setup: ProjectSetup,
        *,
        stage: Stage,
        standing: MemberStanding,
    ) -> None:
        if standing.state is StandingState.PAUSED:
            raise paused(standing)
        if stage is not Stage.LABEL or access.role.allows(Role.MANAGER):
            return
        if standing.state is StandingState.COURSE:
            raise CourseRequiredError(standing.reason or _COURSE_FIRST)
        is_new = setup.quality.course.is_required and standing.passed_ms is None
        if is_new and self._quality_hook().has_course(tx, setup.project.project_id):
            raise CourseRequiredError(_COURSE_FIRST)


def paused(standing: MemberStanding) -> PausedError:
    """Return the error that tells a member why nothing is handed out."""
    return PausedError(standing.reason or "your work in this project is paused; ask who leads it")
