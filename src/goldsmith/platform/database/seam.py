"""What a database is to the rest of goldsmith: ways to run a function of a transaction, from async and from threads."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any, Final, Protocol, TypeVar

from goldsmith.platform.database.statements import Statement

T = TypeVar("T")
SWALLOWED: Final = (
    "a statement failed and the operation went on; PostgreSQL has undone the whole transaction by then: "
    "use ON CONFLICT, or let the error out"
)


class Row(Protocol):
    """One result row, read by column name: ``row["task_id"]``; ``dict(row)`` where a dictionary is needed."""

    def __getitem__(self, name: str, /) -> Any:
        """Return the value of a column."""
        ...

    def keys(self) -> Iterable[str]:
        """Return the names of the columns."""
        ...


class Transaction(ABC):
    """Statements inside one transaction. Not to be kept beyond the function it was given to.

    Every method that runs a statement raises ConflictError when it breaks a constraint. Let that error out of the
    operation (all its changes are undone), or avoid it by ``ON CONFLICT``; swallowing it is refused at the commit.
    """

    dialect: str
    """``sqlite`` or ``postgresql``."""

    @abstractmethod
    def all(self, statement: Statement, params: Mapping[str, Any] | None = None) -> list[Row]:
        """Run and return all rows."""

    @abstractmethod
    def first(self, statement: Statement, params: Mapping[str, Any] | None = None) -> Row | None:
        """Run and return the first row, or None. Say ``LIMIT 1``: further rows are read and dropped."""

    @abstractmethod
    def run(self, statement: Statement, params: Mapping[str, Any] | None = None) -> int:
        """Run a write and return the number of rows it touched."""

    @abstractmethod
    def many(self, statement: Statement, rows: Sequence[Mapping[str, Any]]) -> None:
        """Run one write for each of ``rows``; all must have the same keys."""

    @abstractmethod
    def insert_many(self, table: str, columns: Sequence[str], rows: Iterable[Sequence[Any]]) -> None:
        """Insert rows, each with its values in the order of ``columns``; the fastest way in for thousands.

        Names are of our own tables, never input. See ``BulkInsert``.
        """

    @abstractmethod
    def stream(self, statement: Statement, params: Mapping[str, Any] | None = None) -> Iterator[Row]:
        """Run and yield rows without holding them all."""

    @abstractmethod
    def after_commit(self, callback: Callable[[], None]) -> None:
        """Call ``callback`` once this transaction is durable; never when it fails. It must be quick and not write."""

    def scalar(self, statement: Statement, params: Mapping[str, Any] | None = None) -> Any:
        """Run and return the first column of the first row, or None when there is no row."""
        row = self.first(statement, params)
        return None if row is None else row[next(iter(row.keys()))]


Operation = Callable[[Transaction], T]


class Database(ABC):
    """Runs operations. An operation may be run again after a collision: it must have no effect but through ``tx``."""

    dialect: str
    """``sqlite`` or ``postgresql``."""
    url: str
    """Where it was opened."""

    @abstractmethod
    async def write(self, operation: Operation[T]) -> T:
        """Run ``operation`` in one transaction; returns once it is durable.

        Raises:
            DatabaseBusyError: The database could not take the write in time.
        """

    @abstractmethod
    async def read(self, operation: Operation[T]) -> T:
        """Run ``operation`` on a consistent snapshot; it must not write."""

    @abstractmethod
    def write_sync(self, operation: Operation[T]) -> T:
        """``write`` for threads outside the event loop (jobs, commands)."""

    @abstractmethod
    def read_sync(self, operation: Operation[T]) -> T:
        """``read`` for threads outside the event loop."""

    @abstractmethod
    def stream_sync(
        self, statement: Statement, params: Mapping[str, Any] | None = None, *, batch_rows: int = 1000
    ) -> Iterable[list[Row]]:
        """Yield batches of rows of one long read on a connection of its own, in flat memory."""

    @abstractmethod
    def close(self) -> None:
        """Finish what was accepted, then release everything."""
