"""Drafts: unfinished work, one for each member and task."""

from __future__ import annotations

from typing import Final

from goldsmith.platform.database import Row, Sql, Transaction

_SAVE: Final = Sql(
    """
    INSERT INTO drafts (task_id, member_id, body, revision, saved_ms)
    VALUES (:task_id, :member_id, :body, :revision, :now_ms)
    ON CONFLICT (task_id, member_id) DO UPDATE
    SET body = excluded.body, revision = excluded.revision, saved_ms = excluded.saved_ms
    WHERE drafts.revision < excluded.revision
       OR (drafts.revision = excluded.revision AND drafts.body = excluded.body)
    """
)
_KEEP: Final = Sql(
    """
    INSERT INTO drafts (task_id, member_id, body, revision, saved_ms)
    VALUES (:task_id, :member_id, :body, 1, :now_ms)
    ON CONFLICT (task_id, member_id) DO UPDATE
    SET body = excluded.body, revision = drafts.revision + 1, saved_ms = excluded.saved_ms
    """
)
_FIND: Final = Sql(
    "SELECT body, revision, saved_ms FROM drafts WHERE task_id = :task_id AND member_id = :member_id"
)
_DELETE: Final = Sql("DELETE FROM drafts WHERE task_id = :task_id AND member_id = :member_id")


def save(tx: Transaction, *, task_id: str, member_id: str, body: str, revision: int, now_ms: int) -> bool:
    """Save a draft (JSON text) unless another of this or a later revision stands; say whether it was saved."""
    params = {
        "task_id": task_id,
        "member_id": member_id,
        "body": body,
        "revision": revision,
        "now_ms": now_ms,
    }
    return tx.run(_SAVE, params) == 1


def keep(tx: Transaction, *, task_id: str, member_id: str, body: str, now_ms: int) -> None:
    """Save a draft (JSON text) as the newest revision."""
    tx.run(_KEEP, {"task_id": task_id, "member_id": member_id, "body": body, "now_ms": now_ms})


def find(tx: Transaction, *, task_id: str, member_id: str) -> Row | None:
    """Return body (JSON text), revision and saved_ms, or None."""
    return tx.first(_FIND, {"task_id": task_id, "member_id": member_id})


def delete(tx: Transaction, *, task_id: str, member_id: str) -> None:
    """Remove a draft whose work was handed in."""
    tx.run(_DELETE, {"task_id": task_id, "member_id": member_id})
