"""The server is killed in the middle of many clients' submits: what was acknowledged is there, and nothing twice."""

from __future__ import annotations

import json
import random
from collections import Counter
from collections.abc import Callable
from typing import Any

import httpx
import pytest
import sqlalchemy as sa

from goldsmith.core.ontology import LabelClass, Ontology
from goldsmith.labeling.tables import judgements, submissions, tasks
from goldsmith.projects.types import Workflow
from tests.integration.robustness.crowd import Crowd
from tests.integration.robustness.served import Founded, Served

CLIENTS = 32
ONTOLOGY = Ontology(classes=[LabelClass(class_id="car", name="Car", geometry_kinds=["box"])])


def hire(served: Served, owner: Founded, *, items: int) -> Crowd:
    """Make a project of text items with one opinion each, and people with keys who may work in it."""
    with served.client(owner.key) as client:
        project = client.create_project(name="Load", ontology=ONTOLOGY, workflow=Workflow(overlap=1))
        keys = []
        for number in range(CLIENTS):
            added = client.add_member(name=f"worker {number}", kind="simulated", role="annotator")
            client.add_to_project(project_id=project.project_id, member_id=added.member.member_id)
            assert added.key is not None
            keys.append(added.key.secret)
    body = b"\n".join(json.dumps({"text": f"item {number}"}).encode() for number in range(items))
    answer = httpx.post(
        f"{served.url}/api/v1/projects/{project.project_id}/items/bulk",
        content=body,
        headers={"Authorization": f"Bearer {owner.key}"},
        timeout=60,
        trust_env=False,
    )
    assert answer.json()["created"] == items
    return Crowd(served, project.project_id, keys, "car")


def kill_and_check(served: Served, *, rounds: int, load: int, items: int, seed: int) -> None:
    """Kill ``rounds`` times, each after about ``load`` more acknowledged submits; then count."""
    chance = random.Random(seed)
    owner = served.found()
    served.start()
    crowd = hire(served, owner, items=items)
    crowd.start()
    for _ in range(rounds):
        crowd.wait_until(crowd.acknowledged() + chance.randrange(load // 2, load))
        served.kill()
        served.start()
    crowd.wait_until(crowd.acknowledged() + CLIENTS)
    crowd.stop()
    served.stop()
    assert any(not promise.submission_ids for promise in crowd.promises), "no submit was cut off"
    check_ledger(served, crowd)


def check_ledger(served: Served, crowd: Crowd) -> None:
    kept, open_of, closed_of, states = served.inside(_read)
    by_key = {(row["member_id"], row["request_key"]): row for row in kept}
    assert len(by_key) == len(kept)
    for promise in crowd.promises:
        assert len(promise.submission_ids) <= 1, "a repeated request was a second submission"
        row = by_key.pop((promise.member_id, promise.request_key), None)
        if promise.submission_ids:
            assert row is not None, "an acknowledged submission is gone"
            assert {row["submission_id"]} == promise.submission_ids
            assert row["task_id"] == promise.task_id
            assert len(json.loads(row["labelling"])["annotations"]) == 3
    assert not by_key, "there is a submission that nobody sent"
    twice = [task for task, count in Counter(row["task_id"] for row in kept).items() if count > 1]
    assert not twice, "a task that needs one opinion got two"
    submitted = {row["task_id"] for row in kept}
    assert closed_of == submitted
    assert open_of.isdisjoint(submitted)
    assert {task for task, state in states.items() if state == "open"} == open_of


def _read(app: Any) -> tuple[list[Any], set[str], set[str], dict[str, str]]:
    def read(tx: Any) -> tuple[list[Any], set[str], set[str], dict[str, str]]:
        kept = tx.all(sa.select(submissions))
        leases = tx.all(sa.select(judgements.c.task_id, judgements.c.is_open, judgements.c.outcome))
        return (
            kept,
            {row["task_id"] for row in leases if row["is_open"]},
            {row["task_id"] for row in leases if row["outcome"] == "submitted"},
            {row["task_id"]: row["state"] for row in tx.all(sa.select(tasks.c.task_id, tasks.c.state))},
        )

    result: tuple[list[Any], set[str], set[str], dict[str, str]] = app.machine.database.read_sync(read)
    return result


def test_killed_twice_under_load(killable_url: str, make_served: Callable[..., Served]) -> None:
    served = make_served(database_url=killable_url, GOLDSMITH_JOB_THREADS="1")
    kill_and_check(served, rounds=2, load=400, items=4000, seed=1)


@pytest.mark.soak
@pytest.mark.timeout(1200)
def test_killed_ten_times_under_load(killable_url: str, make_served: Callable[..., Served]) -> None:
    served = make_served(database_url=killable_url)
    kill_and_check(served, rounds=10, load=2500, items=40_000, seed=2)
