"""PostgreSQL: pooled connections, and group commit for what arrives through the event loop.

Writes that wait at the same time share a transaction, so that beginning and committing cost one message, one flush and
one wake-up a group. When one of them fails, or waits for a lock, nothing of the group is stored and each goes again in
a transaction of its own; so do collisions (deadlock, serialisation). Operations have no effect but through their
transaction.
"""

from __future__ import annotations

import asyncio
import itertools
import math
import threading
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any, Final, TypeVar

from goldsmith.core.errors import (
    BugError,
    ConflictError,
    DatabaseBusyError,
    GoldsmithError,
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
_GROUP_LIMIT: Final = 64
_GROUP_DURATION_S: Final = 0.010
_SLOW_GROUP_S: Final = 0.050
"""A group that takes this long holds a slow operation; what waits behind it goes alone."""
_BEGIN: Final = b"BEGIN"
# What comes in groups is short, often the same, and looks into indexes: planning it anew costs more than running it,
# and a plan of the time when a table was empty would go on reading it whole.
_BEGIN_GROUP: Final = b"; ".join(
    [
        b"BEGIN",
        b"SET LOCAL lock_timeout = 50",
        b"SET LOCAL plan_cache_mode = force_generic_plan",
        b"SET LOCAL enable_seqscan = off",
    ]
)
_BEGIN_READING: Final = b"BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY"
_COLLISIONS: Final = (
    psycopg.errors.SerializationFailure,
    psycopg.errors.DeadlockDetected,
    OutdatedSessionError,
)
_FAULTS: Final = (psycopg.IntegrityError, psycopg.errors.NumericValueOutOfRange)


class _OutcomeUnknownError(DatabaseBusyError):
    """The connection was lost while committing: what was done is stored or it is not."""


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
        pool_size: Connections that serve the event loop; four more serve other threads.
    """

    dialect = "postgresql"

    def __init__(self, url: str, *, pool_size: int = 8) -> None:
        self.url = url
        self._sessions = SessionPool(url, pool_size + 4)
        self._in_operation = threading.local()
        self._mailboxes = Mailboxes()
        self._group_began_s = math.inf
        self._writer = ThreadTeam("postgresql-write", 1, self._commit_group)
        team_size = max((pool_size - 1) // 2, 1)
        self._lone_writers = ThreadTeam("postgresql-write-alone", team_size, self._write_each)
        self._readers = ThreadTeam("postgresql-read", team_size, self._read_each)
        try:
            self._sessions.release(self._sessions.acquire())
        except psycopg.OperationalError as error:
            raise DatabaseBusyError(f"PostgreSQL cannot be reached: {error}") from error

    async def write(self, operation: Operation[T]) -> T:
        """Run ``operation`` in the next group commit, or in a transaction of its own."""
        pending, future = self._pending(operation)
        if time.monotonic() - self._group_began_s < _SLOW_GROUP_S:
            self._writer.submit(pending)
        else:
            for waiting in (*self._writer.take_all(), pending):
                self._lone_writers.submit(waiting)
        return await future

    async def read(self, operation: Operation[T]) -> T:
        """Run ``operation`` on a snapshot on one of the database's threads."""
        pending, future = self._pending(operation)
        self._readers.submit(pending)
        return await future

    def write_sync(self, operation: Operation[T]) -> T:
        """Run ``operation`` in a transaction; run it again after a collision."""
        return self._with_retry(operation, begin=_BEGIN)

    def read_sync(self, operation: Operation[T]) -> T:
        """Run ``operation`` on a snapshot."""
        return self._with_retry(operation, begin=_BEGIN_READING)

    def stream_sync(
        self, statement: Statement, params: Mapping[str, Any] | None = None, *, batch_rows: int = 1000
    ) -> Iterable[list[Row]]:
        """Yield batches of one long read through a server-side cursor."""
        session = PqSession(self.url)
        try:
            session.command(_BEGIN_READING)
            yield from PostgresqlTransaction(session).batches(statement, params, batch_rows=batch_rows)
        finally:
            session.close()

    def close(self) -> None:
        """Finish what was accepted, then close all connections."""
        self._writer.close()
        self._lone_writers.close()
        self._readers.close()
        self._sessions.close()

    def _pending(self, operation: Operation[T]) -> tuple[Pending, asyncio.Future[T]]:
        mailbox = self._mailboxes.of_running_loop()
        future: asyncio.Future[T] = mailbox.loop.create_future()
        return Pending(operation, future, mailbox.post), future

    def _read_each(self, first: Pending, take_next: NextPending) -> None:
        self._run_each(first, take_next, begin=_BEGIN_READING)

    def _write_each(self, first: Pending, take_next: NextPending) -> None:
        self._run_each(first, take_next, begin=_BEGIN)

    def _run_each(self, first: Pending, take_next: NextPending, *, begin: bytes) -> None:
        pending: Pending | None = first
        while pending is not None:
            try:
                pending.result = self._with_retry(pending.operation, begin=begin)
            except BaseException as error:  # noqa: BLE001  handed to the caller, who waits for it
                pending.error = error
            pending.deliver(pending)
            pending = take_next()

    def _commit_group(self, first: Pending, take_next: NextPending) -> None:
        """Run ``first`` and what waits behind it in one commit and deliver them; when one fails, let each go alone."""
        group: list[Pending] = []
        callbacks: list[Callable[[], None]] = []

        def run_group(session: PqSession) -> None:
            until_s = time.monotonic() + _GROUP_DURATION_S
            pending: Pending | None = first
            while pending is not None:
                group.append(pending)
                pending.result = _perform(session, pending.operation, callbacks)
                is_full = len(group) >= _GROUP_LIMIT or time.monotonic() >= until_s
                pending = None if is_full else take_next()

        self._group_began_s = time.monotonic()
        try:
            with self._one_operation():
                self._transact(run_group, begin=_BEGIN_GROUP)
        except _OutcomeUnknownError as error:
            for pending in group:
                pending.error = error
        except BaseException as error:  # noqa: BLE001  whose it is comes out when each is run by itself
            if len(group) != 1 or not isinstance(error, GoldsmithError):
                for pending in group or [first]:
                    self._lone_writers.submit(pending)
                return
            first.error = error
        else:
            run_callbacks(callbacks)
        finally:
            self._group_began_s = math.inf
        for pending in group:
            pending.deliver(pending)

    def _with_retry(self, operation: Operation[T], *, begin: bytes) -> T:
        with self._one_operation():
            for attempt in range(1, _ATTEMPTS + 1):
                callbacks: list[Callable[[], None]] = []
                try:
                    result = self._transact(
                        lambda session: _perform(session, operation, callbacks),  # noqa: B023  runs at once
                        begin=begin,
                    )
                except _COLLISIONS as error:
                    if attempt == _ATTEMPTS:
                        raise DatabaseBusyError("the change kept colliding with others; try again") from error
                    time.sleep(0.005 * 2**attempt)
                except psycopg.OperationalError as error:
                    raise DatabaseBusyError(f"PostgreSQL did not answer ({error}); try again") from error
                else:
                    run_callbacks(callbacks)
                    return result
        raise AssertionError

    @contextmanager
    def _one_operation(self) -> Iterator[None]:
        """Refuse an operation inside an operation, which would wait for itself."""
        if getattr(self._in_operation, "is_set", False):
            raise BugError("a transaction inside a transaction; use the one at hand")
        self._in_operation.is_set = True
        try:
            yield
        finally:
            self._in_operation.is_set = False

    def _transact(self, run: Callable[[PqSession], T], *, begin: bytes) -> T:
        """Run something between ``begin`` and a commit.

        Raises:
            _OutcomeUnknownError: The connection was lost while committing.
        """
        session = self._begin(begin)
        try:
            try:
                result = run(session)
            except BaseException:
                if not session.is_broken:
                    session.command(b"ROLLBACK")
                raise
            _commit(session)
        finally:
            self._sessions.release(session)
        return result

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


def _perform(session: PqSession, operation: Operation[T], callbacks: list[Callable[[], None]]) -> T:
    """Run an operation in the open transaction; what it wants called after the commit is added to ``callbacks``."""
    transaction = PostgresqlTransaction(session)
    result = operation(transaction)
    transaction.require_sound()
    callbacks += transaction.callbacks
    return result


def _commit(session: PqSession) -> None:
    try:
        session.command(b"COMMIT")
    except psycopg.OperationalError as error:
        if session.is_broken:
            raise _OutcomeUnknownError(
                f"PostgreSQL was lost while it stored the change ({error}); see whether it is there, then try again"
            ) from error
        raise


def _told(error: psycopg.Error) -> ConflictError | InvalidInputError:
    if isinstance(error, psycopg.IntegrityError):
        return ConflictError(f"the change collides with what is stored: {error}")
    return InvalidInputError(f"a number is too large to be stored: {error}")
