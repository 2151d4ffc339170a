"""Intervals of shares against known values, and orders by gain."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from goldsmith.core.errors import InvalidInputError
from goldsmith.science.calibration import reliability
from goldsmith.science.distributions import beta_below, beta_quantile, normal_quantile
from goldsmith.science.sampling import (
    clopper_pearson_interval,
    expected_gain,
    gain_order,
    lowest_share,
    wilson_interval,
)


def test_known_intervals() -> None:
    """Newcombe 1998, table I: 81 of 263."""
    assert [float(v) for v in wilson_interval(81, 263)] == pytest.approx([0.2553, 0.3662], abs=5e-5)
    assert [float(v) for v in clopper_pearson_interval(81, 263)] == pytest.approx([0.2527, 0.3676], abs=5e-5)
    assert [float(v) for v in wilson_interval(0, 0)] == [0.0, 1.0]
    assert [float(v) for v in clopper_pearson_interval(0, 0)] == [0.0, 1.0]
    assert lowest_share(0, 10) == 0.0


@given(total=st.integers(1, 400), data=st.data())
def test_exact_is_wider_and_both_hold_the_share(total: int, data: st.DataObject) -> None:
    hits = data.draw(st.integers(0, total))
    for low, high in (wilson_interval(hits, total), clopper_pearson_interval(hits, total)):
        assert 0.0 <= low <= hits / total + 1e-12
        assert hits / total - 1e-12 <= high <= 1.0
    exact = clopper_pearson_interval(hits, total)
    assert lowest_share(hits, total, confidence=0.975) == pytest.approx(float(exact.low))


def test_the_exact_interval_covers_at_least_as_often_as_promised() -> None:
    rng = np.random.default_rng(0)
    hits = rng.binomial(40, 0.93, 4000)
    low, high = clopper_pearson_interval(hits, np.full(4000, 40))
    assert ((low <= 0.93) & (high >= 0.93)).mean() >= 0.945


def test_orders() -> None:
    assert gain_order([0.1, 0.9, 0.9, 0.5]).tolist() == [1, 2, 3, 0]
    assert gain_order([0.9, 0.8], cost=[9.0, 1.0]).tolist() == [1, 0]
    assert gain_order([0.9, 0.8, 0.7, 0.1], group=[0, 0, 0, 1], repeat_factor=0.0).tolist()[:2] == [0, 3]
    assert gain_order([]).tolist() == []
    assert expected_gain([1.0, 0.0, 0.4], [0.3, 0.0, 0.0], weight=[2.0, 1.0, 1.0]).tolist() == [2.0, 0.0, 0.4]


@given(st.lists(st.floats(0, 1), max_size=30), st.floats(0, 1))
def test_an_order_holds_every_item_once(gain: list[float], factor: float) -> None:
    order = gain_order(gain, group=np.arange(len(gain)) % 3, repeat_factor=factor)
    assert sorted(order.tolist()) == list(range(len(gain)))


def test_bad_input_is_refused() -> None:
    with pytest.raises(InvalidInputError, match="successes"):
        wilson_interval(5, 4)
    with pytest.raises(InvalidInputError, match="confidence"):
        clopper_pearson_interval(1, 4, confidence=0.0)
    with pytest.raises(InvalidInputError, match="repeat_factor"):
        gain_order([1.0], repeat_factor=2.0)
    with pytest.raises(InvalidInputError, match="uncertainty"):
        expected_gain([1.5], [0.0])


def test_quantiles_and_their_inverse() -> None:
    p = np.array([0.05, 0.5, 0.9])
    assert beta_below(beta_quantile(p, 3.0, 2.0), 3.0, 2.0) == pytest.approx(p)
    assert float(normal_quantile(0.975)) == pytest.approx(1.959964, abs=1e-6)


def test_reliability() -> None:
    rng = np.random.default_rng(1)
    stated = rng.random(20_000)
    honest = reliability(stated, rng.random(20_000) < stated)
    assert honest.calibration_error < 0.02
    assert ((honest.low <= honest.stated + 0.02) & (honest.stated - 0.02 <= honest.high)).all()
    boastful = reliability(np.full(100, 0.99), np.arange(100) < 60)
    assert boastful.calibration_error == pytest.approx(0.39)
    assert boastful.log_loss > 1.5
    assert reliability([], []).log_loss == 0.0
