"""What the network should answer for a crop, as arrays on its output grid.

The scheme is that of CenterNet (Zhou et al. 2019, "Objects as Points") in the form of TTFNet (Liu et al. 2019,
"Training-Time-Friendly Network for Real-Time Object Detection"): each object is a Gaussian on the heat map of its
class, and the same Gaussian says which cells learn its box, and how strongly.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from goldsmith.training.detector.crops import Crop
from goldsmith.training.detector.data import Float32

GRID_STRIDE_PX = 4
"""Pixels of the network's input per cell of its output."""

GAUSSIAN_REACH = 0.54
"""Half-axes of an object's Gaussian as a share of half its box."""


@dataclass(frozen=True, slots=True, eq=False)
class Targets:
    """Targets of a batch on a grid of `rows` x `columns` cells.

    Attributes:
        heat: Float32 [batch, classes, rows, columns], 0 to 1, exactly 1 at object centres.
        peak_weight: Float32, same shape: loss weight of the centres, 0 elsewhere.
        learn_background: Float32 [batch, 1, rows, columns], 0 inside ignore regions, 1 elsewhere.
        boxes_xyxy: Float32 [batch, rows, columns, 4], pixels, of the object the cell learns.
        box_weight: Float32 [batch, rows, columns], 0 where the cell learns no box; sums to the label's
            weight times the logarithm of its area over each object.
    """

    heat: Float32
    peak_weight: Float32
    learn_background: Float32
    boxes_xyxy: Float32
    box_weight: Float32


def _gaussian(radius_x: int, radius_y: int) -> Float32:
    x = np.arange(-radius_x, radius_x + 1, dtype=np.float32)
    y = np.arange(-radius_y, radius_y + 1, dtype=np.float32)
    spread_x, spread_y = (2 * radius_x + 1) / 6.0, (2 * radius_y + 1) / 6.0
    rise = np.exp(-(y**2) / (2 * spread_y**2))[:, None] * np.exp(-(x**2) / (2 * spread_x**2))[None, :]
    return np.asarray(rise, dtype=np.float32)


def encode(crops: Sequence[Crop], *, class_count: int) -> Targets:
    """Targets of a batch of crops of one size."""
    height, width, _ = crops[0].pixels.shape
    rows, columns = height // GRID_STRIDE_PX, width // GRID_STRIDE_PX
    batch = len(crops)
    targets = Targets(
        heat=np.zeros((batch, class_count, rows, columns), dtype=np.float32),
        peak_weight=np.zeros((batch, class_count, rows, columns), dtype=np.float32),
        learn_background=np.ones((batch, 1, rows, columns), dtype=np.float32),
        boxes_xyxy=np.zeros((batch, rows, columns, 4), dtype=np.float32),
        box_weight=np.zeros((batch, rows, columns), dtype=np.float32),
    )
    for place, crop in enumerate(crops):
        areas = (crop.boxes_xyxy[:, 2] - crop.boxes_xyxy[:, 0]) * (
            crop.boxes_xyxy[:, 3] - crop.boxes_xyxy[:, 1]
        )
        # Large objects first, so that a small one in front of a large one keeps its cells.
        for index in np.argsort(-areas, kind="stable"):
            if crop.weight[index] > 0:
                _put_object(targets, place, crop, int(index))
            else:
                _put_ignore(targets, place, crop.boxes_xyxy[index])
    return targets


def _put_ignore(targets: Targets, place: int, box_xyxy: Float32) -> None:
    x0, y0, x1, y1 = box_xyxy / GRID_STRIDE_PX
    targets.learn_background[place, 0, int(y0) : int(np.ceil(y1)), int(x0) : int(np.ceil(x1))] = 0.0


def _put_object(targets: Targets, place: int, crop: Crop, index: int) -> None:
    box, label, weight = crop.boxes_xyxy[index], int(crop.class_index[index]), float(crop.weight[index])
    rows, columns = targets.box_weight.shape[1:]
    wide, high = (box[2] - box[0]) / GRID_STRIDE_PX, (box[3] - box[1]) / GRID_STRIDE_PX
    column = min(columns - 1, int((box[0] + box[2]) / 2 / GRID_STRIDE_PX))
    row = min(rows - 1, int((box[1] + box[3]) / 2 / GRID_STRIDE_PX))
    radius_x, radius_y = int(wide / 2 * GAUSSIAN_REACH), int(high / 2 * GAUSSIAN_REACH)
    left, right = min(column, radius_x), min(columns - 1 - column, radius_x)
    up, down = min(row, radius_y), min(rows - 1 - row, radius_y)
    bump = _gaussian(radius_x, radius_y)[
        radius_y - up : radius_y + down + 1, radius_x - left : radius_x + right + 1
    ]
    spot = (slice(row - up, row + down + 1), slice(column - left, column + right + 1))
    heat = targets.heat[(place, label, *spot)]
    np.maximum(heat, bump, out=heat)
    targets.peak_weight[place, label, row, column] = max(
        weight, targets.peak_weight[place, label, row, column]
    )
    targets.boxes_xyxy[(place, *spot)] = box
    area_weight = float(np.log(max(wide * high * GRID_STRIDE_PX**2, np.e)))
    targets.box_weight[(place, *spot)] = bump * np.float32(weight * area_weight / bump.sum())
