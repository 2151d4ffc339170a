"""Suspicious labels on the page of an evaluation: seen, filtered, chosen by mouse and by keys, and labelled again."""

from __future__ import annotations

import json
import zipfile
from pathlib import Path
from typing import Any, Final, NamedTuple

import pytest
from playwright.sync_api import Locator, Page, expect

from goldsmith.demo.world import World
from tests.e2e.person import Person
from tests.e2e.pictures import CLASS_IDS, coco_document
from tests.e2e.test_accessibility import faults_of

COUNT: Final = 12


class Doubtful(NamedTuple):
    """What is looked at."""

    evaluation_id: str
    project_id: str


def spoilt_zip(target: Path) -> tuple[Path, list[dict[str, Any]]]:
    """Write pictures of which three labels are wrong; returns the archive and the true labels."""
    pictures = list(World(71).generate(COUNT))
    document = coco_document(pictures)
    truth = [dict(entry) for entry in document["annotations"]]
    names = {entry["id"]: entry["file_name"] for entry in document["images"]}
    for entry in truth:
        entry["image_id"] = names[entry["image_id"]]
        entry["category_id"] = document["categories"][entry["category_id"] - 1]["name"]
    clear = [entry for entry in document["annotations"] if is_alone(entry, document["annotations"])]
    deleted, swapped, shifted = clear[0], clear[len(clear) // 2], clear[-1]
    document["annotations"].remove(deleted)
    swapped["category_id"] = swapped["category_id"] % len(document["categories"]) + 1
    left, top, width, height = shifted["bbox"]
    shifted["bbox"] = [left + width * 0.35, top, width, height]
    with zipfile.ZipFile(target, "w") as archive:
        for picture in pictures:
            archive.writestr(f"images/{picture.name}", picture.image_bytes)
        archive.writestr("annotations/instances.json", json.dumps(document))
    return target, truth


def is_alone(entry: dict[str, Any], others: list[dict[str, Any]]) -> bool:
    """Whether nothing else lies near an object, and it can be moved within the picture."""
    left, top, width, height = entry["bbox"]
    return left > width and all(
        other is entry
        or other["image_id"] != entry["image_id"]
        or other["bbox"][0] > left + 2 * width
        or other["bbox"][0] + other["bbox"][2] < left - width
        or other["bbox"][1] > top + height
        or other["bbox"][1] + other["bbox"][3] < top
        for other in others
    )


@pytest.fixture(scope="module")
def doubtful(_founder: Person, tmp_path_factory: pytest.TempPathFactory) -> Doubtful:
    """A project of accepted labels, three of them wrong, and a good model's predictions measured on it."""
    owner, page = _founder, _founder.page
    classes = "\n".join(f"{class_id} box" for class_id in CLASS_IDS)
    project_id = owner.make_project(name="Doubtful", classes=classes, overlap=1, review="none")
    archive, truth = spoilt_zip(tmp_path_factory.mktemp("coco") / "streets.zip")
    page.locator("input[type=file]").set_input_files(archive)
    page.get_by_label("Labels that come along count as").select_option("accepted")
    page.get_by_role("button", name="Import", exact=True).click()
    expect(page.get_by_text("The import is done")).to_be_visible()
    owner.wait_for_jobs()
    dataset_id = owner.ask("POST", "/workspaces/{w}/datasets", {"name": "doubtful"})["dataset_id"]
    policy = {"project_ids": [project_id], "split": {"mode": "fixed", "fixed_split": "test"}}
    owner.ask("POST", f"/datasets/{dataset_id}/versions", policy)
    owner.wait_for_jobs()
    (version,) = owner.ask("GET", f"/datasets/{dataset_id}")["versions"]
    ontology = owner.ask("GET", f"/projects/{project_id}/ontology")["ontology"]
    class_of = {entry["name"].lower(): entry["class_id"] for entry in ontology["classes"]}
    results = [
        {
            "image_id": entry["image_id"],
            "category_id": class_of[entry["category_id"].lower()],
            "bbox": entry["bbox"],
            "score": 0.9,
        }
        for entry in truth
    ]
    body = {"name": "watcher", "dataset_version_id": version["dataset_version_id"], "results": results}
    started = owner.ask("POST", "/workspaces/{w}/evaluations/import", body)
    owner.wait_for_jobs()
    return Doubtful(started["evaluation_id"], project_id)


def cards(page: Page) -> Locator:
    return page.locator("article[data-suspicion]")


def open_suspects(owner: Person, doubtful: Doubtful) -> Page:
    owner.open(f"/evaluations/{doubtful.evaluation_id}")
    owner.page.get_by_role("link", name="Suspicious labels").click()
    expect(cards(owner.page).first).to_be_visible()
    return owner.page


def open_tasks(owner: Person, doubtful: Doubtful) -> int:
    rows = owner.ask("GET", f"/projects/{doubtful.project_id}/items?limit=100")["items"]
    return sum(row["state"] == "open" for row in rows)


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing_serious_in_suspicious_labels(
    owner: Person, doubtful: Doubtful, scheme: Any
) -> None:
    owner.page.emulate_media(color_scheme=scheme)
    page = open_suspects(owner, doubtful)
    page.wait_for_load_state("networkidle")
    assert faults_of(page) == []


def test_suspicious_labels_are_seen_and_filtered(owner: Person, doubtful: Doubtful) -> None:
    page = open_suspects(owner, doubtful)
    expect(page.get_by_text("It is not known here what this model learnt from.")).to_be_visible()
    for name, said in (
        ("Label missing", "where nothing is labelled"),
        ("Wrong class", "but the model sees"),
        ("Wrong place", "share only"),
    ):
        expect(cards(page).filter(has_text=name).filter(has_text=said).first).to_be_visible()
    kinds = page.get_by_role("group", name="What is suspected")
    kinds.get_by_role("button", name="Wrong class").click()
    expect(kinds.get_by_role("button", name="Wrong class")).to_have_attribute("aria-pressed", "true")
    expect(cards(page).filter(has_text="Label missing")).to_have_count(0)
    cards(page).first.get_by_role("button").click()
    sheet = page.get_by_role("dialog")
    expect(sheet.get_by_text("but the model sees")).to_be_visible()
    expect(sheet.get_by_role("link", name="See the item")).to_be_visible()


def test_those_chosen_by_mouse_and_keys_are_labelled_again(owner: Person, doubtful: Doubtful) -> None:
    page = open_suspects(owner, doubtful)
    assert open_tasks(owner, doubtful) == 0
    expect(page.get_by_role("button", name="Label again", exact=True)).to_be_disabled()
    cards(page).nth(0).get_by_role("checkbox").check()
    expect(page.get_by_role("button", name="Label 1 again")).to_be_enabled()
    cards(page).nth(0).get_by_role("button").focus()
    page.keyboard.press("ArrowRight")
    expect(cards(page).nth(1).get_by_role("button")).to_be_focused()
    page.keyboard.press("x")
    expect(cards(page).nth(1).get_by_role("checkbox")).to_be_checked()
    page.keyboard.press("Shift+ArrowRight")
    expect(cards(page).nth(2).get_by_role("checkbox")).to_be_checked()
    chosen = {
        cards(page).nth(number).get_by_role("checkbox").get_attribute("aria-label") for number in range(3)
    }
    page.get_by_role("button", name="Label 3 again").click()
    told = page.get_by_role("status").filter(has_text="will be labelled again")
    tasks = len({str(name).partition(":")[0] for name in chosen})
    expect(told).to_contain_text(f"{tasks} task")
    expect(cards(page).nth(0).get_by_text("asked again")).to_be_visible()
    expect(cards(page).nth(0).get_by_role("checkbox")).to_have_count(0)
    assert open_tasks(owner, doubtful) == tasks
    told.get_by_role("link", name="See the batch").click()
    expect(page.get_by_text("suspicious labels of watcher 1")).to_be_visible()
