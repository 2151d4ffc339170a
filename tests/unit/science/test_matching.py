"""Marks become objects: one-to-one per annotator, whatever the order."""

from __future__ import annotations

from collections import Counter

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from goldsmith.core.errors import InvalidInputError
from goldsmith.science.marks import Marks
from goldsmith.science.matching import SimilarPairs, cluster_marks, link, similar_pairs


def random_marks(seed: int, *, annotators: int = 4, polygons: bool = False) -> Marks:
    rng = np.random.default_rng(seed)
    count = int(rng.integers(0, 40))
    corner, size = rng.integers(0, 12, (count, 2)), rng.integers(2, 9, (count, 2))
    box = np.concatenate([corner, corner + size], axis=1).astype(float)
    rings = None
    if polygons:
        rings = [
            None if rng.random() < 0.5 else [np.array([[x0, y0], [x1, y0], [(x0 + x1) / 2, y1]])]
            for x0, y0, x1, y1 in box
        ]
    return Marks.of(
        image=rng.integers(0, 3, count),
        annotator=rng.integers(0, annotators, count),
        class_index=rng.integers(0, 2, count),
        box_xyxy=box,
        rings=rings,
    )


def partition(marks: Marks, cluster: np.ndarray) -> Counter[frozenset]:
    """The clusters as bags of what identical marks have in common."""
    groups: dict[int, list[tuple]] = {}
    for i, c in enumerate(cluster.tolist()):
        groups.setdefault(c, []).append((*marks.box_xyxy[i], marks.class_index[i], marks.image[i]))
    return Counter(frozenset(Counter(group).items()) for group in groups.values())


@given(seed=st.integers(0, 10_000), polygons=st.booleans())
@settings(max_examples=80, deadline=None)
def test_a_cluster_has_one_image_and_at_most_one_mark_of_each_annotator(seed: int, polygons: bool) -> None:
    marks = random_marks(seed, polygons=polygons)
    cluster = cluster_marks(marks)
    assert len(set(zip(cluster.tolist(), marks.annotator.tolist(), strict=True))) == len(marks)
    assert len(set(zip(cluster.tolist(), marks.image.tolist(), strict=True))) == len(set(cluster.tolist()))
    assert sorted(set(cluster.tolist())) == list(range(len(set(cluster.tolist()))))
    first_of = [int(marks.image[cluster == c][0]) for c in range(int(cluster.max(initial=-1)) + 1)]
    assert first_of == sorted(first_of)


@given(seed=st.integers(0, 10_000))
@settings(max_examples=80, deadline=None)
def test_order_of_marks_and_names_of_annotators_do_not_matter(seed: int) -> None:
    marks = random_marks(seed)
    rng = np.random.default_rng(seed + 1)
    order, names = rng.permutation(len(marks)), rng.permutation(4)
    other = Marks.of(
        image=marks.image[order],
        annotator=names[marks.annotator[order]],
        class_index=marks.class_index[order],
        box_xyxy=marks.box_xyxy[order],
    )
    assert partition(marks, cluster_marks(marks)) == partition(other, cluster_marks(other))


def test_all_images_at_once_is_the_same_as_one_by_one() -> None:
    marks = random_marks(11)
    together = cluster_marks(marks)
    for image in np.unique(marks.image):
        at = marks.image == image
        alone = Marks.of(
            image=marks.image[at],
            annotator=marks.annotator[at],
            class_index=marks.class_index[at],
            box_xyxy=marks.box_xyxy[at],
        )
        np.testing.assert_array_equal(cluster_marks(alone), together[at] - together[at].min())


def test_merging_pairs_together_equals_merging_one_after_another() -> None:
    """Against a plain average linkage that merges the single best pair each time."""
    for seed in range(40):
        marks = random_marks(seed, annotators=5)
        pairs = similar_pairs(marks)
        similarity = np.zeros((len(marks), len(marks)))
        similarity[pairs.first, pairs.second] = similarity[pairs.second, pairs.first] = pairs.similarity
        rng = np.random.default_rng(seed)
        jitter = np.triu(rng.random(similarity.shape) * 1e-4, 1)  # no ties, so that both must agree
        similarity = np.clip(similarity * (1 - jitter - jitter.T), 0, 1)
        groups: list[list[int]] = [[i] for i in range(len(marks))]
        while True:
            best, where = 0.3, None
            for a in range(len(groups)):
                for b in range(a):
                    owners = marks.annotator[groups[a] + groups[b]]
                    mean = float(similarity[np.ix_(groups[a], groups[b])].mean())
                    if len(set(owners.tolist())) == owners.size and mean > best:
                        best, where = mean, (a, b)
            if where is None:
                break
            groups[where[1]] += groups.pop(where[0])
        altered = SimilarPairs(pairs.first, pairs.second, similarity[pairs.first, pairs.second])
        cluster = link(
            group=marks.image,
            owner=marks.annotator,
            pairs=altered,
            tie_rank=np.arange(len(marks)),
            min_similarity=0.3,
        )
        ours = {frozenset(np.flatnonzero(cluster == c).tolist()) for c in set(cluster.tolist())}
        assert ours == {frozenset(group) for group in groups}


def test_same_class_is_preferred_and_a_clear_overlap_bridges_classes() -> None:
    marks = Marks.of(
        image=[0, 0, 0],
        annotator=[0, 1, 1],
        class_index=[0, 1, 0],
        box_xyxy=[[0, 0, 20, 20], [0, 0, 20, 20], [0, 0, 20, 17]],
    )
    cluster = cluster_marks(marks)
    assert cluster[0] == cluster[2] != cluster[1]
    pair = Marks.of(
        image=[0, 0], annotator=[0, 1], class_index=[0, 1], box_xyxy=[[0, 0, 20, 20], [0, 0, 20, 18]]
    )
    assert cluster_marks(pair).tolist() == [0, 0]


def test_marks_of_a_few_pixels_hold_together() -> None:
    marks = Marks.of(
        image=[0, 0], annotator=[0, 1], class_index=[0, 0], box_xyxy=[[10, 10, 12, 17], [11, 10, 13, 17]]
    )
    assert cluster_marks(marks).tolist() == [0, 0]


def test_more_annotators_than_a_word_has_bits() -> None:
    count = 150
    marks = Marks.of(
        image=np.zeros(2 * count, dtype=int),
        annotator=np.tile(np.arange(count), 2),
        class_index=np.zeros(2 * count, dtype=int),
        box_xyxy=np.repeat([[0.0, 0, 10, 10], [50, 50, 60, 60]], count, axis=0),
    )
    cluster = cluster_marks(marks)
    assert np.bincount(cluster).tolist() == [count, count]


def test_polygons_are_compared_by_their_shape_not_their_bounds() -> None:
    upper = [np.array([[0.0, 0], [40, 0], [0, 40]])]
    lower = [np.array([[40.0, 40], [40, 1], [1, 40]])]
    marks = Marks.of(
        image=[0, 0, 0],
        annotator=[0, 1, 2],
        class_index=[0, 0, 0],
        box_xyxy=np.zeros((3, 4)),
        rings=[upper, lower, upper],
    )
    cluster = cluster_marks(marks)
    assert cluster[0] == cluster[2] != cluster[1]


def test_bad_input_is_refused() -> None:
    with pytest.raises(InvalidInputError, match="inside out"):
        Marks.of(image=[0], annotator=[0], class_index=[0], box_xyxy=[[5, 0, 4, 9]])
    with pytest.raises(InvalidInputError, match="at least 3 points"):
        Marks.of(
            image=[0],
            annotator=[0],
            class_index=[0],
            box_xyxy=[[0, 0, 0, 0]],
            rings=[[np.array([[0.0, 0], [1, 1]])]],
        )
    with pytest.raises(InvalidInputError, match="min_similarity"):
        cluster_marks(random_marks(3), min_similarity=0.0)
