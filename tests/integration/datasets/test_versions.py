"""Cutting, comparing and exporting versions of real labels."""

from __future__ import annotations

import contextlib
import io
import json
import random
import shutil
import zipfile
from pathlib import Path
from typing import Any

import pytest
from PIL import Image
from pycocotools.coco import COCO

from goldsmith.core.ids import Ids, ManualClock
from goldsmith.core.ontology import Attribute, AttributeKind, Ontology
from goldsmith.datasets.api import open_folder
from goldsmith.datasets.types import EXPORT_FORMATS
from goldsmith.items.api import LabelsAs, NewItem, NewTask
from goldsmith.items.policy.pages import PAGE_GAP_PX
from goldsmith.platform.database import Transaction
from tests.integration.quality.installation import Installation, box, labelling, picture, shaken
from tests.pdf_files import pdf_of

APART = {"split": {"duplicate_distance": 0}}


def label(made: Installation, project_id: str, *, people: int = 3) -> None:
    made.label_all(project_id, people=people)


def test_a_version_holds_what_the_policy_lets_in(installation: Installation) -> None:
    made = installation
    project_id = made.project(overlap=3, gold_rate=0.2)
    made.import_pictures(project_id, [picture(50, group="g"), picture(51)], labels_as="gold", batch="gold")
    made.import_pictures(project_id, [picture(n, group=f"street {n // 3}") for n in range(9)])
    label(made, project_id)
    version = made.cut("streets", [project_id], **APART)
    assert version.number == 1
    entries = {entry.name: entry for entry in made.app.datasets.read_entries(version)}
    assert set(entries) == {f"{n:03d}.png" for n in [*range(9), 50, 51]}
    assert {name for name, entry in entries.items() if entry.label_kind == "gold"} == {"050.png", "051.png"}
    groups: dict[str, set[str]] = {}
    for entry in entries.values():
        groups.setdefault(entry.group_key, set()).add(entry.split)
    assert all(len(splits) == 1 for group, splits in groups.items() if group)
    assert {entry.split for entry in entries.values()} == {"train", "validation"}
    again = made.cut("streets", [project_id], **APART)
    assert again.dataset_version_id == version.dataset_version_id, "nothing changed, so it is that version"

    consensus_only = made.cut("streets", [project_id], labels={"label_kinds": ["consensus"]}, **APART)
    assert (consensus_only.number, consensus_only.parent_id) == (2, version.dataset_version_id)
    assert consensus_only.card["left_out"] == {"label is gold": 2}
    reviewed = made.cut("reviewed", [project_id], labels={"reviewed_only": True}, **APART)
    assert {entry.name for entry in made.app.datasets.read_entries(reviewed)} == {"050.png", "051.png"}
    few = made.cut(
        "few", [project_id], item_ids=[entries["001.png"].item_id, entries["002.png"].item_id], **APART
    )
    diff = made.browser().get(
        f"/api/v1/dataset-versions/{few.dataset_version_id}/diff/{version.dataset_version_id}"
    )
    assert diff.json()["counts"]["removed"] == 9
    page = (
        made.browser()
        .get(f"/api/v1/dataset-versions/{version.dataset_version_id}/items", params={"limit": 4})
        .json()
    )
    assert len(page["items"]) == 4
    assert page["next_cursor"] is not None


def test_a_version_is_kept_apart_from_a_test_set(small: Installation) -> None:
    made = small
    _, test = made.test_set([picture(n, group=f"street {n // 2}") for n in range(4)])
    project_id = made.project()
    same_group = picture(30, group="street 1")
    copy = picture(0, group="")
    made.import_pictures(
        project_id,
        [copy, same_group, *(picture(n) for n in range(10, 14))],
        labels_as="accepted",
    )
    version = made.cut("apart", [project_id], keep_apart_from=[test.dataset_version_id], **APART)
    names = {entry.name for entry in made.app.datasets.read_entries(version)}
    assert names == {f"{n:03d}.png" for n in range(10, 14)}
    assert version.card["left_out"] == {"belongs with an item of a version to keep apart from": 2}


def test_one_picture_in_two_projects_enters_once(small: Installation) -> None:
    made = small
    first = made.project("one")
    items = made.import_pictures(first, [picture(n) for n in range(3)], labels_as="accepted")
    second = made.project("two")
    batch = made.write(
        lambda tx: made.app.projects.ensure_batch(tx, project_id=second, created_by=made.owner.member_id)
    )
    made.write(
        lambda tx: made.app.labeling.requeue(
            tx, project_id=second, item_ids=[items["001.png"]], batch_id=batch.batch_id
        )
    )
    made.label(second, made.member("Ann", project_id=second), lambda name: labelling(box("car", 1, 1, 9, 9)))
    made.run_jobs()
    version = made.cut("both", [first, second], **APART)
    entries = list(made.app.datasets.read_entries(version))
    assert sorted(entry.name for entry in entries) == ["000.png", "001.png", "002.png"]
    assert version.card["left_out"] == {"labelled in an earlier project of the policy too": 1}


def _requeue(made: Installation, project_id: str, name: str) -> None:
    task_id = made.tasks_of(project_id)[name]
    made.write(lambda tx: made.app.labeling.requeue(tx, project_id=project_id, task_ids=[task_id]))


def test_the_same_labels_have_the_same_hash_on_another_installation(
    sqlite_url: str, tmp_path: Path, clock: ManualClock
) -> None:
    hashes = []
    for number in range(2):
        folder = tmp_path / str(number)
        folder.mkdir()
        shutil.copy(sqlite_url.removeprefix("sqlite:///"), folder / "goldsmith.db")
        made = Installation(
            database_url=f"sqlite:///{folder / 'goldsmith.db'}",
            folder=folder,
            clock=clock,
            ids=Ids(clock, random.Random(number)),
        )
        project_id = made.project("Streets" if number else "Other name", overlap=3)
        made.import_pictures(project_id, [picture(n, group=f"g{n // 2}") for n in range(6)])
        label(made, project_id)
        version = made.cut("streets", [project_id], **APART)
        hashes.append(
            (version.content_hash, sorted(e.split for e in made.app.datasets.read_entries(version)))
        )
        _requeue(made, project_id, "000.png")
        late = made.member("Late", project_id=project_id)
        made.label(project_id, late, lambda name: shaken(picture(0).gold, seed=99))
        made.run_jobs()
        assert made.cut("streets", [project_id], **APART).content_hash != version.content_hash
        made.close()
    assert hashes[0] == hashes[1]


@pytest.fixture
def exported(small: Installation) -> tuple[Installation, str]:
    project_id = small.project()
    small.import_pictures(project_id, [picture(n, group=f"g{n}") for n in range(5)], labels_as="accepted")
    return small, small.cut("streets", [project_id], **APART).dataset_version_id


def archive_of(
    made: Installation, version_id: str, format_name: str, **more: str
) -> tuple[zipfile.ZipFile, Any]:
    browser = made.browser()
    body = {"format": format_name, **more}
    queued = browser.post(f"/api/v1/dataset-versions/{version_id}/exports", json=body)
    assert queued.status_code == 202, queued.text
    job_id = queued.json()["job_id"]
    assert browser.get(f"/api/v1/exports/{job_id}/file").status_code == 409
    result = made.finish(job_id)
    answer = browser.get(f"/api/v1/exports/{job_id}/file")
    assert answer.headers["content-length"] == str(len(answer.content)) == str(result["size_bytes"])
    return zipfile.ZipFile(io.BytesIO(answer.content)), result["losses"]


@pytest.mark.parametrize("format_name", sorted(EXPORT_FORMATS))
def test_every_format_is_written_with_its_pictures(
    exported: tuple[Installation, str], format_name: str, tmp_path: Path
) -> None:
    made, version_id = exported
    archive, losses = archive_of(made, version_id, format_name)
    assert archive.testzip() is None
    assert losses["samples"] == 5
    assert "loss_report.json" in archive.namelist()
    pictures = 0
    for name in archive.namelist():
        if name.startswith(("semantic/", "instances/")):
            continue  # pictures of the labels
        with contextlib.suppress(OSError), Image.open(io.BytesIO(archive.read(name))) as image:
            pictures += image.size == (96, 64)
    assert pictures == 5
    archive.extractall(tmp_path)
    if format_name == "goldsmith":
        reader = open_folder(tmp_path)
        assert len(reader.in_split(None)) == 5


def test_the_variant_of_yolo_is_chosen(exported: tuple[Installation, str]) -> None:
    made, version_id = exported
    numbers = {}
    for variant in ("auto", "obb"):
        archive, _ = archive_of(made, version_id, "yolo", yolo_variant=variant)
        lines = [
            line
            for name in archive.namelist()
            if name.startswith("labels/")
            for line in archive.read(name).decode().splitlines()
        ]
        numbers[variant] = {len(line.split()) for line in lines}
    assert numbers == {"auto": {5}, "obb": {9}}
    path = f"/api/v1/dataset-versions/{version_id}/exports"
    refused = made.browser().post(path, json={"format": "yolo", "yolo_variant": "round"})
    assert refused.status_code == 422


def test_the_coco_export_loads_in_pycocotools(exported: tuple[Installation, str], tmp_path: Path) -> None:
    made, version_id = exported
    archive, _ = archive_of(made, version_id, "coco")
    archive.extractall(tmp_path)
    found = 0
    for document in tmp_path.rglob("*.json"):
        if document.name == "loss_report.json":
            continue
        with contextlib.redirect_stdout(io.StringIO()):
            coco = COCO(str(document))
        for image_id in coco.getImgIds():
            (image,) = coco.loadImgs(image_id)
            truth = made.truth[image["file_name"].rsplit("/", 1)[-1]].gold
            boxes = sorted(tuple(a["bbox"][:2]) for a in coco.loadAnns(coco.getAnnIds(imgIds=[image_id])))
            assert boxes == sorted(tuple(a.geometry.bounds_xyxy()[:2]) for a in truth.annotations)
            found += 1
    assert found == 5


def test_what_cannot_be_done_is_said_at_once(exported: tuple[Installation, str]) -> None:
    made, version_id = exported
    browser = made.browser()
    path = f"/api/v1/dataset-versions/{version_id}/exports"
    refused = browser.post(path, json={"format": "excel"})
    assert (refused.status_code, refused.json()["code"]) == (422, "invalid_input")
    dataset = browser.post(
        f"/api/v1/workspaces/{made.owner.workspace_id}/datasets", json={"name": "x"}
    ).json()
    cut = f"/api/v1/datasets/{dataset['dataset_id']}/versions"
    project_id = made.project("empty")
    for body in (
        {"project_ids": []},
        {"project_ids": [project_id, project_id]},
        {"project_ids": [project_id], "split": {"fractions": {"train": 0.5}}},
        {"project_ids": [project_id], "split": {"fractions": {"../../up": 1.0}}},
        {"project_ids": [project_id], "labels": {"minimum_posterior": 2}},
    ):
        assert browser.post(cut, json=body).status_code == 422, body
    job_id = browser.post(cut, json={"project_ids": [project_id]}).json()["job_id"]
    made.run_jobs()
    view = made.job(job_id)
    assert view.state == "failed"
    assert view.error is not None
    assert "widen the policy" in view.error.detail


def test_another_workspace_is_not_reached(exported: tuple[Installation, str]) -> None:
    made, version_id = exported
    stranger = made.stranger()
    theirs = made.browser(stranger)
    assert theirs.get(f"/api/v1/dataset-versions/{version_id}").status_code == 404
    assert (
        theirs.post(f"/api/v1/dataset-versions/{version_id}/exports", json={"format": "coco"}).status_code
        == 404
    )
    path = f"/api/v1/workspaces/{stranger.workspace_id}/datasets"
    dataset = theirs.post(path, json={"name": "mine"}).json()["dataset_id"]
    own = made.project("own", access=stranger)
    ours = made.read(lambda tx: made.app.datasets.get_version(tx, version_id)).policy.project_ids
    for body in (
        {"project_ids": [own, *ours]},
        {"project_ids": [own], "keep_apart_from": [version_id]},
        {"project_ids": ["prj_nothing"]},
    ):
        assert theirs.post(f"/api/v1/datasets/{dataset}/versions", json=body).status_code == 404, body
    mine = made.cut("again", ours, **APART)
    made.browser().get(
        f"/api/v1/dataset-versions/{mine.dataset_version_id}/diff/{version_id}"
    ).raise_for_status()
    assert theirs.get(f"/api/v1/dataset-versions/{version_id}/diff/{version_id}").status_code == 404


def test_shaken_labels_are_near_the_truth() -> None:
    """The crowd of these tests is careful; what they check rests on it."""
    truth = picture(3).gold
    for one, other in zip(truth.annotations, shaken(truth, seed=1).annotations, strict=True):
        assert one.geometry.bounds_xyxy() == pytest.approx(other.geometry.bounds_xyxy(), abs=2.0)


def test_a_document_comes_with_the_files_that_it_names_or_they_are_told_as_lost(small: Installation) -> None:
    made = small
    question = Attribute(attribute_id="kind", name="Kind", kind=AttributeKind.TEXT)
    project_id = made.project("Letters", ontology=Ontology(questions=[question]), overlap=1)
    pdf = b"%PDF-1.4\n" + b"0" * 100
    stored = made.app.items.put_file(made.owner.workspace_id, pdf)
    parts = [{"kind": "pdf", "sha256": stored.sha256}, {"kind": "text", "text": "What is it?"}]
    record = {"name": "letter", "parts": parts, "labelling": {"answers": {"kind": "bill"}}}
    made.browser().post(
        f"/api/v1/projects/{project_id}/items/bulk?labels_as=accepted", content=json.dumps(record).encode()
    )
    made.run_jobs()
    version = made.cut("letters", [project_id], split={"mode": "fixed", "fixed_split": "train"})
    (entry,) = made.app.datasets.read_entries(version)
    archive, losses = archive_of(made, version.dataset_version_id, "goldsmith")
    assert archive.read(f"media/{stored.sha256}") == pdf
    assert f"media/{entry.sha256}" in archive.namelist()
    assert losses["losses"] == {}
    _, losses = archive_of(made, version.dataset_version_id, "coco")
    assert losses["losses"] == {"document_files_left_out": 1, "unknown_size": 1}
    assert losses["examples"]["document_files_left_out"] == ["letter"]


def test_a_pdf_comes_as_the_file_that_it_was_so_that_its_pages_can_be_made_again(small: Installation) -> None:
    made = small
    project_id, pdf = made.project("Bills", overlap=1), pdf_of(["one", "two"])
    put = made.app.items.put_pages(made.owner.workspace_id, pdf)
    top = (put.parts[0].height_px or 0) + PAGE_GAP_PX
    drawn = labelling(box("car", 100, top + 50, 300, top + 90))

    def make(tx: Transaction) -> None:
        items, workspace_id = made.app.items, made.owner.workspace_id
        (media,) = items.document_media(
            tx, workspace_id=workspace_id, documents=[put.parts], source=put.source
        )
        entry = NewItem("bill.pdf", media.sha256, media.width_px, media.height_px, media.kind)
        (item_id,) = items.create_items(tx, workspace_id=workspace_id, entries=[entry])
        batch = made.app.projects.ensure_batch(tx, project_id=project_id, created_by="system")
        tasks = [NewTask(item_id, drawn, LabelsAs.ACCEPTED, name="bill.pdf")]
        items.make_tasks(tx, project_id=project_id, batch_id=batch.batch_id, entries=tasks)

    made.app.machine.database.write_sync(make)
    made.run_jobs()
    version = made.cut("bills", [project_id], split={"mode": "fixed", "fixed_split": "train"})
    archive, losses = archive_of(made, version.dataset_version_id, "coco")
    assert losses["losses"] == {}
    assert archive.read("images/bill.pdf") == pdf
    (image,) = json.loads(archive.read("annotations.json"))["images"]
    assert (image["file_name"], image["height"]) == ("bill.pdf", 2 * top - PAGE_GAP_PX)
