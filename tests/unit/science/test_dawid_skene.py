"""Truth and skill from answers: right, permutation-proof, finite at the edges."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from goldsmith.core.errors import InvalidInputError
from goldsmith.science.calibration import reliability
from goldsmith.science.consensus import (
    MOST_CERTAIN,
    LabelConsensus,
    blended_confidence,
    dawid_skene,
    majority_vote,
    resolve_labels,
)


def crowd(
    seed: int, accuracies: list[float], *, tasks: int = 300, labels: int = 3, votes: int = 4
) -> tuple[np.ndarray, ...]:
    rng = np.random.default_rng(seed)
    truth = rng.integers(0, labels, tasks)
    task = np.repeat(np.arange(tasks), votes)
    who = np.concatenate([rng.permutation(len(accuracies))[:votes] for _ in range(tasks)])
    right = rng.random(task.size) < np.array(accuracies)[who]
    wrong = (truth[task] + rng.integers(1, max(labels, 2), task.size)) % labels
    return truth, task, who, np.where(right, truth[task], wrong)


def fit(task: np.ndarray, who: np.ndarray, label: np.ndarray, **options: object) -> LabelConsensus:
    shape = {"task_count": 300, "annotator_count": 8, "label_count": 3, **options}
    return dawid_skene(task, who, label, **shape)


MIXED = [0.95, 0.9, 0.85, 0.7, 0.6, 0.55, 0.5, 0.4]


def test_better_than_majority_with_a_mixed_crowd_and_skill_is_ranked() -> None:
    gains = []
    for seed in range(4):
        truth, task, who, label = crowd(seed, MIXED)
        result = fit(task, who, label)
        plain = majority_vote(task, label, task_count=300, label_count=3).argmax(axis=1)
        gains.append((result.label == truth).mean() - (plain == truth).mean())
        assert np.corrcoef(result.accuracy, MIXED)[0, 1] > 0.9
    assert np.mean(gains) > 0.03


def test_where_people_err_together_the_blend_is_nearer_to_the_truth_than_the_bare_posterior() -> None:
    truth, task, who, label = crowd(3, [0.85] * 8, votes=6)
    rng = np.random.default_rng(0)
    trap = rng.random(300) < 0.25  # on hard tasks most fall for the same wrong answer
    label = np.where(trap[task] & (rng.random(task.size) < 0.65), (truth[task] + 1) % 3, label)
    result = fit(task, who, label)
    right = result.label == truth
    blended, bare = (reliability(p, right) for p in (result.confidence, result.posterior.max(axis=1)))
    assert blended.log_loss < bare.log_loss - 0.1
    assert blended.calibration_error < bare.calibration_error
    assert blended_confidence(result.posterior, result.votes) == pytest.approx(result.confidence)


def test_names_of_annotators_and_order_of_votes_do_not_matter() -> None:
    _, task, who, label = crowd(1, MIXED)
    rng = np.random.default_rng(0)
    order, names = rng.permutation(task.size), rng.permutation(8)
    one, two = fit(task, who, label), fit(task[order], names[who[order]], label[order])
    np.testing.assert_allclose(one.posterior, two.posterior, atol=1e-9)
    np.testing.assert_allclose(one.confusion, two.confusion[names], atol=1e-9)


def test_names_of_labels_do_not_matter() -> None:
    _, task, who, label = crowd(2, MIXED)
    names = np.array([2, 0, 1])
    one, two = fit(task, who, label), fit(task, who, names[label])
    np.testing.assert_allclose(one.posterior, two.posterior[:, names], atol=1e-9)


@given(seed=st.integers(0, 10_000), labels=st.integers(1, 4))
@settings(max_examples=40, deadline=None)
def test_always_finite_normalised_and_never_certain(seed: int, labels: int) -> None:
    rng = np.random.default_rng(seed)
    votes = int(rng.integers(0, 30))
    result = dawid_skene(
        rng.integers(0, 6, votes),
        rng.integers(0, 4, votes),
        rng.integers(0, labels, votes),
        task_count=6,
        annotator_count=4,
        label_count=labels,
        gold=rng.integers(-1, labels, 6),
    )
    assert np.isfinite(result.posterior).all()
    np.testing.assert_allclose(result.posterior.sum(axis=1), 1.0)
    np.testing.assert_allclose(result.confusion.sum(axis=2), 1.0)
    assert labels == 1 or result.posterior.max() <= MOST_CERTAIN + 1e-12
    assert labels == 1 or result.posterior.min() > 0.0


def test_one_annotator_is_believed_within_reason() -> None:
    result = dawid_skene(
        np.arange(30),
        np.zeros(30, dtype=int),
        np.arange(30) % 2,
        task_count=30,
        annotator_count=1,
        label_count=2,
    )
    assert (result.label == np.arange(30) % 2).all()
    assert 0.6 < result.posterior.max() < 0.98


def test_no_votes_gives_the_prior() -> None:
    result = dawid_skene([], [], [], task_count=2, annotator_count=3, label_count=4)
    np.testing.assert_allclose(result.posterior, 0.25)


def test_all_agree() -> None:
    task, who = np.repeat(np.arange(20), 3), np.tile(np.arange(3), 20)
    result = dawid_skene(task, who, task % 2, task_count=20, annotator_count=3, label_count=2)
    assert (result.label == np.arange(20) % 2).all()
    assert result.posterior.max(axis=1).min() > 0.97


def test_an_adversary_is_turned_round_once_gold_tells() -> None:
    truth, task, who, label = crowd(5, [0.9, 0.9, 0.03, 0.03, 0.03], labels=2, votes=5)
    gold = np.where(np.arange(300) < 40, truth, -1)
    shape = {"annotator_count": 5, "label_count": 2}
    misled, told = fit(task, who, label, **shape), fit(task, who, label, gold=gold, **shape)
    later = np.arange(300) >= 40
    assert (told.label == truth)[later].mean() > 0.95
    assert (misled.label == truth)[later].mean() < 0.5
    assert told.accuracy[2] < 0.15


def test_a_graph_of_two_parts_is_two_crowds() -> None:
    truth, task, who, label = crowd(6, [0.9, 0.8, 0.7], labels=3, votes=3)
    other = crowd(7, [0.9, 0.8, 0.7], labels=3, votes=3)
    both = dawid_skene(
        np.r_[task, 300 + other[1]],
        np.r_[who, 3 + other[2]],
        np.r_[label, other[3]],
        task_count=600,
        annotator_count=6,
        label_count=3,
    )
    assert (both.label[:300] == truth).mean() > 0.85
    assert (both.label[300:] == other[0]).mean() > 0.85


def test_duplicated_data_changes_no_label() -> None:
    _, task, who, label = crowd(8, [0.95, 0.9, 0.9, 0.85])
    once = fit(task, who, label, annotator_count=4)
    twice = dawid_skene(
        np.r_[task, task + 300],
        np.r_[who, who],
        np.r_[label, label],
        task_count=600,
        annotator_count=4,
        label_count=3,
    )
    assert (once.label == twice.label[:300]).mean() > 0.98
    np.testing.assert_allclose(twice.posterior[:300], twice.posterior[300:], atol=1e-12)


def test_kept_skill_resolves_new_tasks_as_the_fit_did() -> None:
    _, task, who, label = crowd(9, MIXED)
    result = fit(task, who, label)
    some = task < 10
    again = resolve_labels(
        task[some],
        who[some],
        label[some],
        task_count=10,
        confusion=result.confusion,
        class_prior=result.class_prior,
    )
    np.testing.assert_allclose(again, result.posterior[:10], atol=1e-12)


def test_what_does_not_exist_teaches_nothing() -> None:
    truth, task, who, label = crowd(10, [0.9, 0.9, 0.9, 0.9])
    label = np.where(task < 150, label, 0)
    weight = (np.arange(300) < 150).astype(float)
    result = fit(task, who, label, annotator_count=4, task_weight=weight)
    assert result.class_prior.max() < 0.45
    assert (result.label[:150] == truth[:150]).mean() > 0.95


def test_bad_input_is_refused() -> None:
    with pytest.raises(InvalidInputError, match="label holds 5"):
        dawid_skene([0], [0], [5], task_count=1, annotator_count=1, label_count=2)
    with pytest.raises(InvalidInputError, match="label_count"):
        dawid_skene([], [], [], task_count=1, annotator_count=1, label_count=0)
    with pytest.raises(InvalidInputError, match="gold has 3"):
        dawid_skene([0], [0], [0], task_count=1, annotator_count=1, label_count=2, gold=[0, 1, 0])
