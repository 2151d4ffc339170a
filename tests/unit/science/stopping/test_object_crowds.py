"""Policies tried on simulated crowds that mark objects."""

from __future__ import annotations

import numpy as np
import pytest

from goldsmith.core.errors import InvalidInputError
from goldsmith.science.stopping.object_crowds import ObjectPolicy, ObjectWorld, try_policy


def world(skill: list[float], *, tasks: int = 400, looks: int = 5) -> ObjectWorld:
    return ObjectWorld.of(
        np.random.default_rng(7),
        skill=skill,
        seconds=[30.0] * len(skill),
        tasks=tasks,
        looks=looks,
        objects_per_task=5.0,
    )


def test_more_looks_make_more_right_and_cost_more() -> None:
    made = world([0.95, 0.9, 0.85, 0.8, 0.7])
    outcomes = [try_policy(made, ObjectPolicy(number, number)) for number in (1, 2, 3, 5)]
    assert [entry.looks for entry in outcomes] == [1.0, 2.0, 3.0, 5.0]
    assert outcomes[0].value < outcomes[1].value < outcomes[3].value
    assert outcomes[0].seconds == 400 * 30.0
    assert all(entry.low <= entry.value <= entry.high for entry in outcomes)


def test_as_many_as_needed_is_cheaper_than_the_same_by_number() -> None:
    made = world([0.95, 0.93, 0.9, 0.85, 0.8, 0.6])
    as_needed = try_policy(made, ObjectPolicy(2, 5, target=0.95))
    by_number = try_policy(made, ObjectPolicy(4, 4))
    assert as_needed.looks < by_number.looks
    assert as_needed.value > by_number.value - 0.02


def test_a_higher_target_asks_for_more() -> None:
    made = world([0.9] * 6)
    looks = [try_policy(made, ObjectPolicy(1, 5, target=target)).looks for target in (0.7, 0.9, 0.99)]
    assert looks == sorted(looks) and looks[0] < looks[2]


def test_faulty_input_is_named() -> None:
    with pytest.raises(InvalidInputError, match="looks"):
        world([0.9], looks=2)
    with pytest.raises(InvalidInputError, match="policy"):
        try_policy(world([0.9] * 3, looks=2), ObjectPolicy(3, 3))
