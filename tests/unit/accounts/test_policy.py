"""The pure decisions of accounts."""

from __future__ import annotations

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from goldsmith.accounts import policy
from goldsmith.accounts.types import Role
from goldsmith.core.errors import InvalidInputError, PermissionDeniedError


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        (" Ann@Example.ORG ", "ann@example.org"),
        ("a+b@x.co.uk", "a+b@x.co.uk"),
        ("ä@ö.de", "ä@ö.de"),
        ("a@b", "a@b"),
    ],
)
def test_addresses_are_compared_in_one_form(typed: str, kept: str) -> None:
    assert policy.normal_email(typed) == kept


@pytest.mark.parametrize(
    "typed", ["", "a", "@", "a@", "@b", "a@b@c", "a b@c", "a@b,c@d", "a@b\x00", '"<x>"@y', "a\n@b"]
)
def test_what_is_no_address_is_refused(typed: str) -> None:
    with pytest.raises(InvalidInputError, match="name@example"):
        policy.normal_email(typed)


@pytest.mark.parametrize(
    "password", ["", "short", "x" * 257, "aaaaaaaa", "ann@example.org", "ANN@example.org"]
)
def test_weak_passwords_are_refused(password: str) -> None:
    with pytest.raises(InvalidInputError):
        policy.check_password(password, email="ann@example.org")


@pytest.mark.parametrize("password", ["12345678", "correct horse", "ü" * 7 + "x", "x" * 128 + "y" * 128])
def test_other_passwords_do(password: str) -> None:
    policy.check_password(password, email="ann@example.org")


@given(actor=st.sampled_from(Role), granted=st.sampled_from(Role))
def test_nobody_gives_more_than_they_have(actor: Role, granted: Role) -> None:
    if granted.rank > actor.rank:
        with pytest.raises(PermissionDeniedError):
            policy.check_grant(actor=actor, granted=granted)
    else:
        policy.check_grant(actor=actor, granted=granted)


@given(actor=st.sampled_from(Role), target=st.sampled_from(Role), is_leaving=st.booleans())
def test_power_is_over_those_below_and_of_owners_over_owners(
    actor: Role, target: Role, is_leaving: bool
) -> None:
    may = actor.rank > target.rank or actor is Role.OWNER
    words = {"actor": actor, "actor_member_id": "a", "target": target, "is_leaving": is_leaving}
    if may:
        policy.check_power_over(**words, target_member_id="b")
    else:
        with pytest.raises(PermissionDeniedError):
            policy.check_power_over(**words, target_member_id="b")


@given(role=st.sampled_from(Role))
def test_oneself_may_leave_and_nothing_else(role: Role) -> None:
    words = {"actor": role, "actor_member_id": "a", "target": role, "target_member_id": "a"}
    policy.check_power_over(**words, is_leaving=True)
    with pytest.raises(PermissionDeniedError, match="own role"):
        policy.check_power_over(**words)


def test_deliveries_are_tried_for_most_of_a_day() -> None:
    waits_ms = [policy.retry_delay_ms(failures) for failures in range(1, policy.DELIVERY_ATTEMPTS)]
    assert waits_ms[0] == 30_000
    assert all(after == 2 * before for before, after in itertools.pairwise(waits_ms))
    assert 16 * 3_600_000 < sum(waits_ms) < sum(waits_ms) * 1.25 < policy.DELIVERY_WINDOW_MS


@given(body=st.binary(max_size=60), secret=st.text(min_size=1, max_size=20), now_s=st.integers(0, 2**33))
def test_a_signature_holds_for_its_body_secret_and_time_only(body: bytes, secret: str, now_s: int) -> None:
    header = policy.sign_delivery(secret=secret, timestamp_s=now_s, body=body)
    assert policy.check_signature(secret=secret, header=header, body=body, now_s=now_s + 300)
    assert not policy.check_signature(secret=secret, header=header, body=body, now_s=now_s + 301)
    assert not policy.check_signature(secret=secret, header=header, body=body, now_s=now_s - 301)
    assert not policy.check_signature(secret=secret + "x", header=header, body=body, now_s=now_s)
    assert not policy.check_signature(secret=secret, header=header, body=body + b"x", now_s=now_s)
    moved = header.replace(f"t={now_s}", f"t={now_s + 1}")
    assert not policy.check_signature(secret=secret, header=moved, body=body, now_s=now_s)


@pytest.mark.parametrize(
    "header", ["", "t=", "v1=x", "t=1", "t=x,v1=y", "t=٣,v1=x", "t=-1,v1=x", "t=1,t=2,v1="]
)
def test_a_broken_signature_is_refused(header: str) -> None:
    assert not policy.check_signature(secret="s", header=header, body=b"", now_s=1)


def test_the_signature_is_the_one_that_is_documented() -> None:
    header = policy.sign_delivery(secret="whsec", timestamp_s=1_700_000_000, body=b'{"a":1}')
    # printf '1700000000.{"a":1}' | openssl dgst -sha256 -hmac whsec
    assert header == "t=1700000000,v1=8ad37ba156048ae0e0a5533c75cdf26fee88b07f93cb57ee4c80adb053012032"


def test_secrets_are_long_and_differ() -> None:
    made = {policy.random_secret() for _ in range(100)}
    assert len(made) == 100
    assert {len(secret) for secret in made} == {43}


def test_the_token_of_a_link_is_behind_the_hash() -> None:
    assert policy.link_url("http://x:1/", page="setup", token="T") == "http://x:1/setup#token=T"
