import random

import pytest

from goldsmith.core.ids import Ids, ManualClock, is_id, lowest_id


def test_an_id_names_its_kind_and_sorts_by_time() -> None:
    clock = ManualClock()
    ids = Ids(clock, random.Random(1))
    earlier = ids.new("tsk")
    clock.advance(1)
    later = ids.new("tsk")
    assert is_id(earlier, prefix="tsk")
    assert not is_id(earlier, prefix="itm")
    assert earlier < later


def test_ids_of_one_millisecond_still_increase() -> None:
    ids = Ids(ManualClock(), random.Random(2))
    made = [ids.new("evt") for _ in range(2000)]
    assert made == sorted(set(made))


def test_many_ids_follow_each_other_and_those_before() -> None:
    ids = Ids(ManualClock(), random.Random(2))
    made = [ids.new("itm"), *ids.new_many("itm", 3), *ids.new_many("itm", 0), ids.new("itm")]
    assert all(is_id(text, prefix="itm") for text in made)
    assert made == sorted(set(made))
    assert len(made) == 5


@pytest.mark.parametrize(
    "text", ["", "tsk_", "TSK_000000000000000000000000", "tsk_00000000000000000000000z", "x"]
)
def test_what_is_no_id(text: str) -> None:
    assert not is_id(text)


def test_ids_of_a_moment_lie_between_its_lowest_and_that_of_the_next() -> None:
    clock = ManualClock()
    ids = Ids(clock, random.Random(1)).new_many("sub", 50)
    now_ms = clock.now_ms()
    assert all(lowest_id("sub", at_ms=now_ms) <= one < lowest_id("sub", at_ms=now_ms + 1) for one in ids)
