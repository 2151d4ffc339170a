"""Many rows by one statement.

SQLite binds row after row to one prepared statement in about 2 us each. To PostgreSQL that would be a message for
each row; there the columns travel as arrays instead, about ten times faster.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

import sqlalchemy as sa

from goldsmith.platform.database import Sql, Transaction


class BulkInsert:
    """INSERT of many rows into one table.

    Args:
        table: Where to.
        columns: The columns that every row gives.
    """

    def __init__(self, table: sa.Table, columns: Sequence[str]) -> None:
        self._columns = tuple(columns)
        names = ", ".join(columns)
        values = ", ".join(f":{name}" for name in columns)
        self._statement = Sql(
            f"INSERT INTO {table.name} ({names}) VALUES ({values})",  # noqa: S608  names of our own tables
            postgresql=f"INSERT INTO {table.name} ({names}) SELECT * FROM {_unnest(table, columns)}",  # noqa: S608
        )

    def run(self, tx: Transaction, rows: Sequence[Sequence[Any]]) -> None:
        """Insert ``rows``, each with its values in the order of the columns."""
        _run(tx, self._statement, self._columns, rows)


class BulkUpdate:
    """UPDATE of many rows of one table by their key.

    Args:
        table: Where.
        key: The column that names the row.
        columns: The columns to be set; every row gives ``(key, *columns)``.
        constants: Further assignments in SQL, the same for every row.
    """

    def __init__(self, table: sa.Table, key: str, columns: Sequence[str], *, constants: str = "") -> None:
        self._columns = (key, *columns)
        more = f", {constants}" if constants else ""
        plain = ", ".join(f"{name} = :{name}" for name in columns) + more
        joined = ", ".join(f"{name} = v.{name}" for name in columns) + more
        names = ", ".join(self._columns)
        self._statement = Sql(
            f"UPDATE {table.name} SET {plain} WHERE {key} = :{key}",  # noqa: S608  names of our own tables
            postgresql=f"UPDATE {table.name} SET {joined} FROM {_unnest(table, self._columns)} AS v({names}) "  # noqa: S608
            f"WHERE {table.name}.{key} = v.{key}",
        )

    def run(self, tx: Transaction, rows: Sequence[Sequence[Any]]) -> None:
        """Update ``rows``, each as ``(key, *columns)``."""
        _run(tx, self._statement, self._columns, rows)


def ids_in(tx: Transaction, ids: Sequence[str]) -> str | list[str]:
    """Return a parameter for ``IN_IDS``."""
    return json.dumps(list(ids)) if tx.dialect == "sqlite" else list(ids)


def with_ids(text: str) -> Sql:
    """Return a statement in which ``/*ids*/`` is the set of ids that ``ids_in`` made of ``:ids``."""
    return Sql(
        text.replace("/*ids*/", "(SELECT value FROM json_each(:ids))"),
        postgresql=text.replace("/*ids*/", "(SELECT unnest(:ids ::text[]))"),
    )


def _run(tx: Transaction, statement: Sql, columns: Sequence[str], rows: Sequence[Sequence[Any]]) -> None:
    if not rows:
        return
    if tx.dialect == "sqlite":
        named: list[Mapping[str, Any]] = [dict(zip(columns, row, strict=True)) for row in rows]
        tx.many(statement, named)
        return
    tx.run(
        statement, {name: list(values) for name, values in zip(columns, zip(*rows, strict=True), strict=True)}
    )


def _unnest(table: sa.Table, columns: Sequence[str]) -> str:
    arrays = ", ".join(f":{name} ::{_postgresql_type(table.c[name])}[]" for name in columns)
    return f"unnest({arrays})"


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
