"""Detection metrics, equal to pycocotools: COCO numbers."""

from goldsmith.science.detection_metrics.coco import (
    COCO_NUMBERS,
    CocoEvaluation,
    CocoTables,
    evaluate_coco,
    tables_from_coco,
)
from goldsmith.science.detection_metrics.types import GoldBoxes, PredictedBoxes, View

__all__ = [
    "COCO_NUMBERS",
    "CocoEvaluation",
    "CocoTables",
    "GoldBoxes",
    "PredictedBoxes",
    "View",
    "evaluate_coco",
    "tables_from_coco",
]
