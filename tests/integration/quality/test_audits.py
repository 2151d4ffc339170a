"""Audits: finished tasks are drawn, looked at by reviewers, and prove or refute a target; costs and simulations."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from goldsmith.accounts.api import Access
from goldsmith.core.annotations import Labelling
from goldsmith.labeling.types import ReviewBody, Stage, Verdict
from goldsmith.platform.database import Sql
from goldsmith.projects.api import QualityPolicy
from tests.integration.quality.installation import Installation, labelling, picture, shaken

Answer = Callable[[str], Labelling]


def audited(made: Installation, project_id: str) -> dict[str, Any]:
    page = made.browser().get(f"/api/v1/projects/{project_id}/quality/audits")
    assert page.status_code == 200, page.text
    newest: dict[str, Any] = page.json()["audits"][0]
    return newest


def begin(made: Installation, project_id: str, **body: Any) -> Any:
    return made.browser().post(f"/api/v1/projects/{project_id}/quality/audits", json=body)


def review(made: Installation, project_id: str, reviewer: Access, truth: Answer) -> bool:
    """Look at one task, truthfully; False when there is none."""
    labeling = made.app.labeling
    task = made.write(lambda tx: labeling.next_task(tx, reviewer, project_id=project_id, stage=Stage.REVIEW))
    if task is None:
        return False
    wire = task.to_wire()
    known = truth(wire["item"]["name"])
    shown = Labelling.model_validate_json(bytes(wire["review"]["consensus"]))
    kept = [entry for entry in shown.annotations if (entry.score or 0.0) >= 0.5]
    is_right = sorted(a.class_id for a in kept) == sorted(a.class_id for a in known.annotations)
    body = ReviewBody(
        token=task.token,
        request_key=task.judgement_id,
        verdict=Verdict.ACCEPT if is_right else Verdict.FIX,
        labelling=None if is_right else known,
        active_ms=2_000,
    )
    made.write(lambda tx: labeling.review(tx, reviewer, judgement_id=task.judgement_id, body=body))
    made.run_jobs()
    return True


def finished(made: Installation, *, pictures: int = 40, blind_to: str = "") -> str:
    """A project with finished tasks; nobody marks what has the class ``blind_to``."""
    project_id = made.project(overlap=2)
    made.import_pictures(project_id, [picture(number) for number in range(pictures)])
    for person in (1, 2):
        access = made.member(f"P{person}", project_id=project_id)

        def answer(name: str, n: int = person) -> Labelling:
            drawn = shaken(made.truth[name].gold, seed=1000 * n + int(name[:3]))
            return labelling(*[a for a in drawn.annotations if a.class_id != blind_to])

        made.label(project_id, access, answer)
    made.run_jobs()
    assert set(made.states(project_id).values()) == {"done"}
    return project_id


def test_an_audit_proves_what_is_right(installation: Installation) -> None:
    made = installation
    project_id = finished(made)
    reviewer = made.member("Rita", "reviewer", project_id=project_id)
    started = begin(made, project_id, target=0.9, most_tasks=80)
    assert started.status_code == 201, started.text
    assert (started.json()["state"], started.json()["drawn"]) == ("running", 10)
    assert list(made.states(project_id).values()).count("review") <= 10
    while review(made, project_id, reviewer, lambda name: made.truth[name].gold):
        pass
    audit = audited(made, project_id)
    assert audit["state"] == "proved" and audit["low"] >= 0.9
    assert audit["drawn"] <= 40 and audit["curve"][-1]["low"] == audit["low"]
    assert audit["sentence"].startswith("With 95 % confidence at least 9")
    assert audit["findings"] == []
    assert set(made.states(project_id).values()) == {"done"}, "what nobody looked at is finished again"


def test_an_audit_refutes_what_is_wrong_and_shows_where(installation: Installation) -> None:
    made = installation
    project_id = finished(made, blind_to="sign")
    reviewer = made.member("Rita", "reviewer", project_id=project_id)
    begin(made, project_id, target=0.95, most_tasks=60)
    while review(made, project_id, reviewer, lambda name: made.truth[name].gold):
        pass
    audit = audited(made, project_id)
    assert audit["state"] == "refuted" and audit["high"] < 0.95
    assert audit["findings"] and all(entry["missed"] for entry in audit["findings"])
    assert {entry["item_name"] for entry in audit["findings"]} <= set(made.truth)
    assert "at most" in audit["sentence"]


def test_an_audit_can_be_stopped_and_only_one_runs(small: Installation) -> None:
    made = small
    project_id = finished(made, pictures=12)
    assert begin(made, project_id).status_code == 422, "no target anywhere"
    first = begin(made, project_id, target=0.99).json()
    assert begin(made, project_id, target=0.9).status_code == 409
    reviewer = made.member("Rita", "reviewer", project_id=project_id)
    labeling = made.app.labeling
    held = made.write(lambda tx: labeling.next_task(tx, reviewer, project_id=project_id, stage=Stage.REVIEW))
    stopped = made.browser().post(f"/api/v1/audits/{first['audit_id']}/stop")
    assert stopped.json()["state"] == "stopped" and stopped.json()["ended_ms"]
    assert sorted(made.states(project_id).values()) == [*["done"] * 11, "review"]
    body = ReviewBody(token=held.token, request_key="held", verdict=Verdict.ACCEPT)
    made.write(lambda tx: labeling.review(tx, reviewer, judgement_id=held.judgement_id, body=body))
    assert set(made.states(project_id).values()) == {"done"}, "work at hand was not lost"
    actions = made.read(lambda tx: tx.all(Sql("SELECT action FROM audit_log ORDER BY sequence")))
    assert [row["action"] for row in actions if row["action"].startswith("quality_audit")] == [
        "quality_audit.started",
        "quality_audit.stopped",
    ]
    assert begin(made, project_id, target=0.9).status_code == 201


def test_a_rejection_counts_as_all_wrong_and_work_on_drawn_tasks_is_passed_over(small: Installation) -> None:
    made = small
    project_id = finished(made, pictures=6)
    reviewer = made.member("Rita", "reviewer", project_id=project_id)
    begin(made, project_id, target=0.5, most_tasks=8)
    labeling = made.app.labeling
    task = made.write(lambda tx: labeling.next_task(tx, reviewer, project_id=project_id, stage=Stage.REVIEW))
    body = ReviewBody(
        token=task.token,
        request_key="one",
        verdict=Verdict.REJECT,
        reasons=[{"code": "loose shape"}],
    )
    made.write(lambda tx: labeling.review(tx, reviewer, judgement_id=task.judgement_id, body=body))
    made.run_jobs()
    while review(made, project_id, reviewer, lambda name: made.truth[name].gold):
        pass
    audit = audited(made, project_id)
    assert audit["state"] in ("stopped", "proved", "refuted")
    (finding,) = audit["findings"]
    assert finding["right"] == 0 and finding["wrong"] > 0


def test_where_a_project_stands_and_what_it_costs(small: Installation) -> None:
    made = small
    project_id = finished(made, pictures=12)
    policy = QualityPolicy(asking="adaptive", target=0.9, budget_judgements=100, rate_per_hour=18.0)
    made.write(lambda tx: made.app.projects.put_quality_policy(tx, made.owner, project_id, policy=policy))
    view = made.browser().get(f"/api/v1/projects/{project_id}/quality/target").json()
    assert (view["tasks"], view["done"], view["judgements"], view["budget_left"]) == (12, 12, 24, 76)
    assert view["judgements_per_task"] == pytest.approx(2.0)
    assert view["expected"]["low"] < view["expected"]["value"] <= view["expected"]["high"] <= 1.0
    assert view["cost"]["hours"] == pytest.approx(24 / 3600, abs=1e-3)
    assert view["cost"]["currency"] == "EUR" and view["cost"]["total"] == pytest.approx(0.12)
    assert view["forecast"] is None, "nothing is left to do"


def test_policies_are_simulated_before_anybody_is_paid(small: Installation) -> None:
    made = small
    project_id = finished(made, pictures=6)
    url = f"/api/v1/projects/{project_id}/quality/simulations"
    learnt = made.browser().post(url, json={"policy": None, "crowd": None, "tasks": 100, "seed": 1})
    assert learnt.status_code == 200, learnt.text
    assert sum(group["count"] for group in learnt.json()["crowd"]) == 2
    policy = QualityPolicy(asking="adaptive", target=0.96, rate_per_hour=20.0).model_dump(mode="json")
    crowd = [{"skill": 0.9, "seconds": 60, "count": 6}]
    answer = made.browser().post(url, json={"policy": policy, "crowd": crowd, "tasks": 300, "seed": 1}).json()
    fixed = [point for point in answer["points"] if not point["is_adaptive"]]
    assert [point["judgements_per_task"] for point in fixed] == [1, 2, 3, 4, 5]
    assert fixed[0]["accuracy"]["value"] < fixed[-1]["accuracy"]["value"]
    (chosen,) = [point for point in answer["points"] if point["is_chosen"]]
    assert (chosen["threshold"], chosen["is_adaptive"]) == (0.96, True) and chosen["cost"] > 0
    again = made.browser().post(url, json={"policy": policy, "crowd": crowd, "tasks": 300, "seed": 1}).json()
    assert again == answer, "the same seed is the same work"
    assert made.browser().post(url, json={"tasks": 10**9}).status_code == 422
