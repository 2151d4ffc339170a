"""Where a project stands to its target, and what that costs. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from goldsmith.labeling.api import TimeSpent, WorkTime, WorkTotals
from goldsmith.projects.api import QualityPolicy, Workflow, first_judgements
from goldsmith.quality.types import Cost, Forecast, Interval, TargetView
from goldsmith.science.costs import LabelCost, label_cost
from goldsmith.science.distributions import beta_quantile

_EDGES: Final = (0.025, 0.975)
_DIGITS: Final = 4
_USUAL_OBJECTS: Final = 5.0


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
    labelling = _cost_of([entry for entry in spent.times if not entry.is_review], policy, accepted=0.0)
    hours = judgements * labelling.hours / spent.judgements
    cost = None if policy.rate_per_hour is None else round(hours * policy.rate_per_hour, 2)
    return Forecast(judgements=judgements, hours=round(hours, 3), cost=cost)


def _cost(policy: QualityPolicy, totals: WorkTotals, spent: TimeSpent) -> Cost | None:
    if not spent.judgements and not spent.reviews:
        return None
    # what a project draws; answers where it draws nothing
    accepted = totals.objects or totals.expected_objects
    known = _cost_of(spent.times, policy, accepted=accepted)
    has_rate = policy.rate_per_hour is not None
    per_label, low, high = (
        round(value, _DIGITS) if has_rate and accepted else None
        for value in (known.per_label, known.low, known.high)
    )
    return Cost(
        total=round(known.total, 2) if has_rate else None,
        per_label=per_label,
        per_label_low=low,
        per_label_high=high,
        hours=round(known.hours, 3),
        currency=policy.currency,
    )


def _cost_of(times: Sequence[WorkTime], policy: QualityPolicy, *, accepted: float) -> LabelCost:
    people = {
        member: number for number, member in enumerate(dict.fromkeys(entry.member_id for entry in times))
    }
    return label_cost(
        [entry.active_ms / 1000.0 for entry in times],
        [people[entry.member_id] for entry in times],
        accepted=accepted,
        rate_per_hour=policy.rate_per_hour or 0.0,
        annotator_count=len(people),
        count=[entry.number for entry in times],
    )


def objects_per_task(totals: WorkTotals) -> float:
    """Return how many objects a task of a project holds; some by default while nothing is known."""
    return totals.expected_objects / totals.done if totals.done else _USUAL_OBJECTS
