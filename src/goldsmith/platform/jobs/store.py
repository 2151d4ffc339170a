"""All SQL of jobs."""
# ruff: noqa: S608  every part of every statement is a constant of this module

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any, Final

import sqlalchemy as sa

from goldsmith.core.errors import InvalidInputError
from goldsmith.platform.database import Row, Sql, Transaction
from goldsmith.platform.jobs.policy import eta_ms
from goldsmith.platform.jobs.types import Claimed, JobFault, JobState, JobView
from goldsmith.platform.tables import jobs

_COLUMNS: Final = (
    "INSERT INTO jobs (job_id, workspace_id, kind, subject, unique_key, args, state, is_open, priority, available_ms,"
    " max_attempts, created_by, created_ms) "
)
_VALUES: Final = (
    ":job_id, :workspace_id, :kind, :subject, :unique_key, :args, 'queued', 1, :priority, :available_ms,"
    " :max_attempts, :created_by, :created_ms"
)
_IS_WAITING: Final = "state = 'queued' AND attempt = 0"
_INSERT: Final = Sql(f"{_COLUMNS}VALUES ({_VALUES})")
# An enqueuer that finds a waiting job relies on that job to see its data. SQLite runs claims and enqueuers one after
# another. On PostgreSQL the job could be claimed, run and finish before the enqueuer commits; therefore enqueuers hold
# a shared lock on the key until they commit, and a worker waits for them (_BARRIER) between claiming and running. The
# lock, the insert and the look are one message; the casts are there because a SELECT has no column types to follow.
_INSERT_OR_FIND: Final = Sql(
    f"{_COLUMNS}VALUES ({_VALUES}) ON CONFLICT (unique_key) WHERE {_IS_WAITING} AND unique_key IS NOT NULL"
    " DO UPDATE SET message = jobs.message RETURNING job_id",  # changes nothing, but returns the job that waits
    postgresql="WITH locked AS (SELECT pg_advisory_xact_lock_shared(hashtextextended(:unique_key, 0))), inserted AS ("
    + _COLUMNS
    + "SELECT :job_id, :workspace_id, :kind, :subject, :unique_key, :args, 'queued', 1, CAST(:priority AS INTEGER),"
    " CAST(:available_ms AS BIGINT), CAST(:max_attempts AS INTEGER), :created_by, CAST(:created_ms AS BIGINT)"
    f" FROM locked ON CONFLICT (unique_key) WHERE {_IS_WAITING} AND unique_key IS NOT NULL DO NOTHING RETURNING job_id)"
    " SELECT COALESCE((SELECT job_id FROM inserted),"
    f" (SELECT job_id FROM jobs WHERE unique_key = :unique_key AND {_IS_WAITING})) AS job_id",
)
_BARRIER: Final = Sql("SELECT 1", postgresql="SELECT pg_advisory_xact_lock(hashtextextended(:unique_key, 0))")
_FIND: Final = Sql("SELECT * FROM jobs WHERE job_id = :job_id")
_CLAIM_TEXT: Final = (
    "UPDATE jobs SET state = 'running', attempt = attempt + 1, token = token + 1, worker = :worker,"
    " losses = losses + CASE state WHEN 'running' THEN 1 ELSE 0 END,"
    " available_ms = :now_ms + CASE kind {leases} END, started_ms = COALESCE(started_ms, :now_ms),"
    " rate_per_s = NULL, progress_ms = NULL"
    " WHERE job_id = (SELECT job_id FROM jobs WHERE is_open = 1 AND available_ms <= :now_ms AND kind IN ({kinds})"
    " AND (unique_key IS NULL OR NOT EXISTS (SELECT 1 FROM jobs other WHERE other.unique_key = jobs.unique_key"
    " AND other.state = 'running' AND other.job_id <> jobs.job_id))"
    " ORDER BY priority DESC, available_ms, job_id LIMIT 1{lock}) RETURNING *"
)
_PEEK_TEXT: Final = (
    "SELECT 1 AS found FROM jobs WHERE is_open = 1 AND available_ms <= :now_ms AND kind IN ({kinds}) LIMIT 1"
)
_RENEW: Final = Sql(
    "UPDATE jobs SET available_ms = :until_ms WHERE job_id = :job_id AND token = :token AND state = 'running'"
)
_RUNNING_OF: Final = Sql(
    "SELECT job_id, token, is_cancel_requested FROM jobs WHERE is_open = 1 AND worker = :worker"
)
_FREE: Final = Sql(
    "UPDATE jobs SET available_ms = :now_ms WHERE is_open = 1 AND state = 'running' AND worker = :worker"
)
_FENCE: Final = Sql(
    "SELECT 1 AS held FROM jobs WHERE job_id = :job_id AND token = :token AND state = 'running'",
    postgresql="SELECT 1 AS held FROM jobs WHERE job_id = :job_id AND token = :token AND state = 'running'"
    " FOR NO KEY UPDATE",
)
_PROGRESS: Final = Sql(
    "UPDATE jobs SET progress_done = :done, progress_total = :total, message = :message, progress_ms = :now_ms,"
    " rate_per_s = :rate_per_s WHERE job_id = :job_id AND token = :token AND state = 'running'"
    " RETURNING is_cancel_requested"
)
_FIND_STEP: Final = Sql("SELECT result FROM job_steps WHERE job_id = :job_id AND name = :name")
_KEEP_STEP: Final = Sql(
    "INSERT INTO job_steps (job_id, name, result, finished_ms) VALUES (:job_id, :name, :result, :now_ms)"
)
_FORGET_STEPS: Final = Sql("DELETE FROM job_steps WHERE job_id = :job_id")
_FINISH: Final = Sql(
    "UPDATE jobs SET state = :state, is_open = 0, result = :result, error = :error, finished_ms = :now_ms,"
    " worker = NULL WHERE job_id = :job_id AND token = :token AND state = 'running'"
)
_REQUEUE: Final = Sql(
    "UPDATE jobs SET state = 'queued', available_ms = :available_ms, failures = :failures,"
    " error = COALESCE(:error, error), worker = NULL"
    " WHERE job_id = :job_id AND token = :token AND state = 'running'"
)
_CANCEL_QUEUED: Final = Sql(
    "UPDATE jobs SET state = 'cancelled', is_open = 0, is_cancel_requested = 1, finished_ms = :now_ms"
    " WHERE job_id = :job_id AND state = 'queued'"
)
_CANCEL_RUNNING: Final = Sql(
    "UPDATE jobs SET is_cancel_requested = 1 WHERE job_id = :job_id AND state = 'running'"
)
_RETRY: Final = Sql(
    "UPDATE jobs SET state = 'queued', is_open = 1, available_ms = :now_ms, failures = 0, losses = 0, error = NULL,"
    " is_cancel_requested = 0, finished_ms = NULL, unique_key = CASE attempt WHEN 0 THEN NULL ELSE unique_key END"
    " WHERE job_id = :job_id AND state IN ('failed', 'cancelled')"
)
_PUT_OFF: Final = Sql(
    "UPDATE jobs SET available_ms = :until_ms WHERE is_open = 1 AND state = 'queued' AND kind = :kind"
    " AND workspace_id = :workspace_id AND subject = :subject AND available_ms <= :now_ms"
)
_COUNT_OPEN: Final = Sql("SELECT state, COUNT(*) AS jobs FROM jobs WHERE is_open = 1 GROUP BY state")
_PRUNE_STEPS: Final = Sql(
    "DELETE FROM job_steps WHERE job_id IN (SELECT job_id FROM jobs WHERE is_open = 0 AND finished_ms < :before_ms)"
)
_PRUNE: Final = Sql("DELETE FROM jobs WHERE is_open = 0 AND finished_ms < :before_ms")


def dump(value: Any) -> str:
    """Encode a value of JSON types.

    Raises:
        InvalidInputError: It holds something that JSON has not.
    """
    try:
        return json.dumps(value, ensure_ascii=False, allow_nan=False, separators=(",", ":"))
    except (TypeError, ValueError) as error:
        raise InvalidInputError(f"a job's arguments and results must be JSON values: {error}") from error


def insert(tx: Transaction, values: Mapping[str, Any]) -> str:
    """Store a queued job and return its id, or that of the waiting job with the same ``unique_key``."""
    if values["unique_key"] is None:
        tx.run(_INSERT, values)
        return str(values["job_id"])
    while True:
        job_id = tx.scalar(_INSERT_OR_FIND, values)
        if job_id is not None:  # None: it was queued by a transaction that ended after this statement began
            return str(job_id)


def await_enqueuers(tx: Transaction, unique_key: str) -> None:
    """Return when every transaction that relied on the job while it waited has ended."""
    tx.first(_BARRIER, {"unique_key": unique_key})


def find(tx: Transaction, job_id: str) -> Row | None:
    """Return the job's row."""
    return tx.first(_FIND, {"job_id": job_id})


def list_page(
    tx: Transaction,
    *,
    workspace_id: str,
    kind: str | None,
    subject: str | None,
    state: str | None,
    cursor: str | None,
    limit: int,
) -> list[Row]:
    """Return up to ``limit`` rows, newest first, older than ``cursor``."""
    wanted = {"kind": kind, "subject": subject, "state": state}
    query = sa.select(jobs).where(jobs.c.workspace_id == workspace_id)
    for name, value in wanted.items():
        if value is not None:
            query = query.where(jobs.c[name] == value)
    if cursor is not None:
        query = query.where(jobs.c.job_id < cursor)
    return tx.all(query.order_by(jobs.c.job_id.desc()).limit(limit))


class ClaimStatements:
    """The claim and the look before it, for a set of kinds.

    Args:
        leases_ms: Length of the lease by kind.
    """

    def __init__(self, leases_ms: Mapping[str, int]) -> None:
        self._values: dict[str, Any] = {}
        for number, (kind, lease_ms) in enumerate(leases_ms.items()):
            self._values |= {f"kind_{number}": kind, f"lease_{number}": lease_ms}
        kinds = ", ".join(f":kind_{number}" for number in range(len(leases_ms)))
        leases = " ".join(
            f"WHEN :kind_{number} THEN CAST(:lease_{number} AS BIGINT)" for number in range(len(leases_ms))
        )
        self._kind_values = {name: value for name, value in self._values.items() if name.startswith("kind_")}
        self._claim = Sql(
            _CLAIM_TEXT.format(leases=leases, kinds=kinds, lock=""),
            postgresql=_CLAIM_TEXT.format(leases=leases, kinds=kinds, lock=" FOR UPDATE SKIP LOCKED"),
        )
        self._peek = Sql(_PEEK_TEXT.format(kinds=kinds))

    def is_any_due(self, tx: Transaction, *, now_ms: int) -> bool:
        """Say whether a job seems to be due; a look that takes no lock."""
        return tx.first(self._peek, {**self._kind_values, "now_ms": now_ms}) is not None

    def claim(self, tx: Transaction, *, worker: str, now_ms: int) -> Claimed | None:
        """Take the first job that may run now."""
        row = tx.first(self._claim, {**self._values, "worker": worker, "now_ms": now_ms})
        if row is None:
            return None
        values = {name: row[name] for name in Claimed._fields}
        values["args"] = json.loads(row["args"])
        values["is_cancel_requested"] = bool(row["is_cancel_requested"])
        return Claimed(**values)


def renew(tx: Transaction, *, job_id: str, token: int, until_ms: int) -> bool:
    """Lengthen the lease; False when it is lost."""
    return tx.run(_RENEW, {"job_id": job_id, "token": token, "until_ms": until_ms}) > 0


def running_of(tx: Transaction, worker: str) -> list[Row]:
    """Return job_id, token and is_cancel_requested of the jobs that ``worker`` runs."""
    return tx.all(_RUNNING_OF, {"worker": worker})


def free_jobs_of(tx: Transaction, *, worker: str, now_ms: int) -> int:
    """End the leases of a worker that is known to be gone."""
    return tx.run(_FREE, {"worker": worker, "now_ms": now_ms})


def is_held(tx: Transaction, *, job_id: str, token: int) -> bool:
    """Say whether the lease is still held, and keep it held until the transaction ends."""
    return tx.first(_FENCE, {"job_id": job_id, "token": token}) is not None


def write_progress(tx: Transaction, values: Mapping[str, Any]) -> bool | None:
    """Store progress; returns whether cancelling was asked for, None when the lease is lost."""
    row = tx.first(_PROGRESS, values)
    return None if row is None else bool(row["is_cancel_requested"])


def find_step(tx: Transaction, *, job_id: str, name: str) -> str | None:
    """Return the kept result of a step, as JSON."""
    value = tx.scalar(_FIND_STEP, {"job_id": job_id, "name": name})
    return None if value is None else str(value)


def keep_step(tx: Transaction, *, job_id: str, name: str, result: str, now_ms: int) -> None:
    """Keep the result of a step."""
    tx.run(_KEEP_STEP, {"job_id": job_id, "name": name, "result": result, "now_ms": now_ms})


def finish(
    tx: Transaction,
    *,
    job_id: str,
    token: int,
    state: JobState,
    result: str | None,
    error: str | None,
    now_ms: int,
) -> bool:
    """Close the job; False when the lease is lost. Kept steps stay with a failed job, for a later retry."""
    values = {"job_id": job_id, "token": token, "state": state.value, "result": result, "error": error}
    if tx.run(_FINISH, {**values, "now_ms": now_ms}) == 0:
        return False
    if state is JobState.DONE:
        tx.run(_FORGET_STEPS, {"job_id": job_id})
    return True


def requeue(
    tx: Transaction, *, job_id: str, token: int, available_ms: int, failures: int, error: str | None
) -> bool:
    """Put the job back; False when the lease is lost."""
    values = {
        "job_id": job_id,
        "token": token,
        "available_ms": available_ms,
        "failures": failures,
        "error": error,
    }
    return tx.run(_REQUEUE, values) > 0


def count_open(tx: Transaction) -> dict[str, int]:
    """Return the number of open jobs by state."""
    return {str(row["state"]): int(row["jobs"]) for row in tx.all(_COUNT_OPEN)}


def cancel(tx: Transaction, *, job_id: str, now_ms: int) -> bool:
    """Cancel a waiting job, or ask a running one to end; False when it is closed."""
    values = {"job_id": job_id, "now_ms": now_ms}
    return tx.run(_CANCEL_QUEUED, values) > 0 or tx.run(_CANCEL_RUNNING, {"job_id": job_id}) > 0


def retry(tx: Transaction, *, job_id: str, now_ms: int) -> bool:
    """Queue a failed or cancelled job again; False when it is neither."""
    return tx.run(_RETRY, {"job_id": job_id, "now_ms": now_ms}) > 0


def put_off(tx: Transaction, values: Mapping[str, Any]) -> int:
    """Let due jobs of a kind, workspace and subject wait until ``until_ms``; returns how many."""
    return tx.run(_PUT_OFF, values)


def prune(tx: Transaction, *, before_ms: int) -> int:
    """Delete jobs that were closed before ``before_ms``, with their steps."""
    tx.run(_PRUNE_STEPS, {"before_ms": before_ms})
    return tx.run(_PRUNE, {"before_ms": before_ms})


def to_view(row: Row, *, now_ms: int) -> JobView:
    """Return the row as readers see it."""
    is_running = row["state"] == "running"
    rate_per_s = row["rate_per_s"] if is_running else None
    remaining_ms = eta_ms(
        done=row["progress_done"],
        total=row["progress_total"],
        rate_per_s=rate_per_s,
        progress_ms=row["progress_ms"],
        now_ms=now_ms,
    )
    return JobView(
        job_id=row["job_id"],
        workspace_id=row["workspace_id"],
        kind=row["kind"],
        subject=row["subject"],
        state=JobState(row["state"]),
        priority=row["priority"],
        attempt=row["attempt"],
        max_attempts=row["max_attempts"],
        done=row["progress_done"],
        total=row["progress_total"],
        message=row["message"],
        rate_per_s=rate_per_s,
        eta_ms=remaining_ms,
        is_cancel_requested=bool(row["is_cancel_requested"]),
        result=None if row["result"] is None else json.loads(row["result"]),
        error=None if row["error"] is None else JobFault.model_validate_json(row["error"]),
        created_by=row["created_by"],
        created_ms=row["created_ms"],
        available_ms=row["available_ms"],
        started_ms=row["started_ms"],
        finished_ms=row["finished_ms"],
    )
