"""Objects that many people marked made one (``detection``), with calibrated doubt; answers lie in ``votes``."""

from goldsmith.science.consensus.detection import expected_missing, fit_detection_skill, resolve_detections
from goldsmith.science.consensus.existence import ExistencePriors
from goldsmith.science.consensus.types import DetectionConsensus, DetectionSkill

__all__ = [
    "DetectionConsensus",
    "DetectionSkill",
    "ExistencePriors",
    "expected_missing",
    "fit_detection_skill",
    "resolve_detections",
]
