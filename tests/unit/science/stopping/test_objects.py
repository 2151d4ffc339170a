"""When a task with many objects has been looked at often enough."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from goldsmith.core.errors import InvalidInputError
from goldsmith.science.stopping.objects import gain_of_looks, is_doubtful, task_risk, worth_asking

PROBABILITIES = st.lists(st.floats(0.0, 1.0), max_size=12)


def test_a_task_without_anything_is_as_doubtful_as_what_may_have_been_missed() -> None:
    risk = task_risk([], [], task_count=2, missed=[0.02, 0.3])
    assert is_doubtful(risk, target=0.95).tolist() == [False, True]


def test_an_answer_counts_as_one_object() -> None:
    risk = task_risk([], [], task_count=1, answers=[0.8], answer_task=[0])
    assert (risk.objects.tolist(), risk.wrong.round(9).tolist()) == ([1.0], [0.2])


@given(PROBABILITIES, st.floats(0.0, 3.0))
def test_never_more_is_wrong_than_there_is(posterior: list[float], missed: float) -> None:
    risk = task_risk(posterior, [0] * len(posterior), task_count=1, missed=[missed])
    assert 0.0 <= risk.wrong[0] <= risk.objects[0] + 1e-9
    assert 0.0 <= risk.share[0] <= 1.0


@given(PROBABILITIES, st.floats(0.51, 0.99), st.integers(1, 5))
def test_looking_never_does_harm_and_never_mends_more_than_is_wrong(
    posterior: list[float], skill: float, looks: int
) -> None:
    tasks = [0] * len(posterior)
    gain = gain_of_looks(posterior, tasks, task_count=1, skill=skill, looks=[looks])[0]
    assert -1e-9 <= gain <= task_risk(posterior, tasks, task_count=1).wrong[0] + 1e-9


def test_a_look_that_cannot_overturn_alone_counts_for_its_part_of_those_that_can() -> None:
    alone = gain_of_looks([0.95], [0], task_count=1, skill=0.85, looks=[1])[0]
    several = gain_of_looks([0.95], [0], task_count=1, skill=0.85, looks=[4])[0]
    assert alone == pytest.approx(0.0, abs=1e-12) and several > 0.005


def test_it_is_not_worth_asking_people_who_guess() -> None:
    risk = task_risk([0.6], [0], task_count=1)
    for skill, is_worth in ((0.5, False), (0.9, True)):
        gain = gain_of_looks([0.6], [0], task_count=1, skill=skill, looks=[3])
        assert bool(worth_asking(risk, gain, target=0.95)[0]) is is_worth


def test_nothing_is_asked_where_no_looks_are_left() -> None:
    gain = gain_of_looks([0.6, 0.6], [0, 1], task_count=2, skill=0.9, looks=[0, 1])
    assert gain[0] == 0.0 < gain[1]


def test_faulty_input_is_named() -> None:
    with pytest.raises(InvalidInputError, match="skill"):
        gain_of_looks([0.5], [0], task_count=1, skill=1.0, looks=[1])
    with pytest.raises(InvalidInputError, match="missed"):
        task_risk([], [], task_count=2, missed=np.zeros(1))
    with pytest.raises(InvalidInputError, match="target"):
        is_doubtful(task_risk([], [], task_count=1), target=1.0)
