"""Long work of evaluation."""

from __future__ import annotations

from typing import Any

from goldsmith.evaluation.service import EVALUATE_JOB, SEND_JOB, EvaluationService
from goldsmith.platform.jobs import JobContext, Jobs


def register(jobs: Jobs, service: EvaluationService) -> None:
    """Tell the runner what evaluation can do."""
    jobs.register(EVALUATE_JOB, lambda context: _run(service, context))
    jobs.register(SEND_JOB, service.send)


def _run(service: EvaluationService, context: JobContext) -> dict[str, Any]:
    """Measure, and let the evaluation's own state follow how the job ends."""
    evaluation_id = context.args["evaluation_id"]
    with context.telling_end(
        lambda tx, state: service.on_ended(tx, evaluation_id=evaluation_id, state=state)
    ):
        return service.run(context)
