from __future__ import annotations

import numpy as np
import pytest

from goldsmith.core.annotations import Labelling
from goldsmith.demo.crowd import HABITS, Habit, answer
from goldsmith.demo.truth import score_labels
from goldsmith.demo.world import street_ontology
from tests.unit.quality.samples import mark

ONTOLOGY = street_ontology()
CLASS_IDS = [entry.class_id for entry in ONTOLOGY.classes]
PERFECT = Habit("P", miss=0, confuse=0, jitter=0, lean=0, invent=0, slack=0)


def gold(number: int) -> Labelling:
    rng = np.random.default_rng(number)
    return Labelling(
        annotations=[
            mark(f"g{k}", CLASS_IDS[int(rng.integers(len(CLASS_IDS)))], 70.0 * k, 40, 70.0 * k + 50, 110)
            for k in range(6)
        ]
    )


def given(habit: Habit, number: int, *, seed: int = 1) -> Labelling:
    return answer(
        gold(number), habit=habit, ontology=ONTOLOGY, name=f"{number}.jpg", width=640, height=384, seed=seed
    )


def f1(habit: Habit) -> float:
    truth = {str(n): gold(n) for n in range(60)}
    return score_labels({str(n): given(habit, n) for n in range(60)}, truth, least=0.0).f1


def test_an_answer_follows_from_seed_person_and_picture_alone() -> None:
    assert given(HABITS[0], 3) == given(HABITS[0], 3)
    assert given(HABITS[0], 3) != given(HABITS[1], 3)
    assert given(HABITS[0], 3) != given(HABITS[0], 3, seed=2)


def test_people_are_as_good_as_their_habits_say() -> None:
    scores = [f1(habit) for habit in HABITS]
    assert scores == sorted(scores, reverse=True)
    assert f1(PERFECT) == pytest.approx(1.0)
    assert scores[-1] < 0.8


def test_what_people_say_is_inside_the_picture_and_marked_as_simulated() -> None:
    for habit in HABITS:
        assert habit.name.endswith("(simulated)")
        for number in range(20):
            said = given(habit, number)
            ids = [annotation.annotation_id for annotation in said.annotations]
            assert len(set(ids)) == len(ids)
            for annotation in said.annotations:
                left, top, right, bottom = annotation.geometry.bounds_xyxy()
                assert 0 <= left < right <= 640
                assert 0 <= top < bottom <= 384


def test_scores_below_the_least_do_not_count() -> None:
    car = mark("a", CLASS_IDS[0], 0, 0, 50, 50)
    unsure = car.model_copy(update={"score": 0.3})
    truth = {"p": Labelling(annotations=[car])}
    assert score_labels({"p": Labelling(annotations=[unsure])}, truth, least=0.5).recall == 0.0
    assert score_labels({"p": Labelling(annotations=[unsure])}, truth, least=0.2).f1 == 1.0
