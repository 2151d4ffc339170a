"""Tables of accounts: who may do what, and the record of what was done."""

from __future__ import annotations

from typing import Final

import sqlalchemy as sa

from goldsmith.platform.database import metadata

users: Final = sa.Table(
    "users",
    metadata,
    sa.Column("user_id", sa.Text, primary_key=True),
    sa.Column("email", sa.Text, nullable=False, unique=True),  # lower case
    sa.Column("name", sa.Text, nullable=False),
    sa.Column("password_hash", sa.Text),  # argon2; null until the link of an invitation is used
    sa.Column("preferences", sa.Text, nullable=False, server_default="{}"),  # JSON: theme, key map
    sa.Column("created_ms", sa.BigInteger, nullable=False),
    sa.Column("disabled_ms", sa.BigInteger),
)

workspaces: Final = sa.Table(
    "workspaces",
    metadata,
    sa.Column("workspace_id", sa.Text, primary_key=True),
    sa.Column("name", sa.Text, nullable=False),
    sa.Column("created_ms", sa.BigInteger, nullable=False),
)

members: Final = sa.Table(
    "members",
    metadata,
    sa.Column("member_id", sa.Text, primary_key=True),
    sa.Column("workspace_id", sa.Text, sa.ForeignKey("workspaces.workspace_id"), nullable=False),
    sa.Column("user_id", sa.Text, sa.ForeignKey("users.user_id"), index=True),  # null for services
    sa.Column("name", sa.Text, nullable=False),
    sa.Column("kind", sa.Text, nullable=False),  # person | service | simulated | model
    sa.Column("role", sa.Text, nullable=False),  # owner | manager | reviewer | annotator | viewer
    sa.Column("created_ms", sa.BigInteger, nullable=False),
    sa.Column("removed_ms", sa.BigInteger),
    sa.UniqueConstraint("workspace_id", "user_id"),
)

sessions: Final = sa.Table(
    "sessions",
    metadata,
    sa.Column("token_hash", sa.Text, primary_key=True),  # sha256 of the cookie's token
    sa.Column("user_id", sa.Text, sa.ForeignKey("users.user_id"), nullable=False, index=True),
    sa.Column("csrf_token", sa.Text, nullable=False),
    sa.Column("created_ms", sa.BigInteger, nullable=False),
    sa.Column("expires_ms", sa.BigInteger, nullable=False),
    sa.Column("revoked_ms", sa.BigInteger),
    sa.Column("user_agent", sa.Text, nullable=False, server_default=""),
)

one_time_links: Final = sa.Table(
    "one_time_links",
    metadata,
    sa.Column("link_id", sa.Text, primary_key=True),
    sa.Column("token_hash", sa.Text, nullable=False, unique=True),
    sa.Column("purpose", sa.Text, nullable=False),  # setup | login | invitation
    sa.Column("workspace_id", sa.Text, sa.ForeignKey("workspaces.workspace_id"), index=True),
    sa.Column("user_id", sa.Text, sa.ForeignKey("users.user_id")),
    sa.Column("email", sa.Text),
    sa.Column("role", sa.Text),
    sa.Column("project_ids", sa.Text, nullable=False, server_default="[]"),  # JSON
    sa.Column("created_by", sa.Text),
    sa.Column("created_ms", sa.BigInteger, nullable=False),
    sa.Column("expires_ms", sa.BigInteger, nullable=False),
    sa.Column("used_ms", sa.BigInteger),
    sa.Column("revoked_ms", sa.BigInteger),
)

api_keys: Final = sa.Table(
    "api_keys",
    metadata,
    sa.Column("key_id", sa.Text, primary_key=True),
    sa.Column("key_hash", sa.Text, nullable=False, unique=True),  # sha256 of a 256-bit random key
    sa.Column("hint", sa.Text, nullable=False),  # the last four characters, to recognise it
    sa.Column("name", sa.Text, nullable=False),
    sa.Column("mode", sa.Text, nullable=False, server_default="live"),  # live | test
    sa.Column("workspace_id", sa.Text, sa.ForeignKey("workspaces.workspace_id"), nullable=False, index=True),
    sa.Column("member_id", sa.Text, sa.ForeignKey("members.member_id"), nullable=False, index=True),
    sa.Column("created_ms", sa.BigInteger, nullable=False),
    sa.Column("expires_ms", sa.BigInteger),
    sa.Column("revoked_ms", sa.BigInteger),
)

audit_log: Final = sa.Table(
    "audit_log",
    metadata,
    sa.Column("workspace_id", sa.Text, primary_key=True),
    sa.Column(
        "sequence", sa.BigInteger, primary_key=True, autoincrement=False
    ),  # 1, 2, ... in each workspace
    sa.Column("at_ms", sa.BigInteger, nullable=False),
    sa.Column("actor", sa.Text, nullable=False),  # member id, user id or "system"
    sa.Column("action", sa.Text, nullable=False),  # past tense, such as "key.created"
    sa.Column("target", sa.Text, nullable=False),
    sa.Column("detail", sa.Text, nullable=False),  # JSON
    sa.Column("previous_hash", sa.Text, nullable=False),
    sa.Column("hash", sa.Text, nullable=False),  # sha256 over the row and previous_hash
)

audit_heads: Final = sa.Table(
    "audit_heads",
    metadata,
    # the newest row of each chain, so that rows removed from its end show
    sa.Column("workspace_id", sa.Text, primary_key=True),
    sa.Column("sequence", sa.BigInteger, nullable=False),
    sa.Column("hash", sa.Text, nullable=False),
)

webhooks: Final = sa.Table(
    "webhooks",
    metadata,
    sa.Column("webhook_id", sa.Text, primary_key=True),
    sa.Column("workspace_id", sa.Text, sa.ForeignKey("workspaces.workspace_id"), nullable=False, index=True),
    sa.Column("url", sa.Text, nullable=False),
    sa.Column("secret", sa.Text, nullable=False),  # signs deliveries, so it must be readable here
    sa.Column("events", sa.Text, nullable=False),  # JSON list; ["*"] for all
    sa.Column("is_active", sa.SmallInteger, nullable=False, server_default="1"),
    sa.Column("created_ms", sa.BigInteger, nullable=False),
    sa.Column("deleted_ms", sa.BigInteger),
)

webhook_deliveries: Final = sa.Table(
    "webhook_deliveries",
    metadata,
    sa.Column("delivery_id", sa.Text, primary_key=True),
    sa.Column("webhook_id", sa.Text, sa.ForeignKey("webhooks.webhook_id"), nullable=False),
    sa.Column("event", sa.Text, nullable=False),
    sa.Column("body", sa.Text, nullable=False),
    sa.Column("created_ms", sa.BigInteger, nullable=False),
    sa.Column("state", sa.Text, nullable=False),  # waiting | delivered | failed
    sa.Column("attempts", sa.Integer, nullable=False, server_default="0"),
    sa.Column(
        "requested_ms", sa.BigInteger, nullable=False
    ),  # made or asked for again; the retry window runs from it
    sa.Column("delivered_ms", sa.BigInteger),
    sa.Column("last_status", sa.Integer),
    sa.Column("last_error", sa.Text),
    sa.Index("ix_webhook_deliveries_webhook", "webhook_id", "delivery_id"),
)
