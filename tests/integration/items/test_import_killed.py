"""An import whose process is killed, anywhere: another process goes on with the same result and nothing twice."""

from __future__ import annotations

import dataclasses
import multiprocessing
import os
import random
import signal
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, TypeVar

import sqlalchemy as sa

from goldsmith.accounts.api import Access
from goldsmith.core.ids import Ids, ManualClock
from goldsmith.items.api import ItemsService
from goldsmith.items.jobs import register
from goldsmith.items.tables import import_problems, items
from goldsmith.items.types import ImportPlan
from goldsmith.labeling.tables import tasks
from goldsmith.platform.database import Database, Transaction, open_database
from goldsmith.platform.engine import SerialEngine
from goldsmith.platform.jobs import Jobs
from goldsmith.platform.machine import Machine, open_machine
from goldsmith.platform.settings import Settings
from goldsmith.projects.api import ProjectsService

T = TypeVar("T")


class DeadlyDatabase:
    """Kills its process at the n-th write: before it, or when it is durable and nobody knows yet."""

    def __init__(self, inner: Database, *, fatal_write: int, is_after: bool) -> None:
        self._inner = inner
        self._left = fatal_write
        self._is_after = is_after

    def __getattr__(self, name: str) -> Any:
        return getattr(self._inner, name)

    def write_sync(self, operation: Callable[[Transaction], T]) -> T:
        self._left -= 1
        if self._left == 0 and not self._is_after:
            os.kill(os.getpid(), signal.SIGKILL)
        result = self._inner.write_sync(operation)
        if self._left == 0:
            os.kill(os.getpid(), signal.SIGKILL)
        return result


class BareTasks:
    """Makes tasks as bare as possible."""

    def __init__(self, ids: Ids) -> None:
        self._ids = ids

    def make_tasks(self, tx: Transaction, *, project_id: str, batch_id: str, entries: Any) -> list[str]:
        rows = [
            {
                "task_id": self._ids.new("tsk"),
                "project_id": project_id,
                "item_id": entry.item_id,
                "batch_id": batch_id,
                "state": "open",
                "position": 0.0,
                "created_ms": 0,
                "updated_ms": 0,
            }
            for entry in entries
        ]
        for row in rows:
            tx.run(sa.insert(tasks), row)
        return [str(row["task_id"]) for row in rows]

    def on_items_deleted(self, tx: Transaction, *, item_ids: Sequence[str]) -> None:
        return None

    def on_items_restored(self, tx: Transaction, *, item_ids: Sequence[str]) -> None:
        return None


def build(machine: Machine) -> ItemsService:
    service = ItemsService(machine, ProjectsService(machine))
    tasks_maker = BareTasks(machine.ids)
    service.wire(task_maker=tasks_maker, follower=tasks_maker)
    register(machine.jobs, service, chunk_records=2)
    return service


def run_and_die(settings: Settings, start_ms: int, fatal_write: int, is_after: bool) -> None:
    clock = ManualClock(start_ms)
    ids = Ids(clock, random.Random(fatal_write))
    plain = dataclasses.replace(open_machine(settings, clock=clock, ids=ids), engine=SerialEngine())
    deadly: Any = DeadlyDatabase(
        open_database(settings.resolved_database_url()), fatal_write=fatal_write, is_after=is_after
    )
    jobs = Jobs(deadly, clock, ids, folder=settings.data_dir / "jobs")
    build(dataclasses.replace(plain, database=deadly, jobs=jobs))
    jobs.run_until_idle()
    os._exit(0)  # it was through before its time came


def test_killed_again_and_again(
    machine: Machine,
    accesses: dict[str, Access],
    project_id: str,
    image_bytes: Callable[..., bytes],
    folder: Path,
    clock: ManualClock,
) -> None:
    pictures = {number: image_bytes(number) for number in (1, 2, 3, 2, 5)}
    for name, data in zip("abcdefg", [*pictures.values(), pictures[2], b"<html>"], strict=False):
        (folder / f"{name}.png").write_bytes(data)
    service = build(machine)
    plan = ImportPlan.model_validate({"source": {"kind": "folder", "path": str(folder)}, "format": "images"})
    job_id = machine.database.write_sync(
        lambda tx: service.request_import(tx, accesses["manager"], project_id, plan)
    )
    context = multiprocessing.get_context("spawn")
    for fatal_write, is_after in ((4, False), (5, True), (3, False), (4, True)):
        arguments = (machine.settings, clock.now_ms(), fatal_write, is_after)
        process = context.Process(target=run_and_die, args=arguments)
        process.start()
        process.join()
        assert process.exitcode == -signal.SIGKILL
        clock.advance(3_600_000)
    machine.jobs.run_until_idle()
    job = machine.database.read_sync(lambda tx: machine.jobs.get(tx, job_id))
    assert job.state == "done", job.error
    names = machine.database.read_sync(lambda tx: tx.all(sa.select(items.c.name).order_by(items.c.item_id)))
    assert [row["name"] for row in names] == ["a.png", "b.png", "c.png", "d.png"]
    view = machine.database.read_sync(lambda tx: service.get_import(tx, job_id))
    assert (view.imported, view.duplicates, view.refused, view.settled) == (4, 1, 1, 6)
    problems = machine.database.read_sync(
        lambda tx: tx.all(sa.select(import_problems).order_by(import_problems.c.number))
    )
    assert [(row["number"], row["where"]) for row in problems] == [(1, "e.png"), (2, "f.png")]
    assert len(machine.database.read_sync(lambda tx: tx.all(sa.select(tasks)))) == 4
