"""PostgreSQL by psycopg 3: each operation in a transaction of its own on a pooled connection.

Collisions (deadlock, serialisation) are run again; operations have no effect but through their transaction.
"""

from __future__ import annotations

import asyncio
import itertools
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any, Final, TypeVar

from goldsmith.core.errors import ConflictError, DatabaseBusyError, MissingExtraError
from goldsmith.platform.database.seam import Database, Operation, Row, Transaction
from goldsmith.platform.database.statements import Statement, resolve

try:
    import psycopg
    from psycopg.rows import dict_row
    from psycopg_pool import ConnectionPool, PoolTimeout
except ImportError as error:  # pragma: no cover - depends on the installation
    raise MissingExtraError("psycopg", extra="postgres") from error

T = TypeVar("T")
Connection = psycopg.Connection[dict[str, Any]]
_ATTEMPTS: Final = 5
_cursor_numbers = itertools.count()


class PostgresqlTransaction(Transaction):
    """Statements on one PostgreSQL connection."""

    dialect = "postgresql"

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self.callbacks: list[Callable[[], None]] = []

    def after_commit(self, callback: Callable[[], None]) -> None:
        """Call ``callback`` once this transaction is durable."""
        self.callbacks.append(callback)

    def _execute(self, statement: Statement, params: Mapping[str, Any] | None) -> psycopg.Cursor[dict[str, Any]]:
        text, values = resolve(statement, "postgresql", params)
        try:
            return self._connection.execute(text.encode(), values)
        except psycopg.errors.IntegrityError as error:
            raise ConflictError(f"the change collides with what is stored: {error}") from error

    def all(self, statement: Statement, params: Mapping[str, Any] | None = None) -> list[Row]:
        """Run and return all rows."""
        return list(self._execute(statement, params).fetchall())

    def first(self, statement: Statement, params: Mapping[str, Any] | None = None) -> Row | None:
        """Run and return the first row, or None."""
        return self._execute(statement, params).fetchone()

    def run(self, statement: Statement, params: Mapping[str, Any] | None = None) -> int:
        """Run a write and return the number of rows it touched."""
        return self._execute(statement, params).rowcount

    def many(self, statement: Statement, rows: Sequence[Mapping[str, Any]]) -> None:
        """Run one write for each of ``rows``."""
        if not rows:
            return
        text, first_values = resolve(statement, "postgresql", rows[0])
        defaults = {key: value for key, value in first_values.items() if key not in rows[0]}
        values = [{**defaults, **row} for row in rows] if defaults else rows
        try:
            with self._connection.cursor() as cursor:
                cursor.executemany(text.encode(), values)
        except psycopg.errors.IntegrityError as error:
            raise ConflictError(f"the change collides with what is stored: {error}") from error

    def stream(self, statement: Statement, params: Mapping[str, Any] | None = None) -> Iterator[Row]:
        """Run and yield rows through a server-side cursor."""
        text, values = resolve(statement, "postgresql", params)
        with self._connection.cursor(name=f"stream_{next(_cursor_numbers)}") as cursor:
            cursor.itersize = 1000
            cursor.execute(text.encode(), values)
            yield from cursor


class PostgresqlDatabase(Database):
    """A database on a PostgreSQL server, version 15 or newer.

    Args:
        url: ``postgresql://user@host/name``.
        pool_size: Connections, and threads that use them.
    """

    dialect = "postgresql"

    def __init__(self, url: str, *, pool_size: int = 8) -> None:
        self.url = url
        self._pool: ConnectionPool[Connection] = ConnectionPool(
            url,
            min_size=1,
            max_size=pool_size + 4,
            kwargs={"autocommit": True, "row_factory": dict_row},
            open=False,
            timeout=30.0,
        )
        self._pool.open(wait=True, timeout=10.0)
        self._threads = ThreadPoolExecutor(max_workers=pool_size, thread_name_prefix="postgresql")

    async def write(self, operation: Operation[T]) -> T:
        """Run ``operation`` in a transaction on a pool thread."""
        return await asyncio.get_running_loop().run_in_executor(self._threads, self.write_sync, operation)

    async def read(self, operation: Operation[T]) -> T:
        """Run ``operation`` on a snapshot on a pool thread."""
        return await asyncio.get_running_loop().run_in_executor(self._threads, self.read_sync, operation)

    def write_sync(self, operation: Operation[T]) -> T:
        """Run ``operation`` in a transaction; run it again after a collision."""
        return self._with_retry(lambda connection: _in_transaction(connection, operation, begin="BEGIN"))

    def read_sync(self, operation: Operation[T]) -> T:
        """Run ``operation`` on a snapshot."""
        begin = "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY"
        return self._with_retry(lambda connection: _in_transaction(connection, operation, begin=begin))

    def stream_sync(
        self, statement: Statement, params: Mapping[str, Any] | None = None, *, batch_rows: int = 1000
    ) -> Iterable[list[Row]]:
        """Yield batches of one long read through a server-side cursor."""
        text, values = resolve(statement, "postgresql", params)
        with psycopg.connect(self.url, row_factory=dict_row) as connection:
            with connection.cursor(name=f"stream_{next(_cursor_numbers)}") as cursor:
                cursor.execute(text.encode(), values)
                while batch := cursor.fetchmany(batch_rows):
                    yield list(batch)

    def close(self) -> None:
        """Finish what was accepted, then close all connections."""
        self._threads.shutdown(wait=True)
        self._pool.close()

    def _with_retry(self, run: Callable[[Connection], T]) -> T:
        for attempt in range(1, _ATTEMPTS + 1):
            try:
                with self._pool.connection() as connection:
                    return run(connection)
            except (psycopg.errors.SerializationFailure, psycopg.errors.DeadlockDetected) as error:
                if attempt == _ATTEMPTS:
                    raise DatabaseBusyError("the change kept colliding with others; try again") from error
                time.sleep(0.005 * 2**attempt)
            except (psycopg.OperationalError, PoolTimeout) as error:
                raise DatabaseBusyError(f"PostgreSQL did not answer ({error}); try again") from error
        raise DatabaseBusyError("the change kept colliding with others; try again")


def _in_transaction(connection: Connection, operation: Operation[T], *, begin: str) -> T:
    connection.execute(begin.encode())
    transaction = PostgresqlTransaction(connection)
    try:
        result = operation(transaction)
    except BaseException:
        connection.execute(b"ROLLBACK")
        raise
    connection.execute(b"COMMIT")
    for callback in transaction.callbacks:
        callback()
    return result
