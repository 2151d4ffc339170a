"""The words of jobs."""

from __future__ import annotations

from enum import StrEnum
from typing import Any, Literal, NamedTuple

from goldsmith.core.model import Model


class JobState(StrEnum):
    """Where a job is in its life."""

    QUEUED = "queued"
    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"
    CANCELLED = "cancelled"

    @property
    def is_open(self) -> bool:
        """Whether it may still run."""
        return self in (JobState.QUEUED, JobState.RUNNING)


class JobFault(Model):
    """Why a run ended badly."""

    code: str
    detail: str


class JobView(Model):
    """A job as readers see it."""

    job_id: str
    workspace_id: str
    kind: str
    subject: str
    state: JobState
    priority: int
    attempt: int
    """Runs begun."""
    max_attempts: int
    """Failures until it is given up."""
    done: int
    total: int | None
    message: str
    rate_per_s: float | None
    """Smoothed speed of progress; None while unknown."""
    eta_ms: int | None
    """Milliseconds until it is done at this speed; None while unknown or not running."""
    is_cancel_requested: bool
    result: Any
    """What the handler returned, once done."""
    error: JobFault | None
    """Why the last run ended badly; also while it waits to be run again."""
    created_by: str | None
    created_ms: int
    available_ms: int
    """Not before this time; while running, when its lease ends."""
    started_ms: int | None
    finished_ms: int | None


class JobWork(Model):
    """What a job makes, as readers see it while it is made; the views of steps extend it.

    Attributes:
        state: As the step last wrote it.
        finished_ms: When the work ended, in whatever way.
        error: Why it failed, or failed last while it waits to be tried again.
    """

    job_id: str
    state: Literal["queued", "running", "done", "failed", "cancelled"]
    finished_ms: int | None
    error: str | None = None


class JobPage(Model):
    """A page of jobs, newest first."""

    items: list[JobView]
    next_cursor: str | None


class Claimed(NamedTuple):
    """A job that this worker may run until its lease ends."""

    job_id: str
    workspace_id: str
    kind: str
    subject: str
    unique_key: str | None
    args: dict[str, Any]
    attempt: int
    failures: int
    losses: int
    max_attempts: int
    token: int
    created_by: str | None
    is_cancel_requested: bool


class JobCancelled(Exception):  # noqa: N818  control flow, not an error
    """Somebody asked for the job to end; raised inside the handler, caught by the runner."""


class JobInterrupted(Exception):  # noqa: N818  control flow, not an error
    """This worker goes down or lost its lease; the job is run again from its last kept step."""
