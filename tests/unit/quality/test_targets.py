"""Where a project stands, put together from what its tasks add up to."""

from __future__ import annotations

import pytest

from goldsmith.labeling.api import TimeSpent, WorkTime, WorkTotals
from goldsmith.projects.api import QualityPolicy, Workflow
from goldsmith.quality.policy.targets import target_view


def totals(**values: int) -> WorkTotals:
    return WorkTotals(**{**dict.fromkeys(WorkTotals._fields, 0), **values})


def judgements_per_task(**values: int) -> float | None:
    spent = TimeSpent([], 0, 0)
    return target_view(QualityPolicy(), Workflow(), totals(**values), spent).judgements_per_task


def test_tasks_that_an_audit_looks_at_go_on_counting() -> None:
    assert judgements_per_task(tasks=12, done=8, resolved=12, submissions=48) == pytest.approx(4.0)


def test_the_price_of_a_label_leaves_idle_stretches_out_and_has_an_interval() -> None:
    times = [WorkTime("ann", False, 20_000.0, 30), WorkTime("ben", False, 40_000.0, 20)]
    times += [WorkTime("ben", False, 3_600_000.0, 1), WorkTime("eve", True, 30_000.0, 10)]
    policy = QualityPolicy(rate_per_hour=36.0)
    work = TimeSpent(times, judgements=51, reviews=10)
    cost = target_view(policy, Workflow(), totals(tasks=40, done=40, objects=200), work).cost
    assert cost is not None and cost.hours == pytest.approx(1_700 / 3600, rel=0.06)
    low, each, high = cost.per_label_low, cost.per_label, cost.per_label_high
    assert cost.total == pytest.approx(17.0, rel=0.06) and each == pytest.approx(17.0 / 200, rel=0.06)
    assert low is not None and each is not None and high is not None and low < each < high


def test_where_nothing_is_drawn_answers_are_what_is_paid_for() -> None:
    work = TimeSpent([WorkTime("ann", False, 10_000.0, 36)], judgements=36, reviews=0)
    policy = QualityPolicy(rate_per_hour=10.0)
    done = totals(tasks=20, done=10, resolved=10, submissions=36)._replace(expected_objects=10.0)
    view = target_view(policy, Workflow(), done, work)
    assert view.cost is not None and view.cost.per_label == pytest.approx(0.1)
    assert view.forecast is not None and view.forecast.hours == pytest.approx(36 * 10 / 3600, rel=0.01)
    unpaid = target_view(QualityPolicy(), Workflow(), done, work).cost
    assert unpaid is not None and unpaid.total is unpaid.per_label is unpaid.per_label_low is None


def test_nothing_is_said_of_judgements_while_nothing_is_resolved() -> None:
    assert judgements_per_task(tasks=12, submissions=5) is None
