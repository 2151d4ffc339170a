from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from goldsmith.compat.scale_v1.task_types.types import ParameterFault
from goldsmith.compat.scale_v1.words import (
    iso,
    read_boolean,
    read_flag,
    read_name,
    read_names,
    read_number,
    read_object,
    read_time,
    scale_id,
)


@given(st.integers(0, (2**32 - 1) * 1000), st.integers(0, 2**72))
def test_an_id_has_24_digits_and_sorts_by_time(at_ms: int, random_bits: int) -> None:
    made = scale_id(at_ms, random_bits)
    assert len(made) == 24 and int(made, 16) >= 0
    assert made < scale_id(at_ms + 1, 0)


@given(st.integers(0, 4_000_000_000_000))
def test_times_read_back(at_ms: int) -> None:
    assert read_time(iso(at_ms), where="x") == at_ms


@pytest.mark.parametrize(
    ("text", "at_ms"),
    [
        ("2020-09-08", 1599523200000),
        ("2020-09-08 01:02:03.456789", 1599526923457),
        ("2020-09-08T01:02:03Z", 1599526923000),
        ("2020-09-08T01:02:03+01:00", 1599523323000),
    ],
)
def test_times_as_clients_write_them(text: str, at_ms: int) -> None:
    assert read_time(text, where="start_time") == at_ms


def test_times_are_written_with_milliseconds() -> None:
    assert iso(1623966396359) == "2021-06-17T21:46:36.359Z"
    assert iso(0) == "1970-01-01T00:00:00.000Z"


@pytest.mark.parametrize(("text", "is_so"), [("True", True), ("true", True), ("False", False), (None, False)])
def test_flags_come_as_python_writes_them(text: str | None, is_so: bool) -> None:
    assert read_flag(text, where="x") is is_so


@pytest.mark.parametrize(
    ("read", "words"),
    [
        (lambda: read_flag("maybe", where="x"), '"x" must be a boolean'),
        (lambda: read_time("soon", where="x"), '"x" must be in ISO 8601 date format'),
        (lambda: read_number("a", where="x", least=1, most=2, fallback=1), '"x" must be an integer'),
        (lambda: read_number("3", where="x", least=1, most=2, fallback=1), '"x" must be between 1 and 2'),
        (lambda: read_name({}, "x"), '"x" is required'),
        (lambda: read_name({"x": 1}, "x"), '"x" must be a string'),
        (lambda: read_name({"x": " "}, "x"), '"x" is not allowed to be empty'),
        (lambda: read_name({"x": "a" * 201}, "x"), '"x" length must be'),
        (lambda: read_names({}, "x"), '"x" is required'),
        (lambda: read_names({"x": "a"}, "x"), '"x" must be an array'),
        (lambda: read_names({"x": [1]}, "x"), '"x[0]" must be a string'),
        (lambda: read_object({"x": []}, "x"), '"x" must be an object'),
        (lambda: read_boolean({"x": 1}, "x"), '"x" must be a boolean'),
    ],
)
def test_what_does_not_hold_is_named(read: Any, words: str) -> None:
    with pytest.raises(ParameterFault) as raised:
        read()
    assert words in raised.value.detail


def test_what_holds() -> None:
    assert read_number(None, where="x", least=1, most=2, fallback=7) == 7
    assert read_names({"x": ["b", "a", "b"]}, "x") == ["b", "a"]
    assert read_object({}, "x") == {} and read_object({"x": {"a": 1}}, "x") == {"a": 1}
    assert read_boolean({"x": "True"}, "x") and not read_boolean({}, "x")
