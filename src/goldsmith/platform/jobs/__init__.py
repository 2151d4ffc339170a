"""Durable background work: queued in the caller's transaction, resumed after a crash, with kept step results.

A handler is ``def handler(context: JobContext) -> JSON-able result``. It may be run again after a crash, so what it
does goes through ``context.step`` (at least once, its result kept) or ``context.step_in_transaction`` (exactly once).
"""

from goldsmith.platform.jobs.context import Handler, JobContext
from goldsmith.platform.jobs.runner import Jobs
from goldsmith.platform.jobs.types import (
    JobCancelled,
    JobFault,
    JobInterrupted,
    JobPage,
    JobState,
    JobView,
    JobWork,
)

__all__ = [
    "Handler",
    "JobCancelled",
    "JobContext",
    "JobFault",
    "JobInterrupted",
    "JobPage",
    "JobState",
    "JobView",
    "JobWork",
    "Jobs",
]
