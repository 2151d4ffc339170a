"""Intervals and comparisons of detectors: resampling by weights is resampling."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from goldsmith.core.errors import InvalidInputError
from goldsmith.science.detection_metrics import (
    GoldBoxes,
    ImageStatistics,
    PredictedBoxes,
    Verdict,
    bootstrap_intervals,
    evaluate_coco,
    image_statistics,
    paired_comparison,
)
from goldsmith.science.detection_metrics.bootstrap import resampled_ap


def detector(seed: int, *, images: int, quality: float) -> tuple[GoldBoxes, PredictedBoxes]:
    """The same gold for all seeds; ``quality`` is the chance to find an object, scores are distinct."""
    rng = np.random.default_rng(77)
    image = np.repeat(np.arange(images), 4)
    corner = rng.uniform(0, 300, (image.size, 2))
    box = np.concatenate([corner, rng.uniform(15, 90, (image.size, 2))], axis=1)
    label = rng.integers(0, 2, image.size)
    gold = GoldBoxes.of(image=image, class_index=label, box_xywh=box, is_crowd=rng.random(image.size) < 0.05)
    rng = np.random.default_rng(seed)
    seen = rng.random(image.size) < quality
    stray = rng.integers(0, images, images)
    drawn = np.concatenate(
        [box[seen] + rng.normal(0, 2, (int(seen.sum()), 4)), rng.uniform(10, 90, (images, 4))]
    )
    predicted = PredictedBoxes.of(
        image=np.concatenate([image[seen], stray]),
        class_index=np.concatenate([label[seen], rng.integers(0, 2, images)]),
        box_xywh=drawn.clip(1),
        score=np.concatenate([rng.beta(4, 2, int(seen.sum())), rng.beta(2, 4, images)]),
    )
    return gold, predicted


def statistics(seed: int, *, images: int = 60, quality: float = 0.8) -> ImageStatistics:
    gold, predicted = detector(seed, images=images, quality=quality)
    return image_statistics(gold, predicted, image_count=images, class_count=2)


@given(seed=st.integers(0, 1000))
@settings(max_examples=15, deadline=None)
def test_weights_are_copies_of_images(seed: int) -> None:
    gold, predicted = detector(seed, images=10, quality=0.7)
    weights = np.random.default_rng(seed).multinomial(10, np.full(10, 0.1), size=1)
    kept = image_statistics(gold, predicted, image_count=10, class_count=2)
    drawn = np.repeat(np.arange(10), weights[0])
    g = [np.flatnonzero(gold.image == i) for i in drawn]
    p = [np.flatnonzero(predicted.image == i) for i in drawn]
    rows_g, rows_p = np.concatenate(g), np.concatenate(p)
    copied = evaluate_coco(
        GoldBoxes(
            np.repeat(np.arange(10), [r.size for r in g]),
            gold.class_index[rows_g],
            gold.box_xywh[rows_g],
            gold.area[rows_g],
            gold.is_crowd[rows_g],
        ),
        PredictedBoxes(
            np.repeat(np.arange(10), [r.size for r in p]),
            predicted.class_index[rows_p],
            predicted.box_xywh[rows_p],
            predicted.score[rows_p],
        ),
        image_count=10,
        class_count=2,
    )
    ap = resampled_ap(kept, weights)[0]
    expected = copied.accumulated.average_precision[0]
    np.testing.assert_allclose(np.where(np.isnan(ap), -1.0, ap), expected, atol=1e-12)


def test_the_interval_holds_the_value_and_shrinks_with_more_images() -> None:
    few, many = (
        bootstrap_intervals(statistics(1, images=n), rng=np.random.default_rng(0), replicates=200)
        for n in (30, 300)
    )
    for result in (few, many):
        for interval in (result.ap, result.ap50, *result.class_ap50):
            assert 0.0 <= interval.low <= interval.value <= interval.high <= 1.0
    assert many.ap50.high - many.ap50.low < (few.ap50.high - few.ap50.low) / 2


def test_values_are_cocos() -> None:
    gold, predicted = detector(3, images=40, quality=0.8)
    whole = evaluate_coco(gold, predicted, image_count=40, class_count=2)
    kept = image_statistics(gold, predicted, image_count=40, class_count=2)
    result = bootstrap_intervals(kept, rng=np.random.default_rng(0), replicates=10)
    assert result.ap.value == pytest.approx(whole.numbers["ap"], abs=1e-12)
    assert result.ap50.value == pytest.approx(whole.numbers["ap50"], abs=1e-12)
    assert [c.value for c in result.class_ap50] == pytest.approx(whole.class_ap50.tolist(), abs=1e-12)


def test_a_better_detector_is_better_and_the_other_worse() -> None:
    good, bad = statistics(1, quality=0.9), statistics(2, quality=0.5)
    ahead = paired_comparison(good, bad, rng=np.random.default_rng(0), replicates=200)
    behind = paired_comparison(bad, good, rng=np.random.default_rng(0), replicates=200, metric="ap")
    assert (ahead.verdict, behind.verdict) == (Verdict.BETTER, Verdict.WORSE)
    assert ahead.low <= ahead.difference <= ahead.high
    assert ahead.probability_better > 0.99
    assert behind.probability_better < 0.01
    assert ahead.difference == pytest.approx(ahead.candidate - ahead.baseline)


def test_equal_detectors_few_images_and_wide_margins_are_inconclusive() -> None:
    same = statistics(1)
    draw = np.random.default_rng(0)
    itself = paired_comparison(same, same, rng=draw, replicates=50)
    assert (itself.verdict, itself.difference, itself.probability_better) == (Verdict.INCONCLUSIVE, 0.0, 0.5)
    twin = paired_comparison(same, statistics(2), rng=draw, replicates=200)
    assert twin.verdict is Verdict.INCONCLUSIVE
    few = [statistics(s, images=5, quality=q) for s, q in ((1, 1.0), (2, 0.1))]
    assert paired_comparison(*few, rng=draw, replicates=50).verdict is Verdict.INCONCLUSIVE
    wide = paired_comparison(
        statistics(1, quality=0.9), statistics(2, quality=0.5), rng=draw, replicates=100, margin=0.9
    )
    assert wide.verdict is Verdict.INCONCLUSIVE


def test_the_same_seed_gives_the_same_interval() -> None:
    one, two = (
        bootstrap_intervals(statistics(1), rng=np.random.default_rng(4), replicates=50) for _ in range(2)
    )
    assert one == two


def test_no_gold_gives_no_number() -> None:
    none = GoldBoxes.of(image=[], class_index=[], box_xywh=[])
    _, predicted = detector(1, images=20, quality=0.5)
    kept = image_statistics(none, predicted, image_count=20, class_count=2)
    result = bootstrap_intervals(kept, rng=np.random.default_rng(0), replicates=10)
    assert (result.ap.value, result.class_ap50[1].value) == (-1.0, -1.0)
    assert paired_comparison(kept, kept, rng=np.random.default_rng(0)).verdict is Verdict.INCONCLUSIVE


def test_what_cannot_be_compared_is_refused() -> None:
    draw = np.random.default_rng(0)
    with pytest.raises(InvalidInputError, match="same images"):
        paired_comparison(statistics(1), statistics(1, images=50), rng=draw)
    with pytest.raises(InvalidInputError, match="metric"):
        paired_comparison(statistics(1), statistics(2), rng=draw, metric="recall")
    with pytest.raises(InvalidInputError, match="confidence"):
        bootstrap_intervals(statistics(1), rng=draw, replicates=5, confidence=1.0)
    empty = image_statistics(
        GoldBoxes.of(image=[], class_index=[], box_xywh=[]),
        PredictedBoxes.of(image=[], class_index=[], box_xywh=[], score=[]),
        image_count=0,
        class_count=1,
    )
    with pytest.raises(InvalidInputError, match="at least one image"):
        bootstrap_intervals(empty, rng=draw)
    with pytest.raises(InvalidInputError, match="weights"):
        resampled_ap(statistics(1), np.ones((2, 3), dtype=int))
