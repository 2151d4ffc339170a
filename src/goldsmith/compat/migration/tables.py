"""The journal of moving house: what was moved, so that nothing is moved twice."""

from __future__ import annotations

from typing import Final

import sqlalchemy as sa

from goldsmith.platform.database import metadata

migration_journal: Final = sa.Table(
    "migration_journal",
    metadata,
    # written in the transaction of what it tells of
    sa.Column("workspace_id", sa.Text, sa.ForeignKey("workspaces.workspace_id"), primary_key=True),
    sa.Column("source", sa.Text, primary_key=True),  # the other place, and the prefix of names
    sa.Column(
        "kind", sa.Text, primary_key=True
    ),  # project | batch | person | group | task | evaluation | training | file
    sa.Column("theirs", sa.Text, primary_key=True),  # name or id there
    sa.Column("ours", sa.Text, nullable=False, server_default=""),  # id here; sha256 of a file
    sa.Column("outcome", sa.Text, nullable=False),  # moved | left
    sa.Column("reason", sa.Text, nullable=False, server_default=""),  # why it was left
    sa.Column("digest", sa.Text, nullable=False, server_default=""),  # of what it said when it was moved
    sa.Column("at_ms", sa.BigInteger, nullable=False),
)
