"""One mask from several, by what each annotator adds and leaves out.

STAPLE (Warfield, Zou & Wells 2004, doi 10.1109/TMI.2004.828354): every annotator marks a pixel of the object with one
probability and a pixel beside it with another, found by EM together with the mask. Over a whole image this fails: the
many pixels that are plainly background make everybody look specific, and union wins. Hence only pixels count on which
the members disagree, and skill is learnt over all objects at once. Pixels on which the same people agree are one.
"""

from __future__ import annotations

from typing import Final, Literal

import numpy as np

from goldsmith.science.arrays import BoolArray, FloatArray, IntArray
from goldsmith.science.masks.types import USUAL_RATE, MaskConsensus, MaskObject, Masks, MaskSkill

_PRIOR_OBJECTS: Final = 3.0
"""Weight, in objects, of the crowd's rates for each annotator."""
_SWEEPS: Final = 2
"""More drift towards whoever agrees best with the last mask."""
_LOW, _HIGH = 0.02, 0.98

Way = Literal["staple", "weighted", "majority"]


def resolve_masks(masks: Masks, *, way: Way = "staple", skill: MaskSkill | None = None) -> MaskConsensus:
    """Make one mask of several.

    Args:
        masks: What was drawn.
        way: STAPLE in the disputed band; a majority weighed by skill; or a plain majority, of which a tie of two is
            left out.
        skill: From ``fit_mask_skill``, so that each object is resolved by itself; annotators it does not know are like
            its crowd. Learnt from these masks when None.

    Returns:
        A mask for each object; of a lone member its own, of no member an empty one.

    >>> three = [[[0, 1, 1, 1]], [[0, 1, 1, 0]], [[1, 1, 1, 0]]]
    >>> resolve_masks(Masks.of([three], [[0, 1, 2]], annotator_count=3)).mask[0].astype(int).tolist()
    [[0, 1, 1, 0]]
    """
    table = _Table.of(masks)
    shares = table.shares(np.ones(masks.annotator_count))
    if skill is None:
        rates, belongs, share = _fitted(table, way)
    else:
        row = np.minimum(np.arange(masks.annotator_count), skill.sensitivity.size - 1)
        rates, share = np.stack([skill.sensitivity[row], skill.specificity[row]]), skill.share
        belongs = _told(table, rates, share, way)
    # people err together along an outline: what independent annotators would make sure is not so sure
    likely = (2.0 * table.posterior(rates, share) + shares) / 3.0
    merged = [table.drawn(which, one, belongs, likely) for which, one in enumerate(masks.objects)]
    return MaskConsensus(
        mask=tuple(mask for mask, _ in merged),
        cells=tuple(one.cells for one in masks.objects),
        expected_iou=np.array([iou for _, iou in merged]),
        sensitivity=rates[0],
        specificity=rates[1],
    )


def fit_mask_skill(masks: Masks) -> MaskSkill:
    """Learn how everybody draws from what several drew, by STAPLE in the disputed band.

    Args:
        masks: Objects; those of one member teach nothing.

    Returns:
        The skill; annotators without shared objects are like the crowd, the crowd without any like the usual.

    >>> three = [[[0, 1, 1, 1]], [[0, 1, 1, 0]], [[1, 1, 1, 0]]]
    >>> skill = fit_mask_skill(Masks.of([three], [[0, 1, 2]], annotator_count=3))
    >>> bool(skill.specificity[1] > skill.specificity[0])
    True
    """
    # one annotator more than there are: without masks, and so like the crowd
    table = _Table.of(Masks(masks.objects, masks.annotator_count + 1))
    rates, _, share = _fitted(table, "staple")
    return MaskSkill(rates[0], rates[1], share)


def _fitted(table: _Table, way: Way) -> tuple[FloatArray, FloatArray, float]:
    """Rates and the share of what belongs, and what belongs by them."""
    belongs = table.shares(np.ones(table.people))
    rates, share = table.rates(belongs), table.share(belongs)
    for _ in range(_SWEEPS if table.count.size and way != "majority" else 0):
        rates, share = table.rates(belongs), table.share(belongs)
        belongs = _told(table, rates, share, way)
    return rates, belongs, share


def _told(table: _Table, rates: FloatArray, share: float, way: Way) -> FloatArray:
    if way == "staple":
        return table.posterior(rates, share)
    return table.shares(_weights(rates) if way == "weighted" else np.ones(table.people))


def _weights(rates: FloatArray) -> FloatArray:
    """Trust in each annotator from how often a disputed pixel is told rightly."""
    right = np.clip(rates.mean(axis=0), 0.5, _HIGH)
    return np.asarray(np.maximum(np.log(right / (1.0 - right)), 0.05))


class _Table:
    """All disputed patterns of all objects: one row per pattern and member.

    Every object counts the same, however many pixels are disputed: a pixel of a large one is no more of an observation.
    """

    def __init__(
        self, row: IntArray, annotator: IntArray, marked: BoolArray, of_object: IntArray, count: FloatArray
    ) -> None:
        self.row, self.annotator, self.marked = row, annotator, marked
        self.of_object, self.count = of_object, count
        total = np.bincount(of_object, weights=count) if count.size else np.zeros(0)
        self.weight = count / total[of_object] if count.size else count
        self.people = 0
        self.starts = np.zeros(1, dtype=np.int64)

    @classmethod
    def of(cls, masks: Masks) -> _Table:
        sizes = np.array([one.count.size for one in masks.objects], dtype=np.int64)
        nothing = np.zeros(0, dtype=np.int64)
        starts = np.r_[0, np.cumsum(sizes)].astype(np.int64)
        rows, people, marked = [nothing], [nothing], [np.zeros(0, dtype=np.bool_)]
        for one, begin in zip(masks.objects, starts[:-1].tolist(), strict=True):
            members = one.annotator.size
            rows.append(np.repeat(np.arange(one.count.size) + begin, members))
            people.append(np.tile(one.annotator, one.count.size))
            marked.append(one.pattern.ravel())
        counts = np.concatenate([np.zeros(0), *(one.count for one in masks.objects)])
        of_object = np.repeat(np.arange(len(masks)), sizes)
        table = cls(np.concatenate(rows), np.concatenate(people), np.concatenate(marked), of_object, counts)
        table.people, table.starts = masks.annotator_count, starts
        return table

    def shares(self, weight: FloatArray) -> FloatArray:
        """``[patterns]`` share of the members, by weight, who marked."""
        trust = weight[self.annotator]
        total = np.bincount(self.row, weights=trust, minlength=self.count.size)
        marked = np.bincount(self.row, weights=trust * self.marked, minlength=self.count.size)
        return np.asarray(marked / np.maximum(total, 1e-300))

    def rates(self, belongs: FloatArray) -> FloatArray:
        """``[2, annotators]`` sensitivity and specificity, drawn to the crowd's."""
        is_there = belongs[self.row] * self.weight[self.row]
        is_not = (1.0 - belongs[self.row]) * self.weight[self.row]
        result = np.empty((2, self.people))
        for side, (mass, said) in enumerate(((is_there, self.marked), (is_not, ~self.marked))):
            hit = np.bincount(self.annotator, weights=mass * said, minlength=self.people)
            total = np.bincount(self.annotator, weights=mass, minlength=self.people)
            crowd = (hit.sum() + _PRIOR_OBJECTS * USUAL_RATE) / (total.sum() + _PRIOR_OBJECTS)
            result[side] = (hit + _PRIOR_OBJECTS * crowd) / (total + _PRIOR_OBJECTS)
        return np.clip(result, _LOW, _HIGH)

    def share(self, belongs: FloatArray) -> float:
        """Share of all disputed bands that belongs, drawn to one half."""
        total = float(self.weight.sum()) + _PRIOR_OBJECTS
        return float(np.clip((self.weight @ belongs + 0.5 * _PRIOR_OBJECTS) / total, 0.05, 0.95))

    def posterior(self, rates: FloatArray, prior: float) -> FloatArray:
        """``[patterns]`` probability that the pixels belong; ``prior`` before anybody is asked."""
        yes, no = np.log(rates[0]), np.log1p(-rates[1])
        left_yes, left_no = np.log1p(-rates[0]), np.log(rates[1])
        told = np.where(self.marked, (yes - no)[self.annotator], (left_yes - left_no)[self.annotator])
        odds = np.bincount(self.row, weights=told, minlength=self.count.size) + np.log(prior / (1.0 - prior))
        return np.asarray(1.0 / (1.0 + np.exp(-np.clip(odds, -30.0, 30.0))))

    def drawn(
        self, which: int, one: MaskObject, belongs: FloatArray, likely: FloatArray
    ) -> tuple[BoolArray, float]:
        """The mask of one object, and its expected overlap with the truth by the probabilities ``likely``."""
        mine = slice(self.starts[which], self.starts[which + 1])
        is_in = belongs[mine] > 0.5 + 1e-9
        by_pattern = np.r_[is_in, [True, False]]  # -2 and -1 fall on the last two
        right = likely[mine] * one.count
        inside = one.agreed + float(right[is_in].sum())
        either = one.agreed + float(right.sum() + (one.count - right)[is_in].sum())
        return by_pattern[one.pattern_of_place], inside / either if either > 0.0 else float(
            one.annotator.size > 0
        )
