"""Hashing, and the brake on guessing."""

from __future__ import annotations

import pytest

from goldsmith.accounts.passwords import LoginThrottle, Passwords, Throttle
from goldsmith.core.errors import LimitExceededError
from goldsmith.core.ids import ManualClock

CHEAP = Passwords(memory_kib=64)


def test_a_hash_knows_its_password_only() -> None:
    kept = CHEAP.hash("a password")
    assert kept.startswith("$argon2id$")
    assert "a password" not in kept
    assert CHEAP.hash("a password") != kept
    assert CHEAP.verify(kept, "a password")
    assert not CHEAP.verify(kept, "A password")
    assert not CHEAP.verify("not a hash", "a password")


def test_nobody_has_no_password() -> None:
    assert not CHEAP.verify(None, "nobody's password")
    assert not CHEAP.verify(None, "")


def test_hashes_of_other_parameters_are_outdated() -> None:
    kept = CHEAP.hash("x")
    assert not CHEAP.is_outdated(kept)
    assert Passwords(memory_kib=128).is_outdated(kept)
    assert Passwords(memory_kib=128).verify(kept, "x")


def test_failures_are_counted_in_a_sliding_window(clock: ManualClock) -> None:
    throttle = Throttle(clock, limit=3, window_ms=1000)
    for _ in range(3):
        throttle.begin("a")
        clock.advance(100)
    with pytest.raises(LimitExceededError, match="wait 1 s"):
        throttle.begin("a")
    throttle.begin("b")
    clock.advance(700)  # the first is out of the window
    throttle.begin("a")
    with pytest.raises(LimitExceededError):
        throttle.begin("a")


def test_successes_are_not_counted(clock: ManualClock) -> None:
    throttle = Throttle(clock, limit=2, window_ms=1000)
    for _ in range(10):
        throttle.begin("a")()


def test_attempts_under_way_count(clock: ManualClock) -> None:
    throttle = Throttle(clock, limit=2, window_ms=1000)
    first, _ = throttle.begin("a"), throttle.begin("a")
    with pytest.raises(LimitExceededError):
        throttle.begin("a")
    first()
    throttle.begin("a")


def test_a_flood_of_names_takes_no_memory(clock: ManualClock) -> None:
    throttle = Throttle(clock, limit=2)
    for number in range(20_100):
        throttle.begin(str(number))
    assert len(throttle._attempts) == 20_000


def test_logins_are_counted_by_mail_and_by_network(clock: ManualClock) -> None:
    throttle = LoginThrottle(clock)
    for number in range(10):
        throttle.begin(email="a", address=str(number))
    with pytest.raises(LimitExceededError):
        throttle.begin(email="a", address="x")
    for number in range(50):
        throttle.begin(email=f"n{number}", address="one")
    with pytest.raises(LimitExceededError):
        throttle.begin(email="fresh", address="one")
