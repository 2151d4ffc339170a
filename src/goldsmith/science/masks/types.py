"""Masks of several annotators of the same objects, cut down to what they disagree on."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import ArrayLike

from goldsmith.core.errors import InvalidInputError
from goldsmith.science.arrays import BoolArray, FloatArray, IntArray, as_indices
from goldsmith.science.forms import Pixels
from goldsmith.science.masks.cells import Cells, cells_of
from goldsmith.science.segments import sum_by

USUAL_RATE: Final = 0.7
"""Share of disputed pixels that are told rightly, before anything is known."""


@dataclass(frozen=True, slots=True)
class MaskObject:
    """One object as several drew it.

    Attributes:
        annotator: ``[members]``.
        pattern: ``[patterns, members]`` who marked: each way in which the members disagree on a pixel, once.
        count: ``[patterns]`` pixels of each.
        pattern_of_place: row of ``pattern``; -1 where nobody marked, -2 where everybody did. By pixel, ``[h, w]``, or
            by stretch of pixels on which nobody changes, ``[stretches]``.
        agreed: Pixels that everybody marked.
        cells: The stretches; None where places are pixels.
    """

    annotator: IntArray
    pattern: BoolArray
    count: FloatArray
    pattern_of_place: IntArray
    agreed: int
    cells: Cells | None = None


@dataclass(frozen=True, slots=True)
class Masks:
    """Objects with their masks.

    Attributes:
        objects: What was drawn.
        annotator_count: Number of annotators, also those who drew nothing.
    """

    objects: tuple[MaskObject, ...]
    annotator_count: int

    @classmethod
    def of(
        cls, stacks: Sequence[ArrayLike], annotator: Sequence[ArrayLike], *, annotator_count: int
    ) -> Masks:
        """Check the masks and cut them down.

        Args:
            stacks: ``[objects]`` of ``[members, h, w]`` flags: one mask for each member who drew the object, all in the
                same window, which need not be the image.
            annotator: ``[objects]`` of ``[members]``.
            annotator_count: Number of annotators.

        Raises:
            InvalidInputError: Another number of objects or members, or an annotator out of range.
        """
        if len(stacks) != len(annotator):
            raise InvalidInputError(f"annotator has {len(annotator)} entries where {len(stacks)} are needed")
        objects = [
            _object(np.asarray(stack), as_indices("annotator", who, below=annotator_count))
            for stack, who in zip(stacks, annotator, strict=True)
        ]
        return cls(tuple(objects), annotator_count)

    @classmethod
    def of_pixels(
        cls, objects: Sequence[Sequence[Pixels]], annotator: Sequence[ArrayLike], *, annotator_count: int
    ) -> Masks:
        """Check sets of pixels and cut them down, without laying them out: the size of the image does not matter.

        Args:
            objects: ``[objects]`` of ``[members]``.
            annotator: ``[objects]`` of ``[members]``.
            annotator_count: Number of annotators.

        Raises:
            InvalidInputError: Another number of objects or members, or an annotator out of range.
        """
        if len(objects) != len(annotator):
            raise InvalidInputError(f"annotator has {len(annotator)} entries where {len(objects)} are needed")
        found = []
        for members, given in zip(objects, annotator, strict=True):
            who = as_indices("annotator", given, below=annotator_count, length=len(members))
            cells = cells_of(members)
            found.append(_cut_down(cells.flags, who, cells))
        return cls(tuple(found), annotator_count)

    def __len__(self) -> int:
        return len(self.objects)


@dataclass(frozen=True, slots=True)
class MaskSkill:
    """How everybody draws where masks differ; the last entry stands for an annotator nobody knows yet.

    Attributes:
        sensitivity: ``[annotators + 1]`` share that is marked of the disputed pixels that belong, in (0, 1).
        specificity: ``[annotators + 1]`` share that is left of the disputed pixels that do not, in (0, 1).
        share: Share of the disputed pixels that belong, in (0, 1).
    """

    sensitivity: FloatArray
    specificity: FloatArray
    share: float

    @classmethod
    def unknown(cls, annotator_count: int) -> MaskSkill:
        """Everybody equal.

        >>> MaskSkill.unknown(1).sensitivity.tolist()
        [0.7, 0.7]
        """
        usual = np.full(annotator_count + 1, USUAL_RATE)
        return cls(usual, usual.copy(), 0.5)


@dataclass(frozen=True, slots=True)
class MaskConsensus:
    """One mask for each object.

    Attributes:
        mask: ``[objects]`` of ``[h, w]`` flags; of masks made ``of_pixels`` by stretch, for ``pixels``.
        cells: ``[objects]`` the stretches, None where places are pixels.
        expected_iou: ``[objects]`` overlap with the truth that may be expected, in [0, 1]; 0 without members.
        sensitivity: ``[annotators]`` share that the annotator marks of the disputed pixels that belong.
        specificity: ``[annotators]`` share that the annotator leaves of the disputed pixels that do not.
    """

    mask: tuple[BoolArray, ...]
    cells: tuple[Cells | None, ...]
    expected_iou: FloatArray
    sensitivity: FloatArray
    specificity: FloatArray

    def pixels(self, which: int) -> Pixels:
        """Return the mask of one object as a set of pixels of the image.

        Raises:
            InvalidInputError: The masks were not made ``of_pixels``.
        """
        cells = self.cells[which]
        if cells is None:
            raise InvalidInputError("flags of a window know no place in the image; take pixels_of")
        return cells.pixels(self.mask[which])


def _object(stack: np.ndarray, annotator: IntArray) -> MaskObject:
    if stack.ndim != 3 or len(stack) != annotator.size:
        raise InvalidInputError(
            f"a stack has the shape {stack.shape} where [{annotator.size}, h, w] is needed"
        )
    return _cut_down(stack.astype(np.bool_), annotator, None)


def _cut_down(flags: BoolArray, annotator: IntArray, cells: Cells | None) -> MaskObject:
    members = len(flags)
    place = np.full(flags.shape[1:], -1, dtype=np.int64)
    if not members:
        return MaskObject(annotator, np.zeros((0, 0), dtype=np.bool_), np.zeros(0), place, 0, cells)
    size = np.ones(place.shape) if cells is None else cells.length.astype(np.float64)
    marked = flags.sum(axis=0)
    everybody = marked == members
    place[everybody] = -2
    torn = (marked > 0) & (marked < members)
    packed = np.packbits(flags[:, torn], axis=0).T
    rows, slot = np.unique(np.ascontiguousarray(packed), axis=0, return_inverse=True)
    place[torn] = slot.ravel()
    count = sum_by(slot.ravel(), size[torn], size=len(rows))
    pattern = np.unpackbits(rows, axis=1, count=members).astype(np.bool_)
    return MaskObject(annotator, pattern, count, place, int(size[everybody].sum()), cells)
