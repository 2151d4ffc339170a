"""Tables of callbacks: what is told to which address, and how a workspace wants it."""

from __future__ import annotations

from typing import Final

import sqlalchemy as sa

from goldsmith.platform.database import metadata

scale_callbacks: Final = sa.Table(
    "scale_callbacks",
    metadata,
    sa.Column("callback_id", sa.Text, primary_key=True),
    sa.Column("workspace_id", sa.Text, sa.ForeignKey("workspaces.workspace_id"), nullable=False),
    sa.Column("kind", sa.Text, nullable=False),  # task | batch
    sa.Column("subject_id", sa.Text, nullable=False),  # the task's 24 hex characters, or the batch's id
    sa.Column("event", sa.Text, nullable=False),
    sa.Column("url", sa.Text, nullable=False),
    sa.Column("is_test", sa.SmallInteger, nullable=False, server_default="0"),
    sa.Column("job_id", sa.Text, nullable=False),  # the one that may send it
    sa.Column("state", sa.Text, nullable=False),  # waiting | succeeded | failed
    sa.Column("attempts", sa.Integer, nullable=False, server_default="0"),  # since it was asked for last
    sa.Column("created_ms", sa.BigInteger, nullable=False),
    sa.Column("requested_ms", sa.BigInteger, nullable=False),  # the 24 hours run from it
    sa.Column("next_try_ms", sa.BigInteger),
    sa.Column("ended_ms", sa.BigInteger),
    sa.Column("last_status", sa.Integer),
    sa.Column("last_error", sa.Text),
    sa.Column("body", sa.Text, nullable=False, server_default=""),  # as sent last
    sa.Column("answer", sa.Text, nullable=False, server_default=""),  # the last one's beginning
    sa.Column("tries", sa.Text, nullable=False, server_default="[]"),  # JSON, oldest first
    sa.Index("ix_scale_callbacks_workspace", "workspace_id", "callback_id"),
    sa.Index("ix_scale_callbacks_state", "workspace_id", "state", "callback_id"),
    sa.Index("ix_scale_callbacks_subject", "subject_id"),
)

scale_callback_settings: Final = sa.Table(
    "scale_callback_settings",
    metadata,
    sa.Column("workspace_id", sa.Text, sa.ForeignKey("workspaces.workspace_id"), primary_key=True),
    sa.Column("default_url", sa.Text, nullable=False, server_default=""),
    sa.Column("private_hosts", sa.Text, nullable=False, server_default="[]"),  # JSON list
    sa.Column(
        "auth_key", sa.Text, nullable=False, server_default=""
    ),  # sent along, so it must be readable here
    sa.Column("auth_key_made_ms", sa.BigInteger),
)
