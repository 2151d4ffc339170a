"""Where a project stands, put together from what its tasks add up to."""

from __future__ import annotations

import pytest

from goldsmith.labeling.api import TimeSpent, WorkTotals
from goldsmith.projects.api import QualityPolicy, Workflow
from goldsmith.quality.policy.targets import target_view


def totals(**values: int) -> WorkTotals:
    return WorkTotals(**{**dict.fromkeys(WorkTotals._fields, 0), **values})  # type: ignore[arg-type]


def judgements_per_task(**values: int) -> float | None:
    spent = TimeSpent(*[0] * len(TimeSpent._fields))
    return target_view(QualityPolicy(), Workflow(), totals(**values), spent).judgements_per_task


def test_tasks_that_an_audit_looks_at_go_on_counting() -> None:
    assert judgements_per_task(tasks=12, done=8, resolved=12, submissions=48) == pytest.approx(4.0)


def test_nothing_is_said_of_judgements_while_nothing_is_resolved() -> None:
    assert judgements_per_task(tasks=12, submissions=5) is None
