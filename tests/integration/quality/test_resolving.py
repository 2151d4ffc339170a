"""From submissions to consensus versions, on both databases."""

from __future__ import annotations

from typing import Any

import pytest

from goldsmith.core.annotations import Labelling
from goldsmith.labeling.types import ReviewBody, Stage, Verdict
from goldsmith.platform.database import Sql
from goldsmith.quality.store.versions import find_consensus, newest_consensus
from tests.integration.quality.installation import Installation, box, labelling, picture, shaken

TRUTH = labelling(box("car", 10, 10, 40, 40), box("sign", 60, 10, 80, 30))


def versions(made: Installation, task_id: str) -> list[Any]:
    newest = made.read(lambda tx: newest_consensus(tx, task_id))
    if newest is None:
        return []
    return [
        made.read(lambda tx, n=number: find_consensus(tx, task_id, n))
        for number in range(1, newest.version + 1)
    ]


def steady(seed: int) -> Any:
    return lambda name: shaken(TRUTH, seed=seed)


@pytest.fixture
def labelled(installation: Installation) -> tuple[Installation, str]:
    """Four pictures, each labelled by three people."""
    project_id = installation.project(overlap=3)
    installation.import_pictures(project_id, [picture(number) for number in range(4)])
    for number in range(3):
        who = installation.member(f"P{number}", project_id=project_id)
        assert installation.label(project_id, who, steady(number)) == 4
    installation.run_jobs()
    return installation, project_id


def test_labels_become_a_consensus(labelled: tuple[Installation, str]) -> None:
    made, project_id = labelled
    assert set(made.states(project_id).values()) == {"done"}
    for task_id in made.tasks_of(project_id).values():
        (view,) = versions(made, task_id)
        assert (view.version, view.method) == (1, "detection")
        assert sorted(a.class_id for a in view.labelling.annotations) == ["car", "sign"]
        assert len(view.submission_ids) == 3
        for annotation in view.labelling.annotations:
            assert annotation.score is not None
            assert annotation.score > 0.9
            support = view.support[annotation.annotation_id]
            assert (len(support.submissions), support.onlookers) == (3, 3)


def test_resolving_again_says_nothing_new_and_keeps_what_is_there(
    labelled: tuple[Installation, str],
) -> None:
    made, project_id = labelled
    before = {task: versions(made, task) for task in made.tasks_of(project_id).values()}
    job_id = made.browser().post(f"/api/v1/projects/{project_id}/quality/resolve").json()["job_id"]
    result = made.finish(job_id)
    assert result == {"tasks": 4, "versions_stored": 0, "fit_version": 2}
    assert {task: versions(made, task) for task in before} == before


def test_more_judgements_make_another_version(labelled: tuple[Installation, str]) -> None:
    made, project_id = labelled
    task_id = min(made.tasks_of(project_id).values())
    (first,) = versions(made, task_id)
    made.write(lambda tx: made.app.labeling.requeue(tx, project_id=project_id, task_ids=[task_id]))
    late = made.member("Late", project_id=project_id)
    assert made.label(project_id, late, lambda name: labelling(box("car", 10, 10, 40, 40))) == 1
    made.run_jobs()
    old, new = versions(made, task_id)
    assert old == first
    assert len(new.submission_ids) == 4
    assert set(first.submission_ids) < set(new.submission_ids)
    answer = made.browser().get(f"/api/v1/tasks/{task_id}/consensus").json()
    assert answer["version"] == 2
    assert made.browser().get(f"/api/v1/tasks/{task_id}/consensus?version=1").json()["version"] == 1
    assert made.browser().get(f"/api/v1/tasks/{task_id}/consensus?version=3").status_code == 404


def fix(made: Installation, project_id: str, labels: Labelling) -> str:
    """Let a reviewer decide the next task that asks for it; returns the task."""
    reviewer = made.member("Rita", "reviewer", project_id=project_id)
    task = made.write(
        lambda tx: made.app.labeling.next_task(tx, reviewer, project_id=project_id, stage=Stage.REVIEW)
    )
    body = ReviewBody(token=task.token, request_key="r", verdict=Verdict.FIX, labelling=labels)
    made.write(lambda tx: made.app.labeling.review(tx, reviewer, judgement_id=task.judgement_id, body=body))
    return str(task.task_id)


@pytest.fixture
def fixed(installation: Installation) -> tuple[Installation, str, str]:
    """Three people call it a sign where a reviewer says that it is a car, and miss a sign."""
    project_id = installation.project(overlap=3, review={"mode": "all"})
    installation.import_pictures(project_id, [picture(number) for number in range(2)])
    for number in range(3):
        who = installation.member(f"P{number}", project_id=project_id)
        installation.label(
            project_id, who, lambda name, n=number: shaken(labelling(box("car", 10, 10, 40, 40)), seed=n)
        )
    installation.run_jobs()
    assert set(installation.states(project_id).values()) == {"review"}
    return installation, project_id, fix(installation, project_id, TRUTH)


def test_what_a_reviewer_decided_stands(fixed: tuple[Installation, str, str]) -> None:
    made, project_id, task_id = fixed
    made.write(
        lambda tx: made.app.quality.request_resolve(
            tx, project_id=project_id, created_by=made.owner.member_id
        )
    )
    made.run_jobs()
    computed, decided = versions(made, task_id)
    assert computed.method == "detection"
    assert decided.method == "review"
    assert [a.class_id for a in decided.labelling.annotations] == ["car", "sign"]
    assert decided.lowest_posterior is None


def test_what_a_reviewer_decided_is_weighed_when_the_task_is_judged_again(
    fixed: tuple[Installation, str, str],
) -> None:
    made, project_id, task_id = fixed
    made.write(lambda tx: made.app.labeling.requeue(tx, project_id=project_id, task_ids=[task_id]))
    late = made.member("Late", project_id=project_id)
    assert made.label(project_id, late, lambda name: labelling(box("car", 10, 10, 40, 40))) == 1
    made.run_jobs()
    newest = versions(made, task_id)[-1]
    assert (newest.version, newest.method) == (3, "detection")
    sure = {a.class_id for a in newest.labelling.annotations if (a.score or 0.0) > 0.5}
    assert sure == {"car", "sign"}, "four people missed the sign, but the reviewer saw it"
    assert len(newest.submission_ids) == 5


def test_a_task_that_nobody_could_label_does_not_choke_the_job(installation: Installation) -> None:
    made = installation
    project_id = made.project(overlap=1)
    made.import_pictures(project_id, [picture(number) for number in range(2)])
    first, _ = sorted(made.tasks_of(project_id).values())
    # a task may wait without any counting submission: its only one was rejected, or its author removed
    made.write(
        lambda tx: tx.run(
            Sql("UPDATE tasks SET state = 'resolving' WHERE task_id = :task_id"), {"task_id": first}
        )
    )
    made.write(
        lambda tx: made.app.quality.on_all_in(
            tx,
            workspace_id=made.owner.workspace_id,
            project_id=project_id,
            task_id=first,
            is_urgent=False,
        )
    )
    made.run_jobs()
    (view,) = versions(made, first)
    assert view.labelling.annotations == []
    assert view.lowest_posterior is None
    report = made.browser().get(f"/api/v1/projects/{project_id}/quality")
    assert report.status_code == 200, report.text
    assert report.json()["objects"] == 0


def test_the_report_tells_who_is_careful(installation: Installation) -> None:
    made = installation
    project_id = made.project(overlap=3, gold_rate=0.5)
    empty = made.browser().get(f"/api/v1/projects/{project_id}/quality").json()
    assert (empty["fit_version"], empty["annotators"]) == (0, [])
    made.import_pictures(project_id, [picture(100 + n) for n in range(6)], labels_as="gold", batch="gold")
    made.import_pictures(project_id, [picture(n) for n in range(10)])
    people = {}
    for number, miss in enumerate((0.0, 0.0, 0.6)):
        who = people[number] = made.member(f"P{number}", project_id=project_id)
        made.label(
            project_id,
            who,
            lambda name, n=number, m=miss: shaken(
                made.truth[name].gold, seed=100 * n + int(name[:3]), miss=m
            ),
        )
    made.run_jobs()
    report = made.browser().get(f"/api/v1/projects/{project_id}/quality").json()
    assert report["fit_version"] == 1
    assert sum(report["posterior_histogram"]) == report["objects"] > 0
    skill = {row["member_id"]: row for row in report["annotators"]}
    careful, careless = skill[people[0].member_id], skill[people[2].member_id]
    assert careful["skill"]["value"] > careless["skill"]["value"]
    assert careful["gold"]["total"] > 0
    assert careful["skill"]["low"] <= careful["skill"]["value"] <= careful["skill"]["high"]
    assert {row["class_id"] for row in report["per_class"]} == {"car", "sign"}
    assert len(report["per_pair"]) == 3
    # gold is known: no consensus is computed for it, also when everything is resolved again
    made.write(
        lambda tx: made.app.quality.request_resolve(
            tx, project_id=project_id, created_by=made.owner.member_id
        )
    )
    made.run_jobs()
    gold = [task for name, task in made.tasks_of(project_id).items() if int(name[:3]) >= 100]
    assert [versions(made, task) for task in gold] == [[]] * 6


def test_accepted_labels_are_the_consensus_at_once(installation: Installation) -> None:
    made = installation
    project_id = made.project()
    made.import_pictures(project_id, [picture(n) for n in range(3)], labels_as="accepted")
    assert set(made.states(project_id).values()) == {"done"}
    for task_id in made.tasks_of(project_id).values():
        (view,) = versions(made, task_id)
        assert (view.method, view.version) == ("imported", 1)
    grid = made.browser().get(f"/api/v1/projects/{project_id}/items", params={"class_id": "sign"}).json()
    with_sign = [n for n in range(3) if any(a.class_id == "sign" for a in picture(n).gold.annotations)]
    assert len(grid["items"]) == len(with_sign)


def test_another_workspace_sees_nothing(installation: Installation) -> None:
    made = installation
    project_id = made.project()
    made.import_pictures(project_id, [picture(0)], labels_as="accepted")
    (task_id,) = made.tasks_of(project_id).values()
    other = made.browser(made.stranger())
    assert other.get(f"/api/v1/projects/{project_id}/quality").status_code == 404
    assert other.post(f"/api/v1/projects/{project_id}/quality/resolve").status_code == 404
    assert other.get(f"/api/v1/tasks/{task_id}/consensus").status_code == 404
