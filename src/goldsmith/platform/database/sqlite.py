"""SQLite: one writer thread with group commit, readers beside it.

WAL with ``synchronous=FULL``: a commit is on disk when it returns. Operations that arrive while a commit runs share the
next one, each in a savepoint of its own, so that durability costs one flush a group and a failing operation undoes
only itself. ``BEGIN IMMEDIATE`` takes the write lock at once; a deferred begin would fail under contention.
"""

from __future__ import annotations

import asyncio
import sqlite3
import threading
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import Future
from pathlib import Path
from typing import Any, Final, TypeVar

from goldsmith.core.errors import BugError, ConflictError, DatabaseBusyError, InvalidInputError
from goldsmith.platform.database.handoff import Mailboxes, NextPending, Pending, ThreadTeam, run_callbacks
from goldsmith.platform.database.seam import SWALLOWED, Database, Operation, Row, Transaction
from goldsmith.platform.database.statements import Statement, resolve

T = TypeVar("T")
_GROUP_LIMIT: Final = 256
_GROUP_DURATION_S: Final = 0.010
_BUSY_TIMEOUT_MS: Final = 10_000
_READER_THREADS: Final = 4
_WRITER_CACHE_KIB: Final = 32_000
_READER_CACHE_KIB: Final = 4_000
_MINIMUM_VERSION: Final = (3, 35, 0)
_DEPENDENCY_CODES: Final = frozenset(
    {
        sqlite3.SQLITE_BUSY,
        sqlite3.SQLITE_LOCKED,
        sqlite3.SQLITE_FULL,
        sqlite3.SQLITE_IOERR,
        sqlite3.SQLITE_CANTOPEN,
        sqlite3.SQLITE_READONLY,
        sqlite3.SQLITE_NOMEM,
    }
)


def connect(path: Path, *, read_only: bool = False) -> sqlite3.Connection:
    """Open a connection with goldsmith's settings."""
    if sqlite3.sqlite_version_info < _MINIMUM_VERSION:
        raise InvalidInputError(f"SQLite {sqlite3.sqlite_version} is too old; 3.35 or newer is needed")
    connection = sqlite3.connect(
        path,
        isolation_level=None,
        check_same_thread=False,
        timeout=_BUSY_TIMEOUT_MS / 1000,
        cached_statements=512,
    )
    connection.row_factory = sqlite3.Row
    for pragma in (
        f"busy_timeout={_BUSY_TIMEOUT_MS}",
        "journal_mode=WAL",
        "synchronous=FULL",
        "foreign_keys=ON",
        f"cache_size=-{_READER_CACHE_KIB if read_only else _WRITER_CACHE_KIB}",
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
        self._has_failed_statement = False

    def after_commit(self, callback: Callable[[], None]) -> None:
        """Call ``callback`` once this transaction is durable."""
        self.callbacks.append(callback)

    def require_sound(self) -> None:
        """Refuse to commit after a failed statement, as PostgreSQL does.

        Raises:
            BugError: A statement failed and the operation went on.
        """
        if self._has_failed_statement:
            raise BugError(SWALLOWED)

    def all(self, statement: Statement, params: Mapping[str, Any] | None = None) -> list[Row]:
        """Run and return all rows."""
        return self._execute(statement, params).fetchall()

    def first(self, statement: Statement, params: Mapping[str, Any] | None = None) -> Row | None:
        """Run and return the first row, or None."""
        rows: list[Row] = self._execute(
            statement, params
        ).fetchall()  # RETURNING takes effect when read to its end
        return rows[0] if rows else None

    def run(self, statement: Statement, params: Mapping[str, Any] | None = None) -> int:
        """Run a write and return the number of rows it touched."""
        return self._execute(statement, params).rowcount

    def many(self, statement: Statement, rows: Sequence[Mapping[str, Any]]) -> None:
        """Run one write for each of ``rows``."""
        if not rows:
            return
        compiled, first_values = resolve(statement, "sqlite", rows[0])
        defaults = {key: value for key, value in first_values.items() if key not in rows[0]}
        values = [{**defaults, **row} for row in rows] if defaults else rows
        self._execute_many(compiled.text, values)

    def insert_many(self, table: str, columns: Sequence[str], rows: Iterable[Sequence[Any]]) -> None:
        """Insert rows by one prepared statement."""
        marks = ", ".join("?" * len(columns))
        names = ", ".join(f'"{name}"' for name in columns)
        self._execute_many(f"INSERT INTO {table} ({names}) VALUES ({marks})", rows)  # noqa: S608  see the seam

    def stream(self, statement: Statement, params: Mapping[str, Any] | None = None) -> Iterator[Row]:
        """Run and yield rows without holding them all."""
        yield from self._execute(statement, params)

    def _execute(self, statement: Statement, params: Mapping[str, Any] | None) -> sqlite3.Cursor:
        compiled, values = resolve(statement, "sqlite", params)
        try:
            return self._connection.execute(compiled.text, values)
        except (sqlite3.Error, OverflowError) as error:
            raise self._failure(error) from error

    def _execute_many(self, text: str, rows: Iterable[Any]) -> None:
        try:
            self._connection.executemany(text, rows)
        except (sqlite3.Error, OverflowError) as error:
            raise self._failure(error) from error

    def _failure(self, error: Exception) -> Exception:
        self._has_failed_statement = True
        if isinstance(error, sqlite3.IntegrityError):
            return ConflictError(f"the change collides with what is stored: {error}")
        if isinstance(error, OverflowError):
            return InvalidInputError(f"a number is too large to be stored: {error}")
        return _busy(error) if _is_dependency(error) else error


class SqliteDatabase(Database):
    """One SQLite file.

    Args:
        path: The database file; made, with its folder, when absent.
    """

    dialect = "sqlite"

    def __init__(self, path: Path) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        self.path = path
        self.url = f"sqlite:///{path}"
        self._writing = connect(path)
        self._local = threading.local()
        self._reading: list[sqlite3.Connection] = []
        self._mailboxes = Mailboxes()
        self._writer = ThreadTeam("sqlite-write", 1, self._commit_group)
        self._readers = ThreadTeam("sqlite-read", _READER_THREADS, self._read_all)

    async def write(self, operation: Operation[T]) -> T:
        """Run ``operation`` in the next group commit."""
        mailbox = self._mailboxes.of_running_loop()
        future: asyncio.Future[T] = mailbox.loop.create_future()
        self._writer.submit(Pending(operation, future, mailbox.post))
        return await future

    def write_sync(self, operation: Operation[T]) -> T:
        """Run ``operation`` in the next group commit and wait for it."""
        if self._writer.contains_current_thread():
            raise BugError("a transaction inside a transaction; use the one at hand")
        future: Future[T] = Future()
        self._writer.submit(Pending(operation, future, Pending.settle))
        return future.result()

    async def read(self, operation: Operation[T]) -> T:
        """Run ``operation`` on a reader thread."""
        mailbox = self._mailboxes.of_running_loop()
        future: asyncio.Future[T] = mailbox.loop.create_future()
        self._readers.submit(Pending(operation, future, mailbox.post))
        return await future

    def read_sync(self, operation: Operation[T]) -> T:
        """Run ``operation`` on this thread's own reading connection."""
        connection: sqlite3.Connection | None = getattr(self._local, "connection", None)
        if connection is None:
            connection = self._local.connection = connect(self.path, read_only=True)
            self._reading.append(connection)
        if connection.in_transaction or self._writer.contains_current_thread():
            raise BugError("a transaction inside a transaction; use the one at hand")
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
            compiled, values = resolve(statement, "sqlite", params)
            cursor = connection.execute(compiled.text, values)
            while batch := cursor.fetchmany(batch_rows):
                yield batch
        finally:
            connection.close()

    def close(self) -> None:
        """Finish what was accepted, then close all connections."""
        self._writer.close()
        self._readers.close()
        for connection in self._reading:
            connection.close()
        self._reading.clear()
        self._writing.close()  # the last connection to close folds the log into the file

    def _read_all(self, first: Pending, take_next: NextPending) -> None:
        pending: Pending | None = first
        while pending is not None:
            try:
                pending.result = self.read_sync(pending.operation)
            except BaseException as error:  # noqa: BLE001  handed to the caller, who waits for it
                pending.error = error
            pending.deliver(pending)
            pending = take_next()

    def _commit_group(self, first: Pending, take_next: NextPending) -> None:
        """Run ``first`` and what waits behind it in one commit, then deliver them all."""
        group: list[Pending] = []
        callbacks: list[Callable[[], None]] = []
        try:
            self._writing.execute("BEGIN IMMEDIATE")
            until_s = time.monotonic() + _GROUP_DURATION_S
            pending: Pending | None = first
            while pending is not None:
                group.append(pending)
                callbacks += _run_in_savepoint(self._writing, pending)
                is_full = len(group) >= _GROUP_LIMIT or time.monotonic() >= until_s
                pending = None if is_full else take_next()
            self._writing.execute("COMMIT")
        except sqlite3.Error as error:
            callbacks.clear()
            self._undo_group(group or [first], error)
        run_callbacks(callbacks)
        for pending in group or [first]:
            pending.deliver(pending)

    def _undo_group(self, group: list[Pending], error: sqlite3.Error) -> None:
        """Nothing of the group is stored: tell each, but for those that failed by themselves."""
        for pending in group:
            pending.error = pending.error or _busy(error)
        try:
            if self._writing.in_transaction:
                self._writing.execute("ROLLBACK")
        except sqlite3.Error:
            self._writing.close()
            self._writing = connect(self.path)


def _run_in_savepoint(connection: sqlite3.Connection, pending: Pending) -> list[Callable[[], None]]:
    """Run the operation; what it did is undone when it fails.

    Raises:
        sqlite3.Error: The savepoint is gone: the database gave up the whole group.
    """
    connection.execute("SAVEPOINT op")
    transaction = SqliteTransaction(connection)
    try:
        pending.result = pending.operation(transaction)
        transaction.require_sound()
    except BaseException as error:  # noqa: BLE001  handed to the caller, who waits for it
        pending.error = error
        transaction.callbacks.clear()
        connection.execute("ROLLBACK TO op")
    connection.execute("RELEASE op")
    return transaction.callbacks


def _is_dependency(error: Exception) -> bool:
    return getattr(error, "sqlite_errorcode", 0) & 0xFF in _DEPENDENCY_CODES


def _busy(error: Exception) -> DatabaseBusyError:
    busy = DatabaseBusyError(f"the database did not take it ({error}); try again")
    busy.__cause__ = error
    return busy
