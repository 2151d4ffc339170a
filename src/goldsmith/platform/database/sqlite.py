"""SQLite: one writer thread with group commit, readers beside it.

WAL with ``synchronous=FULL``: a commit is on disk when it returns. Operations that arrive while a commit runs share the
next one, each in a savepoint of its own, so that durability costs one flush a group and a failing operation undoes
only itself. ``BEGIN IMMEDIATE`` takes the write lock at once; a deferred begin would fail under contention.
"""

from __future__ import annotations

import asyncio
import queue
import sqlite3
import threading
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path
from typing import Any, Final, TypeVar

from goldsmith.core.errors import BugError, ConflictError, DatabaseBusyError, InvalidInputError
from goldsmith.platform.database.seam import Database, Operation, Row, Transaction
from goldsmith.platform.database.statements import Statement, resolve

T = TypeVar("T")
_GROUP_LIMIT: Final = 256
_BUSY_TIMEOUT_MS: Final = 10_000
_MINIMUM_VERSION: Final = (3, 35, 0)


def connect(path: Path, *, read_only: bool = False) -> sqlite3.Connection:
    """Open a connection with goldsmith's settings."""
    if sqlite3.sqlite_version_info < _MINIMUM_VERSION:
        raise InvalidInputError(f"SQLite {sqlite3.sqlite_version} is too old; 3.35 or newer is needed")
    connection = sqlite3.connect(
        path, isolation_level=None, check_same_thread=False, timeout=_BUSY_TIMEOUT_MS / 1000, cached_statements=512
    )
    connection.row_factory = sqlite3.Row
    for pragma in (
        "journal_mode=WAL",
        "synchronous=FULL",
        f"busy_timeout={_BUSY_TIMEOUT_MS}",
        "foreign_keys=ON",
        "cache_size=-32000",
        "mmap_size=268435456",
        "temp_store=MEMORY",
    ):
        connection.execute(f"PRAGMA {pragma}")
    if read_only:
        connection.execute("PRAGMA query_only=ON")
    return connection


class SqliteTransaction(Transaction):
    """Statements on one SQLite connection."""

    dialect = "sqlite"

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection
        self.callbacks: list[Callable[[], None]] = []

    def after_commit(self, callback: Callable[[], None]) -> None:
        """Call ``callback`` once this transaction is durable."""
        self.callbacks.append(callback)

    def _execute(self, statement: Statement, params: Mapping[str, Any] | None) -> sqlite3.Cursor:
        text, values = resolve(statement, "sqlite", params)
        try:
            return self._connection.execute(text, values)
        except sqlite3.IntegrityError as error:
            raise ConflictError(f"the change collides with what is stored: {error}") from error

    def all(self, statement: Statement, params: Mapping[str, Any] | None = None) -> list[Row]:
        """Run and return all rows."""
        return self._execute(statement, params).fetchall()

    def first(self, statement: Statement, params: Mapping[str, Any] | None = None) -> Row | None:
        """Run and return the first row, or None."""
        cursor = self._execute(statement, params)
        row: Row | None = cursor.fetchone()
        if row is not None:
            cursor.fetchall()  # an UPDATE .. RETURNING ends only when read to its end
        return row

    def run(self, statement: Statement, params: Mapping[str, Any] | None = None) -> int:
        """Run a write and return the number of rows it touched."""
        return self._execute(statement, params).rowcount

    def many(self, statement: Statement, rows: Sequence[Mapping[str, Any]]) -> None:
        """Run one write for each of ``rows``."""
        if not rows:
            return
        text, first_values = resolve(statement, "sqlite", rows[0])
        defaults = {key: value for key, value in first_values.items() if key not in rows[0]}
        values = [{**defaults, **row} for row in rows] if defaults else rows
        try:
            self._connection.executemany(text, values)
        except sqlite3.IntegrityError as error:
            raise ConflictError(f"the change collides with what is stored: {error}") from error

    def stream(self, statement: Statement, params: Mapping[str, Any] | None = None) -> Iterator[Row]:
        """Run and yield rows without holding them all."""
        yield from self._execute(statement, params)


class _Pending:
    """An operation on its way through the writer."""

    __slots__ = ("error", "finish", "operation", "result")

    def __init__(self, operation: Operation[Any], finish: Callable[[_Pending], None]) -> None:
        self.operation = operation
        self.finish = finish
        self.result: Any = None
        self.error: BaseException | None = None


class SqliteDatabase(Database):
    """One SQLite file.

    Args:
        path: The database file; made, with its folder, when absent.
    """

    dialect = "sqlite"

    def __init__(self, path: Path) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        self.path = path
        connect(path).close()
        self._queue: queue.SimpleQueue[_Pending | None] = queue.SimpleQueue()
        self._is_closed = False
        self._local = threading.local()
        self._readers = ThreadPoolExecutor(max_workers=4, thread_name_prefix="sqlite-read")
        self._reader_connections: list[sqlite3.Connection] = []
        self._writer = threading.Thread(target=self._write_loop, name="sqlite-write", daemon=True)
        self._writer.start()

    async def write(self, operation: Operation[T]) -> T:
        """Run ``operation`` in the next group commit."""
        loop = asyncio.get_running_loop()
        future: asyncio.Future[T] = loop.create_future()

        def finish(done: _Pending) -> None:
            loop.call_soon_threadsafe(_settle, future, done)

        self._submit(_Pending(operation, finish))
        return await future

    def write_sync(self, operation: Operation[T]) -> T:
        """Run ``operation`` in the next group commit and wait for it."""
        if threading.current_thread() is self._writer:
            raise BugError("a write inside a write; use the transaction at hand")
        future: Future[T] = Future()
        self._submit(_Pending(operation, lambda done: _settle(future, done)))
        return future.result()

    async def read(self, operation: Operation[T]) -> T:
        """Run ``operation`` on a reader thread."""
        return await asyncio.get_running_loop().run_in_executor(self._readers, self.read_sync, operation)

    def read_sync(self, operation: Operation[T]) -> T:
        """Run ``operation`` on this thread's own reading connection."""
        connection: sqlite3.Connection | None = getattr(self._local, "connection", None)
        if connection is None:
            connection = self._local.connection = connect(self.path, read_only=True)
            self._reader_connections.append(connection)
        connection.execute("BEGIN")
        try:
            return operation(SqliteTransaction(connection))
        finally:
            connection.execute("ROLLBACK")

    def stream_sync(
        self, statement: Statement, params: Mapping[str, Any] | None = None, *, batch_rows: int = 1000
    ) -> Iterable[list[Row]]:
        """Yield batches of one long read on a connection of its own."""
        connection = connect(self.path, read_only=True)
        try:
            text, values = resolve(statement, "sqlite", params)
            cursor = connection.execute(text, values)
            while batch := cursor.fetchmany(batch_rows):
                yield batch
        finally:
            connection.close()

    def close(self) -> None:
        """Finish what was accepted, then close all connections."""
        if self._is_closed:
            return
        self._is_closed = True
        self._queue.put(None)
        self._writer.join()
        self._readers.shutdown(wait=True)
        for connection in self._reader_connections:
            connection.close()

    def _submit(self, pending: _Pending) -> None:
        if self._is_closed:
            raise DatabaseBusyError("the database is closed; the server is going down")
        self._queue.put(pending)

    def _write_loop(self) -> None:
        connection = connect(self.path)
        try:
            while (group := self._next_group()) is not None:
                self._commit_group(connection, group)
        finally:
            connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
            connection.close()

    def _next_group(self) -> list[_Pending] | None:
        first = self._queue.get()
        if first is None:
            return None
        group = [first]
        while len(group) < _GROUP_LIMIT:
            try:
                pending = self._queue.get_nowait()
            except queue.Empty:
                break
            if pending is None:
                self._queue.put(None)
                break
            group.append(pending)
        return group

    def _commit_group(self, connection: sqlite3.Connection, group: list[_Pending]) -> None:
        try:
            connection.execute("BEGIN IMMEDIATE")
            transaction = SqliteTransaction(connection)
            for pending in group:
                _run_in_savepoint(connection, transaction, pending)
            connection.execute("COMMIT")
            for callback in transaction.callbacks:
                callback()
        except sqlite3.Error as error:
            if connection.in_transaction:
                connection.execute("ROLLBACK")
            failure = DatabaseBusyError(f"the write was not taken ({error}); try again")
            failure.__cause__ = error
            for pending in group:
                pending.error = pending.error or failure
        for pending in group:
            pending.finish(pending)


def _run_in_savepoint(connection: sqlite3.Connection, transaction: SqliteTransaction, pending: _Pending) -> None:
    connection.execute("SAVEPOINT op")
    callbacks_before = len(transaction.callbacks)
    try:
        pending.result = pending.operation(transaction)
    except BaseException as error:  # noqa: BLE001  handed to the caller, who waits for it
        pending.error = error
        del transaction.callbacks[callbacks_before:]
        if connection.in_transaction:
            connection.execute("ROLLBACK TO op")
    connection.execute("RELEASE op")


def _settle(future: asyncio.Future[Any] | Future[Any], done: _Pending) -> None:
    if future.cancelled():
        return
    if done.error is not None:
        future.set_exception(done.error)
    else:
        future.set_result(done.result)
