"""SQL of the ways in: sessions, one-time links, API keys."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any, Final

import sqlalchemy as sa

from goldsmith.accounts.tables import api_keys, one_time_links, sessions
from goldsmith.platform.database import Row, Sql, Transaction, prepared

_INSERT_SESSION: Final = prepared(sa.insert(sessions))
_INSERT_LINK: Final = prepared(sa.insert(one_time_links))
_INSERT_KEY: Final = prepared(sa.insert(api_keys))
_FORGET_EXPIRED: Final = Sql("DELETE FROM sessions WHERE user_id = :user_id AND expires_ms <= :now_ms")
_REVOKE_SESSION: Final = Sql(
    "UPDATE sessions SET revoked_ms = :now_ms WHERE token_hash = :token_hash AND revoked_ms IS NULL"
)
_REVOKE_OTHERS: Final = Sql(
    """
    UPDATE sessions SET revoked_ms = :now_ms
    WHERE user_id = :user_id AND token_hash <> :keep AND revoked_ms IS NULL
    """
)
_SESSIONS: Final = Sql(
    """
    SELECT token_hash, created_ms, expires_ms, user_agent FROM sessions
    WHERE user_id = :user_id AND revoked_ms IS NULL AND expires_ms > :now_ms
    ORDER BY created_ms DESC, token_hash LIMIT 200
    """
)
_USE_LINK: Final = Sql(
    """
    UPDATE one_time_links SET used_ms = :now_ms
    WHERE token_hash = :token_hash AND purpose = :purpose
      AND used_ms IS NULL AND revoked_ms IS NULL AND expires_ms > :now_ms
    RETURNING *
    """
)
_OPEN_LINK: Final = Sql(
    """
    SELECT * FROM one_time_links
    WHERE token_hash = :token_hash AND purpose = :purpose
      AND used_ms IS NULL AND revoked_ms IS NULL AND expires_ms > :now_ms
    """
)
_REVOKE_SETUP_LINKS: Final = Sql(
    """
    UPDATE one_time_links SET revoked_ms = :now_ms
    WHERE purpose = 'setup' AND used_ms IS NULL AND revoked_ms IS NULL
    """
)
_REVOKE_INVITATIONS_TO: Final = Sql(
    """
    UPDATE one_time_links SET revoked_ms = :now_ms
    WHERE purpose = 'invitation' AND workspace_id = :workspace_id AND email = :email
      AND used_ms IS NULL AND revoked_ms IS NULL
    """
)
_REVOKE_INVITATIONS_BY: Final = Sql(
    """
    UPDATE one_time_links SET revoked_ms = :now_ms
    WHERE purpose = 'invitation' AND workspace_id = :workspace_id AND created_by = :created_by
      AND used_ms IS NULL AND revoked_ms IS NULL
    """
)
_REVOKE_INVITATION: Final = Sql(
    """
    UPDATE one_time_links SET revoked_ms = :now_ms
    WHERE link_id = :link_id AND workspace_id = :workspace_id AND purpose = 'invitation'
      AND used_ms IS NULL AND revoked_ms IS NULL
    """
)
_INVITATION: Final = Sql(
    """
    SELECT * FROM one_time_links WHERE link_id = :link_id AND workspace_id = :workspace_id AND purpose = 'invitation'
    """
)
_INVITATIONS: Final = Sql(
    """
    SELECT * FROM one_time_links
    WHERE workspace_id = :workspace_id AND purpose = 'invitation'
      AND used_ms IS NULL AND revoked_ms IS NULL AND expires_ms > :now_ms AND link_id > :after
    ORDER BY link_id LIMIT :limit
    """
)
_KEYS: Final = Sql(
    """
    SELECT k.*, m.name AS member_name, m.role AS member_role, m.kind AS member_kind
    FROM api_keys k JOIN members m ON m.member_id = k.member_id
    WHERE k.workspace_id = :workspace_id AND (:member_id = '' OR k.member_id = :member_id) AND k.key_id > :after
    ORDER BY k.key_id LIMIT :limit
    """
)
_KEY: Final = Sql(
    """
    SELECT k.*, m.name AS member_name, m.role AS member_role, m.kind AS member_kind
    FROM api_keys k JOIN members m ON m.member_id = k.member_id
    WHERE k.workspace_id = :workspace_id AND k.key_id = :key_id
    """
)
_REVOKE_KEY: Final = Sql(
    "UPDATE api_keys SET revoked_ms = :now_ms WHERE key_id = :key_id AND revoked_ms IS NULL"
)
_REVOKE_KEYS_OF: Final = Sql(
    "UPDATE api_keys SET revoked_ms = :now_ms WHERE member_id = :member_id AND revoked_ms IS NULL"
)


def insert_session(
    tx: Transaction,
    *,
    token_hash: str,
    user_id: str,
    csrf_token: str,
    user_agent: str,
    created_ms: int,
    expires_ms: int,
) -> None:
    """Add a session and forget the user's expired ones."""
    tx.run(_FORGET_EXPIRED, {"user_id": user_id, "now_ms": created_ms})
    tx.run(
        _INSERT_SESSION,
        {
            "token_hash": token_hash,
            "user_id": user_id,
            "csrf_token": csrf_token,
            "user_agent": user_agent,
            "created_ms": created_ms,
            "expires_ms": expires_ms,
        },
    )


def revoke_session(tx: Transaction, *, token_hash: str, now_ms: int) -> bool:
    """End a session; say whether there was one."""
    return tx.run(_REVOKE_SESSION, {"token_hash": token_hash, "now_ms": now_ms}) > 0


def revoke_other_sessions(tx: Transaction, *, user_id: str, keep: str, now_ms: int) -> int:
    """End all sessions of a user but the one whose hash is ``keep``."""
    return tx.run(_REVOKE_OTHERS, {"user_id": user_id, "keep": keep, "now_ms": now_ms})


def live_sessions(tx: Transaction, *, user_id: str, now_ms: int) -> list[Row]:
    """Return the user's sessions that still open something, newest first, at most 200."""
    return tx.all(_SESSIONS, {"user_id": user_id, "now_ms": now_ms})


def insert_link(
    tx: Transaction,
    *,
    link_id: str,
    token_hash: str,
    purpose: str,
    created_ms: int,
    expires_ms: int,
    workspace_id: str | None = None,
    user_id: str | None = None,
    email: str | None = None,
    role: str | None = None,
    project_ids: Sequence[str] = (),
    created_by: str | None = None,
) -> None:
    """Add a one-time link."""
    row: dict[str, Any] = {
        "link_id": link_id,
        "token_hash": token_hash,
        "purpose": purpose,
        "created_ms": created_ms,
        "expires_ms": expires_ms,
        "workspace_id": workspace_id,
        "user_id": user_id,
        "email": email,
        "role": role,
        "project_ids": json.dumps(list(project_ids)),
        "created_by": created_by,
    }
    tx.run(_INSERT_LINK, row)


def use_link(tx: Transaction, *, token_hash: str, purpose: str, now_ms: int) -> Row | None:
    """Use up a link; None when it is unknown, expired, revoked or used. Of two at once, one gets it."""
    return tx.first(_USE_LINK, {"token_hash": token_hash, "purpose": purpose, "now_ms": now_ms})


def open_link(tx: Transaction, *, token_hash: str, purpose: str, now_ms: int) -> Row | None:
    """Return a link that could be used, without using it."""
    return tx.first(_OPEN_LINK, {"token_hash": token_hash, "purpose": purpose, "now_ms": now_ms})


def revoke_setup_links(tx: Transaction, *, now_ms: int) -> None:
    """Take back the setup links that were not used."""
    tx.run(_REVOKE_SETUP_LINKS, {"now_ms": now_ms})


def revoke_invitations_to(tx: Transaction, *, workspace_id: str, email: str, now_ms: int) -> None:
    """Take back the open invitations to an address."""
    tx.run(_REVOKE_INVITATIONS_TO, {"workspace_id": workspace_id, "email": email, "now_ms": now_ms})


def revoke_invitations_by(tx: Transaction, *, workspace_id: str, member_id: str, now_ms: int) -> None:
    """Take back the open invitations a member made."""
    tx.run(_REVOKE_INVITATIONS_BY, {"workspace_id": workspace_id, "created_by": member_id, "now_ms": now_ms})


def revoke_invitation(tx: Transaction, *, workspace_id: str, link_id: str, now_ms: int) -> bool:
    """Take back one invitation; say whether it was open."""
    return (
        tx.run(_REVOKE_INVITATION, {"workspace_id": workspace_id, "link_id": link_id, "now_ms": now_ms}) > 0
    )


def invitation(tx: Transaction, *, workspace_id: str, link_id: str) -> Row | None:
    """Return an invitation, also a used one."""
    return tx.first(_INVITATION, {"workspace_id": workspace_id, "link_id": link_id})


def open_invitations(tx: Transaction, *, workspace_id: str, now_ms: int, after: str, limit: int) -> list[Row]:
    """Return invitations that can still be accepted, by id."""
    params = {"workspace_id": workspace_id, "now_ms": now_ms, "after": after, "limit": limit}
    return tx.all(_INVITATIONS, params)


def insert_key(
    tx: Transaction,
    *,
    key_id: str,
    key_hash: str,
    hint: str,
    name: str,
    mode: str,
    workspace_id: str,
    member_id: str,
    created_ms: int,
    expires_ms: int | None,
) -> None:
    """Add an API key."""
    row: dict[str, Any] = {
        "key_id": key_id,
        "key_hash": key_hash,
        "hint": hint,
        "name": name,
        "mode": mode,
        "workspace_id": workspace_id,
        "member_id": member_id,
        "created_ms": created_ms,
        "expires_ms": expires_ms,
    }
    tx.run(_INSERT_KEY, row)


def key(tx: Transaction, *, workspace_id: str, key_id: str) -> Row | None:
    """Return a key with its member's name, role and kind."""
    return tx.first(_KEY, {"workspace_id": workspace_id, "key_id": key_id})


def keys_page(tx: Transaction, *, workspace_id: str, member_id: str, after: str, limit: int) -> list[Row]:
    """Return keys by id; of one member when ``member_id`` is not empty."""
    return tx.all(
        _KEYS, {"workspace_id": workspace_id, "member_id": member_id, "after": after, "limit": limit}
    )


def revoke_key(tx: Transaction, *, key_id: str, now_ms: int) -> bool:
    """End a key; say whether it was still good."""
    return tx.run(_REVOKE_KEY, {"key_id": key_id, "now_ms": now_ms}) > 0


def revoke_keys_of(tx: Transaction, *, member_id: str, now_ms: int) -> int:
    """End all keys of a member."""
    return tx.run(_REVOKE_KEYS_OF, {"member_id": member_id, "now_ms": now_ms})
