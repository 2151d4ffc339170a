from __future__ import annotations

import pytest

from goldsmith.compat.scale_v1.callbacks.policy import (
    ATTEMPTS,
    WINDOW_MS,
    checked_callback_url,
    checked_private_hosts,
    mail_address,
    retry_delay_ms,
)
from goldsmith.compat.scale_v1.task_types.types import NotEnabledFault
from goldsmith.core.errors import InvalidInputError
from goldsmith.platform.jobs.policy import spread


def test_all_tries_fit_into_a_day_however_they_are_spread() -> None:
    waits = [retry_delay_ms(failures) for failures in range(1, ATTEMPTS)]
    assert waits == sorted(waits)
    assert waits[0] == 15_000
    assert sum(waits) > 16 * 3_600_000
    assert sum(max(spread(wait, job_id=f"job_{n}") for n in range(2000)) for wait in waits) < WINDOW_MS


@pytest.mark.parametrize("url", ["https://a.example/cb?x=1", "HTTP://10.0.0.1:9", " http://a "])
def test_addresses_of_callbacks(url: str) -> None:
    assert checked_callback_url(url, has_mail=False) == url.strip()


def test_no_address_is_none() -> None:
    assert checked_callback_url(None, has_mail=True) == checked_callback_url("  ", has_mail=False) == ""


@pytest.mark.parametrize("mail", ["me@example.org", "mailto:me@example.org"])
def test_mail_is_said_not_to_be_enabled(mail: str) -> None:
    with pytest.raises(NotEnabledFault, match=r"not enabled.*smtp_host"):
        checked_callback_url(mail, has_mail=False)


@pytest.mark.parametrize("mail", ["me@example.org", "MAILTO:me@example.org", " a.b+c@mail.example "])
def test_mail_is_an_address_where_it_is_sent(mail: str) -> None:
    kept = checked_callback_url(mail, has_mail=True)
    assert kept == mail.strip()
    assert (mail_address(kept) or "").partition("@")[0] in ("me", "a.b+c")
    assert mail_address("https://me@example.org/x") is None


@pytest.mark.parametrize(
    "url",
    [
        "ftp://a.example",
        "a.example/cb",
        "http://a b",
        "http://a\nb",
        "javascript:x",
        "a@b,c@d",
        "A <a@b>",
        "a@b\r\nBcc: c@d",
    ],
)
def test_what_is_no_address_is_refused(url: str) -> None:
    with pytest.raises(InvalidInputError):
        checked_callback_url(url, has_mail=False)


def test_private_hosts_are_made_comparable() -> None:
    given = ["CI.internal:8080", " 10.0.0.5 ", "10.0.0.5", "", "localhost", "::1", "fd12::1"]
    assert checked_private_hosts(given) == ["10.0.0.5", "::1", "ci.internal:8080", "fd12::1", "localhost"]


@pytest.mark.parametrize(
    "host",
    ["http://a.example", "a.example/x", "a b", "*", "169.254.169.254", "169.254.169.254:80", "fe80::1"],
)
def test_what_is_no_host_or_never_told_is_refused(host: str) -> None:
    with pytest.raises(InvalidInputError):
        checked_private_hosts([host])


def test_there_are_not_too_many_hosts() -> None:
    with pytest.raises(InvalidInputError):
        checked_private_hosts([f"h{number}" for number in range(51)])
