"""Long work of training."""

from __future__ import annotations

from typing import Any

from goldsmith.platform.jobs import JobContext, Jobs
from goldsmith.training.service import PRELABEL_JOB, RUN_JOB, TrainingService


def register(jobs: Jobs, service: TrainingService) -> None:
    """Tell the runner what training can do."""
    jobs.register(RUN_JOB, lambda context: _run(service, context))
    jobs.register(PRELABEL_JOB, service.prelabel)


def _run(service: TrainingService, context: JobContext) -> dict[str, Any]:
    """Train, and let the run's own state follow how the job ends."""
    run_id = context.args["run_id"]
    with context.telling_end(lambda tx, state: service.on_run_ended(tx, run_id=run_id, state=state)):
        return service.run(context)
