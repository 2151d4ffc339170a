from __future__ import annotations

import pytest
import sqlalchemy as sa
from hypothesis import given
from hypothesis import strategies as st

from goldsmith.core.errors import InvalidInputError
from goldsmith.platform.database import Sql, prepared
from goldsmith.platform.database.pq_session import encode
from goldsmith.platform.database.statements import resolve

THINGS = sa.table("things", sa.column("thing_id", sa.Text), sa.column("size", sa.BigInteger))


def test_names_become_numbers_for_postgresql_only() -> None:
    statement = Sql("SELECT :a, x::text, '12:30', :b FROM t WHERE a = :a AND y = 'ä:b' AND n % 2 = 0")
    sqlite, _ = resolve(statement, "sqlite", {"a": 1, "b": 2})
    postgresql, values = resolve(statement, "postgresql", {"a": 1, "b": 2})
    assert sqlite.text.startswith("SELECT :a, x::text")
    assert (
        postgresql.text == "SELECT $1, x::text, '12:30', $2 FROM t WHERE a = $1 AND y = 'ä:b' AND n % 2 = 0"
    )
    assert postgresql.names == ("a", "b")
    assert values == {"a": 1, "b": 2}


def test_the_dialects_may_differ() -> None:
    statement = Sql("A :x", postgresql="B :y FOR UPDATE SKIP LOCKED")
    assert resolve(statement, "sqlite", {})[0].text == "A :x"
    assert resolve(statement, "postgresql", {})[0] == ("B $1 FOR UPDATE SKIP LOCKED", {}, ("y",))


@pytest.mark.parametrize("dialect", ["sqlite", "postgresql"])
def test_core_statements_bring_their_values(dialect: str) -> None:
    query = sa.select(THINGS.c.size).where(THINGS.c.thing_id == "x", THINGS.c.size.in_([1, 2, 3])).limit(5)
    compiled, values = resolve(query, dialect, None)
    assert {"1", "2", "3", "5", "x"} <= set(map(str, values.values()))
    assert set(compiled.names) == (set() if dialect == "sqlite" else set(values))


def test_prepared_inserts_follow_the_given_names() -> None:
    insert = prepared(THINGS.insert())
    both, _ = resolve(insert, "postgresql", {"thing_id": "a", "size": 1})
    one, values = resolve(insert, "postgresql", {"thing_id": "a"})
    assert both.names == ("thing_id", "size")
    assert one.names == ("thing_id",)
    assert values == {"thing_id": "a"}
    assert resolve(insert, "postgresql", {"thing_id": "b", "size": 1})[0] is both


@given(st.integers(-(2**63), 2**63 - 1))
def test_whole_numbers_take_the_smallest_type(value: int) -> None:
    encoded = encode(["n"], {"n": value})
    assert encoded.values == [str(value).encode()]
    limits = {21: 2**15, 23: 2**31, 20: 2**63}
    smallest = next(oid for oid, limit in limits.items() if -limit <= value < limit)
    assert encoded.types == (smallest,)


@given(st.floats(allow_nan=False))
def test_floats_keep_every_bit(value: float) -> None:
    (text,) = encode(["x"], {"x": value}).values
    assert text is not None
    assert float(text) == value


def test_what_postgresql_cannot_hold_is_refused() -> None:
    for value in ("nul\0character", object(), {"a": 1}, [1]):
        with pytest.raises(InvalidInputError):
            encode(["x"], {"x": value})
    with pytest.raises(KeyError):
        encode(["x"], {})
    assert encode(["a", "b", "c"], {"a": True, "b": b"\0", "c": None}).values == [b"1", b"\0", None]
