"""How far annotators agree: corrected for chance on answers, F1 and IoU on marked objects, all with intervals.

Low agreement is not low quality: people who err in their own ways disagree and are still resolved well together.
"""

from goldsmith.science.agreement.labels import (
    LabelAgreement,
    class_agreement,
    cohen_kappa,
    fleiss_kappa,
    gwet_ac1,
    krippendorff_alpha,
    pair_agreement,
)
from goldsmith.science.agreement.objects import DetectionAgreement, ObjectAgreement, detection_agreement
from goldsmith.science.agreement.resampling import Agreement
from goldsmith.science.agreement.values import DistanceAgreement, distance_alpha, value_alpha

__all__ = [
    "Agreement",
    "DetectionAgreement",
    "DistanceAgreement",
    "LabelAgreement",
    "ObjectAgreement",
    "class_agreement",
    "cohen_kappa",
    "detection_agreement",
    "distance_alpha",
    "fleiss_kappa",
    "gwet_ac1",
    "krippendorff_alpha",
    "pair_agreement",
    "value_alpha",
]
