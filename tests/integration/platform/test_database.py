"""The contract of a database, held by both."""

from __future__ import annotations

import asyncio
import threading
from concurrent.futures import ThreadPoolExecutor

import pytest
import sqlalchemy as sa

from goldsmith.core.errors import BugError, ConflictError, DatabaseBusyError, InvalidInputError, NotFoundError
from goldsmith.platform.database import Database, Sql, Transaction, open_database, prepared
from goldsmith.platform.tables import edges
from tests.integration.platform.things import ADD, COUNT, add, count, make_things


def test_values_come_back_as_they_went_in(things: Database) -> None:
    values = {"size": 2**62, "weight": 0.1 + 0.2, "body": b"\x00\xff%s"}
    things.write_sync(lambda tx: add(tx, "grüße 'quoted' \\ % :x $1", **values))
    row = things.read_sync(lambda tx: tx.first(Sql("SELECT * FROM things")))
    assert row is not None
    assert dict(row) == {"thing_id": "grüße 'quoted' \\ % :x $1", **values}
    small = [-32769, -32768, -1, 0, 32767, 32768, 2**31 - 1, 2**31, -(2**63)]
    for number in small:
        things.write_sync(lambda tx, number=number: add(tx, f"n{number}", size=number))
    rows = things.read_sync(lambda tx: tx.all(Sql("SELECT size FROM things WHERE thing_id LIKE 'n%'")))
    assert sorted(row["size"] for row in rows) == sorted(small)


def test_thousands_of_rows_come_back_as_they_went_in(things: Database) -> None:
    columns = ("thing_id", "size", "weight", "body")
    texts = ["", "\\N", "\\.", 'a\tb\nc\rd\\e "quoted" \\\\', "grüße 漢字"]
    rows = [(text, number, number / 3, bytes([number]) * 100_000) for number, text in enumerate(texts)]
    rows += [(f"t{number}", None, None, None) for number in range(3000)]
    things.write_sync(lambda tx: tx.insert_many("things", columns, rows))
    found = things.read_sync(lambda tx: tx.all(Sql("SELECT thing_id, size, weight, body FROM things")))
    assert {tuple(row[name] for name in columns) for row in found} == set(rows)


def test_a_row_that_does_not_hold_undoes_all_of_them(things: Database) -> None:
    things.write_sync(lambda tx: add(tx, "a"))
    for rows, expected in [
        ([(f"t{number}", 0) for number in range(2000)] + [("a", 1)], ConflictError),
        ([("b", 1), ("c", 2**63)], InvalidInputError),
    ]:
        with pytest.raises(expected):
            things.write_sync(lambda tx, rows=rows: tx.insert_many("things", ("thing_id", "size"), rows))
        assert count(things) == 1


def test_many_rows_that_do_not_hold_leave_the_connection_whole(database_url: str) -> None:
    small = {"pool_size": 1} if database_url.startswith("postgresql") else {}
    things = make_things(open_database(database_url, **small))
    things.write_sync(lambda tx: add(tx, "a"))
    row = {"size": None, "weight": None, "body": None}
    for number in range(20):  # more than there are connections
        taken = [{"thing_id": f"t{number}", **row}, {"thing_id": "a", **row}]
        with pytest.raises(ConflictError):
            things.write_sync(lambda tx, rows=taken: tx.many(ADD, rows))
        free = [{"thing_id": f"u{number}-{again}", **row} for again in range(2)]
        things.write_sync(lambda tx, rows=free: tx.many(ADD, rows))
    assert count(things) == 41
    things.close()


def test_a_value_of_another_type_leaves_the_connection_whole(postgresql_url: str) -> None:
    database = open_database(postgresql_url, pool_size=1)
    database.write_sync(lambda tx: tx.run(Sql("CREATE TABLE things (thing_id TEXT PRIMARY KEY)")))
    for value in (object(), "a\0b"):
        rows = [*((f"t{number}",) for number in range(50_000)), (value,)]
        with pytest.raises(InvalidInputError):
            database.write_sync(lambda tx, rows=rows: tx.insert_many("things", ("thing_id",), rows))
        assert count(database) == 0
    database.close()


def test_numbers_that_the_database_computes_are_numbers(things: Database) -> None:
    things.write_sync(lambda tx: [add(tx, str(n), size=n, weight=n / 2) for n in range(5)])
    query = Sql(
        "SELECT SUM(size) AS total, AVG(weight) AS mean, COUNT(*) AS n, NULLIF(1, 1) AS gap FROM things"
    )
    row = things.read_sync(lambda tx: tx.first(query))
    assert row is not None
    assert dict(row) == {"total": 10, "mean": 1.0, "n": 5, "gap": None}
    assert isinstance(row["total"], int)


def test_a_statement_gives_the_same_whether_prepared_or_not(things: Database) -> None:
    query = Sql("SELECT size FROM things WHERE thing_id = :name")
    things.write_sync(lambda tx: add(tx, "a", size=7))
    for _ in range(6):
        assert things.read_sync(lambda tx: tx.scalar(query, {"name": "a"})) == 7
        assert things.read_sync(lambda tx: tx.scalar(query, {"name": None})) is None


def test_core_statements_run(things: Database) -> None:
    table = sa.table("things", sa.column("thing_id", sa.Text), sa.column("size", sa.BigInteger))
    insert = prepared(table.insert())
    things.write_sync(lambda tx: tx.many(insert, [{"thing_id": f"t{n}", "size": n} for n in range(20)]))
    chosen = (
        sa.select(table.c.thing_id)
        .where(table.c.size.in_([3, 5, 99]))
        .order_by(table.c.size.desc())
        .limit(10)
    )
    assert [row["thing_id"] for row in things.read_sync(lambda tx: tx.all(chosen))] == ["t5", "t3"]
    touched = things.write_sync(lambda tx: tx.run(table.update().where(table.c.size >= 18).values(size=0)))
    assert touched == 2


def test_run_counts_rows_and_returning_returns_them(things: Database) -> None:
    things.write_sync(lambda tx: [add(tx, str(n), size=n) for n in range(4)])
    update = Sql("UPDATE things SET size = size + 10 WHERE size < :limit")
    assert things.write_sync(lambda tx: tx.run(update, {"limit": 2})) == 2
    taken = Sql("DELETE FROM things WHERE size >= 10 RETURNING thing_id")
    assert sorted(row["thing_id"] for row in things.write_sync(lambda tx: tx.all(taken))) == ["0", "1"]
    assert count(things) == 2


def test_an_error_undoes_all_and_keeps_its_type(things: Database) -> None:
    def fail(tx: Transaction) -> None:
        add(tx, "a")
        raise NotFoundError("not there")

    with pytest.raises(NotFoundError):
        things.write_sync(fail)
    assert count(things) == 0


def test_a_broken_constraint_is_a_conflict(things: Database) -> None:
    things.write_sync(lambda tx: add(tx, "a"))
    with pytest.raises(ConflictError):
        things.write_sync(lambda tx: add(tx, "a"))
    with pytest.raises(ConflictError):
        things.write_sync(lambda tx: tx.many(ADD, [_row("b"), _row("a")]))
    assert count(things) == 1


def _row(name: str) -> dict[str, object]:
    return {"thing_id": name, "size": 1, "weight": 1.5, "body": b"x"}


def test_a_swallowed_failure_is_refused(things: Database) -> None:
    def swallow(tx: Transaction) -> None:
        add(tx, "b")
        with pytest.raises(ConflictError):
            add(tx, "b")

    with pytest.raises(BugError, match="ON CONFLICT"):
        things.write_sync(swallow)
    assert count(things) == 0


def test_values_that_do_not_fit_are_refused(things: Database) -> None:
    with pytest.raises(InvalidInputError):
        things.write_sync(lambda tx: add(tx, "a", size=2**70))
    assert count(things) == 0


def test_bulk_writes_and_streams(things: Database) -> None:
    rows = [{"thing_id": f"{n:05}", "size": n, "weight": None, "body": None} for n in range(2345)]
    things.write_sync(lambda tx: tx.many(ADD, rows))
    things.write_sync(lambda tx: tx.many(ADD, []))
    ordered = Sql("SELECT thing_id, size FROM things WHERE size >= :least ORDER BY thing_id")
    batches = list(things.stream_sync(ordered, {"least": 5}, batch_rows=1000))
    assert [len(batch) for batch in batches] == [1000, 1000, 340]
    assert batches[0][0]["thing_id"] == "00005"
    streamed = things.read_sync(lambda tx: [row["size"] for row in tx.stream(ordered, {"least": 0})])
    assert streamed == list(range(2345))
    for batch in things.stream_sync(ordered, {"least": 0}, batch_rows=10):
        assert len(batch) == 10
        break  # a reader that stops early leaves nothing behind
    assert count(things) == 2345


def test_a_read_cannot_write_and_sees_one_state(things: Database) -> None:
    with pytest.raises(Exception, match=r"(?i)read.?only"):
        things.read_sync(lambda tx: add(tx, "a"))
    seen: list[int] = []
    is_read, may_go_on = threading.Event(), threading.Event()

    def look_twice(tx: Transaction) -> None:
        seen.append(tx.scalar(COUNT))
        is_read.set()
        may_go_on.wait(10)
        seen.append(tx.scalar(COUNT))

    reader = threading.Thread(target=lambda: things.read_sync(look_twice))
    reader.start()
    is_read.wait(10)
    things.write_sync(lambda tx: add(tx, "a"))
    may_go_on.set()
    reader.join()
    assert seen == [0, 0]
    assert count(things) == 1


def test_a_transaction_inside_a_transaction_is_a_bug(things: Database) -> None:
    for outer in (things.write_sync, things.read_sync):
        with pytest.raises(BugError, match="inside"):
            outer(lambda tx: things.read_sync(lambda inner: inner.scalar(COUNT)))
    with pytest.raises(BugError, match="inside"):
        things.write_sync(lambda tx: things.write_sync(lambda inner: add(inner, "a")))
    assert count(things) == 0


def test_callbacks_come_after_the_commit_and_only_then(things: Database) -> None:
    told: list[str] = []

    def good(tx: Transaction) -> None:
        tx.after_commit(lambda: told.append("good"))
        add(tx, "a")

    def bad(tx: Transaction) -> None:
        tx.after_commit(lambda: told.append("bad"))
        add(tx, "a")

    def grumpy(tx: Transaction) -> None:
        tx.after_commit(lambda: 1 / 0)  # type: ignore[arg-type, return-value]
        add(tx, "b")

    things.write_sync(good)
    with pytest.raises(ConflictError):
        things.write_sync(bad)
    things.write_sync(grumpy)
    assert told == ["good"]
    assert count(things) == 2


def test_many_clients_at_once(things: Database) -> None:
    """Failing operations in the same group commit undo only themselves."""

    async def client(number: int) -> int:
        failed = 0
        for round_number in range(10):
            name = f"{number % 7}-{round_number}"
            try:
                await things.write(lambda tx, name=name: add(tx, name, size=1))
            except ConflictError:
                failed += 1
            await things.read(lambda tx: tx.scalar(COUNT))
        return failed

    async def run() -> int:
        return sum(await asyncio.gather(*(client(number) for number in range(21))))

    assert asyncio.run(run()) == 210 - 70
    assert count(things) == 70


def test_counting_up_from_threads_loses_nothing(things: Database) -> None:
    things.write_sync(lambda tx: add(tx, "a", size=0))
    up = Sql("UPDATE things SET size = size + 1 WHERE thing_id = 'a'")
    with ThreadPoolExecutor(6) as pool:
        list(pool.map(lambda _: things.write_sync(lambda tx: tx.run(up)), range(120)))
    assert things.read_sync(lambda tx: tx.scalar(Sql("SELECT size FROM things"))) == 120


def test_one_that_is_no_more_waited_for_harms_nobody(things: Database) -> None:
    begun, may_go_on = threading.Event(), threading.Event()

    def slow(tx: Transaction) -> None:
        begun.set()
        may_go_on.wait(10)
        add(tx, "slow")

    async def run() -> None:
        waiting = asyncio.create_task(things.write(slow))
        await asyncio.to_thread(begun.wait, 10)
        waiting.cancel()
        with pytest.raises(asyncio.CancelledError):
            await waiting
        may_go_on.set()
        await things.write(lambda tx: add(tx, "after"))

    asyncio.run(run())
    things.write_sync(lambda tx: add(tx, "later"))
    assert count(things) == 3


def test_a_loop_that_ended_harms_nobody(things: Database) -> None:
    begun, may_go_on = threading.Event(), threading.Event()

    def slow(tx: Transaction) -> None:
        begun.set()
        may_go_on.wait(10)
        add(tx, "slow")

    async def leave() -> None:
        task = asyncio.create_task(things.write(slow))
        await asyncio.to_thread(begun.wait, 10)
        task.cancel()

    asyncio.run(leave())
    may_go_on.set()
    asyncio.run(_write_one(things, "next"))
    things.write_sync(lambda tx: add(tx, "later"))
    assert count(things) == 3


async def _write_one(database: Database, name: str) -> None:
    await database.write(lambda tx: add(tx, name))


def test_after_closing_nothing_is_taken(database_url: str) -> None:
    database = open_database(database_url, pool_size=2)
    database.write_sync(lambda tx: tx.scalar(Sql("SELECT 1")))
    database.close()
    with pytest.raises(DatabaseBusyError):
        database.write_sync(lambda tx: tx.scalar(Sql("SELECT 1")))


def test_the_change_of_a_table_under_prepared_statements(things: Database) -> None:
    look = Sql("SELECT * FROM things")
    for _ in range(5):
        things.write_sync(lambda tx: tx.all(look))
    things.write_sync(lambda tx: tx.run(Sql("ALTER TABLE things ADD COLUMN colour TEXT")))
    things.write_sync(lambda tx: add(tx, "a"))
    row = things.read_sync(lambda tx: tx.first(look))
    assert row is not None
    assert row["colour"] is None


def test_bulk_goes_on_conflict(database: Database) -> None:
    insert = Sql(
        "INSERT INTO edges (src_kind, src_id, dst_kind, dst_id, why, workspace_id, at_ms)"
        " VALUES ('item', :src_id, 'task', 't', 'w', 'w', 1) ON CONFLICT DO NOTHING"
    )
    for _ in range(2):
        database.write_sync(lambda tx: tx.many(insert, [{"src_id": str(n)} for n in range(5)]))
    assert database.read_sync(lambda tx: tx.scalar(sa.select(sa.func.count()).select_from(edges))) == 5
