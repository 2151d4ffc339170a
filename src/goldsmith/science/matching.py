"""Which marks of different annotators mean the same object.

Average linkage under the rule that a cluster holds at most one mark of each annotator: "not there" is an answer,
so a cluster may lack anybody. Average linkage is reducible, also under that rule, hence pairs of clusters that are
each other's best may be merged at the same time and the result is that of merging one pair after another; this lets
all images be worked on together. Ties are broken by class and geometry, never by who marked or in which order.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from goldsmith.core.errors import InvalidInputError
from goldsmith.science.arrays import BoolArray, FloatArray, IntArray, as_floats, as_indices
from goldsmith.science.boxes import overlapping_pairs
from goldsmith.science.marks import Marks
from goldsmith.science.segments import rank_within_runs, sum_by
from goldsmith.science.shape_similarity import paired_similarity

MIN_SIMILARITY = 0.3
"""Below the 0.5 at which objects count as found: two boxes that both fit the truth at 0.5 often share less."""
OTHER_CLASS_FACTOR = 0.75
HAND_TREMOR_PX = 1.0
"""Nobody draws more exactly: boxes grow by this on every side before they are compared, which only matters for
objects of a few pixels, whose marks would fall apart otherwise."""
_LOWEST_IOU_SEEN = 0.05


@dataclass(frozen=True, slots=True)
class SimilarPairs:
    """Pairs of marks that might mean the same.

    Attributes:
        first: ``[m]`` index of a mark.
        second: ``[m]`` index of another mark of the same image, first < second.
        similarity: ``[m]`` in (0, 1]; pairs not listed have similarity 0.
    """

    first: IntArray
    second: IntArray
    similarity: FloatArray


def similar_pairs(
    marks: Marks,
    *,
    other_class_factor: float = OTHER_CLASS_FACTOR,
    tremor_px: float = HAND_TREMOR_PX,
    across_annotators: bool = True,
) -> SimilarPairs:
    """Overlap of the marks of each image.

    Args:
        marks: The marks.
        other_class_factor: The IoU of two marks of different class is multiplied by this.
        tremor_px: Boxes grow by this on every side; other shapes are compared as they are.
        across_annotators: Leave out pairs of one and the same annotator.

    Returns:
        Pairs alike by at least 0.05: by IoU, exact for all that covers an area in any mixture, and by nearness for
        places and lines.

    >>> marks = Marks.of(image=[0, 0, 1], annotator=[0, 1, 1], class_index=[0, 0, 0],
    ...                  box_xyxy=[[0, 0, 20, 20], [1, 0, 20, 21], [0, 0, 20, 20]])
    >>> pairs = similar_pairs(marks)
    >>> pairs.first.tolist(), pairs.second.tolist()
    ([0], [1])
    """
    grown = marks.box_xyxy + np.array([-tremor_px, -tremor_px, tremor_px, tremor_px])
    if marks.forms is not None:
        grown = grown + marks.reach_px()[:, None] * np.array([-1.0, -1.0, 1.0, 1.0])
    first, second, iou = overlapping_pairs(marks.image, grown, min_iou=0.0)
    are_boxes = marks.rings is None and marks.forms is None
    keep = iou >= _LOWEST_IOU_SEEN if are_boxes else iou > 0.0
    if across_annotators:
        keep &= marks.annotator[first] != marks.annotator[second]
    first, second, iou = first[keep], second[keep], iou[keep]
    if not are_boxes:
        iou = paired_similarity(marks, first, second, box_similarity=iou)
        keep = iou >= _LOWEST_IOU_SEEN
        first, second, iou = first[keep], second[keep], iou[keep]
    same = marks.class_index[first] == marks.class_index[second]
    return SimilarPairs(first, second, np.where(same, iou, iou * other_class_factor))


def cluster_marks(
    marks: Marks, *, min_similarity: float = MIN_SIMILARITY, other_class_factor: float = OTHER_CLASS_FACTOR
) -> IntArray:
    """Which object each mark means.

    Args:
        marks: The marks of any number of images.
        min_similarity: Clusters whose mean similarity is lower stay apart.
        other_class_factor: See ``similar_pairs``.

    Returns:
        ``[n]`` object of each mark: ``0..objects-1``, ascending by image; independent of the order of marks and of
        the numbering of annotators, but for the exchange of identical marks.

    >>> marks = Marks.of(image=[0, 0, 0], annotator=[0, 1, 1], class_index=[0, 0, 0],
    ...                  box_xyxy=[[0, 0, 10, 10], [1, 0, 10, 10], [30, 30, 40, 40]])
    >>> cluster_marks(marks).tolist()
    [0, 0, 1]
    """
    pairs = similar_pairs(marks, other_class_factor=other_class_factor)
    order_rank = _canonical_rank(marks)
    return link(
        group=marks.image,
        owner=marks.annotator,
        pairs=pairs,
        tie_rank=order_rank,
        min_similarity=min_similarity,
    )


def link(
    *,
    group: ArrayLike,
    owner: ArrayLike,
    pairs: SimilarPairs,
    tie_rank: ArrayLike,
    min_similarity: float = MIN_SIMILARITY,
) -> IntArray:
    """Average linkage with at most one element of each owner in a cluster.

    Works for anything with a similarity: boxes, polygons, spans, intervals.

    Args:
        group: ``[n]`` such as the image.
        owner: ``[n]`` such as the annotator.
        pairs: Similarities inside the groups.
        tie_rank: ``[n]`` distinct ranks that break ties.
        min_similarity: Clusters whose mean similarity is lower stay apart.

    Returns:
        ``[n]`` cluster of each element, numbered by group and lowest tie rank.

    Raises:
        InvalidInputError: Columns of unequal length or a threshold outside (0, 1].

    >>> pairs = SimilarPairs(np.array([0, 0]), np.array([1, 2]), np.array([0.9, 0.8]))
    >>> link(group=[0, 0, 0], owner=[0, 1, 1], pairs=pairs, tie_rank=[0, 1, 2]).tolist()
    [0, 0, 1]
    """
    groups = as_indices("group", group)
    owners = as_indices("owner", owner, length=groups.size)
    rank = as_indices("tie_rank", tie_rank, length=groups.size)
    similarity = as_floats("similarity", pairs.similarity, lowest=0.0, highest=1.0)
    if not 0.0 < min_similarity <= 1.0:
        raise InvalidInputError(f"min_similarity must lie in (0, 1], not {min_similarity}")
    state = _Clusters(
        cluster=np.arange(groups.size),
        size=np.ones(groups.size, dtype=np.int64),
        rank=rank.copy(),
        owners=_owner_bits(groups, owners),
    )
    first, second, total = pairs.first, pairs.second, similarity
    while first.size:
        apart = ~(state.owners[first] & state.owners[second]).any(axis=1)
        first, second, total = first[apart], second[apart], total[apart]
        merged = _mutual_best(state, first, second, total, min_similarity=min_similarity)
        if not merged.any():
            break
        to = state.merge(first[merged], second[merged])
        first, second, total = _joined_pairs(to[first], to[second], total, count=groups.size)
    by_group = np.lexsort((state.rank[state.cluster], groups))
    name = np.empty(groups.size, dtype=np.int64)
    roots, position = np.unique(state.cluster[by_group], return_index=True)
    name[roots[np.argsort(position)]] = np.arange(roots.size)
    return name[state.cluster]


@dataclass(slots=True)
class _Clusters:
    """Clusters named by one of their elements; only the entries of such names are meaningful."""

    cluster: IntArray
    size: IntArray
    rank: IntArray
    owners: NDArray[np.uint64]

    def merge(self, kept: IntArray, gone: IntArray) -> IntArray:
        """Join ``gone[i]`` to ``kept[i]``; returns where each cluster name went."""
        to = np.arange(self.cluster.size)
        to[gone] = kept
        self.cluster = to[self.cluster]
        self.size[kept] += self.size[gone]
        self.rank[kept] = np.minimum(self.rank[kept], self.rank[gone])
        self.owners[kept] |= self.owners[gone]
        return to


def _mutual_best(
    state: _Clusters, first: IntArray, second: IntArray, total: FloatArray, *, min_similarity: float
) -> BoolArray:
    """Pairs of clusters that are each other's most similar; ``[m]``."""
    mean = (total / (state.size[first] * state.size[second])).round(9)
    low = np.minimum(state.rank[first], state.rank[second])
    high = np.maximum(state.rank[first], state.rank[second])
    place = np.empty(first.size, dtype=np.int64)
    place[np.lexsort((low, high, -mean))] = np.arange(first.size)
    place[mean < min_similarity] = first.size
    best = np.full(state.cluster.size, first.size, dtype=np.int64)
    np.minimum.at(best, first, place)
    np.minimum.at(best, second, place)
    return np.asarray((place < first.size) & (best[first] == place) & (best[second] == place))


def _joined_pairs(
    first: IntArray, second: IntArray, total: FloatArray, *, count: int
) -> tuple[IntArray, IntArray, FloatArray]:
    """Sum the similarities of pairs that now connect the same clusters."""
    outside = first != second
    low, high = np.minimum(first, second)[outside], np.maximum(first, second)[outside]
    key, slot = np.unique(low * count + high, return_inverse=True)
    return key // count, key % count, sum_by(slot, total[outside], size=key.size)


def _owner_bits(group: IntArray, owner: IntArray) -> NDArray[np.uint64]:
    """One bit per owner of the group, as many words as the fullest group needs; ``[n, words]``."""
    if group.size == 0:
        return np.zeros((0, 1), dtype=np.uint64)
    key = group * (int(owner.max()) + 1) + owner
    unique, slot = np.unique(key, return_inverse=True)
    position = rank_within_runs(unique // (int(owner.max()) + 1))[slot]
    bits = np.zeros((group.size, int(position.max()) // 64 + 1), dtype=np.uint64)
    bits[np.arange(group.size), position // 64] = np.uint64(1) << (position % 64).astype(np.uint64)
    return bits


def _canonical_rank(marks: Marks) -> IntArray:
    """Ranks by how often its annotator repeated the same mark, then class and geometry."""
    columns = [marks.image, marks.class_index, *marks.box_xyxy.T]
    same_owner = np.lexsort((*columns[::-1], marks.annotator))
    key = np.column_stack([marks.annotator, *columns])[same_owner]
    new = np.r_[True, (key[1:] != key[:-1]).any(axis=1)] if len(marks) else np.zeros(0, dtype=np.bool_)
    repeat = np.empty(len(marks), dtype=np.int64)
    repeat[same_owner] = rank_within_runs(np.cumsum(new))
    rank = np.empty(len(marks), dtype=np.int64)
    rank[np.lexsort((*columns[::-1], repeat))] = np.arange(len(marks))
    return rank
