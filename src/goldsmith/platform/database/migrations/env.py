"""Alembic's environment. The connection and the tables are handed in; nothing is read from a configuration file."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import context

from goldsmith.platform.database.migrating import LOCK_KEY

connection = context.config.attributes["connection"]
context.configure(
    connection=connection,
    target_metadata=context.config.attributes["metadata"],
    render_as_batch=connection.dialect.name == "sqlite",
    transactional_ddl=True,
    transaction_per_migration=False,
    compare_type=True,
    compare_server_default=False,
)
with context.begin_transaction():
    if connection.dialect.name == "postgresql":  # SQLite holds its write lock from BEGIN IMMEDIATE on
        connection.execute(sa.text(f"SELECT pg_advisory_xact_lock({LOCK_KEY})"))
    context.run_migrations()
    if connection.dialect.name == "sqlite":
        broken = connection.exec_driver_sql("PRAGMA foreign_key_check").fetchall()
        if broken:
            raise RuntimeError(f"the revision breaks references: {broken[:5]}")
