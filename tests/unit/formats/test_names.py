from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from goldsmith.core.errors import InvalidInputError
from goldsmith.formats.names import (
    NameAllotter,
    checked_name,
    declared_name,
    fault_of_name,
    safe_name,
    split_extension,
)


@pytest.mark.parametrize(
    "name",
    [
        "",
        "/a",
        "../a",
        "a/../b",
        "a/..",
        ".",
        "./a",
        "a//b",
        "a/",
        "C:/a",
        "c:a",
        "a\\b",
        "a\0b",
        "a\nb",
        "a" * 2000,
    ],
)
def test_names_that_lead_out_or_astray_are_refused(name: str) -> None:
    with pytest.raises(InvalidInputError):
        checked_name(name)


@pytest.mark.parametrize(
    "name", ["a", "a.png", "a/b.png", "a b/c d.jpg", "...", "a..b", "ü/ñ.png", ".hidden"]
)
def test_usual_names_pass(name: str) -> None:
    assert checked_name(name) == name


def test_declared_names_are_tidied_before_they_are_checked() -> None:
    assert declared_name(" ./train\\a.png ") == "train/a.png"
    with pytest.raises(InvalidInputError):
        declared_name("..\\..\\a.png")


@given(st.text())
@settings(deadline=None)
def test_any_text_becomes_a_name_that_may_be_used(text: str) -> None:
    name = safe_name(text)
    assert fault_of_name(name) is None
    assert safe_name(name) == name
    assert all(len(part.encode()) <= 200 for part in name.split("/"))


@given(
    st.lists(
        st.text(max_size=6) | st.sampled_from(["a.png", "A.PNG", "a.jpg", "x/a.png", "x__a.png"]), max_size=12
    ),
    st.booleans(),
)
@settings(deadline=None)
def test_allotted_names_differ_by_stem_on_case_blind_disks(wanted: list[str], is_flat: bool) -> None:
    allotter = NameAllotter(is_flat=is_flat)
    names = [allotter.allot(name) for name in wanted]
    assert len({split_extension(name)[0].casefold() for name in names}) == len(names)
    assert all(fault_of_name(name) is None for name in names)
    assert not is_flat or all("/" not in name for name in names)
    again = NameAllotter(is_flat=is_flat)
    assert [again.allot(name) for name in wanted] == names
