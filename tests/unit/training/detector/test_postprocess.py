"""From peaks to detections."""

from __future__ import annotations

import numpy as np

from goldsmith.training.detector.postprocess import finish, suppress


def test_the_weaker_of_two_overlapping_boxes_of_one_class_goes():
    boxes = np.array([[0, 0, 10, 10], [1, 0, 11, 10], [1, 0, 11, 10], [30, 0, 40, 10]], np.float32)
    classes = np.array([0, 0, 1, 0])
    assert suppress(boxes, classes, iou_threshold=0.6).tolist() == [0, 2, 3]
    assert suppress(boxes, classes, iou_threshold=0.9).tolist() == [0, 1, 2, 3]
    assert suppress(boxes[:0], classes[:0], iou_threshold=0.5).tolist() == []


def test_boxes_come_back_in_pixels_of_the_picture():
    found = finish(
        np.array([[32, 16, 64, 32], [90, 50, 120, 80], [0, 0, 9, 9]], np.float32),
        np.array([0.9, 0.5, 0.01], np.float32),
        np.array([1, 0, 0]),
        width=200,
        height=100,
        input_wh=(100, 64),
        score_threshold=0.05,
        iou_threshold=0.6,
        max_detections=10,
    )
    assert found.boxes_xyxy[0].tolist() == [64, 32, 128, 64]
    assert found.class_index[0] == 1
    assert (found.boxes_xyxy[:, 2] > found.boxes_xyxy[:, 0]).all()


def test_no_more_than_asked_for():
    boxes = np.arange(10, dtype=np.float32).reshape(10, 1) * 20 + np.array([[0, 0, 9, 9]], np.float32)
    found = finish(
        boxes,
        np.linspace(1, 0.5, 10, dtype=np.float32),
        np.zeros(10, np.int64),
        width=900,
        height=900,
        input_wh=(900, 900),
        score_threshold=0.05,
        iou_threshold=0.6,
        max_detections=3,
    )
    assert len(found.scores) == 3
