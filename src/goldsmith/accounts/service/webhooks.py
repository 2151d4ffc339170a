"""Signed webhooks: what happened in a workspace, told to the URLs that subscribed to it.

A delivery is made, with its job, in the transaction of what happened; so nothing is told that did not happen, and
nothing that happened is forgotten. It is told at least once: a receiver keeps the delivery ids it has seen, and refuses
a signature older than five minutes, so that a recorded request cannot be replayed.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from typing import Any, Final

from goldsmith.accounts import policy
from goldsmith.accounts.audit import audit
from goldsmith.accounts.store import webhooks as store
from goldsmith.accounts.types import Access, Delivery, NewWebhook, Page, Webhook
from goldsmith.core.errors import ConflictError, InvalidInputError, LimitExceededError, NotFoundError
from goldsmith.platform.database import Row, Transaction
from goldsmith.platform.machine import Machine

DELIVER_KIND: Final = "accounts.deliver_webhook"
_WEBHOOKS_PER_WORKSPACE: Final = 50
_EVENT: Final = re.compile(r"\*|[a-z_]{1,40}(\.[a-z_]{1,40}){1,2}|[a-z_]{1,40}\.\*")
_URL: Final = re.compile(r"https?://[^\s\x00-\x20]{1,2000}")


def emit(tx: Transaction, *, machine: Machine, workspace_id: str, event: str, body: Mapping[str, Any]) -> int:
    """Make a delivery, and a job for it, for each active webhook of the workspace that subscribed to ``event``.

    Args:
        tx: The transaction of what happened.
        machine: Clock, ids and jobs.
        workspace_id: Where it happened.
        event: Kind in past tense, such as ``task.done``.
        body: What to tell, as JSON.

    Returns:
        How many deliveries were made.
    """
    wanted = [
        row["webhook_id"]
        for row in store.active_webhooks(tx, workspace_id)
        if _is_subscribed(json.loads(row["events"]), event)
    ]
    for webhook_id in wanted:
        _deliver(
            tx, machine=machine, workspace_id=workspace_id, webhook_id=webhook_id, event=event, body=body
        )
    return len(wanted)


def _deliver(
    tx: Transaction,
    *,
    machine: Machine,
    workspace_id: str,
    webhook_id: str,
    event: str,
    body: Mapping[str, Any],
) -> str:
    delivery_id, at_ms = machine.ids.new("whk"), machine.clock.now_ms()
    envelope = {
        "delivery_id": delivery_id,
        "event": event,
        "workspace_id": workspace_id,
        "created_ms": at_ms,
        "body": body,
    }
    text = json.dumps(envelope, ensure_ascii=False, separators=(",", ":"))
    store.insert_delivery(
        tx, delivery_id=delivery_id, webhook_id=webhook_id, event=event, body=text, at_ms=at_ms
    )
    _enqueue(tx, machine=machine, workspace_id=workspace_id, delivery_id=delivery_id, webhook_id=webhook_id)
    return delivery_id


def _enqueue(
    tx: Transaction, *, machine: Machine, workspace_id: str, delivery_id: str, webhook_id: str
) -> str:
    return machine.jobs.enqueue(
        tx,
        DELIVER_KIND,
        workspace_id=workspace_id,
        args={"delivery_id": delivery_id},
        subject=webhook_id,
        priority=10,
    )


def _is_subscribed(events: Sequence[str], event: str) -> bool:
    return "*" in events or event in events or f"{event.partition('.')[0]}.*" in events


class Webhooks:
    """Subscriptions and their deliveries.

    Args:
        machine: What the step stands on.
        new_secret: Makes 256-bit secrets.
    """

    def __init__(self, machine: Machine, *, new_secret: policy.SecretSource) -> None:
        self._machine = machine
        self._new_secret = new_secret

    def create(self, tx: Transaction, access: Access, *, url: str, events: Sequence[str]) -> NewWebhook:
        """Subscribe a URL; the secret is shown once.

        Raises:
            InvalidInputError: The URL or an event does not hold.
            LimitExceededError: The workspace has too many.
        """
        if store.webhook_count(tx, access.workspace_id) >= _WEBHOOKS_PER_WORKSPACE:
            raise LimitExceededError(
                f"a workspace has at most {_WEBHOOKS_PER_WORKSPACE} webhooks; delete one first"
            )
        webhook_id, secret, at_ms = (
            self._machine.ids.new("whk"),
            self._new_secret(),
            self._machine.clock.now_ms(),
        )
        store.insert_webhook(
            tx,
            webhook_id=webhook_id,
            workspace_id=access.workspace_id,
            url=_checked_url(url),
            secret=secret,
            events=json.dumps(_checked_events(events)),
            at_ms=at_ms,
        )
        detail = {"url": url, "events": list(events)}
        audit(tx, at_ms=at_ms, access=access, action="webhook.created", target=webhook_id, detail=detail)
        return NewWebhook(webhook=_to_webhook(self._row(tx, access, webhook_id)), secret=secret)

    def list_page(self, tx: Transaction, access: Access, *, after: str, limit: int) -> Page[Webhook]:
        """Return subscriptions."""
        rows = store.webhooks_page(tx, workspace_id=access.workspace_id, after=after, limit=limit + 1)
        items = [_to_webhook(row) for row in rows[:limit]]
        return Page(items=items, next_cursor=items[-1].webhook_id if len(rows) > limit else None)

    def change(
        self,
        tx: Transaction,
        access: Access,
        *,
        webhook_id: str,
        url: str | None = None,
        events: Sequence[str] | None = None,
        is_active: bool | None = None,
    ) -> Webhook:
        """Change what is given, keep the rest."""
        row = self._row(tx, access, webhook_id)
        values: dict[str, Any] = {}
        if url is not None:
            values["url"] = _checked_url(url)
        if events is not None:
            values["events"] = json.dumps(_checked_events(events))
        if is_active is not None:
            values["is_active"] = int(is_active)
        if values:
            store.update_webhook(tx, webhook_id, **values)
            at_ms = self._machine.clock.now_ms()
            audit(tx, at_ms=at_ms, access=access, action="webhook.changed", target=webhook_id, detail=values)
            row = self._row(tx, access, webhook_id)
        return _to_webhook(row)

    def delete(self, tx: Transaction, access: Access, *, webhook_id: str) -> None:
        """End a subscription; its deliveries stay to be read in the database."""
        self._row(tx, access, webhook_id)
        at_ms = self._machine.clock.now_ms()
        store.update_webhook(tx, webhook_id, deleted_ms=at_ms)
        audit(tx, at_ms=at_ms, access=access, action="webhook.deleted", target=webhook_id)

    def ping(self, tx: Transaction, access: Access, *, webhook_id: str) -> str:
        """Send a test event to one subscription, whatever it subscribed to; returns the delivery's id."""
        self._row(tx, access, webhook_id)
        return _deliver(
            tx,
            machine=self._machine,
            workspace_id=access.workspace_id,
            webhook_id=webhook_id,
            event="webhook.pinged",
            body={"by": access.member_id},
        )

    def deliveries_page(
        self, tx: Transaction, access: Access, *, webhook_id: str, before: str, limit: int
    ) -> Page[Delivery]:
        """Return deliveries of one subscription, newest first."""
        self._row(tx, access, webhook_id)
        rows = store.deliveries_page(tx, webhook_id=webhook_id, before=before, limit=limit + 1)
        items = [_to_delivery(row) for row in rows[:limit]]
        return Page(items=items, next_cursor=items[-1].delivery_id if len(rows) > limit else None)

    def redeliver(self, tx: Transaction, access: Access, *, delivery_id: str) -> Delivery:
        """Ask for a delivery again, with the same id and body.

        Raises:
            NotFoundError: It is not there.
            ConflictError: It is still being tried.
        """
        row = store.delivery(tx, delivery_id)
        if row is None or row["workspace_id"] != access.workspace_id or row["deleted_ms"] is not None:
            raise NotFoundError("there is no such delivery here")
        if row["state"] == "waiting":
            raise ConflictError("the delivery is still being tried")
        at_ms = self._machine.clock.now_ms()
        store.update_delivery(tx, delivery_id, state="waiting", requested_ms=at_ms)
        _enqueue(
            tx,
            machine=self._machine,
            workspace_id=access.workspace_id,
            delivery_id=delivery_id,
            webhook_id=row["webhook_id"],
        )
        audit(tx, at_ms=at_ms, access=access, action="webhook.redelivered", target=delivery_id)
        found = store.delivery(tx, delivery_id)
        assert found is not None
        return _to_delivery(found)

    def _row(self, tx: Transaction, access: Access, webhook_id: str) -> Row:
        row = store.webhook(tx, workspace_id=access.workspace_id, webhook_id=webhook_id)
        if row is None:
            raise NotFoundError("there is no such webhook here")
        return row


def _checked_url(url: str) -> str:
    if not _URL.fullmatch(url):
        raise InvalidInputError("the webhook's URL must start with https:// or http:// and have no spaces")
    return url


def _checked_events(events: Sequence[str]) -> list[str]:
    bad = [event for event in events if not _EVENT.fullmatch(event)]
    if bad or not 1 <= len(events) <= 100:
        raise InvalidInputError(
            f"events must be a list such as ['task.done', 'job.*'] or ['*']; refused: {bad[:5]}"
        )
    return sorted(set(events))


def _to_webhook(row: Row) -> Webhook:
    return Webhook(
        webhook_id=row["webhook_id"],
        url=row["url"],
        events=json.loads(row["events"]),
        is_active=bool(row["is_active"]),
        created_ms=row["created_ms"],
    )


def _to_delivery(row: Row) -> Delivery:
    return Delivery(
        delivery_id=row["delivery_id"],
        event=row["event"],
        body=json.loads(row["body"]),
        state=row["state"],
        created_ms=row["created_ms"],
        attempts=row["attempts"],
        delivered_ms=row["delivered_ms"],
        last_status=row["last_status"],
        last_error=row["last_error"],
    )
