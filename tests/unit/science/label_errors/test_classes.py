"""Labels turned on purpose are found, and clean ones left alone."""

from __future__ import annotations

import numpy as np
import pytest

from goldsmith.core.errors import InvalidInputError
from goldsmith.science.label_errors import class_label_errors


def make_labels(
    rng: np.random.Generator, *, items: int = 600, classes: int = 4, wrong: float = 0.1, sure: float = 3.0
):
    """A model that is right more often than not, and labels of which some are turned."""
    truth = rng.integers(0, classes, items)
    score = rng.normal(size=(items, classes)) + sure * np.eye(classes)[truth]
    probability = np.exp(score) / np.exp(score).sum(axis=1, keepdims=True)
    is_wrong = rng.random(items) < wrong
    label = np.where(is_wrong, (truth + rng.integers(1, classes, items)) % classes, truth)
    return label, probability, is_wrong, truth


@pytest.mark.parametrize("rank_by", ["self_confidence", "margin", "adjusted"])
def test_turned_labels_come_first(rank_by) -> None:
    label, probability, is_wrong, truth = make_labels(np.random.default_rng(0))
    found = class_label_errors(label, probability, rank_by=rank_by)
    assert is_wrong[found.suspect].mean() > 0.7
    assert found.suspect[is_wrong].mean() > 0.75
    assert is_wrong[found.order[: is_wrong.sum()]].mean() > 0.75
    assert found.noise == pytest.approx(0.1, abs=0.04)
    both = found.suspect & is_wrong
    assert (found.suggested[both] == truth[both]).mean() > 0.9
    assert (found.suggested[found.suspect] != label[found.suspect]).all()


def test_thresholds_and_the_joint_table_by_hand() -> None:
    """Two of class 0 and two of class 1, one of which the model is sure is of class 0."""
    says = [[0.9, 0.1], [0.7, 0.3], [0.2, 0.8], [0.9, 0.1]]
    found = class_label_errors([0, 0, 1, 1], says)
    assert found.threshold == pytest.approx([0.8, 0.45])
    # sure of: 0, nothing (0.7 and 0.3 are below), 1, 0; rows set to two labels each
    assert found.joint == pytest.approx(np.array([[2, 0], [1, 1]]) / 4)
    assert found.suspect.tolist() == [False, False, False, True]
    assert found.self_confidence == pytest.approx([0.9, 0.7, 0.8, 0.1])
    assert found.margin == pytest.approx([0.9, 0.7, 0.8, 0.1])
    assert found.order.tolist() == [3, 1, 2, 0]


def test_a_class_the_model_never_dares_to_name_is_not_condemned() -> None:
    """Where all items of a rare class get 0.3, 0.3 is sure."""
    rng = np.random.default_rng(1)
    common = np.column_stack([rng.uniform(0.9, 1.0, 90), np.zeros(90)])
    rare = np.column_stack([np.full(10, 0.7), np.zeros(10)])
    says = np.concatenate([common, rare])
    says[:, 1] = 1.0 - says[:, 0]
    found = class_label_errors(np.repeat([0, 1], [90, 10]), says)
    assert not found.suspect.any()
    assert found.adjusted[95] > found.self_confidence[95]


def test_names_and_order_do_not_matter() -> None:
    rng = np.random.default_rng(2)
    label, probability, _, _ = make_labels(rng, items=200)
    order, turn = rng.permutation(200), rng.permutation(4)
    plain = class_label_errors(label, probability)
    turned = np.empty_like(probability)
    turned[:, turn] = probability
    again = class_label_errors(turn[label[order]], turned[order])
    assert (again.suspect == plain.suspect[order]).all()
    assert again.joint[np.ix_(turn, turn)] == pytest.approx(plain.joint)
    assert (order[again.order] == plain.order).all()


def test_doubled_items_say_the_same_as_themselves() -> None:
    label, probability, _, _ = make_labels(np.random.default_rng(3), items=200)
    plain = class_label_errors(label, probability)
    twice = class_label_errors(np.tile(label, 2), np.tile(probability, (2, 1)))
    assert twice.joint == pytest.approx(plain.joint)
    assert (twice.suspect[:200] == plain.suspect).mean() > 0.97


@pytest.mark.parametrize(
    ("label", "says"),
    [
        ([], np.zeros((0, 3))),
        ([0, 0], np.ones((2, 1))),
        ([1, 1, 1], np.tile([0.2, 0.7, 0.1], (3, 1))),
        ([0, 1], [[0.5, 0.5], [0.5, 0.5]]),
        ([0, 1, 2], np.eye(3)),
    ],
    ids=["nothing", "one class", "one label", "no idea", "all agree"],
)
def test_answers_sensibly_where_there_is_little(label, says) -> None:
    found = class_label_errors(label, says)
    assert not found.suspect.any()
    assert found.noise == pytest.approx(0.0)
    for column in (found.self_confidence, found.margin, found.adjusted, found.threshold, found.joint):
        assert np.isfinite(column).all()
        assert ((column >= 0) & (column <= 1)).all()


def test_a_model_against_all_labels_leaves_one_of_each_class() -> None:
    found = class_label_errors([0, 0, 1, 1], [[0.1, 0.9], [0.2, 0.8], [0.9, 0.1], [0.8, 0.2]])
    assert found.suspect.sum() <= 2


def test_wrong_input_is_refused() -> None:
    with pytest.raises(InvalidInputError, match="sum to 1"):
        class_label_errors([0], [[0.5, 0.1]])
    with pytest.raises(InvalidInputError, match="label"):
        class_label_errors([2], [[0.5, 0.5]])
    with pytest.raises(InvalidInputError, match="no probability"):
        class_label_errors([0], [[-0.5, 1.5]])
    with pytest.raises(InvalidInputError, match="shape"):
        class_label_errors([0], [0.5])
