"""Every model under the same questions: what must not matter, and what must not break it."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest

from goldsmith.core.errors import InvalidInputError
from goldsmith.science import votes as v
from tests.unit.science.votes.crowd import make_crowd, votes_of

Model = Callable[[v.Votes], v.LabelConsensus]
MODELS: dict[str, Model] = {
    "majority": v.majority,
    "dawid_skene": v.dawid_skene,
    "bayesian_dawid_skene": v.bayesian_dawid_skene,
    "one_coin": v.one_coin,
    "crowd_confusion": v.crowd_confusion,
    "smoothed_confusion": v.smoothed_confusion,
    "glad": v.glad,
    "mace": lambda votes: v.mace(votes, np.random.default_rng(0)),
    "auto": lambda votes: v.auto(votes, np.random.default_rng(0)),
}
SETTLED = {
    "majority",
    "dawid_skene",
    "bayesian_dawid_skene",
    "one_coin",
    "crowd_confusion",
    "smoothed_confusion",
    "glad",
}
"""Models without random starts: what must not matter, matters to rounding only."""


@pytest.fixture(params=MODELS)
def model(request: pytest.FixtureRequest) -> Model:
    return MODELS[request.param]


def holds(fitted: v.LabelConsensus, votes: v.Votes) -> None:
    """Posteriors and confusion matrices are finite probabilities of the right shape."""
    k = votes.label_count
    assert fitted.posterior.shape == (votes.task_count, k)
    assert fitted.confusion.shape == (votes.annotator_count, k, k)
    for table in (fitted.posterior, fitted.confusion, fitted.class_prior):
        assert np.isfinite(table).all()
        assert table.min(initial=0.0) >= 0.0
    assert fitted.posterior.sum(axis=1) == pytest.approx(np.ones(votes.task_count))
    assert fitted.class_prior.sum() == pytest.approx(1.0)


def test_finds_the_truth_of_a_good_crowd(model: Model) -> None:
    crowd = make_crowd(np.random.default_rng(1))
    fitted = model(crowd.votes)
    holds(fitted, crowd.votes)
    assert (fitted.label == crowd.truth).mean() > 0.85


@pytest.mark.parametrize("name", sorted(SETTLED))
def test_names_of_labels_do_not_matter(name: str) -> None:
    votes = make_crowd(np.random.default_rng(2)).votes
    turn = np.array([2, 0, 1])
    turned = votes_of(votes.task, votes.annotator, turn[votes.label], 200, 5, 3)
    plain, again = MODELS[name](votes).posterior, MODELS[name](turned).posterior
    assert again[:, turn] == pytest.approx(plain, abs=1e-6)


@pytest.mark.parametrize("name", sorted(SETTLED))
def test_names_of_annotators_and_the_order_of_votes_do_not_matter(name: str) -> None:
    votes = make_crowd(np.random.default_rng(3)).votes
    turn = np.array([3, 1, 4, 0, 2])
    order = np.random.default_rng(4).permutation(votes.vote_count)
    turned = votes_of(votes.task[order], turn[votes.annotator[order]], votes.label[order], 200, 5, 3)
    plain, again = MODELS[name](votes), MODELS[name](turned)
    assert again.posterior == pytest.approx(plain.posterior, abs=1e-6)
    assert again.confusion[turn] == pytest.approx(plain.confusion, abs=1e-6)


def test_random_starts_depend_on_the_seed_alone(model: Model) -> None:
    votes = make_crowd(np.random.default_rng(5)).votes
    assert (model(votes).posterior == model(votes).posterior).all()


def test_doubled_tasks_say_the_same_as_themselves(model: Model) -> None:
    votes = make_crowd(np.random.default_rng(6), tasks=100).votes
    task = np.concatenate([votes.task, votes.task + 100])
    doubled = votes_of(task, np.tile(votes.annotator, 2), np.tile(votes.label, 2), 200, 5, 3)
    fitted = model(doubled)
    assert (fitted.label[:100] == fitted.label[100:]).all()
    assert (fitted.label[:100] == model(votes).label).mean() > 0.95


@pytest.mark.parametrize(
    ("task", "annotator", "label", "shape"),
    [
        ([], [], [], (3, 2, 2)),
        ([], [], [], (0, 0, 1)),
        ([0, 1], [0, 0], [0, 1], (2, 1, 2)),
        ([0, 0, 1], [0, 1, 1], [0, 0, 0], (2, 2, 1)),
        ([0, 0, 1, 1], [0, 1, 0, 1], [2, 2, 2, 2], (2, 2, 3)),
        ([0, 0, 1, 1], [0, 1, 2, 3], [0, 0, 1, 1], (3, 5, 2)),
        ([0, 0, 0], [0, 0, 0], [1, 1, 0], (1, 1, 2)),
    ],
    ids=[
        "no votes",
        "nothing at all",
        "one annotator",
        "one label",
        "all agree",
        "disconnected",
        "voted thrice",
    ],
)
def test_answers_sensibly_where_there_is_little(
    model: Model, task: list[int], annotator: list[int], label: list[int], shape: tuple[int, int, int]
) -> None:
    votes = votes_of(task, annotator, label, *shape)
    fitted = model(votes)
    holds(fitted, votes)
    if model is v.dawid_skene and len(set(label)) > 1:
        return  # without priors, somebody who gave one answer only would have given it whatever is true
    voted = votes.counts.max(axis=1, initial=0.0) > 0
    best = votes.counts.argmax(axis=1)
    assert (fitted.label[voted] == best[voted]).all()


@pytest.mark.parametrize("name", sorted(set(MODELS) - {"majority"}))
def test_an_adversary_is_found_and_turned_round(name: str) -> None:
    crowd = make_crowd(np.random.default_rng(7), labels=2, accuracies=(0.9, 0.85, 0.8, 0.05))
    fitted = MODELS[name](crowd.votes)
    assert fitted.accuracy.argmin() == 3
    assert (fitted.label == crowd.truth).mean() > 0.88


@pytest.mark.parametrize("name", sorted(set(MODELS) - {"majority", "mace", "auto", "glad"}))
def test_gold_turns_a_majority_of_adversaries_round(name: str) -> None:
    crowd = make_crowd(np.random.default_rng(8), tasks=300, labels=2, accuracies=(0.9, 0.9, 0.03, 0.03, 0.03))
    gold = np.where(np.arange(300) < 40, crowd.truth, -1)
    fit = getattr(v, name)
    assert (fit(crowd.votes).label == crowd.truth).mean() < 0.5
    told = fit(crowd.votes, gold=gold)
    assert (told.label == crowd.truth)[40:].mean() > 0.9
    assert told.accuracy[2] < 0.15


def test_a_model_that_votes_is_one_more_annotator() -> None:
    crowd = make_crowd(np.random.default_rng(9), accuracies=(0.7, 0.7, 0.7))
    model_says = np.where(np.random.default_rng(10).random(200) < 0.95, crowd.truth, 0)
    with_model = votes_of(
        np.concatenate([crowd.votes.task, np.arange(200)]),
        np.concatenate([crowd.votes.annotator, np.full(200, 3)]),
        np.concatenate([crowd.votes.label, model_says]),
        200,
        4,
        3,
    )
    fitted = v.crowd_confusion(with_model)
    assert fitted.accuracy.argmax() == 3
    assert (fitted.label == crowd.truth).mean() > (v.crowd_confusion(crowd.votes).label == crowd.truth).mean()


def test_plain_dawid_skene_is_the_papers() -> None:
    """Against the two equations of the paper, written out vote by vote."""
    votes = make_crowd(np.random.default_rng(11), tasks=30, labels=3, accuracies=(0.8, 0.6, 0.5)).votes
    fitted = v.dawid_skene(votes, sweeps=5, tolerance=0.0)
    truth = votes.shares
    for _ in range(5):
        confusion = np.zeros((3, 3, 3))
        for task, annotator, label in zip(votes.task, votes.annotator, votes.label, strict=True):
            confusion[annotator, :, label] += truth[task]
        confusion /= confusion.sum(axis=2, keepdims=True)
        prior = truth.mean(axis=0)
        truth = np.tile(prior, (30, 1))
        for task, annotator, label in zip(votes.task, votes.annotator, votes.label, strict=True):
            truth[task] *= confusion[annotator, :, label]
        truth /= truth.sum(axis=1, keepdims=True)
    assert fitted.posterior == pytest.approx(truth, abs=1e-9)
    assert fitted.iterations == 5


def test_resolving_with_known_skill_is_the_last_step_of_the_fit() -> None:
    votes = make_crowd(np.random.default_rng(12)).votes
    fitted = v.crowd_confusion(votes)
    again = v.resolve_labels(votes, confusion=fitted.confusion, class_prior=fitted.class_prior)
    assert again == pytest.approx(fitted.posterior)


def test_nothing_stated_is_certain() -> None:
    posterior = np.array([[1.0, 0.0, 0.0], [0.2, 0.3, 0.5]])
    stated = v.never_certain(posterior)
    assert stated.max() == pytest.approx(v.MOST_CERTAIN)
    assert stated.min() > 0.0
    assert stated.sum(axis=1) == pytest.approx(np.ones(2))
    assert (stated.argsort(axis=1) == posterior.argsort(axis=1)).all()
    assert v.never_certain(np.ones((3, 1))).tolist() == [[1.0]] * 3


def test_one_annotator_is_believed_within_reason() -> None:
    alone = votes_of(np.arange(30), np.zeros(30, dtype=int), np.arange(30) % 2, 30, 1, 2)
    for fit in (v.smoothed_confusion, v.crowd_confusion, v.one_coin):
        assert 0.6 < fit(alone).confidence.max() < 0.98
    assert 0.6 < v.smoothed_confusion(alone).posterior.max() < 0.98


def test_tasks_that_may_not_teach_do_not() -> None:
    crowd = make_crowd(np.random.default_rng(13), accuracies=(0.9, 0.9, 0.9))
    spoiled = crowd.votes.label.copy()
    half = crowd.votes.task >= 100
    spoiled[half & (crowd.votes.annotator == 2)] = 0
    votes = votes_of(crowd.votes.task, crowd.votes.annotator, spoiled, 200, 3, 3)
    told = v.crowd_confusion(votes, task_weight=np.where(np.arange(200) < 100, 1.0, 0.0))
    assert told.accuracy[2] > v.crowd_confusion(votes).accuracy[2] + 0.1


@pytest.mark.parametrize(
    "wrong",
    [
        lambda votes: v.dawid_skene(votes, sweeps=0),
        lambda votes: v.crowd_confusion(votes, gold=[0]),
        lambda votes: v.crowd_confusion(votes, task_weight=[2.0] * 200),
        lambda votes: v.mace(votes, np.random.default_rng(0), starts=0),
        lambda votes: votes_of([0], [0], [3], 1, 1, 3),
        lambda votes: votes_of([], [], [], 1, 1, 0),
    ],
)
def test_wrong_input_is_refused(wrong: Callable[[v.Votes], object]) -> None:
    with pytest.raises(InvalidInputError):
        wrong(make_crowd(np.random.default_rng(0)).votes)
