"""Signs against people's work are found, shown with evidence, acted on as the policy says, and can be undone."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from goldsmith.accounts.api import Access
from goldsmith.core.annotations import Labelling
from goldsmith.labeling.types import SubmitBody
from goldsmith.projects.api import Consequences, QualityPolicy, Reaction
from tests.integration.quality.installation import (
    HEIGHT,
    WIDTH,
    Installation,
    box,
    labelling,
    picture,
    shaken,
)

PICTURES = 16


class Crowd:
    """A project labelled by four careful people, and others to come."""

    def __init__(self, made: Installation) -> None:
        self.made = made
        self.project_id = made.project(overlap=8)
        made.import_pictures(self.project_id, [picture(number) for number in range(PICTURES)])
        policy = QualityPolicy(consequences=Consequences(spam=Reaction.PAUSE, too_fast=Reaction.MORE_GOLD))
        made.write(
            lambda tx: made.app.projects.put_quality_policy(tx, made.owner, self.project_id, policy=policy)
        )
        self.careful = [made.member(f"P{n}", project_id=self.project_id) for n in range(4)]
        for number, access in enumerate(self.careful):
            self.work(access, lambda name, n=number: self.good(name, n))

    @staticmethod
    def good(name: str, seed: int) -> Labelling:
        return shaken(picture(int(name[:3])).gold, seed=100 * seed + int(name[:3]))

    @staticmethod
    def empty_words(name: str) -> Labelling:
        rng = np.random.default_rng(7_000 + int(name[:3]))
        marks = []
        for number in range(2):
            left, top = rng.uniform(0, WIDTH - 20), rng.uniform(0, HEIGHT - 20)
            class_id = ("car", "sign")[int(rng.integers(2))]
            marks.append(box(class_id, left, top, left + 12, top + 12, name=f"z{number}"))
        return labelling(*marks)

    def work(self, access: Access, answer: Callable[[str], Labelling], *, spent_ms: int = 20_000) -> int:
        """Let somebody label everything there is for them, a minute a task."""
        labeling, count = self.made.app.labeling, 0
        while True:
            task = self.made.write(lambda tx: labeling.next_task(tx, access, project_id=self.project_id))
            if task is None:
                return count
            wire = task.to_wire()
            body = SubmitBody(
                token=task.token,
                request_key=task.judgement_id,
                labelling=answer(wire["item"]["name"]),
                active_ms=spent_ms + 400 * (count % 5),
                ontology_version=1,
                instructions_version=1,
            )
            self.made.write(
                lambda tx, task=task, body=body: labeling.submit(
                    tx, access, judgement_id=task.judgement_id, body=body
                )
            )
            self.made.clock.advance(60_000)
            count += 1

    def look(self) -> Any:
        """Learn and look for signs; returns what the job says."""
        url = f"/api/v1/projects/{self.project_id}/quality"
        self.made.finish(self.made.browser().post(f"{url}/resolve").json()["job_id"])
        return self.made.finish(self.made.browser().post(f"{url}/signals").json()["job_id"])

    def consequences(self) -> list[dict[str, Any]]:
        url = f"/api/v1/projects/{self.project_id}/quality/consequences"
        found: list[dict[str, Any]] = self.made.browser().get(url).json()["consequences"]
        return found

    def lift(self, entry: dict[str, Any]) -> None:
        url = f"/api/v1/consequences/{entry['consequence_id']}/lift"
        assert self.made.browser().post(url, json={"text": "Never mind."}).status_code == 200


@pytest.fixture
def crowd(installation: Installation) -> Crowd:
    return Crowd(installation)


def test_an_honest_crowd_is_left_alone_and_sees_its_days(crowd: Crowd) -> None:
    assert crowd.look()["found"] == 0
    assert crowd.consequences() == []
    url = f"/api/v1/projects/{crowd.project_id}/quality/me"
    own = crowd.made.browser(crowd.careful[0]).get(url).json()
    objects = sum(len(picture(number).gold.annotations) for number in range(PICTURES))
    assert sum(day["decisions"] for day in own["series"]) == objects
    assert all(day["agreement"] == 1.0 for day in own["series"])
    assert (own["submissions"], own["median_ms"]) == (PICTURES, 20_800)
    assert own["skill"]["skill"]["value"] > 0.8


def test_a_spammer_is_found_paused_and_not_again_on_the_same_evidence(crowd: Crowd) -> None:
    made = crowd.made
    spammer = made.member("Zed", project_id=crowd.project_id)
    assert crowd.work(spammer, crowd.empty_words) == PICTURES
    crowd.look()
    found = {entry["signal"]: entry for entry in crowd.consequences()}
    assert {entry["member_id"] for entry in found.values()} == {spammer.member_id}
    spam = found["spam"]
    assert (spam["kind"], spam["state"], spam["created_by"]) == ("pause", "active", None)
    assert spam["evidence"]["sentence"].startswith("The answers say little or nothing")
    assert spam["evidence"]["numbers"]
    assert set(spam["evidence"]["task_ids"]) <= set(made.tasks_of(crowd.project_id).values())
    url = f"/api/v1/projects/{crowd.project_id}"
    assert made.browser(spammer).post(f"{url}/tasks/next", json={}).json()["code"] == "paused"
    before = len(crowd.consequences())
    crowd.look()
    assert len(crowd.consequences()) == before  # it is in force already

    crowd.lift(spam)
    made.clock.advance(1_000)
    crowd.look()
    assert len(crowd.consequences()) == before  # the evidence is the same
    made.import_pictures(
        crowd.project_id, [picture(number) for number in range(PICTURES, 2 * PICTURES)], batch="second"
    )
    for number, access in enumerate([*crowd.careful, spammer]):
        answer = crowd.empty_words if access is spammer else lambda name, n=number: crowd.good(name, n)
        crowd.work(access, answer)
    crowd.look()
    states = [entry["state"] for entry in crowd.consequences() if entry["signal"] == "spam"]
    assert states == ["active", "lifted"]  # later work shows it by itself


def test_who_is_too_fast_gets_what_the_policy_says(crowd: Crowd) -> None:
    hasty = crowd.made.member("Zip", project_id=crowd.project_id)
    crowd.work(hasty, lambda name: crowd.good(name, 50), spent_ms=900)
    crowd.look()
    (entry,) = crowd.consequences()
    assert (entry["signal"], entry["kind"], entry["member_id"]) == ("too_fast", "more_gold", hasty.member_id)
    standing = crowd.made.read(
        lambda tx: crowd.made.app.labeling.standing_of(
            tx, project_id=crowd.project_id, member_id=hasty.member_id
        )
    )
    assert standing.gold_rate == 0.25


def test_signals_that_are_off_raise_nothing(crowd: Crowd) -> None:
    made = crowd.made
    off = QualityPolicy(consequences=Consequences(**dict.fromkeys(Consequences.model_fields, Reaction.OFF)))
    made.write(lambda tx: made.app.projects.put_quality_policy(tx, made.owner, crowd.project_id, policy=off))
    spammer = made.member("Zed", project_id=crowd.project_id)
    crowd.work(spammer, crowd.empty_words, spent_ms=300)
    crowd.look()
    assert crowd.consequences() == []


def test_a_new_fit_looks_for_signs_by_itself(crowd: Crowd) -> None:
    made = crowd.made
    spammer = made.member("Zed", project_id=crowd.project_id)
    crowd.work(spammer, crowd.empty_words)
    made.browser().post(f"/api/v1/projects/{crowd.project_id}/quality/resolve")
    made.run_jobs()
    assert [entry["signal"] for entry in crowd.consequences() if entry["kind"] == "pause"] == ["spam"]
