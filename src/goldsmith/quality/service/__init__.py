"""Quality at work: answers become consensus, and annotators' skill is learnt from all of them."""

from goldsmith.quality.service.foundation import RESOLVE_JOB
from goldsmith.quality.service.quality import QualityService

__all__ = ["RESOLVE_JOB", "QualityService"]
