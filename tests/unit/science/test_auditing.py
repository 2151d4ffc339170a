"""Bounds that hold whenever one stops, and audits that rest on them."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from goldsmith.core.errors import InvalidInputError
from goldsmith.science.auditing import (
    SequentialAudit,
    audit_bounds,
    audit_verdict,
    draw_by_size,
    lower_bound,
    needed_sample,
    order_by_size,
)

SCORES = st.lists(st.sampled_from([0.0, 0.25, 0.5, 0.9, 1.0]), min_size=1, max_size=60)


@pytest.mark.parametrize("share", [0.6, 0.9, 0.98])
def test_the_bounds_hold_at_every_moment_as_often_as_they_say(share: float) -> None:
    rng = np.random.default_rng(1)
    runs, low_broken, high_broken = 300, 0, 0
    for _ in range(runs):
        bounds = audit_bounds((rng.random(200) < share).astype(float), 0.9)
        low_broken += int((bounds.low > share).any())
        high_broken += int((bounds.high < share).any())
    spare = 3.0 * np.sqrt(0.1 * 0.9 / runs)
    assert low_broken / runs <= 0.1 + spare
    assert high_broken / runs <= 0.1 + spare


def test_they_hold_for_shares_of_objects_drawn_by_size() -> None:
    rng = np.random.default_rng(2)
    objects = rng.integers(1, 20, 400)
    right = rng.binomial(objects, rng.beta(18, 2, 400))
    truth = right.sum() / objects.sum()
    broken = 0
    for _ in range(150):
        drawn = draw_by_size(rng, objects, 80)
        bounds = audit_bounds(right[drawn] / objects[drawn], 0.9)
        broken += int((bounds.low > truth).any())
    assert broken / 150 <= 0.1 + 3.0 * np.sqrt(0.09 / 150)


def test_draws_follow_size_so_that_the_mean_is_that_of_all_objects() -> None:
    rng = np.random.default_rng(3)
    objects, right = np.array([1, 0, 9, 90]), np.array([0, 0, 9, 45])
    drawn = draw_by_size(rng, objects, 20_000)
    assert (right[drawn] / objects[drawn]).mean() == pytest.approx(right.sum() / objects.sum(), abs=0.01)
    assert not (drawn == 1).any()
    assert draw_by_size(rng, [], 0).shape == (0,)


def test_a_sample_without_a_fault_proves_one_less_three_by_its_size() -> None:
    for size in (50, 300, 1000):
        assert lower_bound(np.ones(size)) == pytest.approx(1.0 - 3.3 / size, abs=0.1 / size)


def test_shorter_than_hoeffding_where_labels_are_good() -> None:
    rng = np.random.default_rng(4)
    scores = (rng.random(400) < 0.97).astype(float)
    bounds = audit_bounds(scores)
    hoeffding = np.sqrt(np.log(1.0 / 0.05) / (2.0 * 400))  # which holds for one moment fixed in advance only
    assert bounds.value[-1] - bounds.low[-1] < 0.6 * hoeffding
    assert bounds.high[-1] - bounds.value[-1] < 0.6 * hoeffding


def test_without_replacement_ends_at_the_mean_and_is_never_wider() -> None:
    rng = np.random.default_rng(5)
    population = (rng.random(150) < 0.9).astype(float)
    order = rng.permutation(population)
    bounds = audit_bounds(order, population=150)
    assert bounds.low[-1] == pytest.approx(population.mean(), abs=1e-6)
    assert bounds.high[-1] == pytest.approx(population.mean(), abs=1e-6)
    assert (bounds.low >= audit_bounds(order).low - 1e-9).all()


def test_without_replacement_holds() -> None:
    rng = np.random.default_rng(6)
    population = np.r_[np.ones(90), np.zeros(6), np.full(24, 0.5)]
    broken = 0
    for _ in range(60):
        broken += int(
            (
                audit_bounds(rng.permutation(population)[:60], 0.8, population=120).low > population.mean()
            ).any()
        )
    assert broken / 60 <= 0.2 + 3.0 * np.sqrt(0.16 / 60)


def test_by_size_without_replacement_holds_and_ends_at_the_share_of_all_objects() -> None:
    rng = np.random.default_rng(8)
    objects = rng.integers(1, 20, 90)
    right = rng.binomial(objects, rng.beta(18, 2, 90))
    truth = right.sum() / objects.sum()
    broken = 0
    for _ in range(60):
        drawn = order_by_size(rng, objects, 60)
        bounds = audit_bounds(
            right[drawn] / objects[drawn], 0.8, population=objects.sum(), sizes=objects[drawn]
        )
        broken += int((bounds.low > truth + 1e-9).any())
    assert broken / 60 <= 0.2 + 3.0 * np.sqrt(0.16 / 60)
    drawn = order_by_size(rng, objects, 1000)
    assert sorted(drawn.tolist()) == list(range(90))
    bounds = audit_bounds(right[drawn] / objects[drawn], population=objects.sum(), sizes=objects[drawn])
    assert bounds.low[-1] == pytest.approx(truth) and bounds.high[-1] == pytest.approx(truth)


def test_what_is_large_is_drawn_early() -> None:
    rng = np.random.default_rng(9)
    first = [int(order_by_size(rng, [1.0, 3.0, 0.0, 6.0], 2)[0]) for _ in range(3000)]
    assert np.bincount(first, minlength=4) / 3000 == pytest.approx([0.1, 0.3, 0.0, 0.6], abs=0.04)


def test_bounds_of_many_scores_are_taken_now_and_then_and_after_the_last() -> None:
    rng = np.random.default_rng(10)
    scores = (rng.random(700) < 0.97).astype(float)
    bounds = audit_bounds(scores, population=2000)
    assert (np.diff(bounds.low) >= 0.0).all() and (np.diff(bounds.high) <= 0.0).all()
    assert bounds.low[-1] >= audit_bounds(scores).low[-1] - 1e-3
    assert bounds.low[-1] < 0.97 < bounds.high[-1] + 0.03


@settings(max_examples=60, deadline=None)
@given(scores=SCORES, confidence=st.sampled_from([0.8, 0.95, 0.99]))
def test_bounds_are_ordered_never_loosen_and_mind_only_what_was_drawn(
    scores: list[float], confidence: float
) -> None:
    bounds = audit_bounds(scores, confidence)
    assert ((bounds.low >= 0.0) & (bounds.high <= 1.0)).all()
    assert (np.diff(bounds.low) >= 0.0).all() and (np.diff(bounds.high) <= 0.0).all()
    first = audit_bounds(scores[: len(scores) // 2], confidence)
    assert bounds.low[: len(first)] == pytest.approx(first.low, abs=1e-9)
    together = audit_bounds(scores, confidence, both=True)
    assert (together.low <= bounds.low + 1e-9).all() and (together.high >= bounds.high - 1e-9).all()


@settings(max_examples=40, deadline=None)
@given(scores=SCORES, at=st.integers(0, 59))
def test_a_better_score_never_lowers_a_bound(scores: list[float], at: int) -> None:
    better = [*scores]
    better[at % len(scores)] = 1.0
    assert lower_bound(better) >= lower_bound(scores) - 1e-8
    assert audit_bounds(better).high[-1] >= audit_bounds(scores).high[-1] - 1e-8


def test_the_needed_sample_is_enough_as_often_as_asked() -> None:
    rng = np.random.default_rng(7)
    for power in (0.5, 0.9):
        draws = needed_sample(0.98, 0.95, power=power)
        assert draws is not None
        enough = [lower_bound((rng.random(draws) < 0.98).astype(float)) >= 0.95 for _ in range(100)]
        assert np.mean(enough) >= power - 0.12
    flawless = needed_sample(1.0, 0.99)
    assert flawless is not None
    assert lower_bound(np.ones(flawless)) >= 0.99 > lower_bound(np.ones(flawless - 1))
    assert needed_sample(0.95, 0.95) is None
    assert needed_sample(1.0, 0.99, 0.99) > flawless


def test_an_audit_proves_the_good_and_refutes_the_bad() -> None:
    rng = np.random.default_rng(8)
    good, bad = SequentialAudit(target=0.95), SequentialAudit(target=0.95)
    assert good.verdict == "running"
    assert good.add((rng.random(600) < 0.99).astype(float)) == "proved"
    assert bad.add((rng.random(600) < 0.85).astype(float)) == "refuted"
    assert audit_verdict(audit_bounds([1.0, 1.0]), 0.95) == "running"


def test_borderline_sets_are_seldom_misjudged() -> None:
    rng = np.random.default_rng(9)
    verdicts = []
    for _ in range(150):
        audit = SequentialAudit(target=0.9, confidence=0.9)
        verdicts.append(audit.add((rng.random(150) < 0.89).astype(float)))
    assert verdicts.count("proved") / 150 <= 0.1 + 3.0 * np.sqrt(0.09 / 150)


@pytest.mark.parametrize(
    "wrong",
    [
        lambda: audit_bounds([1.2]),
        lambda: audit_bounds([0.5], 1.0),
        lambda: audit_bounds([0.5, 0.5], population=1),
        lambda: audit_bounds([0.5], sizes=[2.0]),
        lambda: audit_bounds([0.5], population=1, sizes=[2.0]),
        lambda: audit_bounds([0.5], population=3, sizes=[0.0]),
        lambda: order_by_size(np.random.default_rng(0), [1.0], -1),
        lambda: needed_sample(1.0, 1.0),
        lambda: draw_by_size(np.random.default_rng(0), [0.0], 1),
        lambda: draw_by_size(np.random.default_rng(0), [-1.0, 2.0], 1),
        lambda: draw_by_size(np.random.default_rng(0), [1.0], -1),
    ],
)
def test_what_cannot_be_is_refused(wrong) -> None:
    with pytest.raises(InvalidInputError):
        wrong()


def test_nothing_drawn_says_nothing() -> None:
    assert len(audit_bounds([])) == 0
    assert lower_bound([]) == 0.0
