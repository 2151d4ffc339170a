"""Detection metrics by the COCO protocol: numbers, curves, confusion, slices, intervals, mistakes, worst images."""

from goldsmith.science.detection_metrics.average_precision import IOU_THRESHOLDS, RECALL_POINTS
from goldsmith.science.detection_metrics.bootstrap import (
    DetectionIntervals,
    ImageStatistics,
    Interval,
    PairedComparison,
    Verdict,
    bootstrap_intervals,
    image_statistics,
    paired_comparison,
)
from goldsmith.science.detection_metrics.coco import (
    COCO_NUMBERS,
    CocoEvaluation,
    CocoTables,
    evaluate_coco,
    tables_from_coco,
)
from goldsmith.science.detection_metrics.confusion import confusion_matrix
from goldsmith.science.detection_metrics.curves import PrecisionRecall, precision_recall_curves
from goldsmith.science.detection_metrics.errors import MISTAKES, DetectionErrors, ErrorKind, detection_errors
from goldsmith.science.detection_metrics.samples import ImageScores, image_scores
from goldsmith.science.detection_metrics.single import FoundObjects, SingleMatch, found_objects, match_once
from goldsmith.science.detection_metrics.slices import Slice, SliceResult, evaluate_slices
from goldsmith.science.detection_metrics.types import GoldBoxes, PredictedBoxes, View

__all__ = [
    "COCO_NUMBERS",
    "IOU_THRESHOLDS",
    "MISTAKES",
    "RECALL_POINTS",
    "CocoEvaluation",
    "CocoTables",
    "DetectionErrors",
    "DetectionIntervals",
    "ErrorKind",
    "FoundObjects",
    "GoldBoxes",
    "ImageScores",
    "ImageStatistics",
    "Interval",
    "PairedComparison",
    "PrecisionRecall",
    "PredictedBoxes",
    "SingleMatch",
    "Slice",
    "SliceResult",
    "Verdict",
    "View",
    "bootstrap_intervals",
    "confusion_matrix",
    "detection_errors",
    "evaluate_coco",
    "evaluate_slices",
    "found_objects",
    "image_scores",
    "image_statistics",
    "match_once",
    "paired_comparison",
    "precision_recall_curves",
    "tables_from_coco",
]
