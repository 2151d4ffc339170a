"""Pure decisions of callbacks: which addresses may be told, and when a try is repeated."""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Sequence
from typing import Final

from goldsmith.compat.scale_v1.task_types.types import NotEnabledFault
from goldsmith.core.errors import FieldFault, InvalidInputError
from goldsmith.platform.mailer import NO_MAIL, is_address

ATTEMPTS: Final = 20
WINDOW_MS: Final = 24 * 3_600_000
ANSWER_WITHIN_S: Final = 10.0
"""A receiver that takes longer has not answered."""
REST_MS: Final = 300_000
"""At most so long the others of an address wait after one try at it got no answer."""
KEPT_BODY_CHARS: Final = 256 * 1024
KEPT_ANSWER_BYTES: Final = 2048
KEPT_TRIES: Final = 2 * ATTEMPTS
_FIRST_WAIT_MS: Final = 15_000
_LONGEST_WAIT_MS: Final = 5_400_000
_PRIVATE_HOSTS: Final = 50
_URL: Final = re.compile(r"https?://[^\s\x00-\x20\x7f]{1,2000}", re.IGNORECASE)
_MAILTO: Final = "mailto:"
_HOST: Final = re.compile(
    r"(?=.{1,253}(:|$))[a-z0-9_]([a-z0-9_.-]*[a-z0-9_])?(:[0-9]{1,5})?|\[?[0-9a-f:]{2,39}\]?"
)


def mail_address(url: str) -> str | None:
    """Return the e-mail address that a callback goes to, without ``mailto:``; None where it goes to a URL."""
    address = url[len(_MAILTO) :] if url[: len(_MAILTO)].lower() == _MAILTO else url
    return address if is_address(address) else None


def checked_callback_url(url: str | None, *, has_mail: bool) -> str:
    """Return the address of a callback without blanks around it; empty for none.

    Args:
        url: As it came: ``callback_url`` of a task, ``callback`` of a batch, the workspace's default.
        has_mail: This installation sends mail.

    Raises:
        NotEnabledFault: It is an e-mail address, and this installation sends no mail.
        InvalidInputError: It is neither an http(s) URL nor an e-mail address.
    """
    text = (url or "").strip()
    if not text or _URL.fullmatch(text):
        return text
    if mail_address(text) is None:
        raise InvalidInputError(
            "the callback must be a URL that starts with https:// or http:// and has no spaces, or an e-mail address"
        )
    if not has_mail:
        raise NotEnabledFault(f"Callbacks by e-mail are not enabled: {NO_MAIL}. Or give an http(s) URL.")
    return text


def checked_private_hosts(hosts: Sequence[str]) -> list[str]:
    """Return the list in the form it is compared in: lower case, each once, sorted.

    Raises:
        InvalidInputError: One is no host, or there are too many.
    """
    names = sorted({host.strip().lower() for host in hosts if host.strip()})
    faults = [
        FieldFault(f"private_hosts.{name}", "write a host or host:port, such as 10.0.0.5 or ci.internal:8080")
        for name in names
        if not _HOST.fullmatch(name)
    ]
    faults += [
        FieldFault(
            f"private_hosts.{name}",
            "addresses that machines give themselves (169.254..., fe80:...) are never told",
        )
        for name in names
        if _is_link_local(name)
    ]
    if len(names) > _PRIVATE_HOSTS:
        faults.append(FieldFault("private_hosts", f"at most {_PRIVATE_HOSTS} hosts"))
    if faults:
        raise InvalidInputError("the list of private hosts does not hold", faults=faults)
    return names


def retry_delay_ms(failures: int) -> int:
    """Return the wait after the n-th failed try: 15 s, doubling up to 90 min; 20 tries take 17 to 22 hours."""
    return int(min(_FIRST_WAIT_MS * 2 ** min(failures - 1, 30), _LONGEST_WAIT_MS))


def _is_link_local(name: str) -> bool:
    try:
        return ipaddress.ip_address(
            name.strip("[]").split(":")[0] if "." in name else name.strip("[]")
        ).is_link_local
    except ValueError:
        return False
