"""From the network's peaks to detections in pixels of the picture. NumPy only."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from goldsmith.science.boxes import box_iou
from goldsmith.training.detector.data import Float32, Int64
from goldsmith.training.detector.letterbox import fit


@dataclass(frozen=True, slots=True, eq=False)
class Detections:
    """Objects found in one picture, best first.

    Attributes:
        boxes_xyxy: Float32 [n, 4], pixels of the upright picture, inside it.
        scores: Float32 [n], 0 to 1, falling.
        class_index: Int64 [n].
    """

    boxes_xyxy: Float32
    scores: Float32
    class_index: Int64


def suppress(boxes_xyxy: Float32, class_index: Int64, *, iou_threshold: float) -> Int64:
    """Greedy non-maximum suppression within each class; boxes come best first.

    Returns:
        Int64 indices of the kept boxes, in their order.
    """
    if not len(boxes_xyxy):
        return np.zeros(0, dtype=np.int64)
    iou = box_iou(boxes_xyxy, boxes_xyxy)
    clash = (iou > iou_threshold) & (class_index[:, None] == class_index[None, :])
    alive = np.ones(len(boxes_xyxy), dtype=bool)
    for index in range(len(boxes_xyxy)):
        if alive[index]:
            alive[index + 1 :] &= ~clash[index, index + 1 :]
    return np.flatnonzero(alive).astype(np.int64)


def finish(
    boxes_xyxy: Float32,
    scores: Float32,
    class_index: Int64,
    *,
    width: int,
    height: int,
    input_wh: tuple[int, int],
    score_threshold: float,
    iou_threshold: float,
    max_detections: int,
) -> Detections:
    """Threshold, suppression and the way back from the letterbox for one picture.

    Args:
        boxes_xyxy: Float32 [peaks, 4] in input pixels, best first.
        scores: Float32 [peaks].
        class_index: Int64 [peaks].
        width: Width of the picture in pixels.
        height: Height of the picture in pixels.
        input_wh: Width and height of the network's input.
        score_threshold: Lowest score kept.
        iou_threshold: Overlap at which the weaker of two boxes of one class goes.
        max_detections: Most objects returned.
    """
    strong = scores >= score_threshold
    boxes_xyxy, scores, class_index = boxes_xyxy[strong], scores[strong], class_index[strong]
    kept = suppress(boxes_xyxy, class_index, iou_threshold=iou_threshold)[:max_detections]
    spot = fit(width=width, height=height, input_width=input_wh[0], input_height=input_wh[1])
    back = np.array([width / spot.width_px, height / spot.height_px] * 2, dtype=np.float32)
    limit = np.array([width, height] * 2, dtype=np.float32)
    boxes = np.clip(boxes_xyxy[kept] * back, 0, limit).astype(np.float32)
    solid = (boxes[:, 2] > boxes[:, 0]) & (boxes[:, 3] > boxes[:, 1])
    return Detections(
        boxes[solid], scores[kept][solid].astype(np.float32), class_index[kept][solid].astype(np.int64)
    )
