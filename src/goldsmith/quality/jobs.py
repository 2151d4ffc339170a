"""Long work of quality."""

from __future__ import annotations

from goldsmith.platform.jobs import Jobs
from goldsmith.quality.service import RESOLVE_JOB, QualityService


def register(jobs: Jobs, service: QualityService) -> None:
    """Tell the runner what quality can do."""
    jobs.register(RESOLVE_JOB, service.resolve)
