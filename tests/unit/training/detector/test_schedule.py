"""Length and rates of a run."""

from __future__ import annotations

import itertools

import pytest

from goldsmith.training.detector.schedule import Plan, average_decay_at, learning_rate_at


def test_epochs_are_passes_but_never_very_short_and_the_last_may_be():
    plan = Plan.of(sample_count=300, steps=100, batch_size=8)
    assert (plan.steps_per_epoch, plan.epochs) == (38, 3)
    assert [plan.last_step(epoch) for epoch in (1, 2, 3)] == [38, 76, 100]
    assert Plan.of(sample_count=3, steps=100, batch_size=8).steps_per_epoch == 20


def test_the_rate_rises_to_the_peak_and_falls_to_a_fiftieth():
    rates = [learning_rate_at(step, steps=200, peak=1.0) for step in range(201)]
    assert rates[0] == pytest.approx(0.1)
    assert max(rates) == pytest.approx(1.0)
    assert rates.index(max(rates)) in (9, 10)
    assert rates[200] == pytest.approx(0.02)
    assert all(b <= a for a, b in itertools.pairwise(rates[10:]))
    assert learning_rate_at(0, steps=1, peak=1.0) == 1.0


def test_the_average_forgets_quickly_at_first():
    assert average_decay_at(0, decay=0.998) == pytest.approx(0.1)
    assert average_decay_at(10**6, decay=0.998) == 0.998
