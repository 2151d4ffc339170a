"""How many SQL statements a request takes, counted at the database seam of an application in this process."""

from __future__ import annotations

import asyncio
import dataclasses
from collections.abc import Awaitable, Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any, TypeVar

import httpx

from benchmarks.installation import MANAGER_KEY, Contents
from benchmarks.load import key_of, labelling_json
from goldsmith.app import migrate, wire
from goldsmith.platform.database import Database, Row, Transaction
from goldsmith.platform.database.seam import Operation
from goldsmith.platform.database.statements import Statement
from goldsmith.platform.machine import open_machine
from goldsmith.platform.settings import Settings

T = TypeVar("T")


class CountingTransaction(Transaction):
    """Passes statements on and counts them."""

    def __init__(self, inner: Transaction, count: Callable[[], None]) -> None:
        self._inner = inner
        self._count = count
        self.dialect = inner.dialect

    def all(self, statement: Statement, params: Mapping[str, Any] | None = None) -> list[Row]:
        """Count and pass on."""
        self._count()
        return self._inner.all(statement, params)

    def first(self, statement: Statement, params: Mapping[str, Any] | None = None) -> Row | None:
        """Count and pass on."""
        self._count()
        return self._inner.first(statement, params)

    def run(self, statement: Statement, params: Mapping[str, Any] | None = None) -> int:
        """Count and pass on."""
        self._count()
        return self._inner.run(statement, params)

    def many(self, statement: Statement, rows: Sequence[Mapping[str, Any]]) -> None:
        """Count and pass on."""
        self._count()
        self._inner.many(statement, rows)

    def insert_many(self, table: str, columns: Sequence[str], rows: Iterable[Sequence[Any]]) -> None:
        """Count and pass on."""
        self._count()
        self._inner.insert_many(table, columns, rows)

    def stream(self, statement: Statement, params: Mapping[str, Any] | None = None) -> Iterator[Row]:
        """Count and pass on."""
        self._count()
        return self._inner.stream(statement, params)

    def after_commit(self, callback: Callable[[], None]) -> None:
        """Pass on."""
        self._inner.after_commit(callback)


class CountingDatabase(Database):
    """Passes operations on with transactions that count."""

    def __init__(self, inner: Database) -> None:
        self._inner = inner
        self.dialect = inner.dialect
        self.statements = 0

    def _counted(self, operation: Operation[T]) -> Operation[T]:
        def count() -> None:
            self.statements += 1

        return lambda tx: operation(CountingTransaction(tx, count))

    async def write(self, operation: Operation[T]) -> T:
        """Pass on."""
        return await self._inner.write(self._counted(operation))

    async def read(self, operation: Operation[T]) -> T:
        """Pass on."""
        return await self._inner.read(self._counted(operation))

    def write_sync(self, operation: Operation[T]) -> T:
        """Pass on."""
        return self._inner.write_sync(self._counted(operation))

    def read_sync(self, operation: Operation[T]) -> T:
        """Pass on."""
        return self._inner.read_sync(self._counted(operation))

    def stream_sync(
        self, statement: Statement, params: Mapping[str, Any] | None = None, *, batch_rows: int = 1000
    ) -> Iterable[list[Row]]:
        """Count and pass on."""
        self.statements += 1
        return self._inner.stream_sync(statement, params, batch_rows=batch_rows)

    def close(self) -> None:
        """Pass on."""
        self._inner.close()


async def count_statements(settings: Settings, contents: Contents) -> dict[str, int]:
    """Return the most statements that a next, a submit and a list of 100 took, of some of each."""
    machine = await asyncio.to_thread(open_machine, settings)
    counting = CountingDatabase(machine.database)
    await asyncio.to_thread(migrate, counting)
    app = wire(dataclasses.replace(machine, database=counting))
    transport = httpx.ASGITransport(app.application(runs_jobs=False))
    most = {"next": 0, "submit": 0, "list of 100": 0}

    async def counted(what: str, request: Awaitable[httpx.Response]) -> httpx.Response:
        before = counting.statements
        answer = await request
        answer.raise_for_status()
        most[what] = max(most[what], counting.statements - before)
        return answer

    labelling = labelling_json(10, seed=1).decode()
    path = f"/projects/{contents.project_id}/tasks"
    async with httpx.AsyncClient(transport=transport, base_url="http://127.0.0.1/api/v1") as client:
        annotator = {"Authorization": f"Bearer {key_of(0)}"}
        await client.post(f"{path}/next", headers=annotator)  # the first of a process also reads the setup
        for number in range(40):
            task = (await counted("next", client.post(f"{path}/next", headers=annotator))).json()
            lease = task["lease"]
            body = (
                f'{{"token":{lease["token"]},"request_key":"k{number}","ontology_version":1,'
                f'"instructions_version":1,"labelling":{labelling}}}'
            )
            url = f"/leases/{lease['judgement_id']}/submit"
            await counted("submit", client.post(url, headers=annotator, content=body))
        manager = {"Authorization": f"Bearer {MANAGER_KEY}"}
        await counted("list of 100", client.get(f"{path}?limit=100", headers=manager))
    await asyncio.to_thread(app.close)
    return most
