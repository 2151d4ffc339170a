"""Measuring, comparing, and sending failures back to labelling, with predictions made elsewhere."""

from __future__ import annotations

from typing import Any

import pytest

from goldsmith.datasets.api import VersionView
from tests.integration.quality.installation import ONTOLOGY, Installation, picture, shaken


def results(made: Installation, names: list[str], *, miss: float = 0.0) -> list[dict[str, Any]]:
    """Predictions in COCO results form."""
    found = []
    for number, name in enumerate(names):
        for annotation in shaken(made.truth[name].gold, seed=number, miss=miss).annotations:
            left, top, right, bottom = annotation.geometry.bounds_xyxy()
            found.append(
                {
                    "image_id": name,
                    "category_id": annotation.class_id,
                    "bbox": [left, top, right - left, bottom - top],
                    "score": 0.9,
                }
            )
    return found


@pytest.fixture
def measured(small: Installation) -> tuple[Installation, VersionView, list[str]]:
    pictures = [picture(n, kind="day" if n % 2 else "night") for n in range(12)]
    _, version = small.test_set(pictures)
    return small, version, [entry.name for entry in pictures]


def import_results(made: Installation, version: VersionView, found: Any, **more: Any) -> Any:
    body = {"name": "theirs", "dataset_version_id": version.dataset_version_id, "results": found, **more}
    return made.browser().post(f"/api/v1/workspaces/{made.owner.workspace_id}/evaluations/import", json=body)


def evaluated(made: Installation, version: VersionView, found: Any) -> str:
    answer = import_results(made, version, found)
    assert answer.status_code == 202, answer.text
    made.finish(answer.json()["job_id"])
    return str(answer.json()["evaluation_id"])


def test_imported_results_are_measured_and_compared(
    measured: tuple[Installation, VersionView, list[str]],
) -> None:
    made, version, names = measured
    good = evaluated(made, version, results(made, names))
    bad = evaluated(made, version, results(made, names, miss=0.7))
    browser = made.browser()
    view = browser.get(f"/api/v1/evaluations/{good}").json()
    assert view["state"] == "done"
    metrics = view["metrics"]
    assert metrics["numbers"]["ap50"]["value"] > 0.95
    assert metrics["images"] == 12
    assert {row["name"] for row in metrics["slices"] if row["kind"] == "metadata"} == {
        "light = day",
        "light = night",
    }
    assert [row["class_id"] for row in metrics["classes"]] == ["car", "sign"]
    compared = browser.get(f"/api/v1/evaluations/{good}/compare/{bad}").json()
    assert compared["verdict"] == "better"
    assert compared["difference"]["low"] > 0
    assert browser.get(f"/api/v1/evaluations/{bad}/compare/{good}").json()["verdict"] == "worse"
    assert browser.get(f"/api/v1/evaluations/{good}/compare/{good}").json()["verdict"] == "inconclusive"
    seen: list[float] = []
    cursor = ""
    while cursor is not None:
        page = browser.get(f"/api/v1/evaluations/{bad}/samples", params={"limit": 5, "cursor": cursor}).json()
        seen += [row["badness"] for row in page["items"]]
        cursor = page["next_cursor"]
    assert len(seen) == 12
    assert seen == sorted(seen, reverse=True)
    listed = browser.get(f"/api/v1/workspaces/{made.owner.workspace_id}/evaluations").json()["items"]
    assert [row["evaluation_id"] for row in listed] == [bad, good]


def test_results_that_do_not_fit_are_told(measured: tuple[Installation, VersionView, list[str]]) -> None:
    made, version, names = measured
    fit = results(made, names)[0]
    for change, word in (
        ({"image_id": "nowhere.png"}, "not in this split"),
        ({"category_id": "plane"}, "is not a class"),
        ({"bbox": [1, 1, -4, 4]}, "negative"),
    ):
        refused = import_results(made, version, [fit, {**fit, **change}])
        assert refused.status_code == 422
        assert word in refused.json()["errors"][0]["what"]
    for body in ([{"image_id": 1}], "nothing", None, [{**fit, "score": "high"}]):
        assert import_results(made, version, body).status_code == 422
    assert import_results(made, version, [fit], split="validation").status_code == 422
    by_number = [{**fit, "image_id": 1, "category_id": 1}, {**fit, "image_id": "2", "category_id": "Sign"}]
    assert import_results(made, version, by_number).status_code == 202
    browser = made.browser()
    refused = browser.request(
        "POST",
        f"/api/v1/workspaces/{made.owner.workspace_id}/evaluations/import",
        content=b"\xff not json",
        headers={"content-type": "application/json"},
    )
    assert refused.status_code == 422


def test_an_evaluation_outlives_its_items(measured: tuple[Installation, VersionView, list[str]]) -> None:
    made, version, names = measured
    entry = next(iter(made.app.datasets.read_entries(version)))
    made.browser().delete(f"/api/v1/items/{entry.item_id}").raise_for_status()
    good = evaluated(made, version, results(made, names))
    assert made.browser().get(f"/api/v1/evaluations/{good}").json()["metrics"]["images"] == 12


def test_failures_become_a_batch(measured: tuple[Installation, VersionView, list[str]]) -> None:
    made, version, names = measured
    evaluation = evaluated(made, version, results(made, names))
    project_id = made.project("to label")
    items = made.import_pictures(project_id, [picture(n) for n in range(20, 28)])
    browser = made.browser()
    path = f"/api/v1/evaluations/{evaluation}/send-to-labelling"
    body = {"project_id": project_id, "count": 3, "policy": "random", "name": "next", "seed": 5}
    sent = made.finish(browser.post(path, json=body).json()["job_id"])
    assert len(sent["item_ids"]) == sent["tasks"] == 3
    assert set(sent["item_ids"]) <= set(items.values())
    batch = browser.get(f"/api/v1/projects/{project_id}/items", params={"batch": sent["batch_id"]}).json()
    assert {row["item_id"] for row in batch["items"]} == set(sent["item_ids"])
    named = {**body, "item_ids": [items["021.png"], items["020.png"]], "name": "these"}
    sent = made.finish(browser.post(path, json=named).json()["job_id"])
    assert sent["item_ids"] == [items["021.png"], items["020.png"]]
    gain = browser.post(path, json={**body, "policy": "gain"})
    assert gain.status_code == 409, "a model that predicted elsewhere cannot look at new pictures"
    assert browser.post(path, json={**body, "item_ids": ["itm_nothing"]}).status_code == 404
    assert browser.post(path, json={**body, "project_id": "prj_nothing"}).status_code == 404


def test_a_cancelled_evaluation_says_so(measured: tuple[Installation, VersionView, list[str]]) -> None:
    made, version, names = measured
    answer = import_results(made, version, results(made, names)).json()
    made.write(lambda tx: made.app.machine.jobs.request_cancel(tx, answer["job_id"]))
    made.run_jobs()
    view = made.browser().get(f"/api/v1/evaluations/{answer['evaluation_id']}").json()
    assert view["state"] == "cancelled"
    other = evaluated(made, version, results(made, names))
    refused = made.browser().get(f"/api/v1/evaluations/{answer['evaluation_id']}/compare/{other}")
    assert refused.status_code == 409


def test_another_workspace_is_not_reached(installation: Installation) -> None:
    made = installation
    _, version = made.test_set([picture(n) for n in range(3)])
    evaluation = evaluated(made, version, results(made, ["000.png"]))
    view = made.browser().get(f"/api/v1/evaluations/{evaluation}").json()
    stranger = made.stranger()
    theirs = made.browser(stranger)
    base = f"/api/v1/workspaces/{stranger.workspace_id}/evaluations"
    ids = {"model_version_id": view["model_version_id"], "dataset_version_id": version.dataset_version_id}
    assert theirs.post(base, json=ids).status_code == 404
    imported = {"name": "x", "dataset_version_id": version.dataset_version_id, "results": []}
    assert theirs.post(f"{base}/import", json=imported).status_code == 404
    assert theirs.get(f"/api/v1/evaluations/{evaluation}").status_code == 404
    assert theirs.get(f"/api/v1/evaluations/{evaluation}/samples").status_code == 404
    own = made.project("own", access=stranger, ontology=ONTOLOGY)
    send = {"project_id": own, "name": "n"}
    assert theirs.post(f"/api/v1/evaluations/{evaluation}/send-to-labelling", json=send).status_code == 404
    # ours may not be sent to theirs, or theirs be named by ours
    path = f"/api/v1/evaluations/{evaluation}/send-to-labelling"
    assert made.browser().post(path, json=send).status_code == 404
    assert theirs.get(f"/api/v1/evaluations/{evaluation}/compare/{evaluation}").status_code == 404
