import hashlib
import random

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import ValidationError

from goldsmith.datasets.grouping import assign_splits, group_items, near_pairs
from goldsmith.datasets.types import SplitPolicy


def content(index: int) -> str:
    return hashlib.sha256(str(index).encode()).hexdigest()


@given(
    st.lists(st.integers(0, 2**64 - 1), min_size=2, max_size=40, unique=True),
    st.integers(0, 6),
    st.integers(0, 99),
)
@settings(max_examples=60)
def test_near_pairs_finds_exactly_the_close_ones(values: list[int], distance: int, seed: int) -> None:
    rng = random.Random(seed)
    near = {value ^ (1 << rng.randrange(64)) ^ (1 << rng.randrange(64)) for value in values[:5]}
    hashes = np.array(sorted(set(values) | near), dtype=np.uint64)
    brute = {
        (i, j)
        for i in range(len(hashes))
        for j in range(i + 1, len(hashes))
        if int(hashes[i] ^ hashes[j]).bit_count() <= distance
    }
    assert {(int(i), int(j)) for i, j in near_pairs(hashes, distance=distance)} == brute


def test_items_of_one_group_or_of_nearly_one_picture_stay_together() -> None:
    hashes = [0b1111, 0b1110, 2**63, None, None]
    groups = group_items(["a", "", "a", "", ""], hashes, [content(i) for i in range(5)], duplicate_distance=2)
    assert groups == [0, 0, 0, 3, 4]


def test_equal_bytes_stay_together_whatever_they_are_called() -> None:
    assert group_items(["", ""], [None, None], ["x", "x"], duplicate_distance=4) == [0, 0]


@given(st.permutations(range(30)), st.integers(0, 5))
@settings(max_examples=30)
def test_a_split_follows_from_content_alone(order: list[int], seed: int) -> None:
    policy = SplitPolicy(fractions={"train": 0.5, "validation": 0.3, "test": 0.2}, seed=seed)
    contents = [content(i) for i in range(30)]
    straight = assign_splits(list(range(30)), contents, [""] * 30, policy=policy)
    shuffled = assign_splits(list(range(30)), [contents[i] for i in order], [""] * 30, policy=policy)
    assert [straight[i] for i in order] == shuffled


def test_more_items_do_not_move_the_earlier_ones() -> None:
    policy = SplitPolicy(fractions={"train": 0.7, "validation": 0.3})
    few = assign_splits(list(range(200)), [content(i) for i in range(200)], [""] * 200, policy=policy)
    many = assign_splits(list(range(400)), [content(i) for i in range(400)], [""] * 400, policy=policy)
    assert many[:200] == few
    assert 0.6 < many.count("train") / 400 < 0.8


def test_no_wanted_split_stays_empty_when_there_are_groups_to_spare() -> None:
    policy = SplitPolicy(fractions={"train": 0.98, "validation": 0.02})
    splits = assign_splits([0, 1, 2], [content(i) for i in range(3)], [""] * 3, policy=policy)
    assert sorted(splits) == ["train", "train", "validation"]


def test_other_modes() -> None:
    contents = [content(i) for i in range(3)]
    fixed = SplitPolicy(mode="fixed", fixed_split="test")
    assert assign_splits([0, 1, 2], contents, [""] * 3, policy=fixed) == ["test"] * 3
    stated = SplitPolicy(mode="metadata", fixed_split="rest")
    assert assign_splits([0, 1, 1], contents, ["", "train", "train"], policy=stated) == [
        "rest",
        "train",
        "train",
    ]


def test_fractions_must_be_whole() -> None:
    with pytest.raises(ValidationError, match="add up to 1"):
        SplitPolicy(fractions={"train": 0.5})
