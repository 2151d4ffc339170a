"""What other steps may use of quality."""

from goldsmith.quality.service import QualityService
from goldsmith.quality.types import ConsensusView, Course, CurrentLabel, Lesson, QualityReport

__all__ = ["ConsensusView", "Course", "CurrentLabel", "Lesson", "QualityReport", "QualityService"]
