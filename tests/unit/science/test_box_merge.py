"""Merged boxes: bias off, the exact drawn nearer, one bad box of three without pull."""

from __future__ import annotations

import numpy as np
import pytest

from goldsmith.science.boxes import paired_box_iou
from goldsmith.science.consensus.box_merge import CornerSkill, fit_corner_skill, merge_boxes


def crowd(seed: int, noises: list[float], *, objects: int = 300) -> tuple[np.ndarray, ...]:
    rng = np.random.default_rng(seed)
    corner, size = rng.uniform(0, 500, (objects, 2)), rng.uniform(20, 120, (objects, 2))
    truth = np.concatenate([corner, corner + size], axis=1)
    side = np.tile(size, 2)
    boxes = [truth + rng.normal(0, 1, truth.shape) * side * noise for noise in noises]
    of_object = np.tile(np.arange(objects), len(noises))
    who = np.repeat(np.arange(len(noises)), objects)
    return truth, of_object, who, np.concatenate(boxes)


def test_noise_is_learnt_and_used() -> None:
    truth, of_object, who, box = crowd(1, [0.02, 0.08, 0.08])
    skill = fit_corner_skill(of_object, who, box, object_count=300, annotator_count=3)
    assert skill.noise[:3] == pytest.approx([0.02, 0.08, 0.08], rel=0.35)
    merged, precision = merge_boxes(of_object, who, box, object_count=300, skill=skill)
    plain, _ = merge_boxes(of_object, who, box, object_count=300, skill=CornerSkill.unknown(3))
    assert paired_box_iou(merged, truth).mean() > paired_box_iou(plain, truth).mean() + 0.005
    assert paired_box_iou(merged, truth).mean() > paired_box_iou(box[who == 0], truth).mean()
    assert (precision > skill.noise[0] ** -2.0).all()


def test_a_habit_of_drawing_too_large_is_taken_off() -> None:
    truth, of_object, who, box = crowd(2, [0.03, 0.03, 0.03])
    side = np.tile(truth[:, 2:] - truth[:, :2], 2)
    box[who == 2] += side * np.array([-0.15, -0.15, 0.15, 0.15])
    skill = fit_corner_skill(of_object, who, box, object_count=300, annotator_count=3)
    habit = skill.bias[2] - skill.bias[:2].mean(axis=0)
    assert (habit[:2] < -0.05).all()
    assert (habit[2:] > 0.05).all()


def test_one_bad_box_of_three_has_little_pull() -> None:
    box = np.array([[10.0, 10, 50, 50], [11, 10, 51, 50], [30, 30, 70, 70]])
    merged, _ = merge_boxes(
        np.zeros(3, dtype=int), np.arange(3), box, object_count=1, skill=CornerSkill.unknown(3)
    )
    assert merged[0] == pytest.approx([10.5, 10, 50.5, 50], abs=2.5)


def test_agreement_to_the_pixel_and_nothing_at_all() -> None:
    box = np.tile([[3.0, 4, 9, 12]], (2, 1))
    skill = fit_corner_skill(np.zeros(2, dtype=int), np.arange(2), box, object_count=2, annotator_count=2)
    merged, precision = merge_boxes(np.zeros(2, dtype=int), np.arange(2), box, object_count=2, skill=skill)
    assert merged.tolist() == [[3, 4, 9, 12], [0, 0, 0, 0]]
    assert precision[1] == 0.0
    none = fit_corner_skill(
        np.zeros(0, dtype=int), np.zeros(0, dtype=int), np.zeros((0, 4)), object_count=0, annotator_count=3
    )
    assert np.isfinite(none.noise).all()
