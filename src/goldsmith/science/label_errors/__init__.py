"""Labels that are probably wrong, ranked, each with its reason: what a model that has not seen them says against them.

``class_label_errors`` (confident learning) for classes, ``detection_label_errors`` (overlooked, badly located, wrong
class, marked twice, unsupported) for boxes.
"""

from goldsmith.science.label_errors.classes import ClassErrors, Measure, class_label_errors
from goldsmith.science.label_errors.detection import (
    DetectionLabelErrors,
    Suspicion,
    detection_label_errors,
)

__all__ = [
    "ClassErrors",
    "DetectionLabelErrors",
    "Measure",
    "Suspicion",
    "class_label_errors",
    "detection_label_errors",
]
