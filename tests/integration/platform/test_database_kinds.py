"""What each kind of database does in its own way: groups and locks, shared files, lost connections, deaths."""

from __future__ import annotations

import asyncio
import sqlite3
import subprocess
import sys
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import pytest

from goldsmith.core.errors import DatabaseBusyError
from goldsmith.platform.database import Sql, Transaction, open_database
from tests.integration.platform.things import add, count, make_things


def test_what_waits_behind_a_slow_write_goes_past_it(postgresql_url: str) -> None:
    database = make_things(open_database(postgresql_url))
    begun, may_go_on = threading.Event(), threading.Event()

    def slow(tx: Transaction) -> None:
        begun.set()
        assert may_go_on.wait(10)
        add(tx, "slow")

    async def run() -> list[str]:
        done: list[str] = []

        async def write(name: str, operation: Callable[[Transaction], None]) -> None:
            await database.write(operation)
            done.append(name)

        first = asyncio.create_task(write("slow", slow))
        assert await asyncio.to_thread(begun.wait, 10)
        behind = asyncio.create_task(write("behind", lambda tx: add(tx, "behind")))
        await asyncio.sleep(0.1)
        await write("later", lambda tx: add(tx, "later"))
        await behind
        may_go_on.set()
        await first
        return done

    done = asyncio.run(run())
    assert set(done[:2]) == {"behind", "later"}
    assert done[2] == "slow"
    assert count(database) == 3
    database.close()


def test_a_write_that_waits_for_a_lock_holds_up_only_itself(postgresql_url: str) -> None:
    database = make_things(open_database(postgresql_url))
    database.write_sync(lambda tx: add(tx, "held", size=0))
    held, may_go_on = threading.Event(), threading.Event()
    up = Sql("UPDATE things SET size = size + 1 WHERE thing_id = 'held'")

    def hold(tx: Transaction) -> None:
        tx.run(up)
        held.set()
        assert may_go_on.wait(10)

    async def run() -> None:
        holding = asyncio.create_task(asyncio.to_thread(database.write_sync, hold))
        assert await asyncio.to_thread(held.wait, 10)
        waiting = asyncio.create_task(database.write(lambda tx: tx.run(up)))
        await asyncio.gather(*(database.write(lambda tx, n=n: add(tx, f"{n}")) for n in range(20)))
        assert not waiting.done()
        may_go_on.set()
        await holding
        await waiting

    asyncio.run(run())
    assert count(database) == 21
    assert (
        database.read_sync(lambda tx: tx.scalar(Sql("SELECT size FROM things WHERE thing_id = 'held'"))) == 2
    )
    database.close()


def test_two_processes_may_share_a_sqlite_file(sqlite_url: str) -> None:
    one, two = open_database(sqlite_url), open_database(sqlite_url)
    one.write_sync(lambda tx: tx.run(Sql("CREATE TABLE numbers (n BIGINT)")))
    add_one = Sql("INSERT INTO numbers VALUES (1)")
    with ThreadPoolExecutor(4) as pool:
        list(pool.map(lambda n: (one, two)[n % 2].write_sync(lambda tx: tx.run(add_one)), range(40)))
    assert one.read_sync(lambda tx: tx.scalar(Sql("SELECT COUNT(*) FROM numbers"))) == 40
    one.close()
    two.close()


def test_a_full_or_locked_file_is_said_to_be_busy(sqlite_url: str) -> None:
    database = open_database(sqlite_url)
    database.write_sync(lambda tx: tx.run(Sql("PRAGMA max_page_count = 1")))
    create = Sql("CREATE TABLE big (body TEXT)")
    with pytest.raises(DatabaseBusyError):
        database.write_sync(
            lambda tx: [tx.run(create), tx.run(Sql("INSERT INTO big VALUES (zeroblob(9000000))"))]
        )
    database.write_sync(lambda tx: tx.run(Sql("PRAGMA max_page_count = 1073741823")))
    database.write_sync(lambda tx: tx.run(create))
    database.close()


def test_commits_are_flushed(sqlite_url: str) -> None:
    database = open_database(sqlite_url)
    assert database.write_sync(lambda tx: tx.scalar(Sql("PRAGMA synchronous"))) == 2
    assert database.write_sync(lambda tx: tx.scalar(Sql("PRAGMA journal_mode"))) == "wal"
    database.close()
    assert sqlite3.connect(sqlite_url.removeprefix("sqlite:///")).execute(
        "PRAGMA integrity_check"
    ).fetchone() == ("ok",)


def test_a_lost_postgresql_connection_is_replaced(postgresql_url: str) -> None:
    database = open_database(postgresql_url, pool_size=1)
    end_others = Sql(
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
        " WHERE datname = current_database() AND pid <> pg_backend_pid()"
    )
    other = open_database(postgresql_url, pool_size=1)
    database.write_sync(lambda tx: tx.scalar(Sql("SELECT 1")))
    other.write_sync(lambda tx: tx.all(end_others))
    assert database.write_sync(lambda tx: tx.scalar(Sql("SELECT 1"))) == 1  # idle ones are replaced unseen

    def cut(tx: Transaction) -> None:
        other.write_sync(lambda inner: inner.all(end_others))
        tx.scalar(Sql("SELECT 1"))

    with pytest.raises(DatabaseBusyError):
        database.write_sync(cut)
    assert database.write_sync(lambda tx: tx.scalar(Sql("SELECT 1"))) == 1
    database.close()
    other.close()


def test_collisions_on_postgresql_run_again(postgresql_url: str) -> None:
    """Two operations that lock two rows in opposite order both succeed: the victim of the deadlock goes again."""
    database = open_database(postgresql_url, pool_size=2)
    database.write_sync(lambda tx: tx.run(Sql("CREATE TABLE pair (name TEXT PRIMARY KEY, n BIGINT)")))
    database.write_sync(lambda tx: tx.run(Sql("INSERT INTO pair VALUES ('a', 0), ('b', 0)")))
    both_hold = threading.Barrier(2)
    runs: list[str] = []

    def lock(tx: Transaction, first: str, second: str) -> None:
        tx.run(Sql("SET LOCAL deadlock_timeout = '20ms'"))
        up = Sql("UPDATE pair SET n = n + 1 WHERE name = :name")
        tx.run(up, {"name": first})
        runs.append(first)
        if len(runs) <= 2:
            both_hold.wait(10)
        tx.run(up, {"name": second})

    pairs = [("a", "b"), ("b", "a")]
    with ThreadPoolExecutor(2) as pool:
        list(pool.map(lambda pair: database.write_sync(lambda tx: lock(tx, *pair)), pairs))
    total = database.read_sync(lambda tx: tx.scalar(Sql("SELECT SUM(n) FROM pair")))
    assert (total, len(runs)) == (4, 3)
    database.close()


WRITER = """
import asyncio, sys
from goldsmith.platform.database import Sql, open_database

database = open_database(sys.argv[1], pool_size=4)
add = Sql("INSERT INTO numbers VALUES (:n)")

async def client(number):
    for turn in range(10_000):
        n = number * 10_000 + turn
        await database.write(lambda tx: tx.run(add, {"n": n}))
        print(n, flush=True)

async def run():
    await asyncio.gather(*(client(number) for number in range(16)))

asyncio.run(run())
"""


def test_what_was_acknowledged_survives_a_kill(database_url: str) -> None:
    database = open_database(database_url, pool_size=1)
    database.write_sync(lambda tx: tx.run(Sql("CREATE TABLE numbers (n BIGINT PRIMARY KEY)")))
    writer = subprocess.Popen([sys.executable, "-c", WRITER, database_url], stdout=subprocess.PIPE, text=True)
    assert writer.stdout is not None
    acknowledged = [int(writer.stdout.readline()) for _ in range(300)]
    writer.kill()
    acknowledged += [int(line) for line in writer.stdout if line.endswith("\n")]
    writer.wait()
    writer.stdout.close()
    stored = {row["n"] for row in database.read_sync(lambda tx: tx.all(Sql("SELECT n FROM numbers")))}
    assert set(acknowledged) <= stored
    database.close()
