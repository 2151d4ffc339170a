"""Answers of several people made one, kind by kind."""

from __future__ import annotations

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from goldsmith.core.annotations import AttributeValue
from goldsmith.core.ontology import AllOf, Attribute, AttributeKind, Condition, Option
from goldsmith.quality.values import agree, asked_only, exact_shares, values_together

OPTIONS = ("a", "b", "c", "d")


def asked(kind: str, attribute_id: str = "x") -> Attribute:
    has_options = kind in ("choice", "multi_choice", "ranking")
    options = [Option(option_id=name, name=name) for name in OPTIONS] if has_options else []
    return Attribute(attribute_id=attribute_id, name="X", kind=AttributeKind(kind), options=options)


def value_of(kind: str, *values: AttributeValue) -> AttributeValue:
    return agree(asked(kind), [(value, 0.8) for value in values]).value


def test_dates_and_numbers_that_several_gave_win_over_what_lies_between() -> None:
    assert value_of("date", "2024-01-02", "2024-03-01", "2024-01-02") == "2024-01-02"
    assert value_of("date", "2024-01-02", "2024-03-01", "2024-02-01") == "2024-02-01"
    assert value_of("number", 5.0, 90.0, 5) == 5
    assert value_of("number", 5.1, 90.0, 5.2) == 5.2


def test_who_is_trusted_decides_between_two() -> None:
    for kind, one, other in (
        ("date", "2024-01-02", "2024-01-03"),
        ("text", "Smith", "Smyth"),
        ("ranking", ["a", "b", "c", "d"], ["d", "c", "b", "a"]),
    ):
        assert agree(asked(kind), [(one, 0.9), (other, 0.7)]).value == one
        assert agree(asked(kind), [(one, 0.7), (other, 0.9)]).value == other


def test_texts_are_one_but_for_spelling_or_merged_word_by_word() -> None:
    assert value_of("text", "The cat sat.", "the cat  sat", "A dog") in ("The cat sat.", "the cat  sat")
    merged = agree(asked("text"), [(text, 0.8) for text in ("the cat sad", "the cat sat", "a cat sat")])
    assert merged.value == "the cat sat"
    assert merged.share is not None
    assert 0.5 < merged.share < 1.0


def test_options_are_chosen_one_by_one() -> None:
    assert value_of("multi_choice", ["b", "a"], ["a", "c"], ["a", "b"]) == ["a", "b"]
    assert value_of("multi_choice", ["b"], ["a"]) in (["a"], ["b"])


def test_a_ranking_follows_most_people_in_every_pair() -> None:
    agreed = agree(
        asked("ranking"), [(order, 0.8) for order in (["a", "b", "c"], ["b", "a", "c"], ["a", "c", "b"])]
    )
    assert agreed.value == ["a", "b", "c"]
    alike = agree(asked("ranking"), [(["a", "b", "c"], 0.8)] * 3)
    assert alike.share is not None
    assert agreed.share is not None
    assert alike.share > agreed.share


@given(
    st.lists(
        st.tuples(st.permutations(OPTIONS).map(list), st.floats(0.3, 1.0)),
        min_size=1,
        max_size=5,
    )
)
def test_a_ranking_holds_every_option_once_and_does_not_depend_on_who_comes_first(
    said: list[tuple[list[str], float]],
) -> None:
    agreed, other = agree(asked("ranking"), said), agree(asked("ranking"), said[::-1])
    assert isinstance(agreed.value, list)
    assert sorted(agreed.value) == list(OPTIONS)
    assert other.value == agreed.value
    assert other.share == pytest.approx(agreed.share)


@given(st.lists(st.tuples(st.sampled_from("abcd"), st.floats(0.0, 2.0)), min_size=1, max_size=6))
def test_shares_are_chances_and_rise_with_whoever_agrees(said: list[tuple[str, float]]) -> None:
    shares = exact_shares(said)
    assert set(shares) == {answer for answer, _ in said}
    assert all(0.0 < share < 1.0 for share in shares.values())
    assert sum(shares.values()) < 1.0
    answer = said[0][0]
    assert exact_shares([*said, (answer, 0.8)])[answer] >= shares[answer]


@given(
    st.sampled_from(["date", "number", "text", "choice", "multi_choice", "boolean"]),
    st.data(),
)
def test_unanimity_stands_and_order_does_not_matter(kind: str, data: st.DataObject) -> None:
    values: dict[str, st.SearchStrategy[AttributeValue]] = {
        "date": st.dates().map(str),
        "number": st.floats(-1e6, 1e6),
        "text": st.text(max_size=12),
        "choice": st.sampled_from(OPTIONS),
        "multi_choice": st.lists(st.sampled_from(OPTIONS), unique=True, min_size=1),
        "boolean": st.booleans(),
    }
    one = data.draw(values[kind])
    agreed = agree(asked(kind), [(one, 0.8)] * 3).value
    assert (
        sorted(agreed) == sorted(one) if isinstance(one, list) and isinstance(agreed, list) else agreed == one
    )
    said = [(value, 0.8) for value in data.draw(st.lists(values[kind], min_size=1, max_size=4))]
    if kind == "text":
        said = said[:2]
    agreed_on = agree(asked(kind), said)
    for order in itertools.permutations(said):
        other = agree(asked(kind), list(order))
        assert other.value == agreed_on.value
        assert other.share == pytest.approx(agreed_on.share)


def test_values_of_unknown_keys_go_by_votes_and_shares_are_told_in_short() -> None:
    votes: list[tuple[dict[str, AttributeValue], float]] = [
        ({"x": "2024-01-02", "old": "yes"}, 0.8),
        ({"x": "2024-01-02", "old": "no"}, 0.9),
        ({"old": "yes"}, 0.8),
    ]
    made = values_together(votes, [asked("date")])
    assert made.values == {"x": "2024-01-02", "old": "yes"}
    assert list(made.shares) == ["x"]
    assert made.shares["x"]["2024-01-02"] > 0.95


def test_what_is_not_asked_any_more_is_left_out_with_what_hangs_on_it() -> None:
    inner = asked("text", "inner").model_copy(
        update={"condition": AllOf(all=[Condition(attribute_id="outer", equals=["yes"])])}
    )
    outer = asked("text", "outer").model_copy(
        update={"condition": Condition(attribute_id="root", equals=["on"])}
    )
    attributes = [asked("text", "root"), outer, inner]
    everything: dict[str, AttributeValue] = {"root": "on", "outer": "yes", "inner": "x"}
    assert asked_only(everything, attributes) == everything
    assert asked_only({**everything, "root": "off"}, attributes) == {"root": "off"}
