"""Jobs on both databases: queueing, steps, failures, progress, cancelling, what is kept of them."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any

import pytest

from goldsmith.core.errors import (
    BugError,
    ConflictError,
    CorruptMediaError,
    DependencyError,
    InvalidInputError,
    NotFoundError,
)
from goldsmith.core.ids import ManualClock
from goldsmith.platform.database import Database, Sql, Transaction
from goldsmith.platform.jobs import JobContext, JobInterrupted, Jobs, JobState, JobView
from tests.integration.platform.queueing import look, queue


def test_a_job_runs_and_keeps_its_result(database: Database, jobs: Jobs, clock: ManualClock) -> None:
    seen: list[tuple[Any, ...]] = []

    def handler(context: JobContext) -> dict[str, int]:
        seen.append(
            (context.args, context.attempt, context.workspace_id, context.subject, context.created_by)
        )
        return {"answer": context.args["n"] * 2}

    jobs.register("work", handler)
    job_id = queue(database, jobs, args={"n": 21, "text": "grüße"}, subject="prj_1", created_by="mem_1")
    waiting = look(database, jobs, job_id)
    assert (waiting.state, waiting.attempt, waiting.result) == (JobState.QUEUED, 0, None)
    clock.advance(5)
    assert jobs.run_until_idle() == 1
    done = look(database, jobs, job_id)
    assert (done.state, done.result, done.attempt, done.error) == (JobState.DONE, {"answer": 42}, 1, None)
    assert done.finished_ms == done.created_ms + 5
    assert seen == [({"n": 21, "text": "grüße"}, 1, "w", "prj_1", "mem_1")]
    assert jobs.run_until_idle() == 0


def test_queueing_is_part_of_the_transaction(database: Database, jobs: Jobs) -> None:
    jobs.register("work", lambda context: None)

    def fail(tx: Transaction) -> None:
        jobs.enqueue(tx, "work", workspace_id="w", args={})
        raise NotFoundError("no")

    with pytest.raises(NotFoundError):
        database.write_sync(fail)
    assert jobs.run_until_idle() == 0


def test_order_is_priority_then_age_and_delays_hold(
    database: Database, jobs: Jobs, clock: ManualClock
) -> None:
    ran: list[str] = []
    jobs.register("work", lambda context: ran.append(context.args["name"]))
    for name, more in (("old", {}), ("late", {"delay_ms": 1000}), ("urgent", {"priority": 5}), ("new", {})):
        queue(database, jobs, args={"name": name}, **more)
        clock.advance(1)
    assert jobs.run_until_idle() == 3
    clock.advance(1000)
    assert jobs.run_until_idle() == 1
    assert ran == ["urgent", "old", "new", "late"]


def test_jobs_that_are_due_can_be_put_off(database: Database, jobs: Jobs, clock: ManualClock) -> None:
    jobs.register("work", lambda context: None)
    due, other = queue(database, jobs, subject="a"), queue(database, jobs, subject="b")
    later = queue(database, jobs, subject="a", delay_ms=5_000)
    moved = database.write_sync(
        lambda tx: jobs.put_off(tx, "work", workspace_id="w", subject="a", delay_ms=1_000)
    )
    assert moved == 1
    assert jobs.run_until_idle() == 1
    assert look(database, jobs, other).state is JobState.DONE
    clock.advance(1_000)
    assert jobs.run_until_idle() == 1
    assert look(database, jobs, due).state is JobState.DONE
    assert look(database, jobs, later).state is JobState.QUEUED


def test_a_failure_waits_longer_each_time_and_then_is_final(
    database: Database, jobs: Jobs, clock: ManualClock
) -> None:
    attempts: list[int] = []

    def handler(context: JobContext) -> None:
        attempts.append(context.attempt)
        raise DependencyError("the server sleeps")

    jobs.register("work", handler, max_attempts=3)
    job_id = queue(database, jobs)
    assert jobs.run_until_idle() == 1
    first = look(database, jobs, job_id)
    assert first.state is JobState.QUEUED
    assert first.error is not None
    assert (first.error.code, first.error.detail) == ("dependency", "the server sleeps")
    assert 1000 <= first.available_ms - clock.now_ms() <= 1250
    clock.advance(999)
    assert jobs.run_until_idle() == 0
    clock.advance(300)
    assert jobs.run_until_idle() == 1
    assert 2000 <= look(database, jobs, job_id).available_ms - clock.now_ms() <= 2500
    clock.advance(2500)
    assert jobs.run_until_idle() == 1
    assert look(database, jobs, job_id).state is JobState.FAILED
    assert attempts == [1, 2, 3]

    retried = database.write_sync(lambda tx: jobs.retry(tx, job_id))
    assert (retried.state, retried.error) == (JobState.QUEUED, None)
    assert jobs.run_until_idle() == 1
    assert look(database, jobs, job_id).state is JobState.QUEUED


@pytest.mark.parametrize("error", [InvalidInputError("bad"), CorruptMediaError("broken"), BugError("oops")])
def test_what_will_not_mend_itself_is_not_tried_again(
    database: Database, jobs: Jobs, error: Exception
) -> None:
    def handler(context: JobContext) -> None:
        raise error

    jobs.register("work", handler)
    job_id = queue(database, jobs)
    assert jobs.run_until_idle() == 1
    failed = look(database, jobs, job_id)
    assert failed.state is JobState.FAILED
    assert failed.error is not None
    assert failed.error.detail == str(error)


def test_a_result_that_is_no_json_fails_the_job(database: Database, jobs: Jobs) -> None:
    jobs.register("work", lambda context: {1, 2})
    job_id = queue(database, jobs)
    jobs.run_until_idle()
    assert look(database, jobs, job_id).state is JobState.FAILED
    with pytest.raises(InvalidInputError):
        queue(database, jobs, args={"when": time})
    with pytest.raises(BugError):
        queue(database, jobs, "unknown")
    with pytest.raises(BugError):
        jobs.register("work", lambda context: None)


def test_kept_steps_are_not_run_again(database: Database, jobs: Jobs, clock: ManualClock) -> None:
    ran: list[str] = []

    def handler(context: JobContext) -> list[Any]:
        def note(name: str) -> dict[str, str]:
            ran.append(name)
            return {"name": name}

        results: list[Any] = [context.step(name, lambda name=name: note(name)) for name in ("a", "b")]
        results.append(context.step("again", lambda: None))
        context.scratch_dir.joinpath("checkpoint").touch()
        if context.attempt == 1:
            raise OSError("crash")
        results.append(context.step("c", lambda: note("c")))
        results.append(context.step("c", lambda: note("not again")))
        return results

    jobs.register("work", handler)
    job_id = queue(database, jobs)
    jobs.run_until_idle()
    clock.advance(2000)
    jobs.run_until_idle()
    done = look(database, jobs, job_id)
    assert done.result == [{"name": "a"}, {"name": "b"}, None, {"name": "c"}, {"name": "c"}]
    assert ran == ["a", "b", "c"]
    assert database.read_sync(lambda tx: tx.scalar(Sql("SELECT COUNT(*) FROM job_steps"))) == 0


def test_a_step_in_a_transaction_happens_with_its_effect_or_not_at_all(
    database: Database, jobs: Jobs, clock: ManualClock
) -> None:
    database.write_sync(lambda tx: tx.run(Sql("CREATE TABLE effects (n BIGINT)")))

    def handler(context: JobContext) -> int:
        def effect(tx: Transaction) -> int:
            tx.run(Sql("INSERT INTO effects VALUES (1)"))
            if context.attempt == 1:
                raise DependencyError("after the effect")
            return 7

        value = context.step_in_transaction("effect", effect)
        if context.attempt == 2:
            raise DependencyError("after the step")
        return value

    jobs.register("work", handler)
    job_id = queue(database, jobs)
    for _ in range(3):
        jobs.run_until_idle()
        clock.advance(10_000)
    assert look(database, jobs, job_id).result == 7
    assert database.read_sync(lambda tx: tx.scalar(Sql("SELECT COUNT(*) FROM effects"))) == 1


def test_progress_speed_and_time_left(database: Database, jobs: Jobs, clock: ManualClock) -> None:
    views: list[JobView] = []

    def handler(context: JobContext) -> None:
        for done in range(0, 101, 10):
            context.progress(done, 200, f"at {done}")
            clock.advance(1000)
        views.append(look(database, jobs, context.job_id))
        clock.advance(1000)
        views.append(look(database, jobs, context.job_id))
        context.progress(110, 200)
        context.progress(111, 200)  # too soon to be written
        views.append(look(database, jobs, context.job_id))

    jobs.register("work", handler)
    job_id = queue(database, jobs)
    jobs.run_until_idle()
    first, later, last = views
    assert (first.done, first.total, first.message) == (100, 200, "at 100")
    assert first.rate_per_s == pytest.approx(10)
    assert first.eta_ms == 9000
    assert later.eta_ms == 8000
    assert last.done == 110
    done = look(database, jobs, job_id)
    assert (done.eta_ms, done.rate_per_s) == (None, None)


def test_unique_keys_join_a_waiting_job(database: Database, jobs: Jobs, clock: ManualClock) -> None:
    ran: list[str] = []

    def handler(context: JobContext) -> None:
        ran.append(context.job_id)
        if len(ran) == 1:  # what comes while it runs is a new job, which waits for it
            second = queue(database, jobs, unique_key="k")
            assert second != context.job_id
            assert queue(database, jobs, unique_key="k") == second
            assert jobs.run_until_idle() == 0
            raise DependencyError("and this one runs again")

    jobs.register("work", handler)
    first = queue(database, jobs, unique_key="k")
    assert queue(database, jobs, unique_key="k") == first
    other = queue(database, jobs, unique_key="other", delay_ms=5000)
    assert first != other
    assert jobs.run_until_idle() == 2
    clock.advance(5000)
    assert jobs.run_until_idle() == 2
    assert ran[0] == first
    assert sorted(ran[2:]) == sorted([first, other])


def test_cancelling(database: Database, jobs: Jobs, clock: ManualClock) -> None:
    def handler(context: JobContext) -> None:
        database.write_sync(lambda tx: jobs.request_cancel(tx, context.job_id))
        clock.advance(1000)
        assert context.scratch_dir.is_dir()
        context.progress(1, 10)
        pytest.fail("it went on")

    jobs.register("work", handler)
    waiting = queue(database, jobs, delay_ms=10_000)
    view = database.write_sync(lambda tx: jobs.request_cancel(tx, waiting, workspace_id="w"))
    assert view.state is JobState.CANCELLED
    running = queue(database, jobs)
    assert jobs.run_until_idle() == 1
    assert look(database, jobs, running).state is JobState.CANCELLED
    with pytest.raises(ConflictError):
        database.write_sync(lambda tx: jobs.request_cancel(tx, running))
    for act in (jobs.request_cancel, jobs.retry, jobs.get):
        with pytest.raises(NotFoundError):
            database.write_sync(lambda tx, act=act: act(tx, running, workspace_id="another"))


def test_a_lost_lease_stops_the_writes(database: Database, jobs: Jobs, clock: ManualClock) -> None:
    """A worker that slept beyond its lease writes nothing any more, and does not undo its successor's end."""
    stories: list[str] = []

    def handler(context: JobContext) -> str:
        if context.attempt == 1:
            clock.advance(61_000)
            assert jobs.run_until_idle() == 1  # the successor, while the first still believes that it runs
            for act in (
                lambda: context.step("late", lambda: 1),
                lambda: context.step_in_transaction("late", lambda tx: 1),
                lambda: context.progress(1),
            ):
                with pytest.raises(JobInterrupted):
                    act()
            stories.append("stopped")
            assert context.should_stop()
        return f"by {context.attempt}"

    jobs.register("work", handler, lease_s=60)
    job_id = queue(database, jobs)
    jobs.run_until_idle()
    view = look(database, jobs, job_id)
    assert (view.state, view.result) == (JobState.DONE, "by 2")
    assert stories == ["stopped"]


def test_a_job_that_kills_its_workers_is_given_up(database: Database, jobs: Jobs, clock: ManualClock) -> None:
    jobs.register("work", lambda context: "never")
    job_id = queue(database, jobs)
    die = Sql(
        "UPDATE jobs SET state = 'running', attempt = 30, losses = 25, worker = 'gone', available_ms = 0"
    )
    database.write_sync(lambda tx: tx.run(die))
    assert jobs.run_until_idle() == 1
    view = look(database, jobs, job_id)
    assert view.state is JobState.FAILED
    assert view.error is not None
    assert view.error.code == "worker_lost"


def test_pages_are_newest_first_and_of_one_workspace(
    database: Database, jobs: Jobs, clock: ManualClock
) -> None:
    jobs.register("work", lambda context: None)
    jobs.register("other", lambda context: None)
    mine = []
    for number in range(5):
        clock.advance(1)
        mine.append(queue(database, jobs, subject=f"s{number % 2}"))
    queue(database, jobs, "other", workspace_id="another")
    first = database.read_sync(lambda tx: jobs.list_page(tx, workspace_id="w", limit=3))
    rest = database.read_sync(
        lambda tx: jobs.list_page(tx, workspace_id="w", limit=3, cursor=first.next_cursor)
    )
    assert [view.job_id for view in [*first.items, *rest.items]] == mine[::-1]
    assert rest.next_cursor is None
    page = database.read_sync(
        lambda tx: jobs.list_page(tx, workspace_id="w", subject="s1", kind="work", state=JobState.QUEUED)
    )
    assert [view.job_id for view in page.items] == [mine[3], mine[1]]
    assert database.read_sync(jobs.count_open) == {"queued": 6}


def test_old_jobs_are_forgotten(database: Database, jobs: Jobs, clock: ManualClock) -> None:
    def handler(context: JobContext) -> None:
        context.step("s", lambda: 1)
        raise InvalidInputError("no")

    jobs.register("work", handler)
    old = queue(database, jobs)
    jobs.run_until_idle()
    clock.advance(1000)
    young = queue(database, jobs)
    assert database.write_sync(lambda tx: jobs.prune(tx, before_ms=clock.now_ms())) == 1
    assert database.read_sync(lambda tx: jobs.find(tx, old)) is None
    assert look(database, jobs, young).state is JobState.QUEUED


def test_what_ended_elsewhere_is_tidied_up(
    database: Database, jobs: Jobs, clock: ManualClock, tmp_path: Path
) -> None:
    jobs.register("work", lambda context: None)
    waiting, cancelled = queue(database, jobs, delay_ms=1), queue(database, jobs, delay_ms=1)
    database.write_sync(lambda tx: jobs.request_cancel(tx, cancelled))
    scratch = tmp_path / "jobs" / "scratch"
    for name in (waiting, cancelled, "job_unknown"):
        (scratch / name).mkdir(parents=True)
    dead = tmp_path / "jobs" / "workers" / "host-1-dead.lock"
    dead.parent.mkdir()
    dead.touch()
    jobs.run_until_idle()
    assert [folder.name for folder in scratch.iterdir()] == [waiting]
    assert not dead.exists()
