"""Jobs in several threads and processes: limits, races, leases, deaths."""

from __future__ import annotations

import asyncio
import os
import random
import signal
import subprocess
import sys
import textwrap
import threading
import time
from collections import Counter
from collections.abc import Callable
from functools import partial
from pathlib import Path

import pytest

from goldsmith.core.ids import Ids, ManualClock, SystemClock
from goldsmith.platform.database import Database, Sql, Transaction, open_database
from goldsmith.platform.jobs import JobContext, Jobs, JobState
from tests.integration.platform.queueing import look, queue, wait_for


def test_a_quick_job_does_not_wait_behind_long_ones(
    database: Database, real_jobs: Callable[[], Jobs]
) -> None:
    jobs, may_end = real_jobs(), threading.Event()
    jobs.register("long", lambda context: may_end.wait(20))
    jobs.register("quick", lambda context: None, is_quick=True)
    jobs.start(2)
    for _ in range(3):
        queue(database, jobs, "long")
    quick = queue(database, jobs, "quick")
    wait_for(lambda: look(database, jobs, quick).state is JobState.DONE)
    wait_for(lambda: database.read_sync(jobs.count_open) == {"running": 2, "queued": 1})
    may_end.set()
    wait_for(lambda: database.read_sync(jobs.count_open) == {})


def test_who_waits_for_others_waits_on_threads_of_its_own(
    database: Database, real_jobs: Callable[[], Jobs]
) -> None:
    jobs, may_end = real_jobs(), threading.Event()
    jobs.register("call", lambda context: may_end.wait(20), own_threads=2)
    jobs.register("work", lambda context: None)
    for _ in range(3):
        queue(database, jobs, "call")
    jobs.start(1)
    wait_for(lambda: database.read_sync(jobs.count_open) == {"running": 2, "queued": 1})
    work = queue(database, jobs, "work")
    wait_for(lambda: look(database, jobs, work).state is JobState.DONE)
    may_end.set()
    wait_for(lambda: database.read_sync(jobs.count_open) == {})


def test_a_kind_at_its_limit_leaves_threads_to_others(
    database: Database, real_jobs: Callable[[], Jobs]
) -> None:
    jobs, may_end, at_once = real_jobs(), threading.Event(), []

    def train(context: JobContext) -> None:
        at_once.append(1)
        may_end.wait(20)

    jobs.register("train", train, max_running=1)
    jobs.register("work", lambda context: None)
    for _ in range(3):
        queue(database, jobs, "train")
    work = queue(database, jobs, "work")
    jobs.start(3)
    wait_for(lambda: look(database, jobs, work).state is JobState.DONE)
    assert sum(at_once) == 1
    may_end.set()
    wait_for(lambda: database.read_sync(jobs.count_open) == {})


def test_a_running_job_hears_of_its_cancelling_from_elsewhere(
    database: Database, real_jobs: Callable[[], Jobs]
) -> None:
    jobs, elsewhere, begun = real_jobs(), real_jobs(), threading.Event()

    def handler(context: JobContext) -> None:
        begun.set()
        wait_for(context.should_stop)
        context.raise_if_cancelled()

    jobs.register("work", handler)
    elsewhere.register("work", handler)
    jobs.start(1)
    job_id = queue(database, elsewhere)
    assert begun.wait(10)
    database.write_sync(lambda tx: elsewhere.request_cancel(tx, job_id))
    wait_for(lambda: look(database, jobs, job_id).state is JobState.CANCELLED)


def test_stopping_gives_running_jobs_back(database: Database, real_jobs: Callable[[], Jobs]) -> None:
    first, second, begun = real_jobs(), real_jobs(), threading.Event()

    def handler(context: JobContext) -> int:
        context.step("once", begun.set)
        if context.attempt == 1:
            wait_for(context.should_stop)
            context.step("never", lambda: pytest.fail("it went on"))
        return context.attempt

    first.register("work", handler)
    second.register("work", handler)
    job_id = queue(database, first)
    first.start(1)
    assert begun.wait(10)
    first.stop()
    waiting = look(database, first, job_id)
    assert (waiting.state, waiting.error) == (JobState.QUEUED, None)
    second.start(1)
    wait_for(lambda: look(database, second, job_id).result == 2)


def test_leases_are_kept_while_a_handler_works(database: Database, jobs: Jobs, clock: ManualClock) -> None:
    """The handler works for minutes on a lease of one, and nobody could have taken its job meanwhile."""

    def lease_left_ms(job_id: str) -> int:
        return look(database, jobs, job_id).available_ms - clock.now_ms()

    def handler(context: JobContext) -> None:
        time.sleep(0.6)  # the first look at the lease
        for _ in range(4):
            clock.advance(40_000)
            wait_for(lambda: lease_left_ms(context.job_id) == 60_000)
            assert not context.should_stop()

    jobs.register("work", handler, lease_s=60)
    job_id = queue(database, jobs)
    jobs.run_until_idle()
    assert look(database, jobs, job_id).state is JobState.DONE


def test_racing_workers_run_each_job_once(database: Database, real_jobs: Callable[[], Jobs]) -> None:
    runs: Counter[str] = Counter()
    running: set[str] = set()
    overlaps: list[str] = []
    lock = threading.Lock()

    def handler(context: JobContext) -> None:
        with lock:
            runs[context.job_id] += 1
            if context.args["key"] in running:
                overlaps.append(context.args["key"])
            running.add(context.args["key"])
        time.sleep(random.random() * 0.002)
        with lock:
            running.discard(context.args["key"])

    workers = [real_jobs(), real_jobs()]
    for worker in workers:
        worker.register("work", handler)

    def queue_all(tx: Transaction) -> list[str]:
        return [
            workers[0].enqueue(tx, "work", workspace_id="w", args={"key": f"n{number}"})
            for number in range(200)
        ]

    job_ids = database.write_sync(queue_all)
    for worker in workers:
        worker.start(2)
    keyed = [
        queue(database, workers[number % 2], args={"key": "same"}, unique_key="same") for number in range(60)
    ]
    wait_for(lambda: database.read_sync(workers[0].count_open) == {})
    assert runs == Counter([*job_ids, *set(keyed)])
    assert overlaps == []


def test_the_last_run_of_a_key_sees_all_that_its_enqueuers_wrote(
    database: Database, real_jobs: Callable[[], Jobs]
) -> None:
    """Thirty-two people submit at once while two workers resolve: no submission is overlooked."""
    workers = [real_jobs(), real_jobs()]
    count = Sql("SELECT COUNT(*) FROM edges")
    seen: list[int] = []
    add = Sql("INSERT INTO edges VALUES ('a', :n, 'c', 'd', 'e', 'w', 1)")
    for worker in workers:
        worker.register(
            "resolve", lambda context: seen.append(database.read_sync(lambda tx: tx.scalar(count)))
        )
        worker.start(1)

    def submit(tx: Transaction, number: int) -> None:
        tx.run(add, {"n": str(number)})
        workers[number % 2].enqueue(tx, "resolve", workspace_id="w", args={}, unique_key="k")

    async def client(number: int) -> None:
        for turn in range(8):
            await database.write(partial(submit, number=number * 8 + turn))

    async def run() -> None:
        await asyncio.gather(*(client(number) for number in range(32)))

    asyncio.run(run())
    wait_for(lambda: database.read_sync(workers[0].count_open) == {})
    assert max(seen) == 256
    assert len(seen) < 256


def test_enqueuers_that_join_a_waiting_job_are_seen_by_it(postgresql_url: str, tmp_path: Path) -> None:
    """A transaction relied on the waiting job; the job starts before it commits, and yet sees its data."""
    database = open_database(postgresql_url, pool_size=4)
    jobs = Jobs(database, SystemClock(), Ids(SystemClock()), folder=tmp_path)
    count = Sql("SELECT COUNT(*) FROM edges")
    seen: list[int] = []
    jobs.register("work", lambda context: seen.append(database.read_sync(lambda tx: tx.scalar(count))))
    first = queue(database, jobs, unique_key="k")
    joined, may_commit = threading.Event(), threading.Event()

    def join_late(tx: Transaction) -> None:
        assert jobs.enqueue(tx, "work", workspace_id="w", args={}, unique_key="k") == first
        tx.run(Sql("INSERT INTO edges VALUES ('a', 'b', 'c', 'd', 'e', 'w', 1)"))
        joined.set()
        may_commit.wait(10)

    enqueuer = threading.Thread(target=lambda: database.write_sync(join_late))
    enqueuer.start()
    assert joined.wait(10)
    runner = threading.Thread(target=jobs.run_until_idle)
    runner.start()
    wait_for(lambda: look(database, jobs, first).state is JobState.RUNNING)
    time.sleep(0.05)
    assert seen == []
    may_commit.set()
    enqueuer.join()
    runner.join()
    assert seen == [1]
    jobs.stop()
    database.close()


WORKER = textwrap.dedent(
    """
    import sys, time
    from pathlib import Path
    from goldsmith.core.ids import Ids, SystemClock
    from goldsmith.platform.database import Sql, open_database
    from goldsmith.platform.jobs import Jobs

    url, folder, pace_s = sys.argv[1], Path(sys.argv[2]), float(sys.argv[3])
    database = open_database(url, pool_size=2)
    jobs = Jobs(database, SystemClock(), Ids(SystemClock()), folder=folder)
    add = Sql("INSERT INTO edges VALUES ('chunk', :n, 'dst', 'd', 'why', 'w', 0)")

    def handler(context):
        total = 0
        for number in range(context.args["chunks"]):
            squares = context.step(f"square:{number}", lambda: number * number)
            context.step_in_transaction(f"store:{number}", lambda tx: tx.run(add, {"n": str(number)}))
            total += squares
            context.progress(number + 1, context.args["chunks"])
            print(number, flush=True)
            time.sleep(pace_s)
        return {"total": total}

    jobs.register("work", handler, lease_s=60)
    jobs.run_until_idle()
    jobs.stop()
    """
)


def test_a_killed_worker_is_followed_by_one_that_goes_on(
    database_url: str, database: Database, real_jobs: Callable[[], Jobs], tmp_path: Path
) -> None:
    """SIGKILL in the middle; the next process takes over at once, without waiting for the lease."""
    jobs = real_jobs()
    jobs.register("work", lambda context: None)
    job_id = queue(database, jobs, args={"chunks": 30})
    command = [sys.executable, "-c", WORKER, database_url, str(tmp_path / "jobs")]
    steps = 0
    for _ in range(3):
        victim = subprocess.Popen([*command, "0.02"], stdout=subprocess.PIPE, text=True)
        assert victim.stdout is not None
        for _ in range(6):
            victim.stdout.readline()
            steps += 1
        os.kill(victim.pid, signal.SIGKILL)
        victim.wait()
        victim.stdout.close()
        assert look(database, jobs, job_id).state is JobState.RUNNING
    subprocess.run([*command, "0"], check=True, stdout=subprocess.DEVNULL, timeout=60)
    view = look(database, jobs, job_id)
    assert view.state is JobState.DONE
    assert view.result == {"total": sum(number * number for number in range(30))}
    assert (view.attempt, view.done) == (4, 30)
    rows = database.read_sync(lambda tx: tx.all(Sql("SELECT src_id FROM edges WHERE src_kind = 'chunk'")))
    assert sorted(int(row["src_id"]) for row in rows) == list(range(30))
