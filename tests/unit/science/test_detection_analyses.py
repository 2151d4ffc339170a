"""Curves, confusion, slices, mistakes and worst images, against the COCO numbers and by hand."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from goldsmith.core.errors import InvalidInputError
from goldsmith.science.detection_metrics import (
    MISTAKES,
    ErrorKind,
    GoldBoxes,
    PredictedBoxes,
    Slice,
    confusion_matrix,
    detection_errors,
    evaluate_coco,
    evaluate_slices,
    found_objects,
    image_scores,
    match_once,
    precision_recall_curves,
)
from goldsmith.science.detection_metrics.average_precision import envelope, hits_needed

IMAGES, CLASSES = 12, 3
SCOPE = {"image_count": IMAGES, "class_count": CLASSES}


def case(seed: int, *, crowd: float = 0.1) -> tuple[GoldBoxes, PredictedBoxes]:
    rng = np.random.default_rng(seed)
    count, found = int(rng.integers(0, 60)), int(rng.integers(0, 150))
    corner = rng.integers(0, 60, (count, 2)).astype(float)
    box = np.concatenate([corner, rng.integers(8, 60, (count, 2))], axis=1)
    gold = GoldBoxes.of(
        image=rng.integers(0, IMAGES, count),
        class_index=rng.integers(0, CLASSES, count),
        box_xywh=box,
        is_crowd=rng.random(count) < crowd,
    )
    if count:
        source = rng.integers(0, count, found)
        drawn = box[source] + rng.normal(0, 5, (found, 4))
        image, label = gold.image[source], gold.class_index[source]
        label = np.where(rng.random(found) < 0.2, rng.integers(0, CLASSES, found), label)
    else:
        drawn = np.tile([5.0, 5, 20, 20], (found, 1))
        image, label = rng.integers(0, IMAGES, found), rng.integers(0, CLASSES, found)
    drawn[:, 2:] = drawn[:, 2:].clip(1)
    score = rng.integers(0, 20, found) / 20
    return gold, PredictedBoxes.of(image=image, class_index=label, box_xywh=drawn, score=score)


@given(seed=st.integers(0, 10_000))
@settings(max_examples=40, deadline=None)
def test_curves_have_the_average_precision_of_coco(seed: int) -> None:
    gold, predicted = case(seed)
    curves = precision_recall_curves(gold, predicted, **SCOPE)
    whole = evaluate_coco(gold, predicted, **SCOPE)
    assert [c.average_precision for c in curves] == pytest.approx(whole.class_ap50.tolist(), abs=1e-12)
    for curve in curves:
        assert (np.diff(curve.recall) >= 0).all()
        assert (np.diff(curve.score) < 0).all()
        assert ((curve.precision >= 0) & (curve.precision <= 1)).all()


def test_the_best_point_of_a_curve_is_what_counting_there_gives() -> None:
    gold, predicted = case(3, crowd=0.0)
    curve = precision_recall_curves(gold, predicted, **SCOPE)[1]
    only = predicted.class_index == 1
    of_class = PredictedBoxes(
        predicted.image[only], predicted.class_index[only], predicted.box_xywh[only], predicted.score[only]
    )
    there = gold.class_index == 1
    truth = GoldBoxes.of(
        image=gold.image[there], class_index=gold.class_index[there], box_xywh=gold.box_xywh[there]
    )
    counted = found_objects(truth, of_class, min_score=curve.best_score, **SCOPE)
    assert counted.f1 == pytest.approx(curve.best_f1)


def test_curves_are_thinned_but_keep_their_ends() -> None:
    gold, predicted = case(5)
    full = precision_recall_curves(gold, predicted, **SCOPE)[0]
    thin = precision_recall_curves(gold, predicted, max_points=4, **SCOPE)[0]
    assert thin.recall.size == 4
    assert thin.recall[-1] == full.recall[-1]
    assert thin.average_precision == full.average_precision


@given(seed=st.integers(0, 10_000), min_score=st.sampled_from([0.0, 0.3, 0.8]))
@settings(max_examples=40, deadline=None)
def test_confusion_counts_every_object_and_every_sure_detection_once(seed: int, min_score: float) -> None:
    gold, predicted = case(seed)
    matrix = confusion_matrix(gold, predicted, min_score=min_score, **SCOPE)
    match = match_once(gold, predicted, min_score=min_score, **SCOPE)
    to_find = np.bincount(gold.class_index[~gold.is_crowd], minlength=CLASSES)
    taken = np.bincount(predicted.class_index[match.counted], minlength=CLASSES)
    np.testing.assert_array_equal(matrix[:CLASSES].sum(axis=1), to_find)
    np.testing.assert_array_equal(matrix[:, :CLASSES].sum(axis=0), taken)
    assert matrix[CLASSES, CLASSES] == 0
    assert np.trace(matrix) == int((match.gold_of >= 0).sum())


@given(seed=st.integers(0, 10_000))
@settings(max_examples=30, deadline=None)
def test_a_slice_of_images_is_the_evaluation_of_these_images_alone(seed: int) -> None:
    gold, predicted = case(seed)
    some = np.arange(IMAGES) % 3 == 0
    sliced, whole = evaluate_slices(
        gold, predicted, slices=[Slice("some", images=some), Slice("all")], **SCOPE
    )
    g, p = some[gold.image], some[predicted.image]
    alone = evaluate_coco(
        GoldBoxes(gold.image[g], gold.class_index[g], gold.box_xywh[g], gold.area[g], gold.is_crowd[g]),
        PredictedBoxes(
            predicted.image[p], predicted.class_index[p], predicted.box_xywh[p], predicted.score[p]
        ),
        **SCOPE,
    )
    assert (sliced.ap, sliced.ap50) == pytest.approx((alone.numbers["ap"], alone.numbers["ap50"]), abs=1e-12)
    assert sliced.image_count == int(some.sum())
    full = evaluate_coco(gold, predicted, **SCOPE)
    assert whole.ap == pytest.approx(full.numbers["ap"], abs=1e-12)


def test_a_slice_by_size_is_cocos_area_range() -> None:
    gold, predicted = case(9)
    small = Slice("small", gold=gold.area <= 1024, predicted=predicted.area <= 1024)
    result = evaluate_slices(gold, predicted, slices=[small], **SCOPE)[0]
    assert result.ap == pytest.approx(evaluate_coco(gold, predicted, **SCOPE).numbers["ap_small"], abs=1e-12)


def test_slices_without_gold_and_bad_masks() -> None:
    gold, predicted = case(2)
    empty = evaluate_slices(
        gold, predicted, slices=[Slice("none", gold=np.zeros(len(gold), dtype=bool))], **SCOPE
    )[0]
    assert (empty.ap, empty.recall50, empty.gold_count) == (-1.0, -1.0, 0)
    assert evaluate_slices(gold, predicted, slices=[], **SCOPE) == []
    with pytest.raises(InvalidInputError, match="images has shape"):
        evaluate_slices(gold, predicted, slices=[Slice("bad", images=np.ones(3, dtype=bool))], **SCOPE)


def test_each_kind_of_mistake_by_hand() -> None:
    gold = GoldBoxes.of(
        image=[0, 0, 0, 0, 1],
        class_index=[0, 0, 1, 2, 0],
        box_xywh=[[0, 0, 20, 20], [100, 0, 20, 20], [200, 0, 20, 20], [300, 0, 20, 20], [0, 0, 50, 50]],
        is_crowd=[0, 0, 0, 0, 1],
    )
    told = [
        (0, 0, [0, 0, 20, 20], 0.9, ErrorKind.RIGHT, 0),
        (0, 0, [1, 0, 20, 20], 0.8, ErrorKind.DUPLICATE, 0),
        (0, 0, [112, 0, 20, 20], 0.7, ErrorKind.BAD_LOCATION, 1),
        (0, 0, [200, 0, 20, 20], 0.6, ErrorKind.WRONG_CLASS, 2),
        (0, 1, [312, 0, 20, 20], 0.5, ErrorKind.WRONG_CLASS_AND_LOCATION, 3),
        (0, 2, [500, 0, 20, 20], 0.4, ErrorKind.BACKGROUND, -1),
        (1, 0, [10, 10, 20, 20], 0.3, ErrorKind.IGNORED, -1),
    ]
    predicted = PredictedBoxes.of(
        image=[t[0] for t in told],
        class_index=[t[1] for t in told],
        box_xywh=[t[2] for t in told],
        score=[t[3] for t in told],
    )
    result = detection_errors(gold, predicted, image_count=2, class_count=3)
    assert result.kind.tolist() == [int(t[4]) for t in told]
    assert result.about.tolist() == [t[5] for t in told]
    assert result.missed.tolist() == [False, False, False, True, False]
    assert all(result.counts[kind] == 1 for kind in ErrorKind)
    assert result.ap50_gain[ErrorKind.WRONG_CLASS] > 0.3
    assert result.ap50_gain[ErrorKind.BACKGROUND] == pytest.approx(0.0)


@given(seed=st.integers(0, 10_000))
@settings(max_examples=40, deadline=None)
def test_mistakes_add_up_and_mending_never_harms(seed: int) -> None:
    gold, predicted = case(seed)
    result = detection_errors(gold, predicted, **SCOPE)
    on_detections = [kind for kind in ErrorKind if kind is not ErrorKind.MISSED]
    assert sum(result.counts[kind] for kind in on_detections) == len(predicted)
    assert all(result.ap50_gain[kind] >= -1e-9 for kind in MISTAKES if kind is not ErrorKind.MISSED)
    whole = evaluate_coco(gold, predicted, **SCOPE).numbers["ap50"]
    assert result.ap50 == pytest.approx(max(whole, 0.0), abs=1e-12)
    assert not (result.missed & gold.is_crowd).any()


def test_worst_images_come_first() -> None:
    gold = GoldBoxes.of(
        image=[0, 1, 1], class_index=[0, 0, 0], box_xywh=[[0, 0, 20, 20], [0, 0, 20, 20], [50, 0, 20, 20]]
    )
    predicted = PredictedBoxes.of(
        image=[0, 1, 2, 3],
        class_index=[0, 0, 0, 0],
        box_xywh=[[0, 0, 20, 20], [0, 0, 20, 18], [5, 5, 9, 9], [5, 5, 9, 9]],
        score=[0.9, 0.9, 0.9, 0.1],
    )
    result = image_scores(gold, predicted, image_count=5, class_count=1)
    assert result.score.tolist() == pytest.approx([1.0, 0.9 / 1.5, 0.0, 1.0, 1.0])
    assert result.worst_first.tolist() == [2, 1, 0, 3, 4]
    assert (result.missed.tolist(), result.false_positives.tolist()) == ([0, 1, 0, 0, 0], [0, 0, 1, 0, 0])


def test_thresholds_may_differ_by_class() -> None:
    gold, predicted = case(7)
    sure = match_once(gold, predicted, min_score=[0.0, 0.5, 2.0], **SCOPE)
    assert not sure.counted[predicted.class_index == 2].any()
    assert (predicted.score[sure.counted & (predicted.class_index == 1)] >= 0.5).all()


def test_nothing_to_find_and_nothing_found() -> None:
    gold = GoldBoxes.of(image=[], class_index=[], box_xywh=[])
    predicted = PredictedBoxes.of(image=[], class_index=[], box_xywh=[], score=[])
    assert found_objects(gold, predicted, **SCOPE).f1 == 1.0
    assert confusion_matrix(gold, predicted, **SCOPE).sum() == 0
    assert image_scores(gold, predicted, **SCOPE).score.tolist() == [1.0] * IMAGES
    assert detection_errors(gold, predicted, **SCOPE).ap50 == 0.0
    curve = precision_recall_curves(gold, predicted, **SCOPE)[0]
    assert (curve.recall.size, curve.average_precision, curve.best_f1) == (0, -1.0, 0.0)


def test_bad_thresholds_are_refused() -> None:
    gold, predicted = case(1)
    with pytest.raises(InvalidInputError, match="iou_threshold"):
        match_once(gold, predicted, iou_threshold=0.0, **SCOPE)
    with pytest.raises(InvalidInputError, match="0 < near < found"):
        detection_errors(gold, predicted, near=0.6, **SCOPE)


def test_envelope_and_recall_points() -> None:
    assert envelope(np.array([1, 2]), np.array([3, 0])).round(3).tolist() == [1.0, 1.0]
    assert hits_needed(1)[[0, 1, 100]].tolist() == [0, 1, 1]
