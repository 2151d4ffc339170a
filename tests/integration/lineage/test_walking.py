"""Both directions, from every kind of thing."""

from __future__ import annotations

from typing import Any

import pytest

from goldsmith.platform.database import Sql
from goldsmith.platform.edges import Edge, add_edges
from goldsmith.training import store as training_store
from tests.integration.quality.installation import Installation, picture

_CLAIM = Sql("UPDATE model_versions SET run_id = :run_id WHERE model_version_id = :model_version_id")
APART = {"split": {"duplicate_distance": 0}}


def walk(made: Installation, subject: str, direction: str, **query: Any) -> dict[str, dict[str, Any]]:
    answer = made.browser().get(f"/api/v1/lineage/{subject}", params={"direction": direction, **query})
    assert answer.status_code == 200, answer.text
    return {step["kind"]: step for step in answer.json()["steps"]}


@pytest.fixture
def things(installation: Installation) -> tuple[Installation, dict[str, str]]:
    """A version of people's labels, a model learnt from it, an evaluation and the batch it asked for."""
    made = installation
    project_id = made.project(overlap=2)
    items = made.import_pictures(project_id, [picture(n) for n in range(4)])
    crew = made.label_all(project_id, people=2)
    version = made.cut("streets", [project_id], **APART)
    _, test = made.test_set([picture(n) for n in range(30, 33)])
    body = {"dataset_version_id": version.dataset_version_id, "model_name": "detector"}
    owner = made.owner
    run = made.browser().post(f"/api/v1/workspaces/{owner.workspace_id}/runs", json=body).json()
    made.write(lambda tx: made.app.machine.jobs.request_cancel(tx, run["job_id"]))
    imported = made.browser().post(
        f"/api/v1/workspaces/{owner.workspace_id}/evaluations/import",
        json={"name": "detector", "dataset_version_id": test.dataset_version_id, "results": []},
    )
    evaluation = imported.json()
    made.finish(evaluation["job_id"])
    model_id = made.read(lambda tx: made.app.evaluation.get(tx, evaluation["evaluation_id"])).model_version_id
    # stands for a training that came to its end: the version is that run's
    made.write(lambda tx: _learnt(tx, made, run["run_id"], model_id))
    pool = made.project("pool")
    made.import_pictures(pool, [picture(n) for n in range(50, 53)])
    send = {"project_id": pool, "count": 2, "policy": "random", "name": "next"}
    path = f"/api/v1/evaluations/{evaluation['evaluation_id']}/send-to-labelling"
    sent = made.finish(made.browser().post(path, json=send).json()["job_id"])
    task_id = made.tasks_of(project_id)["000.png"]
    page = made.read(lambda tx: made.app.labeling.get_page(tx, owner, task_id))
    return made, {
        "project": project_id,
        "dataset": version.dataset_id,
        "version": version.dataset_version_id,
        "test": test.dataset_version_id,
        "run": run["run_id"],
        "model": model_id,
        "line": made.read(lambda tx: made.app.training.get_model_version(tx, model_id)).model_id,
        "evaluation": evaluation["evaluation_id"],
        "batch": sent["batch_id"],
        "item": items["000.png"],
        "task": task_id,
        "submission": page["submissions"][0]["submission_id"],
        "member": crew[0].member_id,
    }


def _learnt(tx: Any, made: Installation, run_id: str, model_version_id: str) -> None:
    training_store.update_run(tx, run_id, values={"state": "done"})
    tx.run(_CLAIM, {"run_id": run_id, "model_version_id": model_version_id})
    edge = Edge("run", run_id, "model_version", model_version_id, "made")
    add_edges(tx, workspace_id=made.owner.workspace_id, at_ms=1, edges=[edge])


def test_up_to_the_evidence(things: tuple[Installation, dict[str, str]]) -> None:
    made, ids = things
    for subject in ("model", "line", "evaluation"):
        steps = walk(made, ids[subject], "up")
        counts = {kind: step["count"] for kind, step in steps.items()}
        assert counts["run"] == 1
        assert (counts["item"], counts["submission"], counts["member"]) == (4, 8, 2), subject
        assert (counts["ontology_version"], counts["instructions_version"]) == (1, 1)
    batch = walk(made, ids["batch"], "up")
    assert [node["id"] for node in batch["evaluation"]["nodes"]] == [ids["evaluation"]]
    for subject, submissions in (("run", 8), ("version", 8), ("dataset", 8), ("item", 2), ("task", 2)):
        assert walk(made, ids[subject], "up")["submission"]["count"] == submissions, subject
    assert walk(made, ids["submission"], "up")["member"]["count"] == 1
    assert walk(made, ids["member"], "up") == {}
    part = walk(made, ids["model"], "up", item_id=ids["item"])
    assert (part["item"]["count"], part["submission"]["count"]) == (1, 2)


def test_down_to_what_came_of_it(things: tuple[Installation, dict[str, str]]) -> None:
    made, ids = things
    for subject in ("member", "submission", "task", "item", "project", "dataset"):
        steps = walk(made, ids[subject], "down")
        assert [node["id"] for node in steps["dataset_version"]["nodes"]] == [ids["version"]], subject
        assert [node["id"] for node in steps["run"]["nodes"]] == [ids["run"]]
        assert [node["id"] for node in steps["model_version"]["nodes"]] == [ids["model"]]
        assert [node["id"] for node in steps["batch"]["nodes"]] == [ids["batch"]]
    assert set(walk(made, ids["version"], "down")) == {"run", "model_version", "evaluation", "batch"}
    assert walk(made, ids["test"], "down")["evaluation"]["count"] == 1
    for subject in ("run", "model", "line"):
        assert walk(made, ids[subject], "down")["evaluation"]["count"] == 1, subject
    assert set(walk(made, ids["evaluation"], "down")) == {"batch"}
    assert walk(made, ids["batch"], "down") == {}, "nobody worked on it yet"


def test_what_is_not_there_or_not_ours_is_not_found(things: tuple[Installation, dict[str, str]]) -> None:
    made, ids = things
    theirs, ours = made.browser(made.stranger()), made.browser()
    for subject in ids.values():
        assert theirs.get(f"/api/v1/lineage/{subject}").status_code == 404
        assert ours.get(f"/api/v1/lineage/{subject[:4]}nothing").status_code == 404
    assert ours.get("/api/v1/lineage/nonsense").status_code == 404
    assert ours.get(f"/api/v1/lineage/{ids['model']}?direction=sideways").status_code == 422


def test_behind_a_slice_are_its_items_on_both_sides(things: tuple[Installation, dict[str, str]]) -> None:
    made, ids = things
    evaluation = made.read(lambda tx: made.app.evaluation.get(tx, ids["evaluation"]))
    names = {part.name for part in evaluation.metrics.slices}
    assert "small" in names
    answer = made.browser().get(f"/api/v1/lineage/{ids['evaluation']}", params={"slice": "small"})
    steps = [(step["why"], step["kind"], step["count"]) for step in answer.json()["steps"]]
    assert steps[:2] == [("measured on", "dataset_version", 1), ("holds", "item", 3)]
    assert ("learnt from", "dataset_version", 1) in steps
    assert ("holds", "item", 4) in steps
    assert any(kind == "member" and count == 2 for _, kind, count in steps)


def test_a_slice_that_is_not_there_is_told(things: tuple[Installation, dict[str, str]]) -> None:
    made, ids = things
    get = made.browser().get
    assert get(f"/api/v1/lineage/{ids['evaluation']}", params={"slice": "huge"}).status_code == 404
    refused = get(f"/api/v1/lineage/{ids['model']}", params={"slice": "small"})
    assert refused.status_code == 422
    assert "evaluation" in refused.json()["detail"]


def test_a_batch_that_was_asked_for_twice_stands_once(things: tuple[Installation, dict[str, str]]) -> None:
    made, ids = things
    body = {"project_id": made.project("again"), "count": 1, "policy": "random", "name": "next"}
    made.import_pictures(body["project_id"], [picture(n) for n in range(60, 63)])
    path = f"/api/v1/evaluations/{ids['evaluation']}/send-to-labelling"
    sent = [made.finish(made.browser().post(path, json=body).json()["job_id"])["batch_id"] for _ in range(2)]
    assert sent[0] == sent[1]
    nodes = walk(made, ids["evaluation"], "down")["batch"]["nodes"]
    assert sorted(node["id"] for node in nodes) == sorted({ids["batch"], sent[0]})
