from __future__ import annotations

import pytest

from goldsmith.platform.fetcher import is_neighbour, is_public


@pytest.mark.parametrize(
    "address",
    [
        "127.0.0.1", "127.8.8.8", "0.0.0.0", "10.1.2.3", "172.16.0.1", "192.168.1.1", "169.254.169.254", "100.64.0.1",
        "192.0.0.8", "192.0.2.1", "192.88.99.1", "198.18.0.1", "224.0.0.1", "240.0.0.1", "255.255.255.255",
        "::", "::1", "::7f00:1", "::ffff:127.0.0.1", "::ffff:169.254.169.254", "::ffff:0:127.0.0.1", "64:ff9b::7f00:1",
        "64:ff9b:1::1", "2001::1", "2001:db8::1", "2002:7f00:1::", "3fff::1", "5f00::1", "fc00::1", "fd00:ec2::254",
        "fe80::1", "fec0::1", "ff02::1",
    ],
)  # fmt: skip
def test_what_is_inside_is_not_public(address: str) -> None:
    assert not is_public(address)


@pytest.mark.parametrize(
    "address", ["8.8.8.8", "93.184.216.34", "2606:4700::1111", "::ffff:8.8.8.8", "64:ff9b::808:808"]
)
def test_what_is_outside_is_public(address: str) -> None:
    assert is_public(address)


@pytest.mark.parametrize(
    ("address", "is_one"),
    [
        ("127.0.0.1", True), ("10.1.2.3", True), ("192.168.1.1", True), ("::1", True), ("fd12::1", True),
        ("::ffff:10.0.0.1", True), ("169.254.169.254", False), ("::ffff:169.254.169.254", False), ("0.0.0.0", False),
        ("fd00:ec2::254", False), ("192.0.0.192", False), ("fe80::1", False), ("224.0.0.1", False), ("8.8.8.8", False),
    ],
)  # fmt: skip
def test_neighbours_are_no_places_of_credentials(address: str, is_one: bool) -> None:
    assert is_neighbour(address) is is_one
