"""Honest people who mark objects are left alone; offenders are found, each by the right name."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from goldsmith.core.errors import InvalidInputError
from goldsmith.science.marks import Looks, Marks
from goldsmith.science.matching import cluster_marks
from goldsmith.science.signals import SignalKind, SignalSettings, object_signals
from tests.unit.science.signals.crowds import ObjectCrowd, object_crowd

SEEDS = range(4)
NOTHING = (np.zeros((0, 4)), np.zeros(0))


def signals_of(crowd: ObjectCrowd, **more):
    return object_signals(
        crowd.marks,
        crowd.looks,
        annotator_count=crowd.people,
        class_count=3,
        seconds=crowd.seconds,
        submitted=crowd.submitted,
        **more,
    )


def names(seen, who: int) -> set[SignalKind]:
    return {finding.signal for finding in seen.of(who)}


def test_honest_crowds_raise_fewer_than_one_alarm_in_a_hundred_people() -> None:
    alarms = people = 0
    for seed in range(16):
        rng = np.random.default_rng(seed)
        crowd = object_crowd(
            rng, people=int(rng.choice([3, 6, 20])), images=80, overlap=int(rng.choice([2, 3]))
        )
        people += crowd.people
        alarms += len(signals_of(crowd).findings)
    assert alarms < max(people / 100, 1)


@pytest.mark.parametrize("how", ["anywhere", "always there", "nothing"])
def test_spammers_are_found(how: str) -> None:
    fixed = np.array([[100.0, 100, 200, 200], [300, 300, 380, 420]])
    for seed in SEEDS:
        rng = np.random.default_rng(seed)

        def draw(image: int, rng=rng):
            if how == "nothing":
                return NOTHING
            if how == "always there":
                return fixed, np.zeros(2)
            corner = rng.uniform(0, 560, (rng.poisson(5), 2))
            size = np.exp(rng.normal(3.6, 0.5, corner.shape))
            return np.c_[corner, corner + size], rng.integers(0, 3, len(corner))

        seen = signals_of(object_crowd(rng).with_marks(0, draw))
        assert SignalKind.SPAM in names(seen, 0)
        assert (SignalKind.STRAIGHT_LINING in names(seen, 0)) == (how != "anywhere")
        assert {finding.annotator for finding in seen.findings} == {0}
        assert seen.spam.found[0] < 0.1 < 0.5 < seen.spam.usual_found


def test_half_a_crowd_of_spammers_does_not_turn_the_tables_where_there_is_gold() -> None:
    rng = np.random.default_rng(1)
    crowd = object_crowd(rng, people=4, images=60)
    for who in (0, 1):
        crowd = crowd.with_marks(
            who, lambda image: (np.array([[10.0, 10, 90, 90]]) + rng.uniform(0, 400), np.zeros(1))
        )
    seen = signals_of(crowd, gold=crowd.gold, gold_images=np.arange(60))
    assert seen.spam.is_alarm.tolist() == [True, True, False, False]


def copied(crowd: ObjectCrowd, rng, *, jitter_px: float) -> ObjectCrowd:
    marks, looks = crowd.marks, crowd.looks
    of_source = set(looks.image[looks.annotator == 4].tolist())

    def draw(image: int):
        source = 4 if image in of_source else 3
        rows = np.flatnonzero((marks.image == image) & (marks.annotator == source))
        moved = rng.normal(0.0, jitter_px, (rows.size, 1)) if source == 4 else 0.0
        return marks.box_xyxy[rows] + moved, marks.class_index[rows]

    tampered = crowd.with_marks(3, draw)
    for image in of_source & set(looks.image[looks.annotator == 3].tolist()):
        mine, theirs = (np.flatnonzero((looks.image == image) & (looks.annotator == who)) for who in (3, 4))
        tampered.submitted[mine] = tampered.submitted[theirs] + 0.5
    return tampered


@pytest.mark.parametrize("jitter_px", [0.0, 0.3])
def test_copied_outlines_are_found_and_who_copied_is_told(jitter_px: float) -> None:
    for seed in SEEDS:
        rng = np.random.default_rng(seed)
        seen = signals_of(copied(object_crowd(rng), rng, jitter_px=jitter_px))
        (finding,) = [one for one in seen.findings if one.signal is SignalKind.COPYING]
        assert (finding.annotator, finding.other, finding.is_certain_who) == (3, 4, True)
        assert names(seen, 4) == set()


def test_what_a_model_drew_for_everybody_is_no_copy() -> None:
    rng = np.random.default_rng(2)
    crowd = object_crowd(rng, people=6)
    gold = crowd.gold
    for who in range(6):
        kept = rng.random(len(gold)) < 0.9

        def draw(image: int, kept=kept):
            rows = np.flatnonzero((gold.image == image) & kept)
            return gold.box_xyxy[rows], gold.class_index[rows]

        crowd = crowd.with_marks(who, draw)
    assert not signals_of(crowd).copying.is_alarm.any()


def test_the_same_parked_cars_on_every_image_are_no_lines() -> None:
    rng = np.random.default_rng(3)
    crowd = object_crowd(rng, people=6)
    cars = rng.uniform(0, 500, (6, 2))
    boxes = np.c_[cars, cars + 60.0]
    for who in range(6):
        own = boxes + rng.normal(0.0, 1.0, boxes.shape)  # drawn once, carried along
        crowd = crowd.with_marks(who, lambda image, own=own: (own, np.zeros(6)))
    seen = signals_of(crowd)
    assert not seen.straight_lining.is_alarm.any()
    assert not seen.copying.is_alarm.any()


def test_haste_and_decline_are_found() -> None:
    drifted = 0
    for seed in SEEDS:
        rng = np.random.default_rng(seed)
        crowd = object_crowd(rng, images=300)
        crowd.seconds[crowd.looks.annotator == 1] *= 0.05
        own = crowd.looks.annotator == 2
        late = crowd.looks.image[own & (crowd.submitted > np.median(crowd.submitted[own]))]
        lost = (crowd.marks.annotator == 2) & np.isin(crowd.marks.image, late)
        lost &= rng.random(lost.size) < 0.6
        seen = signals_of(crowd._replace(marks=crowd.marks.at(np.flatnonzero(~lost))))
        assert names(seen, 1) == {SignalKind.TOO_FAST}
        drifted += int(SignalKind.DRIFT in names(seen, 2))
        assert {finding.annotator for finding in seen.findings} <= {1, 2}
    assert drifted >= len(SEEDS) - 1


def test_clusters_made_before_give_the_same() -> None:
    crowd = object_crowd(np.random.default_rng(4), images=40)
    one, other = signals_of(crowd), signals_of(crowd, object_of_mark=cluster_marks(crowd.marks))
    assert one.spam.p_value == pytest.approx(other.spam.p_value)
    assert one.copying.log_ratio == pytest.approx(other.copying.log_ratio)


@settings(max_examples=25, deadline=None)
@given(
    rows=st.lists(
        st.tuples(st.integers(0, 3), st.integers(0, 2), st.integers(0, 1), st.integers(0, 3)), max_size=20
    )
)
def test_any_marks_have_a_finite_answer(rows: list[tuple[int, int, int, int]]) -> None:
    table = np.array(rows, dtype=int).reshape(-1, 4)
    corner = table[:, 3:4] * np.array([[9.0, 7.0]])
    marks = Marks.of(
        image=table[:, 0],
        annotator=table[:, 1],
        class_index=table[:, 2],
        box_xyxy=np.c_[corner, corner + 20.0],
    )
    looks = Looks.of(image=np.repeat(np.arange(4), 3), annotator=np.tile(np.arange(3), 4))
    seen = object_signals(
        marks,
        looks,
        annotator_count=3,
        class_count=2,
        seconds=np.full(12, 5.0),
        submitted=np.arange(12),
        settings=SignalSettings(least_answers=1),
    )
    for p_value in (
        seen.spam.p_value,
        seen.drift.p_value,
        seen.too_fast.p_value,
        seen.straight_lining.p_value,
        seen.copying.p_value,
    ):
        assert np.isfinite(p_value).all() and ((p_value >= 0.0) & (p_value <= 1.0)).all()


def test_nothing_marked_and_nobody_looking() -> None:
    none = Marks.of(image=[], annotator=[], class_index=[], box_xyxy=[])
    looks = Looks.of(image=np.repeat(np.arange(20), 2), annotator=np.tile([0, 1], 20))
    assert object_signals(none, looks, annotator_count=2, class_count=1).findings == ()
    assert (
        object_signals(none, Looks.of(image=[], annotator=[]), annotator_count=0, class_count=1).findings
        == ()
    )


def test_columns_must_stand_beside_the_looks() -> None:
    crowd = object_crowd(np.random.default_rng(5), images=5)
    with pytest.raises(InvalidInputError):
        object_signals(crowd.marks, crowd.looks, annotator_count=crowd.people, class_count=3, seconds=[1.0])


def test_tasks_of_findings_are_images_also_where_classes_are_copied_or_always_the_same() -> None:
    rng = np.random.default_rng(6)
    crowd = object_crowd(rng, people=6, images=60, overlap=6)
    objects, who = cluster_marks(crowd.marks), crowd.marks.annotator
    label = crowd.marks.class_index.copy()
    said = rng.integers(0, 3, objects.max() + 1)
    label[who >= 4] = said[objects[who >= 4]]
    label[who == 0] = 2
    marks = Marks.of(image=crowd.marks.image, annotator=who, class_index=label, box_xyxy=crowd.marks.box_xyxy)
    seen = signals_of(crowd._replace(marks=marks))
    told = {(finding.annotator, finding.signal) for finding in seen.findings}
    assert {(0, SignalKind.STRAIGHT_LINING), (4, SignalKind.COPYING), (5, SignalKind.COPYING)} <= told
    for finding in seen.findings:
        own = set(crowd.looks.image[crowd.looks.annotator == finding.annotator].tolist())
        assert finding.tasks and set(finding.tasks) <= own
