"""What one submission costs in a project with many votes: from handing it in to posterior, skill and who is asked next.

    python -m benchmarks.one_submission [--votes 1000000] [--submissions 100] [--json FILE] [--database sqlite]

A project whose items are asked one question with four answers, and whose policy is adaptive, so that each submission
that completes a task is resolved at once. Votes are written straight into the tables; the fit is learnt by the
product. Then people hand in one at a time, and the jobs that follow run in this process. All CPU is this process's
own: SQLite has no other.
"""

from __future__ import annotations

import argparse
import json
import tempfile
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any, Final, TypeVar

import numpy as np
import sqlalchemy as sa

from benchmarks.installation import (
    Contents,
    database,
    machine_note,
    make_people,
    make_project,
    make_tasks,
    settings_of,
    write_json,
)
from goldsmith.accounts.api import Access, Role
from goldsmith.app import App, open_app
from goldsmith.core.annotations import Labelling
from goldsmith.core.ontology import Attribute, Ontology, Option
from goldsmith.labeling.tables import judgements, submissions, tasks
from goldsmith.labeling.types import Stage, SubmitBody
from goldsmith.platform.database import Sql, Transaction
from goldsmith.projects.api import QualityPolicy, Workflow

T = TypeVar("T")
PEOPLE: Final = 40
EACH: Final = 5
GOAL_MS: Final = 5.0
OPTIONS: Final = ("sun", "rain", "fog", "snow")
QUESTION: Final = Attribute(
    attribute_id="weather",
    name="Weather",
    kind="choice",
    options=[Option(option_id=name, name=name.title()) for name in OPTIONS],
)
POLICY: Final = QualityPolicy(asking="adaptive", target=0.9, most_judgements=EACH)
_CHUNK: Final = 4000
_NUMBERED: Final = Sql("SELECT task_id FROM tasks WHERE project_id = :project_id ORDER BY task_id")


def measured(run: Callable[[], T]) -> tuple[T, float]:
    """Return the result and the milliseconds of CPU of all threads."""
    begun = time.process_time_ns()
    result = run()
    return result, (time.process_time_ns() - begun) / 1e6


def answered(rng: np.random.Generator, truth: int, *, person: int) -> str:
    """What one of a crowd of mixed skill says."""
    is_right = rng.random() < 0.7 + 0.25 * (person % 4) / 3.0
    return OPTIONS[truth if is_right else int(rng.integers(len(OPTIONS)))]


def write_votes(tx: Transaction, app: App, contents: Contents, task_ids: list[str], *, first: int) -> None:
    """Let five people have answered each of some tasks, which are done."""
    rng = np.random.default_rng(first)
    closed, said = [], []
    for number, task_id in enumerate(task_ids, start=first):
        for person in rng.choice(PEOPLE, EACH, replace=False).tolist():
            judgement_id, member_id = app.machine.ids.new("jdg"), f"mem_{person}"
            shared = {"task_id": task_id, "project_id": contents.project_id, "member_id": member_id}
            answer = answered(rng, number % len(OPTIONS), person=person)
            closed.append(
                {**shared, "judgement_id": judgement_id, "stage": "label", "is_open": 0, "rank": 0}
                | {"position": 0.0, "outcome": "submitted"}
            )
            said.append(
                {**shared, "submission_id": app.machine.ids.new("sub"), "judgement_id": judgement_id}
                | {"kind": "human", "version": 1, "annotation_count": 0, "ontology_version": 1}
                | {"instructions_version": 1, "active_ms": int(rng.lognormal(9.0, 0.5)), "created_ms": 1}
                | {"labelling": Labelling(answers={"weather": answer}).model_dump_json()}
            )
    tx.many(sa.insert(judgements), closed)
    tx.many(sa.insert(submissions), said)
    is_one = tasks.c.task_id.in_(task_ids)
    tx.run(sa.delete(judgements).where(judgements.c.task_id.in_(task_ids), judgements.c.is_open == 1))
    done = {"state": "done", "open_judgements": 0, "submission_count": EACH, "consensus_version": 1}
    expected = {"expected_objects": 1.0, "expected_wrong": 0.08}
    tx.run(sa.update(tasks).where(is_one).values(**done, **expected))


def fill(app: App, *, votes: int, fresh: int) -> Contents:
    """Make the project: tasks with votes, and fresh ones."""
    write = app.machine.database.write_sync
    manager = write(lambda tx: make_people(tx, PEOPLE))
    contents = write(lambda tx: make_project(app, tx, manager, workflow=Workflow(overlap=2)))
    project_id = contents.project_id
    ontology = Ontology(questions=[QUESTION])
    write(lambda tx: app.projects.put_ontology(tx, manager, project_id, ontology=ontology, note=""))
    write(lambda tx: app.projects.put_quality_policy(tx, manager, project_id, policy=POLICY))
    make_tasks(app, contents, votes // EACH + fresh)
    rows = app.machine.database.read_sync(lambda tx: tx.all(_NUMBERED, {"project_id": project_id}))
    judged = [row["task_id"] for row in rows][: votes // EACH]
    for start in range(0, len(judged), _CHUNK):
        write(
            partial(
                write_votes,
                app=app,
                contents=contents,
                task_ids=judged[start : start + _CHUNK],
                first=start,
            )
        )
    return contents


def hand_in(app: App, contents: Contents, person: int, rng: np.random.Generator) -> str:
    """Take a task and hand in an answer; returns the task."""
    access = Access("wsp_bench", f"mem_{person}", None, "", Role.ANNOTATOR, None, "simulated")
    write = app.machine.database.write_sync
    task = write(
        lambda tx: app.labeling.next_task(tx, access, project_id=contents.project_id, stage=Stage.LABEL)
    )
    assert task is not None, "more fresh tasks are needed"
    wire = task.to_wire()
    body = SubmitBody(
        token=task.token,
        request_key=task.judgement_id,
        labelling=Labelling(answers={"weather": answered(rng, 0, person=person)}),
        active_ms=8_000,
        ontology_version=wire["ontology_version"],
        instructions_version=wire["instructions_version"],
    )
    write(lambda tx: app.labeling.submit(tx, access, judgement_id=task.judgement_id, body=body))
    return str(wire["task"]["task_id"])


def run(kind: str, *, votes: int, count: int) -> dict[str, Any]:
    """Fill an installation, and measure."""
    with tempfile.TemporaryDirectory(prefix="gsbench") as name, database(kind, Path(name)) as (url, _):
        app = open_app(settings_of(Path(name), url))
        try:
            contents, filling_ms = measured(lambda: fill(app, votes=votes, fresh=count))
            jobs, rng = app.machine.jobs, np.random.default_rng(7)
            reading = app.machine.database.read_sync

            def everything() -> None:
                for person in (0, 1):
                    hand_in(app, contents, person, rng)
                jobs.run_until_idle()

            _, fitting_ms = measured(everything)
            times: dict[str, list[float]] = {"submit": [], "posterior": [], "resolve and route": []}
            for number in range(count):
                task_id, spent = measured(partial(hand_in, app, contents, number % 2 + 2, rng))
                times["submit"].append(spent)
                _, spent = measured(partial(reading, partial(app.quality.get_consensus, task_id=task_id)))
                times["posterior"].append(spent)
                ran, spent = measured(jobs.run_until_idle)
                if ran:
                    times["resolve and route"].append(spent)
            cpu_ms = {
                name: dict(
                    zip(("median", "p95"), np.quantile(taken, [0.5, 0.95]).round(2).tolist(), strict=True)
                )
                for name, taken in times.items()
                if taken
            }
            return {
                "database": kind,
                "votes": votes,
                "filling_cpu_s": round(filling_ms / 1000, 1),
                "first_fit_cpu_s": round(fitting_ms / 1000, 1),
                "cpu_ms": cpu_ms,
                "goal_cpu_ms": GOAL_MS,
                "machine": machine_note(),
            }
        finally:
            app.close()


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--votes", type=int, default=1_000_000)
    parser.add_argument("--submissions", type=int, default=100)
    parser.add_argument("--database", default="sqlite", choices=("sqlite", "postgresql"))
    parser.add_argument("--json")
    options = parser.parse_args()
    found = run(options.database, votes=options.votes, count=options.submissions)
    print(json.dumps(found, indent=2))
    write_json(options.json, found)


if __name__ == "__main__":
    main()
