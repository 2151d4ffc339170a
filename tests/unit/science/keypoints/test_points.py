"""Places: matched one-to-one, and put where exact people put them."""

from __future__ import annotations

import itertools

import numpy as np
import pytest

from goldsmith.core.errors import InvalidInputError
from goldsmith.science.forms import HIDDEN, OUTSIDE, VISIBLE
from goldsmith.science.keypoints import match_points, resolve_keypoints


def make_crowd(rng: np.random.Generator, *, objects: int = 60, places: int = 5, people: int = 5):
    truth = rng.uniform(0, 100, (objects, places, 2))
    noise = np.array([0.5, 1.0, 2.0, 4.0, 8.0])[:people]
    index, who = np.repeat(np.arange(objects), people), np.tile(np.arange(people), objects)
    points = truth[index] + noise[who][:, None, None] * rng.normal(size=(index.size, places, 2))
    return index, who, points, truth, noise


def test_medians_by_exactness_beat_plain_ones() -> None:
    for seed in range(3):
        index, who, points, truth, noise = make_crowd(np.random.default_rng(seed))
        fitted = resolve_keypoints(index, who, points, object_count=60, annotator_count=5)
        plain = np.median(points.reshape(60, 5, 5, 2), axis=1)
        error = np.hypot(*(fitted.points - truth).transpose(2, 0, 1))
        assert error.mean() < 0.8 * np.hypot(*(plain - truth).transpose(2, 0, 1)).mean()
        assert (np.diff(fitted.noise) > 0).all()
        assert fitted.noise[2:] == pytest.approx(noise[2:], rel=0.3)
        assert (fitted.state == VISIBLE).all()


def test_wild_places_do_not_pull() -> None:
    rng = np.random.default_rng(3)
    index, who, points, truth, _ = make_crowd(rng, people=4)
    points[rng.random(points.shape[:2]) < 0.05] += 500.0
    fitted = resolve_keypoints(index, who, points, object_count=60, annotator_count=4)
    assert np.median(np.abs(fitted.points - truth)) < 1.0
    assert (np.abs(fitted.points - truth) > 50).mean() < 0.01


def test_states_are_voted_with_learnt_confusion() -> None:
    rng = np.random.default_rng(4)
    index, who, points, _, _ = make_crowd(rng, people=3)
    right = rng.integers(0, 3, (60, 5))
    state = right[index].copy()
    state[(who == 2)[:, None] & (rng.random(state.shape) < 0.7)] = VISIBLE
    points[state == OUTSIDE] = np.nan
    fitted = resolve_keypoints(index, who, points, object_count=60, annotator_count=3, state=state)
    assert (fitted.state == right).mean() > 0.95
    assert np.isnan(fitted.sd[(state.reshape(60, 3, 5) == OUTSIDE).all(axis=1)]).all()
    assert np.isfinite(fitted.points).all()


def test_order_names_and_scale_do_not_matter() -> None:
    rng = np.random.default_rng(5)
    index, who, points, _, _ = make_crowd(rng)
    order, turn = rng.permutation(index.size), rng.permutation(5)
    plain = resolve_keypoints(index, who, points, object_count=60, annotator_count=5)
    again = resolve_keypoints(
        index[order], turn[who[order]], points[order] * 10, object_count=60, annotator_count=5,
        scale=np.full(60, 10.0),
    )  # fmt: skip
    assert again.points == pytest.approx(plain.points * 10)
    assert again.noise[turn] == pytest.approx(plain.noise)
    assert again.sd == pytest.approx(plain.sd * 10)


def test_doubled_objects_say_the_same_as_themselves() -> None:
    index, who, points, _, _ = make_crowd(np.random.default_rng(7), objects=30)
    twice = resolve_keypoints(
        np.r_[index, index + 30], np.r_[who, who], np.r_[points, points], object_count=60, annotator_count=5
    )
    assert twice.points[:30] == pytest.approx(twice.points[30:])


def test_somebody_who_points_anywhere_counts_little() -> None:
    rng = np.random.default_rng(8)
    index, who, points, truth, _ = make_crowd(rng, people=3)
    anywhere = rng.uniform(0, 100, (60, 5, 2))
    fitted = resolve_keypoints(
        np.r_[index, np.arange(60)], np.r_[who, np.full(60, 3)], np.r_[points, anywhere],
        object_count=60, annotator_count=4,
    )  # fmt: skip
    assert fitted.noise.argmax() == 3
    alone = resolve_keypoints(index, who, points, object_count=60, annotator_count=3)
    error = [np.abs(one.points - truth).mean() for one in (fitted, alone)]
    assert error[0] < error[1] + 0.2


def test_objects_that_share_nobody_are_resolved_all_the_same() -> None:
    rng = np.random.default_rng(9)
    index, who = np.repeat(np.arange(20), 3), np.tile(np.arange(3), 20)
    who[index >= 10] += 3
    points = rng.normal(0, 1, (60, 1, 2)) + index[:, None, None]
    fitted = resolve_keypoints(index, who, points, object_count=20, annotator_count=7)
    assert np.isfinite(fitted.points).all()
    assert (np.isfinite(fitted.noise) & (fitted.noise > 0)).all()


def test_answers_sensibly_where_there_is_little() -> None:
    none = resolve_keypoints([], [], np.zeros((0, 2, 2)), object_count=2, annotator_count=1)
    assert np.isnan(none.points).all()
    assert none.state_posterior.sum(axis=2) == pytest.approx(np.ones((2, 2)))
    assert np.isfinite(none.noise).all()
    one = resolve_keypoints([0], [0], [[[3, 4]]], object_count=1, annotator_count=1, state=[[HIDDEN]])
    assert (one.points.tolist(), one.state.tolist()) == ([[[3.0, 4.0]]], [[HIDDEN]])
    same = resolve_keypoints([0] * 4, [0, 1, 2, 3], [[[1, 1]]] * 4, object_count=1, annotator_count=4)
    assert same.points.tolist() == [[[1.0, 1.0]]]
    assert (same.noise > 0).all()
    two = resolve_keypoints([0, 0], [0, 1], [[[0, 0]], [[2, 4]]], object_count=1, annotator_count=2)
    assert two.points.tolist() == [[[1.0, 2.0]]]


def test_matches_are_the_best_of_all() -> None:
    rng = np.random.default_rng(6)
    for _ in range(30):
        n, m = rng.integers(0, 5, 2)
        first, second = rng.uniform(0, 10, (n, 2)), rng.uniform(0, 10, (m, 2))
        found = match_points(first, second, reach=4.0)
        kept = found[found >= 0]
        assert np.unique(kept).size == kept.size

        apart = np.hypot(*(first[:, None] - second).transpose(2, 0, 1)) if n and m else np.zeros((n, m))

        def cost(match, apart=apart) -> float:
            return sum(4.0 if j < 0 else float(apart[i, j]) for i, j in enumerate(match))

        options = itertools.product(range(-1, m), repeat=int(n))
        valid = (o for o in options if len({j for j in o if j >= 0}) == sum(j >= 0 for j in o))
        assert cost(found) == pytest.approx(min(cost(option) for option in valid))
        back = match_points(second, first, reach=4.0)
        assert all(back[j] == i for i, j in enumerate(found.tolist()) if j >= 0)


def test_wrong_input_is_refused() -> None:
    with pytest.raises(InvalidInputError, match="reach"):
        match_points([[0, 0]], [[0, 0]], reach=0.0)
    with pytest.raises(InvalidInputError, match="points"):
        resolve_keypoints([0], [0], [[1, 2]], object_count=1, annotator_count=1)
    with pytest.raises(InvalidInputError, match="state"):
        resolve_keypoints([0], [0], [[[1, 2]]], object_count=1, annotator_count=1, state=[[3]])
    with pytest.raises(InvalidInputError, match="not finite"):
        resolve_keypoints([0], [0], [[[np.nan, 2]]], object_count=1, annotator_count=1)
