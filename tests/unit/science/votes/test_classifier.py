"""Models beside people: as voters with a prior of their own, and as probabilities that are believed as they deserve."""

from __future__ import annotations

import numpy as np
import pytest

from goldsmith.core.errors import InvalidInputError
from goldsmith.science import votes as v
from goldsmith.science.calibration import reliability
from tests.unit.science.votes.crowd import Crowd, make_crowd, votes_of


def stated_by(
    rng: np.random.Generator, truth: np.ndarray, *, labels: int, knows: float, boast: float = 1.0
) -> np.ndarray:
    """A calibrated classifier, its logits then multiplied by ``boast``."""
    logit = rng.normal(0.0, knows, (truth.size, labels))
    logit[np.arange(truth.size), truth] += knows**2
    logit *= boast
    table = np.exp(logit - logit.max(axis=1, keepdims=True))
    return table / table.sum(axis=1, keepdims=True)


def thin_crowd(seed: int, *, tasks: int = 600, labels: int = 3) -> Crowd:
    """Two votes a task by five people of middling skill."""
    whole = make_crowd(
        np.random.default_rng(seed), tasks=tasks, labels=labels, accuracies=(0.8, 0.75, 0.7, 0.65, 0.6)
    )
    rng = np.random.default_rng(seed + 1)
    kept = rng.permuted(np.tile([True, True, False, False, False], (tasks, 1)), axis=1)
    return Crowd(whole.votes.only(kept[whole.votes.task, whole.votes.annotator]), whole.truth)


def fitted(crowd: Crowd, evidence: np.ndarray | None = None, **more: object) -> v.AutoConsensus:
    return v.auto(crowd.votes, np.random.default_rng(0), evidence=evidence, **more)  # type: ignore[arg-type]


def log_loss(posterior: np.ndarray, truth: np.ndarray) -> float:
    return float(-np.log(posterior[np.arange(truth.size), truth]).mean())


def test_a_classifier_that_knows_helps_and_stays_calibrated() -> None:
    crowd = thin_crowd(1)
    stated = stated_by(np.random.default_rng(2), crowd.truth, labels=3, knows=1.5)
    alone, told = fitted(crowd), fitted(crowd, stated)
    of_classifier = (stated.argmax(axis=1) == crowd.truth).mean()
    right = told.label == crowd.truth
    assert right.mean() > max((alone.label == crowd.truth).mean(), of_classifier) + 0.02
    assert log_loss(told.posterior, crowd.truth) < log_loss(alone.posterior, crowd.truth) - 0.1
    assert reliability(told.confidence, right).calibration_error < 0.1


def test_one_that_boasts_is_believed_less() -> None:
    crowd = thin_crowd(3)
    rng = np.random.default_rng(4)
    modest = stated_by(rng, crowd.truth, labels=3, knows=1.0)
    boasting = modest**4 / (modest**4).sum(axis=1, keepdims=True)
    one, other = fitted(crowd, modest), fitted(crowd, boasting)
    trust = [[m.evidence.trust for m in fit.models if m.evidence is not None] for fit in (one, other)]
    assert 0.7 < min(trust[0]) < max(trust[0]) < 1.4
    assert max(trust[1]) < 0.5
    assert (other.label == crowd.truth).mean() > (fitted(crowd).label == crowd.truth).mean()
    assert log_loss(other.posterior, crowd.truth) < log_loss(one.posterior, crowd.truth) + 0.05


def test_one_that_knows_nothing_or_the_wrong_way_round_does_little_harm() -> None:
    crowd = thin_crowd(5)
    rng = np.random.default_rng(6)
    alone = (fitted(crowd).label == crowd.truth).mean()
    noise = rng.dirichlet(np.full(3, 0.3), crowd.truth.size)
    liar = stated_by(rng, (crowd.truth + 1) % 3, labels=3, knows=2.0)
    for stated in (noise, liar):
        told = fitted(crowd, stated)
        assert (told.label == crowd.truth).mean() > alone - 0.03
        assert all(m.evidence is not None and m.evidence.trust < 0.2 for m in told.models)


def test_what_is_not_said_is_not_heard_and_tasks_without_votes_are_the_classifiers() -> None:
    crowd = thin_crowd(7, tasks=400)
    stated = stated_by(np.random.default_rng(8), crowd.truth, labels=3, knows=1.5)
    silent = np.full_like(stated, np.nan)
    assert fitted(crowd, silent).posterior == pytest.approx(fitted(crowd).posterior)
    without = crowd.votes.only(crowd.votes.task >= 100)
    told = v.auto(without, np.random.default_rng(0), evidence=stated)
    right = told.label[:100] == crowd.truth[:100]
    assert right.mean() == pytest.approx((stated.argmax(axis=1)[:100] == crowd.truth[:100]).mean(), abs=0.03)
    assert told.confidence[:100].mean() == pytest.approx(right.mean(), abs=0.08)
    nobody = v.auto(votes_of([], [], [], 2, 0, 3), np.random.default_rng(0), evidence=stated[:2])
    assert nobody.posterior == pytest.approx(stated[:2], abs=0.01)


def test_predictions_among_the_votes_do_not_teach_what_people_are_like() -> None:
    """Ten poor models that vote on everything, beside people of whom some have said little."""
    rng = np.random.default_rng(9)
    truth = rng.integers(0, 3, 200)
    skill = np.r_[np.full(12, 0.9), np.full(10, 0.4)]
    task, who = np.nonzero(np.c_[rng.random((200, 12)) < 0.12, np.ones((200, 10), dtype=bool)])
    label = np.where(
        rng.random(task.size) < skill[who], truth[task], (truth[task] + rng.integers(1, 3, task.size)) % 3
    )
    label = np.r_[label, 1]
    votes = votes_of(np.r_[task, 0], np.r_[who, 22], label, 200, 23, 3)  # a person with one answer
    is_model = (np.arange(23) >= 12) & (np.arange(23) < 22)
    for fit in (v.crowd_confusion, v.one_coin):
        together, apart = fit(votes), fit(votes, is_model=is_model)
        assert apart.accuracy[22] > together.accuracy[22]
        assert apart.accuracy[:12].mean() > apart.accuracy[12:22].mean() + 0.2
        assert (apart.label == truth).mean() > (together.label == truth).mean() - 0.02
    told = v.auto(votes, np.random.default_rng(0), is_model=is_model)
    assert (told.label == truth).mean() > 0.7
    plain = v.auto(votes, np.random.default_rng(0), is_model=np.zeros(23, dtype=bool))
    assert plain.posterior == pytest.approx(v.auto(votes, np.random.default_rng(0)).posterior)


def test_one_by_one_with_models_and_a_classifier() -> None:
    crowd = thin_crowd(10, tasks=200)
    stated = stated_by(np.random.default_rng(11), crowd.truth, labels=3, knows=1.5)
    begin = crowd.votes.only(crowd.votes.task < 150)
    fit = v.auto(begin, np.random.default_rng(0), evidence=stated)
    live = v.LiveVotes.of(begin, fit, evidence=stated)
    found = np.array([live.answer(task).posterior for task in range(200)])
    assert found == pytest.approx(fit.posterior, abs=1e-9)
    assert live.certainty == pytest.approx(fit.confidence, abs=1e-9)
    later = crowd.votes.only(crowd.votes.task >= 150)
    for task, who, label in zip(
        later.task.tolist(), later.annotator.tolist(), later.label.tolist(), strict=True
    ):
        live.add(task, who, label)
    task = live.add_task(evidence=[0.05, 0.9, 0.05])
    assert live.answer(task).label == 1
    assert live.answer(live.add_task()).posterior == pytest.approx([1 / 3] * 3, abs=0.1)
    model = live.add_annotator(is_model=True)
    live.add(task, model, 1)
    assert live.is_model().tolist() == [False] * 5 + [True]
    assert np.nanmax(np.abs(live.evidence()[:200] - stated)) < 0.01
    full = v.auto(live.votes(), np.random.default_rng(0), is_model=live.is_model(), evidence=live.evidence())
    near = np.array([live.answer(number).posterior for number in range(202)])
    assert np.abs(near - full.posterior).mean() < 0.02
    live.adopt(full)
    again = np.array([live.answer(number).posterior for number in range(202)])
    assert again == pytest.approx(full.posterior, abs=1e-9)
    live.add_label()
    assert live.answer(task).label == 1


@pytest.mark.parametrize(
    "wrong", [[[0.5, 0.5]], [[0.5, 0.1, 0.1]] * 2, [[-0.5, 1.0, 0.5]] * 2, [[np.nan, 0.5, 0.5]] * 2]
)
def test_what_is_no_probability_is_refused(wrong: list[list[float]]) -> None:
    with pytest.raises(InvalidInputError, match="evidence"):
        v.auto(votes_of([0], [0], [0], 2, 1, 3), np.random.default_rng(0), evidence=wrong)
    with pytest.raises(InvalidInputError, match="is_model"):
        v.auto(votes_of([0], [0], [0], 2, 1, 3), np.random.default_rng(0), is_model=[True, False])
