"""AP50 of weights on labelled pictures, while they are being trained."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import torch

from goldsmith.science.detection_metrics.coco import evaluate_coco
from goldsmith.science.detection_metrics.types import GoldBoxes, PredictedBoxes
from goldsmith.training.detector.data import ImageCache, TrainingSample
from goldsmith.training.detector.letterbox import place
from goldsmith.training.detector.network import Detector, ServedDetector
from goldsmith.training.detector.postprocess import Detections, finish

PEAK_COUNT = 256
"""Peaks the network hands to post-processing, per picture."""

BATCH = 4


def detect_all(
    detector: Detector, cache: ImageCache, *, input_wh: tuple[int, int], device: torch.device
) -> list[Detections]:
    """Detections on every picture of the cache, by the network in its evaluation mode and float32."""
    served = ServedDetector(detector, peak_count=PEAK_COUNT).eval()
    found: list[Detections] = []
    with torch.inference_mode():
        for first in range(0, len(cache.samples), BATCH):
            samples = cache.samples[first : first + BATCH]
            pixels = [
                place(cache.get(first + offset), input_width=input_wh[0], input_height=input_wh[1])
                for offset in range(len(samples))
            ]
            outputs = served(torch.from_numpy(np.stack(pixels)).to(device))
            boxes, scores, classes = (output.cpu().numpy() for output in outputs)
            found += [
                finish(
                    boxes[offset],
                    scores[offset],
                    classes[offset],
                    width=sample.width,
                    height=sample.height,
                    input_wh=input_wh,
                    score_threshold=0.02,
                    iou_threshold=0.6,
                    max_detections=100,
                )
                for offset, sample in enumerate(samples)
            ]
    return found


def ap50(samples: Sequence[TrainingSample], found: Sequence[Detections], *, class_count: int) -> float:
    """COCO AP at IoU 0.5, mean over the classes that occur, 0 to 1; labels of weight 0 are ignore regions."""
    image = np.repeat(np.arange(len(samples)), [len(sample.boxes_xyxy) for sample in samples])
    gold = GoldBoxes.from_xyxy(
        image=image,
        class_index=np.concatenate([sample.class_index for sample in samples]),
        box_xyxy=np.concatenate([sample.boxes_xyxy for sample in samples]),
        is_crowd=np.concatenate([sample.weight <= 0 for sample in samples]),
    )
    predicted = PredictedBoxes.from_xyxy(
        image=np.repeat(np.arange(len(found)), [len(one.scores) for one in found]),
        class_index=np.concatenate([one.class_index for one in found]),
        box_xyxy=np.concatenate([one.boxes_xyxy for one in found]),
        score=np.concatenate([one.scores for one in found]),
    )
    result = evaluate_coco(gold, predicted, image_count=len(samples), class_count=class_count)
    return max(0.0, result.numbers["ap50"])
