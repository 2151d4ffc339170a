"""Agreement on labels, numbers and anything with a distance: worked examples, and what must not matter."""

from __future__ import annotations

import numpy as np
import pytest

from goldsmith.core.errors import InvalidInputError
from goldsmith.science.agreement import (
    class_agreement,
    cohen_kappa,
    distance_alpha,
    fleiss_kappa,
    gwet_ac1,
    krippendorff_alpha,
    pair_agreement,
    value_alpha,
)
from goldsmith.science.texts import text_distances
from tests.unit.science.test_agreement import textbook

# Fleiss 1971's layout as worked in textbooks: ten subjects, fourteen raters, five categories
FLEISS = [
    [0, 0, 0, 0, 14], [0, 2, 6, 4, 2], [0, 0, 3, 5, 6], [0, 3, 9, 2, 0], [2, 2, 8, 1, 1],
    [7, 7, 0, 0, 0], [3, 2, 6, 3, 0], [2, 5, 3, 2, 2], [6, 5, 2, 1, 0], [0, 2, 2, 3, 7],
]  # fmt: skip


def votes_of(table: list[list[int]]) -> tuple[np.ndarray, np.ndarray]:
    counts = np.array(table)
    item, label = np.nonzero(counts)
    return np.repeat(item, counts[item, label]), np.repeat(label, counts[item, label])


@pytest.mark.parametrize(
    ("scale", "wanted"), [("nominal", 0.743), ("ordinal", 0.815), ("interval", 0.849), ("ratio", 0.797)]
)
def test_alpha_of_the_textbook_on_every_scale(scale, wanted) -> None:
    """Krippendorff 2011, "Computing Krippendorff's Alpha-Reliability", section C and its figures."""
    unit, value = textbook()
    found = value_alpha(unit, value + 1.0, scale=scale, rng=np.random.default_rng(0))
    assert found.value == pytest.approx(wanted, abs=5e-4)
    assert found.low < found.value <= found.high


def test_any_distance_gives_the_same_alpha_as_the_scale_that_has_it() -> None:
    unit, value = textbook()
    rng = np.random.default_rng(0)
    told = distance_alpha(unit, lambda a, b: (value[a] - value[b]) ** 2.0, rng=rng)
    assert told.alpha.value == pytest.approx(value_alpha(unit, value, scale="interval").value)
    named = distance_alpha(unit, lambda a, b: (value[a] != value[b]) * 1.0, rng=rng)
    plain = krippendorff_alpha(unit, value, label_count=5, rng=np.random.default_rng(1))
    assert named.alpha.value == pytest.approx(plain.value)
    assert named.alpha.pairs == plain.pairs
    assert named.alpha.low == pytest.approx(plain.low, abs=0.12)


def test_texts_agree_by_their_edits() -> None:
    said = ["the cat sat", "the cat sat", "the cat sits", "a b c d", "a b c", "a b c d e"]
    item = [0, 0, 0, 1, 1, 1]
    told = distance_alpha(
        item,
        lambda a, b: text_distances([said[i] for i in a], [said[i] for i in b]),
        rng=np.random.default_rng(0),
    )
    assert 0.6 < told.alpha.value < 0.9
    assert told.within.size == 6
    assert told.between.size == 15
    assert told.within.mean() < told.between.mean()


def test_kappa_of_many_raters_by_the_book() -> None:
    item, label = votes_of(FLEISS)
    found = fleiss_kappa(item, label, label_count=5, rng=np.random.default_rng(0))
    assert found.value == pytest.approx(0.210, abs=5e-4)
    assert (found.observed, found.expected) == pytest.approx((0.378, 0.213), abs=1e-3)
    assert found.low < found.value < found.high
    assert found.pairs == 10 * 14 * 13 // 2


def test_gwets_paradox() -> None:
    """Gwet 2008: 118 and 0 agreed, 5 and 2 not, of 125: kappa is below chance, AC1 is 0.94."""
    first = np.repeat([0, 0, 1], [118, 5, 2])
    second = np.repeat([0, 1, 0], [118, 5, 2])
    item, label = np.tile(np.arange(125), 2), np.r_[first, second]
    found = gwet_ac1(item, label, label_count=2, rng=np.random.default_rng(0))
    assert found.value == pytest.approx(0.9408, abs=1e-3)
    assert found.low < found.value < found.high
    assert cohen_kappa(first, second, label_count=2).value < 0.0
    assert krippendorff_alpha(item, label, label_count=2).value < 0.0


def test_intervals_hold_the_truth_as_often_as_they_say() -> None:
    """Drawn in groups too, where there are many items."""
    for count in (150, 2500):
        covered = 0
        for seed in range(40):
            rng = np.random.default_rng(seed)
            truth = rng.integers(0, 2, count)
            label = np.where(rng.random((3, count)) < 0.8, truth, 1 - truth)
            found = krippendorff_alpha(
                np.tile(np.arange(count), 3), label.ravel(), label_count=2, rng=rng, replicates=200
            )
            covered += found.low <= 0.36 <= found.high
        assert covered >= 34


def test_pairs_of_annotators_one_by_one() -> None:
    rng = np.random.default_rng(2)
    item, who = np.repeat(np.arange(80), 4), np.tile(np.arange(4), 80)
    truth = rng.integers(0, 3, 80)
    label = np.where(
        rng.random(320) < np.array([0.95, 0.9, 0.8, 0.3])[who], truth[item], rng.integers(0, 3, 320)
    )
    kept = rng.random(320) < 0.8
    found = pair_agreement(item[kept], who[kept], label[kept], label_count=3, rng=rng)
    assert list(zip(found.first.tolist(), found.second.tolist(), strict=True)) == [
        (0, 1), (0, 2), (0, 3), (1, 2), (1, 3), (2, 3),
    ]  # fmt: skip
    table = np.full((4, 80), -1)
    table[who[kept], item[kept]] = label[kept]
    for k, (a, b) in enumerate(zip(found.first, found.second, strict=True)):
        both = (table[a] >= 0) & (table[b] >= 0)
        alone = cohen_kappa(table[a][both], table[b][both], label_count=3)
        assert found.value[k] == pytest.approx(alone.value)
        assert (found.observed[k], found.pairs[k]) == (pytest.approx(alone.observed), both.sum())
    assert ((found.low <= found.value) & (found.value <= found.high)).all()
    assert len(pair_agreement(item, who, label, label_count=3, least_items=81)) == 0
    assert len(pair_agreement([], [], [], label_count=3)) == 0


def test_classes_one_by_one() -> None:
    rng = np.random.default_rng(3)
    truth = rng.integers(0, 3, 300)
    # the first class is clear, the other two are taken for each other
    seen = [np.where((truth > 0) & (rng.random(300) < 0.4), 3 - truth, truth) for _ in range(3)]
    item, label = np.tile(np.arange(300), 3), np.concatenate(seen)
    found = class_agreement(item, label, label_count=4, rng=rng)
    assert found.value[0] == pytest.approx(1.0)
    assert found.observed[0] == pytest.approx(1.0)
    assert found.value[1] < 0.5 > found.value[2]
    assert (found.value[3], found.pairs[3]) == (1.0, 0)
    for k in range(3):
        assert found.value[k] == pytest.approx(krippendorff_alpha(item, label == k, label_count=2).value)
    assert ((found.low <= found.value + 1e-12) & (found.value <= found.high + 1e-12)).all()


COEFFICIENTS = {
    "alpha": lambda item, label: krippendorff_alpha(item, label, label_count=3).value,
    "fleiss": lambda item, label: fleiss_kappa(item, label, label_count=3).value,
    "ac1": lambda item, label: gwet_ac1(item, label, label_count=3).value,
    "ordinal": lambda item, label: value_alpha(item, label, scale="ordinal").value,
    "interval": lambda item, label: value_alpha(item, label, scale="interval").value,
    "ratio": lambda item, label: value_alpha(item, label, scale="ratio").value,
}


@pytest.mark.parametrize("name", COEFFICIENTS)
def test_what_must_not_matter_and_what_is_little(name) -> None:
    fit = COEFFICIENTS[name]
    rng = np.random.default_rng(4)
    item, label = np.repeat(np.arange(60), 3), rng.integers(0, 3, 180)
    order, names = rng.permutation(180), rng.permutation(60) * 10**9
    assert fit(names[item[order]], label[order]) == pytest.approx(fit(item, label))
    doubled = fit(np.r_[item, item + 60], np.tile(label, 2))
    assert doubled == pytest.approx(fit(item, label), abs=0.02)
    assert fit([0, 0, 1, 1, 2], [2, 2, 0, 0, 1]) == pytest.approx(1.0)
    assert fit([0, 0, 1, 1], [2, 2, 2, 2]) == pytest.approx(1.0)
    assert fit([0, 1, 2], [0, 1, 2]) == 0.0
    assert fit([], []) == 0.0
    assert fit([0, 0, 1, 1], [0, 2, 2, 0]) < 0.0


def test_far_values_do_not_drown_near_ones() -> None:
    item, value = np.repeat(np.arange(50), 2), np.repeat(np.arange(50.0), 2)
    value[::2] += 0.1
    near, far = value_alpha(item, value), value_alpha(item, value + 1e9)
    assert far.value == pytest.approx(near.value, abs=1e-6)


def test_wrong_input_is_refused() -> None:
    with pytest.raises(InvalidInputError, match="ratio"):
        value_alpha([0, 0], [-1.0, 2.0], scale="ratio")
    with pytest.raises(InvalidInputError, match="round"):
        value_alpha(np.arange(3000), np.arange(3000.0), scale="ratio")
    with pytest.raises(InvalidInputError, match="distance"):
        distance_alpha([0, 0], lambda a, b: a - b - 1.0, rng=np.random.default_rng(0))
    with pytest.raises(InvalidInputError, match="confidence"):
        fleiss_kappa([0, 0], [0, 0], label_count=1, confidence=0.0)
