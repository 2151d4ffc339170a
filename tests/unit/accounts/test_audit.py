"""The hash chain, without a database."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from goldsmith.accounts.audit import GENESIS_HASH, check_chain, row_hash

Rows = list[dict[str, Any]]


def make_chain(length: int) -> Rows:
    rows: Rows = []
    previous = GENESIS_HASH
    for sequence in range(1, length + 1):
        row = {"workspace_id": "w", "sequence": sequence, "at_ms": sequence, "actor": "a", "action": "x.y"}
        row |= {"target": "t", "detail": "{}", "previous_hash": previous}
        row["hash"] = previous = row_hash(row, previous)
        rows.append(row)
    return rows


def test_a_chain_holds_and_tells_its_head() -> None:
    rows = make_chain(5)
    assert check_chain("w", rows) == ("w", 5, rows[-1]["hash"], None)
    assert check_chain("w", []) == ("w", 0, GENESIS_HASH, None)


@given(
    at=st.integers(0, 7),
    column=st.sampled_from(
        ["workspace_id", "at_ms", "actor", "action", "target", "detail", "hash", "previous_hash"]
    ),
)
def test_whatever_is_changed_is_named(at: int, column: str) -> None:
    rows = make_chain(8)
    rows[at][column] = "changed"
    fault = check_chain("w", rows).fault
    assert fault is not None
    assert (fault.sequence, fault.what) == (at + 1, "changed")


@given(at=st.integers(0, 6))
def test_whatever_is_removed_is_named(at: int) -> None:
    rows = make_chain(8)
    del rows[at]
    fault = check_chain("w", rows).fault
    assert fault is not None
    assert (fault.sequence, fault.what) == (at + 1, "removed")


@given(at=st.integers(1, 7))
def test_a_row_hashed_right_but_put_between_is_named(at: int) -> None:
    rows = make_chain(8)
    forged = {**rows[at], "target": "forged", "previous_hash": rows[at - 1]["previous_hash"]}
    forged["hash"] = row_hash(forged, forged["previous_hash"])
    fault = check_chain("w", [*rows[:at], forged, *rows[at + 1 :]]).fault
    assert fault is not None
    assert (fault.sequence, fault.what) == (at + 1, "inserted")


def test_a_row_before_the_first_is_named() -> None:
    rows = make_chain(3)
    fault = check_chain("w", [{**rows[0], "sequence": 0}, *rows]).fault
    assert fault is not None
    assert (fault.sequence, fault.what) == (0, "inserted")


def test_a_hash_is_of_the_texts_and_where_they_end() -> None:
    row = make_chain(1)[0]
    assert row_hash({**row, "actor": "ab", "action": "c"}, "p") != row_hash(
        {**row, "actor": "a", "action": "bc"}, "p"
    )
    assert row_hash(row, "p") != row_hash(row, "q")


@pytest.mark.parametrize("length", [1, 2, 50])
def test_the_hash_does_not_change_between_releases(length: int) -> None:
    known = {
        1: "6a1e8d013a0b19df",
        2: "d2d718eedcb5fb2d",
        50: "652055f42979d064",
    }
    assert make_chain(length)[-1]["hash"].startswith(known[length])
