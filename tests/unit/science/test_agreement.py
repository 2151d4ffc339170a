"""Agreement: textbook values, chance at zero, and marked objects by hand."""

from __future__ import annotations

import numpy as np
import pytest

from goldsmith.core.errors import InvalidInputError
from goldsmith.science.agreement import cohen_kappa, detection_agreement, krippendorff_alpha
from goldsmith.science.marks import Looks, Marks
from goldsmith.science.matching import cluster_marks

# Krippendorff 2011, "Computing Krippendorff's Alpha-Reliability", section C: four observers, twelve units, some missing
OBSERVERS = [
    [1, 2, 3, 3, 2, 1, 4, 1, 2, 0, 0, 0],
    [1, 2, 3, 3, 2, 2, 4, 1, 2, 5, 0, 3],
    [0, 3, 3, 3, 2, 3, 4, 2, 2, 5, 1, 0],
    [1, 2, 3, 3, 2, 4, 4, 1, 2, 5, 1, 0],
]


def textbook() -> tuple[np.ndarray, np.ndarray]:
    table = np.array(OBSERVERS)
    who, unit = np.nonzero(table)
    return unit, table[who, unit] - 1


def test_alpha_of_the_textbook() -> None:
    unit, value = textbook()
    assert krippendorff_alpha(unit, value, label_count=5).value == pytest.approx(0.743, abs=5e-4)
    steps = np.arange(5.0)
    interval = (steps[:, None] - steps) ** 2
    assert krippendorff_alpha(unit, value, label_count=5, distance=interval).value == pytest.approx(
        0.849, abs=5e-4
    )


def test_alpha_interval_chance_and_edges() -> None:
    rng = np.random.default_rng(0)
    item, label = np.repeat(np.arange(400), 3), rng.integers(0, 3, 1200)
    chance = krippendorff_alpha(item, label, label_count=3, rng=rng)
    assert chance.low < 0.0 < chance.high
    assert chance.pairs == 1200
    unit, value = textbook()
    drawn = krippendorff_alpha(unit, value, label_count=5, rng=rng)
    assert drawn.low < drawn.value <= drawn.high
    assert krippendorff_alpha([0, 0, 1, 1], [2, 2, 2, 2], label_count=3).value == 1.0
    assert krippendorff_alpha([0, 1, 2], [0, 1, 2], label_count=3).pairs == 0
    assert krippendorff_alpha([], [], label_count=3).value == 0.0


def test_alpha_does_not_depend_on_order_or_names() -> None:
    unit, value = textbook()
    rng = np.random.default_rng(1)
    order, names = rng.permutation(unit.size), rng.permutation(5)
    one = krippendorff_alpha(unit, value, label_count=5)
    two = krippendorff_alpha(unit[order] + 40, names[value[order]], label_count=5)
    assert one.value == pytest.approx(two.value)


def test_kappa_of_the_textbook() -> None:
    """Cohen's grant example: 20 and 15 agreed of 50."""
    first = np.repeat([0, 0, 1, 1], [20, 5, 10, 15])
    second = np.repeat([0, 1, 0, 1], [20, 5, 10, 15])
    kappa = cohen_kappa(first, second, label_count=2, rng=np.random.default_rng(0))
    assert kappa.value == pytest.approx(0.4)
    assert (kappa.observed, kappa.expected) == pytest.approx((0.7, 0.5))
    assert kappa.low < 0.4 < kappa.high
    assert cohen_kappa([1, 1], [1, 1], label_count=2).value == 1.0
    assert cohen_kappa([], [], label_count=2).pairs == 0


def test_bad_input_is_refused() -> None:
    with pytest.raises(InvalidInputError, match="distance"):
        krippendorff_alpha([0, 0], [0, 1], label_count=2, distance=np.zeros((3, 3)))
    with pytest.raises(InvalidInputError, match="second has 1"):
        cohen_kappa([0, 1], [0], label_count=2)


def marked() -> tuple[Marks, Looks]:
    """Image 0: all three on one object, 2 says another class; image 1: 0 and 1, one shared of two; image 2: silence."""
    marks = Marks.of(
        image=[0, 0, 0, 1, 1, 1],
        annotator=[0, 1, 2, 0, 1, 1],
        class_index=[0, 0, 1, 1, 1, 1],
        box_xyxy=[[0, 0, 10, 10]] * 3 + [[0, 0, 10, 10], [0, 0, 10, 8], [50, 50, 60, 60]],
    )
    return marks, Looks.of(image=[0, 0, 0, 1, 1, 2, 2], annotator=[0, 1, 2, 0, 1, 0, 2])


def test_marked_objects_by_hand() -> None:
    marks, looks = marked()
    result = detection_agreement(
        marks, looks, object_of_mark=cluster_marks(marks), annotator_count=3, class_count=3
    )
    pairs = {(int(result.pairs.first[k]), int(result.pairs.second[k])): k for k in range(len(result.pairs))}
    k = pairs[0, 1]
    assert (result.pairs.images[k], result.pairs.marks[k]) == (2, 5)
    assert result.pairs.f1[k] == pytest.approx(4 / 5)
    assert result.pairs.mean_iou[k] == pytest.approx((1.0 + 0.8) / 2)
    assert result.pairs.class_agreement[k] == 1.0
    k = pairs[0, 2]
    assert (result.pairs.images[k], result.pairs.f1[k], result.pairs.class_agreement[k]) == (2, 0.0, 0.0)
    assert result.overall.f1[0] == pytest.approx(4 / (5 + 2 + 2))
    assert result.classes.f1.tolist() == pytest.approx([2 / 4, 2 / 5, 1.0])
    assert result.overall.first.tolist() == [-1]


def test_intervals_hold_the_value_and_names_do_not_matter() -> None:
    rng = np.random.default_rng(3)
    image, who = np.repeat(np.arange(60), 6), np.tile([0, 0, 1, 1, 2, 2], 60)
    box = np.tile([[0.0, 0, 10, 10], [30, 30, 44, 40]], (180, 1)) + rng.normal(0, 2.0, (360, 4))
    box[:, 2:] = np.maximum(box[:, 2:], box[:, :2] + 1)
    marks = Marks.of(image=image, annotator=who, class_index=rng.integers(0, 2, 360), box_xyxy=box)
    looks = Looks.of(image=[], annotator=[])
    shape = {"object_of_mark": cluster_marks(marks), "class_count": 2}
    result = detection_agreement(marks, looks, annotator_count=3, rng=rng, **shape)
    for part in (result.overall, result.pairs, result.classes):
        assert ((part.low <= part.f1) & (part.f1 <= part.high)).all()
        assert (part.low < part.high).all()
    renamed = Marks(marks.image, np.array([4, 2, 0])[who], marks.class_index, marks.box_xyxy)
    other = detection_agreement(renamed, looks, annotator_count=5, **shape)
    assert sorted(other.pairs.f1.tolist()) == pytest.approx(sorted(result.pairs.f1.tolist()))
    assert other.overall.f1 == pytest.approx(result.overall.f1)


def test_one_annotator_has_nobody_to_agree_with() -> None:
    marks = Marks.of(image=[0], annotator=[0], class_index=[0], box_xyxy=[[0, 0, 4, 4]])
    result = detection_agreement(
        marks,
        Looks.of(image=[0], annotator=[0]),
        object_of_mark=np.array([0]),
        annotator_count=1,
        class_count=1,
    )
    assert len(result.pairs) == 0
    assert result.overall.images.tolist() == [0]
    assert result.overall.f1.tolist() == [1.0]


def test_polygons_agree_by_their_shape() -> None:
    ring = np.array([[0.0, 0], [20, 0], [0, 20]])
    marks = Marks.of(
        image=[0, 0],
        annotator=[0, 1],
        class_index=[0, 0],
        box_xyxy=np.zeros((2, 4)),
        rings=[[ring], [ring * 0.9]],
    )
    result = detection_agreement(
        marks,
        Looks.of(image=[], annotator=[]),
        object_of_mark=cluster_marks(marks),
        annotator_count=2,
        class_count=1,
    )
    assert result.pairs.mean_iou.tolist() == pytest.approx([0.81])
