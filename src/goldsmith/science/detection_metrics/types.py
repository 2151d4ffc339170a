"""What detection metrics are computed from, and what comes out."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from goldsmith.core.errors import InvalidInputError
from goldsmith.science.arrays import (
    BoolArray,
    FloatArray,
    IntArray,
    as_boxes,
    as_flags,
    as_floats,
    as_indices,
)


@dataclass(frozen=True, slots=True)
class GoldBoxes:
    """True objects, one row each. Boxes are ``x, y, width, height``: the COCO protocol is defined on them.

    Attributes:
        image: ``[g]`` index of the image; ascending indices must mean ascending image ids, where ties matter.
        class_index: ``[g]``.
        box_xywh: ``[g, 4]`` pixels.
        area: ``[g]`` square pixels, of the mask where there is one; decides small, medium and large.
        is_crowd: ``[g]`` regions of many objects: may be matched often, are never counted.
    """

    image: IntArray
    class_index: IntArray
    box_xywh: FloatArray
    area: FloatArray
    is_crowd: BoolArray

    @classmethod
    def of(
        cls,
        *,
        image: ArrayLike,
        class_index: ArrayLike,
        box_xywh: ArrayLike,
        area: ArrayLike | None = None,
        is_crowd: ArrayLike | None = None,
    ) -> GoldBoxes:
        """Check the columns; ``area`` defaults to width times height.

        Raises:
            InvalidInputError: Columns of unequal length or impossible numbers.
        """
        images = as_indices("image", image)
        box = as_boxes("box_xywh", box_xywh, length=images.size)
        return cls(
            image=images,
            class_index=as_indices("class_index", class_index, length=images.size),
            box_xywh=_not_inside_out(box),
            area=box[:, 2] * box[:, 3]
            if area is None
            else as_floats("area", area, length=images.size, lowest=0.0),
            is_crowd=as_flags("is_crowd", is_crowd, length=images.size),
        )

    @classmethod
    def from_xyxy(
        cls,
        *,
        image: ArrayLike,
        class_index: ArrayLike,
        box_xyxy: ArrayLike,
        area: ArrayLike | None = None,
        is_crowd: ArrayLike | None = None,
    ) -> GoldBoxes:
        """The same from corner form."""
        box_xywh = corners_to_sizes(as_boxes("box_xyxy", box_xyxy))
        return cls.of(image=image, class_index=class_index, box_xywh=box_xywh, area=area, is_crowd=is_crowd)

    def __len__(self) -> int:
        return self.image.size


@dataclass(frozen=True, slots=True)
class PredictedBoxes:
    """Detections, one row each.

    Attributes:
        image: ``[d]``.
        class_index: ``[d]``.
        box_xywh: ``[d, 4]`` pixels.
        score: ``[d]`` any finite number; higher is surer. Equal scores keep the order given.
    """

    image: IntArray
    class_index: IntArray
    box_xywh: FloatArray
    score: FloatArray

    @classmethod
    def of(
        cls, *, image: ArrayLike, class_index: ArrayLike, box_xywh: ArrayLike, score: ArrayLike
    ) -> PredictedBoxes:
        """Check the columns.

        Raises:
            InvalidInputError: Columns of unequal length or impossible numbers.
        """
        images = as_indices("image", image)
        return cls(
            image=images,
            class_index=as_indices("class_index", class_index, length=images.size),
            box_xywh=_not_inside_out(as_boxes("box_xywh", box_xywh, length=images.size)),
            score=as_floats("score", score, length=images.size),
        )

    @classmethod
    def from_xyxy(
        cls, *, image: ArrayLike, class_index: ArrayLike, box_xyxy: ArrayLike, score: ArrayLike
    ) -> PredictedBoxes:
        """The same from corner form."""
        box_xywh = corners_to_sizes(as_boxes("box_xyxy", box_xyxy))
        return cls.of(image=image, class_index=class_index, box_xywh=box_xywh, score=score)

    @property
    def area(self) -> FloatArray:
        """``[d]`` square pixels."""
        return np.asarray(self.box_xywh[:, 2] * self.box_xywh[:, 3])

    def __len__(self) -> int:
        return self.image.size


@dataclass(frozen=True, slots=True)
class View:
    """One way of looking at the same matches: a size range, a slice, a subset of images.

    Gold outside the view still absorbs detections, but neither counts (COCO's rule for areas).

    Attributes:
        name: Such as ``small``.
        gold_outside: ``[g]`` true objects that do not count.
        predicted_outside: ``[d]`` detections that do not count when they match nothing.
    """

    name: str
    gold_outside: BoolArray
    predicted_outside: BoolArray


def corners_to_sizes(box_xyxy: FloatArray) -> FloatArray:
    """``x0, y0, x1, y1`` to ``x, y, width, height``."""
    return np.concatenate([box_xyxy[:, :2], box_xyxy[:, 2:] - box_xyxy[:, :2]], axis=1)


def check_scope(
    gold: GoldBoxes, predicted: PredictedBoxes, *, image_count: int, class_count: int
) -> tuple[GoldBoxes, PredictedBoxes]:
    """Refuse indices that point outside the images or classes.

    Raises:
        InvalidInputError: An image or class index is too large.
    """
    for name, table in (("gold", gold), ("predicted", predicted)):
        as_indices(f"{name}.image", table.image, below=image_count)
        as_indices(f"{name}.class_index", table.class_index, below=class_count)
    return gold, predicted


def _not_inside_out(box_xywh: FloatArray) -> FloatArray:
    if box_xywh.size and box_xywh[:, 2:].min() < 0.0:
        raise InvalidInputError("box_xywh holds a negative width or height")
    return box_xywh
