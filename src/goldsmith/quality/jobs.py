"""Long work of quality."""

from __future__ import annotations

from goldsmith.platform.jobs import Jobs
from goldsmith.quality.service import AUDIT_JOB, RESOLVE_JOB, SIGNALS_JOB, QualityService


def register(jobs: Jobs, service: QualityService) -> None:
    """Tell the runner what quality can do."""
    jobs.register(RESOLVE_JOB, service.resolve)
    jobs.register(AUDIT_JOB, service.follow_audits)
    jobs.register(SIGNALS_JOB, service.look_for_signals)
