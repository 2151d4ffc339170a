"""Annotators of stated skill on known truth: to try policies before paying, and to test consensus."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from goldsmith.core.errors import InvalidInputError
from goldsmith.science.arrays import FloatArray, IntArray
from goldsmith.science.boxes import box_area
from goldsmith.science.marks import Looks, Marks


@dataclass(frozen=True, slots=True)
class SimulatedAnnotator:
    """What goes wrong, and how often.

    Attributes:
        miss_rate: Chance to overlook a middling object, in [0, 1].
        false_alarms_per_image: Mean number of marks where nothing is.
        wrong_class_rate: Chance to give a random class.
        shake: Standard deviation of each side of a box as a share of its width or height.
        small_factor: Small objects (below ``small_px``) are overlooked so many times as often, large ones (three times
            ``small_px``) as many times less often.
        small_px: Side of a small object.
        tremor_px: Standard deviation of each side in pixels, on top.
    """

    miss_rate: float
    false_alarms_per_image: float
    wrong_class_rate: float
    shake: float
    small_factor: float = 1.8
    small_px: float = 12.0
    tremor_px: float = 0.5

    def annotate(
        self,
        rng: np.random.Generator,
        *,
        class_index: IntArray,
        box_xyxy: FloatArray,
        class_count: int,
        width_px: float,
        height_px: float,
    ) -> tuple[IntArray, FloatArray]:
        """What this annotator marks on one image.

        Args:
            rng: Source of the errors.
            class_index: ``[n]`` true classes.
            box_xyxy: ``[n, 4]`` true boxes.
            class_count: Number of classes.
            width_px: Width of the image.
            height_px: Height of the image.

        Returns:
            Classes ``[m]`` and boxes ``[m, 4]``, inside the image, each at least a pixel wide and high.
        """
        seen = rng.random(len(box_xyxy)) >= self._miss(box_xyxy)
        box, label = box_xyxy[seen], class_index[seen].copy()
        side = np.tile(box[:, 2:] - box[:, :2], 2)
        box = box + rng.normal(0.0, 1.0, box.shape) * (side * self.shake + self.tremor_px)
        wrong = rng.random(label.size) < self.wrong_class_rate
        label[wrong] = rng.integers(0, class_count, int(wrong.sum()))
        stray = int(rng.poisson(self.false_alarms_per_image))
        size = np.exp(rng.normal(np.log(40.0), 0.7, (stray, 2)))
        if len(box_xyxy):  # false alarms look like what is there
            like = rng.integers(0, len(box_xyxy), stray)
            size = box_xyxy[like, 2:] - box_xyxy[like, :2]
        corner = rng.random((stray, 2)) * np.maximum(np.array([width_px, height_px]) - size, 1.0)
        label = np.concatenate([label, rng.integers(0, class_count, stray)])
        boxes = np.concatenate([box, np.concatenate([corner, corner + size], axis=1)])
        return label, _inside(boxes, width_px=width_px, height_px=height_px)

    def _miss(self, box_xyxy: FloatArray) -> FloatArray:
        side = np.sqrt(box_area(box_xyxy))
        factor = np.where(side < self.small_px, self.small_factor, 1.0)
        factor = np.where(side > 3.0 * self.small_px, 1.0 / self.small_factor, factor)
        return np.clip(self.miss_rate * factor, 0.0, 0.95)


def simulate_crowd(
    rng: np.random.Generator,
    gold: Marks,
    annotators: Sequence[SimulatedAnnotator],
    *,
    image_count: int,
    class_count: int,
    overlap: int,
    width_px: float,
    height_px: float,
) -> tuple[Marks, Looks]:
    """Every image goes to ``overlap`` annotators drawn at random.

    Args:
        rng: Source of assignment and errors.
        gold: The truth; its ``annotator`` plays no part.
        annotators: The crowd.
        image_count: Number of images.
        class_count: Number of classes.
        overlap: Annotators per image.
        width_px: Width of the images.
        height_px: Height of the images.

    Returns:
        What was marked, and who looked where.

    Raises:
        InvalidInputError: More overlap than annotators.

    >>> gold = Marks.of(image=[0, 1], annotator=[0, 0], class_index=[0, 1], box_xyxy=[[0, 0, 40, 40]] * 2)
    >>> careful = SimulatedAnnotator(0.0, 0.0, 0.0, 0.01)
    >>> marks, looks = simulate_crowd(np.random.default_rng(0), gold, [careful] * 3, image_count=2, class_count=2,
    ...                               overlap=2, width_px=100, height_px=100)
    >>> looks.image.size
    4
    """
    if not 1 <= overlap <= len(annotators):
        raise InvalidInputError(f"overlap must lie in 1..{len(annotators)}, the number of annotators")
    order = np.argsort(gold.image, kind="stable")
    bounds = np.searchsorted(gold.image[order], np.arange(image_count + 1))
    who = np.stack([rng.permutation(len(annotators))[:overlap] for _ in range(image_count)])
    columns: list[tuple[IntArray, IntArray, IntArray, FloatArray]] = []
    for image in range(image_count):
        rows = order[bounds[image] : bounds[image + 1]]
        for annotator in who[image].tolist():
            label, box = annotators[annotator].annotate(
                rng,
                class_index=gold.class_index[rows],
                box_xyxy=gold.box_xyxy[rows],
                class_count=class_count,
                width_px=width_px,
                height_px=height_px,
            )
            columns.append((np.full(label.size, image), np.full(label.size, annotator), label, box))
    images, annotator_column, labels, boxes = (
        np.concatenate([column[k] for column in columns]) for k in range(4)
    )
    marks = Marks.of(image=images, annotator=annotator_column, class_index=labels, box_xyxy=boxes)
    looks = Looks.of(image=np.repeat(np.arange(image_count), overlap), annotator=who.ravel())
    return marks, looks


def _inside(box_xyxy: FloatArray, *, width_px: float, height_px: float) -> FloatArray:
    """Right way round, inside the image, at least a pixel each way."""
    limit = np.array([width_px, height_px])
    low = np.clip(np.minimum(box_xyxy[:, :2], box_xyxy[:, 2:]), 0.0, limit - 1.0)
    high = np.clip(np.maximum(box_xyxy[:, :2], box_xyxy[:, 2:]), low + 1.0, limit)
    return np.concatenate([low, high], axis=1)
