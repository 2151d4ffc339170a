import random

import pytest

from goldsmith.core.ids import Ids, ManualClock, is_id


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


@pytest.mark.parametrize(
    "text", ["", "tsk_", "TSK_000000000000000000000000", "tsk_00000000000000000000000z", "x"]
)
def test_what_is_no_id(text: str) -> None:
    assert not is_id(text)
