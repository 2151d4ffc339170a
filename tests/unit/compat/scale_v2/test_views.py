from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from goldsmith.compat.scale_v2.views import annotations_of, deep_merged

LEAVES = st.none() | st.booleans() | st.integers() | st.text(max_size=3)
OBJECTS = st.dictionaries(
    st.sampled_from("abc"),
    st.recursive(LEAVES, lambda inner: st.dictionaries(st.sampled_from("abc"), inner), max_leaves=6),
)


@pytest.mark.parametrize(
    ("value", "kind", "told"),
    [
        (True, "boolean", True),
        (3, "integer", 3),
        ("text", "text", "text"),
        ([["text"]], "text", "text"),
        (1.5, "text", "1.5"),
        (["a", "b"], "text", '["a", "b"]'),
        ({"a": 1}, "text", '{"a": 1}'),
    ],
)
def test_each_part_of_a_response_is_an_annotation(value: Any, kind: str, told: Any) -> None:
    [annotation] = annotations_of("ab12", {"key": value})
    assert annotation == {"id": "ab12.key", "key": "key", "title": "key", "type": kind, "value": told}


def test_each_answer_of_a_form_is_an_annotation() -> None:
    response = {
        "annotations": {
            "mood": {"type": "category", "field_id": "mood", "response": [["up"]]},
            "tags": {"type": "category", "field_id": "tags", "response": [["a", "b"]]},
            "name": {"type": "text", "field_id": "name", "response": [["x"]]},
        }
    }
    assert [(entry["key"], entry["type"], entry["value"]) for entry in annotations_of("ab12", response)] == [
        ("mood", "category", "up"),
        ("tags", "category_multiple", ["a", "b"]),
        ("name", "text", "x"),
    ]
    [chosen] = annotations_of("ab12", {"category": "cow"})
    assert (chosen["type"], chosen["value"]) == ("category", "cow")


@given(OBJECTS, OBJECTS)
def test_merged_metadata_says_what_was_given_and_keeps_the_rest(before: Any, given_: Any) -> None:
    merged = deep_merged(before, given_)
    assert deep_merged(merged, given_) == merged
    assert set(merged) == set(before) | set(given_)
    assert all(merged[name] == before[name] for name in set(before) - set(given_))
    assert deep_merged(before, {}) == before and deep_merged({}, given_) == given_
