"""Honest voters are left alone; offenders are found, each by the right name."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from goldsmith.core.errors import InvalidInputError
from goldsmith.science.signals import (
    SignalKind,
    SignalSettings,
    copying,
    drift,
    spam,
    straight_lining,
    too_fast,
    vote_signals,
)
from goldsmith.science.signals.copying import PairRows, judge_pairs
from goldsmith.science.votes import Votes
from tests.unit.science.signals.crowds import VoteCrowd, vote_crowd

SEEDS = range(8)


def signals_of(crowd: VoteCrowd, **more):
    return vote_signals(crowd.votes(), seconds=crowd.seconds, submitted=crowd.submitted, **more)


def test_honest_crowds_raise_fewer_than_one_alarm_in_a_hundred_people() -> None:
    alarms = people = 0
    for seed in range(40):
        rng = np.random.default_rng(seed)
        crowd = vote_crowd(
            rng,
            people=int(rng.choice([4, 8, 15, 60])),
            labels=int(rng.choice([2, 4, 8])),
            tasks=int(rng.choice([60, 300])),
            overlap=int(rng.choice([2, 3, 4])),
        )
        people += crowd.people
        alarms += len(signals_of(crowd).findings)
    assert alarms < people / 100


@pytest.mark.parametrize("how", ["guesses", "always the same", "one favourite and guesses"])
def test_spammers_are_found(how: str) -> None:
    found = others = 0
    for seed in SEEDS:
        rng = np.random.default_rng(seed)
        crowd = vote_crowd(rng, tasks=500)
        mine = crowd.annotator == 3
        size = int(mine.sum())
        crowd.label[mine] = {
            "guesses": rng.integers(0, 4, size),
            "always the same": np.full(size, 2),
            "one favourite and guesses": np.where(rng.random(size) < 0.6, 1, rng.integers(0, 4, size)),
        }[how]
        seen = spam(crowd.votes())
        found += int(seen.is_alarm[3])
        others += int(np.delete(seen.is_alarm, 3).sum())
        assert seen.information[3] < 0.1 < seen.usual_information
        assert seen.agreement[3] == pytest.approx(seen.chance_agreement[3], abs=0.12)
    assert found >= len(SEEDS) - 1
    assert others == 0


def test_who_mixes_up_two_classes_or_turns_all_round_says_something() -> None:
    rng = np.random.default_rng(0)
    crowd = vote_crowd(rng, tasks=500)
    mine = crowd.annotator == 3
    crowd.label[mine] = (crowd.truth[crowd.task[mine]] + 1) % 4
    assert not spam(crowd.votes()).is_alarm[3]


def test_gold_finds_the_spammer_whom_nobody_else_could_tell() -> None:
    rng = np.random.default_rng(1)
    truth = rng.integers(0, 3, 300)
    label = np.where(np.arange(300) % 2 == 0, rng.integers(0, 3, 300), truth)
    votes = Votes.of(
        np.arange(300), np.arange(300) % 2, label, task_count=300, annotator_count=2, label_count=3
    )
    assert not spam(votes).is_alarm.any()
    assert spam(votes, gold=truth).is_alarm.tolist() == [True, False]


def test_lines_are_found_whether_always_or_in_blocks() -> None:
    always = blocks = others = 0
    for seed in SEEDS:
        rng = np.random.default_rng(seed)
        crowd = vote_crowd(rng)
        crowd.label[crowd.annotator == 0] = 1
        rows = np.flatnonzero(crowd.annotator == 1)
        rows = rows[np.argsort(crowd.submitted[rows])]
        crowd.label[rows] = np.repeat(rng.integers(0, 4, rows.size), 25)[: rows.size]
        seen = straight_lining(crowd.votes(), submitted=crowd.submitted)
        always, blocks = always + int(seen.is_alarm[0]), blocks + int(seen.is_alarm[1])
        others += int(seen.is_alarm[2:].sum())
        assert seen.favourite[0] == 1 and seen.favourite_share[0] == 1.0
    assert (always, others) == (len(SEEDS), 0)
    assert blocks >= len(SEEDS) - 2


def test_the_same_answer_is_no_line_where_everybody_gives_it() -> None:
    task, who = np.tile(np.arange(100), 5), np.repeat(np.arange(5), 100)
    votes = Votes.of(task, who, np.zeros(500, dtype=int), task_count=100, annotator_count=5, label_count=2)
    seen = vote_signals(votes, submitted=np.arange(500))
    assert seen.findings == ()


def copied(crowd: VoteCrowd, rng, *, share: float, source: int = 0, copier: int = 1) -> VoteCrowd:
    label, submitted = crowd.label.copy(), crowd.submitted.copy()
    for row in np.flatnonzero(crowd.annotator == copier):
        at = np.flatnonzero((crowd.annotator == source) & (crowd.task == crowd.task[row]))
        if at.size and rng.random() < share:
            label[row], submitted[row] = label[at[0]], submitted[at[0]] + 0.5
    return crowd._replace(label=label, submitted=submitted)


def test_copiers_are_found_and_told_from_their_source() -> None:
    found = certain = others = 0
    for seed in SEEDS:
        rng = np.random.default_rng(seed)
        crowd = copied(vote_crowd(rng, people=10, tasks=1200), rng, share=0.8)
        seen = copying(crowd.votes(), submitted=crowd.submitted)
        for pair in np.flatnonzero(seen.is_alarm):
            is_it = {int(seen.first[pair]), int(seen.second[pair])} == {0, 1}
            found, others = found + int(is_it), others + int(not is_it)
            certain += int(is_it and seen.first[pair] == 1 and seen.is_certain_who[pair])
    assert others == 0
    assert found >= len(SEEDS) - 2
    assert certain == found


def test_without_times_both_are_concerned_and_groups_are_connected() -> None:
    rng = np.random.default_rng(0)
    crowd = vote_crowd(rng, people=8, tasks=600, overlap=6)
    for copier in (1, 2):
        crowd = copied(crowd, rng, share=0.95, copier=copier)
    seen = vote_signals(crowd.votes())
    assert seen.copying.group[[0, 1, 2]].tolist() == [0, 0, 0]
    assert (seen.copying.group[3:] == -1).all()
    pairs = {(f.annotator, f.other) for f in seen.findings if f.signal is SignalKind.COPYING}
    assert {(0, 1), (1, 0), (0, 2), (2, 0)} <= pairs
    assert not any(f.is_certain_who for f in seen.findings if f.signal is SignalKind.COPYING)


def test_people_who_are_right_together_do_not_copy() -> None:
    rng = np.random.default_rng(2)
    crowd = vote_crowd(rng, people=6, tasks=300)
    for expert in (0, 1):
        mine = crowd.annotator == expert
        crowd.label[mine] = crowd.truth[crowd.task[mine]]
    assert not copying(crowd.votes(), submitted=crowd.submitted).is_alarm.any()


def test_two_who_stand_against_one_may_be_the_better_ones() -> None:
    def alarm(*, one_against: bool) -> bool:
        same = np.arange(18) < 17
        rows = PairRows(
            pair=np.zeros(18, dtype=np.int64),
            first=np.array([0]),
            second=np.array([1]),
            shared=np.array([344]),
            task=np.arange(18),
            ratio=np.where(same, 1.0 / 0.42, 0.0),
            unlikely=np.full(18, 0.42),
            is_same=same,
            first_later=np.full(18, np.nan),
            by_skill=np.full(18, one_against),
        )
        return bool(judge_pairs([rows], annotator_count=2, settings=SignalSettings()).is_alarm[0])

    assert not alarm(one_against=True)
    assert alarm(one_against=False)


def test_clicking_through_is_found_and_quick_people_are_left_alone() -> None:
    found = others = 0
    for seed in SEEDS:
        rng = np.random.default_rng(seed)
        crowd = vote_crowd(rng)
        mine = crowd.annotator == 0
        crowd.seconds[mine] = np.exp(rng.normal(0.0, 0.3, int(mine.sum())))
        part = (crowd.annotator == 1) & (rng.random(mine.size) < 0.6)
        crowd.seconds[part] = np.exp(rng.normal(-0.5, 0.3, int(part.sum())))
        crowd.seconds[crowd.annotator == 2] *= 0.7
        seen = too_fast(crowd.task, crowd.annotator, crowd.seconds, annotator_count=crowd.people)
        found += int(seen.is_alarm[0]) + int(seen.is_alarm[1])
        others += int(seen.is_alarm[2:].sum())
        assert seen.median_seconds[0] < 2.0 < 5.0 < seen.usual_seconds[0]
    assert found >= 2 * len(SEEDS) - 2
    assert others <= 1  # of 104 honest people, 8 of them quick


def test_short_tasks_are_not_fast_work() -> None:
    rng = np.random.default_rng(3)
    who, task = np.repeat(np.arange(8), 60), np.concatenate([rng.permutation(200)[:60] for _ in range(8)])
    size = np.where(np.arange(200) < 100, 1, 40)
    easy = np.flatnonzero(who == 0)
    task[easy] = np.arange(60)
    seconds = size[task] ** 0.9 * np.exp(rng.normal(1.0, 0.4, who.size))
    assert not too_fast(task, who, seconds, annotator_count=8, size=size).is_alarm.any()


def test_who_became_worse_is_found_with_when_and_how_much() -> None:
    found, others, off = 0, 0, []
    for seed in SEEDS:
        rng = np.random.default_rng(seed)
        who, time = np.repeat(np.arange(12), 200), np.tile(np.arange(200.0), 12)
        rate = rng.beta(18, 3, 12)[who]
        rate[(who == 4) & (time >= 120)] = 0.5
        seen = drift(rng.random(who.size) < rate, who, time, annotator_count=12)
        found += int(seen.is_alarm[4])
        others += int(np.delete(seen.is_alarm, 4).sum())
        off.append(abs(seen.since[4] - 120.0))
        if seen.is_alarm[4]:
            assert seen.before[4] > seen.after[4] + 0.1
            assert 0 < len(seen.tasks[4]) <= 20
    assert found >= len(SEEDS) - 1
    assert np.median(off) <= 10.0
    assert others == 0


def test_honest_people_drift_no_more_often_than_the_p_value_says() -> None:
    rng = np.random.default_rng(0)
    values = []
    for _ in range(20):
        size = rng.integers(20, 300, 40)
        who = np.repeat(np.arange(40), size)
        right = rng.random(who.size) < rng.beta(9, 1.5, 40)[who]
        values.append(drift(right, who, np.arange(who.size), annotator_count=40).p_value)
    everyone = np.concatenate(values)
    for limit in (0.1, 0.03, 0.01):
        assert (everyone <= limit).mean() <= limit + 0.005


def test_hard_tasks_that_come_late_and_people_who_get_better_are_no_drift() -> None:
    rng = np.random.default_rng(4)
    who, time = np.repeat(np.arange(6), 200), np.tile(np.arange(200.0), 6)
    rate = np.where(time < 100, 0.9, 0.6)
    right = rng.random(who.size) < rate
    assert drift(right, who, time, annotator_count=6).is_alarm.any()
    assert not drift(right, who, time, annotator_count=6, expected=rate).is_alarm.any()
    better = rng.random(who.size) < np.where(time < 100, 0.5, 0.95)
    assert not drift(better, who, time, annotator_count=6).is_alarm.any()


def test_findings_carry_what_a_person_needs() -> None:
    rng = np.random.default_rng(5)
    crowd = vote_crowd(rng)
    crowd.label[crowd.annotator == 2] = 0
    seen = signals_of(crowd)
    kinds = {finding.signal for finding in seen.of(2)}
    assert kinds == {SignalKind.SPAM, SignalKind.STRAIGHT_LINING}
    for finding in seen.of(2):
        assert finding.p_value <= finding.adjusted <= 0.01
        assert 0.5 <= finding.severity <= 1.0
        assert finding.numbers and all(number.name for number in finding.numbers)
        assert 0 < len(finding.tasks) <= 20
        assert set(finding.tasks) <= set(crowd.task[crowd.annotator == 2].tolist())
    assert list(seen.findings) == sorted(seen.findings, key=lambda finding: -finding.severity)


def columns(seen) -> list[np.ndarray]:
    return [seen.spam.p_value, seen.too_fast.p_value, seen.straight_lining.p_value, seen.drift.p_value]


def test_renaming_people_and_labels_renames_the_answer() -> None:
    rng = np.random.default_rng(6)
    crowd = copied(vote_crowd(rng, people=7, tasks=200, labels=3), rng, share=0.9)
    crowd.label[crowd.annotator == 3] = 1
    people, labels = rng.permutation(7), rng.permutation(3)
    renamed = crowd._replace(annotator=people[crowd.annotator], label=labels[crowd.label])
    one, other = signals_of(crowd), signals_of(renamed)
    for before, after in zip(columns(one), columns(other), strict=True):
        assert after[people] == pytest.approx(before, abs=1e-6)
    told = {(people[f.annotator], f.signal) for f in one.findings}
    assert told == {(f.annotator, f.signal) for f in other.findings}


@settings(max_examples=40, deadline=None)
@given(
    rows=st.lists(st.tuples(st.integers(0, 5), st.integers(0, 3), st.integers(0, 2)), max_size=40),
    with_columns=st.booleans(),
)
def test_any_votes_have_a_finite_answer(rows: list[tuple[int, int, int]], with_columns: bool) -> None:
    table = np.array(rows, dtype=int).reshape(-1, 3)
    votes = Votes.of(table[:, 0], table[:, 1], table[:, 2], task_count=6, annotator_count=4, label_count=3)
    extra = {"seconds": np.full(len(rows), 3.0), "submitted": np.zeros(len(rows))} if with_columns else {}
    seen = vote_signals(votes, **extra, settings=SignalSettings(least_answers=1))
    for p_value in (*columns(seen), seen.copying.p_value):
        assert np.isfinite(p_value).all() and ((p_value >= 0.0) & (p_value <= 1.0)).all()
    assert (seen.copying.first != seen.copying.second).all()


def test_nobody_one_person_and_one_class() -> None:
    nobody = Votes.of([], [], [], task_count=0, annotator_count=0, label_count=1)
    assert vote_signals(nobody).findings == ()
    alone = Votes.of(np.arange(50), np.zeros(50, dtype=int), np.zeros(50, dtype=int), task_count=50,
                     annotator_count=1, label_count=1)  # fmt: skip
    assert vote_signals(alone, seconds=np.ones(50), submitted=np.arange(50)).findings == ()


def test_too_many_pairs_are_thinned() -> None:
    rng = np.random.default_rng(7)
    crowd = copied(vote_crowd(rng, people=6, tasks=800), rng, share=0.95)
    few = copying(crowd.votes(), submitted=crowd.submitted, settings=SignalSettings(most_pair_rows=3000))
    everything = copying(crowd.votes(), submitted=crowd.submitted)
    assert few.shared.sum() <= 3200 < everything.shared.sum()
    assert few.is_alarm.any()


@pytest.mark.parametrize(
    "wrong",
    [
        lambda: vote_signals(vote_crowd(np.random.default_rng(0), tasks=9).votes(), seconds=[1.0]),
        lambda: SignalSettings(false_discovery=0.0),
        lambda: drift([0.5], [0], [1.0, 2.0], annotator_count=1),
        lambda: drift([1.5], [0], [1.0], annotator_count=1),
        lambda: too_fast([0], [1], [1.0], annotator_count=1),
    ],
)
def test_what_cannot_be_is_refused(wrong) -> None:
    with pytest.raises(InvalidInputError):
        wrong()
