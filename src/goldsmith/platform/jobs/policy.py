"""Pure decisions about jobs: when to try again, how fast it goes, how long it will take."""

from __future__ import annotations

import math
import zlib
from collections.abc import Callable
from typing import Final

from goldsmith.core.errors import GoldsmithError
from goldsmith.platform.jobs.types import JobFault

Backoff = Callable[[int], int]
"""Milliseconds to wait after the n-th failure, n from 1."""

MAX_LOSSES: Final = 25
"""Workers that may vanish under a job until it is blamed for it."""
_FIRST_DELAY_MS: Final = 1_000
_LONGEST_DELAY_MS: Final = 300_000
_SMOOTHING_S: Final = 15.0


def exponential_backoff(failures: int) -> int:
    """Return 1 s after the first failure, doubling, at most 5 minutes."""
    return int(min(_FIRST_DELAY_MS * 2 ** min(failures - 1, 30), _LONGEST_DELAY_MS))


def spread(delay_ms: int, *, job_id: str) -> int:
    """Lengthen ``delay_ms`` by up to a quarter, by the job's id: what failed together shall not return together."""
    return delay_ms + delay_ms * (zlib.crc32(job_id.encode()) % 1000) // 4000


def is_retryable(error: Exception) -> bool:
    """Say whether running again may help: dependencies and the unexpected yes, bad input and bad data no."""
    return error.retryable if isinstance(error, GoldsmithError) else True


def fault_of(error: Exception) -> JobFault:
    """Return what readers are told about ``error``."""
    if isinstance(error, GoldsmithError):
        return JobFault(code=error.code, detail=error.detail)
    return JobFault(code="internal", detail=f"unexpected {type(error).__name__}: {error}"[:2000])


def smoothed_rate(previous: float | None, *, done_delta: int, elapsed_s: float) -> float | None:
    """Fold a stretch of progress into the speed, with a memory of about 15 s.

    Args:
        previous: Speed so far, units per second; None at the start.
        done_delta: Units done in the stretch.
        elapsed_s: Its length.
    """
    if elapsed_s <= 0 or done_delta < 0:
        return previous
    rate = done_delta / elapsed_s
    if previous is None:
        return rate if done_delta else None
    weight = 1.0 - math.exp(-elapsed_s / _SMOOTHING_S)
    return previous + weight * (rate - previous)


def eta_ms(
    *, done: int, total: int | None, rate_per_s: float | None, progress_ms: int | None, now_ms: int
) -> int | None:
    """Return milliseconds until ``done`` reaches ``total``, counted from ``now_ms``; None when it cannot be said."""
    if total is None or not rate_per_s or progress_ms is None or done > total:
        return None
    return max(0, int((total - done) / rate_per_s * 1000) - max(0, now_ms - progress_ms))
