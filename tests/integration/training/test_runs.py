"""Runs as jobs: trained for real on tiny pictures, cancelled, failing; and models at work as pre-labellers."""

from __future__ import annotations

from typing import Any

import pytest

from goldsmith.core.annotations import Labelling
from goldsmith.core.ontology import Attribute, LabelClass, Ontology, Option
from goldsmith.training.api import RECIPES, Recipe
from tests.integration.quality.installation import Installation, picture

QUICK = next(card.recipe for card in RECIPES if card.name == "detect-quick")
TINY = Recipe.model_validate(
    {**QUICK.model_dump(), "steps": 4, "input_size_px": 96, "crop_size_px": 64, "batch_size": 4, "threads": 1}
)
APART = {"split": {"duplicate_distance": 0}}


def start(made: Installation, version_id: str, **more: Any) -> Any:
    body = {
        "recipe": TINY.model_dump(mode="json"),
        "dataset_version_id": version_id,
        "model_name": "street detector",
        **more,
    }
    return made.browser().post(f"/api/v1/workspaces/{made.owner.workspace_id}/runs", json=body)


@pytest.fixture
def cut(small: Installation) -> tuple[Installation, str]:
    project_id = small.project()
    small.import_pictures(project_id, [picture(n) for n in range(8)], labels_as="accepted")
    return small, small.cut("streets", [project_id], **APART).dataset_version_id


@pytest.mark.train
def test_a_run_makes_a_model_that_is_measured_and_labels(cut: tuple[Installation, str]) -> None:
    made, version_id = cut
    _, test = made.test_set([picture(n) for n in range(40, 44)])
    started = start(made, version_id).json()
    result = made.finish(started["job_id"])
    browser = made.browser()
    run = browser.get(f"/api/v1/runs/{started['run_id']}").json()
    assert (run["state"], run["error"]) == ("done", None)
    assert run["model_version_id"] == result["model_version_id"]
    assert run["curves"][-1]["step"] == 4
    assert run["environment"]["packages"]["torch"]
    model = browser.get(f"/api/v1/model-versions/{run['model_version_id']}").json()
    assert (model["source"], model["number"], model["classes"]) == ("trained", 1, ["car", "sign"])
    (line,) = browser.get(f"/api/v1/workspaces/{made.owner.workspace_id}/models").json()
    assert [row["model_version_id"] for row in line["versions"]] == [model["model_version_id"]]
    base = f"/api/v1/workspaces/{made.owner.workspace_id}/evaluations"
    body = {"model_version_id": model["model_version_id"], "dataset_version_id": test.dataset_version_id}
    evaluation = browser.post(base, json=body).json()
    # what was cut is measured whole, although an item of it is gone
    gone = next(iter(made.app.datasets.read_entries(test)))
    browser.delete(f"/api/v1/items/{gone.item_id}").raise_for_status()
    made.finish(evaluation["job_id"])
    view = browser.get(f"/api/v1/evaluations/{evaluation['evaluation_id']}").json()
    assert view["metrics"]["images"] == 4

    # other ids, the same names; a class that may not be drawn as a box; an attribute that a person must answer
    weather = Attribute(
        attribute_id="w", name="W", kind="choice", options=[Option(option_id="x", name="X")], is_required=True
    )
    elsewhere = Ontology(
        classes=[
            LabelClass(class_id="c1", name="car", attributes=[weather]),
            LabelClass(class_id="c2", name="Sign", geometry_kinds=["polygon"]),
        ]
    )
    project_id = made.project("elsewhere", ontology=elsewhere)
    made.import_pictures(project_id, [picture(n) for n in range(60, 63)])
    prelabel = f"/api/v1/projects/{project_id}/prelabels"
    threshold = {"model_version_id": model["model_version_id"], "score_threshold": 0.0}
    done = made.finish(browser.post(prelabel, json=threshold).json()["job_id"])
    assert done == {"tasks": 3, "stored": 3}
    ann = made.browser(made.member("Ann", project_id=project_id))
    task = ann.post(f"/api/v1/projects/{project_id}/tasks/next", json={"stage": "label"}).json()
    assert {a["class_id"] for a in task["prelabel"]["annotations"]} <= {"c1"}
    assert all(a["geometry"]["kind"] == "box" for a in task["prelabel"]["annotations"])
    gain = {"project_id": project_id, "count": 2, "policy": "gain", "name": "next"}
    path = f"/api/v1/evaluations/{evaluation['evaluation_id']}/send-to-labelling"
    sent = made.finish(browser.post(path, json=gain).json()["job_id"])
    assert len(sent["item_ids"]) == 2

    strange = made.project("strange", ontology=Ontology(classes=[LabelClass(class_id="z", name="Zebra")]))
    refused = browser.post(f"/api/v1/projects/{strange}/prelabels", json=threshold).json()
    made.run_jobs()
    assert made.job(refused["job_id"]).state == "failed"


def test_a_run_that_is_cancelled_while_it_waits_says_so(cut: tuple[Installation, str]) -> None:
    made, version_id = cut
    started = start(made, version_id).json()
    assert made.browser().get(f"/api/v1/runs/{started['run_id']}").json()["state"] == "queued"
    made.write(lambda tx: made.app.machine.jobs.request_cancel(tx, started["job_id"]))
    made.run_jobs()
    run = made.browser().get(f"/api/v1/runs/{started['run_id']}").json()
    assert run["state"] == "cancelled"
    assert run["finished_ms"] is not None
    (listed,) = made.browser().get(f"/api/v1/workspaces/{made.owner.workspace_id}/runs").json()["items"]
    assert listed["state"] == "cancelled"


@pytest.mark.train
def test_a_run_without_anything_to_learn_fails_with_its_reason(small: Installation) -> None:
    made = small
    project_id = made.project()
    pictures = [picture(n) for n in range(3)]
    empty = [
        type(entry)(entry.name, entry.data, entry.width, entry.height, Labelling()) for entry in pictures
    ]
    made.import_pictures(project_id, empty, labels_as="accepted")
    version = made.cut("empty", [project_id], **APART)
    started = start(made, version.dataset_version_id).json()
    made.run_jobs()
    run = made.browser().get(f"/api/v1/runs/{started['run_id']}").json()
    assert run["state"] == "failed"
    assert run["error"]
    assert made.job(started["job_id"]).error is not None


def test_what_cannot_be_trained_is_said_at_once(small: Installation) -> None:
    made = small
    _, test = made.test_set([picture(n) for n in range(2)])
    refused = start(made, test.dataset_version_id)
    assert refused.status_code == 422
    assert "train" in refused.json()["detail"]
    assert start(made, "dsv_nothing").status_code == 404
    assert start(made, test.dataset_version_id, seed=-1).status_code == 422


def test_another_workspace_is_not_reached(cut: tuple[Installation, str]) -> None:
    made, version_id = cut
    stranger = made.stranger()
    theirs = made.browser(stranger)
    started = start(made, version_id).json()
    body = {"recipe": TINY.model_dump(mode="json"), "dataset_version_id": version_id}
    assert theirs.post(f"/api/v1/workspaces/{stranger.workspace_id}/runs", json=body).status_code == 404
    assert theirs.get(f"/api/v1/runs/{started['run_id']}").status_code == 404
    imported = made.write(
        lambda tx: made.app.training.import_model_version(
            tx, made.owner, name="theirs", classes=["car"], card={}
        )
    )
    version = {"model_version_id": imported.model_version_id}
    own = made.project("own", access=stranger)
    assert theirs.post(f"/api/v1/projects/{own}/prelabels", json=version).status_code == 404
    mine = made.project("mine")
    refused = made.browser().post(f"/api/v1/projects/{mine}/prelabels", json=version)
    assert refused.status_code == 409, "it predicted elsewhere"
