"""A table to try a database on."""

from __future__ import annotations

from goldsmith.platform.database import Database, Sql, Transaction

ADD = Sql("INSERT INTO things (thing_id, size, weight, body) VALUES (:thing_id, :size, :weight, :body)")
COUNT = Sql("SELECT COUNT(*) AS n FROM things")


def make_things(database: Database) -> Database:
    blob = "BYTEA" if database.dialect == "postgresql" else "BLOB"
    create = Sql(f"CREATE TABLE things (thing_id TEXT PRIMARY KEY, size BIGINT, weight FLOAT, body {blob})")
    database.write_sync(lambda tx: tx.run(create))
    return database


def add(tx: Transaction, name: str, **more: object) -> None:
    tx.run(ADD, {"thing_id": name, "size": None, "weight": None, "body": None, **more})


def count(database: Database) -> int:
    return int(database.read_sync(lambda tx: tx.scalar(COUNT)))
