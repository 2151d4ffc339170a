"""Pure decisions of accounts: who may change whom, what a password and an e-mail address must be, when to retry."""

from __future__ import annotations

import hashlib
import hmac
import re
import secrets
from collections.abc import Callable
from typing import Final

from goldsmith.accounts.types import Role
from goldsmith.core.errors import InvalidInputError, PermissionDeniedError

SecretSource = Callable[[], str]
"""Makes secrets that nobody guesses; an argument, so that it is clear who makes them."""

MINUTE_MS: Final = 60_000
DAY_MS: Final = 24 * 60 * MINUTE_MS
SETUP_LINK_MS: Final = DAY_MS
LOGIN_LINK_MS: Final = 15 * MINUTE_MS
INVITATION_MS: Final = 7 * DAY_MS

PASSWORD_MIN_CHARS: Final = 8
PASSWORD_MAX_CHARS: Final = 256
PREFERENCES_MAX_BYTES: Final = 64 * 1024

DELIVERY_ATTEMPTS: Final = 12
DELIVERY_WINDOW_MS: Final = DAY_MS
SIGNATURE_TOLERANCE_S: Final = 300
"""A receiver refuses a delivery whose timestamp is older than this: it may be a replay."""

_EMAIL: Final = re.compile(r"[^@\s\x00-\x1f\"<>(),:;\\]{1,64}@[^@\s\x00-\x1f\"<>(),:;\\]{1,189}")


def random_secret() -> str:
    """Return 256 random bits of the operating system as 43 URL-safe characters."""
    return secrets.token_urlsafe(32)


def link_url(base_url: str, *, page: str, token: str) -> str:
    """Return the URL of a one-time link. The token is behind the ``#``: no server or proxy ever logs it.

    Args:
        base_url: Such as ``http://127.0.0.1:8400``.
        page: ``setup``, ``link`` or ``invite``; a page of the web UI.
        token: The secret.
    """
    return f"{base_url.rstrip('/')}/{page}#token={token}"


def normal_email(email: str) -> str:
    """Return the address in the form it is compared in: trimmed and lower case.

    Raises:
        InvalidInputError: It is not an e-mail address.
    """
    address = email.strip().lower()
    if not _EMAIL.fullmatch(address):
        raise InvalidInputError("that is not an e-mail address; it looks like name@example.org")
    return address


def check_password(password: str, *, email: str) -> None:
    """Refuse a password that is too short, too long, one character repeated, or the e-mail address.

    Raises:
        InvalidInputError: With what to do.
    """
    if len(password) < PASSWORD_MIN_CHARS:
        raise InvalidInputError(f"the password is too short; use {PASSWORD_MIN_CHARS} characters or more")
    if len(password) > PASSWORD_MAX_CHARS:
        raise InvalidInputError(f"the password is too long; use {PASSWORD_MAX_CHARS} characters or fewer")
    if password.strip().lower() in {email, email.partition("@")[0]} or len(set(password)) == 1:
        raise InvalidInputError("the password is too easy to guess; use a sentence of your own")


def check_grant(*, actor: Role, granted: Role) -> None:
    """Refuse to give a role above one's own.

    Raises:
        PermissionDeniedError: ``granted`` is above ``actor``.
    """
    if not actor.allows(granted):
        raise PermissionDeniedError(
            f"you are {actor} and cannot give the role {granted}, which is above yours"
        )


def check_power_over(
    *, actor: Role, actor_member_id: str, target: Role, target_member_id: str, is_leaving: bool = False
) -> None:
    """Refuse to change or remove oneself, an equal or somebody above; owners may change owners.

    Args:
        actor: Role of who acts.
        actor_member_id: Who acts.
        target: Role of whom it is done to.
        target_member_id: Whom it is done to.
        is_leaving: It is a removal, which everybody may do to oneself.

    Raises:
        PermissionDeniedError: It is not allowed.
    """
    if actor_member_id == target_member_id:
        if is_leaving:
            return
        raise PermissionDeniedError("nobody changes their own role; ask another owner")
    if actor is not Role.OWNER and actor.rank <= target.rank:
        raise PermissionDeniedError(f"you are {actor} and cannot change a member who is {target}")


def retry_delay_ms(failures: int) -> int:
    """Return how long to wait after the n-th failed delivery: 30 s, doubling; 12 attempts take 17 to 22 hours."""
    return 30_000 << (failures - 1)


def sign_delivery(*, secret: str, timestamp_s: int, body: bytes) -> str:
    """Return the value of ``Goldsmith-Signature``: ``t=SECONDS,v1=HEX`` of HMAC-SHA256 over ``SECONDS.BODY``."""
    digest = hmac.new(secret.encode(), f"{timestamp_s}.".encode() + body, hashlib.sha256).hexdigest()
    return f"t={timestamp_s},v1={digest}"


def check_signature(*, secret: str, header: str, body: bytes, now_s: int) -> bool:
    """Say whether a delivery is genuine and fresh; for receivers, who also keep the ids they have seen.

    Args:
        secret: Of the subscription.
        header: Value of ``Goldsmith-Signature``.
        body: The bytes as they came.
        now_s: The receiver's time in seconds since 1970.
    """
    parts = dict(part.partition("=")[::2] for part in header.split(","))
    timestamp = parts.get("t", "")
    if (
        not (timestamp.isascii() and timestamp.isdigit())
        or abs(now_s - int(timestamp)) > SIGNATURE_TOLERANCE_S
    ):
        return False
    return hmac.compare_digest(sign_delivery(secret=secret, timestamp_s=int(timestamp), body=body), header)
