"""PostgreSQL: each operation in a transaction of its own on a pooled connection.

Collisions (deadlock, serialisation) are run again; operations have no effect but through their transaction.
"""

from __future__ import annotations

import asyncio
import itertools
import threading
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any, Final, TypeVar

from goldsmith.core.errors import (
    BugError,
    ConflictError,
    DatabaseBusyError,
    InvalidInputError,
    MissingExtraError,
)
from goldsmith.platform.database.handoff import Mailboxes, NextPending, Pending, ThreadTeam, run_callbacks
from goldsmith.platform.database.seam import SWALLOWED, Database, Operation, Row, Transaction
from goldsmith.platform.database.statements import Compiled, Statement, resolve

try:
    import psycopg

    from goldsmith.platform.database.pq_session import OutdatedSessionError, PqSession
except ImportError as error:  # pragma: no cover - depends on the installation
    raise MissingExtraError("psycopg", extra="postgres") from error

T = TypeVar("T")
_ATTEMPTS: Final = 5
_ACQUIRE_TIMEOUT_S: Final = 30.0
_WRITE: Final = b"BEGIN"
_READ: Final = b"BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY"
_COLLISIONS: Final = (
    psycopg.errors.SerializationFailure,
    psycopg.errors.DeadlockDetected,
    OutdatedSessionError,
)
_FAULTS: Final = (psycopg.IntegrityError, psycopg.errors.NumericValueOutOfRange)


class PostgresqlTransaction(Transaction):
    """Statements on one PostgreSQL connection."""

    dialect = "postgresql"

    def __init__(self, session: PqSession) -> None:
        self._session = session
        self._cursor_numbers = itertools.count()
        self.callbacks: list[Callable[[], None]] = []

    def after_commit(self, callback: Callable[[], None]) -> None:
        """Call ``callback`` once this transaction is durable."""
        self.callbacks.append(callback)

    def require_sound(self) -> None:
        """Refuse to commit after a failed statement, which PostgreSQL would answer by a silent rollback.

        Raises:
            BugError: A statement failed and the operation went on.
        """
        if self._session.has_failed_statement:
            raise BugError(SWALLOWED)

    def all(self, statement: Statement, params: Mapping[str, Any] | None = None) -> list[Row]:
        """Run and return all rows."""
        return self._guarded(self._session.rows, *resolve(statement, "postgresql", params))

    def first(self, statement: Statement, params: Mapping[str, Any] | None = None) -> Row | None:
        """Run and return the first row, or None."""
        rows = self.all(statement, params)
        return rows[0] if rows else None

    def run(self, statement: Statement, params: Mapping[str, Any] | None = None) -> int:
        """Run a write and return the number of rows it touched."""
        return self._guarded(self._session.count, *resolve(statement, "postgresql", params))

    def many(self, statement: Statement, rows: Sequence[Mapping[str, Any]]) -> None:
        """Run one write for each of ``rows``."""
        if not rows:
            return
        compiled, first_values = resolve(statement, "postgresql", rows[0])
        defaults = {key: value for key, value in first_values.items() if key not in rows[0]}
        values = [{**defaults, **row} for row in rows] if defaults else rows
        self._guarded(self._session.many, compiled, values)

    def insert_many(self, table: str, columns: Sequence[str], rows: Iterable[Sequence[Any]]) -> None:
        """Insert rows by COPY, in one message stream."""
        names = ", ".join(f'"{name}"' for name in columns)
        try:
            self._session.copy(f"COPY {table} ({names}) FROM STDIN", rows)
        except _FAULTS as error:
            raise _told(error) from error

    def stream(self, statement: Statement, params: Mapping[str, Any] | None = None) -> Iterator[Row]:
        """Run and yield rows through a server-side cursor."""
        for batch in self.batches(statement, params, batch_rows=1000):
            yield from batch

    def batches(
        self, statement: Statement, params: Mapping[str, Any] | None, *, batch_rows: int
    ) -> Iterator[list[Row]]:
        """Run and yield lists of rows through a server-side cursor."""
        compiled, values = resolve(statement, "postgresql", params)
        cursor = f"gs_stream_{next(self._cursor_numbers)}"
        declare = compiled._replace(text=f"DECLARE {cursor} NO SCROLL CURSOR FOR {compiled.text}")
        fetch = Compiled(f"FETCH FORWARD {batch_rows:d} FROM {cursor}", {}, ())
        self._guarded(self._session.count, declare, values)
        while batch := self._guarded(self._session.rows, fetch, {}):
            yield batch
        self._session.command(f"CLOSE {cursor}".encode())

    def _guarded(self, run: Callable[[Compiled, Any], T], compiled: Compiled, values: Any) -> T:
        try:
            return run(compiled, values)
        except _FAULTS as error:
            raise _told(error) from error


class SessionPool:
    """Connections that are kept open, the last used first.

    Args:
        url: Where to connect to.
        size: Connections at most.
    """

    def __init__(self, url: str, size: int) -> None:
        self._url = url
        self._size = size
        self._idle: list[PqSession] = []
        self._opened = 0
        self._is_closed = False
        self._changed = threading.Condition()

    def acquire(self) -> PqSession:
        """Return a connection, a new one when none is idle.

        Raises:
            DatabaseBusyError: All are in use for too long, or the pool is closed.
        """
        with self._changed:
            ready = self._changed.wait_for(
                lambda: self._idle or self._opened < self._size or self._is_closed, timeout=_ACQUIRE_TIMEOUT_S
            )
            if self._is_closed or not ready:
                raise DatabaseBusyError("no connection to PostgreSQL is free; try again")
            if self._idle:
                return self._idle.pop()
            self._opened += 1
        try:
            return PqSession(self._url)
        except BaseException:
            self._forget_one()
            raise

    def release(self, session: PqSession) -> None:
        """Give a connection back; one that is broken or in a transaction is closed instead."""
        with self._changed:
            if session.is_usable and not self._is_closed:
                self._idle.append(session)
                self._changed.notify()
                return
        session.close()
        self._forget_one()

    def close(self) -> None:
        """Close all; those in use when they are given back."""
        with self._changed:
            self._is_closed = True
            idle, self._idle = self._idle, []
            self._changed.notify_all()
        for session in idle:
            session.close()

    def _forget_one(self) -> None:
        with self._changed:
            self._opened -= 1
            self._changed.notify()


class PostgresqlDatabase(Database):
    """A database on a PostgreSQL server, version 15 or newer.

    Args:
        url: ``postgresql://user@host/name``.
        pool_size: Threads that serve the event loop; four more connections serve other threads.
    """

    dialect = "postgresql"

    def __init__(self, url: str, *, pool_size: int = 8) -> None:
        self.url = url
        self._sessions = SessionPool(url, pool_size + 4)
        self._in_operation = threading.local()
        self._mailboxes = Mailboxes()
        self._team = ThreadTeam("postgresql", pool_size, self._run_all)
        try:
            self._sessions.release(self._sessions.acquire())
        except psycopg.OperationalError as error:
            raise DatabaseBusyError(f"PostgreSQL cannot be reached: {error}") from error

    async def write(self, operation: Operation[T]) -> T:
        """Run ``operation`` in a transaction on one of the database's threads."""
        return await self._hand_over(operation, is_read=False)

    async def read(self, operation: Operation[T]) -> T:
        """Run ``operation`` on a snapshot on one of the database's threads."""
        return await self._hand_over(operation, is_read=True)

    def write_sync(self, operation: Operation[T]) -> T:
        """Run ``operation`` in a transaction; run it again after a collision."""
        return self._with_session(operation, begin=_WRITE)

    def read_sync(self, operation: Operation[T]) -> T:
        """Run ``operation`` on a snapshot."""
        return self._with_session(operation, begin=_READ)

    def stream_sync(
        self, statement: Statement, params: Mapping[str, Any] | None = None, *, batch_rows: int = 1000
    ) -> Iterable[list[Row]]:
        """Yield batches of one long read through a server-side cursor."""
        session = PqSession(self.url)
        try:
            session.command(_READ)
            yield from PostgresqlTransaction(session).batches(statement, params, batch_rows=batch_rows)
        finally:
            session.close()

    def close(self) -> None:
        """Finish what was accepted, then close all connections."""
        self._team.close()
        self._sessions.close()

    async def _hand_over(self, operation: Operation[T], *, is_read: bool) -> T:
        mailbox = self._mailboxes.of_running_loop()
        future: asyncio.Future[T] = mailbox.loop.create_future()
        self._team.submit(Pending(operation, future, mailbox.post, is_read=is_read))
        return await future

    def _run_all(self, first: Pending, take_next: NextPending) -> None:
        pending: Pending | None = first
        while pending is not None:
            try:
                begin = _READ if pending.is_read else _WRITE
                pending.result = self._with_session(pending.operation, begin=begin)
            except BaseException as error:  # noqa: BLE001  handed to the caller, who waits for it
                pending.error = error
            pending.deliver(pending)
            pending = take_next()

    def _with_session(self, operation: Operation[T], *, begin: bytes) -> T:
        if getattr(self._in_operation, "is_set", False):
            raise BugError("a transaction inside a transaction; use the one at hand")
        self._in_operation.is_set = True
        try:
            return self._with_retry(operation, begin=begin)
        finally:
            self._in_operation.is_set = False

    def _with_retry(self, operation: Operation[T], *, begin: bytes) -> T:
        for attempt in range(1, _ATTEMPTS + 1):
            try:
                session = self._begin(begin)
                try:
                    return _in_transaction(session, operation)
                finally:
                    self._sessions.release(session)
            except _COLLISIONS as error:
                if attempt == _ATTEMPTS:
                    raise DatabaseBusyError("the change kept colliding with others; try again") from error
                time.sleep(0.005 * 2**attempt)
            except psycopg.OperationalError as error:
                raise DatabaseBusyError(f"PostgreSQL did not answer ({error}); try again") from error
        raise AssertionError

    def _begin(self, begin: bytes) -> PqSession:
        """Return a session in a fresh transaction; idle connections that died meanwhile are replaced."""
        while True:
            session = self._sessions.acquire()
            is_new = session.is_new
            try:
                session.command(begin)
            except BaseException:
                self._sessions.release(session)
                if is_new:
                    raise
            else:
                return session


def _in_transaction(session: PqSession, operation: Operation[T]) -> T:
    transaction = PostgresqlTransaction(session)
    try:
        result = operation(transaction)
        transaction.require_sound()
    except BaseException:
        if not session.is_broken:
            session.command(b"ROLLBACK")
        raise
    session.command(b"COMMIT")
    run_callbacks(transaction.callbacks)
    return result


def _told(error: psycopg.Error) -> ConflictError | InvalidInputError:
    if isinstance(error, psycopg.IntegrityError):
        return ConflictError(f"the change collides with what is stored: {error}")
    return InvalidInputError(f"a number is too large to be stored: {error}")
