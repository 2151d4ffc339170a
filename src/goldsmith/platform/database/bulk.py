"""Rows by the thousand.

SQLite binds row after row to one prepared statement in about 2 us each. To PostgreSQL that would be a message for each
row; there they travel as one COPY.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa

from goldsmith.platform.database.seam import Transaction
from goldsmith.platform.database.statements import Sql


class BulkInsert:
    """INSERT of rows into one table, of one as well as of thousands.

    Args:
        table: Where to.
        columns: The columns that every row gives.
    """

    def __init__(self, table: sa.Table, columns: Sequence[str]) -> None:
        self._table = table.name
        self._columns = tuple(columns)
        names = ", ".join(f'"{name}"' for name in columns)
        values = ", ".join(f":{name}" for name in columns)
        # names are of our own tables, never input
        self._one = Sql(f"INSERT INTO {table.name} ({names}) VALUES ({values})")  # noqa: S608

    def run(self, tx: Transaction, rows: Sequence[Sequence[Any]]) -> None:
        """Insert ``rows``, each with its values in the order of the columns.

        Raises:
            ConflictError: A row breaks a constraint.
        """
        if len(rows) == 1:
            tx.run(self._one, dict(zip(self._columns, rows[0], strict=True)))
        elif rows:
            tx.insert_many(self._table, self._columns, rows)
