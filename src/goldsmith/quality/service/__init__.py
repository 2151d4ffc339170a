"""Quality at work: answers become consensus, and annotators' skill is learnt from all of them."""

from goldsmith.quality.service.foundation import AUDIT_JOB, RESOLVE_JOB, SIGNALS_JOB
from goldsmith.quality.service.quality import QualityService

__all__ = ["AUDIT_JOB", "RESOLVE_JOB", "SIGNALS_JOB", "QualityService"]
