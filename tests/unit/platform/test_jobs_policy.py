from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from goldsmith.core.errors import (
    BlobStoreError,
    BugError,
    CorruptMediaError,
    DependencyError,
    InvalidInputError,
    MissingExtraError,
)
from goldsmith.platform.jobs.policy import (
    eta_ms,
    exponential_backoff,
    fault_of,
    is_retryable,
    smoothed_rate,
    spread,
)


def test_delays_double_up_to_five_minutes() -> None:
    assert [exponential_backoff(n) for n in (1, 2, 3, 4)] == [1000, 2000, 4000, 8000]
    assert exponential_backoff(50) == 300_000


@given(st.integers(0, 10**9), st.text(max_size=30))
def test_spreading_lengthens_by_at_most_a_quarter(delay_ms: int, job_id: str) -> None:
    assert delay_ms <= spread(delay_ms, job_id=job_id) <= delay_ms * 1.25


@pytest.mark.parametrize(
    ("error", "expected"),
    [
        (DependencyError("x"), True),
        (BlobStoreError("x"), True),
        (OSError("x"), True),
        (ValueError("x"), True),
        (InvalidInputError("x"), False),
        (CorruptMediaError("x"), False),
        (MissingExtraError("x", extra="train"), False),
        (BugError("x"), False),
    ],
)
def test_only_what_may_pass_is_tried_again(error: Exception, expected: bool) -> None:
    assert is_retryable(error) is expected


def test_faults_tell_code_and_detail() -> None:
    assert fault_of(InvalidInputError("mend it")).model_dump() == {
        "code": "invalid_input",
        "detail": "mend it",
    }
    assert fault_of(KeyError("k")).model_dump() == {"code": "internal", "detail": "unexpected KeyError: 'k'"}


def test_speed_settles_and_gives_the_time_left() -> None:
    rate = None
    for _ in range(60):
        rate = smoothed_rate(rate, done_delta=50, elapsed_s=0.5)
    assert rate == pytest.approx(100)
    assert eta_ms(done=400, total=1000, rate_per_s=100.0, progress_ms=5000, now_ms=5000) == 6000
    assert eta_ms(done=400, total=1000, rate_per_s=100.0, progress_ms=5000, now_ms=7000) == 4000
    assert eta_ms(done=400, total=1000, rate_per_s=100.0, progress_ms=5000, now_ms=70_000) == 0


def test_speed_forgets_a_slow_start() -> None:
    rate = smoothed_rate(None, done_delta=1, elapsed_s=10)
    for _ in range(120):
        rate = smoothed_rate(rate, done_delta=10, elapsed_s=0.5)
    assert rate == pytest.approx(20, rel=0.05)


@pytest.mark.parametrize("total", [None, 3])
@pytest.mark.parametrize("rate", [None, 0.0])
def test_what_is_unknown_stays_unknown(total: int | None, rate: float | None) -> None:
    assert eta_ms(done=1, total=total, rate_per_s=rate, progress_ms=1, now_ms=1) is None
    assert smoothed_rate(rate, done_delta=-5, elapsed_s=1) == rate
    assert smoothed_rate(rate, done_delta=5, elapsed_s=0) == rate
