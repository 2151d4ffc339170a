"""How good people are, from what they said beside one another."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from goldsmith.science.stopping import KnownSkill, known_skill
from goldsmith.science.votes import Votes
from tests.unit.science.stopping.test_rules import no_votes, some_votes


def mixed_crowd(
    seed: int, *, right: list[float], tasks: int = 200, labels: int = 3
) -> tuple[Votes, np.ndarray]:
    """Everybody judges everything; ``right`` is how often each knows, guessing else. Also the truth."""
    rng = np.random.default_rng(seed)
    truth = rng.integers(0, labels, tasks)
    knows = rng.random((tasks, len(right))) < np.array(right)
    said = np.where(knows, truth[:, None], rng.integers(0, labels, knows.shape))
    votes = Votes.of(
        np.repeat(np.arange(tasks), len(right)),
        np.tile(np.arange(len(right)), tasks),
        said.ravel(),
        task_count=tasks,
        annotator_count=len(right),
        label_count=labels,
    )
    return votes, truth


def test_of_nobody_nothing_is_known_but_what_is_usual() -> None:
    nobody = Votes.of([], [], [], task_count=2, annotator_count=3, label_count=2)
    assert known_skill(nobody).mean.tolist() == pytest.approx([0.8] * 3)
    assert known_skill(no_votes()).mean.tolist() == []


def test_a_vote_alone_on_its_task_tells_nothing() -> None:
    alone = Votes.of([0, 1], [0, 1], [0, 1], task_count=2, annotator_count=3, label_count=2)
    assert known_skill(alone).mean.tolist() == pytest.approx([0.8] * 3)


@settings(max_examples=10, deadline=None)
@given(st.integers(0, 50))
def test_skill_is_a_probability_and_draws_are_too(seed: int) -> None:
    skill = known_skill(some_votes(seed))
    assert (skill.right > 0.0).all() and (skill.wrong > 0.0).all()
    drawn = skill.drawn(np.array([0, 5, 5, 0]), np.random.default_rng(seed))
    assert drawn.shape == (4,) and ((drawn >= 0.0) & (drawn <= 1.0)).all()


@settings(max_examples=6, deadline=None)
@given(st.integers(0, 50))
def test_good_people_and_spammers_are_told_apart_near_what_they_are(seed: int) -> None:
    votes, truth = mixed_crowd(seed, right=[0.9, 0.8, 0.8, 0.7, 0.0])
    mean = known_skill(votes).mean
    known = [(votes.label[votes.annotator == who] == truth).mean() for who in range(5)]
    assert mean.argmin() == 4
    assert mean == pytest.approx(known, abs=0.12)


def test_names_of_people_do_not_matter() -> None:
    votes, _ = mixed_crowd(1, right=[0.9, 0.7, 0.5], tasks=40)
    turned = Votes.of(
        votes.task, 2 - votes.annotator, votes.label, task_count=40, annotator_count=3, label_count=3
    )
    assert known_skill(turned).mean[::-1] == pytest.approx(known_skill(votes).mean, abs=1e-8)


def test_who_guesses_or_is_worse_tells_nothing_and_who_knows_tells_nearly_all() -> None:
    skill = KnownSkill(np.array([1.0, 1.0, 3.0, 1e9]), np.array([3.0, 2.0, 1.0, 1.0]))
    told = skill.information(3)
    assert told[:2].tolist() == pytest.approx([0.0, 0.0], abs=1e-12)
    assert 0.0 < told[2] < told[3] < np.log(3)
    assert skill.information(1).tolist() == [0.0] * 4
