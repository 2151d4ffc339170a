"""Policies tried on people who are made up."""

from __future__ import annotations

import numpy as np
import pytest

from goldsmith.projects.api import QualityPolicy, Workflow
from goldsmith.quality.answers import AnswerSkill
from goldsmith.quality.policy.simulating import (
    LabelCrowd,
    crowd_of,
    learnt,
    simulated_objects,
    simulated_votes,
    supposed,
)
from goldsmith.quality.types import CrowdGroup, SimulatedPoint

CROWD = [CrowdGroup(skill=0.9, seconds=36.0, count=5), CrowdGroup(skill=0.7, seconds=18.0, count=2)]
VOTERS = supposed(CROWD, label_count=3)
ADAPTIVE = QualityPolicy(asking="adaptive", target=0.92, rate_per_hour=20.0)


def votes(policy: QualityPolicy, crowd: LabelCrowd = VOTERS, **flow: int) -> list[SimulatedPoint]:
    return simulated_votes(policy, Workflow(**flow), crowd, tasks=200, seed=1)


def test_votes_and_objects_are_answered_alike() -> None:
    of_objects = simulated_objects(ADAPTIVE, Workflow(), CROWD, tasks=50, objects_per_task=3.0, seed=1)
    of_votes = votes(ADAPTIVE)
    for name in ("name", "is_adaptive", "threshold", "is_chosen"):
        assert [getattr(point, name) for point in of_votes] == [getattr(point, name) for point in of_objects]
    assert [point.name for point in of_votes if point.is_chosen] == ["your policy"]


def test_asking_where_it_is_worth_it_reaches_the_target_with_fewer_votes() -> None:
    points = {point.name: point for point in votes(ADAPTIVE)}
    chosen, all_five = points["your policy"], points["5 each"]
    assert chosen.threshold == 0.92 and chosen.accuracy.value >= 0.92
    assert chosen.judgements_per_task < 4.0 and all_five.judgements_per_task == 5.0
    assert chosen.cost is not None and all_five.cost is not None and chosen.cost < all_five.cost
    assert points["target 85%"].judgements_per_task <= points["target 97%"].judgements_per_task


def test_a_fixed_number_beyond_what_is_asked_at_most_is_tried_too() -> None:
    points = votes(QualityPolicy(most_judgements=3), overlap=7)
    (chosen,) = [point for point in points if point.is_chosen]
    assert (chosen.name, chosen.judgements_per_task, chosen.cost) == ("your policy", 7.0, None)
    assert max(point.judgements_per_task for point in points if point.is_adaptive) <= 3.0


def test_people_vote_as_they_were_learnt() -> None:
    confusion = np.array([[[0.9, 0.1], [0.4, 0.6]]] * 3)
    skill = AnswerSkill(['"a"', '"b"'], {"ann": 0, "ben": 1, "eve": 2}, confusion, np.array([0.8, 0.2]))
    crowd = learnt(skill, [10.0, 20.0, 30.0])
    assert [person.seconds for person in crowd.people] == [10.0, 20.0, 30.0] and crowd.prior == [0.8, 0.2]
    one, *_ = votes(QualityPolicy(), crowd)
    assert one.name == "1 each" and one.accuracy.value == pytest.approx(0.84 * 0.9 + 0.1 * 0.65, abs=0.07)


def test_two_people_are_asked_twice_at_most() -> None:
    crowd = supposed([CrowdGroup(skill=0.8, seconds=1.0, count=2)], label_count=2)
    assert max(point.judgements_per_task for point in votes(ADAPTIVE, crowd)) == 2.0


def test_people_alike_go_together() -> None:
    groups = crowd_of([(0.91, 30.0), (0.89, 50.0), (0.1, 5.0)])
    assert [(group.skill, group.seconds, group.count) for group in groups] == [(0.9, 40.0, 2), (0.3, 5.0, 1)]
