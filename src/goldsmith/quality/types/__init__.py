"""What quality speaks of."""

from goldsmith.quality.types.labels import (
    DECIDER,
    METHOD_BULK,
    METHOD_DETECTION,
    METHOD_IMPORTED,
    METHOD_REVIEW,
    ConsensusView,
    CurrentLabel,
    ResolvedTask,
    Support,
    Vote,
)
from goldsmith.quality.types.report import (
    AnnotatorQuality,
    ClassAgreement,
    GoldScore,
    Interval,
    MemberSkill,
    OverallAgreement,
    PairAgreement,
    QualityReport,
)

__all__ = [
    "DECIDER",
    "METHOD_BULK",
    "METHOD_DETECTION",
    "METHOD_IMPORTED",
    "METHOD_REVIEW",
    "AnnotatorQuality",
    "ClassAgreement",
    "ConsensusView",
    "CurrentLabel",
    "GoldScore",
    "Interval",
    "MemberSkill",
    "OverallAgreement",
    "PairAgreement",
    "QualityReport",
    "ResolvedTask",
    "Support",
    "Vote",
]
