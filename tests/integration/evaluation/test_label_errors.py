"""Labels that an evaluation speaks against: wrong ones come first, are explained, and are labelled again on a click."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from goldsmith.core.annotations import Labelling
from goldsmith.core.geometry import Box
from goldsmith.datasets.api import VersionView
from goldsmith.demo.sources import Picture
from goldsmith.platform.database import Sql
from tests.integration.evaluation.test_evaluations import evaluated, import_results
from tests.integration.quality.installation import Installation, labelling, picture, shaken

COUNT = 30
DELETED, SWAPPED, SHIFTED = "003.png", "008.png", "014.png"


def spoilt(entry: Picture) -> Picture:
    """The picture with a label that is wrong, if it is one of those."""
    first, *rest = entry.gold.annotations
    if entry.name == DELETED:
        return replace(entry, gold=labelling(*rest))
    if entry.name == SWAPPED:
        other = "sign" if first.class_id == "car" else "car"
        return replace(entry, gold=labelling(first.model_copy(update={"class_id": other}), *rest))
    if entry.name == SHIFTED:
        left, top, right, bottom = first.geometry.bounds_xyxy()
        moved = Box(box_xyxy=(left + 9, top + 6, right + 9, bottom + 6))
        return replace(entry, gold=labelling(first.model_copy(update={"geometry": moved}), *rest))
    return entry


def detections(truth: dict[str, Labelling]) -> list[dict[str, Any]]:
    """What a good detector says: near the truth, and a little noise that it is not sure of."""
    found = []
    for number, (name, gold) in enumerate(truth.items()):
        for annotation in shaken(gold, seed=number).annotations:
            left, top, right, bottom = annotation.geometry.bounds_xyxy()
            box = [left, top, right - left, bottom - top]
            found.append(
                {
                    "image_id": name,
                    "category_id": annotation.class_id,
                    "bbox": box,
                    "score": 0.7 + number / 100,
                }
            )
        if number % 3 == 0:
            noise = {"image_id": name, "category_id": "car", "bbox": [1, 1, 6, 5], "score": 0.2}
            found.append(noise)
    return found


class Suspect:
    """A project of accepted labels, three of which are wrong, and an evaluation of a good model on it."""

    def __init__(self, made: Installation, *, split: str = "test") -> None:
        self.made = made
        truth = {f"{number:03d}.png": picture(number) for number in range(COUNT)}
        self.truth = {name: entry.gold for name, entry in truth.items()}
        self.project_id = made.project("Streets", overlap=1)
        made.import_pictures(
            self.project_id, [spoilt(entry) for entry in truth.values()], labels_as="accepted"
        )
        self.tasks = made.tasks_of(self.project_id)
        fixed = {"mode": "fixed", "fixed_split": split, "duplicate_distance": 0}
        self.version: VersionView = made.cut("streets", [self.project_id], split=fixed)

    def evaluate(self) -> str:
        return evaluated(self.made, self.version, detections(self.truth))

    def page(self, evaluation_id: str, **query: Any) -> dict[str, Any]:
        answer = self.made.browser().get(f"/api/v1/evaluations/{evaluation_id}/label-errors", params=query)
        assert answer.status_code == 200, answer.text
        found: dict[str, Any] = answer.json()
        return found

    def relabel(self, evaluation_id: str, **body: Any) -> Any:
        path = f"/api/v1/evaluations/{evaluation_id}/label-errors/relabel"
        return self.made.browser().post(path, json={"name": "Second look", **body})


@pytest.fixture
def suspect(installation: Installation) -> Suspect:
    return Suspect(installation)


def test_wrong_labels_come_first_and_are_labelled_again(suspect: Suspect) -> None:
    evaluation_id = suspect.evaluate()
    page = suspect.page(evaluation_id)
    top = {row["item_name"]: row for row in page["items"][:3]}
    assert {name: row["kind"] for name, row in top.items()} == {
        DELETED: "missed",
        SWAPPED: "class",
        SHIFTED: "shape",
    }
    assert [row["score"] for row in page["items"]] == sorted(
        (r["score"] for r in page["items"]), reverse=True
    )
    assert [row["suspicion"] for row in page["items"]] == list(range(1, len(page["items"]) + 1))
    assert page["looked_at"] == COUNT
    assert page["learnt"] == 0
    assert "not known here" in page["note"], (
        "predictions made elsewhere may be of a model that knows the pictures"
    )
    missed, swapped, shifted = top[DELETED], top[SWAPPED], top[SHIFTED]
    assert (missed["label"], missed["annotation_id"]) == (None, None)
    assert missed["prediction"]["kind"] == "box"
    assert "where nothing is labelled" in missed["sentence"]
    assert {swapped["class_id"], swapped["suggested_class_id"]} == {"car", "sign"}
    assert "but the model sees" in swapped["sentence"]
    assert shifted["label"]["box_xyxy"] != shifted["prediction"]["box_xyxy"]
    assert all(row["task_id"] == suspect.tasks[row["item_name"]] for row in top.values())
    assert {row["project_id"] for row in top.values()} == {suspect.project_id}

    sent = suspect.relabel(evaluation_id, suspicions=[row["suspicion"] for row in top.values()]).json()
    assert (sent["tasks"], sent["already"], sent["left_out"]) == (3, 0, 0)
    (batch,) = sent["batches"]
    assert batch["project_id"] == suspect.project_id
    states = suspect.made.states(suspect.project_id)
    assert {name for name, state in states.items() if state == "open"} == {DELETED, SWAPPED, SHIFTED}
    assert all(row["asked_ms"] for row in suspect.page(evaluation_id)["items"][:3])
    again = suspect.relabel(evaluation_id, task_ids=[suspect.tasks[DELETED]]).json()
    assert (again["tasks"], again["already"], again["batches"]) == (0, 1, [])

    browser, workspace_id = suspect.made.browser(), suspect.made.owner.workspace_id
    log = browser.get(f"/api/v1/workspaces/{workspace_id}/audit", params={"action": "evaluation"}).json()
    entry = next(row for row in log["items"] if row["detail"].get("tasks") == 3)
    assert (entry["action"], entry["target"]) == ("evaluation.labels_asked_again", evaluation_id)
    worker = suspect.made.member("Bea", project_id=suspect.project_id)
    answered = suspect.made.label(suspect.project_id, worker, lambda name: suspect.truth[name])
    assert answered == 3


def test_the_list_is_paged_and_filtered(suspect: Suspect) -> None:
    evaluation_id = suspect.evaluate()
    whole = suspect.page(evaluation_id)
    assert sum(whole["counts"].values()) == len(whole["items"])
    for kind, count in whole["counts"].items():
        seen: list[int] = []
        cursor: str | None = "0"
        while cursor is not None:
            page = suspect.page(evaluation_id, kind=kind, limit=1, cursor=cursor)
            seen += [row["suspicion"] for row in page["items"]]
            cursor = page["next_cursor"]
        assert seen == [row["suspicion"] for row in whole["items"] if row["kind"] == kind]
        assert len(seen) == count
    browser, path = suspect.made.browser(), f"/api/v1/evaluations/{evaluation_id}/label-errors"
    for query in ({"cursor": "x"}, {"cursor": "-1"}, {"kind": "odd"}, {"limit": 0}, {"limit": 501}):
        assert browser.get(path, params=query).status_code == 422


def test_what_is_refused(small: Installation) -> None:
    suspect = Suspect(small)
    evaluation_id = suspect.evaluate()
    assert suspect.relabel(evaluation_id).status_code == 422
    assert suspect.relabel(evaluation_id, suspicions=[999]).status_code == 404
    assert suspect.relabel(evaluation_id, task_ids=["tsk_nothing"]).status_code == 404
    assert suspect.relabel(evaluation_id, suspicions=[0]).status_code == 422
    assert suspect.relabel(evaluation_id, suspicions=[1], name="").status_code == 422
    path = f"/api/v1/evaluations/{evaluation_id}/label-errors"
    stranger = small.browser(small.stranger())
    assert stranger.get(path).status_code == 404
    assert stranger.post(f"{path}/relabel", json={"name": "x", "suspicions": [1]}).status_code == 404
    worker = small.browser(small.member("Bea", project_id=suspect.project_id))
    assert worker.get(path).status_code == 403
    reviewer = small.browser(small.member("Rea", "reviewer", project_id=suspect.project_id))
    assert reviewer.post(f"{path}/relabel", json={"name": "x", "suspicions": [1]}).status_code == 403


def test_known_answers_and_deleted_pictures_are_left_out(small: Installation) -> None:
    suspect = Suspect(small)
    evaluation_id = suspect.evaluate()
    first, second, third = suspect.page(evaluation_id)["items"][:3]
    small.browser().delete(f"/api/v1/items/{first['item_id']}").raise_for_status()
    sent = suspect.relabel(evaluation_id, suspicions=[first["suspicion"], second["suspicion"]]).json()
    assert (sent["tasks"], sent["left_out"]) == (1, 1)
    assert third["asked_ms"] is None


def test_gold_is_told_and_never_asked_again(small: Installation) -> None:
    pictures = [picture(number) for number in range(COUNT)]
    _, version = small.test_set([spoilt(entry) for entry in pictures])
    found = detections({entry.name: entry.gold for entry in pictures})
    evaluation_id = evaluated(small, version, found)
    browser, path = small.browser(), f"/api/v1/evaluations/{evaluation_id}/label-errors"
    rows = browser.get(path).json()["items"][:3]
    assert all(row["is_gold"] for row in rows)
    sent = browser.post(f"{path}/relabel", json={"name": "x", "suspicions": [1, 2, 3]}).json()
    assert (sent["tasks"], sent["left_out"]) == (0, 3)


@pytest.mark.parametrize(("split", "is_all"), [("fixed", True), ("hash", False)])
def test_pictures_the_model_learnt_from_are_left_out(small: Installation, split: str, is_all: bool) -> None:
    suspect = Suspect(small)
    mode = {"mode": split, "fixed_split": "train", "fractions": {"train": 0.5, "test": 0.5}, "seed": 3}
    learnt = small.cut("learnt", [suspect.project_id], split=mode)
    browser, workspace = small.browser(), f"/api/v1/workspaces/{small.owner.workspace_id}"
    started = import_results(small, suspect.version, detections(suspect.truth)).json()
    body = {
        "recipe": browser.get("/api/v1/recipes").json()[0]["recipe"],
        "dataset_version_id": learnt.dataset_version_id,
        "seed": 0,
        "model_name": "learner",
    }
    run = browser.post(f"{workspace}/runs", json=body).json()
    small.write(lambda tx: small.app.machine.jobs.request_cancel(tx, run["job_id"]))
    view = browser.get(f"/api/v1/evaluations/{started['evaluation_id']}").json()
    made_by = Sql("UPDATE model_versions SET run_id = :run_id WHERE model_version_id = :model_version_id")
    ids = {"run_id": run["run_id"], "model_version_id": view["model_version_id"]}
    small.write(lambda tx: tx.run(made_by, ids))
    small.finish(started["job_id"])
    page = suspect.page(started["evaluation_id"])
    trained = {entry.name for entry in small.app.datasets.read_entries(learnt, split="train")}
    assert (page["learnt"], page["looked_at"]) == (len(trained), COUNT - len(trained))
    assert (page["looked_at"] == 0) is is_all
    assert ("learnt from all" in page["note"]) is is_all
    assert ("are left out" in page["note"]) is not is_all
    assert trained.isdisjoint(row["item_name"] for row in page["items"])
