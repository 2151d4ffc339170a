"""Does the schema that the revisions make equal the one that the tables in the code say?

Compared is what the database itself reports of a database that went through the revisions and of a fresh one, so that
nothing escapes: partial indexes, expressions, defaults, references.
"""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Iterator
from typing import Final

import sqlalchemy as sa

from goldsmith.platform.database.migrating import create_tables
from goldsmith.platform.database.seam import Database, Transaction
from goldsmith.platform.database.sqlite import SqliteTransaction
from goldsmith.platform.database.statements import Sql

_POSTGRESQL_COLUMNS: Final = Sql(
    "SELECT table_name, column_name, data_type, is_nullable, column_default FROM information_schema.columns"
    " WHERE table_schema = current_schema()"
)
_POSTGRESQL_INDEXES: Final = Sql(
    "SELECT tablename, indexdef FROM pg_indexes WHERE schemaname = current_schema()"
)
_POSTGRESQL_CONSTRAINTS: Final = Sql(
    "SELECT conrelid::regclass::text AS table_name, conname, pg_get_constraintdef(oid) AS text FROM pg_constraint"
    " WHERE connamespace = current_schema()::regnamespace"
)


class _Undo(Exception):  # noqa: N818  control flow
    """Leaves a transaction without a trace."""

    def __init__(self, lines: set[str]) -> None:
        super().__init__()
        self.lines = lines


def check_drift(database: Database, metadata: sa.MetaData) -> list[str]:
    """Return how the schema of ``database`` differs from ``metadata``: ``+`` too much, ``-`` missing.

    Args:
        database: At the newest revision.
        metadata: All tables.
    """
    found = database.read_sync(describe)
    wanted = (
        _fresh_sqlite(metadata) if database.dialect == "sqlite" else _fresh_postgresql(database, metadata)
    )
    return [f"+ {line}" for line in sorted(found - wanted)] + [f"- {line}" for line in sorted(wanted - found)]


def describe(tx: Transaction) -> set[str]:
    """Return a line for each column, index and constraint of the schema."""
    lines = _describe_sqlite(tx) if tx.dialect == "sqlite" else _describe_postgresql(tx)
    return {line for line in lines if not line.startswith("alembic_version ")}


def _fresh_sqlite(metadata: sa.MetaData) -> set[str]:
    connection = sqlite3.connect(":memory:", isolation_level=None)
    connection.row_factory = sqlite3.Row
    tx = SqliteTransaction(connection)
    create_tables(tx, metadata)
    lines = describe(tx)
    connection.close()
    return lines


def _fresh_postgresql(database: Database, metadata: sa.MetaData) -> set[str]:
    def build(tx: Transaction) -> None:
        tx.run(Sql("CREATE SCHEMA goldsmith_fresh"))
        tx.run(Sql("SET LOCAL search_path TO goldsmith_fresh"))
        create_tables(tx, metadata)
        raise _Undo(describe(tx))

    try:
        database.write_sync(build)
    except _Undo as undone:
        return undone.lines
    raise AssertionError


def _describe_sqlite(tx: Transaction) -> Iterator[str]:
    for table in tx.all(
        Sql("SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%'")
    ):
        name = table["name"]
        for row in tx.all(Sql(f"PRAGMA table_xinfo('{name}')")):
            default = row["dflt_value"]
            yield f"{name} column {row['name']} {row['type']} notnull={row['notnull']} {default=} pk={row['pk']}"
        for row in tx.all(Sql(f"PRAGMA foreign_key_list('{name}')")):
            yield f"{name} reference {row['from']} -> {row['table']}.{row['to']} {row['on_delete']} {row['on_update']}"
    for row in tx.all(
        Sql("SELECT name, tbl_name, sql FROM sqlite_master WHERE type = 'index' AND sql IS NOT NULL")
    ):
        yield f"{row['tbl_name']} index {_one_line(row['sql'])}"
    for row in tx.all(Sql("SELECT name, sql FROM sqlite_master WHERE type = 'table'")):
        for check in re.findall(r"CONSTRAINT (\w+) (CHECK \(.*\)|UNIQUE \(.*?\))", _one_line(row["sql"])):
            yield f"{row['name']} constraint {check[0]} {check[1]}"


def _describe_postgresql(tx: Transaction) -> Iterator[str]:
    for row in tx.all(_POSTGRESQL_COLUMNS):
        default = row["column_default"]
        yield f"{row['table_name']} column {row['column_name']} {row['data_type']} {row['is_nullable']} {default=}"
    for row in tx.all(_POSTGRESQL_INDEXES):
        yield f"{row['tablename']} index {_unqualified(row['indexdef'])}"
    for row in tx.all(_POSTGRESQL_CONSTRAINTS):
        yield f"{_unqualified(row['table_name'])} constraint {row['conname']} {_unqualified(row['text'])}"


def _one_line(sql: str) -> str:
    return " ".join(sql.replace('"', "").split())


def _unqualified(text: str) -> str:
    return re.sub(r"\b(public|goldsmith_fresh)\.", "", text)
