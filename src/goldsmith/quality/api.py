"""What other steps may use of quality."""

from goldsmith.quality.service import QualityService
from goldsmith.quality.types import ConsensusView, CurrentLabel, QualityReport

__all__ = ["ConsensusView", "CurrentLabel", "QualityReport", "QualityService"]
