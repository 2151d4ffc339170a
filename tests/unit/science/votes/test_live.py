"""One vote at a time: the same answers as a fit with the same parameters, and near those of a full fit."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from goldsmith.core.errors import InvalidInputError
from goldsmith.science import votes as v
from goldsmith.science.votes import em
from tests.unit.science.votes.crowd import make_crowd, votes_of

Model = Callable[[v.Votes], v.LabelConsensus]
MODELS: dict[str, Model] = {
    "auto": lambda votes: v.auto(votes, np.random.default_rng(0)),
    "crowd_confusion": v.crowd_confusion,
    "smoothed_confusion": v.smoothed_confusion,
    "one_coin": v.one_coin,
    "bayesian_dawid_skene": v.bayesian_dawid_skene,
    "mace": lambda votes: v.mace(votes, np.random.default_rng(0)),
    "dawid_skene": v.dawid_skene,
}
APART = {
    "auto": 0.01,
    "crowd_confusion": 0.02,
    "smoothed_confusion": 0.03,
    "one_coin": 0.02,
    "bayesian_dawid_skene": 0.04,
    "mace": 0.03,
    "dawid_skene": 0.06,
}
"""Mean difference of posteriors at most, after three votes of ten came one by one."""


def posteriors(live: v.LiveVotes) -> np.ndarray:
    return np.array([live.answer(task).posterior for task in range(live.task_count)])


def by_parameters(live: v.LiveVotes, *, is_tempered: bool) -> np.ndarray:
    """What the present parameters say of all votes, by the E step of the fits."""
    votes = live.votes()
    parts = [
        model.share * em.expectation(votes, model.confusion, model.class_prior)[0] for model in live.models()
    ]
    mixed = np.sum(parts, axis=0)
    return v.blended(mixed, votes.counts) if is_tempered else mixed


@pytest.mark.parametrize("name", MODELS)
def test_taking_over_a_fit_changes_nothing(name: str) -> None:
    votes = make_crowd(np.random.default_rng(1), tasks=100).votes
    fitted = MODELS[name](votes)
    live = v.LiveVotes.of(votes, fitted)
    assert posteriors(live) == pytest.approx(fitted.posterior, abs=1e-9)
    assert live.certainty == pytest.approx(fitted.confidence, abs=1e-9)
    assert [live.skill(who).total for who in range(5)] == pytest.approx([100.0] * 5)
    assert not live.is_refit_due


@pytest.mark.parametrize("name", MODELS)
@pytest.mark.parametrize("seed", [2, 3])
def test_many_single_votes_stay_near_a_full_fit(name: str, seed: int) -> None:
    rng = np.random.default_rng(seed)
    crowd = make_crowd(rng)
    votes = crowd.votes
    order = rng.permutation(votes.vote_count)
    begin = votes.only(np.sort(order[:700]))
    live = v.LiveVotes.of(begin, MODELS[name](begin))
    for row in order[700:].tolist():
        live.add(int(votes.task[row]), int(votes.annotator[row]), int(votes.label[row]))
    full, found = MODELS[name](votes), posteriors(live)
    assert found == pytest.approx(by_parameters(live, is_tempered=name == "auto"), abs=1e-9)
    assert np.abs(found - full.posterior).mean() < APART[name]
    assert (found.argmax(axis=1) == full.label).mean() >= 0.95
    accuracies = [live.skill(who).accuracy for who in range(5)]
    assert accuracies == pytest.approx(full.accuracy, abs=0.05)
    assert live.is_refit_due


def test_a_crowd_can_start_from_nothing() -> None:
    crowd = make_crowd(np.random.default_rng(4))
    nothing = votes_of([], [], [], 0, 0, 3)
    live = v.LiveVotes.of(nothing, MODELS["auto"](nothing))
    assert [live.add_task() for _ in range(200)] == list(range(200))
    assert [live.add_annotator() for _ in range(5)] == list(range(5))
    assert live.answer(7).posterior == pytest.approx([1 / 3] * 3)
    votes, order = crowd.votes, np.random.default_rng(5).permutation(1000)
    for row in order.tolist():
        live.add(int(votes.task[row]), int(votes.annotator[row]), int(votes.label[row]))
        if live.is_refit_due and live.vote_count >= 100:
            live.adopt(MODELS["auto"](live.votes()))
            assert not live.is_refit_due
    full = MODELS["auto"](votes)
    assert (posteriors(live).argmax(axis=1) == full.label).mean() > 0.97
    assert np.abs(posteriors(live) - full.posterior).mean() < 0.01


def test_each_vote_moves_its_task_and_those_who_answered_it() -> None:
    votes = make_crowd(np.random.default_rng(6), tasks=50, accuracies=(0.9, 0.9, 0.9)).votes
    live = v.LiveVotes.of(votes, v.crowd_confusion(votes))
    task, who = live.add_task(), live.add_annotator()
    first = live.add(task, who, 1)
    assert first.label == 1
    assert first.votes.tolist() == [0, 1, 0]
    assert live.certainty[task] == first.confidence
    assert live.skill(who).total == pytest.approx(1.0)
    second = live.add(task, 0, 1)
    assert second.confidence > first.confidence
    before = live.skill(who).accuracy
    live.add(0, who, (live.answer(0).label + 1) % 3)
    assert live.skill(who).accuracy < before
    assert live.skill(who).total == pytest.approx(2.0)


def test_a_withdrawn_vote_leaves_nothing_behind() -> None:
    votes = make_crowd(np.random.default_rng(7), tasks=60).votes
    live = v.LiveVotes.of(votes, v.one_coin(votes))
    live.add(3, 2, 0)  # a settled task gives the same again
    before = live.answer(3), [live.skill(who) for who in range(5)]
    live.add(3, 1, 2)
    live.withdraw(3, 1)
    after = live.answer(3), [live.skill(who) for who in range(5)]
    assert live.vote_count == votes.vote_count + 1
    assert after[0].votes.tolist() == before[0].votes.tolist()
    assert after[0].posterior == pytest.approx(before[0].posterior, abs=0.02)
    for one, other in zip(before[1], after[1], strict=True):
        assert other == pytest.approx(one, abs=0.05)
    assert live.votes().vote_count == live.vote_count


def test_gold_teaches_skill_and_leaves_the_posterior_to_the_votes() -> None:
    crowd = make_crowd(
        np.random.default_rng(8), tasks=200, labels=2, accuracies=(0.95, 0.95, 0.03, 0.03, 0.03)
    )
    live = v.LiveVotes.of(crowd.votes, v.crowd_confusion(crowd.votes))
    misled = (posteriors(live).argmax(axis=1) == crowd.truth).mean()
    for task in range(60):
        live.set_gold(task, int(crowd.truth[task]))
    assert (live.gold()[:60] == crowd.truth[:60]).all()
    live.adopt(v.crowd_confusion(live.votes(), gold=live.gold()))
    told = (posteriors(live).argmax(axis=1) == crowd.truth)[60:].mean()
    assert misled < 0.5
    assert told > 0.9
    held = live.answer(0)
    live.set_gold(0, None)
    assert live.gold()[0] == -1
    assert live.answer(0).posterior == pytest.approx(held.posterior, abs=0.05)


def test_a_new_label_is_found_once_people_give_it() -> None:
    votes = make_crowd(np.random.default_rng(9), tasks=80, labels=2).votes
    for name, model in MODELS.items():
        live = v.LiveVotes.of(votes, model(votes))
        kept = posteriors(live).argmax(axis=1)
        label = live.add_label()
        assert label == 2
        assert live.is_refit_due
        share = (posteriors(live).argmax(axis=1) == kept).mean()
        assert share >= 0.95 or name == "dawid_skene"
        task = live.add_task()
        for who in range(5):
            answer = live.add(task, who, label)
        assert answer.label == label or name == "dawid_skene"
        live.adopt(model(live.votes()))
        assert live.answer(task).label == label
        assert not live.is_refit_due


def test_what_came_while_the_fit_was_made_is_kept() -> None:
    votes = make_crowd(np.random.default_rng(10), tasks=60).votes
    live = v.LiveVotes.of(votes, v.crowd_confusion(votes))
    begun = live.votes()
    task, who, label = live.add_task(), live.add_annotator(), live.add_label()
    live.add(task, who, label)
    live.adopt(v.crowd_confusion(begun))
    assert (live.task_count, live.annotator_count, live.label_count) == (61, 6, 4)
    assert live.vote_count == votes.vote_count + 1
    assert live.answer(task).votes.tolist() == [0, 0, 0, 1]
    assert live.is_refit_due
    assert posteriors(live) == pytest.approx(by_parameters(live, is_tempered=False), abs=1e-9)


STEP = st.one_of(
    st.tuples(st.just("vote"), st.integers(0, 11), st.integers(0, 6), st.integers(0, 4)),
    st.tuples(st.sampled_from(["task", "annotator", "label"])),
    st.tuples(st.just("withdraw"), st.integers(0, 11), st.integers(0, 6)),
    st.tuples(st.just("gold"), st.integers(0, 11), st.integers(-1, 4)),
)


@given(name=st.sampled_from(sorted(MODELS)), seed=st.integers(0, 1000), steps=st.lists(STEP, max_size=30))
@settings(max_examples=60, deadline=None)
def test_whatever_happens_its_books_balance(name: str, seed: int, steps: list[tuple]) -> None:
    """Counts, answers and totals are those of the votes that stand, in any order of events."""
    rng = np.random.default_rng(seed)
    count = int(rng.integers(0, 12))
    votes = votes_of(rng.integers(0, 4, count), rng.integers(0, 3, count), rng.integers(0, 2, count), 4, 3, 2)
    live = v.LiveVotes.of(votes, MODELS[name](votes))
    standing = sorted(zip(votes.task.tolist(), votes.annotator.tolist(), votes.label.tolist(), strict=True))
    for step in steps:
        if step[0] in ("task", "annotator", "label"):
            getattr(live, f"add_{step[0]}")()
            continue
        task = step[1] % live.task_count
        if step[0] == "vote":
            row = (task, step[2] % live.annotator_count, step[3] % live.label_count)
            live.add(*row)
            standing.append(row)
        elif step[0] == "gold":
            live.set_gold(task, None if step[2] < 0 else step[2] % live.label_count)
        else:
            who = step[2] % live.annotator_count
            mine = [row for row in standing if row[:2] == (task, who)]
            if not mine:
                with pytest.raises(InvalidInputError, match="no vote"):
                    live.withdraw(task, who)
                continue
            live.withdraw(task, who)
            standing = [row for row in standing if row[:2] != (task, who)]
            after = live.votes()
            kept = (after.task == task) & (after.annotator == who)
            standing += [(task, who, label) for label in after.label[kept].tolist()]
            assert kept.sum() == len(mine) - 1
    after = live.votes()
    assert sorted(zip(after.task.tolist(), after.annotator.tolist(), after.label.tolist(), strict=True)) == (
        sorted(standing)
    )
    found = posteriors(live)
    assert np.isfinite(found).all()
    assert found.sum(axis=1) == pytest.approx(np.ones(live.task_count))
    assert found == pytest.approx(by_parameters(live, is_tempered=name == "auto"), abs=1e-9)
    assert [live.answer(task).votes.tolist() for task in range(live.task_count)] == after.counts.tolist()
    given_by = np.bincount(after.annotator, minlength=live.annotator_count)
    assert [live.skill(who).total for who in range(live.annotator_count)] == pytest.approx(given_by, abs=1e-6)


def test_wrong_input_is_refused() -> None:
    votes = make_crowd(np.random.default_rng(0), tasks=20).votes
    live = v.LiveVotes.of(votes, v.one_coin(votes))
    for row in ((20, 0, 0), (0, 5, 0), (0, 0, 3), (-1, 0, 0)):
        with pytest.raises(InvalidInputError, match="indices must lie in"):
            live.add(*row)
    with pytest.raises(InvalidInputError, match="cannot take single votes"):
        v.LiveVotes.of(votes, v.glad(votes))
    with pytest.raises(InvalidInputError, match="more tasks"):
        v.LiveVotes.of(votes_of([], [], [], 5, 5, 3), v.one_coin(votes))
    with pytest.raises(InvalidInputError, match="growth"):
        v.LiveVotes.of(votes, v.one_coin(votes), growth=0.0)
    with pytest.raises(ValueError, match="read-only"):
        live.certainty[0] = 1.0
