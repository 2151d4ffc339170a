"""What every aggregator of votes answers, whatever the crowd: what the docstring of ``science.votes`` says, proved."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from goldsmith.science import votes as v
from tests.unit.science.votes.crowd import make_crowd, votes_of

Model = Callable[[v.Votes], v.LabelConsensus]


def one_by_one(votes: v.Votes) -> v.LabelConsensus:
    """From nothing, vote by vote."""
    nothing = votes_of([], [], [], votes.task_count, votes.annotator_count, votes.label_count)
    live = v.LiveVotes.of(nothing, v.one_coin(nothing))
    for task, annotator, label in zip(
        votes.task.tolist(), votes.annotator.tolist(), votes.label.tolist(), strict=True
    ):
        live.add(task, annotator, label)
    models = live.models()
    posterior = [live.answer(task).posterior for task in range(votes.task_count)]
    return v.LabelConsensus(
        np.reshape(posterior, (votes.task_count, votes.label_count)),
        np.sum([model.share * model.confusion for model in models], axis=0),
        np.sum([model.share * model.class_prior for model in models], axis=0),
        votes.counts,
        0,
        models=models,
    )


SETTLED: dict[str, Model] = {
    "majority": v.majority,
    "dawid_skene": v.dawid_skene,
    "bayesian_dawid_skene": v.bayesian_dawid_skene,
    "one_coin": v.one_coin,
    "crowd_confusion": v.crowd_confusion,
    "smoothed_confusion": v.smoothed_confusion,
    "glad": v.glad,
}
"""Nothing is drawn at random: what must not matter, matters to rounding only."""
MODELS: dict[str, Model] = {
    **SETTLED,
    "mace": lambda votes: v.mace(votes, np.random.default_rng(0), starts=2),
    "auto": lambda votes: v.auto(votes, np.random.default_rng(0)),
    "one_by_one": one_by_one,
}
ROUNDING = {"glad": 1e-3}
"""GLAD's gradient steps carry roundings on."""
WITHOUT_PRIORS = {"dawid_skene"}
"""Where somebody gave one answer only, that answer says nothing to plain maximum likelihood."""

every_model = pytest.mark.parametrize("name", MODELS)
settled_model = pytest.mark.parametrize("name", SETTLED)


@st.composite
def crowds(
    draw: st.DrawFn, *, people: int = 5, labels: int = 4, votes: int = 30, is_once: bool = False
) -> v.Votes:
    """Any votes, also none; once a task and annotator where asked for."""
    tasks = draw(st.integers(1, 8))
    annotators, label_count = draw(st.integers(1, people)), draw(st.integers(1, labels))
    pairs = st.tuples(st.integers(0, tasks - 1), st.integers(0, annotators - 1))
    given_to = draw(st.lists(pairs, max_size=votes, unique=is_once))
    label = draw(st.lists(st.integers(0, label_count - 1), min_size=len(given_to), max_size=len(given_to)))
    task, annotator = [pair[0] for pair in given_to], [pair[1] for pair in given_to]
    return votes_of(task, annotator, label, tasks, annotators, label_count)


def holds(fitted: v.LabelConsensus, votes: v.Votes) -> None:
    """Finite probabilities of the right shape."""
    k = votes.label_count
    assert fitted.posterior.shape == (votes.task_count, k)
    assert fitted.confusion.shape == (votes.annotator_count, k, k)
    for table in (fitted.posterior, fitted.confusion, fitted.class_prior, fitted.confidence):
        assert np.isfinite(table).all()
        assert table.min(initial=0.0) >= 0.0
        assert table.max(initial=0.0) <= 1.0 + 1e-9
    assert fitted.posterior.sum(axis=1) == pytest.approx(np.ones(votes.task_count))


def accuracy_of(fitted: v.LabelConsensus, truth: np.ndarray) -> float:
    return float((fitted.label == truth).mean())


@every_model
@settings(max_examples=8, deadline=None)
@given(votes=crowds())
def test_any_votes_have_a_finite_answer(name: str, votes: v.Votes) -> None:
    holds(MODELS[name](votes), votes)


@settled_model
@settings(max_examples=12, deadline=None)
@given(votes=crowds(), seed=st.integers(0, 99))
def test_names_of_labels_do_not_matter(name: str, votes: v.Votes, seed: int) -> None:
    turn = np.random.default_rng(seed).permutation(votes.label_count)
    shape = votes.task_count, votes.annotator_count, votes.label_count
    turned = votes_of(votes.task, votes.annotator, turn[votes.label], *shape)
    plain, again = SETTLED[name](votes), SETTLED[name](turned)
    within = ROUNDING.get(name, 1e-6)
    assert again.posterior[:, turn] == pytest.approx(plain.posterior, abs=within)
    assert again.confusion[:, turn][:, :, turn] == pytest.approx(plain.confusion, abs=within)


@settled_model
@settings(max_examples=12, deadline=None)
@given(votes=crowds(), seed=st.integers(0, 99))
def test_names_of_annotators_and_the_order_of_votes_do_not_matter(
    name: str, votes: v.Votes, seed: int
) -> None:
    rng = np.random.default_rng(seed)
    turn, order = rng.permutation(votes.annotator_count), rng.permutation(votes.vote_count)
    shape = votes.task_count, votes.annotator_count, votes.label_count
    turned = votes_of(votes.task[order], turn[votes.annotator[order]], votes.label[order], *shape)
    plain, again = SETTLED[name](votes), SETTLED[name](turned)
    within = ROUNDING.get(name, 1e-6)
    assert again.posterior == pytest.approx(plain.posterior, abs=within)
    assert again.confusion[turn] == pytest.approx(plain.confusion, abs=within)


@pytest.mark.parametrize("name", sorted(set(MODELS) - set(SETTLED)))
@settings(max_examples=2, deadline=None, derandomize=True)
@given(seed=st.integers(0, 999))
def test_with_random_starts_or_one_by_one_names_matter_little(name: str, seed: int) -> None:
    rng = np.random.default_rng(seed)
    votes = make_crowd(rng, tasks=60, accuracies=(0.9, 0.85, 0.8, 0.8, 0.7)).votes
    turn, people, order = rng.permutation(3), rng.permutation(5), rng.permutation(votes.vote_count)
    turned = votes_of(votes.task[order], people[votes.annotator[order]], turn[votes.label[order]], 60, 5, 3)
    plain, again = MODELS[name](votes), MODELS[name](turned)
    assert (turn[plain.label] == again.label).mean() >= 0.93
    assert np.abs(again.posterior[:, turn] - plain.posterior).mean() < 0.05


@every_model
@settings(max_examples=8, deadline=None)
@given(votes=crowds())
def test_the_same_votes_on_two_tasks_have_the_same_answer(name: str, votes: v.Votes) -> None:
    n = votes.task_count
    shape = 2 * n, votes.annotator_count, votes.label_count
    task = np.concatenate([votes.task, votes.task + n])
    doubled = votes_of(task, np.tile(votes.annotator, 2), np.tile(votes.label, 2), *shape)
    fitted = MODELS[name](doubled)
    holds(fitted, doubled)
    within = 1e-9 if name != "glad" else 1e-3
    assert fitted.posterior[:n] == pytest.approx(fitted.posterior[n:], abs=within)
    if name in ("majority", "dawid_skene"):  # without priors, more of the same is the same
        assert fitted.posterior[:n] == pytest.approx(MODELS[name](votes).posterior, abs=1e-6)


@every_model
@settings(max_examples=2, deadline=None, derandomize=True)
@given(seed=st.integers(0, 999))
def test_a_doubled_crowd_says_what_it_said(name: str, seed: int) -> None:
    votes = make_crowd(np.random.default_rng(seed), tasks=60, accuracies=(0.9, 0.85, 0.8, 0.8, 0.7)).votes
    task = np.concatenate([votes.task, votes.task + 60])
    doubled = votes_of(task, np.tile(votes.annotator, 2), np.tile(votes.label, 2), 120, 5, 3)
    assert (MODELS[name](doubled).label[:60] == MODELS[name](votes).label).mean() >= 0.93


@every_model
@settings(max_examples=8, deadline=None)
@given(votes=crowds(people=1, is_once=True))
def test_one_annotator_is_believed_and_not_taken_for_certain(name: str, votes: v.Votes) -> None:
    fitted = MODELS[name](votes)
    holds(fitted, votes)
    if votes.label_count == 1 or name in WITHOUT_PRIORS:
        return
    said = np.argmax(votes.counts, axis=1)
    voted = votes.counts.sum(axis=1) > 0
    is_usual = votes.counts.sum(axis=0)[said] * 3 >= votes.counts.sum(axis=0).max()
    assert (fitted.label == said)[voted & is_usual].all()
    assert fitted.confidence[voted].max(initial=0.0) < 0.99


@every_model
@settings(max_examples=8, deadline=None)
@given(votes=crowds(labels=1))
def test_with_one_label_it_is_the_answer(name: str, votes: v.Votes) -> None:
    fitted = MODELS[name](votes)
    assert fitted.posterior == pytest.approx(np.ones((votes.task_count, 1)))
    assert fitted.confidence == pytest.approx(np.ones(votes.task_count))
    assert (fitted.label == 0).all()


@every_model
@pytest.mark.parametrize(("tasks", "annotators", "labels"), [(3, 2, 4), (0, 0, 2), (2, 0, 3), (0, 3, 1)])
def test_without_votes_nothing_is_preferred(name: str, tasks: int, annotators: int, labels: int) -> None:
    nothing = votes_of([], [], [], tasks, annotators, labels)
    fitted = MODELS[name](nothing)
    holds(fitted, nothing)
    assert fitted.posterior == pytest.approx(np.full((tasks, labels), 1.0 / labels))


@every_model
@settings(max_examples=8, deadline=None)
@given(votes=crowds(is_once=True), label=st.integers(0, 3))
def test_a_task_nobody_voted_on_has_the_class_prior(name: str, votes: v.Votes, label: int) -> None:
    del label
    shape = votes.task_count + 1, votes.annotator_count, votes.label_count
    fitted = MODELS[name](votes_of(votes.task, votes.annotator, votes.label, *shape))
    expected = (
        v.blended(fitted.class_prior[None], np.zeros((1, votes.label_count)))[0]
        if name == "auto"
        else fitted.class_prior
    )
    assert fitted.posterior[-1] == pytest.approx(expected, abs=1e-9)


@every_model
@settings(max_examples=8, deadline=None)
@given(
    labels=st.integers(2, 4),
    people=st.integers(2, 5),
    truth=st.lists(st.integers(0, 3), min_size=4, max_size=12),
)
def test_where_all_agree_they_are_right(name: str, labels: int, people: int, truth: list[int]) -> None:
    said = np.array(truth) % labels
    tasks = said.size
    votes = votes_of(
        np.tile(np.arange(tasks), people),
        np.repeat(np.arange(people), tasks),
        np.tile(said, people),
        tasks,
        people,
        labels,
    )
    fitted = MODELS[name](votes)
    holds(fitted, votes)
    has_all = np.unique(said).size == labels  # otherwise they may all be giving one answer whatever is true
    if name in WITHOUT_PRIORS and not has_all:
        return
    assert (fitted.label == said).all()
    assert (fitted.confidence > (0.6 if has_all else 1.0 / labels)).all()


@pytest.mark.parametrize("name", sorted(set(MODELS) - {"majority"}))
@settings(max_examples=2, deadline=None, derandomize=True)
@given(seed=st.integers(0, 999))
def test_an_adversary_is_found_and_does_not_decide(name: str, seed: int) -> None:
    crowd = make_crowd(
        np.random.default_rng(seed), tasks=80, labels=2, accuracies=(0.92, 0.88, 0.85, 0.85, 0.06)
    )
    fitted = MODELS[name](crowd.votes)
    holds(fitted, crowd.votes)
    assert fitted.accuracy.argmin() == 4
    assert accuracy_of(fitted, crowd.truth) >= 0.83
    assert accuracy_of(fitted, crowd.truth) >= accuracy_of(v.majority(crowd.votes), crowd.truth) - 0.05


@every_model
@settings(max_examples=2, deadline=None, derandomize=True)
@given(seed=st.integers(0, 999))
def test_parts_that_share_nobody_are_answered_each_by_its_own(name: str, seed: int) -> None:
    rng = np.random.default_rng(seed)
    first = make_crowd(rng, tasks=50, accuracies=(0.9, 0.85, 0.8, 0.75))
    second = make_crowd(rng, tasks=50, accuracies=(0.85, 0.8, 0.8))
    one, other = first.votes, second.votes
    both = votes_of(
        np.concatenate([one.task, other.task + 50]),
        np.concatenate([one.annotator, other.annotator + 4]),
        np.concatenate([one.label, other.label]),
        100,
        7,
        3,
    )
    fitted = MODELS[name](both)
    holds(fitted, both)
    assert (fitted.label[:50] == MODELS[name](one).label).mean() >= 0.9
    assert (fitted.label[50:] == MODELS[name](other).label).mean() >= 0.9
    assert accuracy_of(fitted, np.concatenate([first.truth, second.truth])) >= 0.75


@every_model
@settings(max_examples=8, deadline=None)
@given(votes=crowds(), seed=st.integers(0, 99))
def test_known_skill_gives_the_fits_posterior(name: str, votes: v.Votes, seed: int) -> None:
    del seed
    fitted = MODELS[name](votes)
    if not fitted.models:  # majority and GLAD are not told by matrices alone
        assert name in ("majority", "glad")
        return
    parts = [
        model.share * v.resolve_labels(votes, confusion=model.confusion, class_prior=model.class_prior)
        for model in fitted.models
    ]
    mixed = np.sum(parts, axis=0)
    expected = v.blended(mixed, votes.counts) if name == "auto" else mixed
    assert fitted.posterior == pytest.approx(expected, abs=1e-9)
