"""Background work of accounts: telling webhooks."""

from __future__ import annotations

from typing import Any

from goldsmith.accounts import policy
from goldsmith.accounts.service import AccountsService
from goldsmith.accounts.service.webhooks import DELIVER_KIND
from goldsmith.accounts.store import webhooks as store
from goldsmith.core.errors import DependencyError, GoneError
from goldsmith.platform.database import Row
from goldsmith.platform.jobs import JobContext, Jobs
from goldsmith.platform.machine import Machine


def register(jobs: Jobs, service: AccountsService) -> None:
    """Say how the jobs of accounts are run."""
    jobs.register(
        DELIVER_KIND,
        lambda context: deliver(service.machine, context),
        max_attempts=policy.DELIVERY_ATTEMPTS,
        backoff=policy.retry_delay_ms,
    )


def deliver(machine: Machine, context: JobContext) -> dict[str, Any]:
    """Send one delivery.

    Raises:
        DependencyError: The receiver could not be reached or did not answer 2xx; it is tried again.
        GoneError: The subscription was ended meanwhile, or the window is over.
    """
    delivery_id: str = context.args["delivery_id"]
    row = machine.database.read_sync(lambda tx: store.delivery(tx, delivery_id))
    if row is None or row["deleted_ms"] is not None or not row["is_active"]:
        _keep(machine, delivery_id, state="failed", last_error="the webhook was deleted or switched off")
        raise GoneError("the webhook was deleted or switched off")
    status, error = _send(machine, row)
    now_ms = machine.clock.now_ms()
    values: dict[str, Any] = {"attempts": row["attempts"] + 1, "last_status": status, "last_error": error}
    if error is None:
        _keep(machine, delivery_id, **values, state="delivered", delivered_ms=now_ms)
        return {"status": status}
    is_last = (
        context.attempt >= policy.DELIVERY_ATTEMPTS
        or now_ms - row["requested_ms"] > policy.DELIVERY_WINDOW_MS
    )
    _keep(machine, delivery_id, **values, state="failed" if is_last else "waiting")
    if is_last:
        raise GoneError(f"given up: {error}")
    raise DependencyError(error)


def _send(machine: Machine, row: Row) -> tuple[int | None, str | None]:
    body = row["body"].encode()
    timestamp_s = machine.clock.now_ms() // 1000
    headers = {
        "Content-Type": "application/json",
        "Goldsmith-Event": row["event"],
        "Goldsmith-Delivery": row["delivery_id"],
        "Goldsmith-Signature": policy.sign_delivery(secret=row["secret"], timestamp_s=timestamp_s, body=body),
    }
    try:
        answer = machine.fetcher.post(row["url"], body, headers)
    except DependencyError as failure:
        return None, failure.detail
    if 200 <= answer.status < 300:
        return answer.status, None
    return answer.status, f"the receiver answered {answer.status}"


def _keep(machine: Machine, delivery_id: str, **values: Any) -> None:
    machine.database.write_sync(lambda tx: store.update_delivery(tx, delivery_id, **values))
