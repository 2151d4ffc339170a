"""Simulated annotators do what is stated of them."""

from __future__ import annotations

import numpy as np
import pytest

from goldsmith.core.errors import InvalidInputError
from goldsmith.science.boxes import box_iou
from goldsmith.science.marks import Marks
from goldsmith.science.simulation import SimulatedAnnotator, simulate_crowd

PERFECT = SimulatedAnnotator(0.0, 0.0, 0.0, 0.0, tremor_px=0.0)


def gold(seed: int = 0, *, images: int = 200) -> Marks:
    rng = np.random.default_rng(seed)
    image = np.repeat(np.arange(images), 4)
    corner = rng.uniform(0, 550, (image.size, 2))
    return Marks.of(
        image=image,
        annotator=np.zeros(image.size, dtype=int),
        class_index=rng.integers(0, 3, image.size),
        box_xyxy=np.concatenate([corner, corner + 30], axis=1),
    )


def crowd(people: list[SimulatedAnnotator], *, overlap: int = 1) -> Marks:
    return simulate_crowd(
        np.random.default_rng(1),
        gold(),
        people,
        image_count=200,
        class_count=3,
        overlap=overlap,
        width_px=600,
        height_px=600,
    )[0]


def test_the_perfect_annotator_gives_the_truth() -> None:
    marks = crowd([PERFECT])
    np.testing.assert_allclose(marks.box_xyxy, gold().box_xyxy)
    np.testing.assert_array_equal(marks.class_index, gold().class_index)


def test_rates_come_out_as_stated() -> None:
    truth = gold()
    misses = crowd([SimulatedAnnotator(0.3, 0.0, 0.0, 0.0, small_factor=1.0)])
    assert len(misses) / len(truth) == pytest.approx(0.7, abs=0.05)
    alarms = crowd([SimulatedAnnotator(0.0, 1.5, 0.0, 0.0)])
    assert (len(alarms) - len(truth)) / 200 == pytest.approx(1.5, abs=0.25)
    wrong = crowd([SimulatedAnnotator(0.0, 0.0, 0.6, 0.0)])
    assert (wrong.class_index != truth.class_index).mean() == pytest.approx(0.4, abs=0.06)
    shaky = crowd([SimulatedAnnotator(0.0, 0.0, 0.0, 0.1)])
    assert (np.abs(shaky.box_xyxy - truth.box_xyxy)).mean() == pytest.approx(0.8 * (3.0 + 0.5), rel=0.1)


def test_small_objects_are_missed_more_often_than_large_ones() -> None:
    rng = np.random.default_rng(0)
    box = np.concatenate([np.tile([5.0, 5, 10, 10], (500, 1)), np.tile([5.0, 5, 95, 95], (500, 1))])
    person = SimulatedAnnotator(0.2, 0.0, 0.0, 0.0)
    label, _ = person.annotate(
        rng,
        class_index=np.repeat([0, 1], 500),
        box_xyxy=box,
        class_count=1,
        width_px=100,
        height_px=100,
    )
    assert (label == 0).sum() < 360 < 430 < (label == 1).sum()


def test_marks_stay_inside_and_overlap_gives_that_many_looks() -> None:
    marks = crowd([SimulatedAnnotator(0.1, 2.0, 0.1, 0.5)] * 4, overlap=3)
    assert marks.box_xyxy.min() >= 0.0
    assert marks.box_xyxy.max() <= 600.0
    assert (marks.box_xyxy[:, 2:] - marks.box_xyxy[:, :2]).min() >= 1.0 - 1e-9
    assert all(np.unique(marks.annotator[marks.image == i]).size == 3 for i in range(20))


def test_no_objects_at_all_still_gives_false_alarms_of_some_size() -> None:
    label, box = SimulatedAnnotator(0.0, 5.0, 0.0, 0.0).annotate(
        np.random.default_rng(2),
        class_index=np.zeros(0, dtype=int),
        box_xyxy=np.zeros((0, 4)),
        class_count=2,
        width_px=300,
        height_px=200,
    )
    assert label.size == len(box) > 0
    assert box_iou(box, box).max() == pytest.approx(1.0)


def test_more_overlap_than_people_is_refused() -> None:
    with pytest.raises(InvalidInputError, match="overlap"):
        crowd([PERFECT], overlap=2)
