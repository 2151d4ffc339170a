"""Ranges of HTTP."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from goldsmith.items.policy.ranges import ByteRange, NoSuchRange, is_fresh, parse_range


@pytest.mark.parametrize(
    ("header", "expected"),
    [
        (None, None),
        ("bytes=0-0", ByteRange(0, 1)),
        ("bytes=5-", ByteRange(5, 10)),
        ("bytes=-3", ByteRange(7, 10)),
        ("bytes=-30", ByteRange(0, 10)),
        ("bytes=0-100", ByteRange(0, 10)),
        ("bytes=-", None),
        ("bytes=4-2", None),
        ("bytes=0-1,3-4", None),
        ("lines=0-1", None),
        ("bytes=a-b", None),
    ],
)
def test_headers(header: str | None, expected: ByteRange | None) -> None:
    assert parse_range(header, size_bytes=10) == expected


@pytest.mark.parametrize("header", ["bytes=10-", "bytes=11-12", "bytes=-0"])
def test_nothing_to_send(header: str) -> None:
    with pytest.raises(NoSuchRange):
        parse_range(header, size_bytes=10)


@settings(deadline=None)
@given(st.text(alphabet="bytes=-0123456789,", max_size=20), st.integers(0, 50))
def test_any_header_gives_a_range_inside_the_file_or_none(header: str, size_bytes: int) -> None:
    try:
        found = parse_range(header, size_bytes=size_bytes)
    except NoSuchRange:
        return
    assert found is None or 0 <= found.start < found.end <= size_bytes


def test_validators() -> None:
    assert is_fresh('"a"', '"a"')
    assert is_fresh('W/"a"', '"a"')
    assert is_fresh('"b", "a"', '"a"')
    assert is_fresh("*", '"a"')
    assert not is_fresh('"b"', '"a"')
    assert not is_fresh(None, '"a"')
