"""From a URL to a database."""

from __future__ import annotations

from pathlib import Path

from goldsmith.core.errors import InvalidInputError
from goldsmith.platform.database.seam import Database
from goldsmith.platform.database.sqlite import SqliteDatabase


def open_database(url: str, *, pool_size: int = 8) -> Database:
    """Open ``sqlite:///path/to/file.db`` or ``postgresql://user@host/name``.

    Args:
        url: Where the data are.
        pool_size: Connections kept to a PostgreSQL server.

    Raises:
        InvalidInputError: The URL names another database.
        MissingExtraError: PostgreSQL was asked for and its driver is not installed.
    """
    if url.startswith("sqlite:///"):
        return SqliteDatabase(Path(url.removeprefix("sqlite:///")))
    if url.startswith(("postgresql://", "postgres://")):
        from goldsmith.platform.database.postgresql import PostgresqlDatabase  # optional driver

        return PostgresqlDatabase(url, pool_size=pool_size)
    raise InvalidInputError(
        f"database URL {url.split(':', 1)[0]}:... is not known; use sqlite:///FILE or postgresql://USER@HOST/NAME"
    )
