"""Bringing a database to the newest schema.

An empty database gets its tables from the catalogue and is stamped with the newest revision; a test proves that
running all revisions gives the same. One at the newest revision costs a single read. Alembic is imported for the rest
only: upgrades of existing data.
"""

from __future__ import annotations

from pathlib import Path
from typing import Final

import sqlalchemy as sa
from sqlalchemy.schema import CreateIndex, CreateTable

from goldsmith.core.errors import InvalidInputError
from goldsmith.platform.database.seam import Database, Transaction
from goldsmith.platform.database.statements import Sql

REVISIONS: Final = Path(__file__).parent / "migrations" / "versions"
LOCK_KEY: Final = 5_139_027_001
"""PostgreSQL's advisory lock on the schema; any number that no other program takes."""
_LOCK: Final = Sql("SELECT 1", postgresql=f"SELECT pg_advisory_xact_lock({LOCK_KEY})")
_TABLES: Final = Sql(
    "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%'",
    postgresql="SELECT tablename AS name FROM pg_catalog.pg_tables WHERE schemaname = current_schema()",
)
_REVISION: Final = Sql("SELECT version_num FROM alembic_version")
_CREATE_REVISION: Final = Sql(
    "CREATE TABLE alembic_version (version_num VARCHAR(32) NOT NULL,"
    " CONSTRAINT alembic_version_pkc PRIMARY KEY (version_num))"
)
_STAMP: Final = Sql("INSERT INTO alembic_version (version_num) VALUES (:revision)")


def known_revisions(revisions: Path = REVISIONS) -> list[str]:
    """Return the revisions in the folder, oldest first; they are files such as ``r0001_the_first_tables.py``."""
    return sorted(path.stem.split("_", 1)[0].removeprefix("r") for path in revisions.glob("r[0-9]*.py"))


def find_revision(tx: Transaction) -> str | None:
    """Return the revision of the database; None when it was never stamped."""
    if "alembic_version" not in _tables(tx):
        return None
    revision = tx.scalar(_REVISION)
    return None if revision is None else str(revision)


def is_at_head(database: Database, *, revisions: Path = REVISIONS) -> bool:
    """Say whether the schema is the newest that this version of goldsmith knows."""
    known = known_revisions(revisions)
    return bool(known) and database.read_sync(find_revision) == known[-1]


def migrate(database: Database, metadata: sa.MetaData, *, revisions: Path = REVISIONS) -> None:
    """Bring the schema to the newest revision; several processes may try at once.

    Before an upgrade a SQLite file is copied beside itself as ``NAME.before-REVISION``.

    Args:
        database: Empty, or of this or an older version of goldsmith.
        metadata: All tables.
        revisions: The folder of revisions.

    Raises:
        InvalidInputError: The data are of a newer version, or not goldsmith's.
    """
    known = known_revisions(revisions)
    if is_at_head(database, revisions=revisions) or database.write_sync(
        lambda tx: _create(tx, metadata, known)
    ):
        return
    from goldsmith.platform.database import upgrading  # brings Alembic

    upgrading.upgrade(database, metadata, revisions=revisions)


def create_tables(tx: Transaction, metadata: sa.MetaData) -> None:
    """Create all tables and indexes of the catalogue."""
    for table in metadata.sorted_tables:
        tx.run(CreateTable(table))
        for index in sorted(table.indexes, key=lambda entry: str(entry.name)):
            tx.run(CreateIndex(index))


def _create(tx: Transaction, metadata: sa.MetaData, known: list[str]) -> bool:
    """Fill an empty database; returns False when there is something to upgrade."""
    tx.all(_LOCK)
    tables = _tables(tx)
    if tables - {"alembic_version"}:
        _require_known(tx, tables, known)
        return not known or find_revision(tx) == known[-1]
    create_tables(tx, metadata)
    if known:
        if "alembic_version" not in tables:
            tx.run(_CREATE_REVISION)
        tx.run(_STAMP, {"revision": known[-1]})
    return True


def _require_known(tx: Transaction, tables: set[str], known: list[str]) -> None:
    revision = find_revision(tx)
    if revision is None and "jobs" not in tables:
        raise InvalidInputError("the database holds other tables; goldsmith needs one of its own")
    if revision is None and known:
        raise InvalidInputError(
            "the database was made before its schema had versions; export its data and start anew"
        )
    if revision is not None and revision not in known:
        raise InvalidInputError(
            f"the data are at schema {revision}, which this version of goldsmith does not know; use a newer one"
        )


def _tables(tx: Transaction) -> set[str]:
    return {str(row["name"]) for row in tx.all(_TABLES)}
