"""How far annotators agree: corrected for chance on answers, F1 and IoU on marked objects, all with intervals.

Low agreement is not low quality: people who err in their own ways disagree and are still resolved well together.
"""

from goldsmith.science.agreement.labels import Agreement, cohen_kappa, krippendorff_alpha
from goldsmith.science.agreement.objects import DetectionAgreement, ObjectAgreement, detection_agreement

__all__ = [
    "Agreement",
    "DetectionAgreement",
    "ObjectAgreement",
    "cohen_kappa",
    "detection_agreement",
    "krippendorff_alpha",
]
