"""SQL of webhooks, their deliveries, and the pages of the audit log."""

from __future__ import annotations

from typing import Any, Final

import sqlalchemy as sa

from goldsmith.accounts.tables import webhook_deliveries, webhooks
from goldsmith.platform.database import Row, Sql, Transaction, prepared

_INSERT_WEBHOOK: Final = prepared(sa.insert(webhooks))
_INSERT_DELIVERY: Final = prepared(sa.insert(webhook_deliveries))
_ACTIVE: Final = Sql(
    """
    SELECT webhook_id, events FROM webhooks
    WHERE workspace_id = :workspace_id AND is_active = 1 AND deleted_ms IS NULL
    """
)
_WEBHOOK: Final = Sql(
    """
    SELECT * FROM webhooks
    WHERE workspace_id = :workspace_id AND webhook_id = :webhook_id AND deleted_ms IS NULL
    """
)
_WEBHOOKS: Final = Sql(
    """
    SELECT * FROM webhooks
    WHERE workspace_id = :workspace_id AND deleted_ms IS NULL AND webhook_id > :after
    ORDER BY webhook_id LIMIT :limit
    """
)
_COUNT: Final = Sql(
    "SELECT count(*) AS number FROM webhooks WHERE workspace_id = :workspace_id AND deleted_ms IS NULL"
)
_DELIVERIES: Final = Sql(
    """
    SELECT * FROM webhook_deliveries
    WHERE webhook_id = :webhook_id AND (:before = '' OR delivery_id < :before)
    ORDER BY delivery_id DESC LIMIT :limit
    """
)
_DELIVERY: Final = Sql(
    """
    SELECT d.*, w.url, w.secret, w.is_active, w.deleted_ms, w.workspace_id
    FROM webhook_deliveries d JOIN webhooks w ON w.webhook_id = d.webhook_id
    WHERE d.delivery_id = :delivery_id
    """
)
_AUDIT_PAGE: Final = Sql(
    """
    SELECT a.*, COALESCE(m.name, u.name) AS actor_name
    FROM audit_log a
    LEFT JOIN members m ON m.member_id = a.actor
    LEFT JOIN users u ON u.user_id = a.actor
    WHERE a.workspace_id = :workspace_id AND a.sequence < :before
      AND (:action = '' OR a.action = :action OR a.action LIKE :prefix)
    ORDER BY a.sequence DESC LIMIT :limit
    """
)


def insert_webhook(
    tx: Transaction, *, webhook_id: str, workspace_id: str, url: str, secret: str, events: str, at_ms: int
) -> None:
    """Add a subscription; ``events`` is a JSON list."""
    row = {
        "webhook_id": webhook_id,
        "workspace_id": workspace_id,
        "url": url,
        "secret": secret,
        "events": events,
        "created_ms": at_ms,
    }
    tx.run(_INSERT_WEBHOOK, row)


def active_webhooks(tx: Transaction, workspace_id: str) -> list[Row]:
    """Return id and events of the subscriptions that are switched on."""
    return tx.all(_ACTIVE, {"workspace_id": workspace_id})


def webhook(tx: Transaction, *, workspace_id: str, webhook_id: str) -> Row | None:
    """Return a subscription."""
    return tx.first(_WEBHOOK, {"workspace_id": workspace_id, "webhook_id": webhook_id})


def webhooks_page(tx: Transaction, *, workspace_id: str, after: str, limit: int) -> list[Row]:
    """Return subscriptions by id."""
    return tx.all(_WEBHOOKS, {"workspace_id": workspace_id, "after": after, "limit": limit})


def webhook_count(tx: Transaction, workspace_id: str) -> int:
    """Return how many subscriptions the workspace has."""
    return int(tx.scalar(_COUNT, {"workspace_id": workspace_id}))


def update_webhook(tx: Transaction, webhook_id: str, **values: Any) -> None:
    """Set columns of a subscription."""
    tx.run(sa.update(webhooks).where(webhooks.c.webhook_id == webhook_id).values(**values))


def insert_delivery(
    tx: Transaction, *, delivery_id: str, webhook_id: str, event: str, body: str, at_ms: int
) -> None:
    """Add a delivery that is to be made now; ``body`` is the JSON that is sent."""
    row = {
        "delivery_id": delivery_id,
        "webhook_id": webhook_id,
        "event": event,
        "body": body,
        "created_ms": at_ms,
        "requested_ms": at_ms,
        "state": "waiting",
    }
    tx.run(_INSERT_DELIVERY, row)


def delivery(tx: Transaction, delivery_id: str) -> Row | None:
    """Return a delivery with its subscription's URL, secret, workspace and state."""
    return tx.first(_DELIVERY, {"delivery_id": delivery_id})


def deliveries_page(tx: Transaction, *, webhook_id: str, before: str, limit: int) -> list[Row]:
    """Return deliveries, newest first."""
    return tx.all(_DELIVERIES, {"webhook_id": webhook_id, "before": before, "limit": limit})


def update_delivery(tx: Transaction, delivery_id: str, **values: Any) -> None:
    """Set columns of a delivery."""
    tx.run(
        sa.update(webhook_deliveries).where(webhook_deliveries.c.delivery_id == delivery_id).values(**values)
    )


def audit_page(tx: Transaction, *, workspace_id: str, before: int, action: str, limit: int) -> list[Row]:
    """Return rows of the audit log, newest first, with the actor's name.

    Only those of an action (``key.created``) or of all about a thing (``key``) when ``action`` is not empty.
    """
    params = {
        "workspace_id": workspace_id,
        "before": before,
        "action": action,
        "prefix": f"{action}.%",
        "limit": limit,
    }
    return tx.all(_AUDIT_PAGE, params)
