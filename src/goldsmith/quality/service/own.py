"""A member's own page: what is known of the own work, and what followed from it."""

from __future__ import annotations

from statistics import median

from goldsmith.accounts.api import Access, Role
from goldsmith.platform.database import Transaction
from goldsmith.quality.policy.course import standing_in_course
from goldsmith.quality.service.standing import Standing
from goldsmith.quality.store import course, fits, people
from goldsmith.quality.types import CourseStanding, MemberSkill, OwnQuality, StandingView


class OwnPage(Standing):
    """The part of the service that tells members about themselves."""

    def own_quality(self, tx: Transaction, access: Access, project_id: str) -> OwnQuality:
        """Return a member's own page; it names nobody else, and no task as gold."""
        member_id = access.member_id
        activity = next(
            (entry for entry in self.labeling.activity(tx, project_id) if entry.member_id == member_id), None
        )
        standing = self.labeling.standing_of(tx, project_id=project_id, member_id=member_id)
        times = self.labeling.recent_times(tx, project_id)
        own = [spent for who, spent in times if who == member_id]
        return OwnQuality(
            skill=self._own_skill(tx, project_id, member_id),
            series=people.days_of(tx, project_id=project_id, member_id=member_id),
            submissions=0 if activity is None else activity.submissions,
            active_ms=0 if activity is None else activity.active_ms,
            skips=0 if activity is None else activity.skips,
            median_ms=round(median(own)) if own else None,
            project_median_ms=round(median(spent for _, spent in times)) if times else None,
            standing=StandingView(state=standing.state, reason=standing.reason, tier=standing.tier),
            consequences=self.list_consequences(tx, project_id, member_id=member_id, is_own=True),
            course=self._own_course(tx, access, project_id),
        )

    def _own_skill(self, tx: Transaction, project_id: str, member_id: str) -> MemberSkill | None:
        fit = fits.newest_fit(tx, project_id)
        if fit is None:
            return None
        body = fits.skills_at(tx, project_id=project_id, version=fit.version).get(member_id)
        return None if body is None else MemberSkill.model_validate(body)

    def _own_course(self, tx: Transaction, access: Access, project_id: str) -> CourseStanding:
        member_id = access.member_id
        enrolment = course.find_enrolment(tx, project_id=project_id, member_id=member_id)
        answers = course.answers_of(tx, project_id=project_id, member_id=member_id)
        at = 1 if enrolment is None else enrolment.round
        policy = self.projects.get_setup(tx, project_id).quality.course
        return standing_in_course(
            course.newest_course(tx, project_id),
            enrolment,
            [answer for answer in answers if answer.round == at],
            policy,
            is_required=policy.is_required and not access.role.allows(Role.MANAGER),
        )
