"""Many rows by one statement: changed by their keys, or named as a set of ids.

SQLite binds row after row to one prepared statement in about 2 us each. To PostgreSQL that would be a message for
each row; there all rows travel in one message as JSON.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import msgspec
import sqlalchemy as sa

from goldsmith.platform.database import Sql, Transaction


class BulkUpdate:
    """UPDATE of rows of one table by their key.

    Args:
        table: Where.
        key: The column that names the row.
        columns: The columns to be set; every row gives ``(key, *columns)``.
        only: A further condition on the rows, in SQL.
    """

    def __init__(self, table: sa.Table, key: str, columns: Sequence[str], *, only: str = "1 = 1") -> None:
        self._columns = (key, *columns)
        plain = ", ".join(f"{name} = :{name}" for name in columns)
        joined = ", ".join(f"{name} = v.{name}" for name in columns)
        self._one = Sql(f"UPDATE {table.name} SET {plain} WHERE {key} = :{key} AND {only}")  # noqa: S608
        self._many = Sql(
            f"UPDATE {table.name} SET {plain} WHERE {key} = :{key} AND {only}",  # noqa: S608
            postgresql=f"UPDATE {table.name} SET {joined} FROM {_recordset(table, self._columns)} "  # noqa: S608
            f"WHERE {table.name}.{key} = v.{key} AND {only}",
        )

    def run(self, tx: Transaction, rows: Sequence[Sequence[Any]]) -> None:
        """Update ``rows``, each as ``(key, *columns)``."""
        if len(rows) == 1:
            tx.run(self._one, dict(zip(self._columns, rows[0], strict=True)))
        else:
            _run(tx, self._many, self._columns, rows)


def ids_of(ids: Sequence[str]) -> str:
    """Return the value of ``:ids`` for a statement made by ``with_ids``."""
    return msgspec.json.encode(ids).decode()


def with_ids(text: str) -> Sql:
    """Return a statement in which ``IN /*ids*/`` means the set of ids given as ``:ids``.

    Only for columns that lead an index: PostgreSQL compares each row that it meets otherwise with every id.
    """
    return Sql(
        text.replace("/*ids*/", "(SELECT value FROM json_each(:ids))"),
        # an array: PostgreSQL keeps looking its elements up in the index, whatever it believes of the table's size
        postgresql=text.replace(
            "IN /*ids*/", "= ANY (ARRAY(SELECT json_array_elements_text(CAST(:ids AS json))))"
        ),
    )


def _run(tx: Transaction, statement: Sql, columns: Sequence[str], rows: Sequence[Sequence[Any]]) -> None:
    if not rows:
        return
    named = [dict(zip(columns, row, strict=True)) for row in rows]
    if tx.dialect == "sqlite":
        tx.many(statement, named)
    else:
        tx.run(statement, {"rows": msgspec.json.encode(named).decode()})


def _recordset(table: sa.Table, columns: Sequence[str]) -> str:
    typed = ", ".join(f"{name} {_postgresql_type(table.c[name])}" for name in columns)
    return f"json_to_recordset(CAST(:rows AS json)) AS v({typed})"


def _postgresql_type(column: sa.Column[Any]) -> str:
    match column.type:
        case sa.BigInteger():
            return "bigint"
        case sa.SmallInteger():
            return "smallint"
        case sa.Integer():
            return "integer"
        case sa.Float():
            return "double precision"
        case _:
            return "text"
