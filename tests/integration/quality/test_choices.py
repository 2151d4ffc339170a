"""Projects that ask one question of each item: posteriors at once, skill, asking more, simulation and cost."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from goldsmith.accounts.api import Access
from goldsmith.core.annotations import Labelling
from goldsmith.core.ontology import Ontology
from goldsmith.labeling.types import ReviseBody
from goldsmith.platform.database import Sql
from goldsmith.projects.api import QualityPolicy
from tests.integration.quality.installation import Installation

OPTIONS = ("sun", "rain", "fog")
ONTOLOGY = Ontology.model_validate(
    {
        "questions": [
            {
                "attribute_id": "weather",
                "name": "Weather",
                "kind": "choice",
                "options": [{"option_id": name, "name": name.title()} for name in OPTIONS],
            }
        ]
    }
)
_JUDGED = Sql(
    "SELECT t.item_name AS name, count(*) AS number FROM judgements j JOIN tasks t ON t.task_id = j.task_id "
    "WHERE j.project_id = :project_id AND j.outcome = 'submitted' GROUP BY t.item_name"
)

_SAID_BY = Sql("SELECT task_id FROM submissions WHERE member_id = :member_id")


def truth_of(name: str) -> str:
    return OPTIONS[int(name) % 3]


def says(number: int, *, right: float) -> Callable[[str], Labelling]:
    """Somebody who is right so often, and guesses otherwise."""

    def answer(name: str) -> Labelling:
        rng = np.random.default_rng(1000 * number + int(name))
        said = truth_of(name) if rng.random() < right else OPTIONS[int(rng.integers(3))]
        return Labelling(answers={"weather": said})

    return answer


def weather(made: Installation, *, items: int, policy: QualityPolicy | None = None, **flow: Any) -> str:
    project_id = made.project("Weather", ontology=ONTOLOGY, **flow)
    if policy is not None:
        made.write(lambda tx: made.app.projects.put_quality_policy(tx, made.owner, project_id, policy=policy))
    lines = "\n".join(json.dumps({"text": "how is it?", "name": f"{number:03d}"}) for number in range(items))
    answer = made.browser().post(f"/api/v1/projects/{project_id}/items/bulk", content=lines.encode())
    assert answer.json()["created"] == items
    return project_id


def now(made: Installation, task_id: str) -> dict[str, Any]:
    answer = made.browser().get(f"/api/v1/tasks/{task_id}/consensus")
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found


def crew(
    made: Installation, project_id: str, *rights: float
) -> list[tuple[Access, Callable[[str], Labelling]]]:
    return [
        (made.member(f"P{number}", project_id=project_id), says(number, right=right))
        for number, right in enumerate(rights)
    ]


def test_every_submission_changes_the_posterior_at_once(installation: Installation) -> None:
    made = installation
    project_id = weather(made, items=1, overlap=3)
    (task_id,) = made.tasks_of(project_id).values()
    assert made.browser().get(f"/api/v1/tasks/{task_id}/consensus").status_code == 404
    seen = []
    for access, answer in crew(made, project_id, 1.0, 1.0, 1.0):
        made.label(project_id, access, answer, most=1)
        view = now(made, task_id)
        assert (view["version"], view["method"]) == (0, "live") and len(view["submission_ids"]) == len(
            seen
        ) + 1
        assert view["labelling"]["answers"] == {"weather": "sun"}
        seen.append(view["answers"]["weather"]["sun"])
    assert 0.5 < seen[0] < seen[1] < seen[2] < 1.0
    made.run_jobs()
    stored = now(made, task_id)
    assert (stored["version"], stored["method"], len(stored["submission_ids"])) == (1, "detection", 3)


def test_what_is_learnt_anew_counts_at_once(small: Installation) -> None:
    made = small
    project_id = weather(made, items=30, overlap=3)
    people = crew(made, project_id, 1.0, 1.0, 0.0)
    guesser, guess = people[2]

    def learn_anew() -> None:
        made.write(lambda tx: made.app.quality.request_resolve(tx, project_id=project_id, created_by="test"))
        made.run_jobs()

    def belief() -> float:
        """In what the guesser says of one more item."""
        before = set(said())
        made.label(project_id, guesser, guess, most=1)
        (task_id,) = set(said()) - before
        view = now(made, task_id)
        assert (view["method"], len(view["submission_ids"])) == ("live", 1)
        return float(max(view["answers"]["weather"].values()))

    def said() -> list[str]:
        rows = made.read(lambda tx: tx.all(_SAID_BY, {"member_id": guesser.member_id}))
        return [row["task_id"] for row in rows]

    made.label(project_id, guesser, guess, most=28)
    learn_anew()
    first = belief()
    for access, answer in people[:2]:
        made.label(project_id, access, answer, most=20)
    learn_anew()
    assert belief() < first - 0.1, "who guesses is believed less"


def test_a_revised_answer_shows_before_it_is_resolved(small: Installation) -> None:
    made = small
    project_id = weather(made, items=1, overlap=2, review={"mode": "all"})
    people = crew(made, project_id, 1.0, 1.0)
    for access, answer in people:
        made.label(project_id, access, answer)
    made.run_jobs()
    (task_id,) = made.tasks_of(project_id).values()
    sure = now(made, task_id)["answers"]["weather"]["sun"]
    first, _ = people[0]
    body = ReviseBody(
        request_key="again",
        after_version=1,
        labelling=Labelling(answers={"weather": "fog"}),
        ontology_version=1,
        instructions_version=1,
    )
    made.write(lambda tx: made.app.labeling.revise(tx, first, task_id=task_id, body=body))
    view = now(made, task_id)
    assert view["method"] == "live" and view["answers"]["weather"].get("sun", 0.0) < sure
    made.run_jobs()
    assert now(made, task_id)["version"] == 2


def test_skill_is_how_often_answers_are_right(installation: Installation) -> None:
    made = installation
    project_id = weather(made, items=60, overlap=4)
    people = crew(made, project_id, 0.97, 0.95, 0.9, 0.0)
    for access, answer in people:
        made.label(project_id, access, answer)
    made.run_jobs()
    report = made.browser().get(f"/api/v1/projects/{project_id}/quality").json()
    skill = {entry["member_id"]: entry["skill"] for entry in report["annotators"]}
    guesser = skill.pop(people[3][0].member_id)
    assert guesser["value"] < min(entry["low"] for entry in skill.values())
    assert report["objects"] == 60 and sum(report["posterior_histogram"]) == 60
    assert 0.8 < report["expected_right"] < 1.0


def test_only_doubtful_items_are_asked_again_and_of_the_skilled(installation: Installation) -> None:
    made = installation
    policy = QualityPolicy(asking="adaptive", target=0.9, rate_per_hour=18.0)
    project_id = weather(made, items=40, policy=policy)
    people = crew(made, project_id, 0.97, 0.96, 0.95, 0.9, 0.9, 0.3)
    for _ in range(200):
        handed_in = 0
        for access, answer in people:
            handed_in += made.label(project_id, access, answer, most=1)
        made.run_jobs()
        if not handed_in:
            break
    rows = made.read(lambda tx: tx.all(_JUDGED, {"project_id": project_id}))
    counts = [row["number"] for row in rows]
    assert (min(counts), max(counts) <= 5) == (2, True) and np.mean(counts) < 3.2
    views = {name: now(made, task_id) for name, task_id in made.tasks_of(project_id).items()}
    right = [view["labelling"]["answers"]["weather"] == truth_of(name) for name, view in views.items()]
    assert np.mean(right) >= 0.9
    standings = made.read(lambda tx: made.app.labeling.standings_of_project(tx, project_id))
    skilled = {member for member, entry in standings.items() if entry.tier > 0}
    assert skilled and people[5][0].member_id not in skilled, "who guesses is not asked first"
    target = made.browser().get(f"/api/v1/projects/{project_id}/quality/target").json()
    cost = target["cost"]
    assert cost["per_label"] == pytest.approx(cost["total"] / 40, rel=0.1)
    assert cost["per_label_low"] <= cost["per_label"] <= cost["per_label_high"]


def test_such_a_project_is_simulated_as_votes(small: Installation) -> None:
    made = small
    project_id = weather(made, items=30, overlap=3)
    url = f"/api/v1/projects/{project_id}/quality/simulations"
    policy = QualityPolicy(asking="adaptive", target=0.9, rate_per_hour=20.0).model_dump(mode="json")
    usual = made.browser().post(url, json={"policy": policy, "tasks": 100, "seed": 1}).json()
    assert "as to “Weather”" in usual["note"] and "usual crowd" in usual["note"]
    for access, answer in crew(made, project_id, 0.95, 0.9, 0.6):
        made.label(project_id, access, answer)
    made.run_jobs()
    learnt = made.browser().post(url, json={"policy": policy, "tasks": 100, "seed": 1}).json()
    assert sum(group["count"] for group in learnt["crowd"]) == 3 and "3 people" in learnt["note"]
    crowd = [{"skill": 0.8, "seconds": 36, "count": 6}]
    supposed = (
        made.browser().post(url, json={"policy": policy, "crowd": crowd, "tasks": 100, "seed": 1}).json()
    )
    fixed = [point for point in supposed["points"] if not point["is_adaptive"]]
    assert [point["judgements_per_task"] for point in fixed] == [1, 2, 3, 4, 5]
    assert (
        fixed[4]["cost"] == pytest.approx(100.0)
        and fixed[0]["accuracy"]["value"] < fixed[4]["accuracy"]["value"]
    )
    (chosen,) = [point for point in supposed["points"] if point["is_chosen"]]
    assert (chosen["name"], chosen["threshold"]) == ("target 90%", 0.9)
