"""Models that help while people draw, through the API: real ONNX files, real pictures."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

import pytest

from goldsmith.core.annotations import Labelling
from goldsmith.core.geometry.masks import Mask
from goldsmith.core.ontology import LabelClass, Ontology
from tests.integration.quality.installation import HEIGHT, WIDTH, Installation, picture
from tests.integration.training import small_models
from tests.integration.training.test_runs import APART, start

pytest.importorskip("onnx")
pytest.importorskip("onnxruntime")


def upload(
    made: Installation, encoder: Path, decoder: Path | None, browser: Any = None, **fields: str
) -> Any:
    files = {"encoder": ("encoder.onnx", encoder.read_bytes())}
    if decoder is not None:
        files["decoder"] = ("decoder.onnx", decoder.read_bytes())
    return (browser or made.browser()).post(
        f"/api/v1/workspaces/{made.owner.workspace_id}/segmenters",
        data={"name": "clicker", "pixels": "unit", **fields},
        files=files,
    )


def item_ids(made: Installation, project_id: str) -> dict[str, str]:
    rows = made.browser().get(f"/api/v1/projects/{project_id}/items").json()["items"]
    return {row["name"]: row["item_id"] for row in rows}


def prepared(made: Installation, folder: Path) -> tuple[Installation, str, str, str]:
    """A project with pictures and a click-segmentation model: project, item and model version."""
    project_id = made.project()
    made.import_pictures(project_id, [picture(n) for n in range(2)])
    version = upload(made, *small_models.pair(folder)).json()
    return made, project_id, item_ids(made, project_id)["000.png"], version["model_version_id"]


@pytest.fixture
def ready(small: Installation, tmp_path: Path) -> tuple[Installation, str, str, str]:
    return prepared(small, tmp_path)


def test_a_model_is_added_listed_and_answers_clicks(ready: tuple[Installation, str, str, str]) -> None:
    made, project_id, item_id, version_id = ready
    ann = made.browser(made.member("Ann", project_id=project_id))
    models = ann.get(f"/api/v1/projects/{project_id}/assistants").json()
    assert models["detectors"] == []
    assert [(m["model_version_id"], m["model_name"], m["number"]) for m in models["segmenters"]] == [
        (version_id, "clicker", 1)
    ]
    view = made.browser().get(f"/api/v1/model-versions/{version_id}").json()
    assert (view["format"], view["source"], view["card"]["input"]) == (
        "segmenter",
        "imported",
        [1, 3, 64, 64],
    )

    path = f"/api/v1/projects/{project_id}/items/{item_id}/segment"
    ahead = ann.post(path, json={"model_version_id": version_id}).json()
    assert ahead == {"model_version_id": version_id, "mask": None, "score": None}
    (car,) = picture(0).gold.annotations
    left, top, right, bottom = car.geometry.bounds_xyxy()
    middle = {"x": (left + right) / 2, "y": (top + bottom) / 2}
    answer = ann.post(path, json={"points": [middle]})
    found = Mask.model_validate(answer.json()["mask"])
    assert all(found.contains(x, y) for x in (left + 3, right - 3) for y in (top + 3, bottom - 3))
    more = {"points": [middle, {"x": 1, "y": 1, "is_object": False}]}
    assert ann.post(path, json=more).json()["score"] == pytest.approx(0.75), "the first mask was mended"


def test_what_cannot_be_asked_is_said(ready: tuple[Installation, str, str, str], tmp_path: Path) -> None:
    made, project_id, item_id, version_id = ready
    ann = made.browser(made.member("Ann", project_id=project_id))
    base = f"/api/v1/projects/{project_id}/items/{item_id}"
    for body, said in (
        ({"points": [{"x": WIDTH + 1, "y": 1}]}, "click inside"),
        ({"points": [{"x": 1, "y": 1, "is_object": False}]}, "belongs to the object"),
        ({"box_xyxy": [10, 10, 5, 20]}, "in this order"),
        ({"points": [{"x": 1, "y": HEIGHT}] * 65}, "64"),
    ):
        refused = ann.post(f"{base}/segment", json=body)
        assert refused.status_code == 422, refused.text
        assert said in refused.text
    assert ann.post(f"{base}/segment", json={"model_version_id": "mdv_none"}).status_code == 404
    assert ann.post(f"{base}/suggest", json={"model_version_id": version_id}).status_code == 409
    assert "train one" in ann.post(f"{base}/suggest", json={}).json()["detail"]
    elsewhere = made.project("elsewhere")
    there = made.browser(made.member("Bea", project_id=elsewhere))
    path = f"/api/v1/projects/{elsewhere}/items/{item_id}/segment"
    assert there.post(path, json={}).status_code == 404, "the item is not in this project"
    body = {"model_version_id": version_id}
    assert made.browser().post(f"/api/v1/projects/{project_id}/prelabels", json=body).status_code == 409


def test_files_that_are_no_model_are_refused_and_nothing_is_kept(small: Installation, tmp_path: Path) -> None:
    encoder, decoder = small_models.pair(tmp_path)
    text = tmp_path / "readme.onnx"
    text.write_text("weights: see the link")
    for files, said in (
        ((text, decoder), "not an ONNX model"),
        ((decoder, encoder), "were the files exchanged"),
        ((encoder, None), "point_coords"),
    ):
        refused = upload(small, *files)
        assert refused.status_code == 422
        assert said in refused.text
    assert upload(small, encoder, decoder, name="").status_code == 422
    assert upload(small, encoder, decoder, pixels="bgr").status_code == 422
    as_json = small.browser().post(f"/api/v1/workspaces/{small.owner.workspace_id}/segmenters", json={})
    assert as_json.status_code == 400
    ann = small.browser(small.member("Ann", "reviewer"))
    assert upload(small, encoder, decoder, browser=ann).status_code == 403
    assert small.browser().get(f"/api/v1/workspaces/{small.owner.workspace_id}/models").json() == []


def test_the_choice_of_a_project_stands_first(installation: Installation, tmp_path: Path) -> None:
    made, project_id, _, _ = prepared(installation, tmp_path)
    one = small_models.write(small_models.ONE_FILE, tmp_path / "one.onnx")
    upload(made, one, None, name="newer", pixels="auto").raise_for_status()
    path = f"/api/v1/projects/{project_id}/assistants"
    browser = made.browser()
    names = lambda: [m["model_name"] for m in browser.get(path).json()["segmenters"]]  # noqa: E731
    assert names() == ["newer", "clicker"]
    clicker = next(m for m in browser.get(path).json()["segmenters"] if m["model_name"] == "clicker")
    for model_id in (None, clicker["model_id"]):
        browser.put(path, json={"segmenter_model_id": model_id}).raise_for_status()
    assert names() == ["clicker", "newer"]
    chosen = browser.get(path).json()["chosen"]
    assert chosen == {"detector_model_id": None, "segmenter_model_id": clicker["model_id"]}
    assert browser.put(path, json={"detector_model_id": "mdl_none"}).status_code == 404
    stranger = made.browser(made.stranger())
    assert stranger.get(path).status_code == 404
    again = upload(made, *small_models.pair(tmp_path))
    assert again.json()["number"] == 2, "the same name is the next version"


def test_many_clicks_at_once_look_at_the_picture_once(ready: tuple[Installation, str, str, str]) -> None:
    made, project_id, item_id, _ = ready
    service = made.app.suggesting
    looked: list[int] = []
    before = service._look

    def counting(subject: Any) -> Any:
        looked.append(len(service._embeddings))
        return before(subject)

    service._look = counting  # type: ignore[method-assign]
    from goldsmith.training.suggesting.types import ClickBody, SegmentBody

    body = SegmentBody(points=[ClickBody(x=3, y=3)])

    async def click() -> Any:
        asked = [
            service.segment(made.owner, project_id=project_id, item_id=item_id, body=body) for _ in range(5)
        ]
        return await asyncio.gather(*asked)

    made.browser()  # starts the loop that the database answers on
    answers = made._loop.run(click())  # type: ignore[union-attr]
    assert len({answer.model_dump_json() for answer in answers}) == 1
    assert looked[0] == 0
    assert len(service._embeddings) == 1


@pytest.mark.train
def test_the_projects_own_model_suggests(small: Installation) -> None:
    made = small
    project_id = made.project()
    made.import_pictures(project_id, [picture(n) for n in range(8)], labels_as="accepted")
    version_id = made.cut("streets", [project_id], **APART).dataset_version_id
    started = start(made, version_id).json()
    model_version_id = made.finish(started["job_id"])["model_version_id"]
    open_project = made.project("open")
    made.import_pictures(open_project, [picture(n) for n in range(20, 22)])
    item_id = item_ids(made, open_project)["020.png"]
    ann = made.browser(made.member("Ann", project_id=open_project))
    models = ann.get(f"/api/v1/projects/{open_project}/assistants").json()
    assert [m["model_version_id"] for m in models["detectors"]] == [model_version_id]
    path = f"/api/v1/projects/{open_project}/items/{item_id}/suggest"
    answer = ann.post(path, json={"score_threshold": 0.0}).json()
    assert answer["model_version_id"] == model_version_id
    labelling = Labelling.model_validate(answer["labelling"])
    assert labelling.annotations
    assert {a.class_id for a in labelling.annotations} <= {"car", "sign"}
    assert all(a.score is not None for a in labelling.annotations)
    sure = ann.post(path, json={"model_version_id": model_version_id, "score_threshold": 1.0}).json()
    assert sure["labelling"]["annotations"] == []

    zebras = Ontology(classes=[LabelClass(class_id="z", name="Zebra")])
    strange = made.project("strange", ontology=zebras)
    made.import_pictures(strange, [picture(30)])
    other = item_ids(made, strange)["030.png"]
    assert made.browser().get(f"/api/v1/projects/{strange}/assistants").json()["detectors"] == []
    body = {"model_version_id": model_version_id}
    refused = made.browser().post(f"/api/v1/projects/{strange}/items/{other}/suggest", json=body)
    assert refused.status_code == 422
