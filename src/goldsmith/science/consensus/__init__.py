"""Many answers made one: labels (``dawid_skene``) and detections (``detection``), with calibrated doubt."""

from goldsmith.science.consensus.dawid_skene import (
    MOST_CERTAIN,
    LabelConsensus,
    Smoothing,
    blended_confidence,
    dawid_skene,
    majority_vote,
    resolve_labels,
)
from goldsmith.science.consensus.detection import expected_missing, fit_detection_skill, resolve_detections
from goldsmith.science.consensus.existence import ExistencePriors
from goldsmith.science.consensus.types import DetectionConsensus, DetectionSkill

__all__ = [
    "MOST_CERTAIN",
    "DetectionConsensus",
    "DetectionSkill",
    "ExistencePriors",
    "LabelConsensus",
    "Smoothing",
    "blended_confidence",
    "dawid_skene",
    "expected_missing",
    "fit_detection_skill",
    "majority_vote",
    "resolve_detections",
    "resolve_labels",
]
