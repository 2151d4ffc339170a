"""Skill: gold at full weight, agreement at a discount, intervals that hold."""

from __future__ import annotations

import numpy as np
import pytest

from goldsmith.core.errors import InvalidInputError
from goldsmith.science.consensus import fit_detection_skill, resolve_detections
from goldsmith.science.marks import Looks, Marks
from goldsmith.science.simulation import SimulatedAnnotator, simulate_crowd
from goldsmith.science.skill import annotator_skill, class_skill, detection_evidence, label_evidence
from goldsmith.science.votes import Votes, smoothed_confusion


def test_intervals_hold_the_truth_as_often_as_they_say() -> None:
    rng = np.random.default_rng(0)
    truth = rng.beta(16, 4, 400)
    total = rng.integers(5, 60, 400)
    right = rng.binomial(total, truth)
    skill = annotator_skill(
        gold_right=right, gold_total=total, agreement_right=np.zeros(400), agreement_total=np.zeros(400)
    )
    inside = (skill.low <= truth) & (truth <= skill.high)
    assert inside.mean() == pytest.approx(0.8, abs=0.06)
    assert ((skill.low < skill.mean) & (skill.mean < skill.high)).all()


def test_agreement_counts_less_than_gold_and_least_where_gold_contradicts() -> None:
    skill = annotator_skill(
        gold_right=[0, 45, 10],
        gold_total=[0, 50, 50],
        agreement_right=[90, 90, 95],
        agreement_total=[100] * 3,
    )
    assert skill.agreement_weight[0] == pytest.approx(0.3)
    assert skill.agreement_weight[2] < 0.01
    assert skill.mean[2] < 0.35
    assert skill.high[1] - skill.low[1] < skill.high[0] - skill.low[0]


def test_nobody_known_is_wide_and_nobody_at_all_is_empty() -> None:
    skill = annotator_skill(gold_right=[0], gold_total=[0], agreement_right=[0], agreement_total=[0])
    assert skill.high[0] - skill.low[0] > 0.3
    assert not skill.enough[0]
    none = annotator_skill(gold_right=[], gold_total=[], agreement_right=[], agreement_total=[])
    assert none.mean.shape == (0,)


def test_more_evidence_more_certain() -> None:
    skill = annotator_skill(
        gold_right=[8, 80, 800], gold_total=[10, 100, 1000], agreement_right=[0] * 3, agreement_total=[0] * 3
    )
    width = skill.high - skill.low
    assert width[0] > width[1] > width[2]
    assert skill.mean == pytest.approx([0.8] * 3, abs=0.05)


def test_detection_evidence_by_hand() -> None:
    gold = Marks.of(
        image=[0, 0], annotator=[0, 0], class_index=[0, 1], box_xyxy=[[0, 0, 20, 20], [50, 0, 70, 20]]
    )
    marks = Marks.of(  # 0: both right; 1: wrong class, a miss and a false alarm of class 1; 2 saw nothing
        image=[0, 0, 0, 0],
        annotator=[0, 0, 1, 1],
        class_index=[0, 1, 1, 1],
        box_xyxy=[[0, 0, 20, 19], [50, 0, 70, 20], [0, 0, 20, 20], [200, 0, 220, 20]],
    )
    looks = Looks.of(image=[0, 0, 0], annotator=[0, 1, 2])
    skill = fit_detection_skill(marks, looks, annotator_count=3, class_count=2)
    consensus = resolve_detections(marks, looks, skill=skill)
    evidence = detection_evidence(
        marks, looks, consensus, annotator_count=3, class_count=2, gold=gold, gold_images=[0]
    )
    assert evidence.gold_right.tolist() == [[1, 1], [0, 0], [0, 0]]
    assert evidence.gold_total.tolist() == [[1, 1], [1, 2], [1, 1]]
    assert evidence.agreement_total.sum() == 0.0
    without = detection_evidence(marks, looks, consensus, annotator_count=3, class_count=2)
    assert without.gold_total.sum() == 0.0
    assert without.agreement_total.sum() > 5.0
    assert (without.agreement_right <= without.agreement_total + 1e-9).all()


def test_gold_images_without_objects_count_false_alarms() -> None:
    marks = Marks.of(image=[0], annotator=[0], class_index=[1], box_xyxy=[[0, 0, 9, 9]])
    looks = Looks.of(image=[0, 0], annotator=[0, 1])
    skill = fit_detection_skill(marks, looks, annotator_count=2, class_count=2)
    consensus = resolve_detections(marks, looks, skill=skill)
    evidence = detection_evidence(marks, looks, consensus, annotator_count=2, class_count=2, gold_images=[0])
    assert evidence.gold_total.tolist() == [[0, 1], [0, 0]]
    assert evidence.gold_right.sum() == 0.0


def test_annotators_are_ranked_as_they_were_made() -> None:
    rng = np.random.default_rng(2)
    image = np.repeat(np.arange(120), 5)
    corner = rng.uniform(0, 500, (600, 2))
    gold = Marks.of(
        image=image,
        annotator=np.zeros(600, dtype=int),
        class_index=rng.integers(0, 3, 600),
        box_xyxy=np.concatenate([corner, corner + rng.uniform(15, 90, (600, 2))], axis=1),
    )
    people = [
        SimulatedAnnotator(m, f, w, 0.04) for m, f, w in ((0.05, 0.1, 0.02), (0.2, 0.4, 0.1), (0.5, 1.5, 0.4))
    ]
    marks, looks = simulate_crowd(
        rng, gold, people, image_count=120, class_count=3, overlap=3, width_px=640, height_px=640
    )
    skill = fit_detection_skill(marks, looks, annotator_count=3, class_count=3)
    consensus = resolve_detections(marks, looks, skill=skill)
    evidence = detection_evidence(
        marks, looks, consensus, annotator_count=3, class_count=3, gold=gold, gold_images=np.arange(20)
    )
    overall = evidence.overall()
    assert overall.low[0] > overall.high[1] > overall.low[1] > overall.high[2]
    by_class = class_skill(evidence)
    assert by_class.mean.shape == (3, 3)
    assert by_class.enough.all()
    assert (by_class.high - by_class.low > (overall.high - overall.low)[:, None]).all()


def test_label_evidence_by_hand() -> None:
    votes = Votes.of([0, 0, 1, 2], [0, 1, 0, 1], [0, 1, 1, 1], task_count=3, annotator_count=2, label_count=2)
    consensus = smoothed_confusion(votes)
    evidence = label_evidence(
        [0, 0, 1, 2],
        [0, 1, 0, 1],
        [0, 1, 1, 1],
        posterior=consensus.posterior,
        annotator_count=2,
        gold=[-1, 1, -1],
    )
    assert evidence.gold_right.tolist() == [[0, 1], [0, 0]]
    assert evidence.gold_total.tolist() == [[0, 1], [0, 0]]
    assert evidence.agreement_total.sum(axis=1).tolist() == pytest.approx(
        [1.0, 1.0]
    )  # task 2 had one answer only
    assert evidence.agreement_right[0, 0] == pytest.approx(consensus.posterior[0, 0])


def test_impossible_counts_are_refused() -> None:
    with pytest.raises(InvalidInputError, match="gold_right"):
        annotator_skill(gold_right=[5], gold_total=[4], agreement_right=[0], agreement_total=[0])
    with pytest.raises(InvalidInputError, match="same annotators"):
        annotator_skill(gold_right=[1], gold_total=[4], agreement_right=[0, 1], agreement_total=[0, 1])
    with pytest.raises(InvalidInputError, match="agreement_weight"):
        annotator_skill(
            gold_right=[1], gold_total=[4], agreement_right=[0], agreement_total=[0], agreement_weight=2.0
        )
