"""Masks of several annotators of the same objects, cut down to what they disagree on."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from goldsmith.core.errors import InvalidInputError
from goldsmith.science.arrays import BoolArray, FloatArray, IntArray, as_indices


@dataclass(frozen=True, slots=True)
class MaskObject:
    """One object as several drew it.

    Attributes:
        annotator: ``[members]``.
        pattern: ``[patterns, members]`` who marked: each way in which the members disagree on a pixel, once.
        count: ``[patterns]`` pixels of each.
        pattern_of_pixel: ``[h, w]`` row of ``pattern``; -1 where nobody marked, -2 where everybody did.
    """

    annotator: IntArray
    pattern: BoolArray
    count: FloatArray
    pattern_of_pixel: IntArray

    @property
    def agreed(self) -> int:
        """Pixels that everybody marked."""
        return int((self.pattern_of_pixel == -2).sum())


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

    def __len__(self) -> int:
        return len(self.objects)


@dataclass(frozen=True, slots=True)
class MaskConsensus:
    """One mask for each object.

    Attributes:
        mask: ``[objects]`` of ``[h, w]`` flags.
        expected_iou: ``[objects]`` overlap with the truth that may be expected, in [0, 1]; 0 without members.
        sensitivity: ``[annotators]`` share that the annotator marks of the disputed pixels that belong.
        specificity: ``[annotators]`` share that the annotator leaves of the disputed pixels that do not.
    """

    mask: tuple[BoolArray, ...]
    expected_iou: FloatArray
    sensitivity: FloatArray
    specificity: FloatArray


def _object(stack: np.ndarray, annotator: IntArray) -> MaskObject:
    if stack.ndim != 3 or len(stack) != annotator.size:
        raise InvalidInputError(
            f"a stack has the shape {stack.shape} where [{annotator.size}, h, w] is needed"
        )
    flags = stack.astype(np.bool_)
    members, height, width = flags.shape
    place = np.full((height, width), -1, dtype=np.int64)
    if not members:
        return MaskObject(annotator, np.zeros((0, 0), dtype=np.bool_), np.zeros(0), place)
    marked = flags.sum(axis=0)
    place[marked == members] = -2
    torn = (marked > 0) & (marked < members)
    packed = np.packbits(flags[:, torn], axis=0).T
    rows, slot, count = np.unique(
        np.ascontiguousarray(packed), axis=0, return_inverse=True, return_counts=True
    )
    place[torn] = slot.ravel()
    pattern = np.unpackbits(rows, axis=1, count=members).astype(np.bool_)
    return MaskObject(annotator, pattern, count.astype(np.float64), place)
