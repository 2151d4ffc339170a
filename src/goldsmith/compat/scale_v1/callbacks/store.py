"""SQL of callbacks."""

from __future__ import annotations

from typing import Any, Final

import sqlalchemy as sa

from goldsmith.compat.scale_v1.callbacks.tables import scale_callback_settings, scale_callbacks
from goldsmith.platform.database import Row, Sql, Transaction, prepared

_INSERT: Final = prepared(sa.insert(scale_callbacks))
_FIND: Final = Sql("SELECT * FROM scale_callbacks WHERE callback_id = :callback_id")
_SHOWN: Final = (
    "callback_id, workspace_id, kind, subject_id, event, url, is_test, state, attempts, created_ms, next_try_ms,"
    " ended_ms, last_status, last_error"
)
_PAGE: Final = Sql(
    f"SELECT {_SHOWN} FROM scale_callbacks WHERE workspace_id = :workspace_id"  # noqa: S608  a constant
    " AND (:before = '' OR callback_id < :before) AND (:subject_id = '' OR subject_id = :subject_id)"
    " ORDER BY callback_id DESC LIMIT :limit"
)
_PAGE_OF_STATE: Final = Sql(
    f"SELECT {_SHOWN} FROM scale_callbacks WHERE workspace_id = :workspace_id AND state = :state"  # noqa: S608
    " AND (:before = '' OR callback_id < :before) AND (:subject_id = '' OR subject_id = :subject_id)"
    " ORDER BY callback_id DESC LIMIT :limit"
)
_SETTINGS: Final = Sql("SELECT * FROM scale_callback_settings WHERE workspace_id = :workspace_id")
_FIRST_SETTINGS: Final = Sql(
    "INSERT INTO scale_callback_settings (workspace_id) VALUES (:workspace_id) ON CONFLICT (workspace_id) DO NOTHING"
)
_FIRST_KEY: Final = Sql(
    "UPDATE scale_callback_settings SET auth_key = :auth_key, auth_key_made_ms = :at_ms"
    " WHERE workspace_id = :workspace_id AND auth_key = ''"
)


def insert(tx: Transaction, rows: list[dict[str, Any]]) -> None:
    """Add callbacks that wait to be sent."""
    tx.many(_INSERT, rows)


def find(tx: Transaction, callback_id: str) -> Row | None:
    """Return a callback with its body, answer and tries."""
    return tx.first(_FIND, {"callback_id": callback_id})


def page(
    tx: Transaction, *, workspace_id: str, state: str, subject_id: str, before: str, limit: int
) -> list[Row]:
    """Return callbacks without bodies, newest first; of one state and subject where they are not empty."""
    params = {"workspace_id": workspace_id, "subject_id": subject_id, "before": before, "limit": limit}
    return tx.all(_PAGE_OF_STATE, {**params, "state": state}) if state else tx.all(_PAGE, params)


def update(tx: Transaction, callback_id: str, **values: Any) -> None:
    """Set columns of a callback."""
    tx.run(sa.update(scale_callbacks).where(scale_callbacks.c.callback_id == callback_id).values(**values))


def settings(tx: Transaction, workspace_id: str) -> Row | None:
    """Return how a workspace wants its callbacks; None while it never said."""
    return tx.first(_SETTINGS, {"workspace_id": workspace_id})


def put_settings(tx: Transaction, workspace_id: str, **values: Any) -> None:
    """Set columns of a workspace's settings."""
    tx.run(_FIRST_SETTINGS, {"workspace_id": workspace_id})
    table = scale_callback_settings
    tx.run(sa.update(table).where(table.c.workspace_id == workspace_id).values(**values))


def put_first_key(tx: Transaction, workspace_id: str, *, auth_key: str, at_ms: int) -> None:
    """Keep a key where there is none yet."""
    tx.run(_FIRST_SETTINGS, {"workspace_id": workspace_id})
    tx.run(_FIRST_KEY, {"workspace_id": workspace_id, "auth_key": auth_key, "at_ms": at_ms})
