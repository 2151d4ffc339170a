"""Masks of a known truth: ellipses drawn too large, too small and shakily."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from goldsmith.core.errors import InvalidInputError
from goldsmith.science.forms import Pixels
from goldsmith.science.masks import Masks, MaskSkill, fit_mask_skill, pixels_of, resolve_masks, window_of

WAYS = ["staple", "weighted", "majority"]
SIDE = 64


def ellipse(x: float, y: float, rx: float, ry: float) -> np.ndarray:
    row, column = np.mgrid[:SIDE, :SIDE] + 0.5
    return ((column - x) / rx) ** 2 + ((row - y) / ry) ** 2 <= 1.0


def make_crowd(rng: np.random.Generator, *, objects: int = 40, people: int = 6):
    """Everybody has a way of drawing too large or too small, and a tremor."""
    bias, tremor = rng.normal(0.0, 0.12, people), np.exp(rng.normal(np.log(0.07), 0.6, people))
    stacks, who, truth = [], [], []
    for _ in range(objects):
        rx, ry = rng.uniform(8, 22, 2)
        members = rng.choice(people, rng.integers(4, people + 1), replace=False)
        shaken = [(tremor[j] * rng.normal(size=4), bias[j]) for j in members]
        stacks.append(
            [
                ellipse(32 + rx * s[0], 32 + ry * s[1], rx * np.exp(b + s[2]), ry * np.exp(b + s[3]))
                for s, b in shaken
            ]
        )
        who.append(members)
        truth.append(ellipse(32, 32, rx, ry))
    return stacks, who, truth


def mean_iou(found, truth) -> float:
    return float(np.mean([(a & b).sum() / max((a | b).sum(), 1) for a, b in zip(found, truth, strict=True)]))


def test_skill_is_worth_something_and_everybody_alone_is_worse() -> None:
    scores = dict.fromkeys(WAYS, 0.0)
    for seed in range(4):
        stacks, who, truth = make_crowd(np.random.default_rng(seed))
        masks = Masks.of(stacks, who, annotator_count=6)
        for way in WAYS:
            fitted = resolve_masks(masks, way=way)
            score = mean_iou(fitted.mask, truth)
            scores[way] += score / 4
            assert score - 0.15 < fitted.expected_iou.mean() < score + 0.05
        alone = [
            mean_iou(list(stack), [right] * len(stack)) for stack, right in zip(stacks, truth, strict=True)
        ]
        assert np.mean(alone) < scores["majority"] * 4 / (seed + 1)
    assert scores["staple"] > scores["weighted"] > scores["majority"]


def test_too_large_and_too_small_are_told_apart() -> None:
    right, large, small = ellipse(32, 32, 15, 15), ellipse(32, 32, 19, 19), ellipse(32, 32, 11, 11)
    fitted = resolve_masks(Masks.of([[right, large, small]] * 20, [[0, 1, 2]] * 20, annotator_count=3))
    assert (fitted.mask[0] == right).all()
    assert fitted.sensitivity[1] > 0.85 > fitted.sensitivity[2]
    assert fitted.specificity[2] > 0.85 > fitted.specificity[1]


@pytest.mark.parametrize("way", WAYS)
def test_order_and_names_do_not_matter(way) -> None:
    rng = np.random.default_rng(5)
    stacks, who, _ = make_crowd(rng, objects=15)
    plain = resolve_masks(Masks.of(stacks, who, annotator_count=6), way=way)
    turn = rng.permutation(6)
    orders = [rng.permutation(len(members)) for members in who]
    mixed = Masks.of(
        [[stack[i] for i in order] for stack, order in zip(stacks, orders, strict=True)],
        [turn[members[order]] for members, order in zip(who, orders, strict=True)],
        annotator_count=6,
    )
    again = resolve_masks(mixed, way=way)
    assert all((a == b).all() for a, b in zip(plain.mask, again.mask, strict=True))
    assert again.sensitivity[turn] == pytest.approx(plain.sensitivity)
    assert again.expected_iou == pytest.approx(plain.expected_iou)


def test_doubled_objects_say_the_same_as_themselves() -> None:
    stacks, who, _ = make_crowd(np.random.default_rng(6), objects=15)
    fitted = resolve_masks(Masks.of(stacks * 2, [*who, *who], annotator_count=6))
    assert all((a == b).all() for a, b in zip(fitted.mask[:15], fitted.mask[15:], strict=True))


def test_somebody_who_paints_anywhere_counts_little() -> None:
    rng = np.random.default_rng(7)
    stacks, who, truth = make_crowd(rng, objects=30, people=5)
    spoiled = [[*stack, ellipse(*rng.uniform(15, 49, 2), 12, 12)] for stack in stacks]
    masks = Masks.of(spoiled, [np.r_[members, 5] for members in who], annotator_count=6)
    assert mean_iou(resolve_masks(masks).mask, truth) > mean_iou(
        resolve_masks(masks, way="majority").mask, truth
    )


@pytest.mark.parametrize("way", WAYS)
def test_answers_sensibly_where_there_is_little(way) -> None:
    one, other = ellipse(20, 20, 6, 6), ellipse(44, 44, 6, 6)
    empty = np.zeros_like(one)
    stacks = [[], [one], [one, one, one], [one, one, other], [empty, empty]]
    who = [[], [0], [0, 1, 2], [0, 1, 2], [3, 4]]
    fitted = resolve_masks(
        Masks.of([np.reshape(stack, (-1, SIDE, SIDE)) for stack in stacks], who, annotator_count=6), way=way
    )
    assert [mask.sum() for mask in fitted.mask] == [0, one.sum(), one.sum(), one.sum(), 0]
    for column in (fitted.expected_iou, fitted.sensitivity, fitted.specificity):
        assert np.isfinite(column).all()
        assert ((column >= 0) & (column <= 1)).all()
    nothing = resolve_masks(Masks.of([], [], annotator_count=2), way=way)
    assert nothing.mask == ()
    assert nothing.sensitivity.shape == (2,)


@given(
    st.lists(st.lists(st.lists(st.booleans(), min_size=7, max_size=7), min_size=5, max_size=5), max_size=4)
)
def test_runs_become_flags_and_runs_again(stack) -> None:
    flags = np.array(stack, dtype=bool).reshape(-1, 5, 7)
    runs = [pixels_of(one, left=30, top=8) for one in flags]
    window = window_of(runs)
    assert window.flags.sum(axis=(1, 2)).tolist() == flags.sum(axis=(1, 2)).tolist()
    for one, again in zip(runs, window.flags, strict=True):
        back = pixels_of(again, left=window.left, top=window.top)
        assert (back.begin.tolist(), back.end.tolist()) == (one.begin.tolist(), one.end.tolist())


def test_wrong_input_is_refused() -> None:
    with pytest.raises(InvalidInputError, match="stack"):
        Masks.of([np.zeros((2, 3, 3))], [[0]], annotator_count=1)
    with pytest.raises(InvalidInputError, match="annotator has 0"):
        Masks.of([np.zeros((1, 3, 3))], [], annotator_count=1)
    with pytest.raises(InvalidInputError, match="laid out"):
        window_of([Pixels.of_spans([(0, 0, 1)]), Pixels.of_spans([(10**6, 10**6, 10**6 + 1)])])


def test_sets_of_pixels_say_the_same_as_flags() -> None:
    stacks, who, _ = make_crowd(np.random.default_rng(11), objects=12)
    by_flags = Masks.of(stacks, who, annotator_count=6)
    sets = [[pixels_of(mask, left=7, top=3) for mask in stack] for stack in stacks]
    by_sets = Masks.of_pixels(sets, who, annotator_count=6)
    for way in WAYS:
        one, other = resolve_masks(by_flags, way=way), resolve_masks(by_sets, way=way)
        for number in range(12):
            mask, found = one.mask[number], other.pixels(number)
            assert found.total == mask.sum()
            assert found.spans() == pixels_of(mask, left=7, top=3).spans()
        assert other.expected_iou == pytest.approx(one.expected_iou)
        assert other.sensitivity == pytest.approx(one.sensitivity)
    with pytest.raises(InvalidInputError, match="pixels_of"):
        resolve_masks(by_flags).pixels(0)


def test_kept_skill_resolves_each_object_by_itself() -> None:
    stacks, who, _ = make_crowd(np.random.default_rng(12))
    masks = Masks.of(stacks, who, annotator_count=6)
    skill = fit_mask_skill(masks)
    whole = resolve_masks(masks, skill=skill)
    learnt = resolve_masks(masks)
    assert all((one == other).all() for one, other in zip(whole.mask, learnt.mask, strict=True))
    alone = resolve_masks(Masks.of(stacks[:1], who[:1], annotator_count=6), skill=skill)
    assert (alone.mask[0] == whole.mask[0]).all()
    stranger = resolve_masks(
        Masks.of(stacks[:1], [np.arange(len(who[0])) + 90], annotator_count=99), skill=skill
    )
    assert (stranger.sensitivity[50:] == skill.sensitivity[-1]).all()
    nothing = fit_mask_skill(Masks.of([], [], annotator_count=2))
    assert nothing.sensitivity == pytest.approx(MaskSkill.unknown(2).sensitivity)
    assert nothing.share == 0.5
