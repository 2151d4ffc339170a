"""Passwords: argon2id, the same time for known and unknown addresses, and a brake on guessing."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable
from functools import cached_property
from typing import Final

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from goldsmith.core.errors import LimitExceededError
from goldsmith.core.ids import Clock

_WINDOW_MS: Final = 10 * 60_000
_FAILURES_PER_EMAIL: Final = 10
_FAILURES_PER_ADDRESS: Final = 50
_REMEMBERED: Final = 20_000


class Passwords:
    """Hashes and verifies; OWASP's argon2id parameters of 19 MiB, 2 passes, 1 lane (about 20 ms CPU).

    Never call it on the event loop or inside a write: it is slow on purpose.

    Args:
        memory_kib: Memory of one hash; smaller in tests.
    """

    def __init__(self, *, memory_kib: int = 19_456) -> None:
        self._hasher = PasswordHasher(time_cost=2, memory_cost=memory_kib, parallelism=1)

    @cached_property
    def _nobodys_hash(self) -> str:
        return self._hasher.hash("nobody's password")

    def hash(self, password: str) -> str:
        """Return the salted hash, with its parameters, as text."""
        return self._hasher.hash(password)

    def verify(self, password_hash: str | None, password: str) -> bool:
        """Say whether ``password`` is the one; takes as long when there is no hash."""
        try:
            self._hasher.verify(password_hash or self._nobodys_hash, password)
        except (VerificationError, InvalidHashError):
            return False
        return password_hash is not None

    def is_outdated(self, password_hash: str) -> bool:
        """Say whether the hash was made with other parameters and should be made again."""
        return self._hasher.check_needs_rehash(password_hash)


class Throttle:
    """Counts failed attempts in a sliding window, in this process; thread-safe.

    Args:
        clock: The time.
        limit: Failures allowed in the window.
        window_ms: Its length.
    """

    def __init__(self, clock: Clock, *, limit: int, window_ms: int = _WINDOW_MS) -> None:
        self._clock = clock
        self._limit = limit
        self._window_ms = window_ms
        self._lock = threading.Lock()
        self._attempts: OrderedDict[str, list[int]] = OrderedDict()

    def begin(self, key: str) -> Callable[[], None]:
        """Count an attempt before it is tried, so that parallel attempts count too.

        Returns:
            Call it when the attempt succeeded; it is not counted then.

        Raises:
            LimitExceededError: There were too many.
        """
        now_ms = self._clock.now_ms()
        with self._lock:
            recent = [at_ms for at_ms in self._attempts.get(key, ()) if at_ms > now_ms - self._window_ms]
            if len(recent) >= self._limit:
                wait_s = (recent[0] + self._window_ms - now_ms) // 1000 + 1
                raise LimitExceededError(f"too many failed attempts; wait {wait_s} s and try again")
            recent.append(now_ms)
            self._attempts[key] = recent
            self._attempts.move_to_end(key)
            while len(self._attempts) > _REMEMBERED:
                self._attempts.popitem(last=False)

        def succeeded() -> None:
            with self._lock:
                attempts = self._attempts.get(key, [])
                if now_ms in attempts:
                    attempts.remove(now_ms)
                if not attempts:
                    self._attempts.pop(key, None)

        return succeeded


class LoginThrottle:
    """The brake on guessing: by e-mail address and by network address."""

    def __init__(self, clock: Clock) -> None:
        self._by_email = Throttle(clock, limit=_FAILURES_PER_EMAIL)
        self._by_address = Throttle(clock, limit=_FAILURES_PER_ADDRESS)

    def begin(self, *, email: str, address: str) -> Callable[[], None]:
        """Count an attempt; see ``Throttle.begin``."""
        address_succeeded = self._by_address.begin(address)
        email_succeeded = self._by_email.begin(email)

        def succeeded() -> None:
            address_succeeded()
            email_succeeded()

        return succeeded
