"""What the network is asked to answer."""

from __future__ import annotations

import numpy as np
import pytest

from goldsmith.training.detector.crops import Crop
from goldsmith.training.detector.targets import encode


def crop_of(boxes: list[list[float]], classes: list[int], weight: list[float]) -> Crop:
    return Crop(
        pixels=np.zeros((64, 96, 3), np.uint8),
        boxes_xyxy=np.array(boxes, np.float32).reshape(-1, 4),
        class_index=np.array(classes, np.int64),
        weight=np.array(weight, np.float32),
    )


def test_an_object_is_a_peak_of_its_class_at_its_centre():
    targets = encode([crop_of([[8, 8, 40, 40]], [1], [0.7]), crop_of([], [], [])], class_count=2)
    assert targets.heat.shape == (2, 2, 16, 24)
    assert targets.heat[0, 1, 6, 6] == 1
    assert (targets.heat == 1).sum() == 1
    assert targets.heat[0, 0].max() == targets.heat[1].max() == 0
    assert targets.peak_weight[0, 1, 6, 6] == pytest.approx(0.7)
    assert targets.peak_weight.sum() == pytest.approx(0.7)
    assert targets.boxes_xyxy[0, 6, 6].tolist() == [8, 8, 40, 40]
    assert targets.box_weight[0].sum() == pytest.approx(0.7 * np.log(32 * 32), rel=1e-5)
    assert targets.learn_background.all()


def test_the_smaller_of_two_objects_keeps_its_cells():
    big, small = [0.0, 0.0, 96.0, 64.0], [40.0, 24.0, 52.0, 36.0]
    targets = encode([crop_of([small, big], [0, 0], [1, 1])], class_count=1)
    assert targets.boxes_xyxy[0, 7, 11].tolist() == small


def test_weight_zero_makes_a_hole_in_the_background():
    targets = encode([crop_of([[8, 8, 24, 16]], [0], [0])], class_count=1)
    assert targets.heat.max() == targets.box_weight.max() == 0
    assert (targets.learn_background[0, 0] == 0).sum() == 4 * 2
    assert (targets.learn_background[0, 0, 2:4, 2:6] == 0).all()


@pytest.mark.parametrize("box", [[95.5, 63.5, 96, 64], [0, 0, 0.5, 0.5], [-0.0, 0, 96, 64]])
def test_objects_at_the_border_stay_on_the_grid(box: list[float]):
    targets = encode([crop_of([box], [0], [1])], class_count=1)
    assert (targets.heat == 1).sum() == 1
